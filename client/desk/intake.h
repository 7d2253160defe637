/* SPDX-License-Identifier: ISC */
/*
 * intake.h - one parcel of the log: open it, look at what is in it, store
 * the part.
 *
 * What is wrong with a parcel is counted and named, never fatal.
 */
#ifndef ECR_INTAKE_H
#define ECR_INTAKE_H

#include <stdint.h>

#include "client/desk/deskkey.h"
#include "client/desk/store.h"
#include "crypto/entry.h"

struct intake;

/*
 * intake_new - ready to open with these keys; st is the caller's and is
 * counted up.
 * Errors: ERR_NOMEM, or the keys'.
 */
MUST_USE int intake_new(struct intake **out, struct deskdb *db,
    const struct deskkeys *keys, struct state *st);
void intake_free(struct intake *in);		/* wipes */

/*
 * intake_parcel - inside a writing transaction.
 * leaf    where the log has it; from is the start of its epoch
 * body    bytes that have e's digest
 * Errors: those of the store and ERR_NOMEM; the parcel never gives one.
 */
MUST_USE int intake_parcel(struct intake *in, uint64_t leaf,
    const struct entry *e, uint64_t from, struct rd body);

/* Remember what is wrong; after PROBLEMS_MAX of them, only that it is. */
MUST_USE int problem_note(struct deskdb *db, struct state *st,
    enum problem_why why, const unsigned char digest[static HASH_BYTES]);

#endif
