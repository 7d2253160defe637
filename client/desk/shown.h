/* SPDX-License-Identifier: ISC */
/*
 * shown.h - what a mirror shows reporters in this role's name: its keyset,
 * its statements, its replies.
 *
 * No entry stands for what is *shown*; whoever holds the mirror against the
 * log finds a keyset of somebody else, a statement that is kept back, a reply
 * that is withheld.
 */
#ifndef ECR_DESK_SHOWN_H
#define ECR_DESK_SHOWN_H

#include <stdint.h>

#include "client/common/mirror.h"
#include "crypto/note.h"

/*
 * shown_check - `keyset` and `replies` of a mirror, where they are there.
 *
 * k       this role's key
 * newest  sequence of the newest statement of ours in the log; 0: none
 * path    the mirror's, for the words
 *
 * Returns an exit code; what is wrong is said.  A keyset that is ours but not
 * the one that our newest statement names is a warning: so is every day
 * between an export and the close that logs it.
 */
MUST_USE int shown_check(struct mirror *m, const struct vkey *k,
    uint64_t newest, const char *path);

#endif
