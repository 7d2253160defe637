/* SPDX-License-Identifier: ISC */
/*
 * tilehash.c - hashes out of tiles for which nobody vouches.
 *
 * Invariant: a slot whose tile has a width holds hashes that fold up to the
 * root that tilehash_open() was given; edge is set only after it had that
 * root.  A slot is emptied before anything is fetched into it.
 */
#include <string.h>

#include "crypto/tilehash.h"

/* see tilehash.h */
void
tile_fold(unsigned char out[static HASH_BYTES], struct sha256 *h,
    const unsigned char (*hash)[HASH_BYTES], size_t n)
{
	unsigned char half[TILE_WIDTH / 2][HASH_BYTES];

	if (n == 1) {
		memcpy(out, hash[0], HASH_BYTES);
		return;
	}
	tree_nodes(h, half, hash, n / 2);
	for (n /= 2; n > 1; n /= 2)
		tree_nodes(h, half, (const unsigned char (*)[HASH_BYTES])half,
		    n / 2);
	memcpy(out, half[0], HASH_BYTES);
}

static bool
tile_eq(const struct tile *a, const struct tile *b)
{
	return a->level == b->level && a->index == b->index &&
	    a->width == b->width;
}

/* --- slots ------------------------------------------------------------- */

static struct tilehash_slot *
slot_find(struct tilehash *th, const struct tile *t)
{
	size_t i;

	for (i = 0; i < th->nslots; i++)
		if (tile_eq(&th->slot[i].tile, t)) {
			th->slot[i].used = ++th->clock;
			return &th->slot[i];
		}
	return NULL;
}

/* The one not used for longest, emptied. */
static struct tilehash_slot *
slot_take(struct tilehash *th)
{
	struct tilehash_slot *s = &th->slot[0];
	size_t i;

	for (i = 1; i < th->nslots; i++)
		if (th->slot[i].used < s->used)
			s = &th->slot[i];
	s->tile.width = 0;
	return s;
}

/* Into a slot whose tile is not yet set, for it is not yet believed. */
static int
fetch(struct tilehash *th, struct tilehash_slot *s, const struct tile *t)
{
	size_t n = 0;
	int r;

	th->wrong = *t;
	if ((r = th->fetch(th->arg, t, s->hash[0], &n)) != 0)
		return r;
	return n == t->width * (size_t)HASH_BYTES || n == TILE_BYTES ?
	    0 : ERR_FORMAT;
}

static void
believe(struct tilehash *th, struct tilehash_slot *s, const struct tile *t)
{
	s->tile = *t;
	s->used = ++th->clock;
	memset(&th->wrong, 0, sizeof(th->wrong));
}

/* --- the right edge ---------------------------------------------------- */

/*
 * The roots of the complete subtrees of a partial tile, largest first, as
 * they stand in a frontier; how many.
 */
static size_t
edge_fold(unsigned char (*out)[HASH_BYTES], struct sha256 *h,
    const unsigned char (*hash)[HASH_BYTES], unsigned width)
{
	unsigned bit, at = 0;
	size_t n = 0;

	for (bit = TILE_WIDTH / 2; bit > 0; bit /= 2)
		if ((width & bit) != 0) {
			tile_fold(out[n++], h, hash + at, bit);
			at += bit;
		}
	return n;
}

/* The partial tile of a level; false where there is none. */
static bool
edge_tile(struct tile *t, int level, uint64_t size)
{
	t->level = level;
	t->index = size >> (8 * level) >> 8;
	t->width = (unsigned)(size >> (8 * level) & (TILE_WIDTH - 1));
	return t->width > 0;
}

/* Where in the frontier a partial tile's subtrees begin. */
static size_t
edge_place(uint64_t size, int level)
{
	uint64_t above = level == TILE_LEVEL_MAX ? 0 :
	    size >> (8 * (level + 1));
	size_t n = 0;

	for (; above > 0; above &= above - 1)
		n++;
	return n;
}

/* see tilehash.h */
int
tilehash_open(struct tilehash *th, uint64_t size,
    const unsigned char root[static HASH_BYTES], struct sha256 *h,
    struct tilehash_slot *slots, size_t nslots, tilehash_fetch *from,
    void *arg)
{
	unsigned char got[HASH_BYTES];
	struct tile t, seen[TILE_LEVEL_MAX + 1];
	struct tilehash_slot *s;
	struct tree edge;
	size_t i, n = 0, tiles = 0;
	int r;

	memset(th, 0, sizeof(*th));
	th->h = h;
	th->fetch = from;
	th->arg = arg;
	th->slot = slots;
	th->nslots = nslots;
	for (i = 0; i < nslots; i++) {
		slots[i].tile.width = 0;
		slots[i].used = 0;
	}
	if (size > TREE_SIZE_MAX || nslots == 0)
		return ERR_FORMAT;
	tree_init(&edge);
	for (t.level = TILE_LEVEL_MAX; t.level >= 0; t.level--) {
		if (!edge_tile(&t, t.level, size))
			continue;
		s = &slots[tiles % nslots];
		if ((r = fetch(th, s, &t)) != 0)
			return r;
		n += edge_fold(edge.frontier + n, h,
		    (const unsigned char (*)[HASH_BYTES])s->hash, t.width);
		seen[tiles++] = t;
	}
	memset(&th->wrong, 0, sizeof(th->wrong));
	edge.size = size;
	tree_root(&edge, h, got);
	if (memcmp(got, root, sizeof(got)) != 0)
		return ERR_AUTH;
	th->edge = edge;
	for (i = tiles > nslots ? tiles - nslots : 0; i < tiles; i++)
		believe(th, &slots[i % nslots], &seen[i]);
	return 0;
}

/* --- tiles ------------------------------------------------------------- */

/* Do these hashes give what is believed of this partial tile? */
static bool
edge_holds(struct tilehash *th, const struct tile *t,
    const unsigned char (*hash)[HASH_BYTES])
{
	unsigned char got[8][HASH_BYTES];
	size_t n = edge_fold(got, th->h, hash, t->width);

	return memcmp(got, th->edge.frontier[edge_place(th->edge.size,
	    t->level)], n * HASH_BYTES) == 0;
}

/* see tilehash.h */
int
tilehash_tile(struct tilehash *th, int level, uint64_t index,
    const unsigned char (**hash)[HASH_BYTES])
{
	const unsigned char (*above)[HASH_BYTES], (*got)[HASH_BYTES];
	unsigned char want[HASH_BYTES], fold[HASH_BYTES];
	struct tile t = { level, index, 0 };
	struct tilehash_slot *s;
	bool holds;
	int r;

	if (level < 0 || (t.width = tile_width_at(level, index,
	    th->edge.size)) == 0)
		return ERR_NOTFOUND;
	if ((s = slot_find(th, &t)) == NULL) {
		/* A full tile is below another: eight deep at most. */
		if (t.width == TILE_WIDTH) {
			if ((r = tilehash_tile(th, level + 1,
			    index / TILE_WIDTH, &above)) != 0)
				return r;
			memcpy(want, above[index % TILE_WIDTH], HASH_BYTES);
		}
		s = slot_take(th);
		if ((r = fetch(th, s, &t)) != 0)
			return r;
		got = (const unsigned char (*)[HASH_BYTES])s->hash;
		if (t.width == TILE_WIDTH) {
			tile_fold(fold, th->h, got, TILE_WIDTH);
			holds = memcmp(fold, want, HASH_BYTES) == 0;
		} else {
			holds = edge_holds(th, &t, got);
		}
		if (!holds)
			return ERR_AUTH;
		believe(th, s, &t);
	}
	*hash = (const unsigned char (*)[HASH_BYTES])s->hash;
	return 0;
}

static int
at(void *arg, int level, uint64_t index, unsigned char out[static HASH_BYTES])
{
	struct tilehash *th = arg;
	const unsigned char (*hash)[HASH_BYTES];
	struct tile t;
	int r;

	if (level < 0 || level >= TREE_DEPTH_MAX ||
	    index >= th->edge.size >> level)
		return ERR_NOTFOUND;
	t = proof_tile(level, index, th->edge.size);
	if ((r = tilehash_tile(th, t.level, t.index, &hash)) != 0)
		return r;
	index = index << level % 8 & (TILE_WIDTH - 1);
	tile_fold(out, th->h, hash + index, (size_t)1 << level % 8);
	return 0;
}

/* see tilehash.h */
struct hashes
tilehash_source(struct tilehash *th)
{
	struct hashes s = { at, th };

	return s;
}

/* --- which tiles a proof needs ----------------------------------------- */

static int
tileset_put(struct tileset *s, const struct tile *t)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (tile_eq(&s->tile[i], t))
			return 0;
	if (s->n == TILESET_MAX)
		return ERR_FULL;
	s->tile[s->n++] = *t;
	return 0;
}

/* see tilehash.h */
void
tileset_init(struct tileset *s, uint64_t size)
{
	struct tile t;

	memset(s, 0, sizeof(*s));
	s->size = size;
	for (t.level = TILE_LEVEL_MAX; t.level >= 0; t.level--)
		if (edge_tile(&t, t.level, size))
			(void)tileset_put(s, &t);	/* eight at most */
}

/* see tilehash.h */
int
tileset_add(struct tileset *s, int level, uint64_t index)
{
	struct tile t = { level, index, 0 };
	int r;

	if (level < 0)
		return ERR_NOTFOUND;
	for (;; t.level++, t.index /= TILE_WIDTH) {
		if ((t.width = tile_width_at(t.level, t.index, s->size)) == 0)
			return ERR_NOTFOUND;
		if ((r = tileset_put(s, &t)) != 0)
			return r;
		if (t.width < TILE_WIDTH)
			return 0;
	}
}

static int
note_tile(void *arg, int level, uint64_t index,
    unsigned char out[static HASH_BYTES])
{
	struct tileset *s = arg;
	struct tile t;

	memset(out, 0, HASH_BYTES);
	if (level < 0 || level >= TREE_DEPTH_MAX || index >= s->size >> level)
		return ERR_NOTFOUND;
	t = proof_tile(level, index, s->size);
	return tileset_add(s, t.level, t.index);
}

/* see tilehash.h */
struct hashes
tileset_source(struct tileset *s)
{
	struct hashes from = { note_tile, s };

	return from;
}
