/* SPDX-License-Identifier: ISC */
/*
 * tilehash.h - hashes out of tiles for which nobody vouches.
 *
 * Believes no tile before its hashes fold up to something it believes
 * already: the tiles of the right edge to the root of a signed checkpoint,
 * every full tile to the one hash that stands for it a level above.  It
 * refuses the whole tile, not only the hash that was asked for, so what it
 * serves once it would serve to everybody.
 *
 * Where tiles come from is the caller's affair (a mirror, a URL, LMDB); how
 * many are kept, too: the slots are the caller's memory.
 */
#ifndef ECR_TILEHASH_H
#define ECR_TILEHASH_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/proof.h"
#include "crypto/sha256.h"
#include "crypto/tree.h"

struct tilehash_slot {
	struct tile tile;		/* width 0: empty */
	uint64_t used;			/* greater: used later */
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
};

/*
 * Writes the bytes of tile t and how many there are to *n: 32 times its
 * width, or, for a partial tile that is no longer to be had, TILE_BYTES of
 * the full one, of which the front is then used.  Any other number is
 * refused.  Returns 0 or an error code, which goes to whoever asked.
 */
typedef int tilehash_fetch(void *arg, const struct tile *t,
    unsigned char out[static TILE_BYTES], size_t *n);

struct tilehash {
	struct tree edge;		/* believed: its root was signed */
	struct sha256 *h;
	tilehash_fetch *fetch;
	void *arg;
	struct tilehash_slot *slot;	/* believed, where width is not 0 */
	size_t nslots;
	uint64_t clock;
	struct tile wrong;
};

/*
 * tilehash_open - fetch the right edge and hold it against a root.
 *
 * size, root  of a checkpoint whose signatures were verified
 * slots       at least one; eight keep any one path
 *
 * Owns:   th keeps h, slots, fetch and arg until it is used no more, and
 *         frees none of them.
 * Errors: ERR_AUTH (the right edge does not have that root; th->wrong has
 *         width 0, for which of its tiles is wrong nobody can say),
 *         ERR_FORMAT (a tile of another length, named in th->wrong; or size
 *         is over TREE_SIZE_MAX), and fetch's own, named too.
 */
MUST_USE int tilehash_open(struct tilehash *th, uint64_t size,
    const unsigned char root[static HASH_BYTES], struct sha256 *h,
    struct tilehash_slot *slots, size_t nslots, tilehash_fetch *fetch,
    void *arg);

/*
 * tilehash_tile - the believed hashes of a tile of this tree.
 *
 * *hash  32 bytes times the tile's width at this size; stands until the next
 *        call of any function here
 * Errors: ERR_NOTFOUND (this tree has no such tile), ERR_AUTH, ERR_FORMAT
 *         and fetch's own; for the last three th->wrong names the tile.
 */
MUST_USE int tilehash_tile(struct tilehash *th, int level, uint64_t index,
    const unsigned char (**hash)[HASH_BYTES]);

/* For proof.h; errors as of tilehash_tile(). */
struct hashes tilehash_source(struct tilehash *th);

/*
 * tile_fold - the one hash for 2^k hashes, n = 2^k of 1 to TILE_WIDTH.
 */
void tile_fold(unsigned char out[static HASH_BYTES], struct sha256 *h,
    const unsigned char (*hash)[HASH_BYTES], size_t n);

/* --- which tiles a proof needs ----------------------------------------- */

#define TILESET_MAX	32		/* the longest proof needs 15 */

/*
 * The tiles that a tilehash will ask for, known before the first one is
 * fetched: hand tileset_source() to any maker of proof.h, whose proof is then
 * worthless, and the set holds what the real one will touch, the right edge
 * and what vouches for each tile included.  ERR_FULL where it has no room.
 */
struct tileset {
	uint64_t size;
	size_t n;
	struct tile tile[TILESET_MAX];
};

void tileset_init(struct tileset *s, uint64_t size);	/* the right edge */
/* A tile and those above it that vouch for it. */
MUST_USE int tileset_add(struct tileset *s, int level, uint64_t index);
struct hashes tileset_source(struct tileset *s);

#endif
