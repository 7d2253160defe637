/* SPDX-License-Identifier: ISC */
/*
 * wrap.h - text of others, cleaned, indented and broken at the screen's edge.
 */
#ifndef ECR_WRAP_H
#define ECR_WRAP_H

#include <stdio.h>

#include "crypto/rd.h"

#define WRAP_PLAIN	80	/* where there is no terminal */

/* The width of the terminal that f is, between 40 and 200. */
unsigned wrap_width(FILE *f);

/*
 * wrap_print - every line behind the indent, none wider than width unless a
 * single character is; line ends and empty lines of the text are kept.  All
 * goes through say_clean().
 */
void wrap_print(FILE *f, struct rd text, const char *indent, unsigned width);

#endif
