/* SPDX-License-Identifier: ISC */
/*
 * proof.h - Merkle proofs: that a leaf, or an older tree, is part of a tree.
 *
 * Checks first that a proof has exactly the length that the numbers ask for,
 * so that no proof has a second form, then every root; refuses to compare
 * with an empty tree, of which nothing can be proved.  Makes proofs out of
 * any source of hashes: the server's store, a mirror, tiles off the network.
 *
 * A node (level, index) is the root over the 2^level leaves from
 * index * 2^level on.  A range of leaves [start, end) is a subtree if start
 * is a multiple of the smallest power of two that is end - start or more.
 *
 * Source: RFC 6962 section 2.1, RFC 9162 sections 2.1.3 and 2.1.4; the rule
 * for subtrees is the one that Merkle tree certificates give.
 * docs/formats/log.md section 5.
 */
#ifndef ECR_PROOF_H
#define ECR_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/sha256.h"
#include "crypto/tree.h"
#include "crypto/wr.h"

#define PROOF_MAX	64		/* hashes, in a tree of 2^63 - 1 */

struct proof {
	size_t n;
	unsigned char hash[PROOF_MAX][HASH_BYTES];	/* leaf's end first */
};

/* --- check ------------------------------------------------------------- */

/* How many hashes a proof has; 0 too where there can be no such proof. */
size_t proof_inclusion_length(uint64_t index, uint64_t size);
size_t proof_consistency_length(uint64_t old, uint64_t size);

/*
 * proof_inclusion - is leaf (a leaf's hash) number index of the tree of this
 * size and root?
 *
 * Errors: ERR_FORMAT (index is not below size, or not the exact length),
 *         ERR_AUTH (the root does not follow).
 */
MUST_USE int proof_inclusion(const struct proof *p, struct sha256 *h,
    const unsigned char leaf[static HASH_BYTES], uint64_t index,
    uint64_t size, const unsigned char root[static HASH_BYTES]);

/*
 * proof_consistency - are the first `old` leaves of the tree of this size
 * and root those of the tree of size old and root old_root?
 *
 * Errors: ERR_FORMAT (old is 0 or above size, or not the exact length),
 *         ERR_AUTH (one of the two roots does not follow).
 */
MUST_USE int proof_consistency(const struct proof *p, struct sha256 *h,
    uint64_t old, const unsigned char old_root[static HASH_BYTES],
    uint64_t size, const unsigned char root[static HASH_BYTES]);

/* A range of leaves that is not empty and a subtree. */
bool proof_is_subtree(uint64_t start, uint64_t end);

/*
 * proof_subtree - the two above are cases of it: do the leaves [start, end)
 * of this tree have the root `sub`?
 *
 * Errors: ERR_FORMAT (no subtree, or not within size; not the exact length),
 *         ERR_AUTH.
 */
MUST_USE int proof_subtree(const struct proof *p, struct sha256 *h,
    uint64_t start, uint64_t end, const unsigned char sub[static HASH_BYTES],
    uint64_t size, const unsigned char root[static HASH_BYTES]);

/* --- make -------------------------------------------------------------- */

/*
 * Where hashes come from.  at() writes the hash of node (level, index), of
 * which the whole is in the tree, or returns an error code; level is at most
 * 62.  What it gives is believed: tilehash.h is a source that may be.
 */
struct hashes {
	int (*at)(void *arg, int level, uint64_t index,
	    unsigned char out[static HASH_BYTES]);
	void *arg;
};

/*
 * Errors of all: ERR_FORMAT (the numbers; see the checks above), and
 * whatever the source says.
 */
MUST_USE int proof_make_inclusion(struct proof *p, struct sha256 *h,
    const struct hashes *from, uint64_t index, uint64_t size);
MUST_USE int proof_make_consistency(struct proof *p, struct sha256 *h,
    const struct hashes *from, uint64_t old, uint64_t size);
MUST_USE int proof_make_subtree(struct proof *p, struct sha256 *h,
    const struct hashes *from, uint64_t start, uint64_t end, uint64_t size);

/* The root over the leaves [start, end), a subtree. */
MUST_USE int proof_root(unsigned char out[static HASH_BYTES],
    struct sha256 *h, const struct hashes *from, uint64_t start,
    uint64_t end);

/* The tile in which node (level, index) stands, in a tree of this size. */
struct tile proof_tile(int level, uint64_t index, uint64_t size);

/* --- read and write ---------------------------------------------------- */

/*
 * Lines of base64, one hash each, up to an empty line, which is taken too.
 * Errors: ERR_FORMAT; over PROOF_MAX lines or not one line well formed.
 */
MUST_USE int proof_parse(struct proof *p, struct rd *in);
void proof_write(struct wr *w, const struct proof *p);	/* no empty line */

#endif
