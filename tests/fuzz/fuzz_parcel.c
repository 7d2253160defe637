/* SPDX-License-Identifier: ISC */
/*
 * fuzz_parcel.c - any bytes as the beginning of a parcel; zeros fill it up.
 *
 * The first two bytes say where the rest is split.  Whole, split or byte by
 * byte, the verdict is the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
feed(struct rd r, size_t by)
{
	struct parcel_shape s;
	struct rd piece;

	parcel_shape_init(&s);
	while (!rd_done(&r)) {
		if (!rd_take(&r, &piece, by < r.n ? by : r.n))
			abort();
		if (parcel_shape_feed(&s, piece) != 0) {
			if (parcel_shape_feed(&s, r) == 0)
				abort();	/* no way back */
			return false;
		}
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char buf[PARCEL_BYTES];
	struct rd in = rd_from(data, size);
	uint16_t by;
	bool ok;

	if (!rd_u16(&in, &by))
		return 0;
	ok = feed(in, in.n + 1);
	if (feed(in, (size_t)by + 1) != ok || feed(in, 1) != ok)
		abort();
	if (in.n > sizeof(buf)) {
		if (ok)
			abort();
		return 0;
	}
	memset(buf, 0, sizeof(buf));
	if (in.n > 0)
		memcpy(buf, in.p, in.n);
	if (parcel_check(rd_from(buf, sizeof(buf))) == 0 && !ok)
		abort();
	return 0;
}
