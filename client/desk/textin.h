/* SPDX-License-Identifier: ISC */
/*
 * textin.h - what an officer writes to a reporter: read, and made fit to be
 * sent.
 */
#ifndef ECR_TEXTIN_H
#define ECR_TEXTIN_H

#include <stddef.h>

#include "crypto/err.h"

#define TEXTIN_MAX		((size_t)256 * 1024)
#define TEXTIN_LINE_MAX		2000	/* a question, or how it stands */

/*
 * textin_clean - in place: line ends become LF, white space at both ends
 * goes; there is a NUL behind *n bytes before and after.
 * Errors: ERR_FORMAT (not UTF-8, or a control character; *line says where,
 *         from 1), ERR_NOTFOUND (nothing is left).
 */
MUST_USE int textin_clean(unsigned char *p, size_t *n, size_t *line);

/* One line of few words.  ERR_FORMAT, ERR_LIMIT, ERR_NOTFOUND (empty). */
MUST_USE int textin_line(const char *s);

/*
 * textin_read - from a file, "-" for standard input, or, where path is NULL,
 * an editor (editor.h).  Exit code; says what is wrong.
 * Owns: the caller frees *out with file_free().
 */
MUST_USE int textin_read(unsigned char **out, size_t *n, const char *path);

#endif
