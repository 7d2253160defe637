/* SPDX-License-Identifier: ISC */
/* oracle.c - llhttp's opinion of a request; see oracle.h. */
#include <llhttp.h>
#include <string.h>

#include "tests/oracle/oracle.h"

#define TARGET_MAX	65536

struct oracle {
	llhttp_t p;
	char target[TARGET_MAX];
	size_t ntarget;
	bool head, whole;
	bool alive, has_length;		/* as they are when the head is read */
	uint64_t length;
};

static int
on_url(llhttp_t *p, const char *at, size_t n)
{
	struct oracle *o = p->data;

	if (n > sizeof(o->target) - o->ntarget)
		return -1;
	memcpy(o->target + o->ntarget, at, n);
	o->ntarget += n;
	return 0;
}

static int
on_head(llhttp_t *p)
{
	struct oracle *o = p->data;

	o->head = true;
	o->alive = llhttp_should_keep_alive(p) != 0;
	o->has_length = (p->flags & F_CONTENT_LENGTH) != 0;
	o->length = p->content_length;
	return 0;
}

static int
on_whole(llhttp_t *p)
{
	struct oracle *o = p->data;

	o->whole = true;
	return HPE_PAUSED;		/* one request alone */
}

/* see oracle.h */
struct oracle *
oracle_new(void)
{
	static llhttp_settings_t set;
	static struct oracle only, *o = &only;

	llhttp_settings_init(&set);
	set.on_url = on_url;
	set.on_headers_complete = on_head;
	set.on_message_complete = on_whole;
	memset(o, 0, sizeof(*o));
	llhttp_init(&o->p, HTTP_REQUEST, &set);
	o->p.data = o;
	return o;
}

/* see oracle.h */
bool
oracle_feed(struct oracle *o, const unsigned char *p, size_t n)
{
	llhttp_errno_t e = llhttp_execute(&o->p, (const char *)p, n);

	/* An upgrade is none of ours: the request before it counts. */
	return e == HPE_OK || o->whole || e == HPE_PAUSED_UPGRADE;
}

/* see oracle.h */
bool
oracle_has_head(const struct oracle *o)
{
	return o->head;
}

/* see oracle.h */
bool
oracle_is_whole(const struct oracle *o)
{
	return o->whole;
}

/* see oracle.h */
struct opinion
oracle_opinion(const struct oracle *o)
{
	const struct opinion say = {
		.method = llhttp_method_name((llhttp_method_t)o->p.method),
		.target = o->target,
		.ntarget = o->ntarget,
		.alive = o->alive,
		.upgrade = o->p.upgrade != 0,
		.has_length = o->has_length,
		.has_coding = (o->p.flags &
		    (F_CHUNKED | F_TRANSFER_ENCODING)) != 0,
		.length = o->length,
	};

	return say;
}
