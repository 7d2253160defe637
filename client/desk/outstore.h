/* SPDX-License-Identifier: ISC */
/*
 * outstore.h - the records of what goes out, by name.
 *
 * As with store.h: all work inside the caller's transaction of db.
 * Errors: ERR_NOTFOUND where there is no such record; ERR_AUTH, ERR_FORMAT
 *         where the store is damaged or was tampered with; ERR_FULL, ERR_IO.
 */
#ifndef ECR_OUTSTORE_H
#define ECR_OUTSTORE_H

#include "client/desk/deskdb.h"
#include "client/desk/outrec.h"

/* A desk that never sent anything gives an empty state. */
MUST_USE int outstore_get_state(struct deskdb *db, struct outstate *s);
MUST_USE int outstore_put_state(struct deskdb *db, const struct outstate *s);

/* Answers by number, from 1. */
MUST_USE int outstore_get_answer(struct deskdb *db, uint64_t no,
    struct answer *a);
MUST_USE int outstore_put_answer(struct deskdb *db, uint64_t no,
    const struct answer *a);
/* How many a case has, and the number of its n-th, from 1. */
MUST_USE int outstore_case_answers(struct deskdb *db, uint64_t case_no,
    uint64_t *n);
MUST_USE int outstore_case_answer(struct deskdb *db, uint64_t case_no,
    uint64_t n, uint64_t *no);
MUST_USE int outstore_add_case_answer(struct deskdb *db, uint64_t case_no,
    uint64_t no);

/* Statements by sequence; those of the log that are not ours apart. */
MUST_USE int outstore_get_stmt(struct deskdb *db, uint64_t sequence,
    struct stmt *s);
MUST_USE int outstore_put_stmt(struct deskdb *db, const struct stmt *s);
MUST_USE int outstore_del_stmt(struct deskdb *db, uint64_t sequence);
MUST_USE int outstore_get_foreign(struct deskdb *db, uint64_t sequence,
    struct stmt *s);
MUST_USE int outstore_put_foreign(struct deskdb *db, const struct stmt *s);

/*
 * What is longer than a record, in pieces: the text of an answer, a
 * statement's note, a keyset's, the sealed replies of a statement one after
 * the other.
 */
enum outblob {
	OUTBLOB_ANSWER = 1,	/* by answer */
	OUTBLOB_STATEMENT = 2,	/* these by sequence */
	OUTBLOB_KEYSET = 3,
	OUTBLOB_REPLIES = 4
};
#define OUTBLOB_PIECE	8176		/* REPLY_BYTES: one reply a piece */

MUST_USE int outstore_put_blob(struct deskdb *db, enum outblob what,
    uint64_t no, struct rd bytes);
/* out holds n bytes, which is how long it is. */
MUST_USE int outstore_get_blob(struct deskdb *db, enum outblob what,
    uint64_t no, unsigned char *out, size_t n);
/* One piece; *piece lives until the next call on db. */
MUST_USE int outstore_get_piece(struct deskdb *db, enum outblob what,
    uint64_t no, uint64_t index, struct rd *piece);
MUST_USE int outstore_put_piece(struct deskdb *db, enum outblob what,
    uint64_t no, uint64_t index, struct rd piece);
/* Takes away the pieces of n bytes; what is gone already is no error. */
MUST_USE int outstore_del_blob(struct deskdb *db, enum outblob what,
    uint64_t no, size_t n);

#endif
