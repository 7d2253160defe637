/* SPDX-License-Identifier: ISC */
/*
 * statements.h - what the desk says at an export: the next statement, its
 * replies sealed and padded, committed in the store before any file has it.
 *
 * A statement is made when there is something new to say: answers wait, more
 * of the log was imported, something is to be erased or dropped, or the
 * keyset is another.  Otherwise those that are outstanding are said again.
 */
#ifndef ECR_STATEMENTS_H
#define ECR_STATEMENTS_H

#include "client/desk/desk.h"
#include "client/desk/outstore.h"

/* Real replies in one statement, so that its cover always has room. */
#define STATEMENTS_PARTS_MAX	464

struct statements_made {
	uint64_t statements;	/* made now */
	uint64_t answers;	/* that they carry */
};

/*
 * statements_make - one transaction a statement, as many as the answers
 * need.  Exit code; says what is wrong.
 * Refuses a desk without trust, without an import, or with a statement in
 * the log that it did not make.
 */
MUST_USE int statements_make(struct desk *d, struct statements_made *made);

/*
 * statements_write - OUTBOX: every statement that the imported log lacks,
 * with its objects, oldest first; the same bytes until there is something
 * new.  Exit code.  *n: how many; *bytes: how long the file is.
 */
MUST_USE int statements_write(struct desk *d, const char *path, uint64_t *n,
    uint64_t *bytes);

#endif
