/* SPDX-License-Identifier: ISC */
/*
 * vec.c - test vectors of others, found, read and decoded.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/unit/vec.h"

#define INFLATE_MAX	((size_t)64 << 20)

/* see vec.h */
const char *
vec_dir(void)
{
	const char *dir = getenv("VECTORS");

	return dir != NULL && *dir != '\0' ? dir : "../shared/vectors";
}

static char *
path_of(const char *path)
{
	size_t n = strlen(vec_dir()) + strlen(path) + 2;
	char *full = malloc(n);

	cr_assert(full != NULL);
	(void)snprintf(full, n, "%s/%s", vec_dir(), path);
	return full;
}

/* see vec.h */
bool
vec_need(const char *path)
{
	const char *ci = getenv("CI");
	char *full = path_of(path);
	bool there = access(full, R_OK) == 0;

	free(full);
	if (there)
		return true;
	fprintf(stderr, "VECTORS ABSENT: suite %s did not run\n", path);
	cr_assert(ci == NULL || strcmp(ci, "true") != 0,
	    "CI=true and no vectors: %s", path);
	return false;
}

/* see vec.h */
void
vec_ran(const char *suite, size_t cases)
{
	fprintf(stderr, "vectors: %s: %zu cases\n", suite, cases);
	cr_assert(cases > 0, "suite %s has no case", suite);
}

static struct vec
vec_new(size_t n)
{
	struct vec v = { malloc(n + 1), n };

	cr_assert(v.p != NULL);
	v.p[n] = 0;
	return v;
}

/* see vec.h */
struct vec
vec_load_at(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct vec v;
	long n;

	cr_assert(f != NULL, "cannot open %s", path);
	cr_assert(fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 &&
	    fseek(f, 0, SEEK_SET) == 0, "cannot read %s", path);
	v = vec_new((size_t)n);
	cr_assert(fread(v.p, 1, v.n, f) == v.n, "cannot read %s", path);
	(void)fclose(f);		/* it was only read */
	return v;
}

/* see vec.h */
struct vec
vec_load(const char *path)
{
	char *full = path_of(path);
	struct vec v = vec_load_at(full);

	free(full);
	return v;
}

/* see vec.h */
struct vec
vec_hex(const char *hex)
{
	struct vec v = vec_new(strlen(hex) / 2);
	size_t got = 0;

	cr_assert(strlen(hex) % 2 == 0 && sodium_hex2bin(v.p, v.n, hex,
	    strlen(hex), NULL, &got, NULL) == 0 && got == v.n,
	    "bad hexadecimal in a vector: %.40s", hex);
	return v;
}

/* see vec.h */
struct vec
vec_b64(const char *text)
{
	struct vec v = vec_new(strlen(text) / 4 * 3 + 3);
	size_t n = strlen(text);
	int how = n % 4 == 0 ? sodium_base64_VARIANT_ORIGINAL :
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

	cr_assert(sodium_base642bin(v.p, v.n, text, n, NULL, &v.n, NULL,
	    how) == 0, "bad base64 in a vector: %.40s", text);
	v.p[v.n] = 0;
	return v;
}

/* bits as inflateInit2() wants them */
static struct vec
unpack(struct vec packed, int bits)
{
	struct vec v = vec_new(INFLATE_MAX);
	z_stream z;

	memset(&z, 0, sizeof(z));
	z.next_in = packed.p;
	z.avail_in = (uInt)packed.n;
	z.next_out = v.p;
	z.avail_out = (uInt)v.n;
	cr_assert(inflateInit2(&z, bits) == Z_OK);
	cr_assert(inflate(&z, Z_FINISH) == Z_STREAM_END,
	    "a packed vector does not unpack");
	v.n = z.total_out;
	cr_assert(inflateEnd(&z) == Z_OK);
	vec_free(&packed);
	v.p = realloc(v.p, v.n + 1);
	cr_assert(v.p != NULL);
	v.p[v.n] = 0;
	return v;
}

/* see vec.h */
struct vec
vec_inflate(struct vec packed)
{
	return unpack(packed, 15);
}

/* see vec.h */
struct vec
vec_gunzip(struct vec packed)
{
	return unpack(packed, 15 + 16);
}

/* see vec.h */
void
vec_free(struct vec *v)
{
	free(v->p);
	v->p = NULL;
	v->n = 0;
}

/* see vec.h */
struct rd
vec_rd(const struct vec *v)
{
	return rd_from(v->p, v->n);
}

/* see vec.h */
bool
vec_eq(const struct vec *v, const void *p, size_t n)
{
	return rd_eq(vec_rd(v), rd_from(p, n));
}

static int
not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* see vec.h */
char **
vec_list(const char *path)
{
	char *full = path_of(path), **names;
	struct dirent **e;
	int n, i;

	n = scandir(full, &e, not_hidden, alphasort);
	cr_assert(n >= 0, "cannot list %s", full);
	names = calloc((size_t)n + 1, sizeof(*names));
	cr_assert(names != NULL);
	for (i = 0; i < n; i++) {
		names[i] = strdup(e[i]->d_name);
		cr_assert(names[i] != NULL);
		free(e[i]);
	}
	free(e);
	free(full);
	return names;
}

/* see vec.h */
void
vec_list_free(char **names)
{
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

/* see vec.h */
json_t *
vec_json(const char *path)
{
	struct vec v = vec_load(path);
	json_error_t e;
	json_t *j = json_loadb((const char *)v.p, v.n, JSON_ALLOW_NUL, &e);

	cr_assert(j != NULL, "%s: %s", path, e.text);
	vec_free(&v);
	return j;
}

/* see vec.h */
const char *
vec_str(const json_t *o, const char *key)
{
	const json_t *m = json_object_get(o, key);

	cr_assert(json_is_string(m), "vector without a string '%s'", key);
	return json_string_value(m);
}

/* see vec.h */
size_t
vec_int(const json_t *o, const char *key)
{
	const json_t *m = json_object_get(o, key);

	cr_assert(json_is_integer(m) && json_integer_value(m) >= 0,
	    "vector without a number '%s'", key);
	return (size_t)json_integer_value(m);
}

/* see vec.h */
bool
vec_bool(const json_t *o, const char *key)
{
	const json_t *m = json_object_get(o, key);

	cr_assert(json_is_boolean(m), "vector without a truth '%s'", key);
	return json_is_true(m);
}

/* see vec.h */
struct vec
vec_hex_of(const json_t *o, const char *key)
{
	return vec_hex(vec_str(o, key));
}

/* see vec.h */
struct vec
vec_b64_of(const json_t *o, const char *key)
{
	return vec_b64(vec_str(o, key));
}
