/* SPDX-License-Identifier: ISC */
/*
 * restore.h - rebuild drop/ from a mirror of this very log.
 *
 * Believes the log key's own signature and hashes, nothing else.  The whole
 * mirror is read once and held against its checkpoint, and that against the
 * fork guard, before one byte is written and anything is signed.  What is
 * built appears under its name when it is whole; what a kill leaves is
 * removed by the next try.
 */
#ifndef ECR_RESTORE_H
#define ECR_RESTORE_H

#include <stdint.h>

#include "crypto/err.h"
#include "server/guard.h"
#include "server/keys.h"
#include "server/logkey.h"

#define RESTORE_DIR	"drop.restore"	/* while it is built */
#define RESTORE_WHERE	128

struct restore {
	/* set by the caller */
	int mirror;			/* the folder */
	const struct logkey *key;
	uint64_t drop_bytes;
	const struct guard *guard;	/* read; NULL: there is none */
	uint64_t witnessed;		/* a witness has seen so many, or 0 */
	const struct keys *keys;	/* the office's roles; or NULL */

	/* what came of it */
	uint64_t size, bodies, absent;	/* entries; parcels there and not */
	uint64_t statements, replies, no_replies;	/* the same */
	uint64_t close;			/* of the newest entry */
	const char *why;		/* a static string, on an error */
	char where[RESTORE_WHERE];	/* the mirror's file; or empty */
};

/*
 * restore_run - in the working directory, the data directory, which is locked.
 *
 * Errors: ERR_EXISTS (drop/ holds something), ERR_AUTH (the mirror is not
 *         what this log's key signed, or altered), ERR_CHANGED (it lacks what
 *         the guard has seen), ERR_NOTFOUND (a file of it is missing),
 *         ERR_FULL (drop_bytes), ERR_NOMEM, ERR_IO.
 */
MUST_USE int restore_run(struct restore *x);

#endif
