/* SPDX-License-Identifier: ISC */
/*
 * digests.h - which parcels this epoch holds, in memory.
 *
 * Open addressing over SipHash with a key drawn at start, so that nobody can
 * choose digests that collide; never more than half full.  Items keep the
 * order in which they were added; only the newest can be taken back.
 */
#ifndef ECR_DIGESTS_H
#define ECR_DIGESTS_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"

struct digest_item {
	unsigned char digest[HASH_BYTES];
	uint64_t sequence;
};

struct digests;

struct digests *digests_new(uint32_t cap);	/* NULL: no memory */
void digests_free(struct digests *x);
uint32_t digests_count(const struct digests *x);
/* i-th added; i is below the count. */
const struct digest_item *digests_at(const struct digests *x, uint32_t i);
/* NULL: not there. */
const struct digest_item *digests_find(const struct digests *x,
    const unsigned char digest[static HASH_BYTES]);
/* ERR_EXISTS, ERR_FULL. */
MUST_USE int digests_add(struct digests *x,
    const unsigned char digest[static HASH_BYTES], uint64_t sequence);
/* Takes back the newest until only count are left. */
void digests_truncate(struct digests *x, uint32_t count);

#endif
