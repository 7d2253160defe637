/* SPDX-License-Identifier: ISC */
/*
 * drop.c - what is fetched, and checked, before anything is sent.
 *
 * Every reporter asks for the same things in the same order, whatever they
 * are about to say and to whom.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/common/say.h"
#include "client/report/send.h"

#define POLICY_MAX	65536
#define KEYSETS_MAX	(4u << 20)
#define REPLIES_MAX	(256u << 20)
#define DAY_SECS	86400

/* The body of one object, the caller's to free. */
static int
fetch(struct net *net, const char *path, size_t max, unsigned char **out,
    size_t *n)
{
	struct net_answer a;
	int r;

	*out = NULL;
	*n = 0;
	r = net_get(net, path, NULL, max, &a);
	if (r == ERR_LIMIT)
		return fail(EXIT_DATA, "%s is larger than it may be", path);
	if (r != 0)
		return fail(EXIT_UNAVAILABLE, "the server is out of reach: %s",
		    net_why(net));
	if (a.status != 200)
		return fail(EXIT_UNAVAILABLE, "the server answers %ld to %s",
		    a.status, path);
	*n = a.n;
	*out = net_take(net);
	return 0;
}

static int
read_policy(struct drop *d)
{
	unsigned char *p;
	size_t n;
	int r, code;

	if ((code = fetch(d->net, "/policy", POLICY_MAX, &p, &n)) != 0)
		return code;
	r = drop_policy_parse(&d->policy, rd_from(p, n));
	free(p);
	if (r == ERR_CHANGED)
		return fail(EXIT_DATA, "the server wants parcels of another "
		    "version than this program makes");
	if (r != 0)
		return fail(EXIT_DATA, "the server's policy is malformed; is "
		    "this the right address?");
	return 0;
}

static int
keyset_words(int r)
{
	switch (r) {
	case ERR_NOTFOUND:
		return fail(EXIT_CONFIG, "the server has no keys for this "
		    "role of the office");
	case ERR_CHANGED:
		return fail(EXIT_CLAIM, "the keys that the server shows are "
		    "not the ones that the office has stated; nothing was "
		    "sent");
	case ERR_AUTH:
	case ERR_NOMATCH:
		return fail(EXIT_CLAIM, "the keys that the server shows are "
		    "not signed by the office; nothing was sent");
	case ERR_ORDER:
		return fail(EXIT_CLAIM, "the office's statements as the server "
		    "shows them do not follow one another: one is missing or "
		    "was shown twice; nothing was sent");
	case ERR_NOMEM:
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	default:
		return fail(EXIT_DATA, "the server's keys are malformed");
	}
}

static int
pick_key(struct drop *d)
{
	int32_t today = (int32_t)(time(NULL) / DAY_SECS);

	switch (keyset_pick(&d->keyset, today, &d->key)) {
	case KEYSET_WEEK:
		return 0;
	case KEYSET_STANDING:
		warn("the office's weekly keys have run out; its standing key "
		    "is used, which protects less well if the office is ever "
		    "searched");
		return 0;
	default:
		return fail(EXIT_CONFIG, "the office has no key that is valid "
		    "today; is this machine's date right?");
	}
}

static int
read_keys(struct drop *d)
{
	unsigned char *ks = NULL, *re = NULL;
	size_t nks, nre;
	int r, code;

	if ((code = fetch(d->net, "/keyset", KEYSETS_MAX, &ks, &nks)) != 0 ||
	    (code = fetch(d->net, "/replies", REPLIES_MAX, &re, &nre)) != 0)
		goto out;
	if ((r = office_keyset(&d->keyset, d->office, d->role,
	    rd_from(ks, nks), rd_from(re, nre))) != 0) {
		code = keyset_words(r);
		goto out;
	}
	if (!d->keyset.has_log)
		code = fail(EXIT_CONFIG, "the office's keys do not name the "
		    "server's log yet; nothing can be sent safely");
	else
		code = pick_key(d);
out:
	free(ks);
	free(re);
	return code;
}

/* see send.h */
int
drop_open(struct drop *d, struct net *net, const struct office *office,
    enum codename_role role)
{
	int code;

	memset(d, 0, sizeof(*d));
	d->net = net;
	d->office = office;
	d->role = role;
	if ((code = read_policy(d)) != 0)
		return code;
	return read_keys(d);
}

/* see send.h */
void
drop_close(struct drop *d)
{
	keyset_wipe(&d->keyset);
	memset(d, 0, sizeof(*d));
}
