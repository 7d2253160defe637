/* SPDX-License-Identifier: ISC */
/*
 * wholelog.h - the whole log off the server, entry bundle by entry bundle, to
 * find some parcels in it and to prove where they stand.
 *
 * Who asks for certain tiles tells the server which entries it is about; who
 * asks for all of them tells nothing.  Memory: 64 bytes for each 256 entries.
 *
 * Invariant: nothing is given out before all entries led to the signed root.
 */
#ifndef ECR_WHOLELOG_H
#define ECR_WHOLELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "client/common/net.h"
#include "crypto/bundle.h"
#include "crypto/proof.h"
#include "crypto/sha256.h"
#include "crypto/tlogpolicy.h"
#include "crypto/tree.h"

#define WHOLELOG_NOTE_MAX	49152	/* a checkpoint, with its lines */

/* A parcel that is looked for; *found, *index, *close are answers. */
struct wholelog_want {
	unsigned char digest[HASH_BYTES];
	size_t tag;			/* the caller's */
	bool found;
	uint64_t index, close;
};

struct wholelog {
	struct net *net;
	const struct tlogpolicy *policy;
	struct wholelog_want *want;	/* sorted here by digest; borrowed */
	size_t nwant;
	unsigned char *note;		/* the checkpoint, owned */
	size_t nnote;
	struct checkpoint c;
	struct cosigners who;
	bool quorum;
	uint64_t close;			/* of the newest entry; 0: none */
	struct sha256 *h;
	struct tree tree;
	struct wholelog_leaves *kept;	/* of bundles that are needed */
	size_t nkept;
	unsigned char (*level[TREE_DEPTH_MAX + 1])[HASH_BYTES];	/* 8 and up */
	size_t cap;
};

/*
 * wholelog_read - says what is wrong; an exit code: EXIT_CLAIM where what is
 * served is not what the log signed.
 * Owns: the caller ends w with wholelog_wipe(), in any case.
 */
MUST_USE int wholelog_read(struct wholelog *w, struct net *net,
    const struct tlogpolicy *policy, struct wholelog_want *want, size_t n);
void wholelog_wipe(struct wholelog *w);

/* The proof for an entry that was wanted and found.  Errors: ERR_*. */
MUST_USE int wholelog_prove(struct proof *p, struct wholelog *w,
    uint64_t index);

#endif
