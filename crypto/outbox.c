/* SPDX-License-Identifier: ISC */
/*
 * outbox.c - statements with what they name: what the courier posts, and what
 * everybody fetches.
 *
 * Nothing here is believed: lengths and numbers are only what cuts the bytes.
 * Limits come first, what is refused is not taken, and no byte is left over.
 */
#include "crypto/statement.h"

/* A length, then that many bytes, 1 to max. */
static int
take_note(struct rd *all, struct rd *note, size_t max)
{
	struct rd rest = *all;
	uint32_t n;

	if (!rd_u32(&rest, &n) || n == 0)
		return ERR_FORMAT;
	if (n > max)
		return ERR_LIMIT;
	if (!rd_take(&rest, note, n))
		return ERR_FORMAT;
	*all = rest;
	return 0;
}

/* --- GET /replies ------------------------------------------------------ */

/* One statement, its flag aside; nothing is taken on error. */
static int
take_statement(struct rd *all, struct rd *note, bool *dropped)
{
	struct rd rest = *all;
	uint32_t n;

	if (!rd_u32(&rest, &n))
		return ERR_FORMAT;
	*dropped = (n & REPLIES_DROPPED) != 0;
	n &= ~REPLIES_DROPPED;
	if (n > STATEMENT_MAX_BYTES)
		return ERR_LIMIT;
	if (n == 0 || !rd_take(&rest, note, n))
		return ERR_FORMAT;
	*all = rest;
	return 0;
}

/* see statement.h */
int
replies_parse(struct replies_view *v, struct rd bytes)
{
	struct rd all = bytes, first, note;
	size_t n, replies = 0;
	bool dropped;
	uint32_t i;
	int r;

	*v = (struct replies_view){ .statements = rd_from(NULL, 0),
	    .replies = rd_from(NULL, 0) };
	if (bytes.n == 0)
		return 0;
	if (!rd_u32(&all, &v->count) || v->count == 0)
		return ERR_FORMAT;
	if (v->count > REPLIES_STATEMENTS_MAX)
		return ERR_LIMIT;
	first = all;
	for (i = 0; i < v->count; i++) {
		if ((r = take_statement(&all, &note, &dropped)) != 0 ||
		    (r = statement_replies(&n, note)) != 0)
			return r;
		replies += dropped ? 0 : n;
	}
	if (all.n % REPLY_BYTES != 0 || all.n / REPLY_BYTES != replies)
		return ERR_FORMAT;
	v->replies = all;
	v->statements = rd_from(first.p, first.n - all.n);
	return 0;
}

/* see statement.h */
int
replies_next(struct replies_view *v, struct rd *note, bool *dropped)
{
	int r;

	if (v->at == v->count)
		return ERR_NOTFOUND;
	if ((r = take_statement(&v->statements, note, dropped)) == 0)
		v->at++;
	return r;
}

/* see statement.h */
void
replies_write_count(struct wr *w, uint32_t count)
{
	wr_u32(w, count);
}

/* see statement.h */
void
replies_write_note(struct wr *w, struct rd note, bool dropped)
{
	if (note.n == 0 || note.n > STATEMENT_MAX_BYTES)
		w->over = true;
	wr_u32(w, (uint32_t)note.n | (dropped ? REPLIES_DROPPED : 0));
	wr_rdr(w, note);
}

/* --- POST /outbox ------------------------------------------------------ */

/* Length 0 says: unchanged. */
static int
take_keyset(struct rd *all, struct rd *keyset)
{
	struct rd rest = *all;
	uint32_t n;

	if (rd_u32(&rest, &n) && n == 0) {
		*keyset = rd_from(rest.p, 0);
		*all = rest;
		return 0;
	}
	return take_note(all, keyset, NOTE_MAX_BYTES);
}

/* see statement.h */
int
outbox_next(struct rd *all, struct outbox_record *o)
{
	struct outbox_record got;
	struct rd rest = *all;
	int r;

	if ((r = take_note(&rest, &got.statement, STATEMENT_MAX_BYTES)) != 0 ||
	    (r = take_keyset(&rest, &got.keyset)) != 0 ||
	    (r = statement_replies(&got.nreplies, got.statement)) != 0)
		return r;
	if (!rd_take(&rest, &got.replies, got.nreplies * REPLY_BYTES))
		return ERR_FORMAT;
	if (all->n - rest.n > OUTBOX_BYTES_MAX)
		return ERR_LIMIT;
	got.whole = rd_from(all->p, all->n - rest.n);
	*o = got;
	*all = rest;
	return 0;
}

/* see statement.h */
void
outbox_write(struct wr *w, struct rd statement, struct rd keyset)
{
	if (statement.n == 0 || statement.n > STATEMENT_MAX_BYTES ||
	    keyset.n > NOTE_MAX_BYTES)
		w->over = true;
	wr_u32(w, (uint32_t)statement.n);
	wr_rdr(w, statement);
	wr_u32(w, (uint32_t)keyset.n);
	wr_rdr(w, keyset);
}
