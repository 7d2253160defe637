/* SPDX-License-Identifier: ISC */
/*
 * wrap.h - text of others on a screen, broken between words.
 */
#ifndef ECR_WRAP_H
#define ECR_WRAP_H

#include <stdio.h>

#include "crypto/rd.h"

#define WRAP_COLUMNS	79	/* where f is no narrower terminal */

/* How many columns a line on f may have: WRAP_COLUMNS at most, 20 at least. */
unsigned wrap_columns(FILE *f);

/*
 * wrap_text - write text through say_clean(), its line ends kept, each line
 * broken at spaces so that it has at most width columns; what has no space
 * is not broken.  The cursor stands at column col; lines that follow begin
 * at indent, and keep the spaces with which they begin.  No LF at the end.
 */
void wrap_text(FILE *f, struct rd text, unsigned col, unsigned indent,
    unsigned width);

#endif
