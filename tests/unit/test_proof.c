/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/proof.h"
#include "tests/unit/logtree.h"
#include "tests/unit/vec.h"

#define SMALL	70

static struct logtree *tree;
static struct sha256 *h;

static void
setup(void)
{
	tree = logtree_new(SMALL);
	h = tree->h;
}

static void
teardown(void)
{
	logtree_free(tree);
}

TestSuite(proof, .init = setup, .fini = teardown);

static bool
same(const struct proof *a, const struct proof *b)
{
	return a->n == b->n &&
	    memcmp(a->hash, b->hash, a->n * HASH_BYTES) == 0;
}

/* --- what the definition says ------------------------------------------ */

Test(proof, every_inclusion_is_made_as_defined_and_holds)
{
	unsigned char root[32];
	struct proof want, got;
	uint64_t m, n;

	for (n = 1; n <= SMALL; n++) {
		logtree_root(tree, root, 0, n);
		for (m = 0; m < n; m++) {
			want.n = 0;
			logtree_path(tree, &want, m, 0, n);
			cr_assert_eq(proof_make_inclusion(&got, h,
			    &tree->source, m, n), 0);
			cr_assert(same(&got, &want), "%d in %d", (int)m,
			    (int)n);
			cr_assert_eq(proof_inclusion_length(m, n), got.n);
			cr_assert_eq(proof_inclusion(&got, h,
			    tree->level[0] + m * 32, m, n, root), 0);
		}
	}
}

Test(proof, every_consistency_is_made_as_defined_and_holds)
{
	unsigned char old[32], root[32];
	struct proof want, got;
	uint64_t m, n;

	for (n = 1; n <= SMALL; n++) {
		logtree_root(tree, root, 0, n);
		for (m = 1; m <= n; m++) {
			logtree_root(tree, old, 0, m);
			want.n = 0;
			logtree_sub(tree, &want, m, 0, n, true);
			cr_assert_eq(proof_make_consistency(&got, h,
			    &tree->source, m, n), 0);
			cr_assert(same(&got, &want), "%d to %d", (int)m,
			    (int)n);
			cr_assert_eq(proof_consistency_length(m, n), got.n);
			cr_assert_eq(proof_consistency(&got, h, m, old, n,
			    root), 0);
		}
	}
}

Test(proof, every_subtree_is_proved_and_no_other_range)
{
	unsigned char sub[32], root[32];
	uint64_t a, b, n, width, made = 0;
	struct proof p;

	for (n = 1; n <= 40; n++)
		for (a = 0; a < n; a++)
			for (b = a + 1; b <= n; b++) {
				for (width = 1; width < b - a; width *= 2)
					;
				cr_assert_eq(proof_is_subtree(a, b),
				    a % width == 0);
				logtree_root(tree, root, 0, n);
				if (!proof_is_subtree(a, b)) {
					cr_assert_eq(proof_make_subtree(&p, h,
					    &tree->source, a, b, n),
					    ERR_FORMAT);
					continue;
				}
				made++;
				logtree_root(tree, sub, a, b);
				cr_assert_eq(proof_make_subtree(&p, h,
				    &tree->source, a, b, n), 0);
				cr_assert_eq(proof_subtree(&p, h, a, b, sub, n,
				    root), 0, "[%d,%d) of %d", (int)a, (int)b,
				    (int)n);
				sub[3] ^= 1;
				cr_assert_eq(proof_subtree(&p, h, a, b, sub, n,
				    root), ERR_AUTH);
			}
	cr_assert_gt(made, 1000);
}

/* --- refusals ---------------------------------------------------------- */

/* Every hash and every byte of every hash is needed. */
Test(proof, any_byte_flipped_is_refused)
{
	unsigned char old[32], root[32], leaf[32];
	struct proof p;
	uint64_t m, n = 61;
	size_t i;

	logtree_root(tree, root, 0, n);
	for (m = 1; m <= n; m++) {
		logtree_root(tree, old, 0, m);
		cr_assert_eq(proof_make_consistency(&p, h, &tree->source, m,
		    n), 0);
		for (i = 0; i < p.n * 32; i++) {
			p.hash[i / 32][i % 32] ^= 0x80;
			cr_assert_eq(proof_consistency(&p, h, m, old, n, root),
			    ERR_AUTH, "%d, byte %d", (int)m, (int)i);
			p.hash[i / 32][i % 32] ^= 0x80;
		}
		for (i = 0; i < 32; i++) {
			old[i] ^= 1;
			cr_assert_eq(proof_consistency(&p, h, m, old, n, root),
			    ERR_AUTH);
			old[i] ^= 1;
			root[i] ^= 1;
			cr_assert_eq(proof_consistency(&p, h, m, old, n, root),
			    ERR_AUTH);
			root[i] ^= 1;
		}
		cr_assert_eq(proof_make_inclusion(&p, h, &tree->source, m - 1,
		    n), 0);
		memcpy(leaf, tree->level[0] + (m - 1) * 32, 32);
		for (i = 0; i < p.n * 32; i++) {
			p.hash[i / 32][i % 32] ^= 1;
			cr_assert_eq(proof_inclusion(&p, h, leaf, m - 1, n,
			    root), ERR_AUTH);
			p.hash[i / 32][i % 32] ^= 1;
		}
		leaf[31] ^= 1;
		cr_assert_eq(proof_inclusion(&p, h, leaf, m - 1, n, root),
		    ERR_AUTH);
	}
}

Test(proof, any_other_length_is_refused_as_malformed)
{
	unsigned char old[32], root[32];
	struct proof p;
	uint64_t m, n = 45;
	size_t want;

	logtree_root(tree, root, 0, n);
	for (m = 1; m <= n; m++) {
		logtree_root(tree, old, 0, m);
		memset(&p, 0, sizeof(p));
		cr_assert_eq(proof_make_consistency(&p, h, &tree->source, m,
		    n), 0);
		want = p.n;
		for (p.n = 0; p.n <= PROOF_MAX; p.n++)
			cr_assert_eq(proof_consistency(&p, h, m, old, n, root),
			    p.n == want ? 0 : ERR_FORMAT);
	}
}

Test(proof, an_index_or_size_next_to_the_right_one_is_refused)
{
	unsigned char root[32];
	struct proof p;
	uint64_t m, n, k;

	for (n = 2; n <= 40; n++) {
		logtree_root(tree, root, 0, n);
		for (m = 0; m < n; m++) {
			cr_assert_eq(proof_make_inclusion(&p, h,
			    &tree->source, m, n), 0);
			for (k = 0; k < n; k++)
				cr_assert_eq(proof_inclusion(&p, h,
				    tree->level[0] + m * 32, k, n, root) == 0,
				    k == m);
			cr_assert_eq(proof_inclusion(&p, h, tree->level[0] +
			    m * 32, n, n, root), ERR_FORMAT);
		}
	}
}

Test(proof, nothing_is_proved_of_an_empty_tree_or_a_larger_one)
{
	unsigned char none[32], root[32];
	struct proof p = { 0 };

	sha256(none, NULL, 0);
	logtree_root(tree, root, 0, 5);
	cr_assert_eq(proof_consistency(&p, h, 0, none, 5, root), ERR_FORMAT);
	cr_assert_eq(proof_consistency(&p, h, 0, none, 0, none), ERR_FORMAT);
	cr_assert_eq(proof_consistency(&p, h, 6, root, 5, root), ERR_FORMAT);
	cr_assert_eq(proof_inclusion(&p, h, root, 0, 0, root), ERR_FORMAT);
	cr_assert_eq(proof_inclusion(&p, h, root, UINT64_MAX, UINT64_MAX,
	    root), ERR_FORMAT);
	cr_assert_eq(proof_make_consistency(&p, h, &tree->source, 0, 5),
	    ERR_FORMAT);
	cr_assert_eq(proof_make_inclusion(&p, h, &tree->source, 5, 5),
	    ERR_FORMAT);
	cr_assert_eq(proof_consistency(&p, h, TREE_SIZE_MAX + 1, root,
	    TREE_SIZE_MAX + 1, root), ERR_FORMAT);
}

Test(proof, the_same_size_needs_no_hash_and_the_same_root)
{
	unsigned char a[32], b[32];
	struct proof p = { 0 };

	logtree_root(tree, a, 0, 9);
	logtree_root(tree, b, 0, 10);
	cr_assert_eq(proof_consistency(&p, h, 9, a, 9, a), 0);
	cr_assert_eq(proof_consistency(&p, h, 9, a, 9, b), ERR_AUTH);
}

Test(proof, the_longest_has_no_more_hashes_than_there_is_room_for)
{
	uint64_t n = TREE_SIZE_MAX;
	int i;

	cr_assert_eq(proof_inclusion_length(0, n), 63);
	cr_assert_eq(proof_inclusion_length(n - 1, n), 62);
	cr_assert_eq(proof_consistency_length((n >> 1) + 2, n), 64);
	for (i = 1; i < 63; i++)
		cr_assert_leq(proof_consistency_length((UINT64_C(1) << i) + 1,
		    n), PROOF_MAX);
	cr_assert_eq(proof_consistency_length(n, n), 0);
}

static int
fails(void *arg, int level, uint64_t index,
    unsigned char out[static HASH_BYTES])
{
	int *left = arg;

	(void)level;
	(void)index;
	memset(out, 0, HASH_BYTES);
	return (*left)-- > 0 ? 0 : ERR_IO;
}

Test(proof, the_nth_hash_that_cannot_be_had_is_an_error)
{
	int left, n;
	struct hashes s = { fails, &left };
	struct proof p;

	for (n = 0; n < 8; n++) {
		left = n;
		cr_assert_eq(proof_make_consistency(&p, h, &s, 3, 7),
		    n < 5 ? ERR_IO : 0, "after %d", n);
	}
	left = 0;
	cr_assert_eq(proof_make_inclusion(&p, h, &s, 2, 7), ERR_IO);
}

Test(proof, a_node_stands_in_the_tile_that_holds_its_leaves)
{
	struct tile t;

	t = proof_tile(0, 300, 1000);
	cr_assert(t.level == 0 && t.index == 1 && t.width == 256);
	t = proof_tile(7, 7, 1000);		/* leaves 896 to 1023 */
	cr_assert(t.level == 0 && t.index == 3 && t.width == 232);
	t = proof_tile(8, 2, 1000);
	cr_assert(t.level == 1 && t.index == 0 && t.width == 3);
	t = proof_tile(9, 128, 70000);		/* hashes 256, 257 of level 1 */
	cr_assert(t.level == 1 && t.index == 1 && t.width == 17);
	t = proof_tile(62, 0, TREE_SIZE_MAX);
	cr_assert(t.level == 7 && t.index == 0 && t.width == 127);
}

/* --- lines ------------------------------------------------------------- */

Test(proof, lines_are_read_as_written_and_every_cut_is_refused)
{
	unsigned char buf[PROOF_MAX * 45 + 1];
	struct wr w = wr_from(buf, sizeof(buf));
	struct proof p, q;
	struct rd in;
	size_t cut;

	cr_assert_eq(proof_make_inclusion(&p, h, &tree->source, 33, 70), 0);
	proof_write(&w, &p);
	wr_u8(&w, '\n');
	cr_assert(wr_ok(&w));
	in = wr_rd(&w);
	cr_assert_eq(proof_parse(&q, &in), 0);
	cr_assert(rd_done(&in) && same(&p, &q));
	for (cut = 0; cut < w.n; cut++) {
		in = rd_from(buf, cut);
		cr_assert_eq(proof_parse(&q, &in), ERR_FORMAT);
	}
}

Test(proof, more_lines_than_any_proof_has_are_refused)
{
	unsigned char buf[(PROOF_MAX + 1) * 45 + 1];
	struct wr w = wr_from(buf, sizeof(buf));
	struct proof p = { PROOF_MAX, { { 0 } } };
	struct rd in;

	proof_write(&w, &p);
	wr_u8(&w, '\n');
	in = wr_rd(&w);
	cr_assert_eq(proof_parse(&p, &in), 0);
	w.n--;
	p.n = 1;
	proof_write(&w, &p);
	wr_u8(&w, '\n');
	in = wr_rd(&w);
	cr_assert_eq(proof_parse(&p, &in), ERR_FORMAT);
}

/* --- vectors of others ------------------------------------------------- */

/*
 * A hash of a vector.  Some are other strings, no longer than a hash, that
 * are only compared; of the others, the empty one is none.
 */
static bool
hash_of(const json_t *j, unsigned char *out)
{
	const char *s = json_string_value(j);
	size_t n = 0;

	memset(out, 0, HASH_BYTES);
	return s != NULL && b64_decode_some(out, HASH_BYTES, &n, rd_str(s),
	    true) && n > 0;
}

static bool
proof_of(const json_t *o, struct proof *p)
{
	const json_t *list = json_object_get(o, "proof"), *e;
	size_t i;

	p->n = 0;
	if (json_is_null(list))
		return true;
	cr_assert(json_is_array(list));
	if (json_array_size(list) > PROOF_MAX)
		return false;
	json_array_foreach(list, i, e)
		if (!hash_of(e, p->hash[p->n++]))
			return false;
	return true;
}

/* Some numbers of the broken vectors are above what jansson's can be. */
static uint64_t
number(const json_t *o, const char *key)
{
	const json_t *m = json_object_get(o, key);

	cr_assert(json_is_number(m), "%s", key);
	if (json_is_integer(m))
		return (uint64_t)json_integer_value(m);
	return json_real_value(m) >= 0x1p63 ? UINT64_MAX :
	    (uint64_t)json_real_value(m);
}

static json_t *
load(const char *path)
{
	struct vec v = vec_load(path);
	json_t *o = json_loadb((const char *)v.p, v.n,
	    JSON_DECODE_INT_AS_REAL, NULL);

	cr_assert(o != NULL, "%s", path);
	vec_free(&v);
	return o;
}

/* Runs f on each file of a folder and of those below; how many. */
static size_t
each_file(const char *path, bool (*f)(const json_t *o))
{
	char **names = vec_list(path), full[300];
	size_t i, n = 0, len;
	json_t *o;

	for (i = 0; names[i] != NULL; i++) {
		(void)snprintf(full, sizeof(full), "%s/%s", path, names[i]);
		len = strlen(names[i]);
		if (len < 5 || strcmp(names[i] + len - 5, ".json") != 0) {
			n += each_file(full, f);
			continue;
		}
		o = load(full);
		cr_assert_eq(f(o), !vec_bool(o, "wantErr"), "%s: %s", full,
		    vec_str(o, "desc"));
		json_decref(o);
		n++;
	}
	vec_list_free(names);
	return n;
}

static void
suite(const char *path, bool (*f)(const json_t *o), size_t want)
{
	size_t n;

	if (!vec_need(path))
		return;
	n = each_file(path, f);
	cr_assert_eq(n, want, "%s has %zu cases", path, n);
	vec_ran(path, n);
}

static bool
inclusion(const json_t *o)
{
	unsigned char leaf[32], root[32];
	struct proof p;

	return hash_of(json_object_get(o, "leafHash"), leaf) &&
	    hash_of(json_object_get(o, "root"), root) && proof_of(o, &p) &&
	    proof_inclusion(&p, h, leaf, number(o, "leafIdx"),
	    number(o, "treeSize"), root) == 0;
}

static bool
consistency(const json_t *o)
{
	unsigned char old[32], root[32];
	struct proof p;

	return hash_of(json_object_get(o, "root1"), old) &&
	    hash_of(json_object_get(o, "root2"), root) && proof_of(o, &p) &&
	    proof_consistency(&p, h, number(o, "size1"), old,
	    number(o, "size2"), root) == 0;
}

/* A leaf of a subtree: a tree of its own, counted from its first leaf. */
static bool
subtree_inclusion(const json_t *o)
{
	uint64_t start = number(o, "start"), end = number(o, "end");
	unsigned char leaf[32], root[32];
	struct proof p;

	return hash_of(json_object_get(o, "leafHash"), leaf) &&
	    hash_of(json_object_get(o, "root"), root) && proof_of(o, &p) &&
	    proof_is_subtree(start, end) && number(o, "leafIdx") >= start &&
	    proof_inclusion(&p, h, leaf, number(o, "leafIdx") - start,
	    end - start, root) == 0;
}

static int nothing;				/* empty subtrees met */

static bool
subtree_consistency(const json_t *o)
{
	unsigned char sub[32], root[32];
	struct proof p;

	/* Of nothing we prove nothing, where these take the empty root. */
	if (number(o, "start") == number(o, "end") && !vec_bool(o,
	    "wantErr")) {
		nothing++;
		p.n = 0;
		sha256(sub, NULL, 0);
		return proof_subtree(&p, h, number(o, "start"), number(o,
		    "end"), sub, number(o, "size"), sub) == ERR_FORMAT;
	}
	return hash_of(json_object_get(o, "root1"), sub) &&
	    hash_of(json_object_get(o, "root2"), root) && proof_of(o, &p) &&
	    proof_subtree(&p, h, number(o, "start"), number(o, "end"), sub,
	    number(o, "size"), root) == 0;
}

Test(proof, merkle_inclusion_vectors)
{
	suite("tlog/merkle/inclusion", inclusion, 98);
}

Test(proof, merkle_consistency_vectors)
{
	suite("tlog/merkle/consistency", consistency, 98);
}

Test(proof, merkle_subtree_inclusion_vectors)
{
	suite("tlog/merkle/subtreeinclusion", subtree_inclusion, 204);
}

Test(proof, merkle_subtree_consistency_vectors)
{
	suite("tlog/merkle/subtreeconsistency", subtree_consistency, 118);
	cr_assert(nothing == 0 || nothing == 6);
}

/* --- the known proofs of tlog.md: checked, and made from the trees ----- */

static void
known_inclusion(const json_t *o, struct logtree *from)
{
	unsigned char leaf[32], root[32];
	uint64_t m = number(o, "index"), n = number(o, "size");
	struct proof want, got;

	cr_assert(hash_of(json_object_get(o, "leaf_hash"), leaf));
	cr_assert(hash_of(json_object_get(o, "root"), root));
	cr_assert(proof_of(o, &want));
	cr_assert_eq(proof_inclusion(&want, h, leaf, m, n, root), 0);
	cr_assert_eq(proof_make_inclusion(&got, h, &from->source, m, n), 0);
	cr_assert(same(&got, &want), "%d in %d", (int)m, (int)n);
}

static void
known_consistency(const json_t *o, struct logtree *from)
{
	unsigned char old[32], root[32];
	uint64_t m = number(o, "old"), n = number(o, "new");
	struct proof want, got;

	cr_assert(hash_of(json_object_get(o, "old_root"), old));
	cr_assert(hash_of(json_object_get(o, "new_root"), root));
	cr_assert(proof_of(o, &want));
	cr_assert_eq(proof_consistency(&want, h, m, old, n, root), 0);
	cr_assert_eq(proof_make_consistency(&got, h, &from->source, m, n), 0);
	cr_assert(same(&got, &want), "%d to %d", (int)m, (int)n);
}

/* The eight leaves that everybody uses. */
static struct logtree *
eight(void)
{
	static const char *const data[] = { "", "00", "10", "2021", "3031",
		"40414243", "5051525354555657",
		"606162636465666768696a6b6c6d6e6f" };
	unsigned char leaf[8 * HASH_BYTES], b[16];
	size_t i;

	for (i = 0; i < 8; i++) {
		cr_assert(hex_decode(b, strlen(data[i]) / 2, rd_str(data[i])));
		tree_leaf(h, leaf + i * HASH_BYTES, rd_from(b,
		    strlen(data[i]) / 2));
	}
	return logtree_of(leaf, 8);
}

#define PROOFS	"tlog/own/proofs.json"

Test(proof, the_known_proofs_hold_and_are_the_ones_made)
{
	struct logtree *small, *big;
	json_t *o, *e;
	size_t i, n = 0;

	if (!vec_need(PROOFS))
		return;
	small = eight();
	big = logtree_new(70000);
	o = vec_json(PROOFS);
	json_array_foreach(json_object_get(o, "inclusion"), i, e)
		known_inclusion(e, i < 36 ? small : big);
	n += i;
	json_array_foreach(json_object_get(o, "consistency"), i, e)
		known_consistency(e, i < 36 ? small : big);
	n += i;
	cr_assert_eq(n, 109);
	vec_ran("own/proofs", n);
	json_decref(o);
	logtree_free(small);
	logtree_free(big);
}

#define REKOR	"tlog/rekor2/checkpoints.json"

/* Where the checkpoint is valid, so is the inclusion beside it. */
Test(proof, rekor_entries_are_included)
{
	unsigned char leaf[32], root[32];
	json_t *o, *e;
	struct proof p;
	struct vec data;
	uint64_t m, n;
	size_t i;

	if (!vec_need(REKOR))
		return;
	o = vec_json(REKOR);
	json_array_foreach(json_object_get(o, "vectors"), i, e) {
		data = vec_b64_of(e, "leaf_data_base64");
		tree_leaf(h, leaf, vec_rd(&data));
		vec_free(&data);
		m = number(e, "index");
		n = number(e, "size");
		cr_assert(hash_of(json_object_get(e, "root"), root));
		cr_assert(proof_of(e, &p));
		cr_assert_eq(proof_inclusion(&p, h, leaf, m, n, root), 0,
		    "%s", vec_str(e, "name"));
		leaf[0] ^= 1;
		cr_assert_eq(proof_inclusion(&p, h, leaf, m, n, root),
		    ERR_AUTH);
	}
	vec_ran("rekor2 inclusion", i);
	json_decref(o);
}
