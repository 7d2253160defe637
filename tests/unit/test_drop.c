/* SPDX-License-Identifier: ISC */
/*
 * test_drop.c - the public log on disk: appending, tiles, refusals.
 */
#include <criterion/criterion.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/sha256.h"
#include "server/drop.h"
#include "tests/unit/store_help.h"

#define MAP	(256u << 20)

static struct logkey key;
static struct drop *d;

static void
setup(void)
{
	help_enter();
	help_key(&key);
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), 0);
}

static void
teardown(void)
{
	drop_close(d);
}

TestSuite(drop, .init = setup, .fini = teardown);

static int
compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return memcmp(a->digest, b->digest, HASH_BYTES);
}

/* Entries with bodies that are made up and short, so that many are quick. */
static struct entry *
make(uint32_t first, size_t n, uint64_t close)
{
	struct entry *e = calloc(n, sizeof(*e));
	unsigned char *room;
	size_t i;

	cr_assert_not_null(e);
	for (i = 0; i < n; i++) {
		uint32_t number = first + (uint32_t)i;

		e[i].kind = ENTRY_PARCEL;
		e[i].close = close;
		sha256(e[i].digest, &number, sizeof(number));
	}
	qsort(e, n, sizeof(*e), compare);
	cr_assert_eq(drop_move_begin(d), 0);
	for (i = 0; i < n; i++) {
		cr_assert_eq(drop_move_put(d, e[i].digest, &room), 0);
		if (room != NULL)
			memset(room, 0, PARCEL_BYTES);
	}
	cr_assert_eq(drop_move_commit(d), 0);
	return e;
}

static void
append(uint32_t first, size_t n, uint64_t close)
{
	struct entry *e = make(first, n, close);

	cr_assert_eq(drop_append(d, close, e, n, &key), 0);
	free(e);
}

Test(drop, a_new_log_has_a_signed_checkpoint_of_size_0)
{
	struct checkpoint c;
	struct note note;

	cr_assert_eq(drop_size(d), 0);
	cr_assert_eq(drop_last_close(d), 0);
	cr_assert_eq(note_open(&note, drop_checkpoint(d), &key.vk), 0);
	cr_assert_eq(checkpoint_parse(&c, note.text), 0);
	cr_assert_eq(c.size, 0);
	cr_assert(rd_eq_str(c.origin, HELP_ORIGIN));
}

/* The root by the definition of RFC 6962. */
static void
root_of(unsigned char out[static HASH_BYTES], struct sha256 *h,
    unsigned char (*leaf)[HASH_BYTES], size_t n)
{
	unsigned char l[HASH_BYTES], r[HASH_BYTES];
	size_t k = 1;

	if (n == 1) {
		memcpy(out, leaf, HASH_BYTES);
		return;
	}
	while (2 * k < n)
		k *= 2;
	root_of(l, h, leaf, k);
	root_of(r, h, leaf + k, n - k);
	tree_node(h, out, l, r);
}

/* Reads every tile of the size and compares it with the definition. */
static void
assert_tiles(size_t size)
{
	static unsigned char leaf[2048][HASH_BYTES], want[HASH_BYTES];
	unsigned char buf[TILE_WIDTH * 43];
	struct sha256 *h = sha256_new();
	struct checkpoint c;
	struct rd in, entry;
	struct note note;
	struct tile t;
	struct wr w;
	size_t i, span;

	cr_assert_leq(size, sizeof(leaf) / sizeof(leaf[0]));
	for (i = 0; i < size; i += TILE_WIDTH) {
		t.level = TILE_ENTRIES;
		t.index = i / TILE_WIDTH;
		t.width = tile_width_at(t.level, t.index, size);
		w = wr_from(buf, sizeof(buf));
		cr_assert_eq(drop_get_tile(d, &w, &t), 0);
		in = wr_rd(&w);
		for (span = 0; span < t.width; span++) {
			cr_assert(rd_take16(&in, &entry));
			tree_leaf(h, leaf[i + span], entry);
		}
		cr_assert(rd_done(&in));
	}
	for (t.level = 0, span = 1; span <= size; t.level++, span *= TILE_WIDTH)
		for (i = 0; i < size / span; i++) {
			t.index = i / TILE_WIDTH;
			t.width = tile_width_at(t.level, t.index, size);
			w = wr_from(buf, sizeof(buf));
			cr_assert_eq(drop_get_tile(d, &w, &t), 0);
			root_of(want, h, leaf + i * span, span);
			cr_assert_arr_eq(buf + i % TILE_WIDTH * HASH_BYTES,
			    want, HASH_BYTES);
		}
	cr_assert_eq(note_open(&note, drop_checkpoint(d), &key.vk), 0);
	cr_assert_eq(checkpoint_parse(&c, note.text), 0);
	cr_assert_eq(c.size, size);
	root_of(want, h, leaf, size);
	cr_assert_arr_eq(c.root, want, HASH_BYTES);
	sha256_free(h);
}

Test(drop, tiles_and_root_are_those_of_the_definition, .timeout = 120)
{
	static const size_t steps[] = { 1, 1, 5, 248, 1, 1, 200, 90, 400 };
	uint32_t first = 0;
	size_t i, size = 0;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		append(first, steps[i], 1000 + i);
		first += (uint32_t)steps[i];
		size += steps[i];
		cr_assert_eq(drop_size(d), size);
		assert_tiles(size);
		cr_assert_eq(drop_verify(d, &key.vk), 0);
	}
	drop_close(d);
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), 0);
	assert_tiles(size);
	append(first, 3, 2000);
	assert_tiles(size + 3);
}

Test(drop, only_what_the_signed_size_has_is_given)
{
	unsigned char buf[TILE_WIDTH * 43], whole[TILE_WIDTH * 43];
	struct tile t = { .level = 0, .index = 0, .width = 7 };
	struct wr w = wr_from(whole, sizeof(whole));

	append(0, 7, 1000);
	cr_assert_eq(drop_get_tile(d, &w, &t), 0);
	cr_assert_eq(w.n, 7 * HASH_BYTES);
	w = wr_from(buf, sizeof(buf));
	t.width = 8;
	cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
	t.width = TILE_WIDTH;
	cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
	t.width = 0;
	cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
	t.width = 1;
	t.index = 1;
	cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
	t.index = 0;
	t.level = 1;
	cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
	t.level = 63;
	cr_assert_eq(drop_get_tile(d, &w, &t), ERR_NOTFOUND);
	t.level = 0;
	t.width = 4;
	cr_assert_eq(drop_get_tile(d, &w, &t), 0, "a prefix");
	cr_assert_arr_eq(buf, whole, 4 * HASH_BYTES);
}

Test(drop, appending_refuses_what_would_not_be_true)
{
	struct entry *e = make(0, 4, 1000), swap;

	cr_assert_eq(drop_append(d, 1001, e, 4, &key), ERR_ORDER, "close");
	swap = e[1];
	e[1] = e[2];
	e[2] = swap;
	cr_assert_eq(drop_append(d, 1000, e, 4, &key), ERR_ORDER, "order");
	e[2] = e[1];
	e[1] = swap;
	e[0].digest[0] ^= 1;
	qsort(e, 4, sizeof(*e), compare);
	cr_assert_eq(drop_append(d, 1000, e, 4, &key), ERR_NOTFOUND, "body");
	free(e);
	cr_assert_eq(drop_size(d), 0, "nothing half-done");
	append(0, 4, 1000);
	e = make(4, 2, 1000);
	cr_assert_eq(drop_append(d, 1000, e, 2, &key), ERR_ORDER, "again");
	free(e);
	e = make(3, 2, 1001);
	cr_assert_eq(drop_append(d, 1001, e, 2, &key), ERR_EXISTS, "logged");
	free(e);
	cr_assert_eq(drop_size(d), 4);
	cr_assert_eq(drop_verify(d, &key.vk), 0);
}

Test(drop, another_logs_key_opens_nothing)
{
	struct drop *other = NULL;
	struct vkey vk;

	drop_close(d);
	d = NULL;
	cr_assert_eq(vkey_make(&vk, rd_str("drop.example/log2"), NOTE_ED25519,
	    key.vk.pk), 0);
	cr_assert_eq(drop_open(&other, "drop", MAP, &vk), ERR_NOMATCH);
	vk = key.vk;
	vk.pk[0] ^= 1;
	cr_assert_eq(drop_open(&other, "drop", MAP, &vk), ERR_AUTH);
}

/* Changes a byte of a value behind the log's back. */
static void
tamper(const char *db, size_t at)
{
	unsigned char copy[TILE_BYTES];
	char tree[] = "tree";
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_cursor *c;
	MDB_val k = { 4, tree }, v;

	cr_assert_eq(mdb_env_create(&env), 0);
	cr_assert_eq(mdb_env_set_maxdbs(env, 8), 0);
	cr_assert_eq(mdb_env_set_mapsize(env, MAP), 0);
	cr_assert_eq(mdb_env_open(env, "drop", MDB_NOLOCK, 0600), 0);
	cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	cr_assert_eq(mdb_dbi_open(txn, db, 0, &dbi), 0);
	cr_assert_eq(mdb_cursor_open(txn, dbi, &c), 0);
	cr_assert_eq(mdb_cursor_get(c, &k, &v, strcmp(db, "meta") == 0 ?
	    MDB_SET_KEY : MDB_LAST), 0);
	memcpy(copy, v.mv_data, v.mv_size);
	copy[at] ^= 1;
	v.mv_data = copy;
	cr_assert_eq(mdb_cursor_put(c, &k, &v, MDB_CURRENT), 0);
	mdb_cursor_close(c);
	cr_assert_eq(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

Test(drop, a_changed_tile_is_noticed_at_the_start)
{
	append(0, 7, 1000);
	drop_close(d);
	d = NULL;
	tamper("tile", 6 * HASH_BYTES + 3);
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_AUTH);
}

Test(drop, nothing_is_signed_over_a_tile_that_changed_meanwhile)
{
	struct entry *e;

	append(0, 7, 1000);
	tamper("tile", 2 * HASH_BYTES);
	e = make(7, 2, 1001);
	cr_assert_eq(drop_append(d, 1001, e, 2, &key), ERR_AUTH);
	cr_assert_eq(drop_size(d), 7);
	cr_assert_eq(drop_verify(d, &key.vk), ERR_AUTH);
	free(e);
}

Test(drop, a_changed_frontier_is_noticed_at_the_start)
{
	append(0, 7, 1000);
	drop_close(d);
	d = NULL;
	tamper("meta", 8);
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_AUTH);
}

Test(drop, a_missing_body_is_noticed_at_the_start)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_cursor *c;
	MDB_val k, v;

	append(0, 3, 1000);
	drop_close(d);
	d = NULL;
	cr_assert_eq(mdb_env_create(&env), 0);
	cr_assert_eq(mdb_env_set_maxdbs(env, 8), 0);
	cr_assert_eq(mdb_env_set_mapsize(env, MAP), 0);
	cr_assert_eq(mdb_env_open(env, "drop", MDB_NOLOCK, 0600), 0);
	cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	cr_assert_eq(mdb_dbi_open(txn, "parcel", 0, &dbi), 0);
	cr_assert_eq(mdb_cursor_open(txn, dbi, &c), 0);
	cr_assert_eq(mdb_cursor_get(c, &k, &v, MDB_FIRST), 0);
	cr_assert_eq(mdb_cursor_del(c, 0), 0);
	mdb_cursor_close(c);
	cr_assert_eq(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_CHANGED);
}
