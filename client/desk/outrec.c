/* SPDX-License-Identifier: ISC */
/*
 * outrec.c - what the desk's records say of what goes out.
 *
 * Invariant: for each record, parsing what was written gives it back, and
 * writing what was parsed gives the same bytes.
 */
#include <string.h>

#include "client/desk/outrec.h"
#include "crypto/reply.h"
#include "crypto/statement.h"

static bool
take_version(struct rd *r)
{
	uint8_t v;

	return rd_u8(r, &v) && v == OUTREC_VERSION;
}

/* --- counters ---------------------------------------------------------- */

/* see outrec.h */
void
outstate_write(struct wr *w, const struct outstate *s)
{
	wr_u8(w, OUTREC_VERSION);
	wr_u64(w, s->answers);
	wr_u64(w, s->settled);
	wr_u64(w, s->sequence);
	wr_u64(w, s->logged);
	wr_u64(w, s->foreign);
	wr_u64(w, s->since.acks);
	wr_u64(w, s->since.own);
	wr_u64(w, s->since.others);
	wr_u64(w, s->since.replies);
	wr_u64(w, s->since.erased);
	wr_u64(w, s->since.before);
}

/* see outrec.h */
int
outstate_parse(struct outstate *s, struct rd r)
{
	memset(s, 0, sizeof(*s));
	if (!take_version(&r) || !rd_u64(&r, &s->answers) ||
	    !rd_u64(&r, &s->settled) || s->settled > s->answers ||
	    !rd_u64(&r, &s->sequence) || !rd_u64(&r, &s->logged) ||
	    s->logged > s->sequence || !rd_u64(&r, &s->foreign) ||
	    !rd_u64(&r, &s->since.acks) || !rd_u64(&r, &s->since.own) ||
	    !rd_u64(&r, &s->since.others) ||
	    !rd_u64(&r, &s->since.replies) ||
	    !rd_u64(&r, &s->since.erased) ||
	    !rd_u64(&r, &s->since.before) || !rd_done(&r))
		return ERR_FORMAT;
	return 0;
}

/* --- answers ----------------------------------------------------------- */

/* see outrec.h */
void
answer_rec_write(struct wr *w, const struct answer *a)
{
	wr_u8(w, OUTREC_VERSION);
	wr_u8(w, (uint8_t)a->kind);
	wr_u8(w, (uint8_t)a->state);
	wr_u64(w, a->case_no);
	wr_u32(w, a->entry);
	wr_u32(w, (uint32_t)a->day);
	wr_u64(w, a->bytes);
	wr_u16(w, a->parts);
	wr_u64(w, a->sequence);
}

/* Does the state go with the rest? */
static bool
answer_fits(const struct answer *a)
{
	const bool stated = a->state == ANSWER_STATED;
	const bool written = stated || a->state == ANSWER_QUEUED;

	return a->case_no > 0 && a->entry > 0 &&
	    (a->bytes > 0) == written && (a->sequence > 0) == stated &&
	    (a->parts > 0) == stated && a->parts <= REPLY_PARTS_MAX &&
	    (a->kind == ANSWER_ACK || written);
}

/* see outrec.h */
int
answer_rec_parse(struct answer *a, struct rd r)
{
	uint8_t kind, state;
	uint32_t day;

	memset(a, 0, sizeof(*a));
	if (!take_version(&r) || !rd_u8(&r, &kind) || kind < ANSWER_ACK ||
	    kind > ANSWER_ANSWER || !rd_u8(&r, &state) ||
	    state < ANSWER_DUE || state > ANSWER_DEAD ||
	    !rd_u64(&r, &a->case_no) || !rd_u32(&r, &a->entry) ||
	    !rd_u32(&r, &day) || day > INT32_MAX ||
	    !rd_u64(&r, &a->bytes) || !rd_u16(&r, &a->parts) ||
	    !rd_u64(&r, &a->sequence) || !rd_done(&r))
		return ERR_FORMAT;
	a->kind = (enum answer_kind)kind;
	a->state = (enum answer_state)state;
	a->day = (int32_t)day;
	return answer_fits(a) ? 0 : ERR_FORMAT;
}

/* see outrec.h */
const char *
answer_kind_name(enum answer_kind kind)
{
	return kind == ANSWER_ACK ? "acknowledgement" : "answer";
}

/* see outrec.h */
const char *
answer_state_words(enum answer_state state)
{
	switch (state) {
	case ANSWER_DUE:
		return "is written at the next import";
	case ANSWER_QUEUED:
		return "waits for the next export";
	case ANSWER_STATED:
		return "exported; the log does not have it yet";
	case ANSWER_DEAD:
		return "cannot be sent: the mailbox is no usable key";
	}
	return "unknown";
}

/* see outrec.h */
const char *
answer_state_name(enum answer_state state)
{
	static const char *const name[] = {
		"", "due", "queued", "exported", "dead"
	};

	return name[state];
}

/* --- statements -------------------------------------------------------- */

/* see outrec.h */
void
stmt_write(struct wr *w, const struct stmt *s)
{
	wr_u8(w, OUTREC_VERSION);
	wr_u8(w, (uint8_t)s->state);
	wr_u64(w, s->sequence);
	wr_u64(w, s->size);
	wr_u64(w, s->erase);
	wr_u64(w, s->drop);
	wr_u16(w, s->nreplies);
	wr_u32(w, s->note_bytes);
	wr_u32(w, s->keyset_bytes);
	wr_u64(w, s->leaf);
	wr_u64(w, s->close);
	wr_bytes(w, s->sha256, sizeof(s->sha256));
	wr_bytes(w, s->keyset, sizeof(s->keyset));
	wr_bytes(w, s->desklog, sizeof(s->desklog));
}

/* see outrec.h */
int
stmt_parse(struct stmt *s, struct rd r)
{
	uint8_t state;

	memset(s, 0, sizeof(*s));
	if (!take_version(&r) || !rd_u8(&r, &state) || state < STMT_MADE ||
	    state > STMT_FOREIGN || !rd_u64(&r, &s->sequence) ||
	    s->sequence == 0 || !rd_u64(&r, &s->size) ||
	    !rd_u64(&r, &s->erase) || s->erase > s->size ||
	    !rd_u64(&r, &s->drop) || s->drop > s->sequence ||
	    !rd_u16(&r, &s->nreplies) ||
	    s->nreplies > STATEMENT_REPLIES_MAX ||
	    !rd_u32(&r, &s->note_bytes) ||
	    s->note_bytes > STATEMENT_MAX_BYTES ||
	    !rd_u32(&r, &s->keyset_bytes) ||
	    s->keyset_bytes > NOTE_MAX_BYTES || !rd_u64(&r, &s->leaf) ||
	    !rd_u64(&r, &s->close) ||
	    !rd_copy(&r, s->sha256, sizeof(s->sha256)) ||
	    !rd_copy(&r, s->keyset, sizeof(s->keyset)) ||
	    !rd_copy(&r, s->desklog, sizeof(s->desklog)) || !rd_done(&r))
		return ERR_FORMAT;
	s->state = (enum stmt_state)state;
	return 0;
}
