/* SPDX-License-Identifier: ISC */
/*
 * loss.h - parcels that were promised and cannot be read any more.
 *
 * A disk that rots under an epoch that is open takes a parcel for good, whose
 * sender has a receipt for it.  The close waits: somebody may still mend the
 * disk.  When the operator has run "ecrdropd confirm-loss" it goes on without
 * what cannot be read, and the receipts for that are broken, as they should
 * be: nothing stands in the log for a body that is not there.
 */
#ifndef ECR_LOSS_H
#define ECR_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/rd.h"
#include "server/epoch.h"

#define LOSS_FILE	"loss"
#define LOSS_FILE_MAX	64

/* Pure: the file.  ERR_FORMAT. */
MUST_USE int loss_file_parse(uint64_t *when, struct rd in);
/* confirm-loss: the operator's word, with the present time.  ERR_IO. */
MUST_USE int loss_confirm(int dir);
/* A word that was given after this close, and not in the future? */
bool loss_confirmed(int dir, uint64_t close, uint64_t now);

/*
 * loss_leave_out - n items of the order of the close under way, from e->at
 * on, cannot all be read: those that cannot are left out of it, if the
 * operator has said so.  They are counted in e->lost.
 * ERR_CHANGED: nobody has; e->unreadable is set and the close must wait.
 */
MUST_USE int loss_leave_out(struct epochs *e, uint32_t n);

#endif
