/* SPDX-License-Identifier: ISC */
/*
 * filing.h - whole messages become cases, or join one.
 */
#ifndef ECR_FILING_H
#define ECR_FILING_H

#include "client/desk/store.h"

/*
 * filing_run - look at every message that is not settled yet: reports first,
 * then follow-ups, so that the order in which parcels happened to lie in an
 * epoch makes no difference.  Each message, its case and its count are in one
 * transaction, with others; st is kept in step.
 * Errors: the store's and ERR_NOMEM.
 */
MUST_USE int filing_run(struct deskdb *db, const struct deskrec_keys *keys,
    struct state *st);

/* An unsettled message, in order; *no is where to go on from (0: begin). */
MUST_USE int filing_next_open(struct deskdb *db, const struct state *st,
    uint64_t *no, struct group *g);

#endif
