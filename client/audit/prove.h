/* SPDX-License-Identifier: ISC */
/*
 * prove.h - proofs out of the tiles that a source serves: of a fork, of an
 * entry.
 */
#ifndef ECR_AUDIT_PROVE_H
#define ECR_AUDIT_PROVE_H

#include <stdbool.h>

#include "client/audit/source.h"
#include "client/audit/walk.h"
#include "crypto/proof.h"
#include "crypto/tilehash.h"
#include "crypto/tree.h"

/*
 * The newer log holds by itself, and its first old->size entries have the
 * root `begins`: proof is that of RFC 9162 from there to the newer root, so
 * that a third party sees it from the two signed notes and this alone.
 */
struct fork {
	bool differs;			/* begins is not the older root */
	unsigned char begins[HASH_BYTES];
	struct proof proof;
};

/*
 * prove_begins - what a walk over the newer log found of the older size
 * (walk.h, `at`), as a fork, with its proof.  0 < old->size < now's.
 * Errors: ERR_CHANGED: it is not the same twice, res says what; those of
 *         source_get().
 */
MUST_USE int prove_begins(struct fork *f, struct source *src,
    const struct checkpoint *old, const struct checkpoint *now,
    struct walk_result *res);
/*
 * prove_fork - the same after reading the whole newer log once more.
 * Errors: those of walk_run(), too.
 */
MUST_USE int prove_fork(struct fork *f, struct source *src,
    const struct checkpoint *old, const struct checkpoint *now,
    struct walk_result *res);

/*
 * Roots at any size of a log, out of tiles that are believed only under its
 * signed root.
 */
struct roots {
	struct source *src;
	const struct checkpoint *c;
	/* prove_root()'s own; start with zeros */
	struct sha256 *h;
	struct tilehash_slot *slot;
	struct tilehash *th;
};

/*
 * prove_root - the root of the first `size` entries; at most c->size.
 * Errors: ERR_AUTH, ERR_FORMAT, ERR_NOTFOUND (tiles that do not give the
 *         signed root, or are not there), others of source_get(), ERR_NOMEM.
 */
MUST_USE int prove_root(struct roots *p, uint64_t size,
    unsigned char out[static HASH_BYTES]);
void prove_roots_wipe(struct roots *p);

/*
 * The tiles that the proofs of some entries need, kept while a walk passes
 * by: asking for them alone would tell the server which entries it is about.
 */
struct prove_tiles {
	uint64_t *index;		/* of the entries, rising; owned */
	size_t nindex, index_cap;
	struct prove_tile {
		struct tile tile;
		unsigned char hash[TILE_WIDTH][HASH_BYTES];
	} *kept;			/* owned */
	size_t n, cap;
	bool short_of_memory;
};

/* One more entry, behind those before. */
void prove_want(struct prove_tiles *p, uint64_t index);
/* For each tile that the walk has seen. */
void prove_keep(struct prove_tiles *p, const struct tile *t,
    const unsigned char (*hash)[HASH_BYTES]);
void prove_wipe(struct prove_tiles *p);

/*
 * prove_inclusion - the proof that entry index is in the tree, from what was
 * kept, believed only under the tree's root.
 * Errors: ERR_AUTH, ERR_FORMAT, ERR_NOTFOUND (that is not the tree of the
 *         walk), ERR_NOMEM.
 */
MUST_USE int prove_inclusion(struct proof *p, struct sha256 *h,
    struct prove_tiles *kept, uint64_t index, const struct checkpoint *c);

#endif
