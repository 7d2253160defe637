/* SPDX-License-Identifier: ISC */
/*
 * fuzz_tile.c - any bytes as a tile's path.
 *
 * What parses is written back as it stood, and has a width that can be.
 */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size);
	unsigned char buf[TILE_PATH_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	struct tile t;

	/* A seed may end in an LF, as files do. */
	if (in.n > 0 && in.p[in.n - 1] == '\n')
		in.n--;
	if (tile_parse(&t, in) != 0)
		return 0;
	tile_write(&w, &t);
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in) || t.width < 1 ||
	    t.width > TILE_WIDTH ||
	    tile_width_at(t.level, t.index, TREE_SIZE_MAX) > TILE_WIDTH)
		abort();
	return 0;
}
