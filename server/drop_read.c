/* SPDX-License-Identifier: ISC */
/*
 * drop_read.c - what is asked of drop/: entries, bodies, tiles.
 *
 * Refuses whatever the signed checkpoint does not cover.  Each call is one
 * short read transaction; bytes are copied out before it ends.
 */
#include <string.h>

#include "crypto/wr.h"
#include "server/drop_int.h"

/* see drop_int.h */
int
drop_place_get(struct drop *d, MDB_txn *txn,
    const unsigned char digest[static HASH_BYTES], uint64_t *index)
{
	MDB_val k = drop_val(digest, HASH_BYTES), v;
	struct rd in;
	int rc;

	if ((rc = mdb_get(txn, d->dbi[DB_WHERE], &k, &v)) != 0)
		return drop_err(rc);
	in = drop_rd(v);
	return rd_u64(&in, index) && rd_done(&in) ? 0 : ERR_FORMAT;
}

/* The same, below the signed size. */
static int
where(struct drop *d, MDB_txn *txn,
    const unsigned char digest[static HASH_BYTES], uint64_t *index)
{
	int r = drop_place_get(d, txn, digest, index);

	if (r == 0 && *index >= d->head.tree.size)
		return ERR_NOTFOUND;
	return r;
}

/* see drop.h */
int
drop_where(struct drop *d, struct entry *e,
    const unsigned char digest[static HASH_BYTES])
{
	struct rd bytes;
	MDB_txn *txn;
	uint64_t index;
	int rc, r;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	if ((r = where(d, txn, digest, &index)) == 0 &&
	    (r = drop_entry_get(d, txn, index, &bytes)) == 0 &&
	    (r = entry_parse(e, bytes)) == 0 &&
	    memcmp(e->digest, digest, HASH_BYTES) != 0)
		r = ERR_CHANGED;
	mdb_txn_abort(txn);
	return r;
}

/* see drop_int.h */
enum drop_db
drop_body_db(enum entry_kind kind)
{
	switch (kind) {
	case ENTRY_REPLY:
		return DB_REPLY;
	case ENTRY_STATEMENT:
		return DB_STATEMENT;
	case ENTRY_PARCEL:
		break;
	}
	return DB_PARCEL;
}

/* see drop.h */
int
drop_get_body(struct drop *d, enum entry_kind kind,
    const unsigned char digest[static HASH_BYTES], uint64_t offset,
    void *out, size_t cap, size_t *n, uint64_t *total)
{
	MDB_val k = drop_val(digest, HASH_BYTES), v;
	struct rd body;
	MDB_txn *txn;
	uint64_t index;
	int rc, r;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	if ((r = where(d, txn, digest, &index)) != 0)
		goto out;
	if ((rc = mdb_get(txn, d->dbi[drop_body_db(kind)], &k, &v)) != 0) {
		r = drop_err(rc);
		goto out;
	}
	body = drop_rd(v);
	*total = body.n;
	r = ERR_NOTFOUND;
	if (offset > body.n || !rd_skip(&body, (size_t)offset))
		goto out;
	*n = body.n < cap ? body.n : cap;
	r = rd_copy(&body, out, *n) ? 0 : ERR_NOTFOUND;
out:
	mdb_txn_abort(txn);
	return r;
}

/* C2SP entry bundle: each entry after its length. */
static int
write_bundle(struct drop *d, MDB_txn *txn, struct wr *w, const struct tile *t)
{
	struct rd entry;
	unsigned i;
	int r;

	for (i = 0; i < t->width; i++) {
		if ((r = drop_entry_get(d, txn, t->index * TILE_WIDTH + i,
		    &entry)) != 0)
			return r;
		wr_u16(w, (uint16_t)entry.n);
		wr_rdr(w, entry);
	}
	return 0;
}

/* see drop.h */
int
drop_get_tile(struct drop *d, struct wr *w, const struct tile *t)
{
	struct rd hashes;
	MDB_txn *txn;
	int rc, r;

	if (t->width == 0 || t->width >
	    tile_width_at(t->level, t->index, d->head.tree.size))
		return ERR_NOTFOUND;
	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	if (t->level == TILE_ENTRIES)
		r = write_bundle(d, txn, w, t);
	else if ((r = drop_tile_get(d, txn, t->level, t->index, t->width,
	    &hashes)) == 0)
		wr_rdr(w, hashes);
	mdb_txn_abort(txn);
	if (r == 0 && !wr_ok(w))
		r = ERR_LIMIT;
	return r;
}
