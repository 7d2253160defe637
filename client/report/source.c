/* SPDX-License-Identifier: ISC */
/*
 * source.c - a message as a stream, never whole in memory.
 */
#include <string.h>

#include <sodium.h>

#include "client/report/source.h"
#include "crypto/message.h"
#include "crypto/sha256.h"
#include "crypto/wr.h"

#define STEP	65536

/* What of [at, at + n) lies in a region that begins at from. */
struct cut {
	uint64_t skip;		/* into the region */
	size_t n;
};

static struct cut
cut(uint64_t at, size_t n, uint64_t from, uint64_t len)
{
	struct cut c = { 0, 0 };

	if (at < from || at - from >= len)
		return c;
	c.skip = at - from;
	c.n = len - c.skip < n ? (size_t)(len - c.skip) : n;
	return c;
}

/* Some bytes at an offset, at least one, from whichever region it is in. */
static int
read_some(struct source *s, uint64_t at, unsigned char *out, size_t n,
    size_t *got)
{
	unsigned char head[4];
	struct wr w = wr_from(head, sizeof(head));
	uint64_t from = sizeof(head);
	struct cut c;
	size_t i;

	wr_u32(&w, (uint32_t)s->json.n);
	if ((c = cut(at, n, 0, sizeof(head))).n > 0)
		memcpy(out, head + c.skip, c.n);
	else if ((c = cut(at, n, from, s->json.n)).n > 0)
		memcpy(out, s->json.p + c.skip, c.n);
	*got = c.n;
	if (c.n > 0)
		return 0;
	from += s->json.n;
	for (i = 0; i < s->list->n; i++) {
		c = cut(at, n, from, s->list->item[i].bytes);
		if ((*got = c.n) > 0)
			return attach_read(&s->list->item[i], c.skip, out,
			    c.n);
		from += s->list->item[i].bytes;
	}
	if ((c = cut(at, n, from, SIG_BYTES)).n == 0)
		return ERR_LIMIT;
	memcpy(out, s->sig + c.skip, c.n);
	*got = c.n;
	return 0;
}

/* see source.h */
int
source_read(struct source *s, uint64_t at, unsigned char *out, size_t n)
{
	size_t got;
	int r;

	while (n > 0) {
		if ((r = read_some(s, at, out, n, &got)) != 0)
			return r;
		out += got;
		at += got;
		n -= got;
	}
	return 0;
}

/* see source.h */
int
source_init(struct source *s, struct rd json, struct attach_list *l,
    const unsigned char id[static MSG_ID_BYTES],
    const unsigned char author_sk[static 64])
{
	struct sha256 *body = NULL, *whole = NULL;
	unsigned char buf[STEP];
	uint64_t at, end;
	size_t n;
	int r = ERR_NOMEM;

	memset(s, 0, sizeof(*s));
	s->json = json;
	s->list = l;
	memcpy(s->id, id, MSG_ID_BYTES);
	if ((s->bytes = message_bytes(json.n, attach_total(l))) == 0)
		return ERR_LIMIT;
	if ((body = sha256_new()) == NULL || (whole = sha256_new()) == NULL)
		goto out;
	end = s->bytes - SIG_BYTES;
	r = 0;
	for (at = 0; at < end; at += n) {
		n = end - at < STEP ? (size_t)(end - at) : STEP;
		if ((r = source_read(s, at, buf, n)) != 0)
			goto out;
		sha256_update(body, buf, n);
		sha256_update(whole, buf, n);
	}
	sha256_final(body, s->body);
	message_sign(s->sig, id, s->body, author_sk);
	sha256_update(whole, s->sig, SIG_BYTES);
	sha256_final(whole, s->whole);
out:
	sodium_memzero(buf, sizeof(buf));
	sha256_free(body);
	sha256_free(whole);
	return r;
}
