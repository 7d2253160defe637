/* SPDX-License-Identifier: ISC */
/*
 * tree.h - the Merkle tree of RFC 6962: hashes, appending, roots; and the
 * tiles of C2SP tlog-tiles: which there are and what they are called.
 *
 * The frontier is all that appending needs: the roots of the complete
 * subtrees given by the set bits of size, the largest first.
 */
#ifndef ECR_TREE_H
#define ECR_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/sha256.h"
#include "crypto/wr.h"

#define TREE_DEPTH_MAX	63
#define TREE_SIZE_MAX	((UINT64_C(1) << 63) - 1)

struct tree {
	uint64_t size;
	unsigned char frontier[TREE_DEPTH_MAX + 1][HASH_BYTES];
};

/* h is any running hash; it is reset before and after. */
void tree_leaf(struct sha256 *h, unsigned char out[static HASH_BYTES],
    struct rd data);
void tree_node(struct sha256 *h, unsigned char out[static HASH_BYTES],
    const unsigned char l[static HASH_BYTES],
    const unsigned char r[static HASH_BYTES]);

/*
 * The same for many at once, and faster: n entries of the log, each `step`
 * bytes behind the one before; n nodes, out[i] over hash[2 * i] and the next.
 * out may be where hash is.
 */
void tree_leaves(struct sha256 *h, unsigned char (*out)[HASH_BYTES],
    const unsigned char *entry, size_t step, size_t n);
void tree_nodes(struct sha256 *h, unsigned char (*out)[HASH_BYTES],
    const unsigned char (*hash)[HASH_BYTES], size_t n);

void tree_init(struct tree *t);				/* size 0 */
/* ERR_LIMIT at TREE_SIZE_MAX. */
MUST_USE int tree_append(struct tree *t, struct sha256 *h,
    const unsigned char leaf[static HASH_BYTES]);
void tree_root(const struct tree *t, struct sha256 *h,
    unsigned char out[static HASH_BYTES]);

/* size 8 | frontier hashes, as many as size has set bits */
void tree_write(struct wr *w, const struct tree *t);
MUST_USE int tree_parse(struct tree *t, struct rd r);

/* --- tiles ---------------------------------------------------------- */

#define TILE_WIDTH	256
#define TILE_BYTES	(TILE_WIDTH * HASH_BYTES)
#define TILE_LEVEL_MAX	7		/* 256^8 does not fit 64 bits */
#define TILE_ENTRIES	(-1)		/* level of an entry bundle */
#define TILE_PATH_MAX	64

struct tile {
	int level;			/* 0 to TILE_LEVEL_MAX, or ENTRIES */
	uint64_t index;
	unsigned width;			/* 1 to 256; below 256: partial */
};

/*
 * tile_parse - what stands after "/log/": "tile/<L>/<N>[.p/<W>]" or
 * "tile/entries/<N>[.p/<W>]"; canonical or refused.
 */
MUST_USE int tile_parse(struct tile *t, struct rd path);
void tile_write(struct wr *w, const struct tile *t);

/* How many hashes (entries) tile (level, index) has at this tree size. */
unsigned tile_width_at(int level, uint64_t index, uint64_t size);

/* --- checkpoints ------------------------------------------------------- */

struct checkpoint {
	struct rd origin;
	uint64_t size;
	unsigned char root[HASH_BYTES];
};

/* The text of a checkpoint note; no extension lines. */
void checkpoint_write(struct wr *w, struct rd origin, uint64_t size,
    const unsigned char root[static HASH_BYTES]);
/* ERR_FORMAT also where size 0 does not have the empty root. */
MUST_USE int checkpoint_parse(struct checkpoint *c, struct rd text);

#endif
