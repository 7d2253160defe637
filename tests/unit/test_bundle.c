/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bundle.h"
#include "tests/unit/vec.h"

static unsigned char buf[BUNDLE_BYTES + 1];
static struct sha256 *h;

/* Entry i: a close that rises every sixteen, in it all kinds in turn. */
static void
entry_of(struct entry *e, unsigned i)
{
	e->kind = (enum entry_kind)(ENTRY_PARCEL + i % 16 / 6);
	e->close = 1000 + i / 16;
	memset(e->digest, (int)i, sizeof(e->digest));
}

static struct rd
bundle_of(unsigned width)
{
	struct wr w = wr_from(buf, sizeof(buf));
	unsigned char raw[ENTRY_BYTES];
	struct entry e;
	unsigned i;

	for (i = 0; i < width; i++) {
		entry_of(&e, i);
		entry_write(raw, &e);
		bundle_write(&w, raw);
	}
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

static void
setup(void)
{
	h = sha256_new();
	cr_assert_not_null(h);
}

static void
teardown(void)
{
	sha256_free(h);
}

TestSuite(bundle, .init = setup, .fini = teardown);

Test(bundle, what_is_written_is_read_at_every_width)
{
	const struct entry *got;
	struct entry e;
	struct bundle b;
	unsigned width, i, at;

	for (width = 1; width <= TILE_WIDTH; width++) {
		cr_assert_eq(bundle_parse(&b, bundle_of(width), width, &at),
		    0);
		cr_assert_eq(at, width);
		for (i = 0; i < width; i++) {
			entry_of(&e, i);
			got = &b.entry[i];
			cr_assert(got->kind == e.kind &&
			    got->close == e.close);
			cr_assert_arr_eq(got->digest, e.digest, 32);
			cr_assert_eq(bundle_raw(&b, i).n, ENTRY_BYTES);
		}
	}
}

Test(bundle, another_width_or_length_is_refused)
{
	struct bundle b;
	struct rd in = bundle_of(7);
	unsigned at;
	size_t cut;

	for (cut = 0; cut < in.n; cut++)
		cr_assert_eq(bundle_parse(&b, rd_from(in.p, cut), 7, &at),
		    ERR_FORMAT);
	cr_assert_eq(bundle_parse(&b, rd_from(in.p, in.n + 1), 7, &at),
	    ERR_FORMAT);
	cr_assert_eq(bundle_parse(&b, in, 6, &at), ERR_FORMAT);
	cr_assert_eq(bundle_parse(&b, in, 8, &at), ERR_FORMAT);
	cr_assert_eq(bundle_parse(&b, rd_from(in.p, 0), 0, &at), ERR_FORMAT);
	cr_assert_eq(bundle_parse(&b, rd_from(buf, sizeof(buf)), 257, &at),
	    ERR_FORMAT);
}

Test(bundle, an_entry_of_another_length_or_kind_is_refused_and_named)
{
	struct bundle b;
	unsigned i, at;
	struct rd in;

	for (i = 0; i < 5; i++) {
		in = bundle_of(5);
		buf[i * BUNDLE_UNIT + 1]--;		/* its length */
		cr_assert_eq(bundle_parse(&b, in, 5, &at), ERR_FORMAT);
		cr_assert_eq(at, i);
		in = bundle_of(5);
		buf[i * BUNDLE_UNIT + 2] = 4;		/* its kind */
		cr_assert_eq(bundle_parse(&b, in, 5, &at), ERR_FORMAT);
		cr_assert_eq(at, i);
		in = bundle_of(5);
		buf[i * BUNDLE_UNIT + 3] |= 0x80;	/* its close */
		cr_assert_eq(bundle_parse(&b, in, 5, &at), ERR_FORMAT);
		cr_assert_eq(at, i);
	}
}

Test(bundle, every_byte_of_every_entry_is_in_its_leaf_alone)
{
	static unsigned char leaf[TILE_WIDTH][HASH_BYTES],
	    now[TILE_WIDTH][HASH_BYTES];
	unsigned i, j, k, at;
	struct bundle b;

	cr_assert_eq(bundle_parse(&b, bundle_of(20), 20, &at), 0);
	bundle_leaves(&b, h, leaf);
	for (i = 0; i < 20; i++)
		for (k = 2; k < BUNDLE_UNIT; k++) {
			buf[i * BUNDLE_UNIT + k] ^= 0x01;
			bundle_leaves(&b, h, now);
			for (j = 0; j < 20; j++)
				cr_assert_eq(memcmp(now[j], leaf[j], 32) == 0,
				    j != i);
			buf[i * BUNDLE_UNIT + k] ^= 0x01;
		}
}

Test(bundle, all_leaves_at_once_are_each_as_by_itself)
{
	unsigned char leaf[TILE_WIDTH][HASH_BYTES], want[HASH_BYTES];
	unsigned width, i, at;
	struct bundle b;

	for (width = 1; width <= TILE_WIDTH; width++) {
		cr_assert_eq(bundle_parse(&b, bundle_of(width), width, &at),
		    0);
		bundle_leaves(&b, h, leaf);
		for (i = 0; i < width; i++) {
			tree_leaf(h, want, bundle_raw(&b, i));
			cr_assert_arr_eq(leaf[i], want, 32);
		}
	}
}

Test(bundle, the_length_in_front_is_not_hashed)
{
	unsigned char leaf[1][HASH_BYTES], want[HASH_BYTES];
	struct bundle b;
	unsigned at;

	cr_assert_eq(bundle_parse(&b, bundle_of(1), 1, &at), 0);
	bundle_leaves(&b, h, leaf);
	tree_leaf(h, want, rd_from(buf + 2, ENTRY_BYTES));
	cr_assert_arr_eq(leaf[0], want, 32);
}

Test(bundle, an_entry_out_of_order_is_refused_and_named)
{
	struct bundle b;
	struct entry last;
	unsigned at;

	cr_assert_eq(bundle_parse(&b, bundle_of(40), 40, &at), 0);
	cr_assert_eq(bundle_order(&b, 0, NULL, &at), 0);
	cr_assert_eq(at, 40);
	last = b.entry[39];
	cr_assert_eq(bundle_order(&b, 0, &last, &at), ERR_ORDER);
	cr_assert(at == 0, "below the bundle before");
	last = b.entry[6];
	cr_assert_eq(bundle_order(&b, 7, &last, &at), 0);
	cr_assert_eq(bundle_order(&b, 6, &last, &at), ERR_ORDER);
	cr_assert(at == 6, "twice");
	b.entry[20].close--;			/* 1000 after 1001 */
	cr_assert_eq(bundle_order(&b, 0, NULL, &at), ERR_ORDER);
	cr_assert_eq(at, 20);
	cr_assert_eq(bundle_order(&b, 20, NULL, &at), 0);
	b.entry[23].kind = ENTRY_PARCEL;	/* after a reply */
	cr_assert_eq(bundle_order(&b, 20, NULL, &at), ERR_ORDER);
	cr_assert_eq(at, 23);
}

/* Theirs are of other lengths: never an entry of ours. */
Test(bundle, a_tessera_logs_bundle_is_none_of_ours)
{
	struct bundle b;
	struct vec v;
	unsigned at;

	if (!vec_need("tlog/tessera-log"))
		return;
	v = vec_load("tlog/tessera-log/tile/entries/000.p/15");
	cr_assert_eq(bundle_parse(&b, vec_rd(&v), 15, &at), ERR_FORMAT);
	vec_free(&v);
}
