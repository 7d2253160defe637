/* SPDX-License-Identifier: ISC */
/*
 * drop_erase.c - parcels and replies that the office has given up go.
 *
 * Invariant: entries, tiles and places stay; counts are those of what is
 * there after every transaction; from the first body that goes on a flag says
 * that unused pages are to be zeroed (drop_zero.c), and it outlives a kill.
 */
#include <stdlib.h>
#include <string.h>

#include "server/drop_int.h"

#define ERASE_ENTRIES	4096u		/* looked at in one slice, */
#define ERASE_BODIES	256u		/* and deleted */

/* One body, where it is there. */
static int
delete_body(struct drop *d, MDB_txn *txn, enum drop_db db, struct rd digest,
    uint64_t *count)
{
	MDB_val k = drop_val(digest.p, digest.n);
	int rc = mdb_del(txn, d->dbi[db], &k, NULL);

	if (rc == MDB_NOTFOUND)
		return 0;
	if (rc == 0 && *count == 0)
		return ERR_CHANGED;
	*count -= rc == 0;
	return drop_err(rc);
}

/* --- parcels ------------------------------------------------------------- */

static int
erase_entries(struct drop *d, MDB_txn *txn, struct drop_head *h,
    uint64_t below)
{
	uint64_t looked = 0, before = h->bodies;
	struct rd bytes;
	struct entry e;
	int r;

	if (below > h->tree.size)
		below = h->tree.size;
	for (; h->erased < below && looked < ERASE_ENTRIES &&
	    before - h->bodies < ERASE_BODIES; h->erased++, looked++) {
		if ((r = drop_entry_get(d, txn, h->erased, &bytes)) != 0 ||
		    (r = entry_parse(&e, bytes)) != 0)
			return r;
		if (e.kind == ENTRY_PARCEL && (r = delete_body(d, txn,
		    DB_PARCEL, rd_from(e.digest, HASH_BYTES),
		    &h->bodies)) != 0)
			return r;
	}
	return 0;
}

/* --- replies ------------------------------------------------------------- */

static bool
is_due(const struct drop_held *h, const struct drop_forget *f, size_t n)
{
	size_t i;

	if ((h->flags & HELD_GONE) != 0)
		return false;
	for (i = 0; i < n; i++)
		if (rd_eq_str(h->role, f[i].role))
			return h->sequence < f[i].below;
	return false;
}

/* The oldest statement whose replies are to go; false: there is none. */
static int
find_due(struct drop *d, MDB_txn *txn, const struct drop_forget *f, size_t n,
    unsigned char key[static HELD_KEY_BYTES], bool *found)
{
	struct drop_held h;
	MDB_cursor *c = NULL;
	MDB_val k, v;
	int rc, r = 0;

	*found = false;
	if ((rc = mdb_cursor_open(txn, d->dbi[DB_HELD], &c)) != 0)
		return drop_err(rc);
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); rc == 0;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		if ((r = drop_held_parse(&h, drop_rd(k), drop_rd(v))) != 0)
			break;
		if (!is_due(&h, f, n))
			continue;
		memcpy(key, k.mv_data, HELD_KEY_BYTES);
		*found = true;
		break;
	}
	mdb_cursor_close(c);
	return r != 0 ? r : rc == MDB_NOTFOUND ? 0 : drop_err(rc);
}

/* Its role says no more below it, so it is never the newest. */
static int
erase_held(struct drop *d, MDB_txn *txn, struct drop_head *head,
    const unsigned char key[static HELD_KEY_BYTES])
{
	MDB_val k = drop_val(key, HELD_KEY_BYTES), v;
	unsigned char *copy;
	struct drop_held h;
	struct rd digest;
	int rc, r;

	if ((rc = mdb_get(txn, d->dbi[DB_HELD], &k, &v)) != 0)
		return drop_err(rc);
	/* Deleting moves what v points at. */
	if ((copy = malloc(v.mv_size)) == NULL)
		return ERR_NOMEM;
	memcpy(copy, v.mv_data, v.mv_size);
	r = drop_held_parse(&h, drop_rd(k), rd_from(copy, v.mv_size));
	while (r == 0 && rd_take(&h.replies, &digest, HASH_BYTES))
		r = delete_body(d, txn, DB_REPLY, digest, &head->replies);
	if (r == 0)
		r = drop_err(mdb_del(txn, d->dbi[DB_HELD], &k, NULL));
	free(copy);
	return r;
}

/* --- one slice ----------------------------------------------------------- */

/* Parcels, then a statement's replies; *done: none of either is left. */
static int
erase_txn(struct drop *d, MDB_txn *txn, struct drop_head *h, uint64_t below,
    const struct drop_forget *f, size_t n, bool *replies, bool *done)
{
	unsigned char key[HELD_KEY_BYTES];
	bool found;
	int r;

	if (h->erased < below && h->erased < h->tree.size)
		return erase_entries(d, txn, h, below);
	if ((r = find_due(d, txn, f, n, key, &found)) != 0)
		return r;
	*done = !found;
	if (!found)
		return 0;
	*replies = true;
	return erase_held(d, txn, h, key);
}

/* see drop.h */
int
drop_erase(struct drop *d, uint64_t below, const struct drop_forget *f,
    size_t n, bool *replies, bool *done)
{
	struct drop_head *h;
	bool none = false;
	MDB_txn *txn;
	int rc, r;

	*done = false;
	if (d->zero.on)
		return drop_zero_step(d);
	if ((h = malloc(sizeof(*h))) == NULL)
		return ERR_NOMEM;
	*h = d->head;
	if ((rc = mdb_txn_begin(d->env, NULL, 0, &txn)) != 0) {
		r = drop_err(rc);
		goto out;
	}
	r = erase_txn(d, txn, h, below, f, n, replies, &none);
	if (r == 0 && !none) {
		h->zero |= h->bodies != d->head.bodies ||
		    h->replies != d->head.replies;
		r = drop_write_head(d, txn, h);
	}
	if (r != 0 || none) {
		mdb_txn_abort(txn);
	} else if ((r = drop_err(mdb_txn_commit(txn))) == 0) {
		d->head = *h;
		d->version += *replies;
		r = drop_count_pages(d);
	}
	if (r == 0 && none) {
		*done = d->head.zero == 0;
		if (!*done)
			r = drop_zero_step(d);
	}
out:
	free(h);
	return r;
}
