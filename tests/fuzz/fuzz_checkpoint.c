/* SPDX-License-Identifier: ISC */
/*
 * fuzz_checkpoint.c - any bytes as a checkpoint's text, and as a frontier.
 *
 * What parses is written back as it stood.
 */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char buf[8 + (TREE_DEPTH_MAX + 1) * HASH_BYTES];
	struct rd in = rd_from(data, size);
	struct wr w = wr_from(buf, sizeof(buf));
	struct checkpoint c;
	struct tree t;

	if (checkpoint_parse(&c, in) == 0) {
		checkpoint_write(&w, c.origin, c.size, c.root);
		if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in))
			abort();
	}
	w = wr_from(buf, sizeof(buf));
	if (tree_parse(&t, in) == 0) {
		tree_write(&w, &t);
		if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in))
			abort();
	}
	return 0;
}
