/* SPDX-License-Identifier: ISC */
/*
 * bundle.c - entry bundles.
 *
 * Invariant: what bundle_parse() took has width units, each of which holds an
 * entry; so nothing below it can fail for want of bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/bundle.h"

/* see bundle.h */
int
bundle_parse(struct bundle *b, struct rd bytes, unsigned width, unsigned *at)
{
	struct rd in = bytes, raw;
	struct entry e;

	*at = width;
	if (width == 0 || width > TILE_WIDTH ||
	    bytes.n != (size_t)width * BUNDLE_UNIT)
		return ERR_FORMAT;
	for (*at = 0; *at < width; (*at)++)
		if (!rd_take16(&in, &raw) || entry_parse(&e, raw) != 0)
			return ERR_FORMAT;
	b->bytes = bytes;
	b->width = width;
	return 0;
}

/* see bundle.h */
struct rd
bundle_raw(const struct bundle *b, unsigned i)
{
	struct rd in = b->bytes, raw;

	if (i >= b->width || !rd_skip(&in, (size_t)i * BUNDLE_UNIT) ||
	    !rd_take16(&in, &raw))
		abort();			/* the caller's index */
	return raw;
}

/* see bundle.h */
void
bundle_entry(const struct bundle *b, unsigned i, struct entry *e)
{
	if (entry_parse(e, bundle_raw(b, i)) != 0)
		abort();			/* it was parsed before */
}

/* see bundle.h */
void
bundle_leaves(const struct bundle *b, struct sha256 *h,
    unsigned char (*out)[HASH_BYTES])
{
	unsigned i;

	for (i = 0; i < b->width; i++)
		tree_leaf(h, out[i], bundle_raw(b, i));
}

/* see bundle.h */
int
bundle_check(const struct bundle *b, struct sha256 *h,
    const unsigned char (*leaf)[HASH_BYTES], unsigned *at)
{
	unsigned char got[HASH_BYTES];

	for (*at = 0; *at < b->width; (*at)++) {
		tree_leaf(h, got, bundle_raw(b, *at));
		if (memcmp(got, leaf[*at], sizeof(got)) != 0)
			return ERR_CHANGED;
	}
	return 0;
}

/* see bundle.h */
int
bundle_order(const struct bundle *b, uint64_t *close, unsigned *at)
{
	uint64_t last = *close, next = 0;
	struct rd raw;

	for (*at = 0; *at < b->width; (*at)++) {
		raw = bundle_raw(b, *at);
		if (!rd_skip(&raw, 1) || !rd_u64(&raw, &next))
			abort();		/* it was parsed before */
		if (next < last)
			return ERR_ORDER;
		last = next;
	}
	*close = last;
	return 0;
}

/* see bundle.h */
void
bundle_write(struct wr *w, const unsigned char entry[static ENTRY_BYTES])
{
	wr_u16(w, ENTRY_BYTES);
	wr_bytes(w, entry, ENTRY_BYTES);
}
