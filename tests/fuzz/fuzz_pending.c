/* SPDX-License-Identifier: ISC */
/*
 * fuzz_pending.c - the small files of an epoch, of the clock and of losses;
 * what is let through is written again byte for byte, or is in its range.
 * And the head of a batch: what we sealed opens as it was; with any change,
 * not at all.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/clock.h"
#include "server/loss.h"
#include "server/pending_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* count 1 | where 2 | what 1 | digests, as many as there are, then zeros */
static void
change_head(struct pending_cipher *x, struct rd in)
{
	static struct pending_batch b, c;
	unsigned char page[PENDING_PAGE];
	uint8_t count, what;
	uint16_t where;

	if (!rd_u8(&in, &count) || !rd_u16(&in, &where) || !rd_u8(&in, &what))
		return;
	memset(&b, 0, sizeof(b));
	b.count = (uint16_t)(1 + count % PENDING_BATCH_MAX);
	if (in.n > b.count * sizeof(b.digest[0]))
		in.n = b.count * sizeof(b.digest[0]);
	if (in.n > 0)
		memcpy(b.digest, in.p, in.n);
	if (pending_seal_head(x, page, &b) != 0 ||
	    pending_open_head(x, &c, page) != 0 ||
	    c.count != b.count ||
	    memcmp(c.digest, b.digest, b.count * sizeof(b.digest[0])) != 0)
		abort();
	page[where % PENDING_PAGE] ^= what;
	if (what != 0 && pending_open_head(x, &c, page) !=
	    ERR_NOTFOUND)
		abort();
}

/* Bytes that the disk made up. */
static void
open_any(struct pending_cipher *x, const uint8_t *data, size_t size)
{
	static struct pending_batch b;
	unsigned char page[PENDING_PAGE] = { 0 };

	if (size > 0)
		memcpy(page, data, size < sizeof(page) ? size : sizeof(page));
	if (pending_open_head(x, &b, page) != ERR_NOTFOUND)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[PENDING_KEY_BYTES] = { 1 };
	struct pending_cipher *x;
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
	if (loss_file_parse(&when, in) == 0 && when > INT64_MAX)
		abort();
	if (secret_init() == ERR_ORDER ||
	    (x = pending_cipher_new(key)) == NULL)
		abort();
	change_head(x, in);
	open_any(x, data, size);
	pending_cipher_free(x);
	return 0;
}
