/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/note.h"
#include "crypto/tilehash.h"
#include "tests/unit/logtree.h"
#include "tests/unit/vec.h"

#define SLOTS	8

/* A log that answers, and lies where it is told to. */
struct log {
	struct logtree *tree;
	struct tile lie;		/* width 0: none */
	size_t byte;			/* of it, changed */
	unsigned char by;
	size_t cut, more;		/* bytes less, bytes more */
	bool full;			/* whole tiles where they exist */
	int fail;			/* this code, */
	unsigned after;			/* after so many */
	unsigned asked;
	struct tile got[64];
};

static struct tilehash_slot slots[SLOTS];

static bool
is(const struct tile *a, const struct tile *b)
{
	return a->level == b->level && a->index == b->index &&
	    a->width == b->width;
}

static int
serve(void *arg, const struct tile *t, unsigned char out[static TILE_BYTES],
    size_t *n)
{
	struct log *l = arg;
	struct tile full = *t;

	if (l->fail != 0 && l->asked >= l->after)
		return l->fail;
	if (l->asked < 64)
		l->got[l->asked] = *t;
	l->asked++;
	full.width = tile_width_at(t->level, t->index, l->tree->size);
	cr_assert_geq(full.width, t->width);
	*n = t->width * (size_t)HASH_BYTES;
	if (l->full && full.width == TILE_WIDTH) {
		logtree_tile(l->tree, &full, out);
		*n = TILE_BYTES;
	} else {
		logtree_tile(l->tree, t, out);
	}
	if (l->lie.width != 0 && is(t, &l->lie))
		out[l->byte] ^= l->by;
	*n = *n - l->cut + l->more;
	return 0;
}

static int
open_at(struct tilehash *th, struct log *l, uint64_t size, size_t nslots)
{
	unsigned char root[HASH_BYTES];

	if (size > 0)
		cr_assert_eq(proof_root(root, l->tree->h, &l->tree->source, 0,
		    size), 0);
	else
		sha256(root, NULL, 0);
	return tilehash_open(th, size, root, l->tree->h, slots, nslots, serve,
	    l);
}

/* --- it serves what is there ------------------------------------------- */

static const uint64_t sizes[] = { 1, 2, 3, 255, 256, 257, 300, 511, 512, 600,
	1000 };
#define NSIZES	(sizeof(sizes) / sizeof(sizes[0]))

Test(tilehash, every_node_is_the_trees_at_every_size)
{
	struct log l = { .tree = logtree_new(1000) };
	unsigned char got[32];
	struct tilehash th;
	struct hashes src;
	uint64_t i;
	size_t k, nslots;
	int level;

	for (nslots = 1; nslots <= SLOTS; nslots += 7)
		for (k = 0; k < NSIZES; k++) {
			cr_assert_eq(open_at(&th, &l, sizes[k], nslots), 0);
			src = tilehash_source(&th);
			for (level = 0; level < 10; level++)
				for (i = 0; i < sizes[k] >> level; i++) {
					cr_assert_eq(src.at(src.arg, level, i,
					    got), 0);
					cr_assert_arr_eq(got,
					    l.tree->level[level] + i * 32, 32);
				}
			cr_assert_eq(src.at(src.arg, 0, sizes[k], got),
			    ERR_NOTFOUND);
			cr_assert_eq(src.at(src.arg, 63, 0, got),
			    ERR_NOTFOUND);
			cr_assert_eq(src.at(src.arg, -1, 0, got),
			    ERR_NOTFOUND);
		}
	logtree_free(l.tree);
}

Test(tilehash, an_empty_tree_has_the_empty_root_and_no_tile)
{
	struct log l = { .tree = logtree_new(1) };
	const unsigned char (*hash)[HASH_BYTES];
	unsigned char bad[32] = { 0 };
	struct tilehash th;

	cr_assert_eq(open_at(&th, &l, 0, SLOTS), 0);
	cr_assert_eq(l.asked, 0);
	cr_assert_eq(tilehash_tile(&th, 0, 0, &hash), ERR_NOTFOUND);
	cr_assert_eq(tilehash_open(&th, 0, bad, l.tree->h, slots, SLOTS,
	    serve, &l), ERR_AUTH);
	cr_assert_eq(tilehash_open(&th, TREE_SIZE_MAX + 1, bad, l.tree->h,
	    slots, SLOTS, serve, &l), ERR_FORMAT);
	cr_assert_eq(tilehash_open(&th, 0, bad, l.tree->h, slots, 0, serve,
	    &l), ERR_FORMAT);
	logtree_free(l.tree);
}

Test(tilehash, a_full_tile_stands_in_for_a_partial_one)
{
	struct log l = { .tree = logtree_new(1024), .full = true };
	const unsigned char (*hash)[HASH_BYTES];
	struct tilehash th;

	cr_assert_eq(open_at(&th, &l, 700, SLOTS), 0);
	cr_assert_eq(tilehash_tile(&th, 0, 2, &hash), 0);
	cr_assert_arr_eq(hash[0], l.tree->level[0] + 512 * 32, 188 * 32);
	logtree_free(l.tree);
}

Test(tilehash, a_tile_in_a_slot_is_not_fetched_again)
{
	struct log l = { .tree = logtree_new(1000) };
	const unsigned char (*hash)[HASH_BYTES];
	struct tilehash th;

	cr_assert_eq(open_at(&th, &l, 1000, SLOTS), 0);
	cr_assert_eq(l.asked, 2, "the right edge");
	cr_assert_eq(tilehash_tile(&th, 0, 3, &hash), 0);
	cr_assert_eq(tilehash_tile(&th, 1, 0, &hash), 0);
	cr_assert_eq(l.asked, 2);
	cr_assert_eq(tilehash_tile(&th, 0, 1, &hash), 0);
	cr_assert_eq(tilehash_tile(&th, 0, 1, &hash), 0);
	cr_assert_eq(l.asked, 3);
	logtree_free(l.tree);
}

/* --- proofs: what they touch, and every lie ---------------------------- */

/* The claims that are tried: an inclusion, or a consistency. */
static int
make(struct proof *p, struct sha256 *h, const struct hashes *from, bool old,
    uint64_t m, uint64_t n)
{
	return old ? proof_make_consistency(p, h, from, m, n) :
	    proof_make_inclusion(p, h, from, m, n);
}

static bool
in_set(const struct tileset *s, const struct tile *t)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (is(&s->tile[i], t))
			return true;
	return false;
}

/* The set is what the reader asks for: nothing more, nothing less. */
static void
needs(struct log *l, struct tileset *set, bool old, uint64_t m, uint64_t n)
{
	struct hashes src;
	struct tilehash th;
	struct proof p, q;
	unsigned i;

	tileset_init(set, n);
	src = tileset_source(set);
	cr_assert_eq(make(&p, l->tree->h, &src, old, m, n), 0);
	l->asked = 0;
	cr_assert_eq(open_at(&th, l, n, SLOTS), 0);
	src = tilehash_source(&th);
	cr_assert_eq(make(&p, l->tree->h, &src, old, m, n), 0);
	cr_assert_eq(make(&q, l->tree->h, &l->tree->source, old, m, n), 0);
	cr_assert(p.n == q.n && memcmp(p.hash, q.hash, p.n * 32) == 0);
	cr_assert_eq(l->asked, set->n, "%d %d: %u asked, %zu known", (int)m,
	    (int)n, l->asked, set->n);
	for (i = 0; i < l->asked; i++)
		cr_assert(in_set(set, &l->got[i]));
}

/* With one byte of one tile changed, no proof comes out. */
static void
lie(struct log *l, const struct tile *t, size_t hash, bool old, uint64_t m,
    uint64_t n)
{
	struct tilehash th;
	struct hashes src;
	struct proof p;
	int r;

	l->lie = *t;
	l->byte = hash * HASH_BYTES + hash % HASH_BYTES;
	l->by = (unsigned char)(1u << hash % 8);
	if ((r = open_at(&th, l, n, SLOTS)) == 0) {
		cr_assert_eq(t->width, TILE_WIDTH, "an edge was taken");
		src = tilehash_source(&th);
		r = make(&p, l->tree->h, &src, old, m, n);
		cr_assert(is(&th.wrong, t), "another tile is named");
	} else {
		cr_assert_lt(t->width, TILE_WIDTH);
		cr_assert_eq(th.wrong.width, 0);
	}
	cr_assert_eq(r, ERR_AUTH, "%d of %d: level %d tile %d hash %zu",
	    (int)m, (int)n, t->level, (int)t->index, hash);
	l->lie.width = 0;
}

static size_t
lies(struct log *l, bool old, uint64_t m, uint64_t n)
{
	struct tileset set;
	size_t i, k, flips = 0;

	needs(l, &set, old, m, n);
	for (i = 0; i < set.n; i++)
		for (k = 0; k < set.tile[i].width; k++, flips++)
			lie(l, &set.tile[i], k, old, m, n);
	return flips;
}

Test(tilehash, a_byte_flipped_in_any_hash_of_any_tile_is_caught)
{
	struct log l = { .tree = logtree_new(1000) };
	size_t flips = 0;

	flips += lies(&l, false, 0, 1);
	flips += lies(&l, false, 17, 255);
	flips += lies(&l, false, 17, 256);
	flips += lies(&l, false, 256, 257);
	flips += lies(&l, false, 3, 700);
	flips += lies(&l, true, 1, 256);
	flips += lies(&l, true, 255, 512);
	flips += lies(&l, true, 300, 1000);
	fprintf(stderr, "%zu flips caught\n", flips);
	cr_assert_gt(flips, 1000);
	logtree_free(l.tree);
}

Test(tilehash, so_it_is_in_a_tree_of_three_levels)
{
	struct log l = { .tree = logtree_new(70000) };
	size_t flips = 0;

	flips += lies(&l, false, 69999, 70000);
	flips += lies(&l, false, 12345, 70000);
	flips += lies(&l, true, 65537, 70000);
	flips += lies(&l, false, 65536 - 1, 65536);
	cr_assert_gt(flips, 1000);
	logtree_free(l.tree);
}

Test(tilehash, the_tiles_of_any_proof_are_known_beforehand)
{
	struct log l = { .tree = logtree_new(70000) };
	struct tileset set;
	uint64_t i, n;

	for (i = 0; i < 400; i++) {
		n = 1 + i * 7919 % 70000;
		needs(&l, &set, false, i * 104729 % n, n);
		needs(&l, &set, true, 1 + i * 104729 % n, n);
		if (n > 2)
			needs(&l, &set, true, n - 1, n);
	}
	logtree_free(l.tree);
}

Test(tilehash, the_longest_proof_has_room_in_the_set)
{
	struct sha256 *h = sha256_new();
	struct tileset set;
	struct hashes src;
	struct proof p;
	size_t most = 0;
	uint64_t n, m;
	int i;

	for (i = 1; i <= 63; i++) {
		n = (UINT64_C(1) << i) - 1;
		for (m = 1; m > 0 && m <= n; m = m * 2 + (uint64_t)(i % 2)) {
			tileset_init(&set, n);
			src = tileset_source(&set);
			cr_assert_eq(proof_make_consistency(&p, h, &src, m,
			    n), 0);
			most = set.n > most ? set.n : most;
			tileset_init(&set, n);
			cr_assert_eq(proof_make_inclusion(&p, h, &src, m - 1,
			    n), 0);
			most = set.n > most ? set.n : most;
		}
	}
	cr_assert_leq(most, TILESET_MAX, "%zu", most);
	fprintf(stderr, "the longest proof touches %zu tiles\n", most);
	sha256_free(h);
}

Test(tilehash, a_set_refuses_tiles_that_the_tree_has_not)
{
	struct tileset set;

	tileset_init(&set, 300);
	cr_assert_eq(set.n, 2);
	cr_assert_eq(tileset_add(&set, 0, 2), ERR_NOTFOUND);
	cr_assert_eq(tileset_add(&set, 2, 0), ERR_NOTFOUND);
	cr_assert_eq(tileset_add(&set, TILE_ENTRIES, 0), ERR_NOTFOUND);
	cr_assert_eq(tileset_add(&set, 0, 0), 0);
	cr_assert_eq(set.n, 3);
}

/* --- other lies -------------------------------------------------------- */

Test(tilehash, a_root_of_another_size_or_of_nothing_is_refused)
{
	struct log l = { .tree = logtree_new(600) };
	unsigned char root[32];
	struct tilehash th;
	uint64_t n;

	logtree_root(l.tree, root, 0, 512);
	for (n = 500; n < 530; n++)
		cr_assert_eq(tilehash_open(&th, n, root, l.tree->h, slots,
		    SLOTS, serve, &l), n == 512 ? 0 : ERR_AUTH);
	memset(root, 0, 32);
	cr_assert_eq(tilehash_open(&th, 512, root, l.tree->h, slots, SLOTS,
	    serve, &l), ERR_AUTH);
	logtree_free(l.tree);
}

Test(tilehash, a_tile_of_another_length_is_malformed_and_named)
{
	struct log l = { .tree = logtree_new(600), .cut = 1 };
	const unsigned char (*hash)[HASH_BYTES];
	struct tilehash th;

	cr_assert_eq(open_at(&th, &l, 600, SLOTS), ERR_FORMAT);
	cr_assert(th.wrong.level == 1 && th.wrong.width == 2);
	l.cut = 0;
	l.more = 32;
	cr_assert_eq(open_at(&th, &l, 600, SLOTS), ERR_FORMAT);
	l.more = 0;
	cr_assert_eq(open_at(&th, &l, 600, SLOTS), 0);
	l.cut = 32;
	cr_assert_eq(tilehash_tile(&th, 0, 1, &hash), ERR_FORMAT);
	cr_assert(th.wrong.level == 0 && th.wrong.index == 1 &&
	    th.wrong.width == 256);
	logtree_free(l.tree);
}

static struct tile swap_a, swap_b;

/* Two tiles of the same log, each under the other's name. */
static int
swapped(void *arg, const struct tile *t, unsigned char out[static TILE_BYTES],
    size_t *n)
{
	return serve(arg, is(t, &swap_a) ? &swap_b : is(t, &swap_b) ? &swap_a :
	    t, out, n);
}

Test(tilehash, a_tile_under_another_name_is_refused)
{
	struct log l = { .tree = logtree_new(1000) };
	const unsigned char (*hash)[HASH_BYTES];
	unsigned char root[32];
	struct tilehash th;

	swap_a = (struct tile){ 0, 0, 256 };
	swap_b = (struct tile){ 0, 2, 256 };
	logtree_root(l.tree, root, 0, 1000);
	cr_assert_eq(tilehash_open(&th, 1000, root, l.tree->h, slots, SLOTS,
	    swapped, &l), 0);
	cr_assert_eq(tilehash_tile(&th, 0, 1, &hash), 0);
	cr_assert_eq(tilehash_tile(&th, 0, 2, &hash), ERR_AUTH);
	cr_assert_eq(tilehash_tile(&th, 0, 0, &hash), ERR_AUTH);
	cr_assert_eq(tilehash_tile(&th, 0, 0, &hash), ERR_AUTH,
	    "what was refused is not kept");
	logtree_free(l.tree);
}

Test(tilehash, a_partial_tile_fetched_again_is_held_against_the_edge)
{
	struct log l = { .tree = logtree_new(1000) };
	const unsigned char (*hash)[HASH_BYTES];
	struct tilehash th;
	size_t k;

	for (k = 0; k < 232; k++) {
		l.lie.width = 0;
		cr_assert_eq(open_at(&th, &l, 1000, 1), 0);
		cr_assert_eq(tilehash_tile(&th, 0, 0, &hash), 0);
		l.lie = (struct tile){ 0, 3, 232 };
		l.byte = k * 32 + k % 32;
		l.by = 0x10;
		cr_assert_eq(tilehash_tile(&th, 0, 3, &hash), ERR_AUTH);
		cr_assert(is(&th.wrong, &l.lie));
	}
	l.lie = (struct tile){ 1, 0, 3 };
	for (k = 0; k < 3 * 32; k++) {
		l.byte = k;
		cr_assert_eq(tilehash_tile(&th, 1, 0, &hash), ERR_AUTH);
	}
	l.lie.width = 0;
	cr_assert_eq(tilehash_tile(&th, 0, 3, &hash), 0);
	logtree_free(l.tree);
}

Test(tilehash, the_nth_fetch_that_fails_is_the_answer_and_can_be_tried_again)
{
	struct log l = { .tree = logtree_new(1000), .fail = ERR_IO };
	struct tilehash th;
	struct hashes src;
	struct proof p;
	unsigned n;
	int r;

	for (n = 0; n <= 4; n++) {
		l.fail = ERR_IO;
		l.after = n;
		l.asked = 0;
		if ((r = open_at(&th, &l, 1000, SLOTS)) == 0) {
			src = tilehash_source(&th);
			r = proof_make_inclusion(&p, l.tree->h, &src, 5, 1000);
			l.fail = 0;
			cr_assert_eq(proof_make_inclusion(&p, l.tree->h, &src,
			    5, 1000), 0);
		}
		cr_assert_eq(r, n < 3 ? ERR_IO : 0, "%u", n);
		if (n < 3)
			cr_assert_neq(th.wrong.width + (n == 2), 0);
	}
	logtree_free(l.tree);
}

/* --- vectors of others ------------------------------------------------- */

/* Tiles as files below a folder of the vectors. */
struct files {
	const char *dir;
	bool flat;			/* ".p44" for ".p/44" */
};

static int
read_file(void *arg, const struct tile *t,
    unsigned char out[static TILE_BYTES], size_t *n)
{
	const struct files *f = arg;
	char name[200];
	struct vec v;

	if (t->width == TILE_WIDTH)
		(void)snprintf(name, sizeof(name), "%s/%d/%03d", f->dir,
		    t->level, (int)t->index);
	else
		(void)snprintf(name, sizeof(name), "%s/%d/%03d.p%s%u", f->dir,
		    t->level, (int)t->index, f->flat ? "" : "/", t->width);
	v = vec_load(name);
	cr_assert_leq(v.n, TILE_BYTES);
	memcpy(out, v.p, v.n);
	*n = v.n;
	vec_free(&v);
	return 0;
}

static void
checkpoint_of(const char *path, struct checkpoint *c)
{
	struct vec v = vec_load(path);
	struct note n;

	cr_assert_eq(note_parse(&n, vec_rd(&v)), 0);
	cr_assert_eq(checkpoint_parse(c, n.text), 0);
	c->origin = rd_from(NULL, 0);
	vec_free(&v);
}

Test(tilehash, a_mirrors_tiles_prove_every_leaf_of_its_checkpoint)
{
	struct files f = { "tlog/cosigned/mirror-tiles", true };
	struct sha256 *h = sha256_new();
	unsigned char leaf[32];
	struct checkpoint c;
	struct tilehash th;
	struct hashes src;
	struct proof p;
	uint64_t i;

	if (!vec_need(f.dir))
		return;
	checkpoint_of("tlog/cosigned/mirror-checkpoint.txt", &c);
	cr_assert_eq(tilehash_open(&th, c.size, c.root, h, slots, SLOTS,
	    read_file, &f), 0);
	src = tilehash_source(&th);
	for (i = 0; i < c.size; i++) {
		cr_assert_eq(src.at(src.arg, 0, i, leaf), 0);
		cr_assert_eq(proof_make_inclusion(&p, h, &src, i, c.size), 0);
		cr_assert_eq(proof_inclusion(&p, h, leaf, i, c.size, c.root),
		    0);
	}
	vec_ran("mirror-tiles, leaves proved", i);
	sha256_free(h);
}

Test(tilehash, a_tessera_log_is_consistent_from_each_size_to_each)
{
	struct files f = { "tlog/tessera-log/tile", false };
	struct sha256 *h = sha256_new();
	struct checkpoint c[16];
	char path[60];
	struct tilehash th;
	struct hashes src;
	struct proof p;
	size_t i, k, n = 0;

	if (!vec_need(f.dir))
		return;
	for (i = 0; i < 16; i++) {
		(void)snprintf(path, sizeof(path),
		    "tlog/tessera-log/checkpoint.%zu", i);
		checkpoint_of(path, &c[i]);
		cr_assert_eq(tilehash_open(&th, c[i].size, c[i].root, h,
		    slots, SLOTS, read_file, &f), 0);
		src = tilehash_source(&th);
		for (k = 1; k <= i; k++, n++) {
			cr_assert_eq(proof_make_consistency(&p, h, &src, k,
			    i), 0);
			cr_assert_eq(proof_consistency(&p, h, k, c[k].root, i,
			    c[i].root), 0, "%zu to %zu", k, i);
		}
	}
	vec_ran("tessera-log consistency", n);
	sha256_free(h);
}

#define HASHES	"tlog/own/hashes.json"

Test(tilehash, the_big_trees_known_roots_open)
{
	struct log l = { .tree = logtree_new(70000) };
	unsigned char root[32];
	struct tilehash th;
	json_t *o, *e;
	size_t i;

	if (!vec_need(HASHES))
		return;
	o = vec_json(HASHES);
	json_array_foreach(json_object_get(o, "big_tree_roots"), i, e) {
		cr_assert(b64_decode(root, 32, rd_str(vec_str(e, "root")),
		    true));
		cr_assert_eq(tilehash_open(&th, vec_int(e, "size"), root,
		    l.tree->h, slots, SLOTS, serve, &l), 0);
		root[7] ^= 2;
		cr_assert_eq(tilehash_open(&th, vec_int(e, "size"), root,
		    l.tree->h, slots, SLOTS, serve, &l), ERR_AUTH);
	}
	vec_ran("own/hashes, big tree through tiles", i);
	json_decref(o);
	logtree_free(l.tree);
}
