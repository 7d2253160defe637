/* SPDX-License-Identifier: ISC */
/*
 * logtree.h - a whole tree in memory, for the tests of proofs and tiles.
 *
 * Leaf i is the hash of i as eight bytes, as in the vectors' "big tree", or
 * whatever logtree_leaf() was given.
 */
#ifndef TEST_LOGTREE_H
#define TEST_LOGTREE_H

#include <stdint.h>

#include "crypto/proof.h"

struct logtree {
	uint64_t size;
	unsigned char *level[TREE_DEPTH_MAX + 1];	/* whole nodes */
	struct sha256 *h;
	struct hashes source;
	unsigned long asked;			/* calls of source.at */
};

/* Fails the test where it cannot; logtree_free() it. */
struct logtree *logtree_new(uint64_t size);
struct logtree *logtree_of(const unsigned char *leaves, uint64_t size);
void logtree_free(struct logtree *t);

void logtree_entry(unsigned char out[static 8], uint64_t i);
/* By RFC 6962's recursive definitions, for leaves [start, end). */
void logtree_root(struct logtree *t, unsigned char out[static HASH_BYTES],
    uint64_t start, uint64_t end);
void logtree_path(struct logtree *t, struct proof *p, uint64_t m,
    uint64_t start, uint64_t end);
void logtree_sub(struct logtree *t, struct proof *p, uint64_t m,
    uint64_t start, uint64_t end, bool whole);
/* The bytes of a hash tile. */
void logtree_tile(const struct logtree *t, const struct tile *tile,
    unsigned char out[static TILE_BYTES]);

#endif
