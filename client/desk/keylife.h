/* SPDX-License-Identifier: ISC */
/*
 * keylife.h - the life of a desk's sealing secrets: made ahead of time,
 * published in a keyset, replaced, destroyed.
 *
 * A secret dies only when its time is over by this machine's clock and by
 * the newest close that was imported, each alone being able to be wrong; and
 * as the imported part of a log has no body that was not tried with every
 * key, nothing of that time is unread then.
 *
 * Those that return an exit code have said what went wrong.
 */
#ifndef ECR_KEYLIFE_H
#define ECR_KEYLIFE_H

#include <stdint.h>

#include "client/desk/desk.h"
#include "client/desk/publish.h"

#define KEYLIFE_GRACE_DAYS	28	/* after a week's end */
#define KEYLIFE_STANDING_GRACE_DAYS 365
#define KEYLIFE_RENEW_DAYS	84	/* a standing key's, before its end */

/*
 * keylife_make - weekly keys for twelve weeks from today on (and from the
 * log's day on, where that is later by up to a year), and a standing key that
 * lives twelve weeks more at least.  What is there stays.
 * have     the keys that are there; NULL: none
 * log_day  of the last imported close; 0: none
 * *made    how many
 * Errors: ERR_IO (errno is kept), ERR_NOMEM, ERR_LIMIT (too many are alive).
 */
MUST_USE int keylife_make(int keysfd, const unsigned char wrap[static 32],
    const struct deskkeys *have, int32_t today, int32_t log_day,
    unsigned *made);

/*
 * keylife_publish - make what is due and write public/.  Before the first
 * export the sequence is 1, whatever changes; later it is the exported one's
 * where the note is the same, else the next.  Inside the caller's
 * transaction, in which trust stands already.  Exit code.
 */
MUST_USE int keylife_publish(struct desk *d);

/*
 * keylife_export - the same for the statement that is being made in the
 * caller's writing transaction: what it gives is what that statement must
 * name.  The desk's state record is updated: read it after this.
 * *changed  the note is another than that which the last statement named
 * Owns: the caller ends *out with published_wipe().  Exit code.
 */
MUST_USE int keylife_export(struct desk *d, struct published *out,
    bool *changed);

/*
 * keylife_destroy - after an import that is committed: destroy the secrets
 * whose time is over, each an entry of the desk log, and say so.  Begins
 * transactions of its own.  Exit code.
 */
MUST_USE int keylife_destroy(struct desk *d);

/*
 * keylife_rotate - new weekly keys and a new standing key from today on, for
 * reason; the old ones live on as long as they would have, for what was
 * sealed to them.  Writes public/.  Begins transactions of its own.  Cut
 * short, it is in the desk log, and is done anew as a whole.  Exit code.
 */
MUST_USE int keylife_rotate(struct desk *d, const char *reason);

/* Is the time of this secret over, with so many seconds on each clock? */
bool keylife_is_over(const struct deskkey *k, uint64_t now,
    uint64_t last_close);

#endif
