/* SPDX-License-Identifier: ISC */
/*
 * statements.c - what the desk says at an export.
 *
 * Invariant: a statement is in the store, whole, before a byte of it is in
 * any file; so no sequence is ever said in two ways, whenever the program
 * ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/say.h"
#include "client/desk/answer.h"
#include "client/desk/desklog.h"
#include "client/desk/erase.h"
#include "client/desk/keylife.h"
#include "client/desk/sealing.h"
#include "client/desk/statements.h"
#include "crypto/statement.h"

struct maker {
	struct desk *d;
	struct answer_voice voice;
	struct sha256 *h;
	struct trust trust;
	struct tree tree;
	struct outstate os;
	struct stmt last;		/* the one before; sequence 0: none */
	struct statement s;		/* the one that is made */
	struct published keyset;
	bool changed;			/* the keyset */
	bool more;			/* answers for yet another */
	struct sealing *sealing;
	uint64_t answers;		/* in this one */
	unsigned char text[STATEMENT_MAX_BYTES], note[STATEMENT_MAX_BYTES];
};

static int
store_failed(int r)
{
	if (r == ERR_FULL)
		return fail(EXIT_CANTCREATE, "the disk is full; make room "
		    "and export again");
	if (r == ERR_IO)
		return fail(EXIT_SYSTEM, "the case store: %s",
		    strerror(errno));
	return fail(exit_for(r), "the case store: %s", err_str(r));
}

/* --- may it speak? ----------------------------------------------------- */

static int
load(struct maker *m)
{
	struct deskdb *db = m->d->db;
	int r;

	memset(&m->last, 0, sizeof(m->last));
	if ((r = store_get_trust(db, &m->trust)) != 0 ||
	    (r = store_get_tree(db, &m->tree)) != 0 ||
	    (r = outstore_get_state(db, &m->os)) != 0)
		return r;
	if (m->os.sequence > 0)
		r = outstore_get_stmt(db, m->os.sequence, &m->last);
	return r;
}

static int
may_speak(const struct maker *m)
{
	if (!m->trust.has_log)
		return fail(EXIT_CONFIG, "this desk trusts no log yet: "
		    "ecrdesk trust -l LOG.vkey");
	if (m->tree.size == 0)
		return fail(EXIT_CONFIG, "nothing was imported yet, and a "
		    "statement says how far this desk has read the log: "
		    "ecrdesk import MIRROR");
	if (m->os.foreign > 0)
		return fail(EXIT_CONFIG, "the log holds statement %llu of "
		    "this role, and this desk did not make it. Was the desk "
		    "restored from an older backup? Then go on with: ecrdesk "
		    "recover. If not, somebody else has its signing key: "
		    "nothing is exported, and the operator and the auditors "
		    "must know", (unsigned long long)m->os.foreign);
	return 0;
}

/* --- the answers that it carries --------------------------------------- */

static int
add_answer(struct maker *m, uint64_t no, struct answer *a)
{
	struct answer_note n;
	int r;

	if ((r = answer_load(m->d->db, no, a, &n)) == 0)
		r = sealing_add(m->sealing, &n, &a->parts);
	answer_note_wipe(&n);
	if (r != 0)
		return r;
	a->state = ANSWER_STATED;
	a->sequence = m->s.sequence;
	m->answers++;
	return outstore_put_answer(m->d->db, no, a);
}

static int
add_answers(struct maker *m)
{
	struct answer a;
	uint64_t no = 0;
	int r;

	m->more = false;
	m->answers = 0;
	while ((r = answer_seek(m->d->db, &m->os, ANSWER_QUEUED, &no,
	    &a)) == 0) {
		if ((r = add_answer(m, no, &a)) == ERR_FULL) {
			m->more = true;
			return 0;
		}
		if (r != 0)
			return r;
	}
	return r == ERR_NOTFOUND ? 0 : r;
}

/* --- what it says ------------------------------------------------------ */

static int
fill_in(struct maker *m)
{
	struct statement *s = &m->s;

	memset(s, 0, sizeof(*s));
	memcpy(s->office, m->d->head.office, sizeof(s->office));
	memcpy(s->role, m->d->head.role, sizeof(s->role));
	memcpy(s->origin, m->trust.log.name, sizeof(s->origin));
	s->sequence = m->os.sequence + 1;
	s->size = m->tree.size;
	tree_root(&m->tree, m->h, s->root);
	memcpy(s->keyset, m->keyset.sha256, sizeof(s->keyset));
	return erase_plan(m->d->db, &s->erase, &s->drop);
}

/* Would it say anything that the last one did not? */
static bool
is_new(const struct maker *m)
{
	return m->os.sequence == 0 || m->answers > 0 || m->changed ||
	    m->s.size != m->last.size || m->s.erase != m->last.erase ||
	    m->s.drop != m->last.drop;
}

static int
name_replies(struct maker *m)
{
	size_t i;
	int r;

	if ((r = sealing_finish(m->sealing, &m->s.nreplies)) != 0)
		return r;
	for (i = 0; i < m->s.nreplies; i++) {
		const unsigned char *reply = sealing_reply(m->sealing, i);

		sha256(m->s.reply[i], reply, REPLY_BYTES);
		if ((r = outstore_put_piece(m->d->db, OUTBLOB_REPLIES,
		    m->s.sequence, i, rd_from(reply, REPLY_BYTES))) != 0)
			return r;
	}
	return 0;
}

/* The act, and the commitment to all acts so far. */
static int
commit_acts(struct maker *m)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	int r;

	deskact_put_number(&w, m->s.sequence);
	deskact_put_number(&w, m->s.size);
	deskact_put_number(&w, m->s.erase);
	deskact_put_number(&w, m->s.drop);
	wr_bytes(&w, m->s.keyset, sizeof(m->s.keyset));
	deskact_put_number(&w, m->s.nreplies);
	if ((r = desklog_add(m->d->db, DESKACT_EXPORT, wr_rd(&w))) != 0)
		return r;
	return desklog_commit(m->d->db, &m->voice.key, m->voice.sk,
	    m->s.desklog);
}

/* --- on the record ----------------------------------------------------- */

/* The signed note, opened as its readers will open it. */
static int
sign(struct maker *m, struct wr *note)
{
	struct wr text = wr_from(m->text, sizeof(m->text));
	struct statement *again;
	int r;

	statement_write(&text, &m->s);
	if (!wr_ok(&text))
		return ERR_LIMIT;
	if ((again = malloc(sizeof(*again))) == NULL)
		return ERR_NOMEM;
	*note = wr_from(m->note, sizeof(m->note));
	if ((r = note_sign(note, wr_rd(&text), &m->voice.key,
	    m->voice.sk)) == 0 &&
	    (r = statement_open(again, wr_rd(note), &m->voice.key)) == 0)
		memcpy(m->s.sha256, again->sha256, HASH_BYTES);
	free(again);
	return r;
}

static int
put_stmt(struct maker *m, struct rd note)
{
	struct stmt s;
	int r;

	memset(&s, 0, sizeof(s));
	s.state = STMT_MADE;
	s.sequence = m->s.sequence;
	s.size = m->s.size;
	s.erase = m->s.erase;
	s.drop = m->s.drop;
	s.nreplies = (uint16_t)m->s.nreplies;
	s.note_bytes = (uint32_t)note.n;
	if (m->changed || m->os.sequence == 0 ||
	    m->last.state == STMT_FOREIGN)
		s.keyset_bytes = (uint32_t)m->keyset.n;
	memcpy(s.sha256, m->s.sha256, sizeof(s.sha256));
	memcpy(s.keyset, m->s.keyset, sizeof(s.keyset));
	memcpy(s.desklog, m->s.desklog, sizeof(s.desklog));
	if ((r = outstore_put_blob(m->d->db, OUTBLOB_STATEMENT, s.sequence,
	    note)) != 0 ||
	    (r = outstore_put_blob(m->d->db, OUTBLOB_KEYSET, s.sequence,
	    rd_from(m->keyset.note, s.keyset_bytes))) != 0 ||
	    (r = outstore_put_stmt(m->d->db, &s)) != 0)
		return r;
	m->os.sequence = s.sequence;
	if ((r = answer_settle(m->d->db, &m->os)) != 0)
		return r;
	return outstore_put_state(m->d->db, &m->os);
}

/* Inside the transaction, after all that it says is known. */
static int
put_all(struct maker *m)
{
	struct wr note;
	int r;

	if ((r = name_replies(m)) != 0 || (r = commit_acts(m)) != 0 ||
	    (r = sign(m, &note)) != 0)
		return r;
	return put_stmt(m, wr_rd(&note));
}

/* One statement, if there is anything new; exit code. */
static int
make_one(struct maker *m, bool *made)
{
	int code, r;

	*made = false;
	if ((r = deskdb_begin(m->d->db, true)) != 0 || (r = load(m)) != 0)
		return store_failed(r);
	if ((code = may_speak(m)) != 0 ||
	    (code = keylife_export(m->d, &m->keyset, &m->changed)) != 0)
		return code;
	if ((r = sealing_new(&m->sealing, STATEMENTS_PARTS_MAX)) != 0 ||
	    (r = fill_in(m)) != 0 || (r = add_answers(m)) != 0)
		return store_failed(r);
	if (!is_new(m)) {
		deskdb_abort(m->d->db);
		return 0;
	}
	if ((r = put_all(m)) != 0 || (r = deskdb_commit(m->d->db)) != 0)
		return store_failed(r);
	*made = true;
	return 0;
}

/* see statements.h */
int
statements_make(struct desk *d, struct statements_made *made)
{
	struct maker *m;
	bool one = true;
	int code;

	memset(made, 0, sizeof(*made));
	if ((m = calloc(1, sizeof(*m))) == NULL ||
	    (m->h = sha256_new()) == NULL) {
		free(m);
		return fail(EXIT_SYSTEM, "out of memory");
	}
	m->d = d;
	m->more = true;
	if ((code = answer_speak(&m->voice, d)) != 0)
		goto out;
	while (code == 0 && one && m->more) {
		code = make_one(m, &one);
		if (code == 0 && one) {
			made->statements++;
			made->answers += m->answers;
		}
		sealing_free(m->sealing);
		m->sealing = NULL;
		published_wipe(&m->keyset);
	}
out:
	deskdb_abort(d->db);
	answer_hush(&m->voice);
	sha256_free(m->h);
	free(m);
	return code;
}
