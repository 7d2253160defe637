/* SPDX-License-Identifier: ISC */
/*
 * erase.h - what this role lets the server erase: parcels below a leaf of the
 * log, replies of statements below a sequence.
 *
 * Both are wishes that the next statement carries.  It never says more than
 * is safe: no parcel above what the statement before it had imported, so that
 * what may go has been at this desk for one export at least.  A wish can be
 * taken back until the server has acted on it.
 *
 * All work inside the caller's transaction.  Errors: the store's.
 */
#ifndef ECR_ERASE_H
#define ECR_ERASE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/desk/deskdb.h"
#include "crypto/err.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

/* How long what was imported stays at the server, by the retention rule. */
#define ERASE_PARCEL_DAYS	90	/* after the close of their epoch */
#define ERASE_REPLY_DAYS	365	/* after their statement was logged */

struct erase_wish {
	uint64_t below;			/* leaf */
	uint64_t drop;			/* sequence */
	uint64_t epochs;		/* that are known, from 0 */
};
struct erase_limit {
	uint64_t below, drop;		/* what the next statement may say */
};

/* What the next statement says; wish and limit, whichever is less. */
MUST_USE int erase_plan(struct deskdb *db, uint64_t *erase_below,
    uint64_t *drop_below);

/*
 * erase_epoch - at an import, before its first entry is taken: an epoch with
 * this close begins at this leaf.
 */
MUST_USE int erase_epoch(struct deskdb *db, uint64_t close, uint64_t leaf);

/*
 * A case was removed, and its bytes may still lie in pages that nothing uses:
 * said in the transaction that removed it, unsaid when they are overwritten.
 */
MUST_USE int erase_left(struct deskdb *db, bool *left);
MUST_USE int erase_set_left(struct deskdb *db, bool left);

MUST_USE int erase_get(struct deskdb *db, struct erase_wish *w);
MUST_USE int erase_put(struct deskdb *db, const struct erase_wish *w);
MUST_USE int erase_limits(struct deskdb *db, struct erase_limit *l);

/*
 * The leaf below which every epoch closed before this day; 0: none did.  And
 * the sequence below which every statement was in the log before it.
 */
MUST_USE int erase_closed_before(struct deskdb *db, int32_t day,
    uint64_t *below);
MUST_USE int erase_logged_before(struct deskdb *db, int32_t day,
    uint64_t *drop);

/* The records; pure. */
struct erase_mark {
	uint64_t close, leaf;		/* of an epoch */
};
void erase_wish_write(struct wr *w, const struct erase_wish *e);
MUST_USE int erase_wish_parse(struct erase_wish *e, struct rd r);
void erase_mark_write(struct wr *w, const struct erase_mark *m);
MUST_USE int erase_mark_parse(struct erase_mark *m, struct rd r);

#endif
