/* SPDX-License-Identifier: ISC */
/*
 * bundle.h - entry bundles: up to 256 entries of the log in a row.
 *
 * Each entry stands behind its length in two bytes, and ours are all of
 * ENTRY_BYTES, so entry i is found at i * BUNDLE_UNIT and a partial bundle is
 * the front of the full one.  Refuses any other length, any entry that is
 * none of ours, and bytes after the last.
 */
#ifndef ECR_BUNDLE_H
#define ECR_BUNDLE_H


#include "crypto/entry.h"
#include "crypto/err.h"
#include "crypto/rd.h"
#include "crypto/sha256.h"
#include "crypto/tree.h"
#include "crypto/wr.h"

#define BUNDLE_UNIT	(2 + ENTRY_BYTES)
#define BUNDLE_BYTES	(TILE_WIDTH * BUNDLE_UNIT)

/* A bundle whose every entry was parsed, once. */
struct bundle {
	struct rd bytes;
	unsigned width;
	struct entry entry[TILE_WIDTH];	/* width of them */
};

/*
 * bundle_parse - a bundle of exactly width entries, 1 to TILE_WIDTH.
 *
 * b       keeps a view of bytes
 * *at     where this fails over an entry: which; else width
 * Errors: ERR_FORMAT.
 */
MUST_USE int bundle_parse(struct bundle *b, struct rd bytes, unsigned width,
    unsigned *at);

/* Entry i, below width: its ENTRY_BYTES. */
struct rd bundle_raw(const struct bundle *b, unsigned i);

/* The leaf hash of each entry, width of them. */
void bundle_leaves(const struct bundle *b, struct sha256 *h,
    unsigned char (*out)[HASH_BYTES]);

/*
 * bundle_order - may each entry from number `from` on stand behind the one
 * before it, and the first of them behind *last?
 *
 * last    NULL: nothing stands before it
 * *at     the first entry that does not, else width
 * Errors: ERR_ORDER.
 */
MUST_USE int bundle_order(const struct bundle *b, unsigned from,
    const struct entry *last, unsigned *at);

/* One more entry. */
void bundle_write(struct wr *w, const unsigned char entry[static ENTRY_BYTES]);

#endif
