/* SPDX-License-Identifier: ISC */
/*
 * editor.h - a text written in the officer's editor, in memory alone.
 *
 * The editor works in a private folder on a file system in memory, which is
 * its home and its place for temporary files, too: swap files, backups and
 * histories land there, and all of it is overwritten and removed when the
 * editor ends, whatever ends it.
 */
#ifndef ECR_EDITOR_H
#define ECR_EDITOR_H

#include <stddef.h>

#include "crypto/err.h"

/*
 * editor_run - $VISUAL, $EDITOR or vi on an empty file.  Exit code; says what
 * is wrong.  max bytes at most; *out has a NUL behind its *n bytes.
 * Owns: the caller frees *out with file_free().
 */
MUST_USE int editor_run(unsigned char **out, size_t *n, size_t max);

#endif
