/* SPDX-License-Identifier: ISC */
/*
 * desklog.h - the desk's log of its own acts: salted leaves of a Merkle tree
 * (crypto/deskact.h), kept as encrypted records, with a signed checkpoint at
 * each export whose commitment stands in the statement.
 *
 * A log has generations: the first is 0; a desk that was restored from a
 * backup opens another, named after the statement that it goes on from.
 *
 * Unless said otherwise these work inside the caller's transaction, so that
 * an act and its entry are on the disk together or not at all.
 * Errors: the store's, ERR_NOMEM.
 */
#ifndef ECR_DESKLOG_H
#define ECR_DESKLOG_H

#include <stdint.h>

#include "client/desk/deskdb.h"
#include "crypto/deskact.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/tree.h"
#include "crypto/wr.h"

/* --- writing: inside a writing transaction ------------------------------- */

/*
 * desklog_add - one act, today.  detail has the fields that deskact.h names
 * for it.  Errors: also ERR_FORMAT (it has not).
 */
MUST_USE int desklog_add(struct deskdb *db, enum deskact act,
    struct rd detail);

/*
 * desklog_record - desklog_add() in a transaction of its own: for what only
 * reads, before it is shown to anybody.
 */
MUST_USE int desklog_record(struct deskdb *db, enum deskact act,
    struct rd detail);
/* The same for the acts whose details are a case and, where many is set, a
 * number. */
MUST_USE int desklog_record_case(struct deskdb *db, enum deskact act,
    const char *ref, bool many, uint64_t number);

/*
 * desklog_commit - at an export, after its entry: sign a checkpoint with the
 * role's key, draw 32 random bytes, keep both, and give
 * SHA-256(random || checkpoint) for the statement.
 */
MUST_USE int desklog_commit(struct deskdb *db, const struct vkey *k,
    const unsigned char sk[static 64],
    unsigned char commitment[static HASH_BYTES]);

/*
 * desklog_open_generation - what follows was done by a desk that was restored
 * and goes on from statement `sequence`, whose commitment was this.  The
 * first entry of the new generation is the recovery itself.
 * size: of the public log, as that statement has it.
 */
MUST_USE int desklog_open_generation(struct deskdb *db, uint64_t sequence,
    uint64_t size, const unsigned char commitment[static HASH_BYTES]);

/* --- records; the codecs are pure ----------------------------------------- */

struct desklog_head {
	uint64_t generation;	/* 0, or the statement it goes on from */
	unsigned char previous[HASH_BYTES];	/* commitment; 0s in the first */
	uint64_t generations;	/* opened before this one */
	uint64_t commits;	/* in all generations */
	struct tree tree;
};
struct desklog_anchor {
	uint64_t generation;
	uint64_t size;
	unsigned char random[DESKACT_RANDOM_BYTES];
	struct rd checkpoint;			/* view; the signed note */
};

void desklog_head_write(struct wr *w, const struct desklog_head *h);
MUST_USE int desklog_head_parse(struct desklog_head *h, struct rd r);
void desklog_anchor_write(struct wr *w, const struct desklog_anchor *a);
MUST_USE int desklog_anchor_parse(struct desklog_anchor *a, struct rd r);

/* --- reading: inside any transaction --------------------------------------- */

/* The generation at hand; a desk that never acted has an empty one. */
MUST_USE int desklog_head(struct deskdb *db, struct desklog_head *h);
/* The n-th generation that ended, from 0.  ERR_NOTFOUND past the last. */
MUST_USE int desklog_past(struct deskdb *db, uint64_t n,
    struct desklog_head *h);
/* Leaf data; *data lives until the next call on db. */
MUST_USE int desklog_entry(struct deskdb *db, uint64_t generation,
    uint64_t index, struct rd *data);
/* The n-th checkpoint, from 0; it lives as long as data does. */
MUST_USE int desklog_anchor(struct deskdb *db, uint64_t n,
    struct desklog_anchor *a);

/*
 * desklog_check - hash every entry of every generation again, hold each
 * checkpoint against them and its signature, and what this desk's statements
 * commit to against the checkpoints.
 * *bad: what does not hold ("act 7 of generation 0"); empty where all does.
 */
#define DESKLOG_BAD_CHARS	96
MUST_USE int desklog_check(struct deskdb *db, const struct vkey *k,
    char bad[static DESKLOG_BAD_CHARS]);

/*
 * desklog_show - the file that shows one act to an auditor (deskact.h),
 * under the first checkpoint that has it.
 * Errors: ERR_NOTFOUND (no such act), ERR_ORDER (no checkpoint has it yet).
 */
MUST_USE int desklog_show(struct deskdb *db, struct wr *w,
    uint64_t generation, uint64_t index);

#endif
