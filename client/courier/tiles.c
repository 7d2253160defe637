/* SPDX-License-Identifier: ISC */
/*
 * tiles.c - do the hash tiles of a mirror follow from its entries?
 *
 * Every tile is recomputed from the one below, so that a mirror holds no
 * hash that an auditor would later trip over.
 */
#include <string.h>

#include "client/common/file.h"
#include "client/courier/tiles.h"
#include "crypto/sha256.h"
#include "crypto/tree.h"

#define UNIT_MAX	(TILE_WIDTH * (2 + ENTRY_BYTES))

/* see tiles.h */
size_t
tiles_bytes(const struct tile *t)
{
	return (size_t)t->width *
	    (t->level == TILE_ENTRIES ? 2 + ENTRY_BYTES : HASH_BYTES);
}

/* The bytes of a tile, of its exact length. */
static int
read_tile(struct mirror *m, const struct tile *t, unsigned char **p,
    size_t *n, char name[static 80])
{
	int r;

	mirror_tile_name(name, t);
	if ((r = mirror_read(m, name, UNIT_MAX, p, n)) != 0)
		return r;
	if (*n == tiles_bytes(t))
		return 0;
	file_free(*p, *n);
	*p = NULL;
	return ERR_FORMAT;
}

/* Leaf i of a bundle, its length prefix passed by. */
static void
leaf_hash(struct sha256 *h, unsigned char out[static HASH_BYTES],
    const unsigned char *bundle, unsigned i)
{
	tree_leaf(h, out, rd_from(bundle + (size_t)i * (2 + ENTRY_BYTES) + 2,
	    ENTRY_BYTES));
}

/* The hash that stands for a full tile one level up. */
static int
tile_root(struct mirror *m, int level, uint64_t index, struct sha256 *h,
    unsigned char out[static HASH_BYTES], char wrong[static 80])
{
	struct tile t = { level, index, TILE_WIDTH };
	unsigned char *p = NULL;
	struct tree tree;
	size_t n = 0;
	unsigned i;
	int r;

	if ((r = read_tile(m, &t, &p, &n, wrong)) != 0)
		return r;
	tree_init(&tree);
	for (i = 0; r == 0 && i < TILE_WIDTH; i++)
		r = tree_append(&tree, h, p + (size_t)i * HASH_BYTES);
	tree_root(&tree, h, out);
	file_free(p, n);
	return r;
}

/* Hash i of tile t, recomputed; bundle: the entries below a level-0 tile. */
static int
hash_below(struct mirror *m, const struct tile *t, unsigned i,
    const unsigned char *bundle, struct sha256 *h,
    unsigned char out[static HASH_BYTES], char wrong[static 80])
{
	if (t->level > 0)
		return tile_root(m, t->level - 1, t->index * TILE_WIDTH + i,
		    h, out, wrong);
	leaf_hash(h, out, bundle, i);
	return 0;
}

static int
check_tile(struct mirror *m, const struct tile *t, struct sha256 *h,
    char wrong[static 80])
{
	struct tile below = { TILE_ENTRIES, t->index, t->width };
	unsigned char want[HASH_BYTES], *p = NULL, *e = NULL;
	size_t n = 0, ne = 0;
	unsigned i;
	int r = 0;

	if (t->level == 0 && (r = read_tile(m, &below, &e, &ne, wrong)) != 0)
		return r;
	r = read_tile(m, t, &p, &n, wrong);
	for (i = 0; r == 0 && i < t->width; i++) {
		r = hash_below(m, t, i, e, h, want, wrong);
		if (r == 0 && memcmp(want, p + (size_t)i * HASH_BYTES,
		    HASH_BYTES) != 0) {
			mirror_tile_name(wrong, t);
			r = ERR_CHANGED;
		}
	}
	file_free(p, n);
	file_free(e, ne);
	return r;
}

/* see tiles.h */
int
tiles_check(struct mirror *m, uint64_t size, char wrong[static 80])
{
	struct sha256 *h;
	struct tile t;
	int r = 0;

	wrong[0] = '\0';
	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	for (t.level = 0; r == 0 && t.level <= TILE_LEVEL_MAX; t.level++)
		for (t.index = 0; r == 0 && (t.width = tile_width_at(t.level,
		    t.index, size)) > 0; t.index++)
			r = check_tile(m, &t, h, wrong);
	sha256_free(h);
	return r;
}

/* see tiles.h */
void
tiles_forget(struct mirror *m, uint64_t size, uint64_t keep)
{
	struct tile t;
	char name[80];

	for (t.level = TILE_ENTRIES; t.level <= TILE_LEVEL_MAX; t.level++)
		for (t.index = 0; (t.width = tile_width_at(t.level, t.index,
		    size)) > 0; t.index++) {
			if (tile_width_at(t.level, t.index, keep) == t.width)
				continue;
			mirror_tile_name(name, &t);
			mirror_remove(m, name);
		}
}

/* see tiles.h */
void
tiles_prune(struct mirror *m, uint64_t old, uint64_t size)
{
	struct tile t;
	uint64_t hashes;
	char name[80];
	int level;

	for (level = TILE_ENTRIES; level <= TILE_LEVEL_MAX; level++) {
		hashes = level < 0 ? old : old >> (8 * level);
		t.level = level;
		t.index = hashes / TILE_WIDTH;
		t.width = tile_width_at(level, t.index, old);
		if (t.width == 0 || t.width == TILE_WIDTH ||
		    t.width == tile_width_at(level, t.index, size))
			continue;
		mirror_tile_name(name, &t);
		mirror_remove(m, name);
	}
}
