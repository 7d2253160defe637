/* SPDX-License-Identifier: ISC */
/*
 * age.h - is the log alive?  A server that keeps to an old tree shows nothing
 * that does not hold; only a clock tells.
 */
#ifndef ECR_AUDIT_AGE_H
#define ECR_AUDIT_AGE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/audit/source.h"

#define AGE_EPOCH_SECS	21600u	/* where nobody says how long an epoch is */
#define AGE_EPOCHS	2u	/* after which the next one should have closed */

struct age {
	bool stale;		/* over AGE_EPOCHS epochs since the close */
	bool ahead;		/* the close is over an epoch in the future */
	uint64_t secs;		/* since the close; 0 where it is ahead */
	uint64_t epoch;		/* seconds */
};

/*
 * age_of - close: of the newest entry; 0 (there is none) is of no age.  How
 * long an epoch is the source's policy says; it is not believed for more
 * than that, nor for less than a second or more than 30 days.
 */
void age_of(struct age *a, struct source *src, uint64_t close, uint64_t now);
/* Says what is to be said, in plain words; nothing where all is well. */
void age_warn(const struct age *a);

#endif
