/* SPDX-License-Identifier: ISC */
/*
 * drop_tile.c - tiles and entries in drop/, and what they hash to.
 *
 * Invariant: nothing here believes the frontier; drop_root_of_tiles() and
 * drop_check_tiles() use what stands in the databases and nothing else.
 */
#include <string.h>

#include "crypto/wr.h"
#include "server/drop_int.h"

static void
tile_key(unsigned char key[static TILE_KEY_BYTES], int level, uint64_t index)
{
	struct wr w = wr_from(key, TILE_KEY_BYTES);

	wr_u8(&w, (uint8_t)level);
	wr_u64(&w, index);
}

/* see drop_int.h */
int
drop_tile_get(struct drop *d, MDB_txn *txn, int level, uint64_t index,
    unsigned width, struct rd *hashes)
{
	unsigned char key[TILE_KEY_BYTES];
	MDB_val k, v;
	int rc;

	tile_key(key, level, index);
	k = drop_val(key, sizeof(key));
	if ((rc = mdb_get(txn, d->dbi[DB_TILE], &k, &v)) != 0)
		return drop_err(rc);
	*hashes = drop_rd(v);
	if (hashes->n % HASH_BYTES != 0 || hashes->n > TILE_BYTES)
		return ERR_FORMAT;
	if (hashes->n < width * HASH_BYTES)
		return ERR_NOTFOUND;
	hashes->n = width * HASH_BYTES;
	return 0;
}

/* see drop_int.h */
int
drop_tile_put(struct drop *d, MDB_txn *txn, int level, uint64_t index,
    struct rd hashes)
{
	unsigned char key[TILE_KEY_BYTES];
	MDB_val k, v;

	tile_key(key, level, index);
	k = drop_val(key, sizeof(key));
	v = drop_val(hashes.p, hashes.n);
	return drop_err(mdb_put(txn, d->dbi[DB_TILE], &k, &v, 0));
}

/* see drop_int.h */
int
drop_entry_get(struct drop *d, MDB_txn *txn, uint64_t index, struct rd *entry)
{
	unsigned char key[8];
	struct wr w = wr_from(key, sizeof(key));
	MDB_val k, v;
	int rc;

	wr_u64(&w, index);
	k = drop_val(key, sizeof(key));
	if ((rc = mdb_get(txn, d->dbi[DB_ENTRY], &k, &v)) != 0)
		return drop_err(rc);
	*entry = drop_rd(v);
	return entry->n == ENTRY_BYTES ? 0 : ERR_FORMAT;
}

/* see drop_int.h */
void
drop_fold(struct drop *d, unsigned char out[static HASH_BYTES],
    const unsigned char *hashes, size_t n)
{
	unsigned char h[TILE_BYTES];
	size_t i;

	memcpy(h, hashes, n * HASH_BYTES);
	for (; n > 1; n /= 2)
		for (i = 0; i < n / 2; i++)
			tree_node(d->sha, h + i * HASH_BYTES,
			    h + 2 * i * HASH_BYTES,
			    h + (2 * i + 1) * HASH_BYTES);
	memcpy(out, h, HASH_BYTES);
}

/* see drop_int.h */
int
drop_root_of_tiles(struct drop *d, MDB_txn *txn, uint64_t size,
    unsigned char out[static HASH_BYTES])
{
	unsigned char block[HASH_BYTES];
	struct rd hashes;
	uint64_t at = size;
	unsigned width, run;
	bool any = false;
	int level, r;

	sha256(out, "", 0);
	for (level = 0; at > 0; level++, at >>= 8) {
		width = (unsigned)(at % TILE_WIDTH);
		if (width == 0)
			continue;
		if ((r = drop_tile_get(d, txn, level, at / TILE_WIDTH, width,
		    &hashes)) != 0)
			return r;
		/* Complete subtrees, the smallest at the right. */
		for (run = 1; run <= width; run *= 2) {
			if ((width & run) == 0)
				continue;
			hashes.n -= run * HASH_BYTES;
			drop_fold(d, block, hashes.p + hashes.n, run);
			if (any)
				tree_node(d->sha, out, block, out);
			else
				memcpy(out, block, HASH_BYTES);
			any = true;
		}
	}
	return 0;
}

/* What hash i of a level should be, from what stands below it. */
static int
expected_hash(struct drop *d, MDB_txn *txn, int level, uint64_t i,
    unsigned char out[static HASH_BYTES])
{
	struct rd below;
	int r;

	if (level == 0) {
		if ((r = drop_entry_get(d, txn, i, &below)) == 0)
			tree_leaf(d->sha, out, below);
		return r;
	}
	if ((r = drop_tile_get(d, txn, level - 1, i, TILE_WIDTH, &below)) == 0)
		drop_fold(d, out, below.p, TILE_WIDTH);
	return r;
}

/* see drop_int.h */
int
drop_check_tiles(struct drop *d, MDB_txn *txn, uint64_t from, uint64_t to)
{
	unsigned char want[HASH_BYTES];
	struct rd have;
	uint64_t i;
	int level, r;

	for (level = 0; to > 0; level++, from >>= 8, to >>= 8)
		for (i = from; i < to; i++) {
			if ((r = expected_hash(d, txn, level, i, want)) != 0 ||
			    (r = drop_tile_get(d, txn, level, i / TILE_WIDTH,
			    (unsigned)(i % TILE_WIDTH) + 1, &have)) != 0)
				return r;
			if (memcmp(have.p + have.n - HASH_BYTES, want,
			    HASH_BYTES) != 0)
				return ERR_AUTH;
		}
	return 0;
}
