/* SPDX-License-Identifier: ISC */
/*
 * vec.h - test vectors of others, for every unit test.
 *
 * They stand in the folder $VECTORS (../shared/vectors where that is not
 * set) and are never part of this repository.  Where a suite is absent the
 * test says so loudly and goes on; with CI=true that is a failure.
 *
 *	if (!vec_need("crypto/xwing/test-vectors.json"))
 *		return;
 *	...
 *	vec_ran("xwing", n);
 */
#ifndef ECR_TEST_VEC_H
#define ECR_TEST_VEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "crypto/rd.h"

/* Bytes on the heap; p is never NULL, and p[n] is 0. */
struct vec {
	unsigned char *p;
	size_t n;
};

const char *vec_dir(void);

/* Is this file or folder there?  Says so if not, and fails under CI=true. */
MUST_USE bool vec_need(const char *path);
/* How many cases a suite ran; fails if none did. */
void vec_ran(const char *suite, size_t cases);

/* All of these fail the test where they cannot do it; free with vec_free(). */
struct vec vec_load(const char *path);		/* below vec_dir() */
struct vec vec_load_at(const char *path);	/* as it stands */
struct vec vec_hex(const char *hex);		/* either case */
struct vec vec_b64(const char *text);		/* standard, padded or not */
struct vec vec_inflate(struct vec packed);	/* zlib; frees packed */
struct vec vec_gunzip(struct vec packed);	/* frees packed */
void vec_free(struct vec *v);
struct rd vec_rd(const struct vec *v);
bool vec_eq(const struct vec *v, const void *p, size_t n);

/* Names in a folder, sorted; the list ends with NULL. */
char **vec_list(const char *path);
void vec_list_free(char **names);

json_t *vec_json(const char *path);		/* json_decref() it */
/* A member's value; fails the test where it is missing or of another type. */
const char *vec_str(const json_t *o, const char *key);
size_t vec_int(const json_t *o, const char *key);
bool vec_bool(const json_t *o, const char *key);
struct vec vec_hex_of(const json_t *o, const char *key);
struct vec vec_b64_of(const json_t *o, const char *key);

#endif
