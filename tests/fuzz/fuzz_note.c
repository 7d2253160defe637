/* SPDX-License-Identifier: ISC */
/*
 * fuzz_note.c - any bytes as a signed note.
 *
 * What parses is split without loss, and its text can be signed; what is
 * signed by us opens and gives back the text.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/note.h"

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

/* Signed by us, this text comes back. */
static void
sign(struct rd text)
{
	static unsigned char buf[NOTE_MAX_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct note n;

	if (note_sign(&w, text, &key, sk) != 0)
		return;
	if (note_open(&n, wr_rd(&w), &key) != 0 || !rd_eq(n.text, text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size);
	struct note n;
	int r;

	if (key.id == 0)
		setup();
	sign(in);
	if (note_parse(&n, in) != 0)
		return 0;
	if (n.text.n + 1 + n.sigs.n != size || note_sigs(&n) < 1 ||
	    note_sigs(&n) > NOTE_SIGS_MAX)
		abort();
	r = note_verify(&n, &key);
	if (r != 0 && r != ERR_AUTH && r != ERR_NOMATCH)
		abort();
	if (r == 0 && note_sigs(&n) == 1 && note_open(&n, in, &key) != 0)
		abort();
	sign(n.text);
	return 0;
}
