/* SPDX-License-Identifier: ISC */
/*
 * digests.c - the in-memory index of an epoch.
 *
 * Invariant: place[] holds item number + 1, or 0 where empty, by linear
 * probing.  Emptying the place that was filled last leaves what was before,
 * so taking back the newest needs no marks of deletion.
 */
#include "server/digests.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct digests {
	uint32_t cap, count, mask;
	uint32_t *place;
	struct digest_item *item;
	unsigned char key[crypto_shorthash_KEYBYTES];
};

/* see digests.h */
struct digests *
digests_new(uint32_t cap)
{
	struct digests *x;
	uint32_t places = 16;

	if (cap > UINT32_MAX / 8)
		return NULL;
	while (places < 2 * cap)
		places *= 2;
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return NULL;
	x->cap = cap;
	x->mask = places - 1;
	x->place = calloc(places, sizeof(*x->place));
	x->item = calloc(cap > 0 ? cap : 1, sizeof(*x->item));
	if (x->place == NULL || x->item == NULL) {
		digests_free(x);
		return NULL;
	}
	randombytes_buf(x->key, sizeof(x->key));
	return x;
}

/* see digests.h */
void
digests_free(struct digests *x)
{
	if (x == NULL)
		return;
	free(x->place);
	free(x->item);
	free(x);
}

/* see digests.h */
uint32_t
digests_count(const struct digests *x)
{
	return x->count;
}

/* see digests.h */
const struct digest_item *
digests_at(const struct digests *x, uint32_t i)
{
	if (i >= x->count)
		abort();
	return &x->item[i];
}

/* The place where a digest is, or the empty one where it would go. */
static uint32_t
place_of(const struct digests *x,
    const unsigned char digest[static HASH_BYTES])
{
	unsigned char h[crypto_shorthash_BYTES];
	uint32_t at;

	(void)crypto_shorthash(h, digest, HASH_BYTES, x->key); /* always 0 */
	memcpy(&at, h, sizeof(at));
	for (at &= x->mask; x->place[at] != 0; at = (at + 1) & x->mask)
		if (memcmp(x->item[x->place[at] - 1].digest, digest,
		    HASH_BYTES) == 0)
			break;
	return at;
}

/* see digests.h */
const struct digest_item *
digests_find(const struct digests *x,
    const unsigned char digest[static HASH_BYTES])
{
	uint32_t item = x->place[place_of(x, digest)];

	return item == 0 ? NULL : &x->item[item - 1];
}

/* see digests.h */
int
digests_add(struct digests *x, const unsigned char digest[static HASH_BYTES],
    uint64_t sequence)
{
	uint32_t at = place_of(x, digest);

	if (x->place[at] != 0)
		return ERR_EXISTS;
	if (x->count >= x->cap)
		return ERR_FULL;
	memcpy(x->item[x->count].digest, digest, HASH_BYTES);
	x->item[x->count].sequence = sequence;
	x->place[at] = ++x->count;
	return 0;
}

/* see digests.h */
void
digests_truncate(struct digests *x, uint32_t count)
{
	while (x->count > count) {
		x->place[place_of(x, x->item[x->count - 1].digest)] = 0;
		x->count--;
	}
}
