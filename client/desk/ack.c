/* SPDX-License-Identifier: ISC */
/*
 * ack.c - the automatic acknowledgement.
 *
 * Filing a message makes one due in the same transaction; here it gets its
 * words and its proof.  A mirror without good hash tiles keeps nobody from
 * reading a report: its acknowledgement waits for a better one.
 *
 * Invariant: an acknowledgement that was written is not written again.
 */
#include <stdlib.h>
#include <string.h>

#include "client/desk/ack.h"
#include "client/desk/acktext.h"
#include "client/desk/answer.h"
#include "client/desk/desk.h"
#include "client/desk/joined.h"
#include "client/desk/logproof.h"
#include "crypto/base.h"
#include "crypto/codename.h"

#define TEXT_MAX	8192
#define DATE_CHARS	16

struct run {
	struct deskdb *db;
	const struct answer_voice *voice;
	struct logproof *proof;		/* NULL: tiles are wrong */
	int32_t today;
	char *wrong;
	unsigned char *text;		/* NOTE_MAX_BYTES, for the proof */
};

/* What one acknowledgement is about. */
struct subject {
	struct caserec c;
	struct caseentry e;
	struct group g;
	struct joined j;
	char language[CODE_CHARS];
};

static json_t *
json_of(const struct wr *w)
{
	return wr_ok(w) ? json_stringn((const char *)w->p, w->n) : NULL;
}

static json_t *
hex_of(const unsigned char digest[static HASH_BYTES])
{
	char hex[2 * HASH_BYTES];

	hex_encode(hex, digest, HASH_BYTES);
	return json_stringn(hex, sizeof(hex));
}

static json_t *
date_of(int32_t day)
{
	unsigned char date[DATE_CHARS];
	struct wr w = wr_from(date, sizeof(date));

	day_write(&w, day);
	return json_of(&w);
}

/* A NULL of json_*_new is refused by jansson: out of memory. */
static bool
set(json_t *o, const char *key, json_t *v)
{
	return json_object_set_new(o, key, v) == 0;
}

/* --- what is said ------------------------------------------------------ */

/* Whose desk this is, by the name of its key. */
static bool
is_alternate(const struct answer_voice *v)
{
	struct rd office, role;

	return vkey_role(&v->key, &office, &role) &&
	    rd_eq_str(role, role_name(ROLE_ALTERNATE));
}

static bool
set_words(const struct run *u, const struct subject *s, json_t *o)
{
	struct acktext a = {
		s->c.submission, s->language, s->e.followup,
		is_alternate(u->voice), s->c.ref, desk_day(s->g.from),
		u->today
	};
	unsigned char text[TEXT_MAX];
	struct wr w = wr_from(text, sizeof(text));

	acktext_write(&w, &a);
	return set(o, "v", json_integer(1)) &&
	    set(o, "kind", json_string("acknowledgement")) &&
	    set(o, "case", json_string(s->c.ref)) &&
	    set(o, "date", date_of(u->today)) &&
	    set(o, "text", json_of(&w)) &&
	    set(o, "status", json_string(acktext_status(&a))) &&
	    set(o, "next", date_of(acktext_next(&a))) &&
	    set(o, "message", hex_of(s->g.sha256));
}

/*
 * Where the log has each part; epoch, parcel and proof are the first part's,
 * so that together they make its entry.
 */
static int
set_leaves(const struct run *u, const struct subject *s, json_t *o,
    uint64_t *first, struct entry *e)
{
	json_t *list = json_array();
	struct part_rec p;
	uint16_t i;
	int r;

	if (!set(o, "leaves", list))
		return ERR_NOMEM;
	for (i = 0; i < s->g.count; i++) {
		if ((r = store_get_part(u->db, s->e.group_no, i, 0,
		    &p)) != 0)
			return r;
		if (json_array_append_new(list,
		    json_integer((json_int_t)p.leaf)) != 0)
			return ERR_NOMEM;
		if (i > 0)
			continue;
		*first = p.leaf;
		e->kind = ENTRY_PARCEL;
		e->close = p.close;
		memcpy(e->digest, p.digest, sizeof(e->digest));
	}
	return set(o, "epoch", json_integer((json_int_t)e->close)) &&
	    set(o, "parcel", hex_of(e->digest)) ? 0 : ERR_NOMEM;
}

/* Errors: ERR_ORDER where the tiles do not give a proof. */
static int
set_proof(const struct run *u, json_t *o, uint64_t leaf,
    const struct entry *e)
{
	struct wr w = wr_from(u->text, NOTE_MAX_BYTES);
	int r;

	if (u->proof == NULL)
		return ERR_ORDER;
	r = logproof_write(&w, u->proof, leaf, e, u->wrong);
	if (r == ERR_NOMEM)
		return r;
	if (r != 0)
		return ERR_ORDER;
	return set(o, "proof", json_of(&w)) ? 0 : ERR_NOMEM;
}

static int
compose(const struct run *u, const struct subject *s, json_t *o)
{
	struct entry e;
	uint64_t leaf = 0;
	int r;

	memset(&e, 0, sizeof(e));
	if (!set_words(u, s, o))
		return ERR_NOMEM;
	if ((r = set_leaves(u, s, o, &leaf, &e)) != 0)
		return r;
	return set_proof(u, o, leaf, &e);
}

/* --- one of them ------------------------------------------------------- */

static int
load_subject(const struct run *u, const struct answer *a, struct subject *s)
{
	const char *lang;
	int r;

	if ((r = store_get_case(u->db, a->case_no, &s->c)) != 0 ||
	    (r = store_get_entry(u->db, a->case_no, a->entry, &s->e)) != 0 ||
	    (r = store_get_group(u->db, s->e.group_no, &s->g)) != 0 ||
	    (r = joined_load(u->db, s->e.group_no, &s->g, &s->j)) != 0)
		return r;
	lang = json_string_value(json_object_get(s->j.json, "language"));
	if (lang == NULL || strlen(lang) >= sizeof(s->language))
		lang = s->c.language;
	memcpy(s->language, lang, strlen(lang) + 1);
	return 0;
}

static int
set_dead(const struct run *u, uint64_t no, struct answer *a)
{
	a->state = ANSWER_DEAD;
	return outstore_put_answer(u->db, no, a);
}

/* Inside the transaction.  Errors: ERR_ORDER (it stays due). */
static int
write_one(const struct run *u, uint64_t no, struct answer *a)
{
	struct age_recipient to;
	struct subject s;
	json_t *o = NULL;
	int r;

	memset(&s, 0, sizeof(s));
	r = answer_mailbox(u->db, a->case_no, &to);
	if (r == ERR_FORMAT)
		return set_dead(u, no, a);
	if (r != 0 || (r = load_subject(u, a, &s)) != 0)
		goto out;
	r = ERR_NOMEM;
	if ((o = json_object()) == NULL)
		goto out;
	if ((r = compose(u, &s, o)) == 0)
		r = answer_fill(u->db, no, a, u->today, o, &to,
		    u->voice);
out:
	json_decref(o);
	joined_wipe(&s.j);
	return r;
}

/* --- all of them ------------------------------------------------------- */

/* One slice, after *no, which moves on. */
static int
write_slice(const struct run *u, uint64_t *no, uint64_t *waiting, bool *more)
{
	struct outstate os;
	struct answer a;
	int r;

	if ((r = deskdb_begin(u->db, true)) != 0 ||
	    (r = outstore_get_state(u->db, &os)) != 0)
		return r;
	while ((r = answer_seek(u->db, &os, ANSWER_DUE, no, &a)) == 0) {
		if ((r = write_one(u, *no, &a)) == ERR_ORDER)
			++*waiting;
		else if (r != 0)
			return r;
		if (a.state == ANSWER_QUEUED)
			os.since.acks++;
		if (deskdb_is_heavy(u->db))
			break;
	}
	*more = r != ERR_NOTFOUND;
	if ((*more && r != 0 && r != ERR_ORDER) ||
	    (r = outstore_put_state(u->db, &os)) != 0)
		return r;
	return deskdb_commit(u->db);
}

/* Is there anything to do?  Most imports of a quiet week have nothing. */
static int
is_due(struct deskdb *db, bool *due)
{
	struct outstate os;
	struct answer a;
	uint64_t no = 0;
	int r;

	if ((r = deskdb_begin(db, false)) != 0)
		return r;
	if ((r = outstore_get_state(db, &os)) == 0)
		r = answer_seek(db, &os, ANSWER_DUE, &no, &a);
	deskdb_abort(db);
	*due = r == 0;
	return r == ERR_NOTFOUND ? 0 : r;
}

/* see ack.h */
int
ack_run(struct deskdb *db, const struct logproof_source *from,
    const struct answer_voice *voice, int32_t today, uint64_t *waiting,
    char wrong[static 80])
{
	struct run u = { db, voice, NULL, today, wrong, NULL };
	uint64_t no = 0;
	bool due;
	int r;

	*waiting = 0;
	wrong[0] = '\0';
	if ((r = is_due(db, &due)) != 0 || !due)
		return r;
	if ((u.text = malloc(NOTE_MAX_BYTES)) == NULL)
		return ERR_NOMEM;
	r = logproof_open(&u.proof, from, wrong);
	if (r != ERR_NOMEM)
		r = 0;			/* what is wrong is said, not fatal */
	while (r == 0 && due)
		r = write_slice(&u, &no, waiting, &due);
	logproof_close(u.proof);
	free(u.text);
	return r;
}
