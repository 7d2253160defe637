/* SPDX-License-Identifier: ISC */
/*
 * fuzz_message.c - any bytes as a message, whole and in pieces.
 *
 * The first byte says how the rest is cut; the verdict and every view are
 * the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct message_reader *
read_all(struct rd r, size_t by, struct message_view *v)
{
	struct message_reader *m;
	struct rd piece;
	int e;

	if (message_reader_new(&m, r.n) != 0)
		return NULL;
	do {
		if (!rd_take(&r, &piece, by < r.n ? by : r.n))
			abort();
		e = message_reader_push(m, piece);
	} while (e == 0 && !rd_done(&r));
	if (e != 0 || message_reader_finish(m, v) != 0) {
		message_reader_free(m);
		return NULL;
	}
	return m;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size);
	struct message_reader *a, *b;
	struct message_view va, vb;
	uint8_t by;

	if (!rd_u8(&in, &by))
		return 0;
	a = read_all(in, in.n, &va);
	b = read_all(in, (size_t)by + 1, &vb);
	if ((a == NULL) != (b == NULL))
		abort();
	if (a != NULL && (!rd_eq(va.json, vb.json) ||
	    va.attachments_at != vb.attachments_at ||
	    va.attachments_bytes != vb.attachments_bytes ||
	    memcmp(va.body, vb.body, sizeof(va.body)) != 0 ||
	    memcmp(va.whole, vb.whole, sizeof(va.whole)) != 0 ||
	    memcmp(va.sig, vb.sig, sizeof(va.sig)) != 0 ||
	    va.attachments_at + va.attachments_bytes + SIG_BYTES != in.n))
		abort();
	message_reader_free(a);
	message_reader_free(b);
	return 0;
}
