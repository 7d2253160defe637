/* SPDX-License-Identifier: ISC */
/*
 * test_drop_tiles.c - what is given of a log that has three levels of tiles:
 * every width of every tile, and not one hash more.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "server/drop.h"
#include "tests/unit/logtree.h"
#include "tests/unit/store_help.h"

#define MAP	(256u << 20)
#define SIZE	66104u		/* 258 full tiles and 56 hashes; 1 and 2; 1 */
#define CLOSES	4u

static struct logkey key;
static struct drop *d;
static struct logtree *tree;
static unsigned char (*entries)[ENTRY_BYTES];

static int
compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return memcmp(a->digest, b->digest, HASH_BYTES);
}

/* As a mirror is restored: entries without their bodies. */
static void
append(uint32_t first, size_t n, uint64_t close)
{
	struct entry *e = calloc(n, sizeof(*e));
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t number = first + (uint32_t)i;

		e[i].kind = ENTRY_PARCEL;
		e[i].close = close;
		sha256(e[i].digest, &number, sizeof(number));
	}
	qsort(e, n, sizeof(*e), compare);
	for (i = 0; i < n; i++)
		entry_write(entries[first + i], &e[i]);
	cr_assert_eq(drop_append_again(d, close, e, n, NULL, 0,
	    &key), 0);
	free(e);
}

static void
setup(void)
{
	unsigned char *leaf = malloc(SIZE * HASH_BYTES);
	struct sha256 *h = sha256_new();
	uint32_t i;

	help_enter();
	help_key(&key);
	entries = calloc(SIZE, ENTRY_BYTES);
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), 0);
	for (i = 0; i < CLOSES; i++)
		append(i * (SIZE / CLOSES), SIZE / CLOSES, 1000 + i);
	cr_assert_eq(drop_size(d), SIZE);
	for (i = 0; i < SIZE; i++)
		tree_leaf(h, leaf + (size_t)i * HASH_BYTES,
		    rd_from(entries[i], ENTRY_BYTES));
	tree = logtree_of(leaf, SIZE);
	sha256_free(h);
	free(leaf);
}

static void
teardown(void)
{
	drop_close(d);
	logtree_free(tree);
	free(entries);
}

TestSuite(drop_tiles, .init = setup, .fini = teardown, .timeout = 120);

/* How many hashes there are of a level, by tlog-tiles. */
static uint64_t
hashes_of(int level)
{
	uint64_t n = SIZE;

	for (; level > 0; level--)
		n /= TILE_WIDTH;
	return n;
}

/* The bytes of the whole of it, as far as it is signed; their number. */
static size_t
whole_of(int level, uint64_t index, unsigned width,
    unsigned char out[static TILE_WIDTH * (2 + ENTRY_BYTES)])
{
	struct tile t = { level, index, width };
	struct wr w = wr_from(out, TILE_WIDTH * (2 + ENTRY_BYTES));
	unsigned i;

	if (level != TILE_ENTRIES) {
		logtree_tile(tree, &t, out);
		return (size_t)width * HASH_BYTES;
	}
	for (i = 0; i < width; i++) {
		wr_u16(&w, ENTRY_BYTES);
		wr_bytes(&w, entries[index * TILE_WIDTH + i], ENTRY_BYTES);
	}
	return w.n;
}

/* Every width of one tile, those that there must not be among them. */
static void
assert_widths(int level, uint64_t index)
{
	unsigned char want[TILE_WIDTH * (2 + ENTRY_BYTES)];
	unsigned char got[TILE_WIDTH * (2 + ENTRY_BYTES)];
	uint64_t n = hashes_of(level), from = index * TILE_WIDTH;
	unsigned most = n <= from ? 0 : n - from > TILE_WIDTH ?
	    TILE_WIDTH : (unsigned)(n - from);
	size_t unit = level == TILE_ENTRIES ? 2 + ENTRY_BYTES : HASH_BYTES;
	struct tile t = { level, index, 0 };
	struct wr w;

	if (most > 0)
		cr_assert_eq(whole_of(level, index, most, want), most * unit);
	for (t.width = 0; t.width <= TILE_WIDTH + 1; t.width++) {
		w = wr_from(got, sizeof(got));
		if (t.width == 0 || t.width > most) {
			cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND,
			    "level %d, tile %d, width %u", level, (int)index,
			    t.width);
			cr_assert_eq(w.n, 0);
			continue;
		}
		cr_assert_eq(drop_get_tile(d, &w, &t), 0);
		cr_assert_eq(w.n, t.width * unit);
		cr_assert_arr_eq(got, want, w.n, "level %d, tile %d, width %u",
		    level, (int)index, t.width);
	}
}

Test(drop_tiles, every_width_of_every_tile_is_a_prefix_of_what_is_signed)
{
	uint64_t index;
	int level;

	for (index = 0; index <= SIZE / TILE_WIDTH + 2; index++)
		assert_widths(0, index);
	for (level = 1; level <= TILE_LEVEL_MAX; level++)
		for (index = 0; index <= 3; index++)
			assert_widths(level, index);
	cr_assert_eq(hashes_of(1), 258);
	cr_assert_eq(hashes_of(2), 1);
}

Test(drop_tiles, every_width_of_a_bundle_is_a_prefix, .timeout = 120)
{
	static const uint64_t index[] = { 0, 1, 255, 256, 257, 258, 259 };
	size_t i;

	for (i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		assert_widths(TILE_ENTRIES, index[i]);
}

Test(drop_tiles, no_tile_is_so_high_or_so_far)
{
	static const int levels[] = { 3, 7, 8, 62, 63, 64, 127 };
	static const uint64_t index[] = { 0, 1, UINT64_MAX / 256,
	    UINT64_MAX / 256 + 1, UINT64_MAX };
	unsigned char got[TILE_WIDTH * (2 + ENTRY_BYTES)];
	struct tile t = { .width = 1 };
	struct wr w;
	size_t i, j;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		for (j = 0; j < sizeof(index) / sizeof(index[0]); j++) {
			t.level = levels[i];
			t.index = index[j];
			w = wr_from(got, sizeof(got));
			cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
		}
	t.level = 0;
	for (j = 2; j < sizeof(index) / sizeof(index[0]); j++) {
		t.index = index[j];
		w = wr_from(got, sizeof(got));
		cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
	}
}
