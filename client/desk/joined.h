/* SPDX-License-Identifier: ISC */
/*
 * joined.h - a message read out of its stored parts, piece by piece.
 *
 * All of it runs inside the caller's transaction; no more than one part and
 * the JSON are in memory.
 */
#ifndef ECR_JOINED_H
#define ECR_JOINED_H

#include <stdint.h>

#include <jansson.h>

#include "client/desk/store.h"
#include "crypto/err.h"
#include "crypto/rd.h"

typedef int joined_sink(void *arg, const unsigned char *p, size_t n);

/*
 * joined_read - n bytes of the message from `from` on, to the sink.
 * Errors: the store's, the sink's, ERR_FORMAT (not so many bytes, or a part
 *         that is not what the group says).
 */
MUST_USE int joined_read(struct deskdb *db, uint64_t no,
    const struct group *g, uint64_t from, uint64_t n, joined_sink *sink,
    void *arg);

struct joined {
	json_t *json;			/* owned */
	uint64_t attachments_at;	/* in the message's bytes */
	unsigned char author[32];
	unsigned char mailbox[HASH_BYTES];
	bool followup;
};

/*
 * joined_check - all of a whole message: its hash, frame, JSON, the author's
 * signature, every attachment's size and hash.
 * *why is 0 where it is what it claims to be, else enum problem_why; then
 * j->json may still be NULL.
 * Errors: the store's and ERR_NOMEM only.
 * Owns: the caller ends j with joined_wipe() in every case.
 */
MUST_USE int joined_check(struct deskdb *db, uint64_t no,
    const struct group *g, struct joined *j, int *why);
void joined_wipe(struct joined *j);

/*
 * joined_load - the JSON alone, of a message that joined_check() passed.
 */
MUST_USE int joined_load(struct deskdb *db, uint64_t no,
    const struct group *g, struct joined *j);

#endif
