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

#include <stdint.h>

#include "crypto/entry.h"
#include "crypto/err.h"
#include "crypto/rd.h"
#include "crypto/sha256.h"
#include "crypto/tree.h"
#include "crypto/wr.h"

#define BUNDLE_UNIT	(2 + ENTRY_BYTES)
#define BUNDLE_BYTES	(TILE_WIDTH * BUNDLE_UNIT)

/* A view of a bundle whose every entry was parsed once. */
struct bundle {
	struct rd bytes;
	unsigned width;
};

/*
 * bundle_parse - a bundle of exactly width entries, 1 to TILE_WIDTH.
 *
 * *at     where this fails over an entry: which; else width
 * Errors: ERR_FORMAT.
 */
MUST_USE int bundle_parse(struct bundle *b, struct rd bytes, unsigned width,
    unsigned *at);

/* Entry i, below width: its ENTRY_BYTES, and what they say. */
struct rd bundle_raw(const struct bundle *b, unsigned i);
void bundle_entry(const struct bundle *b, unsigned i, struct entry *e);

/* The leaf hash of each entry, width of them. */
void bundle_leaves(const struct bundle *b, struct sha256 *h,
    unsigned char (*out)[HASH_BYTES]);

/*
 * bundle_check - are these the entries whose hashes the level-0 tile holds?
 *
 * leaf    the tile's hashes, at least as many as the bundle has entries
 * *at     the first that is not, else width
 * Errors: ERR_CHANGED.
 */
MUST_USE int bundle_check(const struct bundle *b, struct sha256 *h,
    const unsigned char (*leaf)[HASH_BYTES], unsigned *at);

/*
 * bundle_order - closes never fall: not within the bundle, and not below
 * *close, the last one before it (0 at the log's start), which moves on.
 *
 * *at     the first entry that falls, else width; *close is then unchanged
 * Errors: ERR_ORDER.
 */
MUST_USE int bundle_order(const struct bundle *b, uint64_t *close,
    unsigned *at);

/* One more entry. */
void bundle_write(struct wr *w, const unsigned char entry[static ENTRY_BYTES]);

#endif
