/* SPDX-License-Identifier: ISC */
/*
 * work.c - the small proof of work that slows a flood of parcels.
 *
 * All that does not change from try to try fits the first of the hash's two
 * blocks, so a try costs one block: libsodium's state can be copied.
 */
#include <sodium.h>

#include "crypto/work.h"
#include "crypto/wr.h"

#define PREFIX		"ecrdrop/work/v1"
#define PREFIX_BYTES	(sizeof(PREFIX) - 1)
#define WORK_BYTES	(PREFIX_BYTES + HASH_BYTES + 8 + HASH_BYTES)
#define NONCE_BYTES	8

/* Everything up to the nonce. */
static void
work_begin(crypto_hash_sha256_state *st, struct rd origin, uint64_t close,
    const unsigned char *digest)
{
	unsigned char buf[WORK_BYTES], o[HASH_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));

	crypto_hash_sha256(o, origin.p, origin.n);
	wr_str(&w, PREFIX);
	wr_bytes(&w, o, sizeof(o));
	wr_u64(&w, close);
	wr_bytes(&w, digest, HASH_BYTES);
	crypto_hash_sha256_init(st);
	crypto_hash_sha256_update(st, buf, w.n);
}

/* How many zero bits the hash with this nonce begins with, up to 32. */
static unsigned
work_bits(const crypto_hash_sha256_state *begun, uint64_t nonce)
{
	crypto_hash_sha256_state st = *begun;
	unsigned char n[NONCE_BYTES], hash[HASH_BYTES];
	struct wr w = wr_from(n, sizeof(n));
	struct rd r;
	uint32_t v = 0;
	unsigned bits;

	wr_u64(&w, nonce);
	crypto_hash_sha256_update(&st, n, sizeof(n));
	crypto_hash_sha256_final(&st, hash);
	r = rd_from(hash, sizeof(hash));
	if (!rd_u32(&r, &v))
		return 0;
	for (bits = 0; bits < 32 && !(v & UINT32_C(0x80000000)); bits++)
		v = v << 1;
	return bits;
}

/* see work.h */
bool
work_ok(struct rd origin, uint64_t close,
    const unsigned char digest[static HASH_BYTES], uint64_t nonce,
    unsigned bits)
{
	crypto_hash_sha256_state st;

	if (bits == 0)
		return true;
	work_begin(&st, origin, close, digest);
	return work_bits(&st, nonce) >= bits;
}

/* see work.h */
uint64_t
work_find(struct rd origin, uint64_t close,
    const unsigned char digest[static HASH_BYTES], unsigned bits)
{
	crypto_hash_sha256_state st;
	uint64_t nonce = 0;

	if (bits == 0)
		return 0;
	work_begin(&st, origin, close, digest);
	while (nonce < UINT64_MAX && work_bits(&st, nonce) < bits)
		nonce++;
	return nonce;
}
