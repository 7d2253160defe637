/* SPDX-License-Identifier: ISC */
/*
 * pending.h - pending/<close>/: what has come since the last close.
 *
 *   parcels    a file of a fixed size, written full of zeros and synced
 *              before its epoch opens; batches of parcels follow each other
 *   key        the epoch's key, its close and its noise; overwritten, synced
 *              and unlinked when the close is on disk everywhere
 *   size       once the epoch is closing: how many parcels it will have
 *
 * A batch is a page that names its parcels' digests and the batch before it,
 * then the parcels, 64 KiB each, all of it encrypted under the epoch's key
 * and written at once.  A batch that is not whole is none; nothing is
 * promised before it is.  See docs/formats/store.md.
 *
 * All paths are relative to the working directory, which is the data
 * directory.  The index of digests is in memory only.
 */
#ifndef ECR_PENDING_H
#define ECR_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"
#include "server/digests.h"

#define PENDING_DIR		"pending"
#define PENDING_NEXT		"pending/next"
#define PENDING_KEY_BYTES	32
#define PENDING_HEAD_BYTES	(19 + 8 + 4 + 4 + 4 + PENDING_KEY_BYTES)
#define PENDING_SIZE_MAX	32
#define PENDING_SLICE		(4u << 20)	/* bytes at a time, at most */
#define PENDING_LIST_MAX	64
#define PENDING_BATCH_MAX	126u		/* whose digests fit a page */

/* What the key file says. */
struct pending_head {
	uint64_t close;
	uint32_t parcels;	/* room for so many that come in */
	uint32_t batch;
	uint32_t noise;		/* uniform below 4 * batch */
	unsigned char key[PENDING_KEY_BYTES];	/* secret */
};

/* Pure.  ERR_FORMAT. */
MUST_USE int pending_head_parse(struct pending_head *h, struct rd bytes);
void pending_head_write(struct wr *w, const struct pending_head *h);
MUST_USE int pending_size_parse(uint32_t *size, struct rd bytes);
/* How many parcels n received ones become. */
uint32_t pending_cover_target(uint32_t n, uint32_t noise, uint32_t batch);
/* At most so many, whatever the noise. */
uint64_t pending_most(uint32_t parcels, uint32_t batch);

/* --- the next epoch's file, made ahead ----------------------------------- */

struct prepare;
MUST_USE int prepare_new(struct prepare **out, uint32_t parcels,
    uint32_t batch);
/* Writes and syncs PENDING_SLICE bytes more. */
MUST_USE int prepare_step(struct prepare *x, bool *done);
uint64_t prepare_slices(const struct prepare *x);	/* in all */
void prepare_free(struct prepare *x);
/* Frees it and gives back the room on disk. */
MUST_USE int prepare_cancel(struct prepare *x);

/* --- an epoch ------------------------------------------------------------ */

struct pending;

/*
 * pending_create - what was prepared becomes the epoch that closes then.
 * Owns x: freed, also on error.  ERR_ORDER: x is not done.
 */
MUST_USE int pending_create(struct pending **out, struct prepare *x,
    uint64_t close);
/*
 * ERR_NOTFOUND, ERR_FORMAT: no key, or an overwritten one.  ERR_CHANGED: a
 * batch that was committed is damaged.
 */
MUST_USE int pending_open(struct pending **out, uint64_t close);
void pending_close(struct pending *p);
/* Which there are, ascending.  ERR_LIMIT: more than can be. */
MUST_USE int pending_list(uint64_t closes[static PENDING_LIST_MAX],
    size_t *n);
/* Overwrites the key, then removes all.  Also of one that does not open. */
MUST_USE int pending_destroy(uint64_t close);

const struct pending_head *pending_head(const struct pending *p);
const struct digests *pending_digests(const struct pending *p);
uint32_t pending_count(const struct pending *p);
/* 0: not closing yet. */
uint32_t pending_size(const struct pending *p);
/* From now on it is closing: fixes how many parcels there will be. */
MUST_USE int pending_fix_size(struct pending *p);

/*
 * One batch: begin, put at most PENDING_BATCH_MAX, commit.  A commit that
 * fails, or an abort, forgets what was put.  Of the errors only ERR_EXISTS
 * and ERR_FULL of pending_put() leave the batch usable.
 */
MUST_USE int pending_begin(struct pending *p);
MUST_USE int pending_put(struct pending *p,
    const unsigned char parcel[static PARCEL_BYTES],
    const unsigned char digest[static HASH_BYTES]);
MUST_USE int pending_commit(struct pending *p);
void pending_abort(struct pending *p);

/* A committed body, checked against its digest: ERR_CHANGED. */
MUST_USE int pending_read(struct pending *p, const struct digest_item *item,
    unsigned char out[static PARCEL_BYTES]);
/* Now, whatever came: so that the files' times say nothing. */
MUST_USE int pending_touch(const struct pending *p);

#endif
