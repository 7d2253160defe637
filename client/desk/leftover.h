/* SPDX-License-Identifier: ISC */
/*
 * leftover.h - the folder in which a desk is built, until it has its name:
 * made, held, and removed where its maker was killed; and the same for files
 * in a desk.
 */
#ifndef ECR_LEFTOVER_H
#define ECR_LEFTOVER_H

#include <stddef.h>

#include "crypto/err.h"

/*
 * leftover_name - "PLACE.<16 hex>.tmp", drawn anew each time.
 * Errors: ERR_LIMIT.
 */
MUST_USE int leftover_name(char *out, size_t cap, const char *place);

/*
 * leftover_make - make that folder and hold it: while the descriptor, or the
 * process, lives, leftover_clean() of others leaves it alone.
 * Returns the descriptor, or -1 with errno.
 */
MUST_USE int leftover_make(const char *name);

/*
 * leftover_clean - remove what was begun for this place and is held by
 * nobody; returns how many.  What cannot be removed stays.
 */
size_t leftover_clean(const char *place);

/*
 * leftover_sweep - in a desk that is locked: remove the files that killed
 * programs were writing ("NAME.<16 hex>.tmp"), among them sealed keys, which
 * are overwritten first, and keys that they were destroying.
 */
void leftover_sweep(int dirfd);

/*
 * leftover_shred - overwrite a file, sync it, unlink it, sync the folder.
 * Errors: ERR_IO (errno is kept).
 */
MUST_USE int leftover_shred(int dirfd, const char *name);

/* Noise over all of an open regular file, synced.  ERR_IO, ERR_FORMAT. */
MUST_USE int leftover_overwrite(int fd);

/* Removes a folder and all in it, best effort; links are not followed. */
void leftover_remove(const char *name);

#endif
