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

/* One call; never fails. */
void sha256(unsigned char out[static HASH_BYTES], const void *p, size_t n);

/* HMAC-SHA-256; never fails. */
void hmac(unsigned char out[static HASH_BYTES], struct rd key, struct rd data);

/* HKDF-SHA-256, extract then expand; len is at most 8160. */
void hkdf(void *out, size_t len, struct rd ikm, struct rd salt, struct rd info);

#endif
