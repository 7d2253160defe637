/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/tree.h"
#include "tests/unit/own.h"
#include "tests/unit/vec.h"

#define BIG	70000

#define PATHS	"tlog/own/paths.json"
#define TILES	"tlog/own/tiles.json"

/* Tile and path are each other's only form. */
static void
fits(int level, uint64_t index, unsigned width, const char *path)
{
	struct tile t = { level, index, width }, u;
	unsigned char buf[TILE_PATH_MAX];
	struct wr w = wr_from(buf, sizeof(buf));

	tile_write(&w, &t);
	cr_assert(wr_ok(&w) && rd_eq_str(wr_rd(&w), path), "%s", path);
	cr_assert_eq(tile_parse(&u, rd_str(path)), 0, "%s", path);
	cr_assert(u.level == level && u.index == index && u.width == width);
}

Test(tile, paths_are_the_known_ones)
{
	json_t *o, *e;
	size_t i;

	if (!vec_need(PATHS))
		return;
	o = vec_json(PATHS);
	json_array_foreach(json_object_get(o, "paths"), i, e) {
		fits(0, vec_int(e, "index"), (unsigned)vec_int(e, "width"),
		    vec_str(e, "tile_level0"));
		fits(TILE_ENTRIES, vec_int(e, "index"),
		    (unsigned)vec_int(e, "width"),
		    vec_str(e, "entries"));
	}
	cr_assert_gt(i, 40);
	json_decref(o);
}

Test(tile, known_bad_paths_are_refused)
{
	json_t *o, *e;
	struct tile t;
	size_t i;

	if (!vec_need(PATHS))
		return;
	o = vec_json(PATHS);
	json_array_foreach(json_object_get(o, "invalid"), i, e)
		cr_assert_eq(tile_parse(&t, rd_str(json_string_value(e))),
		    ERR_FORMAT, "%s", json_string_value(e));
	cr_assert_gt(i, 10);
	json_decref(o);
}

static void
own_path(const struct own *v)
{
	struct rd path = v->body;
	struct tile t;

	cr_assert(path.n > 0 && path.p[path.n - 1] == '\n');
	path.n--;
	cr_assert_eq(tile_parse(&t, path), own_expect(v), "%s", v->name);
	if (own_expect(v) != 0)
		return;
	cr_assert_eq(t.index, own_number(v, "index"));
	cr_assert_eq(t.width, own_number(v, "width"));
}

Test(tile, own_vectors)
{
	own_each("tile", 12, own_path);
}

Test(tile, a_path_cut_short_is_refused_or_another_tile)
{
	const char *path = "tile/3/x001/x234/067.p/8";
	struct tile t;
	size_t cut;

	for (cut = 0; cut < strlen(path); cut++)
		if (cut != strlen("tile/3/x001/x234/067"))
			cr_assert_eq(tile_parse(&t, rd_from(path, cut)),
			    ERR_FORMAT, "%.*s", (int)cut, path);
}

Test(tile, the_highest_index_has_a_path_that_fits)
{
	fits(TILE_ENTRIES, TREE_SIZE_MAX, 255,
	    "tile/entries/x009/x223/x372/x036/x854/x775/807.p/255");
}

Test(tile, width_at_agrees_with_the_known_tiles_of_each_size)
{
	json_t *o, *e, *l;
	uint64_t size, full;
	unsigned partial;
	size_t i, k;

	if (!vec_need(PATHS))
		return;
	o = vec_json(PATHS);
	json_array_foreach(json_object_get(o, "tiles_by_size"), i, e) {
		size = vec_int(e, "size");
		json_array_foreach(json_object_get(e, "levels"), k, l) {
			full = vec_int(l, "full_tiles");
			partial = (unsigned)vec_int(l, "partial_width");
			if (full > 0)
				cr_assert_eq(tile_width_at((int)k, full - 1,
				    size), TILE_WIDTH);
			cr_assert_eq(tile_width_at((int)k, full, size),
			    partial);
			cr_assert_eq(tile_width_at((int)k, full + 1, size), 0);
		}
		cr_assert_eq(tile_width_at((int)k, 0, size), 0);
		cr_assert_eq(tile_width_at(TILE_ENTRIES, size / 256, size),
		    size % 256);
	}
	cr_assert_gt(i, 5);
	json_decref(o);
}

Test(tile, width_at_is_zero_outside_the_levels)
{
	cr_assert_eq(tile_width_at(-2, 0, BIG), 0);
	cr_assert_eq(tile_width_at(TILE_LEVEL_MAX + 1, 0, TREE_SIZE_MAX), 0);
	cr_assert_eq(tile_width_at(TILE_LEVEL_MAX, 0, TREE_SIZE_MAX), 127);
}

/* --- every tile of the big tree, from tree_node() and tile_width_at() --- */

static unsigned char *level[3];			/* the hashes, level by level */

static void
entry_bytes(struct wr *w, uint64_t i)
{
	wr_u16(w, 8);
	wr_u64(w, i);
}

static void
build(struct sha256 *h)
{
	unsigned char b[10], *half[2];
	uint64_t i, n = BIG;
	struct wr w;
	int l, k;

	level[0] = malloc(BIG * HASH_BYTES);
	for (i = 0; i < BIG; i++) {
		w = wr_from(b, sizeof(b));
		entry_bytes(&w, i);
		tree_leaf(h, level[0] + i * HASH_BYTES, rd_from(b + 2, 8));
	}
	for (l = 1; l < 3; l++) {
		half[0] = malloc(n * HASH_BYTES);
		memcpy(half[0], level[l - 1], n * HASH_BYTES);
		for (k = 0; k < 8; k++)		/* eight levels a tile */
			for (n /= 2, i = 0; i < n; i++)
				tree_node(h, half[0] + i * HASH_BYTES,
				    half[0] + 2 * i * HASH_BYTES,
				    half[0] + (2 * i + 1) * HASH_BYTES);
		level[l] = half[0];
	}
}

static void
tile_bytes(struct wr *w, const struct tile *t)
{
	uint64_t i;

	if (t->level == TILE_ENTRIES)
		for (i = 0; i < t->width; i++)
			entry_bytes(w, t->index * TILE_WIDTH + i);
	else
		wr_bytes(w, level[t->level] + t->index * TILE_BYTES,
		    t->width * (size_t)HASH_BYTES);
}

Test(tile, the_big_tree_has_exactly_the_known_tiles)
{
	json_t *o, *e;
	unsigned char buf[TILE_BYTES], want[32], got[32];
	struct sha256 *h = sha256_new();
	struct tile t;
	uint64_t index;
	size_t i, n = 0;
	struct wr w;
	int l;

	if (!vec_need(TILES))
		return;
	o = vec_json(TILES);
	build(h);
	json_array_foreach(json_object_get(o, "resources"), i, e) {
		cr_assert_eq(tile_parse(&t, rd_str(vec_str(e, "path"))), 0);
		cr_assert_eq(t.width, tile_width_at(t.level, t.index, BIG));
		w = wr_from(buf, sizeof(buf));
		tile_bytes(&w, &t);
		cr_assert(wr_ok(&w));
		cr_assert_eq(w.n, vec_int(e, "bytes"));
		cr_assert(hex_decode(want, 32, rd_str(vec_str(e, "sha256"))));
		sha256(got, buf, w.n);
		cr_assert_arr_eq(got, want, 32, "%s",
		    vec_str(e, "path"));
	}
	/* And no others. */
	for (l = TILE_ENTRIES; l <= TILE_LEVEL_MAX; l++)
		for (index = 0; tile_width_at(l, index, BIG) > 0; index++)
			n++;
	cr_assert_eq(n, i);
	cr_assert_eq(n, 551);
	for (l = 0; l < 3; l++)
		free(level[l]);
	sha256_free(h);
	json_decref(o);
}
