/* SPDX-License-Identifier: ISC */
/*
 * deadline.h - the clocks of the office's procedures: data, and the days
 * that follow from them.
 *
 * A day counts from 1970-01-01 UTC (crypto/keyset.h).  Months clamp to the
 * month's end, so that no computed day is later than the true one.
 */
#ifndef ECR_DEADLINE_H
#define ECR_DEADLINE_H

#include <stdint.h>

enum deadline_clock {
	DEADLINE_ACK,		/* from receipt: an officer has written */
	DEADLINE_FEEDBACK,	/* from acknowledgement: what was done */
	DEADLINE_REVIEW,	/* retaliation, information complete */
	DEADLINES
};

/* The day on which this clock ends when it starts on that day. */
int32_t deadline_day(enum deadline_clock clock, int32_t start);

/*
 * The feedback clock starts with the acknowledgement, or when that was due,
 * whichever is earlier; never before the receipt.
 */
int32_t deadline_feedback(int32_t receipt, int32_t acknowledged);

/* So many months later; the 31st of a shorter month is its last day. */
int32_t deadline_add_months(int32_t day, unsigned months);

#endif
