/* SPDX-License-Identifier: ISC */
/*
 * fuzz_replies.c - any bytes as what GET /replies serves.  The first byte
 * says how many replies of zeros stand at the end.
 *
 * What parses is the count, each statement once, and the replies: written
 * again it is the same bytes.
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
	struct wr w = wr_from(again, sizeof(again));
	struct replies_view v;
	size_t n, replies = 0;
	bool dropped;
	struct rd note;

	if (replies_parse(&v, all) != 0)
		return;
	if (v.count > 0)
		replies_write_count(&w, v.count);
	while (replies_next(&v, &note, &dropped) == 0) {
		replies_write_note(&w, note, dropped);
		if (statement_replies(&n, note) != 0)
			abort();
		replies += dropped ? 0 : n;
	}
	if (v.at != v.count || !rd_done(&v.statements) ||
	    v.replies.n != replies * REPLY_BYTES)
		abort();
	wr_rdr(&w, v.replies);
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), all))
		abort();
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
