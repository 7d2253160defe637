/* SPDX-License-Identifier: ISC */
/*
 * supply.h - requests made before the clock runs: heads, and parcels that
 * are all valid and all different.
 *
 * All parcels of a supply share every byte but the last 16, which lie in the
 * ciphertext where no check looks; the hash of what they share is computed
 * once.  Digest and proof of work of each are in its head.
 */
#ifndef ECR_BENCH_SUPPLY_H
#define ECR_BENCH_SUPPLY_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/params.h"

#define SUPPLY_TAIL	16
#define SUPPLY_HEAD_MAX	320

enum supply_kind {
	SUPPLY_GET,		/* no body */
	SUPPLY_POST,		/* a parcel with digest and work */
	SUPPLY_PUT,		/* the same bytes to a name of its own */
	SUPPLY_DISCARD		/* the same bytes to one path */
};

struct supply {
	enum supply_kind kind;
	uint32_t count;
	unsigned char seed[SUPPLY_TAIL - 4];
	unsigned char body[PARCEL_BYTES];	/* the tail is written last */
	size_t nbody;				/* 0 or PARCEL_BYTES */
	struct supply_item {
		unsigned char digest[HASH_BYTES];
		uint16_t nhead;
		char head[SUPPLY_HEAD_MAX];
	} *item;
};

/*
 * supply_new - so many requests to path (for PUT: the folder's path).
 * origin, close, bits: what the proof of work is for; SUPPLY_POST alone.
 * NULL: no memory.
 */
struct supply *supply_new(enum supply_kind kind, uint32_t count,
    const char *path, const char *origin, uint64_t close, unsigned bits);
void supply_free(struct supply *s);
/* The body of item n; good until the next call. */
const unsigned char *supply_body(struct supply *s, uint32_t n);

#endif
