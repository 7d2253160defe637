/* SPDX-License-Identifier: ISC */
/*
 * drop_said.c - what the office's statements leave in drop/: which are
 * served, how far each role is, and from when on what may be erased.
 *
 *   meta "role NAME"   version 1 | sequence 8 | close 8 | size 8 |
 *                      digest 32 | keyset 32 | terms 2 | each: logged 8 |
 *                      erase 8 | drop 8; SHA-256 of all that
 *   held               close 8 | sequence 8 | digest 32 ->
 *                      flags 1 | length 2 | role | replies' digests
 *
 * Invariant: a term holds the least that its statement and all later ones
 * allow, so terms rise, and the newest old enough is what is in force.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/wr.h"
#include "server/drop_int.h"

#define ROLE_VERSION	1
#define ROLE_FIXED	(1 + 8 + 8 + 8 + HASH_BYTES + HASH_BYTES + 2)
#define ROLE_MAX	(ROLE_FIXED + DROP_TERMS_MAX * 24 + HASH_BYTES)
#define ROLE_KEY_MAX	(5 + NAME_MAX_BYTES)

/* --- a role -------------------------------------------------------------- */

static struct wr
role_key(unsigned char buf[static ROLE_KEY_MAX], const char *role)
{
	struct wr w = wr_from(buf, ROLE_KEY_MAX);

	wr_str(&w, "role ");
	wr_str(&w, role);
	if (!wr_ok(&w))
		abort();		/* a key's name is shorter */
	return w;
}

/* see drop_int.h */
int
drop_role_parse(struct drop_role *r, struct rd in)
{
	unsigned char sum[HASH_BYTES];
	struct rd all = in;
	uint8_t version;
	uint16_t n;
	size_t i;

	/* A bit of it that flips could erase what nobody let go. */
	if (in.n < HASH_BYTES || !rd_take(&all, &in, in.n - HASH_BYTES))
		return ERR_FORMAT;
	sha256(sum, in.p, in.n);
	if (!rd_eq(all, rd_from(sum, sizeof(sum))))
		return ERR_FORMAT;
	if (!rd_u8(&in, &version) || version != ROLE_VERSION ||
	    !rd_u64(&in, &r->sequence) || r->sequence == 0 ||
	    !rd_u64(&in, &r->close) || !rd_u64(&in, &r->size) ||
	    !rd_copy(&in, r->digest, sizeof(r->digest)) ||
	    !rd_copy(&in, r->keyset, sizeof(r->keyset)) ||
	    !rd_u16(&in, &n) || n > DROP_TERMS_MAX)
		return ERR_FORMAT;
	r->nterm = n;
	for (i = 0; i < n; i++)
		if (!rd_u64(&in, &r->term[i].logged) ||
		    !rd_u64(&in, &r->term[i].erase) ||
		    !rd_u64(&in, &r->term[i].drop))
			return ERR_FORMAT;
	return rd_done(&in) ? 0 : ERR_FORMAT;
}

/* see drop_int.h */
int
drop_role_read(struct drop *d, MDB_txn *txn, const char *role,
    struct drop_role *r)
{
	unsigned char buf[ROLE_KEY_MAX];
	struct wr w = role_key(buf, role);
	MDB_val k = drop_val(w.p, w.n), v;
	int rc;

	memset(r, 0, sizeof(*r));
	rc = mdb_get(txn, d->dbi[DB_META], &k, &v);
	if (rc == MDB_NOTFOUND)
		return 0;
	return rc != 0 ? drop_err(rc) : drop_role_parse(r, drop_rd(v));
}

/* see drop_int.h */
int
drop_role_write(struct drop *d, MDB_txn *txn, const char *role,
    const struct drop_role *r)
{
	unsigned char buf[ROLE_KEY_MAX], sum[HASH_BYTES], *bytes;
	struct wr key = role_key(buf, role), w;
	MDB_val k = drop_val(key.p, key.n), v;
	size_t i;
	int rc;

	if ((bytes = malloc(ROLE_MAX)) == NULL)
		return ERR_NOMEM;
	w = wr_from(bytes, ROLE_MAX);
	wr_u8(&w, ROLE_VERSION);
	wr_u64(&w, r->sequence);
	wr_u64(&w, r->close);
	wr_u64(&w, r->size);
	wr_bytes(&w, r->digest, sizeof(r->digest));
	wr_bytes(&w, r->keyset, sizeof(r->keyset));
	wr_u16(&w, (uint16_t)r->nterm);
	for (i = 0; i < r->nterm; i++) {
		wr_u64(&w, r->term[i].logged);
		wr_u64(&w, r->term[i].erase);
		wr_u64(&w, r->term[i].drop);
	}
	sha256(sum, w.p, w.n);
	wr_bytes(&w, sum, sizeof(sum));
	if (!wr_ok(&w))
		abort();
	v = drop_val(w.p, w.n);
	rc = mdb_put(txn, d->dbi[DB_META], &k, &v, 0);
	free(bytes);
	return drop_err(rc);
}

/* see drop.h */
int
drop_role_get(struct drop *d, const char *role, struct drop_role *r)
{
	MDB_txn *txn;
	int rc, e;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	e = drop_role_read(d, txn, role, r);
	mdb_txn_abort(txn);
	return e;
}

/* --- terms --------------------------------------------------------------- */

/* see drop.h */
bool
drop_role_term(const struct drop_role *r, uint64_t close, uint64_t delay,
    uint64_t *erase, uint64_t *drop)
{
	size_t i = r->nterm;

	*erase = *drop = 0;
	while (i > 0 && (close < delay || r->term[i - 1].logged >
	    close - delay))
		i--;
	if (i == 0)
		return false;
	*erase = r->term[i - 1].erase;
	*drop = r->term[i - 1].drop;
	return true;
}

static void
remove_term(struct drop_role *r, size_t at)
{
	r->nterm--;
	memmove(&r->term[at], &r->term[at + 1],
	    (r->nterm - at) * sizeof(r->term[0]));
}

/*
 * What s takes back is taken back from all before it.  Of those that are now
 * the same the first counts; of two in one close, the later.  Where there are
 * too many the oldest goes: that can only erase later.
 */
static void
add_term(struct drop_role *r, uint64_t close, const struct drop_said *s)
{
	size_t i;

	if (r->nterm > 0 && r->term[r->nterm - 1].logged == close)
		r->nterm--;
	for (i = 0; i < r->nterm; i++) {
		if (r->term[i].erase > s->erase)
			r->term[i].erase = s->erase;
		if (r->term[i].drop > s->drop)
			r->term[i].drop = s->drop;
	}
	for (i = r->nterm; i > 1; i--)
		if (r->term[i - 1].erase == r->term[i - 2].erase &&
		    r->term[i - 1].drop == r->term[i - 2].drop)
			remove_term(r, i - 1);
	if (r->nterm > 0 && r->term[r->nterm - 1].erase == s->erase &&
	    r->term[r->nterm - 1].drop == s->drop)
		return;
	if (r->nterm == DROP_TERMS_MAX)
		remove_term(r, 0);
	r->term[r->nterm].logged = close;
	r->term[r->nterm].erase = s->erase;
	r->term[r->nterm++].drop = s->drop;
}

/* --- statements that are served ------------------------------------------ */

static void
held_key(unsigned char out[static HELD_KEY_BYTES], uint64_t close,
    uint64_t sequence, const unsigned char digest[static HASH_BYTES])
{
	struct wr w = wr_from(out, HELD_KEY_BYTES);

	wr_u64(&w, close);
	wr_u64(&w, sequence);
	wr_bytes(&w, digest, HASH_BYTES);
}

/* see drop_int.h */
int
drop_held_parse(struct drop_held *h, struct rd key, struct rd value)
{
	if (!rd_u64(&key, &h->close) || !rd_u64(&key, &h->sequence) ||
	    !rd_take(&key, &h->digest, HASH_BYTES) || !rd_done(&key) ||
	    !rd_u8(&value, &h->flags) || !rd_take16(&value, &h->role) ||
	    value.n % HASH_BYTES != 0)
		return ERR_FORMAT;
	h->replies = value;
	return 0;
}

/* Are all its replies here? */
static int
has_replies(struct drop *d, MDB_txn *txn, const struct drop_said *s,
    bool *all)
{
	MDB_val k, v;
	size_t i;
	int rc;

	*all = true;
	for (i = 0; i < s->n && *all; i++) {
		k = drop_val(s->reply[i], HASH_BYTES);
		rc = mdb_get(txn, d->dbi[DB_REPLY], &k, &v);
		if (rc != 0 && rc != MDB_NOTFOUND)
			return drop_err(rc);
		*all = rc == 0;
	}
	return 0;
}

static int
hold(struct drop *d, MDB_txn *txn, uint64_t close, const struct drop_said *s)
{
	unsigned char key[HELD_KEY_BYTES];
	size_t room = 1 + 2 + NAME_MAX_BYTES + s->n * HASH_BYTES, i;
	unsigned char *bytes = malloc(room);
	struct wr w = wr_from(bytes, room);
	MDB_val k, v;
	bool all;
	int r;

	if (bytes == NULL)
		return ERR_NOMEM;
	held_key(key, close, s->sequence, s->digest);
	if ((r = has_replies(d, txn, s, &all)) != 0)
		goto out;
	wr_u8(&w, all ? 0 : HELD_GONE);
	wr_u16(&w, (uint16_t)strlen(s->role));
	wr_str(&w, s->role);
	for (i = 0; i < s->n; i++)
		wr_bytes(&w, s->reply[i], HASH_BYTES);
	if (!wr_ok(&w))
		abort();
	k = drop_val(key, sizeof(key));
	v = drop_val(w.p, w.n);
	r = drop_err(mdb_put(txn, d->dbi[DB_HELD], &k, &v, MDB_NOOVERWRITE));
out:
	free(bytes);
	return r;
}

/* The newest one so far is that no more: without replies it goes. */
static int
let_go(struct drop *d, MDB_txn *txn, const struct drop_role *r)
{
	unsigned char key[HELD_KEY_BYTES];
	struct drop_held h;
	MDB_val k, v;
	int rc;

	if (r->sequence == 0)
		return 0;
	held_key(key, r->close, r->sequence, r->digest);
	k = drop_val(key, sizeof(key));
	if ((rc = mdb_get(txn, d->dbi[DB_HELD], &k, &v)) != 0)
		return drop_err(rc);
	if (drop_held_parse(&h, drop_rd(k), drop_rd(v)) != 0)
		return ERR_FORMAT;
	if ((h.flags & HELD_GONE) == 0)
		return 0;
	return drop_err(mdb_del(txn, d->dbi[DB_HELD], &k, NULL));
}

/* see drop_int.h */
int
drop_said_put(struct drop *d, MDB_txn *txn, uint64_t close,
    const struct drop_said *s)
{
	struct drop_role *r = malloc(sizeof(*r));
	int e;

	if (r == NULL)
		return ERR_NOMEM;
	if ((e = drop_role_read(d, txn, s->role, r)) != 0)
		goto out;
	if (s->sequence <= r->sequence) {
		e = ERR_ORDER;
		goto out;
	}
	if ((e = let_go(d, txn, r)) != 0 ||
	    (e = hold(d, txn, close, s)) != 0)
		goto out;
	add_term(r, close, s);
	r->sequence = s->sequence;
	r->close = close;
	r->size = s->size;
	memcpy(r->digest, s->digest, HASH_BYTES);
	memcpy(r->keyset, s->keyset, HASH_BYTES);
	e = drop_role_write(d, txn, s->role, r);
out:
	free(r);
	return e;
}

/* --- keysets ------------------------------------------------------------- */

/* Does a role's newest statement name it? */
static int
is_named(struct drop *d, MDB_txn *txn, struct rd digest, bool *named)
{
	struct drop_role *r = malloc(sizeof(*r));
	MDB_cursor *c = NULL;
	MDB_val k, v;
	struct rd name;
	int rc;

	*named = false;
	if (r == NULL)
		return ERR_NOMEM;
	if ((rc = mdb_cursor_open(txn, d->dbi[DB_META], &c)) != 0)
		goto out;
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); rc == 0 && !*named;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		name = drop_rd(k);
		if (!rd_lit(&name, "role "))
			continue;
		if (drop_role_parse(r, drop_rd(v)) != 0) {
			rc = MDB_INVALID;
			break;
		}
		*named = rd_eq(digest, rd_from(r->keyset, HASH_BYTES));
	}
	mdb_cursor_close(c);
out:
	free(r);
	return rc == MDB_NOTFOUND ? 0 : drop_err(rc);
}

/* see drop_int.h */
int
drop_sweep_keysets(struct drop *d, MDB_txn *txn)
{
	MDB_cursor *c = NULL;
	MDB_val k, v;
	bool named;
	int rc, r = 0;

	if ((rc = mdb_cursor_open(txn, d->dbi[DB_KEYSET], &c)) != 0)
		return drop_err(rc);
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); rc == 0 && r == 0;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT))
		if ((r = is_named(d, txn, drop_rd(k), &named)) == 0 && !named)
			r = drop_err(mdb_cursor_del(c, 0));
	mdb_cursor_close(c);
	return r != 0 ? r : rc == MDB_NOTFOUND ? 0 : drop_err(rc);
}

/* see drop.h */
int
drop_keyset(struct drop *d, const unsigned char digest[static HASH_BYTES],
    unsigned char **note, size_t *n)
{
	MDB_val k = drop_val(digest, HASH_BYTES), v;
	MDB_txn *txn;
	int rc, r;

	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	if ((r = drop_err(mdb_get(txn, d->dbi[DB_KEYSET], &k, &v))) == 0) {
		if ((*note = malloc(v.mv_size)) == NULL)
			r = ERR_NOMEM;
		else
			memcpy(*note, v.mv_data, *n = v.mv_size);
	}
	mdb_txn_abort(txn);
	return r;
}
