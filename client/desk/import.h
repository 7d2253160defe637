/* SPDX-License-Identifier: ISC */
/*
 * import.h - a mirror into the desk: verified first, then opened, then filed.
 *
 * Nothing of a mirror is used before its checkpoint, its quorum, its
 * consistency with what was imported before and the digest of every new body
 * have been checked.  The work is committed in slices; killed at any point
 * and begun again it ends the same.
 */
#ifndef ECR_IMPORT_H
#define ECR_IMPORT_H

#include "client/common/mirror.h"
#include "client/desk/desk.h"
#include "client/desk/store.h"

/*
 * import_mirror - says what is wrong and returns an exit code; EXIT_CLAIM
 * where the mirror is not what the log has signed, with nothing imported.
 * st receives the state afterwards: what was counted is in st->since.
 */
MUST_USE int import_mirror(struct desk *d, const char *path,
    struct state *st);
/*
 * The same, also where too few witnesses have cosigned: the officer wants it
 * so, and the desk log keeps that.  A cosignature that does not hold is
 * refused all the same.
 */
MUST_USE int import_unwitnessed(struct desk *d, const char *path,
    struct state *st);
/* The officer has been told: begin to count anew. */
MUST_USE int import_told(struct desk *d, struct state *st);

#endif
