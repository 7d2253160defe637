/* SPDX-License-Identifier: ISC */
/*
 * answer.h - what one answer of the office says: one line of JSON out of a
 * reply's note (docs/formats/reply.md).
 *
 * The office's desk made it, and no one else; it is checked all the same,
 * for whoever holds an office's key shall not hold the reporter's machine.
 * Unknown keys are passed over.  Days are days: no time of day is taken.
 */
#ifndef ECR_ANSWER_H
#define ECR_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

#define ANSWER_QUESTIONS_MAX	64
#define ANSWER_CASE_MAX		64	/* bytes of a case's reference */

enum answer_kind { ANSWER_ACKNOWLEDGEMENT = 1, ANSWER_WORDS };

/* Views live as long as the answer; n is 0 where it says nothing. */
struct answer {
	enum answer_kind kind;
	struct rd ref, text, status;
	int32_t date, next;		/* days; -1: not said */
	size_t nquestions;
	struct rd question[ANSWER_QUESTIONS_MAX];
	bool has_message;
	unsigned char message[HASH_BYTES];	/* which one it answers */
	/* Where the message is in the log. */
	bool has_lodged;
	uint64_t close;			/* of its epoch */
	size_t nleaves;			/* one a part */
	uint64_t leaf;			/* of the first part */
	unsigned char parcel[HASH_BYTES];	/* the first part's */
	struct rd proof;
	json_t *json;			/* owned */
};

/*
 * answer_parse - Errors: ERR_FORMAT, ERR_LIMIT, ERR_NOMEM; ERR_CHANGED (of a
 *         later version, or of a kind that is not known here).
 * Owns:   the caller ends a with answer_wipe(); on an error, too, it may.
 */
MUST_USE int answer_parse(struct answer *a, struct rd json);
void answer_wipe(struct answer *a);

#endif
