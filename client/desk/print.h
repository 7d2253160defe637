/* SPDX-License-Identifier: ISC */
/*
 * print.h - small pieces of output that the desk's commands share.
 */
#ifndef ECR_DESK_PRINT_H
#define ECR_DESK_PRINT_H

#include <stdint.h>

#include <jansson.h>

#include "crypto/err.h"

#define DATE_CHARS	16

/* YYYY-MM-DD. */
void print_day(char out[static DATE_CHARS], int32_t day);
/* The UTC day of a Unix time. */
void print_date(char out[static DATE_CHARS], uint64_t seconds);

/*
 * print_json - one value and a line end on stdout; only ASCII leaves, so no
 * text in it can move a cursor.  Takes o over, NULL means out of memory.
 * Returns an exit code.
 */
MUST_USE int print_json(json_t *o);

#endif
