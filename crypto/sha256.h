/* SPDX-License-Identifier: ISC */
/*
 * sha256.h - SHA-256 (FIPS 180-4) at the speed of the processor.
 *
 * OpenSSL does the work because it uses the processor's SHA instructions;
 * libsodium's is five times slower.
 */
#ifndef ECR_SHA256_H
#define ECR_SHA256_H

#include <stddef.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

struct sha256;

/* A running hash, ready for sha256_update().  NULL: out of memory. */
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *h);
void sha256_reset(struct sha256 *h);
void sha256_update(struct sha256 *h, const void *p, size_t n);
/* Writes the digest and resets. */
void sha256_final(struct sha256 *h, unsigned char out[static HASH_BYTES]);

/*
 * A log is made of millions of messages of one or two blocks, and beginning
 * and ending a hash costs half as much again as such blocks.  So many of one
 * length are padded to whole blocks by whoever lays them out, as FIPS 180-4
 * section 5.1.1 says, and hashed in one call.
 */
#define SHA256_BLOCK_BYTES	64
/*
 * sha256_pad - what stands behind a message of n bytes in a buffer of so many
 * blocks; n is at least 9 bytes less than these, else abort().
 */
void sha256_pad(unsigned char *buf, size_t blocks, size_t n);
/*
 * sha256_many - n digests of n padded messages, one behind the other, of so
 * many blocks each.  h is reset before and after.
 */
void sha256_many(struct sha256 *h, unsigned char (*out)[HASH_BYTES],
    const unsigned char *buf, size_t blocks, size_t n);

/* One call; never fails. */
void sha256(unsigned char out[static HASH_BYTES], const void *p, size_t n);

/* HMAC-SHA-256; never fails. */
void hmac(unsigned char out[static HASH_BYTES], struct rd key, struct rd data);

/* HKDF-SHA-256, extract then expand; len is at most 8160. */
void hkdf(void *out, size_t len, struct rd ikm, struct rd salt, struct rd info);

#endif
