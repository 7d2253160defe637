/* SPDX-License-Identifier: ISC */
/*
 * fuzz_keyset.c - any bytes as a keyset: as the text, which is then signed
 * so that the fuzzer gets past the signature, and as several roles' notes.
 *
 * A text that is taken must be written back as it stood.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/keyset.h"

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
as_text(struct rd text)
{
	static unsigned char note[NOTE_MAX_BYTES], again[NOTE_MAX_BYTES];
	struct wr w = wr_from(note, sizeof(note));
	struct wr a = wr_from(again, sizeof(again));
	const struct keyset_key *k;
	struct keyset ks;

	if (note_sign(&w, text, &key, sk) != 0 ||
	    keyset_open(&ks, wr_rd(&w), &key) != 0)
		return;
	keyset_write(&a, &ks);
	if (!wr_ok(&a) || !rd_eq(wr_rd(&a), text))
		abort();
	if (keyset_pick(&ks, ks.key[0].from, &k) != KEYSET_WEEK ||
	    k != &ks.key[0])
		abort();
	keyset_wipe(&ks);
}

/* The notes and the dividers are all there is. */
static void
as_notes(struct rd all)
{
	size_t was = all.n, sum = 0, notes = 0;
	struct rd note;

	while (!rd_done(&all)) {
		if (keyset_next(&all, &note) != 0)
			return;
		if (note.n == 0 || note.p[note.n - 1] != '\n')
			abort();
		sum += note.n;
		notes++;
	}
	if (notes > 0 && sum + (notes - 1) * strlen("\n====\n") != was)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size);

	if (key.id == 0)
		setup();
	as_text(in);
	as_notes(in);
	return 0;
}
