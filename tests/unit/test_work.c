/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "crypto/sha256.h"
#include "crypto/work.h"
#include "crypto/wr.h"

#define CLOSE	UINT64_C(1700006400)

static unsigned char digest[HASH_BYTES] = { 7 };

/* The definition, written down once more. */
static unsigned
zero_bits(const char *origin, uint64_t close, uint64_t nonce)
{
	unsigned char buf[128], hash[HASH_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	unsigned n = 0;

	sha256(hash, origin, strlen(origin));
	wr_str(&w, "ecrdrop/work/v1");
	wr_bytes(&w, hash, sizeof(hash));
	wr_u64(&w, close);
	wr_bytes(&w, digest, sizeof(digest));
	wr_u64(&w, nonce);
	sha256(hash, buf, w.n);
	while (!(hash[n / 8] & 0x80 >> n % 8))
		n++;
	return n;
}

Test(work, ok_asks_for_at_least_the_bits_of_the_definition)
{
	uint64_t nonce;
	unsigned bits, have;

	for (nonce = 0; nonce < 2000; nonce++) {
		have = zero_bits("o", CLOSE, nonce);
		for (bits = 0; bits <= 32; bits++)
			cr_assert_eq(work_ok(rd_str("o"), CLOSE, digest,
			    nonce, bits), have >= bits);
	}
}

Test(work, no_bits_are_always_enough_and_too_many_never)
{
	cr_assert(work_ok(rd_str("o"), CLOSE, digest, 0, 0));
	cr_assert_not(work_ok(rd_str("o"), CLOSE, digest, 0, 33));
}

Test(work, find_gives_the_first_good_nonce)
{
	uint64_t nonce = work_find(rd_str("o"), CLOSE, digest, 10), i;

	cr_assert(work_ok(rd_str("o"), CLOSE, digest, nonce, 10));
	for (i = 0; i < nonce; i++)
		cr_assert_not(work_ok(rd_str("o"), CLOSE, digest, i, 10));
	cr_assert_eq(work_find(rd_str("o"), CLOSE, digest, 0), 0);
}

Test(work, counts_for_one_origin_epoch_and_digest_only)
{
	uint64_t nonce = work_find(rd_str("o"), CLOSE, digest, 16);

	cr_assert(work_ok(rd_str("o"), CLOSE, digest, nonce, 16));
	cr_assert_not(work_ok(rd_str("p"), CLOSE, digest, nonce, 16));
	cr_assert_not(work_ok(rd_str("o"), CLOSE + 1, digest, nonce, 16));
	digest[0] ^= 1;
	cr_assert_not(work_ok(rd_str("o"), CLOSE, digest, nonce, 16));
	digest[0] ^= 1;
}

Test(work, the_known_nonce)
{
	/* Pinned: a client and a server of two ages must agree. */
	cr_assert_eq(work_find(rd_str("drop.example/log1"), 1700000000,
	    (const unsigned char[HASH_BYTES]){ 1 }, 18), 18629);
}
