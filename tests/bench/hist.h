/* SPDX-License-Identifier: ISC */
/*
 * hist.h - a histogram of times, exact to one part in 64.
 *
 * Buckets are linear within each power of two, so adding is a few
 * instructions and what is asked for is never off by more than 1.6 %.
 */
#ifndef ECR_BENCH_HIST_H
#define ECR_BENCH_HIST_H

#include <stdint.h>

#define HIST_SUB	64u
#define HIST_BUCKETS	(HIST_SUB * 40u)

struct hist {
	uint64_t count, max, sum;
	uint64_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t ns);
/* The least time that this share (0 to 1) did not go over; 0: nothing. */
uint64_t hist_at(const struct hist *h, double share);

#endif
