/* SPDX-License-Identifier: ISC */
/*
 * fuzz_base.c - any text as hexadecimal and base64.
 *
 * What is taken must be the one spelling of its bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(const unsigned char *again, size_t n, struct rd text)
{
	if (!rd_eq(rd_from(again, n), text))
		abort();
}

static void
base64(struct rd text, bool pad)
{
	unsigned char out[512], again[1024];
	size_t n;

	if (!b64_decode_some(out, sizeof(out), &n, text, pad))
		return;
	b64_encode(again, out, n, pad);
	same(again, b64_length(n, pad), text);
	if (!b64_decode(out, n, text, pad) ||
	    b64_decode(out, n + 1, text, pad))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char out[512], again[1024];
	struct rd text = rd_from(data, size);

	if (size > 600)
		return 0;
	base64(text, false);
	base64(text, true);
	if (hex_decode(out, size / 2, text)) {
		hex_encode(again, out, size / 2);
		same(again, size, text);
	}
	return 0;
}
