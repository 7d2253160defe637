/* SPDX-License-Identifier: ISC */
/*
 * peers.h - the roles of this desk's office: the verifier keys of all of
 * them, this desk's own among them, as OFFICE.vkey has them.
 *
 * With them a desk that joins an office at work can tell what the others had
 * erased before (bodies.h).  A desk needs none where it was there first.
 */
#ifndef ECR_PEERS_H
#define ECR_PEERS_H

#include "client/common/office.h"
#include "client/desk/desk.h"

/*
 * peers_get - inside any transaction; where none were pinned, *o has no role.
 * Errors: the store's, ERR_FORMAT.
 */
MUST_USE int peers_get(struct deskdb *db, struct office *o);

/*
 * peers_pin - in the caller's writing transaction, in place of those before;
 * each other role is an act in the desk log.  Refused, in words: another
 * office's keys, and a file that has not this desk's own key.  Exit code.
 * path: for what is said.
 */
MUST_USE int peers_pin(struct desk *d, const struct office *o,
    const char *path);

#endif
