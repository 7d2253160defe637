/* SPDX-License-Identifier: ISC */
/*
 * sealing.c - the replies of one statement.
 *
 * Invariant: how many replies there are says no more than reply_padded()
 * lets it, and their order says nothing of who gets which.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/sealing.h"
#include "crypto/reply.h"
#include "crypto/sha256.h"

#define COVER_BELOW	16		/* r of reply_padded() */

struct item {
	unsigned char mailbox[HASH_BYTES];
	unsigned char *reply;		/* into the pool */
};

struct sealing {
	size_t room, n;			/* real parts */
	size_t count;			/* with cover */
	unsigned char *pool;		/* REPLY_BYTES each */
	struct item *item;		/* in order of writing */
	const unsigned char **order;	/* as they go out */
};

/* see sealing.h */
int
sealing_new(struct sealing **out, size_t room)
{
	const size_t most = reply_padded(room, COVER_BELOW - 1);
	struct sealing *s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_NOMEM;
	s->room = room;
	s->pool = malloc(most * REPLY_BYTES);
	s->item = calloc(most, sizeof(*s->item));
	s->order = calloc(most, sizeof(*s->order));
	if (s->pool == NULL || s->item == NULL || s->order == NULL) {
		sealing_free(s);
		return ERR_NOMEM;
	}
	*out = s;
	return 0;
}

/* see sealing.h */
void
sealing_free(struct sealing *s)
{
	if (s == NULL)
		return;
	free(s->pool);
	free(s->item);
	free(s->order);
	free(s);
}

static int
seal_part(struct sealing *s, const struct answer_note *n,
    const struct reply_part *p)
{
	struct item *it = &s->item[s->n];
	unsigned char plain[REPLY_PLAIN_BYTES];
	int r;

	it->reply = s->pool + s->n * REPLY_BYTES;
	reply_mailbox_hash(it->mailbox, &n->to);
	if ((r = reply_part_write(plain, p)) == 0)
		r = reply_seal(it->reply, plain, &n->to);
	sodium_memzero(plain, sizeof(plain));
	if (r == 0)
		s->n++;
	return r;
}

/* see sealing.h */
int
sealing_add(struct sealing *s, const struct answer_note *n, uint16_t *parts)
{
	struct reply_part p;
	struct rd left = n->note;
	int r;

	memset(&p, 0, sizeof(p));
	p.kind = REPLY_MESSAGE;
	p.bytes = n->note.n;
	if ((p.count = reply_part_count(p.bytes)) == 0)
		return ERR_LIMIT;
	if (p.count > s->room - s->n)
		return ERR_FULL;
	randombytes_buf(p.id, sizeof(p.id));
	sha256(p.sha256, n->note.p, n->note.n);
	for (p.index = 0; p.index < p.count; p.index++) {
		if (!rd_take(&left, &p.data, reply_part_bytes(p.bytes,
		    p.index)))
			return ERR_FORMAT;
		if ((r = seal_part(s, n, &p)) != 0)
			return r;
	}
	*parts = p.count;
	return 0;
}

/* Every order is as likely as another (Fisher and Yates). */
static void
shuffle(size_t *place, size_t n)
{
	size_t i, j, t;

	for (i = 0; i < n; i++)
		place[i] = i;
	for (i = n; i > 1; i--) {
		j = randombytes_uniform((uint32_t)i);
		t = place[i - 1];
		place[i - 1] = place[j];
		place[j] = t;
	}
}

/* What goes to one mailbox takes its places in the order of writing. */
static void
keep_order(const struct sealing *s, size_t *place)
{
	size_t i, j, t;

	for (i = 0; i < s->n; i++)
		for (j = i + 1; j < s->n; j++)
			if (place[j] < place[i] && memcmp(s->item[i].mailbox,
			    s->item[j].mailbox, HASH_BYTES) == 0) {
				t = place[i];
				place[i] = place[j];
				place[j] = t;
			}
}

/* see sealing.h */
int
sealing_finish(struct sealing *s, size_t *count)
{
	size_t *place, i;
	int r = 0;

	s->count = reply_padded(s->n, randombytes_uniform(COVER_BELOW));
	if ((place = calloc(s->count, sizeof(*place))) == NULL)
		return ERR_NOMEM;
	for (i = s->n; r == 0 && i < s->count; i++) {
		s->item[i].reply = s->pool + i * REPLY_BYTES;
		r = reply_cover(s->item[i].reply);
	}
	shuffle(place, s->count);
	keep_order(s, place);
	for (i = 0; i < s->count; i++)
		s->order[place[i]] = s->item[i].reply;
	free(place);
	*count = s->count;
	return r;
}

/* see sealing.h */
const unsigned char *
sealing_reply(const struct sealing *s, size_t i)
{
	return s->order[i];
}
