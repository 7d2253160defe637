/* SPDX-License-Identifier: ISC */
/*
 * answer.c - answers to reporters, until a statement carries them.
 *
 * Invariant: an answer that is queued can be sealed: its mailbox was tried.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/answer.h"
#include "client/desk/desklog.h"
#include "client/desk/joined.h"
#include "crypto/reply.h"
#include "crypto/sha256.h"

#define NOTE_OVER	2048		/* of a note, besides its JSON */

/* --- who speaks -------------------------------------------------------- */

/* see answer.h */
int
answer_speak(struct answer_voice *v, const struct desk *d)
{
	struct deskkeys *keys = NULL;
	int code, r;

	memset(v, 0, sizeof(*v));
	v->office = d->head.office;
	if ((code = desk_keys(&keys, d)) != 0)
		return code;
	r = desk_vkey(&v->key, v->sk, &d->head, keys);
	deskkeys_free(keys);
	return r == 0 ? 0 : fail(exit_for(r), "the desk's signing key: %s",
	    err_str(r));
}

/* see answer.h */
void
answer_hush(struct answer_voice *v)
{
	sodium_memzero(v, sizeof(*v));
}

/* --- to whom ----------------------------------------------------------- */

/* A key may be well formed and yet nobody can seal to it. */
static int
try_sealing(const struct age_recipient *to)
{
	unsigned char *plain, *sealed;
	int r = ERR_NOMEM;

	plain = calloc(1, REPLY_PLAIN_BYTES);
	sealed = malloc(REPLY_BYTES);
	if (plain != NULL && sealed != NULL)
		r = reply_seal(sealed, plain, to);
	free(plain);
	free(sealed);
	return r == 0 || r == ERR_NOMEM ? r : ERR_FORMAT;
}

/* see answer.h */
int
answer_mailbox(struct deskdb *db, uint64_t case_no, struct age_recipient *to)
{
	struct caseentry e;
	struct joined j;
	struct group g;
	const char *s;
	int r;

	memset(&j, 0, sizeof(j));
	if ((r = store_get_entry(db, case_no, 1, &e)) != 0 ||
	    (r = store_get_group(db, e.group_no, &g)) != 0 ||
	    (r = joined_load(db, e.group_no, &g, &j)) != 0)
		goto out;
	s = json_string_value(json_object_get(j.json, "mailbox"));
	r = ERR_FORMAT;
	if (s != NULL && age_recipient_parse(to, rd_str(s)) == 0)
		r = try_sealing(to);
out:
	joined_wipe(&j);
	return r;
}

/* --- writing ----------------------------------------------------------- */

/* Puts the record, and it among those of its case; os moves on. */
static int
put_new(struct deskdb *db, struct outstate *os, const struct answer *a)
{
	int r;

	if ((r = outstore_put_answer(db, ++os->answers, a)) != 0 ||
	    (r = outstore_add_case_answer(db, a->case_no, os->answers)) != 0)
		return r;
	return outstore_put_state(db, os);
}

/* see answer.h */
int
answer_due(struct deskdb *db, uint64_t case_no, uint32_t entry)
{
	struct outstate os;
	struct answer a;
	int r;

	memset(&a, 0, sizeof(a));
	a.kind = ANSWER_ACK;
	a.state = ANSWER_DUE;
	a.case_no = case_no;
	a.entry = entry;
	if ((r = outstore_get_state(db, &os)) != 0)
		return r;
	return put_new(db, &os, &a);
}

/* That this note was written, in the desk's log. */
static int
add_act(struct deskdb *db, const struct answer *a, struct rd note)
{
	unsigned char detail[DESKACT_DETAIL_MAX], hash[HASH_BYTES];
	struct wr w = wr_from(detail, sizeof(detail));
	struct caserec c;
	int r;

	if ((r = store_get_case(db, a->case_no, &c)) != 0)
		return r;
	sha256(hash, note.p, note.n);
	deskact_put_str(&w, c.ref);
	wr_bytes(&w, hash, sizeof(hash));
	if (!wr_ok(&w))
		return ERR_LIMIT;
	return desklog_add(db, a->kind == ANSWER_ACK ? DESKACT_ACKNOWLEDGE :
	    DESKACT_REPLY, wr_rd(&w));
}

/* The mailbox's key and the signed note, as one thing. */
static int
put_blob(struct deskdb *db, uint64_t no, struct answer *a, struct rd json,
    const struct age_recipient *to, const struct answer_voice *v)
{
	const size_t head = sizeof(to->pk);
	const size_t cap = head + json.n + NOTE_OVER;
	unsigned char mailbox[HASH_BYTES], *blob;
	struct wr w;
	int r;

	if ((blob = malloc(cap)) == NULL)
		return ERR_NOMEM;
	memcpy(blob, to->pk, head);
	reply_mailbox_hash(mailbox, to);
	w = wr_from(blob + head, cap - head);
	if ((r = reply_note_write(&w, rd_str(v->office), mailbox, json,
	    &v->key, v->sk)) != 0)
		goto out;
	a->bytes = head + w.n;
	if ((r = outstore_put_blob(db, OUTBLOB_ANSWER, no, rd_from(blob,
	    head + w.n))) == 0)
		r = add_act(db, a, wr_rd(&w));
out:
	sodium_memzero(blob, cap);
	free(blob);
	return r;
}

static int
put_text(struct deskdb *db, uint64_t no, struct answer *a, const json_t *o,
    const struct age_recipient *to, const struct answer_voice *v)
{
	char *line;
	size_t n;
	int r;

	if ((line = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER)) == NULL)
		return ERR_NOMEM;
	n = strlen(line);
	r = n > ANSWER_JSON_MAX ? ERR_LIMIT :
	    put_blob(db, no, a, rd_from(line, n), to, v);
	sodium_memzero(line, n);
	free(line);
	return r;
}

/* see answer.h */
int
answer_fill(struct deskdb *db, uint64_t no, struct answer *a, int32_t day,
    const json_t *o, const struct age_recipient *to,
    const struct answer_voice *v)
{
	int r;

	if ((r = put_text(db, no, a, o, to, v)) != 0)
		return r;
	a->state = ANSWER_QUEUED;
	a->day = day;
	return outstore_put_answer(db, no, a);
}

/* see answer.h */
int
answer_add(struct deskdb *db, uint64_t case_no, uint32_t entry, int32_t day,
    const json_t *o, const struct age_recipient *to,
    const struct answer_voice *v, uint64_t *no)
{
	struct outstate os;
	struct answer a;
	int r;

	memset(&a, 0, sizeof(a));
	a.kind = ANSWER_ANSWER;
	a.state = ANSWER_QUEUED;
	a.case_no = case_no;
	a.entry = entry;
	a.day = day;
	if ((r = outstore_get_state(db, &os)) != 0)
		return r;
	*no = os.answers + 1;
	if ((r = put_text(db, *no, &a, o, to, v)) != 0)
		return r;
	return put_new(db, &os, &a);
}

/* --- reading ----------------------------------------------------------- */

/* The third line of the note's text; what we signed has three. */
static bool
find_json(struct answer_note *n)
{
	struct rd in = n->note, line;

	return rd_line(&in, &line) && rd_line(&in, &line) &&
	    rd_line(&in, &n->json);
}

/* see answer.h */
int
answer_load(struct deskdb *db, uint64_t no, const struct answer *a,
    struct answer_note *n)
{
	struct rd in;
	int r;

	memset(n, 0, sizeof(*n));
	if (a->bytes > sizeof(n->to.pk) + ANSWER_JSON_MAX + NOTE_OVER)
		return ERR_FORMAT;
	n->n = (size_t)a->bytes;
	if ((n->bytes = malloc(n->n + 1)) == NULL)
		return ERR_NOMEM;
	if ((r = outstore_get_blob(db, OUTBLOB_ANSWER, no, n->bytes,
	    n->n)) != 0)
		return r;
	in = rd_from(n->bytes, n->n);
	if (!rd_copy(&in, n->to.pk, sizeof(n->to.pk)))
		return ERR_FORMAT;
	n->note = in;
	return find_json(n) ? 0 : ERR_FORMAT;
}

/* see answer.h */
void
answer_note_wipe(struct answer_note *n)
{
	file_free(n->bytes, n->bytes == NULL ? 0 : n->n);
	memset(n, 0, sizeof(*n));
}

/* see answer.h */
int
answer_seek(struct deskdb *db, const struct outstate *os,
    enum answer_state state, uint64_t *no, struct answer *a)
{
	int r;

	if (*no < os->settled)
		*no = os->settled;
	while (*no < os->answers) {
		if ((r = outstore_get_answer(db, ++*no, a)) != 0)
			return r;
		if (a->state == state)
			return 0;
	}
	return ERR_NOTFOUND;
}

/* see answer.h */
int
answer_settle(struct deskdb *db, struct outstate *os)
{
	struct answer a;
	int r;

	while (os->settled < os->answers) {
		if ((r = outstore_get_answer(db, os->settled + 1, &a)) != 0)
			return r;
		if (a.state == ANSWER_DUE || a.state == ANSWER_QUEUED)
			break;
		os->settled++;
	}
	return 0;
}
