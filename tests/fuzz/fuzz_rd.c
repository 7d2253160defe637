/* SPDX-License-Identifier: ISC */
/*
 * fuzz_rd.c - any sequence of reads from any bytes.
 *
 * A read that is refused changes nothing; one that is not consumes no more
 * than there was.  The first half of the input says what to read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/rd.h"
#include "crypto/wr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
step(struct rd *r, uint8_t op)
{
	unsigned char out[64];
	struct rd sub;
	uint8_t a;
	uint16_t b;
	uint32_t c;
	uint64_t d;

	switch (op & 15) {
	case 0: return rd_u8(r, &a);
	case 1: return rd_u16(r, &b);
	case 2: return rd_u32(r, &c);
	case 3: return rd_u64(r, &d);
	case 4: return rd_take(r, &sub, op);
	case 5: return rd_copy(r, out, op >> 4);
	case 6: return rd_skip(r, op >> 4);
	case 7: return rd_take16(r, &sub);
	case 8: return rd_take32(r, &sub);
	case 9: return rd_lit(r, "->");
	case 10: return rd_until(r, op, &sub);
	case 11: return rd_line(r, &sub);
	case 12: return rd_dec(*r, UINT64_MAX, &d);
	case 13: return rd_skip(r, SIZE_MAX);
	case 14: return rd_take(r, &sub, r->n + 1);
	default: return rd_skip(r, 0);
	}
}

/* What reads as a number must be written back the same. */
static void
numbers(struct rd r)
{
	char text[32];
	struct wr w = wr_from(text, sizeof(text));
	uint64_t v;

	if (!rd_dec(r, UINT64_MAX, &v))
		return;
	wr_dec(&w, v);
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), r))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd ops = rd_from(data, size / 2), r, was;
	uint8_t op;
	bool good;

	r = rd_from(data + size / 2, size - size / 2);
	numbers(r);
	while (rd_u8(&ops, &op)) {
		was = r;
		good = step(&r, op);
		if (!good && (r.p != was.p || r.n != was.n))
			abort();
		if (r.n > was.n || r.p + r.n != was.p + was.n)
			abort();
	}
	return 0;
}
