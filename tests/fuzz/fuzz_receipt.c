/* SPDX-License-Identifier: ISC */
/*
 * fuzz_receipt.c - any bytes as a receipt: as it stands, and as the text,
 * which is then signed so that the fuzzer gets past the signature.
 *
 * What opens is the one receipt that says so.  Receipts in a row are what was
 * given, once each.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vkey key;
static unsigned char sk[64];

static void
setup(void)
{
	unsigned char seed[32], pk[32];

	memset(seed, 1, sizeof(seed));
	if (sodium_init() < 0 || crypto_sign_seed_keypair(pk, sk, seed) != 0 ||
	    vkey_make(&key, rd_str("drop.example/log1"), NOTE_ED25519,
	    pk) != 0)
		abort();
}

static void
open_one(struct rd bytes)
{
	unsigned char buf[RECEIPT_MAX_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct receipt rc;

	if (receipt_open(&rc, bytes, &key) != 0)
		return;
	if (receipt_sign(&w, &rc, &key, sk) != 0 || !rd_eq(wr_rd(&w), bytes))
		abort();
}

static void
split(struct rd all)
{
	struct rd note;
	size_t before;

	while (all.n > 0) {
		before = all.n;
		if (receipt_next(&all, &note) != 0)
			return;
		if (note.n == 0 || all.n >= before)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char buf[2 * RECEIPT_MAX_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));

	if (key.id == 0)
		setup();
	open_one(rd_from(data, size));
	if (note_sign(&w, rd_from(data, size), &key, sk) == 0)
		open_one(wr_rd(&w));
	split(rd_from(data, size));
	return 0;
}
