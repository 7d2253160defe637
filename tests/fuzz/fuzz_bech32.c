/* SPDX-License-Identifier: ISC */
/*
 * fuzz_bech32.c - any text as Bech32.
 *
 * What is taken must be, but for its case, what the encoder writes.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bech32.h"
#include "crypto/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Once with a right checksum for whatever stands there. */
static void
forged(struct rd bytes)
{
	unsigned char back[256];
	char text[600];
	struct wr w = wr_from(text, sizeof(text));

	if (bytes.n > sizeof(back))
		return;
	bech32_encode(&w, "age1pq", bytes.p, bytes.n, false);
	if (!wr_ok(&w) || bech32_decode(back, bytes.n, "age1pq", wr_rd(&w),
	    false) != 0 || !rd_eq(rd_from(back, bytes.n), bytes))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char out[1400], back[1400];
	char hrp[128], text[2600];
	struct wr w = wr_from(text, sizeof(text));
	struct rd in = rd_from(data, size);
	size_t n, i;

	forged(in);
	if (bech32_decode_any(hrp, sizeof(hrp), out, sizeof(out), &n, in) != 0)
		return 0;
	bech32_encode(&w, hrp, out, n, false);
	if (!wr_ok(&w) || w.n != size)
		abort();
	for (i = 0; i < size; i++)
		if (tolower(data[i]) != text[i])
			abort();
	if (bech32_decode(back, n, hrp, wr_rd(&w), false) != 0 ||
	    memcmp(back, out, n) != 0)
		abort();
	return 0;
}
