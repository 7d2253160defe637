/* SPDX-License-Identifier: ISC */
/*
 * entry.c - one leaf of the public log.
 */
#include <string.h>

#include "crypto/entry.h"
#include "crypto/wr.h"

/* see entry.h */
void
entry_write(unsigned char out[static ENTRY_BYTES], const struct entry *e)
{
	struct wr w = wr_from(out, ENTRY_BYTES);

	wr_u8(&w, (uint8_t)e->kind);
	wr_u64(&w, e->close);
	wr_bytes(&w, e->digest, sizeof(e->digest));
}

/* see entry.h */
int
entry_parse(struct entry *e, struct rd r)
{
	uint8_t kind;

	if (!rd_u8(&r, &kind) || kind < ENTRY_PARCEL ||
	    kind > ENTRY_STATEMENT || !rd_u64(&r, &e->close) ||
	    e->close > INT64_MAX ||
	    !rd_copy(&r, e->digest, sizeof(e->digest)) || !rd_done(&r))
		return ERR_FORMAT;
	e->kind = (enum entry_kind)kind;
	return 0;
}

/* see entry.h */
bool
entry_follows(const struct entry *last, const struct entry *next)
{
	if (next->close != last->close)
		return next->close > last->close;
	if (next->kind != last->kind)
		return next->kind > last->kind;
	return memcmp(next->digest, last->digest, HASH_BYTES) > 0;
}
