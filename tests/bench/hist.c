/* SPDX-License-Identifier: ISC */
/*
 * hist.c - see hist.h.
 */
#include "tests/bench/hist.h"

/* Values below 64 have a bucket each, then 64 for each power of two. */
static unsigned
bucket_of(uint64_t ns)
{
	unsigned shift = 0;

	while (ns >> shift >= 2 * HIST_SUB)
		shift++;
	if (shift > 38)
		return HIST_BUCKETS - 1;
	return shift * HIST_SUB + (unsigned)(ns >> shift);
}

/* The largest value that falls into it. */
static uint64_t
top_of(unsigned b)
{
	unsigned shift = b < 2 * HIST_SUB ? 0 : b / HIST_SUB - 1;

	return ((uint64_t)(b - shift * HIST_SUB + 1) << shift) - 1;
}

/* see hist.h */
void
hist_add(struct hist *h, uint64_t ns)
{
	h->bucket[bucket_of(ns)]++;
	h->count++;
	h->sum += ns;
	if (ns > h->max)
		h->max = ns;
}

/* see hist.h */
uint64_t
hist_at(const struct hist *h, double share)
{
	uint64_t want = (uint64_t)(share * (double)h->count + 0.999999);
	uint64_t seen = 0, top;
	unsigned b;

	for (b = 0; b < HIST_BUCKETS; b++) {
		seen += h->bucket[b];
		if (seen > 0 && seen >= want) {
			top = top_of(b);
			return top < h->max ? top : h->max;
		}
	}
	return h->max;
}
