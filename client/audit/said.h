/* SPDX-License-Identifier: ISC */
/*
 * said.h - what the office has said in the log so far, role by role: the
 * order of its statements, what they name, what they let go.
 *
 * Takes only statements whose role has signed them (crypto/statement.h).
 * Refuses one that is not the next of its role, speaks of entries that the
 * log did not have yet, lets go what its role had not imported at its
 * statement before, or names replies that are not logged beside it; and
 * replies that no statement beside them names.
 *
 * Invariant: a term holds the least that its statement and all later ones of
 * its role allow, so terms rise, and the newest that is old enough is what is
 * in force; `erased` is the most that ever was.
 */
#ifndef ECR_AUDIT_SAID_H
#define ECR_AUDIT_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/office.h"
#include "crypto/entry.h"
#include "crypto/statement.h"

#define SAID_TERMS_MAX	1024
#define SAID_REPLIES_MAX (1u << 20)	/* of one epoch: memory has an end */
#define SAID_DELAY_SECS	(14u * 86400)	/* until what is let go may go */
#define SAID_FILE_MAX	(OFFICE_ROLES * (SAID_TERMS_MAX + 2) * 64u)

struct said_role {
	uint64_t sequence;		/* of the newest statement; 0: none */
	uint64_t size;			/* imported through */
	unsigned char digest[HASH_BYTES];
	size_t nterm;
	struct said_term {
		uint64_t logged;	/* the close */
		uint64_t erase;
	} term[SAID_TERMS_MAX];
};

/* What lasts from one visit to the next. */
struct said {
	uint64_t size;			/* entries of the log that it covers */
	uint64_t erased;		/* no parcel below need be there */
	struct said_role role[OFFICE_ROLES];
};

/* The epoch under way; starts with zeros, ends with said_epoch_wipe(). */
struct said_epoch {
	uint64_t close, first;		/* index of its first entry */
	size_t n, cap;
	struct said_reply {
		unsigned char digest[HASH_BYTES];
		bool named;
	} *reply;			/* rising; owned */
	size_t nheard;
	struct said_heard {
		enum codename_role role;
		struct statement *st;	/* owned */
	} *heard;			/* owned */
};

/* What does not hold: a statement, or a reply that none names. */
struct said_wrong {
	const char *says;		/* of a statement; NULL: a reply */
	unsigned char digest[HASH_BYTES];
};

/* A reply's entry.  ERR_NOMEM; ERR_LIMIT: more than any office has said. */
MUST_USE int said_reply(struct said_epoch *e, const struct entry *reply);
/* A statement's entry; its role has signed it.  A copy is kept.  ERR_NOMEM. */
MUST_USE int said_statement(struct said_epoch *e, const struct statement *st,
    enum codename_role role);
/*
 * said_end - the epoch is complete: what was heard in it, in the order of the
 * sequences, for in the log a close's entries stand in that of the digests.
 * Errors: ERR_CHANGED.
 */
MUST_USE int said_end(struct said *s, struct said_epoch *e,
    const struct office *o, uint64_t delay, struct said_wrong *wrong);
/* The same, and another epoch begins. */
MUST_USE int said_begin(struct said *s, struct said_epoch *e,
    const struct office *o, uint64_t delay, uint64_t close, uint64_t index,
    struct said_wrong *wrong);
void said_epoch_wipe(struct said_epoch *e);

/* As a file of the auditor's own: lines of text. */
void said_write(struct wr *w, const struct said *s);
MUST_USE int said_parse(struct said *s, struct rd text);

#endif
