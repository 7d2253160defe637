/* SPDX-License-Identifier: ISC */
/*
 * ownstmt.h - the statements that the public log holds, seen from the desk
 * of one role: its own must be what it has made, byte for byte.
 *
 * A statement that this role's key signed and this desk did not make means
 * that the desk was restored from an older backup, or that somebody else has
 * its key.  It is kept as foreign, and no export is made until `recover`.
 */
#ifndef ECR_OWNSTMT_H
#define ECR_OWNSTMT_H

#include "client/desk/bodies.h"
#include "client/desk/outstore.h"
#include "client/desk/store.h"
#include "crypto/entry.h"
#include "crypto/note.h"

/* What a body of kind 3 is to this role. */
enum ownstmt_is {
	OWNSTMT_OTHER,		/* another role's */
	OWNSTMT_OURS,		/* signed by our key: *s is set */
	OWNSTMT_WRONG		/* no statement, or one in our name that our
				 * key did not sign */
};
struct ownstmt {
	enum ownstmt_is is;
	uint64_t sequence, size, erase, drop;	/* of OWNSTMT_OURS */
	unsigned char sha256[HASH_BYTES], keyset[HASH_BYTES];
	unsigned char desklog[HASH_BYTES];
	uint16_t nreplies;
};

/* Errors: ERR_NOMEM.  k is the role's key. */
MUST_USE int ownstmt_read(struct ownstmt *s, struct rd body,
    const struct vkey *k);

/*
 * ownstmt_take - one entry of kind 3, in the import's writing transaction.
 * What is wrong is counted and named.  Errors: the store's, ERR_NOMEM.
 */
MUST_USE int ownstmt_take(struct deskdb *db, struct state *st,
    const struct bodies *b, uint64_t leaf, const struct entry *e,
    struct rd body, const struct vkey *k);

/*
 * ownstmt_adopt - for `recover`, in its writing transaction: what the log has
 * of this role becomes where this desk goes on from.  Answers that only
 * superseded statements of ours carried are queued anew.
 * *newest: the log's newest statement of this role.
 * Errors: ERR_NOTFOUND (there is nothing to adopt), ERR_ORDER (the log has a
 * statement of this desk with that number or a later one: somebody else has
 * its key, and going back would say a sequence twice), the store's.
 */
MUST_USE int ownstmt_adopt(struct deskdb *db, struct stmt *newest);

#endif
