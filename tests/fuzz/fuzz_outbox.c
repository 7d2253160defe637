/* SPDX-License-Identifier: ISC */
/*
 * fuzz_outbox.c - any bytes as an outbox.  The first byte says how many
 * replies of zeros stand at the end.
 *
 * The records are what was given, once each; a record that is refused takes
 * nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST	(1u << 20)

static void
walk(struct rd all)
{
	static unsigned char again[MOST + 16 * REPLY_BYTES];
	struct outbox_record o;
	struct rd was = all;
	struct wr w;

	while (!rd_done(&all)) {
		was = all;
		if (outbox_next(&all, &o) != 0) {
			if (all.p != was.p || all.n != was.n)
				abort();
			return;
		}
		w = wr_from(again, sizeof(again));
		outbox_write(&w, o.statement, o.keyset);
		wr_rdr(&w, o.replies);
		if (!wr_ok(&w) || !rd_eq(wr_rd(&w), o.whole) ||
		    o.whole.p != was.p || o.whole.n + all.n != was.n ||
		    o.replies.n != o.nreplies * REPLY_BYTES)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char buf[MOST + 16 * REPLY_BYTES];
	struct rd in = rd_from(data, size);
	struct wr w = wr_from(buf, sizeof(buf));
	uint8_t n;

	if (size > MOST || !rd_u8(&in, &n))
		return 0;
	wr_rdr(&w, in);
	wr_zeros(&w, (size_t)(n % 16) * REPLY_BYTES);
	walk(wr_rd(&w));
	return 0;
}
