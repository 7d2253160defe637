/* SPDX-License-Identifier: ISC */
/*
 * ownstmt.c - the log's statements, seen from the desk of one role.
 *
 * Invariant: a statement of ours is marked as logged only where the log has
 * the very bytes that were exported; what else our key has signed stops every
 * export.
 */
#include <stdlib.h>
#include <string.h>

#include "client/desk/answer.h"
#include "client/desk/intake.h"
#include "client/desk/ownstmt.h"
#include "crypto/statement.h"

#define MIDDLE	"/statement/"

/* --- what it is -------------------------------------------------------- */

/* Does the first line claim to be of our role?  k's name is office/role. */
static bool
claims_us(struct rd body, const struct vkey *k)
{
	char line[NAME_MAX_BYTES + sizeof(MIDDLE)];
	struct wr w = wr_from(line, sizeof(line));
	struct rd office, role, first;

	if (!vkey_role(k, &office, &role) || !rd_line(&body, &first))
		return false;
	wr_rdr(&w, office);
	wr_str(&w, MIDDLE);
	wr_rdr(&w, role);
	return wr_ok(&w) && rd_eq(first, wr_rd(&w));
}

/* see ownstmt.h */
int
ownstmt_read(struct ownstmt *o, struct rd body, const struct vkey *k)
{
	struct statement *s;
	int r;

	memset(o, 0, sizeof(*o));
	if ((s = malloc(sizeof(*s))) == NULL)
		return ERR_NOMEM;
	r = statement_open(s, body, k);
	o->is = OWNSTMT_WRONG;
	if (r == ERR_NOMATCH && !claims_us(body, k))
		o->is = OWNSTMT_OTHER;
	if (r == 0) {
		o->is = OWNSTMT_OURS;
		o->sequence = s->sequence;
		o->size = s->size;
		o->erase = s->erase;
		o->drop = s->drop;
		o->nreplies = (uint16_t)s->nreplies;
		memcpy(o->sha256, s->sha256, sizeof(o->sha256));
		memcpy(o->keyset, s->keyset, sizeof(o->keyset));
		memcpy(o->desklog, s->desklog, sizeof(o->desklog));
	}
	free(s);
	return 0;
}

/* --- ours in the log --------------------------------------------------- */

/* What the server has now is not carried any more. */
static int
let_go(struct deskdb *db, struct stmt *s)
{
	int r;

	if ((r = outstore_del_blob(db, OUTBLOB_REPLIES, s->sequence,
	    (size_t)s->nreplies * REPLY_BYTES)) != 0 ||
	    (r = outstore_del_blob(db, OUTBLOB_KEYSET, s->sequence,
	    s->keyset_bytes)) != 0)
		return r;
	s->keyset_bytes = 0;
	return 0;
}

/* Two of one epoch may stand in the log in either order. */
static int
move_logged(struct deskdb *db, struct outstate *os)
{
	struct stmt s;
	int r;

	while (os->logged < os->sequence) {
		if ((r = outstore_get_stmt(db, os->logged + 1, &s)) != 0)
			return r;
		if (s.state != STMT_LOGGED)
			break;
		os->logged++;
	}
	return 0;
}

static int
take_ours(struct deskdb *db, struct outstate *os, struct stmt *s,
    uint64_t leaf, uint64_t close)
{
	int r;

	if (s->state == STMT_LOGGED)
		return 0;		/* a second leaf of it */
	if ((r = let_go(db, s)) != 0)
		return r;
	s->state = STMT_LOGGED;
	s->leaf = leaf;
	s->close = close;
	os->since.own++;
	if ((r = outstore_put_stmt(db, s)) != 0)
		return r;
	return move_logged(db, os);
}

static int
take_foreign(struct deskdb *db, struct outstate *os, const struct ownstmt *o,
    uint64_t leaf, uint64_t close)
{
	struct stmt s;

	memset(&s, 0, sizeof(s));
	s.state = STMT_FOREIGN;
	s.sequence = o->sequence;
	s.size = o->size;
	s.erase = o->erase;
	s.drop = o->drop;
	s.nreplies = o->nreplies;
	s.leaf = leaf;
	s.close = close;
	memcpy(s.sha256, o->sha256, sizeof(s.sha256));
	memcpy(s.keyset, o->keyset, sizeof(s.keyset));
	memcpy(s.desklog, o->desklog, sizeof(s.desklog));
	if (o->sequence > os->foreign)
		os->foreign = o->sequence;
	return outstore_put_foreign(db, &s);
}

/* Signed by our key: made here, or not? */
static int
take_signed(struct deskdb *db, struct outstate *os, const struct ownstmt *o,
    uint64_t leaf, uint64_t close)
{
	struct stmt s;
	int r;

	r = outstore_get_stmt(db, o->sequence, &s);
	if (r == 0 && memcmp(s.sha256, o->sha256, HASH_BYTES) == 0)
		return take_ours(db, os, &s, leaf, close);
	if (r != 0 && r != ERR_NOTFOUND)
		return r;
	return take_foreign(db, os, o, leaf, close);
}

/* see ownstmt.h */
int
ownstmt_take(struct deskdb *db, struct state *st, const struct bodies *b,
    uint64_t leaf, const struct entry *e, struct rd body,
    const struct vkey *k)
{
	struct outstate os;
	struct ownstmt o;
	bool lack;
	int r;

	if ((r = ownstmt_read(&o, body, k)) != 0 ||
	    (r = bodies_lack_replies(b, leaf, body, k, &lack)) != 0 ||
	    (lack && (r = problem_note(db, st, WHY_REPLIES,
	    e->digest)) != 0) ||
	    (r = outstore_get_state(db, &os)) != 0)
		return r;
	switch (o.is) {
	case OWNSTMT_OTHER:
		os.since.others++;
		break;
	case OWNSTMT_WRONG:
		r = problem_note(db, st, WHY_STATEMENT, e->digest);
		break;
	case OWNSTMT_OURS:
		r = take_signed(db, &os, &o, leaf, e->close);
		break;
	}
	return r != 0 ? r : outstore_put_state(db, &os);
}

/* --- a desk that was restored ------------------------------------------ */

/* Answers that no statement of the log carries go out again. */
static int
queue_anew(struct deskdb *db, struct outstate *os)
{
	struct answer a;
	struct stmt s;
	uint64_t no = 0;
	int r;

	os->settled = 0;
	while ((r = answer_seek(db, os, ANSWER_STATED, &no, &a)) == 0) {
		if ((r = outstore_get_stmt(db, a.sequence, &s)) != 0)
			return r;
		if (s.state != STMT_MADE)
			continue;
		a.state = ANSWER_QUEUED;
		a.sequence = 0;
		a.parts = 0;
		if ((r = outstore_put_answer(db, no, &a)) != 0)
			return r;
	}
	return r == ERR_NOTFOUND ? answer_settle(db, os) : r;
}

/* Statements of ours that the log will never take. */
static int
forget_made(struct deskdb *db, const struct outstate *os)
{
	struct stmt s;
	uint64_t n;
	int r;

	for (n = os->logged + 1; n <= os->sequence; n++) {
		if ((r = outstore_get_stmt(db, n, &s)) != 0)
			return r;
		if (s.state != STMT_MADE)
			continue;
		if ((r = let_go(db, &s)) != 0 ||
		    (r = outstore_del_stmt(db, n)) != 0)
			return r;
	}
	return 0;
}

/* see ownstmt.h */
int
ownstmt_adopt(struct deskdb *db, struct stmt *newest)
{
	struct outstate os;
	int r;

	if ((r = outstore_get_state(db, &os)) != 0)
		return r;
	if (os.foreign == 0)
		return ERR_NOTFOUND;
	/* Another with a number that the log had from us: no backup does it. */
	if (os.foreign <= os.logged)
		return ERR_ORDER;
	if ((r = outstore_get_foreign(db, os.foreign, newest)) != 0 ||
	    (r = queue_anew(db, &os)) != 0 ||
	    (r = forget_made(db, &os)) != 0 ||
	    (r = outstore_put_stmt(db, newest)) != 0)
		return r;
	os.sequence = os.logged = newest->sequence;
	os.foreign = 0;
	return outstore_put_state(db, &os);
}
