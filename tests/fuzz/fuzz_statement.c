/* SPDX-License-Identifier: ISC */
/*
 * fuzz_statement.c - any bytes as a statement: as it stands, and as the text,
 * which is then signed so that the fuzzer gets past the signature.
 *
 * A text that is taken must be written back as it stood, and the number of
 * replies read off before must be the one believed after.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vkey key;
static unsigned char sk[64];

static void
setup(void)
{
	unsigned char seed[32], pk[32];

	memset(seed, 4, sizeof(seed));
	if (sodium_init() < 0 || crypto_sign_seed_keypair(pk, sk, seed) != 0 ||
	    vkey_make(&key, rd_str("ethics.example/office"), NOTE_ED25519,
	    pk) != 0)
		abort();
}

static void
open_one(struct rd note)
{
	static unsigned char again[STATEMENT_MAX_BYTES];
	static struct statement s;
	struct wr a = wr_from(again, sizeof(again));
	struct note n;
	size_t replies = SIZE_MAX;
	int known = statement_replies(&replies, note);

	if (statement_open(&s, note, &key) != 0)
		return;
	statement_write(&a, &s);
	if (known != 0 || replies != s.nreplies || !wr_ok(&a) ||
	    note_parse(&n, note) != 0 || !rd_eq(wr_rd(&a), n.text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char note[NOTE_MAX_BYTES];
	struct wr w = wr_from(note, sizeof(note));

	if (key.id == 0)
		setup();
	open_one(rd_from(data, size));
	if (note_sign(&w, rd_from(data, size), &key, sk) == 0)
		open_one(wr_rd(&w));
	return 0;
}
