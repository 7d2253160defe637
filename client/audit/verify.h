/* SPDX-License-Identifier: ISC */
/*
 * verify.h - does the whole log hold, and does it extend what was seen?
 */
#ifndef ECR_AUDIT_VERIFY_H
#define ECR_AUDIT_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "client/audit/age.h"
#include "client/audit/keys.h"
#include "client/audit/said.h"
#include "client/audit/source.h"
#include "client/audit/state.h"

/* What a visit goes on from; zeros at first, ended by verify_forget(). */
struct verify_last {
	struct signed_tree tree;
	struct said said;
};

struct verify {
	struct source *src;
	struct keys *keys;		/* audit_keys_ask() fills in the rest */
	const char *state;		/* file, or NULL */
	struct verify_last *last;	/* what held last; moves on; or NULL */
	const char *evidence;		/* file for what does not hold, or NULL */
	bool parcels;			/* every parcel's digest, too */
	bool all;			/* from the first entry on, again */
	uint64_t delay;			/* until what is let go may be gone */
	uint64_t (*clock)(void);	/* Unix seconds */
};

struct verify_result {
	uint64_t size, from;		/* entries now, and at the last visit */
	uint64_t parcels, replies, statements;	/* new entries of each kind */
	uint64_t bodies;		/* parcels whose digest was checked */
	uint64_t gone;			/* parcels erased, as they may be */
	uint64_t close;			/* of the newest entry; 0: none */
	struct age age;			/* of that close */
	unsigned cosignatures, quorum;
	unsigned char root[HASH_BYTES];
};

/*
 * verify_run - says on stderr what does not hold or cannot be had, and
 * returns an exit code: EXIT_CLAIM with evidence written, if asked for.
 * The state, and *last, move on only where all holds.
 */
int verify_run(const struct verify *v, struct verify_result *res);
void verify_forget(struct verify_last *last);

#endif
