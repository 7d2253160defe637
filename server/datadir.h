/* SPDX-License-Identifier: ISC */
/*
 * datadir.h - the data directory: made once, used by one server at a time.
 *
 *   log.key log.vkey   the log's key (logkey.h) and its public half
 *   tokens             hashes of bearer tokens (token.h), if there are any
 *   clock              the operator's word that the clock is right (clock.h)
 *   clock-doubt        the clock was set; until the operator's word (clock.h)
 *   drop/              the public log and its parcels (drop.h)
 *   pending/           what has come since the last close (pending.h)
 *
 * The fork guard (guard.h) is made with it and lies elsewhere.
 * See docs/formats/store.md.
 */
#ifndef ECR_DATADIR_H
#define ECR_DATADIR_H

#include "crypto/err.h"

/*
 * datadir_create - a new log under a new key, in a directory that must not
 * be there yet; it appears whole or not at all.  secret_init() came first.
 * guard: the folder of its fork guard, made unless it is there and empty;
 * NULL: path.guard.  It comes first, so that no log is ever without.
 * Errors: ERR_EXISTS, ERR_CHANGED (another log's guard is there), ERR_FORMAT
 * (origin is no name), ERR_LIMIT (a path is too long), ERR_IO (errno).
 */
MUST_USE int datadir_create_with(const char *path, const char *guard,
    const char *origin);
MUST_USE int datadir_create(const char *path, const char *origin);
/*
 * datadir_lock - for as long as a copy of this descriptor is open.
 * Errors: ERR_EXISTS (another server has it), ERR_IO.
 */
MUST_USE int datadir_lock(int fd);

#endif
