/* SPDX-License-Identifier: ISC */
/*
 * variants.c - parts that claim one place.
 *
 * A part names the hash of the whole message, so no part can be judged
 * alone.  Work is bounded: at most TRIES_MAX combinations and WORK_MAX bytes.
 *
 * Invariant: every part that was stored stays stored, only its place
 * changes.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/variants.h"
#include "crypto/sha256.h"

#define TRIES_MAX	256
#define WORK_MAX	((uint64_t)4 << 30)

/* One place with more than one claim, and which claim is chosen. */
struct place {
	uint16_t index;
	unsigned claims, chosen;	/* chosen is below claims */
};

struct choice {
	size_t n;
	struct place place[VARIANTS_MAX];
};

static int
find_places(struct deskdb *db, uint64_t no, const struct group *g,
    struct choice *c)
{
	struct part_rec p;
	unsigned claims;
	uint16_t i;
	int r = 0;

	c->n = 0;
	for (i = 0; i < g->count && c->n < VARIANTS_MAX; i++) {
		for (claims = 1; claims <= VARIANTS_MAX; claims++) {
			r = store_get_part(db, no, i, claims, &p);
			if (r != 0)
				break;
		}
		if (r != 0 && r != ERR_NOTFOUND)
			return r;
		if (claims == 1)
			continue;
		c->place[c->n].index = i;
		c->place[c->n].claims = claims;
		c->place[c->n++].chosen = 0;
	}
	return 0;
}

/* Counts on, the first place fastest; false when all were seen. */
static bool
next_choice(struct choice *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (++c->place[i].chosen < c->place[i].claims)
			return true;
		c->place[i].chosen = 0;
	}
	return false;
}

static unsigned
chosen_at(const struct choice *c, uint16_t index)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->place[i].index == index)
			return c->place[i].chosen;
	return 0;
}

static int
is_message(struct deskdb *db, uint64_t no, const struct group *g,
    const struct choice *c, struct sha256 *h, bool *is)
{
	unsigned char digest[HASH_BYTES];
	struct part_rec p;
	uint16_t i;
	int r;

	for (i = 0; i < g->count; i++) {
		if ((r = store_get_part(db, no, i, chosen_at(c, i),
		    &p)) != 0)
			return r;
		sha256_update(h, p.data.p, p.data.n);
	}
	sha256_final(h, digest);
	*is = memcmp(digest, g->sha256, HASH_BYTES) == 0;
	return 0;
}

/* The chosen part and the one that counted change places. */
static int
swap(struct deskdb *db, uint64_t no, const struct place *at)
{
	unsigned char *copy;
	struct part_rec a, b;
	int r;

	if ((copy = malloc(PART_DATA_BYTES)) == NULL)
		return ERR_NOMEM;
	if ((r = store_get_part(db, no, at->index, 0, &a)) != 0)
		goto out;
	memcpy(copy, a.data.p, a.data.n);
	a.data.p = copy;
	if ((r = store_get_part(db, no, at->index, at->chosen, &b)) != 0 ||
	    (r = store_put_part(db, no, at->index, 0, &b)) != 0)
		goto out;
	r = store_put_part(db, no, at->index, at->chosen, &a);
out:
	sodium_memzero(copy, PART_DATA_BYTES);
	free(copy);
	return r;
}

static int
apply(struct deskdb *db, uint64_t no, const struct choice *c)
{
	size_t i;
	int r = 0;

	for (i = 0; i < c->n && r == 0; i++)
		if (c->place[i].chosen > 0)
			r = swap(db, no, &c->place[i]);
	return r;
}

/* see variants.h */
int
variants_settle(struct deskdb *db, uint64_t no, const struct group *g)
{
	struct sha256 *h = NULL;
	struct choice c;
	uint64_t work = 0;
	unsigned tries;
	bool is = false;
	int r;

	if ((r = find_places(db, no, g, &c)) != 0)
		return r;
	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	for (tries = 0; tries < TRIES_MAX && work < WORK_MAX; tries++) {
		if ((r = is_message(db, no, g, &c, h, &is)) != 0 || is)
			break;
		work += g->bytes;
		if (!next_choice(&c))
			break;
	}
	if (r == 0 && is)
		r = apply(db, no, &c);
	sha256_free(h);
	return r;
}
