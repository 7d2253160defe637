/* SPDX-License-Identifier: ISC */
/*
 * secretin.h - passphrases and codenames come from a terminal, a file or
 * standard input; never from argv or the environment.
 */
#ifndef ECR_SECRETIN_H
#define ECR_SECRETIN_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/err.h"

#define SECRETIN_MAX	1024

/*
 * secretin_read - one line into a secret_new() block of SECRETIN_MAX bytes,
 * NUL-terminated, without its line end.
 * path    a file, "-" for stdin, or NULL: ask on the terminal, echo off
 * confirm on a terminal: ask twice
 * Errors: ERR_NOTFOUND (no terminal to ask on, or no such file),
 *         ERR_LIMIT, ERR_FORMAT (a NUL in it), ERR_CHANGED (the two differ), ERR_IO, ERR_NOMEM.
 * Owns:   the caller frees *out with secret_free().
 */
MUST_USE int secretin_read(char **out, const char *path, const char *prompt,
    bool confirm);

/* Core size 0, not dumpable; and secret_init().  First thing in main(). */
MUST_USE int secretin_harden(void);

#endif
