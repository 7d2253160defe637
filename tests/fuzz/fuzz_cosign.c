/* SPDX-License-Identifier: ISC */
/*
 * fuzz_cosign.c - any bytes as a cosigned checkpoint.
 *
 * No line makes a key count that did not sign; whoever counts has a time
 * that can be; what we cosign counts, and takes nothing from the others.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cosign.h"
#include "crypto/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vkey key[3];
static unsigned char sk[64];

/* Two witnesses of the test vectors, and one that signs here. */
static void
setup(void)
{
	unsigned char seed[32], pk[32];
	int i;

	if (sodium_init() < 0)
		abort();
	for (i = 0; i < 3; i++) {
		memset(seed, 2 + i, sizeof(seed));
		if (crypto_sign_seed_keypair(pk, sk, seed) != 0 ||
		    vkey_make(&key[i], rd_str(i == 0 ? "witness.example/w1" :
		    i == 1 ? "witness.example/w2" : "witness.example/w3"),
		    NOTE_COSIG, pk) != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char buf[NOTE_MAX_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct cosigners c, d;
	struct note n;
	size_t i;

	if (key[0].id == 0)
		setup();
	if (note_parse(&n, rd_from(data, size)) != 0 ||
	    cosign_check(&n, key, 3, &c) != 0)
		return 0;
	for (i = 0; i < COSIGN_KEYS_MAX; i++)
		if (c.time[i] > INT64_MAX ||
		    (c.time[i] != 0 && (c.set >> i & 1) == 0))
			abort();
	if (cosign_count(&c) > 3 || (c.set & 4) != 0)
		abort();		/* nobody has that key */
	wr_bytes(&w, data, size);
	if (note_sigs(&n) < NOTE_SIGS_MAX &&
	    cosign_write(&w, n.text, 1700000000, &key[2], sk) == 0 &&
	    (note_parse(&n, wr_rd(&w)) != 0 ||
	    cosign_check(&n, key, 3, &d) != 0 || d.set != (c.set | 4)))
		abort();
	return 0;
}
