/* SPDX-License-Identifier: ISC */
/*
 * publish.h - what a desk gives to the world: its keyset and its verifier
 * key, as files in DESK/public.
 *
 * What is written was opened first as its readers will open it.
 */
#ifndef ECR_PUBLISH_H
#define ECR_PUBLISH_H

#include <stddef.h>
#include <stdint.h>

#include "client/desk/deskfile.h"
#include "client/desk/deskkey.h"
#include "client/desk/records.h"
#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"

struct publish {
	const struct deskfile *head;
	const struct deskkeys *keys;
	const struct trust *trust;	/* NULL: no log is pinned yet */
	const struct vkey *witness;	/* as many as trust says */
	int32_t today;			/* by this machine */
	int32_t log_day;		/* of the last imported close; 0: none */
};

/* A signed keyset. */
struct published {
	unsigned char *note;		/* owned */
	size_t n;
	uint64_t sequence;
	unsigned char sha256[HASH_BYTES];
};

/*
 * publish_keyset - the note: every weekly key whose week has not passed, by
 * this machine's clock or by the log's, the newest where a week has several;
 * one standing key; whom we trust.  The same keys give the same bytes.
 * Owns:   the caller ends out with published_wipe().
 * Errors: ERR_NOMEM, ERR_LIMIT, and what its reader would say.
 */
MUST_USE int publish_keyset(struct published *out, const struct publish *p,
    uint64_t sequence);
void published_wipe(struct published *p);

/* Both files of DESK/public.  Errors: ERR_IO, ERR_LIMIT, the keys'. */
MUST_USE int publish_write(int dirfd, const struct publish *p,
    const struct published *keyset);

#endif
