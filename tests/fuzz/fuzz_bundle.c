/* SPDX-License-Identifier: ISC */
/*
 * fuzz_bundle.c - any bytes as an entry bundle.
 *
 * What parses is written back as it stood, and agrees with its own leaves.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sha256 *h;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char leaf[TILE_WIDTH][HASH_BYTES], buf[BUNDLE_BYTES];
	unsigned width = (unsigned)(size / BUNDLE_UNIT), at, i;
	struct wr w = wr_from(buf, sizeof(buf));
	unsigned char raw[ENTRY_BYTES];
	unsigned char alone[HASH_BYTES];
	static struct bundle b;

	if ((h == NULL && (h = sha256_new()) == NULL))
		abort();
	if (size / BUNDLE_UNIT > TILE_WIDTH + 1 ||
	    bundle_parse(&b, rd_from(data, size), width, &at) != 0)
		return 0;
	for (i = 0; i < width; i++) {
		entry_write(raw, &b.entry[i]);
		bundle_write(&w, raw);
	}
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), rd_from(data, size)))
		abort();
	bundle_leaves(&b, h, leaf);
	for (i = 0; i < width; i++) {
		tree_leaf(h, alone, bundle_raw(&b, i));
		if (memcmp(alone, leaf[i], HASH_BYTES) != 0)
			abort();
	}
	if (bundle_order(&b, 0, NULL, &at) == 0 ? at != width : at >= width)
		abort();
	return 0;
}
