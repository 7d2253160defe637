/* SPDX-License-Identifier: ISC */
/*
 * disclosed.h - a proof of disclosure on disk, read piece by piece and checked
 * without a network.
 *
 * One part is in memory at a time, whatever the length.  The whole is looked
 * at before a word of it is given out.
 */
#ifndef ECR_DISCLOSED_H
#define ECR_DISCLOSED_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "client/common/office.h"
#include "crypto/disclosure.h"
#include "crypto/note.h"

/* Whom the reader believes. */
struct disclosed_how {
	const struct office *office;	/* the role's key */
	const struct vkey *log;		/* NULL: the one the keyset names */
	/* Of their own choice; none: those that the keyset names. */
	const struct vkey *witness;
	size_t nwitnesses;
	unsigned quorum;
	bool unproved;			/* the log proofs may be missing */
};

struct disclosed_leaf {
	unsigned char digest[HASH_BYTES];	/* of the parcel */
	uint64_t promised;		/* close, by the receipt */
	uint64_t close, index;		/* in the log; if proved */
};

struct disclosed {
	int fd;
	uint64_t bytes;			/* of the parts; then come the proofs */
	bool proved;
	enum codename_role role;
	struct vkey log;
	size_t nwitnesses;
	struct vkey witness[KEYSET_WITNESSES_MAX];
	unsigned quorum;
	uint64_t sequence;		/* of the keyset */
	bool standing;			/* the key's kind, and its days */
	int32_t from, to;
	unsigned unknown;		/* stanzas for nobody we know */
	size_t parts;
	struct disclosed_leaf *leaf;	/* owned */
	unsigned char *receipts;	/* as receipt_next() has them, owned */
	size_t nreceipts;
	unsigned char sha256[HASH_BYTES];	/* of the message */
	uint64_t size;			/* of the tree that was proved */
	unsigned char *note;		/* its checkpoint, owned */
	size_t nnote;
	unsigned cosigned;
	bool has_time;
	uint64_t time;			/* by which a quorum had seen it */
	json_t *message;		/* owned; checked by msgjson.h */
};

/*
 * disclosed_open - says what is wrong; an exit code: EXIT_CLAIM where
 * something does not hold, EXIT_DATA where it is no such file, or the log
 * proofs are missing and must be there.
 * Owns: the caller ends d with disclosed_close(), in any case.
 */
MUST_USE int disclosed_open(struct disclosed *d, const char *path,
    const struct disclosed_how *how);
void disclosed_close(struct disclosed *d);

/* The policy of its log and witnesses; a view into text.  0 or ERR_*. */
#define DISCLOSED_POLICY_MAX	32768
MUST_USE int disclosed_policy(struct tlogpolicy *p,
    char text[static DISCLOSED_POLICY_MAX], const struct disclosed *d);

#endif
