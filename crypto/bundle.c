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

	*at = width;
	if (width == 0 || width > TILE_WIDTH ||
	    bytes.n != (size_t)width * BUNDLE_UNIT)
		return ERR_FORMAT;
	for (*at = 0; *at < width; (*at)++)
		if (!rd_take16(&in, &raw) ||
		    entry_parse(&b->entry[*at], raw) != 0)
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
bundle_leaves(const struct bundle *b, struct sha256 *h,
    unsigned char (*out)[HASH_BYTES])
{
	tree_leaves(h, out, bundle_raw(b, 0).p, BUNDLE_UNIT, b->width);
}

/* see bundle.h */
int
bundle_order(const struct bundle *b, unsigned from, const struct entry *last,
    unsigned *at)
{
	for (*at = from; *at < b->width; (*at)++) {
		if (last != NULL && !entry_follows(last, &b->entry[*at]))
			return ERR_ORDER;
		last = &b->entry[*at];
	}
	return 0;
}

/* see bundle.h */
void
bundle_write(struct wr *w, const unsigned char entry[static ENTRY_BYTES])
{
	wr_u16(w, ENTRY_BYTES);
	wr_bytes(w, entry, ENTRY_BYTES);
}
