/* SPDX-License-Identifier: ISC */
/*
 * answer.h - answers to reporters, from when they are written until a
 * statement carries them.
 *
 * An answer is kept as the mailbox's key and the signed note that is sent
 * (docs/formats/reply.md); the export cuts and seals it.  That it was written
 * is an act in the desk's log.  All of these work inside the caller's
 * transaction.
 */
#ifndef ECR_ANSWER_H
#define ECR_ANSWER_H

#include <jansson.h>

#include "client/desk/desk.h"
#include "client/desk/outstore.h"
#include "client/desk/store.h"
#include "crypto/agekey.h"

/* One line of JSON; its note and parts stay below every limit. */
#define ANSWER_JSON_MAX		((size_t)480 * 1024)

/* Who speaks: the role's key. */
struct answer_voice {
	const char *office;
	struct vkey key;
	unsigned char sk[64];		/* secret; wipe with answer_hush() */
};
/* Exit code; says what is wrong. */
MUST_USE int answer_speak(struct answer_voice *v, const struct desk *d);
void answer_hush(struct answer_voice *v);

/*
 * answer_mailbox - who is answered in a case: what its first message names,
 * tried by sealing to it.
 * Errors: ERR_FORMAT (nobody can be answered there), the store's, ERR_NOMEM.
 */
MUST_USE int answer_mailbox(struct deskdb *db, uint64_t case_no,
    struct age_recipient *to);

/* A message was filed: an acknowledgement of it is due. */
MUST_USE int answer_due(struct deskdb *db, uint64_t case_no, uint32_t entry);

/*
 * answer_fill - the words of a due acknowledgement; it is queued now.
 * Errors: ERR_LIMIT (longer than ANSWER_JSON_MAX), ERR_NOMEM, the store's.
 */
MUST_USE int answer_fill(struct deskdb *db, uint64_t no, struct answer *a,
    int32_t day, const json_t *o, const struct age_recipient *to,
    const struct answer_voice *v);

/* answer_add - a new answer, queued; *no is its number. */
MUST_USE int answer_add(struct deskdb *db, uint64_t case_no, uint32_t entry,
    int32_t day, const json_t *o, const struct age_recipient *to,
    const struct answer_voice *v, uint64_t *no);

/* A written answer. */
struct answer_note {
	struct age_recipient to;
	unsigned char *bytes;		/* owned; n bytes */
	size_t n;
	struct rd note;			/* into bytes, as the next */
	struct rd json;
};
/* Owns: the caller ends n with answer_note_wipe() in every case. */
MUST_USE int answer_load(struct deskdb *db, uint64_t no,
    const struct answer *a, struct answer_note *n);
void answer_note_wipe(struct answer_note *n);

/*
 * answer_seek - the next in this state after *no, which moves on; 0: begin.
 * Those that are settled are passed by.  ERR_NOTFOUND: there is none.
 */
MUST_USE int answer_seek(struct deskdb *db, const struct outstate *os,
    enum answer_state state, uint64_t *no, struct answer *a);

/* Move the mark below which nothing waits; os is written by the caller. */
MUST_USE int answer_settle(struct deskdb *db, struct outstate *os);

#endif
