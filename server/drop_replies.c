/* SPDX-License-Identifier: ISC */
/*
 * drop_replies.c - what GET /replies serves: every statement that is held and
 * every reply that it names; see crypto/statement.h.
 *
 * They stand by close, then sequence: a role's always rise.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/wr.h"
#include "server/drop_int.h"

struct gather {
	struct drop *d;
	MDB_txn *txn;
	size_t bytes;			/* of notes and replies */
	uint32_t count;
	struct wr w;
};

typedef int each_held(struct gather *g, const struct drop_held *h);

static int
walk(struct gather *g, each_held *each)
{
	struct drop_held h;
	MDB_cursor *c = NULL;
	MDB_val k, v;
	int rc, r = 0;

	if ((rc = mdb_cursor_open(g->txn, g->d->dbi[DB_HELD], &c)) != 0)
		return drop_err(rc);
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); rc == 0 && r == 0;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT))
		if ((r = drop_held_parse(&h, drop_rd(k), drop_rd(v))) == 0)
			r = each(g, &h);
	mdb_cursor_close(c);
	return r != 0 ? r : rc == MDB_NOTFOUND ? 0 : drop_err(rc);
}

static int
body_of(struct gather *g, enum drop_db db, struct rd digest, struct rd *body)
{
	MDB_val k = drop_val(digest.p, digest.n), v;
	int rc = mdb_get(g->txn, g->d->dbi[db], &k, &v);

	if (rc == 0)
		*body = drop_rd(v);
	return rc == MDB_NOTFOUND ? ERR_CHANGED : drop_err(rc);
}

static int
measure(struct gather *g, const struct drop_held *h)
{
	struct rd note;
	int r;

	if ((r = body_of(g, DB_STATEMENT, h->digest, &note)) != 0)
		return r;
	g->count++;
	g->bytes += 4 + note.n;
	if ((h->flags & HELD_GONE) == 0)
		g->bytes += h->replies.n / HASH_BYTES * REPLY_BYTES;
	return 0;
}

static int
put_note(struct gather *g, const struct drop_held *h)
{
	struct rd note;
	int r;

	if ((r = body_of(g, DB_STATEMENT, h->digest, &note)) == 0)
		replies_write_note(&g->w, note, (h->flags & HELD_GONE) != 0);
	return r;
}

static int
put_replies(struct gather *g, const struct drop_held *h)
{
	struct rd all = h->replies, digest, reply;
	int r;

	if ((h->flags & HELD_GONE) != 0)
		return 0;
	while (rd_take(&all, &digest, HASH_BYTES)) {
		if ((r = body_of(g, DB_REPLY, digest, &reply)) != 0)
			return r;
		wr_rdr(&g->w, reply);
	}
	return 0;
}

static int
gather(struct gather *g, unsigned char **out, size_t *n)
{
	int r;

	*out = NULL;
	*n = 0;
	if ((r = walk(g, measure)) != 0 || g->count == 0)
		return r;
	*n = 4 + g->bytes;
	if ((*out = malloc(*n)) == NULL)
		return ERR_NOMEM;
	g->w = wr_from(*out, *n);
	replies_write_count(&g->w, g->count);
	if ((r = walk(g, put_note)) == 0 && (r = walk(g, put_replies)) == 0 &&
	    (!wr_ok(&g->w) || g->w.n != *n))
		r = ERR_CHANGED;
	if (r == 0)
		return 0;
	free(*out);
	*out = NULL;
	return r;
}

/* see drop.h */
int
drop_replies(struct drop *d, unsigned char **out, size_t *n)
{
	struct gather g = { .d = d };
	int rc, r;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &g.txn)) != 0)
		return drop_err(rc);
	r = gather(&g, out, n);
	mdb_txn_abort(g.txn);
	return r;
}

/* see drop.h */
uint64_t
drop_said_version(const struct drop *d)
{
	return d->version;
}

/* see drop.h */
uint64_t
drop_count_replies(const struct drop *d)
{
	return d->head.replies;
}

/* see drop.h */
int
drop_count_held(struct drop *d, uint64_t *n)
{
	MDB_txn *txn;
	MDB_stat st;
	int rc;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	if ((rc = mdb_stat(txn, d->dbi[DB_HELD], &st)) == 0)
		*n = st.ms_entries;
	mdb_txn_abort(txn);
	return drop_err(rc);
}
