/* SPDX-License-Identifier: ISC */
/*
 * dispose.h - the end of a case at the desk: its messages, attachments,
 * answers and what led to it are removed, and the store is written anew
 * without their bytes.  The desk log keeps that it was done, and why.
 */
#ifndef ECR_DISPOSE_H
#define ECR_DISPOSE_H

#include <stdint.h>

#include "client/desk/desk.h"
#include "client/desk/store.h"

/*
 * dispose_case - remove every record of the case, inside the caller's writing
 * transaction.  A follow-up that comes later finds no case.
 * Replies that a statement carries already go out sealed, as they are.
 * Errors: the store's.
 */
MUST_USE int dispose_case(struct deskdb *db, uint64_t no,
    const struct caserec *c, const char *reason);

/*
 * dispose_finish - the store anew, without what was removed.  In no
 * transaction.  Until it has succeeded erase_left() says so.
 * Errors: as deskdb_rewrite().
 */
MUST_USE int dispose_finish(struct deskdb *db);

#endif
