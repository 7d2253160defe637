/* SPDX-License-Identifier: ISC */
/*
 * sealing.h - the replies of one statement: answers cut into parts, sealed,
 * mixed with cover and shuffled.
 *
 * Answers to one mailbox keep their order; nothing else of the order in which
 * they were written remains.
 */
#ifndef ECR_SEALING_H
#define ECR_SEALING_H

#include <stddef.h>

#include "client/desk/answer.h"
#include "crypto/params.h"

struct sealing;

/* room: parts at most.  Errors: ERR_NOMEM. */
MUST_USE int sealing_new(struct sealing **out, size_t room);
void sealing_free(struct sealing *s);

/*
 * sealing_add - all parts of an answer; *parts is how many.
 * Errors: ERR_FULL (no room for all: nothing was added), ERR_FORMAT,
 *         ERR_LIMIT, ERR_NOMEM.
 */
MUST_USE int sealing_add(struct sealing *s, const struct answer_note *n,
    uint16_t *parts);

/*
 * sealing_finish - cover, and the order; *count is how many replies there
 * are now.  Errors: ERR_NOMEM and the cover's.
 */
MUST_USE int sealing_finish(struct sealing *s, size_t *count);

/* Reply i, of REPLY_BYTES; stands as long as s. */
const unsigned char *sealing_reply(const struct sealing *s, size_t i);

#endif
