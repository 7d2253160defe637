/* SPDX-License-Identifier: ISC */
/*
 * pending.c - one epoch: opened, found again, read for the close; what comes
 * in is taken in by pending_put.c.
 *
 * Invariant: what the index holds beyond p->committed is in the transaction
 * under way and nowhere else; numbers below p->next were used and are never
 * used again.
 */
#include "server/pending.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "server/file.h"
#include "server/pending_int.h"

#define RANGE_BITS	32		/* numbers of one opening */

/* see pending_int.h */
int
pending_err(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return ERR_NOTFOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ERR_FULL;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return ERR_FORMAT;
	case MDB_PANIC:
		return ERR_ORDER;
	default:
		return ERR_IO;
	}
}

/* see pending_int.h */
void
pending_write_key(unsigned char key[static 8], uint64_t sequence)
{
	struct wr w = wr_from(key, 8);

	wr_u64(&w, sequence);
}

/* see pending_int.h */
int
pending_crypt(struct pending *p, uint64_t sequence, unsigned char *out,
    struct rd in)
{
	unsigned char iv[16];
	struct wr w = wr_from(iv, sizeof(iv));
	int done = 0;

	wr_u64(&w, sequence);
	wr_u64(&w, 0);
	if (in.n > PARCEL_BYTES ||
	    EVP_EncryptInit_ex(p->ctr, NULL, NULL, NULL, iv) != 1 ||
	    EVP_EncryptUpdate(p->ctr, out, &done, in.p, (int)in.n) != 1 ||
	    (size_t)done != in.n)
		return ERR_NOMEM;
	return 0;
}

/* --- opening ------------------------------------------------------------- */

/* An empty record: its range of numbers is this opening's. */
static int
claim_range(struct pending *p, bool any, uint64_t last)
{
	unsigned char key[8];
	MDB_val k = { .mv_size = sizeof(key), .mv_data = key };
	MDB_val v = { 0, NULL };
	MDB_txn *txn;
	int rc;

	p->next = any ? ((last >> RANGE_BITS) + 1) << RANGE_BITS : 0;
	pending_write_key(key, p->next);
	if ((rc = mdb_txn_begin(p->env, NULL, 0, &txn)) != 0)
		return pending_err(rc);
	if ((rc = mdb_put(txn, p->dbi, &k, &v, MDB_APPEND)) != 0) {
		mdb_txn_abort(txn);
		return pending_err(rc);
	}
	p->next += 2;
	return pending_err(mdb_txn_commit(txn));
}

/* One record seen while the index is made again. */
static int
index_record(struct pending *p, uint64_t sequence, struct rd value,
    uint64_t *body)
{
	unsigned char digest[HASH_BYTES];
	int r;

	if (value.n == 0)
		return 0;
	if (sequence % 2 == 0) {
		*body = sequence;
		return value.n == PARCEL_BYTES ? 0 : ERR_FORMAT;
	}
	if (value.n != HASH_BYTES || *body != sequence - 1)
		return ERR_FORMAT;
	if ((r = pending_crypt(p, sequence, digest, value)) != 0)
		return r;
	return digests_add(p->digests, digest, *body);
}

/* The index from the records; *last is the highest number. */
static int
index_all(struct pending *p, bool *any, uint64_t *last)
{
	uint64_t body = UINT64_MAX;
	MDB_cursor *c = NULL;
	MDB_txn *txn;
	MDB_val k, v;
	struct rd key;
	int rc, r = 0;

	*any = false;
	if ((rc = mdb_txn_begin(p->env, NULL, 0, &txn)) != 0)
		return pending_err(rc);
	if ((rc = mdb_dbi_open(txn, NULL, 0, &p->dbi)) == 0 &&
	    (rc = mdb_cursor_open(txn, p->dbi, &c)) == 0)
		rc = mdb_cursor_get(c, &k, &v, MDB_FIRST);
	for (; rc == 0 && r == 0; rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		key = rd_from(k.mv_data, k.mv_size);
		*any = true;
		if (!rd_u64(&key, last) || !rd_done(&key))
			r = ERR_FORMAT;
		else
			r = index_record(p, *last,
			    rd_from(v.mv_data, v.mv_size), &body);
	}
	if (c != NULL)
		mdb_cursor_close(c);
	/* Committed, so that the handle stays. */
	if (r == 0 && rc == MDB_NOTFOUND)
		return pending_err(mdb_txn_commit(txn));
	mdb_txn_abort(txn);
	return r != 0 ? r : pending_err(rc);
}

static int
start_cipher(struct pending *p)
{
	if ((p->ctr = EVP_CIPHER_CTX_new()) == NULL ||
	    EVP_EncryptInit_ex(p->ctr, EVP_aes_256_ctr(), NULL,
	    p->head->key, NULL) != 1)
		return ERR_NOMEM;
	return 0;
}

/* Everything but the head. */
static int
open_rest(struct pending *p)
{
	const struct pending_head *h = p->head;
	uint64_t last = 0;
	bool any;
	int r;

	if ((p->digests = digests_new(
	    (uint32_t)pending_most(h->parcels, h->batch))) == NULL)
		return ERR_NOMEM;
	pending_path(p->dir, h->close, "");
	if ((r = start_cipher(p)) != 0 ||
	    (r = pending_env_open(&p->env, p->dir,
	    pending_map_bytes(h->parcels, h->batch))) != 0 ||
	    (r = index_all(p, &any, &last)) != 0)
		return r;
	p->committed = digests_count(p->digests);
	return claim_range(p, any, last);
}

static struct pending *
pending_new(void)
{
	struct pending *p = calloc(1, sizeof(*p));

	if (p != NULL && (p->head = secret_new(sizeof(*p->head))) == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

/* The key file into the folder that was prepared; then its real name. */
static int
name_folder(struct pending *p, bool *named)
{
	char path[PENDING_PATH];
	unsigned char *buf;
	struct wr w;
	int r;

	if ((buf = secret_new(PENDING_HEAD_BYTES)) == NULL)
		return ERR_NOMEM;
	w = wr_from(buf, PENDING_HEAD_BYTES);
	pending_head_write(&w, p->head);
	if (!wr_ok(&w))
		abort();
	r = file_create(AT_FDCWD, PENDING_NEXT "/key", wr_rd(&w), 0600);
	if (r == 0)
		r = file_sync_dir(AT_FDCWD, PENDING_NEXT);
	secret_free(buf);
	if (r != 0)
		return r;
	pending_path(path, p->head->close, "");
	if (rename(PENDING_NEXT, path) == -1)
		return ERR_IO;
	*named = true;
	return file_sync_dir(AT_FDCWD, PENDING_DIR);
}

/* see pending.h */
int
pending_create(struct pending **out, struct prepare *x, uint64_t close)
{
	struct pending *p = NULL;
	bool named = false;
	int r = ERR_NOMEM;

	*out = NULL;
	if (!x->synced) {
		r = ERR_ORDER;
		goto out;
	}
	if ((p = pending_new()) == NULL)
		goto out;
	/* What an earlier try may have left under this name. */
	if ((r = pending_withdraw(close)) != 0)
		goto out;
	p->head->close = close;
	p->head->parcels = x->parcels;
	p->head->batch = x->batch;
	p->head->noise = randombytes_uniform(4 * x->batch);
	randombytes_buf(p->head->key, sizeof(p->head->key));
	if ((r = name_folder(p, &named)) == 0 && (r = open_rest(p)) == 0) {
		*out = p;
		p = NULL;
	}
out:
	prepare_free(x);
	pending_close(p);
	/* Nothing is in it yet, and the next try needs the name. */
	if (r != 0 && named && pending_withdraw(close) != 0)
		r = ERR_IO;
	return r;
}

/* size is there once the epoch is closing. */
static int
read_size(struct pending *p)
{
	char path[PENDING_PATH], text[PENDING_SIZE_MAX];
	size_t n;
	int r;

	pending_path(path, p->head->close, "/size");
	r = file_slurp(AT_FDCWD, path, text, sizeof(text), &n);
	if (r == ERR_NOTFOUND)
		return 0;
	return r != 0 ? r : pending_size_parse(&p->size, rd_from(text, n));
}

/* see pending.h */
int
pending_open(struct pending **out, uint64_t close)
{
	char path[PENDING_PATH];
	unsigned char *buf = NULL;
	struct pending *p = NULL;
	size_t n;
	int r = ERR_NOMEM;

	*out = NULL;
	pending_path(path, close, "/key");
	if ((p = pending_new()) == NULL ||
	    (buf = secret_new(PENDING_HEAD_BYTES)) == NULL ||
	    (r = file_slurp(AT_FDCWD, path, buf, PENDING_HEAD_BYTES,
	    &n)) != 0 ||
	    (r = pending_head_parse(p->head, rd_from(buf, n))) != 0)
		goto out;
	r = ERR_FORMAT;
	if (p->head->close != close || (r = open_rest(p)) != 0 ||
	    (r = read_size(p)) != 0)
		goto out;
	*out = p;
	p = NULL;
out:
	secret_free(buf);
	pending_close(p);
	return r;
}

/* see pending.h */
void
pending_close(struct pending *p)
{
	if (p == NULL)
		return;
	pending_abort(p);
	if (p->env != NULL)
		mdb_env_close(p->env);
	EVP_CIPHER_CTX_free(p->ctr);
	digests_free(p->digests);
	secret_free(p->head);
	free(p);
}

/* --- what it says of itself ---------------------------------------------- */

/* see pending.h */
const struct pending_head *
pending_head(const struct pending *p)
{
	return p->head;
}

/* see pending.h */
const struct digests *
pending_digests(const struct pending *p)
{
	return p->digests;
}

/* see pending.h */
uint32_t
pending_count(const struct pending *p)
{
	return digests_count(p->digests);
}

/* see pending.h */
uint32_t
pending_size(const struct pending *p)
{
	return p->size;
}

/* see pending.h */
int
pending_fix_size(struct pending *p)
{
	char path[PENDING_PATH];
	unsigned char text[PENDING_SIZE_MAX];
	struct wr w = wr_from(text, sizeof(text));
	uint32_t size;
	int r;

	if (p->size != 0)
		return 0;
	size = pending_cover_target(p->committed, p->head->noise,
	    p->head->batch);
	wr_dec(&w, size);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		abort();
	pending_path(path, p->head->close, "/size");
	r = file_create(AT_FDCWD, path, wr_rd(&w), 0600);
	/* An earlier try got as far as its name: the same size, then. */
	if (r != 0 && r != ERR_EXISTS)
		return r;
	if ((r = file_sync_dir(AT_FDCWD, p->dir)) == 0)
		r = read_size(p);
	return r;
}

/* --- reading for the close ----------------------------------------------- */

/* see pending.h */
int
pending_read(struct pending *p, const struct digest_item *item,
    unsigned char out[static PARCEL_BYTES])
{
	unsigned char key[8], digest[HASH_BYTES];
	MDB_val k = { .mv_size = sizeof(key), .mv_data = key }, v;
	MDB_txn *txn;
	int rc, r;

	pending_write_key(key, item->sequence);
	if ((rc = mdb_txn_begin(p->env, NULL, MDB_RDONLY, &txn)) != 0)
		return pending_err(rc);
	if ((rc = mdb_get(txn, p->dbi, &k, &v)) != 0)
		r = pending_err(rc);
	else if (v.mv_size != PARCEL_BYTES)
		r = ERR_FORMAT;
	else
		r = pending_crypt(p, item->sequence, out,
		    rd_from(v.mv_data, v.mv_size));
	mdb_txn_abort(txn);
	if (r != 0)
		return r;
	sha256(digest, out, PARCEL_BYTES);
	return memcmp(digest, item->digest, sizeof(digest)) == 0 ?
	    0 : ERR_CHANGED;
}
