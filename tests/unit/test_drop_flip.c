/* SPDX-License-Identifier: ISC */
/*
 * test_drop_flip.c - a bit flips in what the log consists of, as a disk or a
 * hand may do it, behind LMDB's back: each is refused at the start, and
 * nothing is signed over it.
 */
#include <criterion/criterion.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/sha256.h"
#include "server/drop.h"
#include "tests/unit/store_help.h"

#define MAP	(128u << 20)
#define SIZE	600u			/* two full tiles and a part */

static struct logkey key;
static struct drop *d;

static int
compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return memcmp(a->digest, b->digest, HASH_BYTES);
}

/* Entries, and bodies that are made up. */
static struct entry *
make(uint32_t first, size_t n, uint64_t close)
{
	struct entry *e = calloc(n, sizeof(*e));
	unsigned char *room;
	uint32_t number;
	size_t i;

	cr_assert_not_null(e);
	cr_assert_eq(drop_move_begin(d), 0);
	for (i = 0; i < n; i++) {
		number = first + (uint32_t)i;
		e[i].kind = ENTRY_PARCEL;
		e[i].close = close;
		sha256(e[i].digest, &number, sizeof(number));
	}
	qsort(e, n, sizeof(*e), compare);
	for (i = 0; i < n; i++) {
		cr_assert_eq(drop_move_put(d, e[i].digest, &room), 0);
		memset(room, 0, PARCEL_BYTES);
	}
	cr_assert_eq(drop_move_commit(d), 0);
	return e;
}

static void
setup(void)
{
	struct entry *e;

	if (access("/dev/shm", W_OK) == 0)
		cr_assert_eq(setenv("TMPDIR", "/dev/shm", 1), 0);
	help_enter();
	help_key(&key);
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), 0);
	e = make(0, SIZE, 1000);
	cr_assert_eq(drop_append(d, 1000, e, SIZE, &key), 0);
	free(e);
	drop_close(d);
	d = NULL;
}

TestSuite(drop_flip, .init = setup, .timeout = 120);

/*
 * Flips a bit of record number at of this database, in the byte that is this
 * part of its length (0 to 255 of 256); false: there is no such record.
 */
static bool
flip(const char *db, unsigned at, unsigned part)
{
	unsigned char *copy = NULL;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_cursor *c;
	MDB_val k, v;
	int rc;

	cr_assert_eq(mdb_env_create(&env), 0);
	cr_assert_eq(mdb_env_set_maxdbs(env, 8), 0);
	cr_assert_eq(mdb_env_set_mapsize(env, MAP), 0);
	cr_assert_eq(mdb_env_open(env, "drop", MDB_NOLOCK | MDB_NOSYNC, 0600),
	    0);
	cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	cr_assert_eq(mdb_dbi_open(txn, db, 0, &dbi), 0);
	cr_assert_eq(mdb_cursor_open(txn, dbi, &c), 0);
	rc = mdb_cursor_get(c, &k, &v, MDB_FIRST);
	for (; rc == 0 && at > 0; at--)
		rc = mdb_cursor_get(c, &k, &v, MDB_NEXT);
	if (rc == 0) {
		copy = malloc(v.mv_size);
		cr_assert_not_null(copy);
		memcpy(copy, v.mv_data, v.mv_size);
		copy[v.mv_size * part / 256] ^= (unsigned char)(1 << part % 8);
		v.mv_data = copy;
		cr_assert_eq(mdb_cursor_put(c, &k, &v, MDB_CURRENT), 0);
	}
	mdb_cursor_close(c);
	cr_assert_eq(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	free(copy);
	return rc == 0;
}

static unsigned
refused_all(const char *db, unsigned step, unsigned part)
{
	unsigned i, n = 0;
	int r;

	for (i = 0; flip(db, i, part); i += step, n++) {
		r = drop_open(&d, "drop", MAP, &key.vk);
		cr_assert(r == ERR_AUTH || r == ERR_FORMAT,
		    "%s %u, part %u: %d", db, i, part, r);
		cr_assert(flip(db, i, part));
	}
	return n;
}

Test(drop_flip, in_any_tile)
{
	unsigned part, n = 0;

	for (part = 0; part < 256; part += 5)
		n += refused_all("tile", 1, part);
	cr_assert_eq(n, 4 * 52, "three of level 0, one of level 1");
}

Test(drop_flip, in_any_entry)
{
	cr_assert_eq(refused_all("entry", 1, 255), SIZE);
	cr_assert_geq(refused_all("entry", 7, 0), SIZE / 7);
	cr_assert_geq(refused_all("entry", 7, 30), SIZE / 7);
}

Test(drop_flip, in_any_place)
{
	cr_assert_eq(refused_all("where", 1, 255), SIZE);
	cr_assert_geq(refused_all("where", 7, 0), SIZE / 7);
}

/*
 * In order of name: bodies, checkpoint, close, erased, format, origin,
 * replies, statements, tree, zero.
 */
Test(drop_flip, in_the_head)
{
	unsigned part;
	int r;

	for (part = 0; part < 256; part += 3) {
		cr_assert(flip("meta", 1, part));
		r = drop_open(&d, "drop", MAP, &key.vk);
		cr_assert(r == ERR_AUTH || r == ERR_FORMAT, "checkpoint: %d",
		    r);
		cr_assert(flip("meta", 1, part));
		cr_assert(flip("meta", 8, part));
		r = drop_open(&d, "drop", MAP, &key.vk);
		cr_assert(r == ERR_AUTH || r == ERR_FORMAT, "tree: %d", r);
		cr_assert(flip("meta", 8, part));
	}
	cr_assert(flip("meta", 0, 255));
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_CHANGED);
	cr_assert(flip("meta", 0, 255));
	cr_assert(flip("meta", 6, 255));
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_CHANGED);
	cr_assert(flip("meta", 6, 255));
	cr_assert(flip("meta", 7, 255));
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_CHANGED);
	cr_assert(flip("meta", 7, 255));
	cr_assert(flip("meta", 4, 9));
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_FORMAT);
	cr_assert(flip("meta", 4, 9));
	cr_assert(flip("meta", 5, 9));
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_NOMATCH);
	cr_assert(flip("meta", 5, 9));
	/* 1000 becomes 992: an entry would be of a later close than all. */
	cr_assert(flip("meta", 2, 227));
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), ERR_AUTH);
	cr_assert(flip("meta", 2, 227));
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), 0);
	drop_close(d);
}

/* While it runs: a bit flips at the right edge, and the next close comes. */
Test(drop_flip, nothing_is_signed_over_a_flip_that_came_meanwhile)
{
	static const struct { const char *db; unsigned at, part; } flips[] = {
		{ "tile", 2, 0 }, { "tile", 2, 255 }, { "tile", 3, 0 },
		{ "tile", 3, 255 }, { "meta", 8, 100 }
	};
	struct entry *e;
	size_t i;

	for (i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), 0);
		e = make(1000, 3, 2000);
		cr_assert(flip(flips[i].db, flips[i].at, flips[i].part));
		cr_assert_eq(drop_append(d, 2000, e, 3, &key), i < 4 ?
		    ERR_AUTH : 0, "%s %u: the head is not read again",
		    flips[i].db, flips[i].at);
		drop_close(d);
		if (i < 4)
			cr_assert(flip(flips[i].db, flips[i].at,
			    flips[i].part));
		free(e);
	}
	cr_assert_eq(drop_open(&d, "drop", MAP, &key.vk), 0);
	cr_assert_eq(drop_verify_from(d, &key.vk, 0), 0);
	drop_close(d);
}
