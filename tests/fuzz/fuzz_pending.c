/* SPDX-License-Identifier: ISC */
/*
 * fuzz_pending.c - the small files of an epoch and of the clock; what is let
 * through is written again byte for byte, or is in its range.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/clock.h"
#include "server/pending.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char buf[PENDING_HEAD_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd in = rd_from(data, size);
	struct pending_head h;
	uint32_t fixed;
	uint64_t when;

	if (pending_head_parse(&h, in) == 0) {
		pending_head_write(&w, &h);
		if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in) ||
		    pending_cover_target(h.parcels, h.noise, h.batch) >
		    pending_most(h.parcels, h.batch))
			abort();
	}
	if (pending_size_parse(&fixed, in) == 0 && fixed == 0)
		abort();
	if (clock_file_parse(&when, in) == 0 && when > INT64_MAX)
		abort();
	return 0;
}
