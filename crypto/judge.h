/* SPDX-License-Identifier: ISC */
/*
 * judge.h - was the promise of a receipt kept?
 *
 * A receipt names a digest and the close C of an epoch, and promises that the
 * log holds an entry of kind parcel with that digest by then.  The judgement
 * is over the checkpoints at hand, all of one log and consistent with each
 * other, each verified, and each with all of its entries read.
 *
 * An entry stands at index i.  A checkpoint *holds* it if its size is above
 * i.  Of each checkpoint, `latest` is the greatest close of its entries, and
 * `time` what a quorum of witnesses said, by tlogpolicy_time().
 *
 *   broken   a checkpoint at hand does not hold the entry, and
 *            - JUDGE_BY_CLOSE: latest > C: the log went past the epoch; or
 *            - JUDGE_BY_TIME:  time > C + 24 h: it stood still for a day.
 *            It stays broken if the entry came later: the checkpoint shows it.
 *   late     not broken, the entry is in the log, and its own close is > C,
 *            or a checkpoint at hand that does not hold it has a
 *            time > C + 1 h: kept, but not when it was promised.
 *   in time  not broken, not late, the entry is in the log.  (Its close may
 *            be before C: it was there already.)
 *   not due  not broken, and the entry is not in the log.
 *
 * The newest checkpoint decides whether the entry is in the log.  Without
 * witnesses (time 0) only closes can convict: the judge has no clock.
 */
#ifndef ECR_JUDGE_H
#define ECR_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/receipt.h"

#define JUDGE_DAY_SECS		86400	/* until a standstill breaks it */
#define JUDGE_GRACE_SECS	3600	/* for the close itself, and clocks */

enum judge_verdict { JUDGE_IN_TIME, JUDGE_LATE, JUDGE_NOT_DUE, JUDGE_BROKEN };
enum judge_reason { JUDGE_NO_REASON, JUDGE_BY_CLOSE, JUDGE_BY_TIME };

/* One checkpoint at hand. */
struct judge_view {
	uint64_t size;
	uint64_t latest;		/* close; 0 in an empty log */
	uint64_t time;			/* of a quorum, Unix seconds; 0: none */
};

/* Where the receipt's digest stands: the first parcel entry that has it. */
struct judge_place {
	bool found;
	uint64_t index;
	uint64_t close;
};

struct judgement {
	enum judge_verdict verdict;
	enum judge_reason reason;	/* of broken or late */
	size_t view;			/* that shows it, where reason is set */
};

/*
 * judge_receipt - the verdict; of several views that convict, the smallest.
 *
 * Errors: ERR_FORMAT: no view, or what is said of place and views cannot be
 *         true of one log whose closes never fall.
 */
MUST_USE int judge_receipt(struct judgement *j, const struct receipt *rc,
    const struct judge_place *at, const struct judge_view *view, size_t n);

#endif
