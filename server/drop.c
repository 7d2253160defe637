/* SPDX-License-Identifier: ISC */
/*
 * drop.c - opening drop/, its head, reading from it, moving bodies into it.
 *
 * Refuses an environment of another format or origin, and one whose signed
 * checkpoint is not what its tree and tiles say.  Invariant: d->head is what
 * the last committed transaction wrote.
 */
#include "server/drop.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/wr.h"
#include "server/drop_int.h"

static const char *const db_names[DB_COUNT] = {
	"entry", "tile", "parcel", "reply", "statement", "where", "meta",
	"held", "keyset"
};

/*
 * Kept free of parcels: pages that a transaction copies before it frees the
 * old ones, and a sixteenth of the map for runs broken up by deleting.
 */
#define SPARE_PAGES	1024u

/* see drop_int.h */
int
drop_err(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return ERR_NOTFOUND;
	case MDB_KEYEXIST:
		return ERR_EXISTS;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ERR_FULL;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return ERR_FORMAT;
	case MDB_PANIC:
		return ERR_ORDER;
	default:
		return ERR_IO;
	}
}

/* see drop_int.h */
MDB_val
drop_val(const void *p, size_t n)
{
	MDB_val v = { .mv_size = n };

	/* LMDB's type has no const; it does not write through it. */
	memcpy(&v.mv_data, &p, sizeof(p));
	return v;
}

/* see drop_int.h */
struct rd
drop_rd(MDB_val v)
{
	return rd_from(v.mv_data, v.mv_size);
}

/* see drop_int.h */
int
drop_count_pages(struct drop *d)
{
	MDB_txn *txn;
	MDB_stat st;
	uint64_t sum = 0;
	unsigned i;
	int rc;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	/* 0 and 1 are the free list and the tree of names. */
	for (i = 0; rc == 0 && i < 2 + DB_COUNT; i++) {
		rc = mdb_stat(txn, i < 2 ? i : d->dbi[i - 2], &st);
		if (rc == 0)
			sum += st.ms_branch_pages + st.ms_leaf_pages +
			    st.ms_overflow_pages;
	}
	mdb_txn_abort(txn);
	if (rc == 0)
		d->pages = sum;
	return drop_err(rc);
}

/* see drop.h */
bool
drop_has_room(const struct drop *d, uint64_t parcels, uint64_t pages)
{
	uint64_t kept = SPARE_PAGES + d->pages_max / 16;
	uint64_t used = d->pages + pages;

	if (d->pages_max <= kept || used >= d->pages_max - kept)
		return false;
	return parcels <= (d->pages_max - kept - used) / DROP_PARCEL_PAGES;
}

/* see drop.h */
bool
drop_has_pages(const struct drop *d, uint64_t pages)
{
	uint64_t kept = (SPARE_PAGES + d->pages_max / 16) / 2;

	return d->pages_max > kept && d->pages < d->pages_max - kept &&
	    pages <= d->pages_max - kept - d->pages;
}

/* --- the head ------------------------------------------------------------ */

static int
meta_get(struct drop *d, MDB_txn *txn, const char *name, struct rd *value)
{
	MDB_val k = drop_val(name, strlen(name)), v;
	int rc = mdb_get(txn, d->dbi[DB_META], &k, &v);

	if (rc == 0)
		*value = drop_rd(v);
	return rc == MDB_NOTFOUND ? ERR_FORMAT : drop_err(rc);
}

static int
meta_put(struct drop *d, MDB_txn *txn, const char *name, struct rd value)
{
	MDB_val k = drop_val(name, strlen(name));
	MDB_val v = drop_val(value.p, value.n);

	return drop_err(mdb_put(txn, d->dbi[DB_META], &k, &v, 0));
}

static int
meta_put_u64(struct drop *d, MDB_txn *txn, const char *name, uint64_t v)
{
	unsigned char b[8];
	struct wr w = wr_from(b, sizeof(b));

	wr_u64(&w, v);
	return meta_put(d, txn, name, wr_rd(&w));
}

/* A number that older ones do not have: 0 then. */
static int
meta_get_u64(struct drop *d, MDB_txn *txn, const char *name, uint64_t *v)
{
	MDB_val k = drop_val(name, strlen(name)), b;
	int rc = mdb_get(txn, d->dbi[DB_META], &k, &b);
	struct rd in;

	*v = 0;
	if (rc != 0)
		return rc == MDB_NOTFOUND ? 0 : drop_err(rc);
	in = drop_rd(b);
	return rd_u64(&in, v) && rd_done(&in) ? 0 : ERR_FORMAT;
}

/* see drop_int.h */
int
drop_read_head(struct drop *d, MDB_txn *txn, struct drop_head *h)
{
	struct rd tree, close, bodies, note;
	int r;

	if ((r = meta_get(d, txn, "tree", &tree)) != 0 ||
	    (r = meta_get(d, txn, "close", &close)) != 0 ||
	    (r = meta_get(d, txn, "bodies", &bodies)) != 0 ||
	    (r = meta_get(d, txn, "checkpoint", &note)) != 0 ||
	    (r = meta_get_u64(d, txn, "replies", &h->replies)) != 0 ||
	    (r = meta_get_u64(d, txn, "statements", &h->statements)) != 0 ||
	    (r = meta_get_u64(d, txn, "erased", &h->erased)) != 0 ||
	    (r = meta_get_u64(d, txn, "zero", &h->zero)) != 0 ||
	    (r = tree_parse(&h->tree, tree)) != 0)
		return r;
	if (!rd_u64(&close, &h->close) || !rd_done(&close) ||
	    !rd_u64(&bodies, &h->bodies) || !rd_done(&bodies) ||
	    note.n > sizeof(h->checkpoint))
		return ERR_FORMAT;
	h->ncheckpoint = note.n;
	memcpy(h->checkpoint, note.p, note.n);
	return 0;
}

/* see drop_int.h */
int
drop_write_head(struct drop *d, MDB_txn *txn, const struct drop_head *h)
{
	unsigned char buf[8 + sizeof(h->tree.frontier)];
	struct wr w = wr_from(buf, sizeof(buf));
	int r;

	tree_write(&w, &h->tree);
	if (!wr_ok(&w))
		abort();
	if ((r = meta_put(d, txn, "tree", wr_rd(&w))) != 0 ||
	    (r = meta_put_u64(d, txn, "close", h->close)) != 0 ||
	    (r = meta_put_u64(d, txn, "bodies", h->bodies)) != 0 ||
	    (r = meta_put_u64(d, txn, "replies", h->replies)) != 0 ||
	    (r = meta_put_u64(d, txn, "statements", h->statements)) != 0 ||
	    (r = meta_put_u64(d, txn, "erased", h->erased)) != 0 ||
	    (r = meta_put_u64(d, txn, "zero", h->zero)) != 0)
		return r;
	return meta_put(d, txn, "checkpoint",
	    rd_from(h->checkpoint, h->ncheckpoint));
}

/* see drop.h */
uint64_t
drop_last_close(const struct drop *d)
{
	return d->head.close;
}

/* see drop.h */
uint64_t
drop_size(const struct drop *d)
{
	return d->head.tree.size;
}

/* see drop.h */
struct rd
drop_checkpoint(const struct drop *d)
{
	return rd_from(d->head.checkpoint, d->head.ncheckpoint);
}

/* --- opening ------------------------------------------------------------- */

/* Bodies whose digest no entry names: of a close that was not finished. */
static int
sweep_bodies(struct drop *d, MDB_txn *txn, enum drop_db db)
{
	MDB_cursor *c = NULL;
	MDB_val k, v, at;
	int rc;

	if ((rc = mdb_cursor_open(txn, d->dbi[db], &c)) != 0)
		return drop_err(rc);
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); rc == 0;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		rc = mdb_get(txn, d->dbi[DB_WHERE], &k, &at);
		if (rc == MDB_NOTFOUND)
			rc = mdb_cursor_del(c, 0);
		if (rc != 0)
			break;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : drop_err(rc);
}

/* Of one kind there are so many; else what no entry names is swept. */
static int
sweep_kind(struct drop *d, MDB_txn *txn, enum drop_db db, uint64_t want)
{
	MDB_stat st;
	int r;

	if ((r = drop_err(mdb_stat(txn, d->dbi[db], &st))) != 0 ||
	    st.ms_entries == want)
		return r;
	if ((r = sweep_bodies(d, txn, db)) != 0 ||
	    (r = drop_err(mdb_stat(txn, d->dbi[db], &st))) != 0)
		return r;
	return st.ms_entries == want ? 0 : ERR_CHANGED;
}

static int
sweep(struct drop *d)
{
	const struct drop_head *h = &d->head;
	MDB_txn *txn;
	int rc, r;

	if ((rc = mdb_txn_begin(d->env, NULL, 0, &txn)) != 0)
		return drop_err(rc);
	if ((r = sweep_kind(d, txn, DB_PARCEL, h->bodies)) != 0 ||
	    (r = sweep_kind(d, txn, DB_REPLY, h->replies)) != 0 ||
	    (r = sweep_kind(d, txn, DB_STATEMENT, h->statements)) != 0 ||
	    (r = drop_sweep_keysets(d, txn)) != 0) {
		mdb_txn_abort(txn);
		return r;
	}
	return drop_err(mdb_txn_commit(txn));
}

/* The environment and its databases; flags: MDB_CREATE or 0. */
static int
open_env(struct drop *d, const char *path, uint64_t bytes, unsigned flags)
{
	MDB_txn *txn;
	unsigned i;
	int rc;

	if ((d->sha = sha256_new()) == NULL)
		return ERR_NOMEM;
	d->pages_max = bytes / DROP_PAGE;
	if ((rc = mdb_env_create(&d->env)) != 0 ||
	    (rc = mdb_env_set_maxdbs(d->env, DB_COUNT)) != 0 ||
	    (rc = mdb_env_set_mapsize(d->env,
	    (size_t)(d->pages_max * DROP_PAGE))) != 0 ||
	    (rc = mdb_env_open(d->env, path, MDB_NOLOCK | MDB_NOTLS,
	    0600)) != 0 ||
	    (rc = mdb_txn_begin(d->env, NULL, 0, &txn)) != 0)
		return drop_err(rc);
	/* The last two came later than the first logs. */
	for (i = 0; rc == 0 && i < DB_COUNT; i++)
		rc = mdb_dbi_open(txn, db_names[i], i < DB_HELD ? flags :
		    MDB_CREATE, &d->dbi[i]);
	if (rc == 0)
		return drop_err(mdb_txn_commit(txn));
	mdb_txn_abort(txn);
	return rc == MDB_NOTFOUND ? ERR_FORMAT : drop_err(rc);
}

/* Whose log this is, and its head. */
static int
read_all(struct drop *d, const struct vkey *vk)
{
	struct rd format, origin;
	MDB_txn *txn;
	int rc, r;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	if ((r = meta_get(d, txn, "format", &format)) == 0 &&
	    (r = meta_get(d, txn, "origin", &origin)) == 0) {
		if (!rd_eq_str(format, DROP_FORMAT))
			r = ERR_FORMAT;
		else if (!rd_eq_str(origin, vk->name))
			r = ERR_NOMATCH;
		else
			r = drop_read_head(d, txn, &d->head);
	}
	mdb_txn_abort(txn);
	return r;
}

/* see drop.h */
int
drop_open(struct drop **out, const char *path, uint64_t bytes,
    const struct vkey *vk)
{
	struct drop *d;
	int r = ERR_NOMEM;

	*out = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (r = open_env(d, path, bytes, 0)) != 0 ||
	    (r = read_all(d, vk)) != 0 || (r = drop_verify_from(d, vk, 0)) != 0 ||
	    (r = sweep(d)) != 0 || (r = drop_count_pages(d)) != 0)
		drop_close(d);
	else
		*out = d;
	return r;
}

/* see drop.h */
int
drop_create(const char *path, const struct logkey *k)
{
	struct drop *d;
	MDB_txn *txn = NULL;
	int rc, r = ERR_NOMEM;

	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (r = open_env(d, path, SPARE_PAGES * DROP_PAGE, MDB_CREATE)) != 0)
		goto out;
	tree_init(&d->head.tree);
	if ((rc = mdb_txn_begin(d->env, NULL, 0, &txn)) != 0) {
		r = drop_err(rc);
		goto out;
	}
	if ((r = meta_put(d, txn, "format", rd_str(DROP_FORMAT))) == 0 &&
	    (r = meta_put(d, txn, "origin", rd_str(k->vk.name))) == 0 &&
	    (r = drop_sign_head(d, &d->head, k)) == 0 &&
	    (r = drop_write_head(d, txn, &d->head)) == 0) {
		r = drop_err(mdb_txn_commit(txn));
		txn = NULL;
	}
	if (r == 0)
		r = drop_verify(d, &k->vk);
out:
	if (txn != NULL)
		mdb_txn_abort(txn);
	drop_close(d);
	return r;
}

/* see drop.h */
void
drop_close(struct drop *d)
{
	if (d == NULL)
		return;
	drop_move_abort(d);
	if (d->env != NULL)
		mdb_env_close(d->env);
	sha256_free(d->sha);
	free(d->zero.buf);
	free(d);
}

/* --- bodies in slices ---------------------------------------------------- */

/* see drop.h */
int
drop_move_begin(struct drop *d)
{
	if (d->move != NULL)
		abort();
	return drop_err(mdb_txn_begin(d->env, NULL, 0, &d->move));
}

/* see drop.h */
int
drop_move_put(struct drop *d, const unsigned char digest[static HASH_BYTES],
    unsigned char **room)
{
	MDB_val k = drop_val(digest, HASH_BYTES);
	MDB_val v = { .mv_size = PARCEL_BYTES };
	int rc;

	*room = NULL;
	rc = mdb_put(d->move, d->dbi[DB_PARCEL], &k, &v,
	    MDB_RESERVE | MDB_NOOVERWRITE);
	if (rc == MDB_KEYEXIST)
		return 0;
	if (rc == 0)
		*room = v.mv_data;
	return drop_err(rc);
}

static int
move_put(struct drop *d, enum drop_db db,
    const unsigned char digest[static HASH_BYTES], struct rd body)
{
	MDB_val k = drop_val(digest, HASH_BYTES);
	MDB_val v = drop_val(body.p, body.n);
	int rc = mdb_put(d->move, d->dbi[db], &k, &v, MDB_NOOVERWRITE);

	return rc == MDB_KEYEXIST ? 0 : drop_err(rc);
}

/* see drop.h */
int
drop_move_body(struct drop *d, enum entry_kind kind,
    const unsigned char digest[static HASH_BYTES], struct rd body)
{
	return move_put(d, drop_body_db(kind), digest, body);
}

/* see drop.h */
int
drop_move_keyset(struct drop *d, const unsigned char digest[static HASH_BYTES],
    struct rd note)
{
	return move_put(d, DB_KEYSET, digest, note);
}

/* see drop.h */
int
drop_move_commit(struct drop *d)
{
	int rc = mdb_txn_commit(d->move);

	d->move = NULL;
	return rc != 0 ? drop_err(rc) : drop_count_pages(d);
}

/* see drop.h */
void
drop_move_abort(struct drop *d)
{
	if (d->move != NULL)
		mdb_txn_abort(d->move);
	d->move = NULL;
}
