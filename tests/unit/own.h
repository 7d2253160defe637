/* SPDX-License-Identifier: ISC */
/*
 * own.h - our own vectors, tests/vectors/<format>/.
 *
 * A vector is a file: "name: value" lines, an empty line, the bytes.  Every
 * one has expect: and comment:; tests/vectors/README.md lists the rest.
 */
#ifndef TEST_OWN_H
#define TEST_OWN_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/rd.h"

struct own {
	const char *name;		/* of the file */
	struct rd head, body;
};

/* The value of the first line of this name; fails the test if missing. */
struct rd own_get(const struct own *v, const char *name);
bool own_has(const struct own *v, const char *name);
/* The same as exactly n bytes of hexadecimal, or as a number. */
void own_hex(const struct own *v, const char *name, void *out, size_t n);
unsigned long own_number(const struct own *v, const char *name);
/* What expect: says, as 0 or an error code. */
int own_expect(const struct own *v);
/* Runs f for each vector of the format; there must be at least `least`. */
void own_each(const char *format, size_t least, void (*f)(const struct own *));

#endif
