/* SPDX-License-Identifier: ISC */
/*
 * trace.h - is anything of these bytes left in a file?
 *
 * Of each body every window of TRACE_BYTES at a multiple of them is looked
 * for at every place: whatever fragment of twice that is left is found.
 */
#ifndef ECR_TEST_TRACE_H
#define ECR_TEST_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define TRACE_BYTES	32u
#define TRACE_SKIP	64u	/* how every age file begins */

struct trace;
struct trace *trace_new(void);
void trace_free(struct trace *t);
/* Its bytes are copied. */
void trace_add(struct trace *t, const unsigned char *body, size_t n);
/* How many windows stand in these bytes. */
size_t trace_count(const struct trace *t, const unsigned char *p, size_t n);
/* In all files below a folder. */
size_t trace_count_tree(const struct trace *t, const char *path);

#endif
