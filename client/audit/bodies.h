/* SPDX-License-Identifier: ISC */
/*
 * bodies.h - what entries stand for: the bytes of parcels, what statements
 * say, the replies that these name.
 *
 * Fed with every entry in the log's order.  Where the office's keys are known
 * it believes a statement of the log only if its role signed it and said.h
 * takes it, if it means this log, and if the root it names is the log's own;
 * /replies must hold what these statements name, less what they let drop; and
 * a parcel may be missing where the roles let it go long enough ago.
 */
#ifndef ECR_AUDIT_BODIES_H
#define ECR_AUDIT_BODIES_H

#include <stdbool.h>
#include <stdint.h>

#include "client/audit/keys.h"
#include "client/audit/said.h"
#include "client/audit/source.h"
#include "crypto/entry.h"

struct bodies {
	struct source *src;
	const struct keys *keys;
	const struct checkpoint *c;	/* of the log that is walked */
	uint64_t delay;			/* erase-delay, in seconds */
	bool parcels;			/* read these, too */
	uint64_t checked;		/* parcels read */
	uint64_t gone;			/* parcels that are not there */
	struct said said;		/* before the first entry; then now */

	/* bodies.c's own; zeros, then bodies_wipe() */
	struct said_epoch epoch;
	struct statement *open;
	uint64_t last_gone;
	unsigned char last_digest[HASH_BYTES];
	struct bodies_root {
		uint64_t size;
		unsigned char root[HASH_BYTES], digest[HASH_BYTES];
	} *root;			/* that statements name */
	size_t nroots, roots_cap;

	/* What does not hold, after EXIT_CLAIM: */
	char name[80];
	const char *says;
	unsigned char *bytes;		/* owned; NULL: none to be had */
	size_t n;
};

/*
 * body_check - the entry and what it stands for: a statement's digest always,
 * a parcel's where asked for.
 * An exit code; says what cannot be had, but leaves EXIT_CLAIM's words in b.
 */
MUST_USE int body_check(struct bodies *b, uint64_t index,
    const struct entry *e);
/* After the last entry: what only all of them show.  The same codes. */
MUST_USE int bodies_end(struct bodies *b);
void bodies_wipe(struct bodies *b);

#endif
