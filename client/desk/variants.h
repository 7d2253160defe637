/* SPDX-License-Identifier: ISC */
/*
 * variants.h - parts that claim one place: which of them is the message's?
 */
#ifndef ECR_VARIANTS_H
#define ECR_VARIANTS_H

#include "client/desk/store.h"

/*
 * variants_settle - for a whole message with variants: try the combinations
 * until one has the hash that all parts promise, and put those parts in the
 * places that count.  Where none has, nothing changes.
 * Inside a writing transaction.  Errors: the store's and ERR_NOMEM.
 */
MUST_USE int variants_settle(struct deskdb *db, uint64_t no,
    const struct group *g);

#endif
