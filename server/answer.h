/* SPDX-License-Identifier: ISC */
/*
 * answer.h - the heads of our answers, and the fixed bodies of refusals.
 *
 * Pure.  No Date, no Server, no cookie, nothing that tells one machine or
 * hour from another; the same question has the same answer byte by byte.
 */
#ifndef ECR_ANSWER_H
#define ECR_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/rd.h"
#include "crypto/wr.h"

#define ANSWER_HEAD_MAX		768
#define ANSWER_BODY_MAX		64	/* of a refusal */
#define ANSWER_RETRY_SECS	5	/* Retry-After of a 503 */

/* What goes out before a body that was announced with Expect. */
#define ANSWER_CONTINUE		"HTTP/1.1 100 Continue\r\n\r\n"

enum answer_type { ANSWER_TEXT, ANSWER_JSON, ANSWER_BYTES };

struct answer {
	unsigned status;
	enum answer_type type;
	uint64_t length;		/* of the body; a 204 has none */
	bool cors;			/* any page may read this */
	bool immutable;			/* a cache may keep it */
	bool close;			/* the last on this connection */
	const char *allow;		/* 405 and 204: the methods, or NULL */
};

/* The head, ending in the empty line; at most ANSWER_HEAD_MAX bytes. */
void answer_head(struct wr *w, const struct answer *a);
/* The body of a refusal: its status in words, LF. */
void answer_refusal(struct wr *w, unsigned status);
/* The body of a 429: {"bits":N} LF. */
void answer_bits(struct wr *w, unsigned bits);
/* The body of a 409: {"next":N} LF. */
void answer_next(struct wr *w, uint64_t next);

#endif
