/* SPDX-License-Identifier: ISC */
/*
 * drop_append.c - the one transaction that makes the log longer.
 *
 * Refuses a close that is not after the last one, entries out of order or
 * logged before, and an entry without its body.  Invariant: a checkpoint is
 * signed only over a root that was recomputed from what was read back.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/wr.h"
#include "server/drop_int.h"

/* The tiles at the right edge while they grow. */
struct edge {
	uint64_t index;			/* of this level's tile */
	unsigned n;			/* hashes in it */
	bool changed;
	unsigned char h[TILE_BYTES];
};

struct append {
	struct drop *d;
	const struct logkey *k;
	bool again;			/* bodies may be missing */
	const struct drop_said *said;
	size_t nsaid;
	MDB_txn *txn;
	struct drop_head head;		/* what will be */
	struct edge edge[TILE_LEVEL_MAX + 1];
};

static int
load_edges(struct append *a)
{
	struct rd hashes;
	uint64_t at = a->head.tree.size;
	int level, r;

	for (level = 0; level <= TILE_LEVEL_MAX; level++, at >>= 8) {
		struct edge *e = &a->edge[level];

		e->index = at / TILE_WIDTH;
		e->n = (unsigned)(at % TILE_WIDTH);
		e->changed = false;
		if (e->n == 0)
			continue;
		if ((r = drop_tile_get(a->d, a->txn, level, e->index, e->n,
		    &hashes)) != 0)
			return r == ERR_NOTFOUND ? ERR_AUTH : r;
		memcpy(e->h, hashes.p, hashes.n);
	}
	return 0;
}

static int
store_edge(struct append *a, int level)
{
	struct edge *e = &a->edge[level];

	e->changed = false;
	return drop_tile_put(a->d, a->txn, level, e->index,
	    rd_from(e->h, e->n * (size_t)HASH_BYTES));
}

/* One more hash at level 0; a full tile is stored and hashed upward. */
static int
grow(struct append *a, const unsigned char leaf[static HASH_BYTES])
{
	unsigned char hash[HASH_BYTES];
	int level, r;

	memcpy(hash, leaf, sizeof(hash));
	for (level = 0; level <= TILE_LEVEL_MAX; level++) {
		struct edge *e = &a->edge[level];

		memcpy(e->h + e->n * (size_t)HASH_BYTES, hash, HASH_BYTES);
		e->n++;
		e->changed = true;
		if (e->n < TILE_WIDTH)
			return 0;
		if ((r = store_edge(a, level)) != 0)
			return r;
		drop_fold(a->d, hash, e->h, TILE_WIDTH);
		e->index++;
		e->n = 0;
	}
	return ERR_LIMIT;
}

static int
compare(const struct entry *x, const struct entry *y)
{
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return memcmp(x->digest, y->digest, HASH_BYTES);
}

/* Is its body here?  Where it must be: ERR_NOTFOUND. */
static int
find_body(struct append *a, const struct entry *e)
{
	MDB_val digest = drop_val(e->digest, HASH_BYTES), v;
	int r = drop_err(mdb_get(a->txn, a->d->dbi[drop_body_db(e->kind)],
	    &digest, &v));

	if (r == 0) {
		a->head.bodies += e->kind == ENTRY_PARCEL;
		a->head.replies += e->kind == ENTRY_REPLY;
		a->head.statements += e->kind == ENTRY_STATEMENT;
	}
	return r == ERR_NOTFOUND && a->again ? 0 : r;
}

/* entry and where, for one entry. */
static int
put_entry(struct append *a, const struct entry *e,
    const unsigned char bytes[static ENTRY_BYTES])
{
	unsigned char index[8];
	struct wr w = wr_from(index, sizeof(index));
	MDB_val digest = drop_val(e->digest, HASH_BYTES);
	MDB_val i = drop_val(index, sizeof(index));
	MDB_val b = drop_val(bytes, ENTRY_BYTES);
	struct drop *d = a->d;
	int rc, r;

	wr_u64(&w, a->head.tree.size);
	if ((r = find_body(a, e)) != 0)
		return r;
	if ((rc = mdb_put(a->txn, d->dbi[DB_WHERE], &digest, &i,
	    MDB_NOOVERWRITE)) != 0)
		return drop_err(rc);
	return drop_err(mdb_put(a->txn, d->dbi[DB_ENTRY], &i, &b, MDB_APPEND));
}

static int
append_all(struct append *a, const struct entry *e, size_t n)
{
	unsigned char bytes[ENTRY_BYTES], leaf[HASH_BYTES];
	struct drop *d = a->d;
	size_t i;
	int level, r;

	for (i = 0; i < n; i++) {
		if (e[i].close != a->head.close ||
		    (i > 0 && compare(&e[i - 1], &e[i]) >= 0))
			return ERR_ORDER;
		entry_write(bytes, &e[i]);
		if ((r = put_entry(a, &e[i], bytes)) != 0)
			return r;
		tree_leaf(d->sha, leaf, rd_from(bytes, sizeof(bytes)));
		if ((r = tree_append(&a->head.tree, d->sha, leaf)) != 0 ||
		    (r = grow(a, leaf)) != 0)
			return r;
	}
	for (level = 0; level <= TILE_LEVEL_MAX; level++)
		if (a->edge[level].changed && a->edge[level].n > 0 &&
		    (r = store_edge(a, level)) != 0)
			return r;
	return 0;
}

/* see drop_int.h */
int
drop_sign_head(struct drop *d, struct drop_head *h, const struct logkey *k)
{
	unsigned char text[DROP_CHECKPOINT_MAX], root[HASH_BYTES];
	struct wr t = wr_from(text, sizeof(text));
	struct wr w = wr_from(h->checkpoint, sizeof(h->checkpoint));
	int r;

	tree_root(&h->tree, d->sha, root);
	checkpoint_write(&t, rd_str(k->vk.name), h->tree.size, root);
	if (!wr_ok(&t))
		return ERR_LIMIT;
	if ((r = note_sign(&w, wr_rd(&t), &k->vk, k->sk)) == 0)
		h->ncheckpoint = w.n;
	return r;
}

/* Is the tree that was signed last a beginning of what will be? */
static int
continues(struct append *a)
{
	unsigned char root[HASH_BYTES];
	struct checkpoint c;
	struct note note;
	int r;

	tree_root(&a->head.tree, a->d->sha, root);
	if ((r = drop_head_checkpoint(&c, &note, &a->d->head,
	    &a->k->vk)) != 0)
		return r;
	return drop_extends(a->d, a->txn, c.size, c.root, a->head.tree.size,
	    root);
}

static int
put_said(struct append *a)
{
	size_t i;
	int r = 0;

	for (i = 0; i < a->nsaid && r == 0; i++)
		r = drop_said_put(a->d, a->txn, a->head.close, &a->said[i]);
	/* In a restore all keysets stand here before they are named. */
	if (r == 0 && a->nsaid > 0 && !a->again)
		r = drop_sweep_keysets(a->d, a->txn);
	return r;
}

/* All of the transaction but its end. */
static int
append_txn(struct append *a, const struct entry *e, size_t n)
{
	struct drop *d = a->d;
	int r;

	if ((r = load_edges(a)) != 0 || (r = append_all(a, e, n)) != 0 ||
	    (r = put_said(a)) != 0 ||
	    (r = drop_read_back(d, a->txn, d->head.tree.size,
	    &a->head.tree)) != 0 || (r = continues(a)) != 0 ||
	    (r = drop_sign_head(d, &a->head, a->k)) != 0)
		return r;
	return drop_write_head(d, a->txn, &a->head);
}

static int
append(struct append *a, struct drop *d, uint64_t close,
    const struct entry *e, size_t n)
{
	int r;

	if (close <= d->head.close)
		return ERR_ORDER;
	a->d = d;
	a->head = d->head;
	a->head.close = close;
	if ((r = drop_err(mdb_txn_begin(d->env, NULL, 0, &a->txn))) != 0)
		return r;
	if ((r = append_txn(a, e, n)) != 0) {
		mdb_txn_abort(a->txn);
		return r;
	}
	if ((r = drop_err(mdb_txn_commit(a->txn))) != 0)
		return r;
	d->head = a->head;
	d->version += a->nsaid > 0;
	return drop_count_pages(d);
}

/* see drop.h */
int
drop_append_said(struct drop *d, uint64_t close, const struct entry *e,
    size_t n, const struct drop_said *said, size_t nsaid,
    const struct logkey *k)
{
	struct append *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL)
		return ERR_NOMEM;
	a->k = k;
	a->said = said;
	a->nsaid = nsaid;
	r = append(a, d, close, e, n);
	free(a);
	return r;
}

/* see drop.h */
int
drop_append(struct drop *d, uint64_t close, const struct entry *e, size_t n,
    const struct logkey *k)
{
	return drop_append_said(d, close, e, n, NULL, 0, k);
}

/* see drop.h */
int
drop_append_again(struct drop *d, uint64_t close, const struct entry *e,
    size_t n, const struct drop_said *said, size_t nsaid,
    const struct logkey *k)
{
	struct append *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL)
		return ERR_NOMEM;
	a->k = k;
	a->said = said;
	a->nsaid = nsaid;
	a->again = true;
	r = append(a, d, close, e, n);
	free(a);
	return r;
}
