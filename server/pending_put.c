/* SPDX-License-Identifier: ISC */
/*
 * pending_put.c - parcels into the open epoch: one transaction for many.
 *
 * The invariant of pending.c holds here, too: what the index has beyond
 * p->committed is in the transaction under way, and a number that was given
 * out is used up, whatever becomes of it.
 */
#include <stdlib.h>

#include "server/pending_int.h"

/* see pending.h */
int
pending_begin(struct pending *p)
{
	if (p->txn != NULL)
		abort();
	return pending_err(mdb_txn_begin(p->env, NULL, 0, &p->txn));
}

/* One record, encrypted where LMDB will write it from. */
static int
put_record(struct pending *p, uint64_t sequence, struct rd plain)
{
	unsigned char key[8];
	MDB_val k = { .mv_size = sizeof(key), .mv_data = key };
	MDB_val v = { .mv_size = plain.n, .mv_data = NULL };
	int rc;

	pending_write_key(key, sequence);
	rc = mdb_put(p->txn, p->dbi, &k, &v, MDB_APPEND | MDB_RESERVE);
	if (rc != 0)
		return rc == MDB_MAP_FULL ? ERR_IO : pending_err(rc);
	return pending_crypt(p, sequence, v.mv_data, plain);
}

/* see pending.h */
int
pending_put(struct pending *p, const unsigned char parcel[static PARCEL_BYTES],
    const unsigned char digest[static HASH_BYTES])
{
	uint64_t sequence = p->next;
	int r;

	if ((r = digests_add(p->digests, digest, sequence)) != 0)
		return r;
	p->next += 2;			/* used up, whatever happens */
	if ((r = put_record(p, sequence,
	    rd_from(parcel, PARCEL_BYTES))) != 0)
		return r;
	return put_record(p, sequence + 1, rd_from(digest, HASH_BYTES));
}

/* see pending.h */
int
pending_commit(struct pending *p)
{
	int rc = mdb_txn_commit(p->txn);

	p->txn = NULL;
	if (rc != 0)
		digests_truncate(p->digests, p->committed);
	p->committed = digests_count(p->digests);
	return pending_err(rc);
}

/* see pending.h */
void
pending_abort(struct pending *p)
{
	if (p->txn == NULL)
		return;
	mdb_txn_abort(p->txn);
	p->txn = NULL;
	digests_truncate(p->digests, p->committed);
}
