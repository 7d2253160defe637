/* SPDX-License-Identifier: ISC */
/*
 * letters.h - what /replies serves, held against OFFICE.vkey: the roles'
 * statements and the replies that they name.
 *
 * Everybody fetches the same bytes, whoever they are.  A statement counts
 * when its role's pinned key has signed it, a reply when a statement that
 * counts names its digest.  Statements of a role that OFFICE.vkey does not
 * hold are passed over with their replies.
 *
 * Refused: a statement in a pinned role's name by another key; sequences of a
 * role that do not rise one by one.  What is named and not there, though the
 * role did not drop it, is counted as withheld.
 */
#ifndef ECR_LETTERS_H
#define ECR_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/office.h"
#include "crypto/err.h"
#include "crypto/rd.h"
#include "crypto/statement.h"

#define LETTERS_BYTES_MAX	(256u << 20)	/* of /replies, fetched */

/* A statement, signed by its role. */
struct letters_statement {
	enum codename_role role;
	struct rd note;			/* its bytes */
	bool dropped;			/* served without its replies */
	uint64_t sequence, size, erase, drop;
	unsigned char root[HASH_BYTES], desklog[HASH_BYTES];
	unsigned char keyset[HASH_BYTES];
	unsigned char sha256[HASH_BYTES];	/* of the note */
	char origin[NAME_MAX_BYTES + 1];
	size_t first, n;		/* its replies, in letters.reply */
};

/* A reply that a statement names. */
struct letters_reply {
	size_t statement;		/* in letters.statement */
	unsigned char sha256[HASH_BYTES];	/* as the statement has it */
	struct rd bytes;		/* REPLY_BYTES; n 0: not there */
};

/* Both in the order of the log, then of the statement. */
struct letters {
	size_t nstatements, nreplies;
	struct letters_statement *statement;	/* owned */
	struct letters_reply *reply;		/* owned */
	size_t strangers;		/* statements of roles not pinned */
	/* since letters_match(): */
	size_t withheld;		/* named, and not there */
};

/*
 * letters_open - the statements, checked.  Views point into bytes.
 * Owns:   the caller ends l with letters_wipe(), which may be called on an
 *         error, too.
 * On ERR_ORDER, ERR_AUTH and ERR_NOMATCH l holds all statements that their
 * roles have signed, as they stand there, before dozens of faults: enough to
 * read, not to rely on.
 * Errors: ERR_FORMAT, ERR_LIMIT (not what /replies serves), ERR_AUTH,
 *         ERR_NOMATCH (not signed by the role), ERR_ORDER (a statement is
 *         missing between others, repeated, or out of order), ERR_NOMEM.
 */
MUST_USE int letters_open(struct letters *l, const struct office *o,
    struct rd bytes);
/*
 * letters_match - hash every reply and hold it against its statement.
 * ERR_NOMEM, or 0: l->withheld says what is not there.
 */
MUST_USE int letters_match(struct letters *l);
void letters_wipe(struct letters *l);

/* The newest statement of a role; NULL where there is none. */
const struct letters_statement *letters_newest(const struct letters *l,
    enum codename_role role);

#endif
