/* SPDX-License-Identifier: ISC */
/*
 * file.h - small files of the data directory: whole or not at all, synced.
 *
 * dir is a directory's descriptor, or AT_FDCWD; names are relative to it.
 * Where a program runs as root in a directory that belongs to somebody else,
 * what it makes is given to that owner, so that the server can read it.
 */
#ifndef ECR_FILE_H
#define ECR_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "crypto/err.h"
#include "crypto/rd.h"

#define FILE_NAME_MAX_BYTES	256

/*
 * The whole file into buf.  Errors: ERR_NOTFOUND, ERR_LIMIT (more than cap),
 * ERR_FORMAT (no regular file), ERR_IO.
 */
MUST_USE int file_slurp(int dir, const char *name, void *buf, size_t cap,
    size_t *n);
/* The same from a descriptor's beginning. */
MUST_USE int file_read_fd(int fd, void *buf, size_t cap, size_t *n);
/*
 * A new file under its name, after file and folder are on disk; an older
 * one is left alone.  Errors: ERR_EXISTS, ERR_IO.
 */
MUST_USE int file_create(int dir, const char *name, struct rd bytes,
    mode_t mode);
/* The same, in the place of an older one. */
MUST_USE int file_replace(int dir, const char *name, struct rd bytes,
    mode_t mode);
/*
 * Overwritten, synced, unlinked, folder synced.  What a solid-state disk
 * keeps of the old blocks is beyond us.  No such file: 0.
 */
MUST_USE int file_shred(int dir, const char *name);
/* Unlinked; no such file: 0.  The folder is the caller's to sync. */
MUST_USE int file_remove(int dir, const char *name);
MUST_USE int file_sync_dir(int dir, const char *name);

#endif
