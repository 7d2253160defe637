/* SPDX-License-Identifier: ISC */
/*
 * fuzz_tlogproof.c - any bytes as a tlog-proof, under a policy.
 *
 * What parses is written back as it stood, and never verifies for a leaf
 * that is not the one it was made for.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/tlogproof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The keys of the test vectors: seeds of 32 times 1 and 2. */
static const char rules[] =
    "log drop.example/log1+75a7ca5b+"
    "AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n"
    "witness w1 witness.example/w1+df1c0a35+"
    "BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU\n"
    "quorum w1\n";

static struct tlogpolicy policy;
static struct tlogproof p;
static struct sha256 *h;

static void
setup(void)
{
	unsigned line;

	if (sodium_init() < 0 || (h = sha256_new()) == NULL ||
	    tlogpolicy_parse(&policy, rd_str(rules), &line) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char buf[NOTE_MAX_BYTES];
	static const unsigned char leaf[HASH_BYTES] = { 1 };
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd in = rd_from(data, size);
	struct cosigners who;
	struct checkpoint c;

	if (h == NULL)
		setup();
	if (tlogproof_parse(&p, in) != 0)
		return 0;
	tlogproof_write(&w, &p);
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in))
		abort();
	if (tlogproof_verify(&p, h, leaf, rd_from(NULL, 0), &policy, &c,
	    &who) == 0)
		abort();
	return 0;
}
