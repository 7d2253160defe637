/* SPDX-License-Identifier: ISC */
/*
 * work.h - the small proof of work that slows a flood of parcels.
 *
 * SHA-256("ecrdrop/work/v1" || SHA-256(origin) || epoch close 8 || digest 32
 * || nonce 8) begins with at least `bits` zero bits.
 */
#ifndef ECR_WORK_H
#define ECR_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/params.h"
#include "crypto/rd.h"

#define WORK_BITS_MAX	18

bool work_ok(struct rd origin, uint64_t close,
    const unsigned char digest[static HASH_BYTES], uint64_t nonce,
    unsigned bits);
/* The first nonce from 0 on that is good; bits at most 32. */
uint64_t work_find(struct rd origin, uint64_t close,
    const unsigned char digest[static HASH_BYTES], unsigned bits);

#endif
