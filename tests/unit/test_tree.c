/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/tree.h"
#include "tests/unit/own.h"
#include "tests/unit/vec.h"

static struct sha256 *h;

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

TestSuite(tree, .init = setup, .fini = teardown);
TestSuite(checkpoint, .init = setup, .fini = teardown);

/* The tree that RFC 6962 gives, by its recursive definition. */
static void
naive(unsigned char *out, unsigned char (*leaf)[HASH_BYTES], uint64_t n)
{
	unsigned char l[HASH_BYTES], r[HASH_BYTES];
	uint64_t k = 1;

	if (n == 0) {
		sha256(out, NULL, 0);
		return;
	}
	if (n == 1) {
		memcpy(out, leaf[0], HASH_BYTES);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	naive(l, leaf, k);
	naive(r, leaf + k, n - k);
	tree_node(h, out, l, r);
}

/* Leaf i is i as eight bytes. */
static void
big_leaf(unsigned char out[static HASH_BYTES], uint64_t i)
{
	unsigned char b[8];
	struct wr w = wr_from(b, sizeof(b));

	wr_u64(&w, i);
	tree_leaf(h, out, wr_rd(&w));
}

Test(tree, root_of_any_size_is_what_the_definition_says)
{
	unsigned char leaf[300][HASH_BYTES], want[32], got[32];
	struct tree t;
	uint64_t n;

	tree_init(&t);
	for (n = 0; n < 300; n++) {
		tree_root(&t, h, got);
		naive(want, leaf, n);
		cr_assert_arr_eq(got, want, 32, "size %d", (int)n);
		big_leaf(leaf[n], n);
		cr_assert_eq(tree_append(&t, h, leaf[n]), 0);
		cr_assert_eq(t.size, n + 1);
	}
}

Test(tree, append_refuses_to_pass_the_largest_size)
{
	static struct tree t;
	unsigned char leaf[32] = { 0 };

	t.size = TREE_SIZE_MAX;
	cr_assert_eq(tree_append(&t, h, leaf), ERR_LIMIT);
	cr_assert_eq(t.size, TREE_SIZE_MAX);
}

Test(tree, write_and_parse_keep_the_frontier_at_every_size)
{
	unsigned char buf[8 + 64 * 32], leaf[32], a[32], b[32];
	struct tree t, u;
	struct wr w;
	uint64_t n;
	size_t cut;

	tree_init(&t);
	for (n = 0; n < 70; n++) {
		w = wr_from(buf, sizeof(buf));
		tree_write(&w, &t);
		cr_assert(wr_ok(&w));
		cr_assert_eq(tree_parse(&u, wr_rd(&w)), 0);
		tree_root(&t, h, a);
		tree_root(&u, h, b);
		cr_assert_arr_eq(a, b, 32);
		for (cut = 0; cut < w.n; cut++)
			cr_assert_eq(tree_parse(&u, rd_from(buf, cut)),
			    ERR_FORMAT, "cut at %d", (int)cut);
		wr_u8(&w, 0);
		cr_assert_eq(tree_parse(&u, wr_rd(&w)), ERR_FORMAT);
		big_leaf(leaf, n);
		cr_assert_eq(tree_append(&t, h, leaf), 0);
	}
}

Test(tree, parse_refuses_a_size_above_the_largest)
{
	unsigned char buf[8 + 32] = { 0x80 };
	struct tree t;

	cr_assert_eq(tree_parse(&t, rd_from(buf, sizeof(buf))), ERR_FORMAT);
}

static void
is_hash(const unsigned char *got, json_t *o, const char *name)
{
	unsigned char want[32];

	cr_assert(b64_decode(want, 32, rd_str(vec_str(o, name)), true));
	cr_assert_arr_eq(got, want, 32);
}

#define HASHES	"tlog/own/hashes.json"

Test(tree, the_eight_leaf_tree_has_the_known_hashes)
{
	json_t *o, *e;
	unsigned char data[64], hash[32];
	struct tree t;
	const char *hex;
	size_t i;

	if (!vec_need(HASHES))
		return;
	o = vec_json(HASHES);
	tree_init(&t);
	json_array_foreach(json_object_get(o, "roots"), i, e) {
		tree_root(&t, h, hash);
		cr_assert_eq(vec_int(e, "size"), i);
		is_hash(hash, e, "root");
		if (i == 8)
			break;
		e = json_array_get(json_object_get(o, "leaves"), i);
		hex = vec_str(e, "data_hex");
		cr_assert(hex_decode(data, strlen(hex) / 2, rd_str(hex)));
		tree_leaf(h, hash, rd_from(data, strlen(hex) / 2));
		is_hash(hash, e, "leaf_hash");
		cr_assert_eq(tree_append(&t, h, hash), 0);
	}
	cr_assert_eq(i, 8);
	vec_ran("eight-leaf tree", i);
	json_decref(o);
}

Test(tree, the_big_tree_has_the_known_roots)
{
	json_t *o, *e;
	unsigned char hash[32];
	struct tree t;
	uint64_t size;
	size_t i;

	if (!vec_need(HASHES))
		return;
	o = vec_json(HASHES);
	tree_init(&t);
	json_array_foreach(json_object_get(o, "big_tree_roots"), i, e) {
		size = vec_int(e, "size");
		while (t.size < size) {
			big_leaf(hash, t.size);
			cr_assert_eq(tree_append(&t, h, hash), 0);
		}
		tree_root(&t, h, hash);
		is_hash(hash, e, "root");
	}
	cr_assert_gt(i, 10);
	vec_ran("big tree roots", i);
	json_decref(o);
}

/* --- checkpoints -------------------------------------------------------- */

static const char empty_root[] =
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

static int
parse(const char *text)
{
	struct checkpoint c;

	return checkpoint_parse(&c, rd_str(text));
}

Test(checkpoint, what_is_written_parses_and_every_cut_is_refused)
{
	unsigned char buf[200], root[32] = { 1, 2, 3 };
	struct wr w = wr_from(buf, sizeof(buf));
	struct checkpoint c;
	size_t cut;

	checkpoint_write(&w, rd_str("drop.example/log1"), 1000, root);
	cr_assert_eq(checkpoint_parse(&c, wr_rd(&w)), 0);
	cr_assert(rd_eq_str(c.origin, "drop.example/log1"));
	cr_assert_eq(c.size, 1000);
	cr_assert_arr_eq(c.root, root, 32);
	for (cut = 0; cut < w.n; cut++)
		cr_assert_eq(checkpoint_parse(&c, rd_from(buf, cut)),
		    ERR_FORMAT);
}

Test(checkpoint, an_empty_tree_has_the_empty_root)
{
	char text[200];

	(void)snprintf(text, sizeof(text), "o\n0\n%s\n", empty_root);
	cr_assert_eq(parse(text), 0);
	cr_assert_eq(parse("o\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAA=\n"), ERR_FORMAT);
}

Test(checkpoint, a_second_spelling_is_refused)
{
	static const char *const bad[] = {
		"\n1\n%s\n",		/* no origin */
		"o o\n1\n%s\n",		/* a space in the origin */
		"o\n01\n%s\n",		/* leading zero */
		"o\n+1\n%s\n", "o\n-1\n%s\n", "o\n 1\n%s\n", "o\n\n%s\n",
		"o\n9223372036854775808\n%s\n",
		"o\n1\n%s",		/* no LF */
		"o\n1\n %s\n", "o\n1\n%s \n",
		"o\n1\n%s\nextension\n",
		"o\n1\n%s\n\n",
	};
	char text[200];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(text, sizeof(text), bad[i], empty_root);
#pragma GCC diagnostic pop
		cr_assert_eq(parse(text), ERR_FORMAT, "taken: %s", text);
	}
	cr_assert_eq(parse("o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV="
	    "\n"), ERR_FORMAT, "unused bits are not zero");
	cr_assert_eq(parse("o\n9223372036854775807\n"
	    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), 0);
}

static void
own_checkpoint(const struct own *v)
{
	unsigned char buf[400];
	struct wr w = wr_from(buf, sizeof(buf));
	struct checkpoint c;

	cr_assert_eq(checkpoint_parse(&c, v->body), own_expect(v), "%s",
	    v->name);
	if (own_expect(v) != 0)
		return;
	checkpoint_write(&w, c.origin, c.size, c.root);
	cr_assert(rd_eq(wr_rd(&w), v->body), "%s", v->name);
}

Test(checkpoint, own_vectors)
{
	own_each("checkpoint", 12, own_checkpoint);
}
