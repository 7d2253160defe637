/* SPDX-License-Identifier: ISC */
/*
 * tiles.c - which tiles and bundles a mirror has, and which it has no more.
 */
#include "client/courier/tiles.h"

#include "crypto/tree.h"

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
