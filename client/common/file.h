/* SPDX-License-Identifier: ISC */
/*
 * file.h - files that appear whole or not at all, and bounded reading.
 */
#ifndef ECR_FILE_H
#define ECR_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/err.h"
#include "crypto/rd.h"

/*
 * file_read - all that can be read at a path that a person gave ("-" is
 * stdin; a pipe will do), at most max bytes.  *out has a NUL behind its *n
 * bytes; the caller frees it with file_free(), which wipes.
 * Errors: ERR_NOTFOUND, ERR_LIMIT, ERR_IO (errno is kept), ERR_NOMEM.
 */
MUST_USE int file_read(unsigned char **out, size_t *n, const char *path,
    size_t max);
/*
 * The same within a folder that somebody else may have filled: a regular
 * file and no link, or ERR_FORMAT; it never blocks.
 */
MUST_USE int file_read_at(unsigned char **out, size_t *n, int dirfd,
    const char *name, size_t max);
/* The same into memory that is there already: *n of max bytes. */
MUST_USE int file_read_into(unsigned char *p, size_t max, size_t *n,
    int dirfd, const char *name);
void file_free(unsigned char *p, size_t n);

/*
 * file_write_at - temporary name, write, fsync, rename (or link, where
 * replace is false: an existing file is kept, ERR_EXISTS), fsync of the
 * folder.  mode as in open(2).
 */
MUST_USE int file_write_at(int dirfd, const char *name, struct rd bytes,
    unsigned mode, bool replace);
/* The same by path. */
MUST_USE int file_write(const char *path, struct rd bytes, unsigned mode,
    bool replace);

/* Make a folder (0700) where there is none and open it; -1: errno. */
int dir_open(const char *path, bool make);
int dir_open_at(int dirfd, const char *name, bool make);

/* fsync a descriptor or folder. */
MUST_USE int fd_sync(int fd);

#endif
