/* SPDX-License-Identifier: ISC */
/*
 * outrec.h - what the desk's records say of what goes out: answers to
 * reporters, and the statements that carry them; the codecs, pure.
 *
 * As with records.h: each begins with its version, left-over bytes and
 * values out of range are refused, and what parsed is written again as the
 * same bytes.
 */
#ifndef ECR_OUTREC_H
#define ECR_OUTREC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define OUTREC_VERSION	1

/* What an import counts of this side, until the officer was told. */
struct outtally {
	uint64_t acks;		/* acknowledgements that were written */
	uint64_t own;		/* statements of this desk, now in the log */
	uint64_t others;	/* other roles' */
	uint64_t replies;	/* kind 2, anybody's */
	uint64_t erased;	/* bodies gone, as this role has ordered */
	uint64_t before;	/* as others had, before it joined them */
};

struct outstate {
	uint64_t answers;	/* numbered from 1 */
	uint64_t settled;	/* no answer up to here waits for an export */
	uint64_t sequence;	/* of the newest statement made; 0: none */
	uint64_t logged;	/* all of ours up to this one are in the
				 * imported log */
	uint64_t foreign;	/* newest of this role in the log that is
				 * none of this desk's; 0: there is none */
	struct outtally since;	/* since the last whole import */
};

enum answer_kind { ANSWER_ACK = 1, ANSWER_ANSWER = 2 };

/* How far an answer has come. */
enum answer_state {
	ANSWER_DUE = 1,		/* an acknowledgement that is to be written */
	ANSWER_QUEUED = 2,	/* waits for the next export */
	ANSWER_STATED = 3,	/* a statement names it */
	ANSWER_DEAD = 4		/* nobody can be answered there */
};

struct answer {
	enum answer_kind kind;
	enum answer_state state;
	uint64_t case_no;
	uint32_t entry;		/* the message of the case it answers */
	int32_t day;		/* when it was written; 0 while due */
	uint64_t bytes;		/* of its blob; 0 while due */
	uint16_t parts;		/* in the statement; 0 before */
	uint64_t sequence;	/* of its statement; 0 before */
};

enum stmt_state {
	STMT_MADE = 1,		/* ours; the log does not have it yet */
	STMT_LOGGED = 2,	/* ours, and in the log */
	STMT_FOREIGN = 3	/* in the log, signed by our key, not ours */
};

struct stmt {
	enum stmt_state state;
	uint64_t sequence;
	uint64_t size, erase, drop;	/* as the statement says them */
	uint16_t nreplies;		/* padded */
	uint32_t note_bytes;
	uint32_t keyset_bytes;		/* 0: the keyset did not change */
	uint64_t leaf, close;		/* in the log; 0 while not */
	unsigned char sha256[HASH_BYTES];
	unsigned char keyset[HASH_BYTES];
	unsigned char desklog[HASH_BYTES];
};

void outstate_write(struct wr *w, const struct outstate *s);
MUST_USE int outstate_parse(struct outstate *s, struct rd r);
void answer_rec_write(struct wr *w, const struct answer *a);
MUST_USE int answer_rec_parse(struct answer *a, struct rd r);
void stmt_write(struct wr *w, const struct stmt *s);
MUST_USE int stmt_parse(struct stmt *s, struct rd r);

/* "acknowledgement" or "answer"; plain words for a state, as far as the
 * answer alone tells: its statement says whether the log has it. */
const char *answer_kind_name(enum answer_kind kind);
const char *answer_state_words(enum answer_state state);
/* One word for programs: "due", "queued", "exported", "dead". */
const char *answer_state_name(enum answer_state state);

#endif
