/* SPDX-License-Identifier: ISC */
/*
 * own.c - loading our own vectors.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "crypto/base.h"
#include "tests/unit/own.h"
#include "tests/unit/vec.h"

static bool
find(const struct own *v, const char *name, struct rd *value)
{
	struct rd head = v->head, line;

	while (rd_line(&head, &line))
		if (rd_lit(&line, name) && rd_lit(&line, ": ")) {
			*value = line;
			return true;
		}
	return false;
}

struct rd
own_get(const struct own *v, const char *name)
{
	struct rd value = { NULL, 0 };

	cr_assert(find(v, name, &value), "%s has no %s:", v->name, name);
	return value;
}

bool
own_has(const struct own *v, const char *name)
{
	struct rd value;

	return find(v, name, &value);
}

void
own_hex(const struct own *v, const char *name, void *out, size_t n)
{
	cr_assert(hex_decode(out, n, own_get(v, name)), "%s: %s", v->name,
	    name);
}

unsigned long
own_number(const struct own *v, const char *name)
{
	uint64_t n = 0;

	cr_assert(rd_dec(own_get(v, name), INT64_MAX, &n), "%s: %s", v->name,
	    name);
	return (unsigned long)n;
}

int
own_expect(const struct own *v)
{
	static const struct {
		const char *word;
		int err;
	} words[] = {
		{ "success", 0 }, { "format", ERR_FORMAT },
		{ "auth", ERR_AUTH }, { "nomatch", ERR_NOMATCH },
		{ "limit", ERR_LIMIT }, { "notfound", ERR_NOTFOUND },
		{ "changed", ERR_CHANGED },
		{ "payload", ERR_PAYLOAD },
	};
	struct rd want = own_get(v, "expect");
	size_t i;

	(void)own_get(v, "comment");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (rd_eq_str(want, words[i].word))
			return words[i].err;
	cr_assert_fail("%s expects something unknown", v->name);
	return -1000;
}

static void
run(const char *path, const char *name, void (*f)(const struct own *))
{
	struct own v = { name, { NULL, 0 }, { NULL, 0 } };
	struct vec file = vec_load_at(path);
	struct rd all = vec_rd(&file), line;

	do
		cr_assert(rd_line(&all, &line), "%s has no empty line", name);
	while (line.n > 0);
	v.head = rd_from(file.p, file.n - all.n);
	v.body = all;
	f(&v);
	vec_free(&file);
}

void
own_each(const char *format, size_t least, void (*f)(const struct own *))
{
	char folder[64], path[400];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)snprintf(folder, sizeof(folder), "tests/vectors/%s", format);
	cr_assert_not_null((d = opendir(folder)), "%s", folder);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		run(path, e->d_name, f);
		n++;
	}
	(void)closedir(d);		/* it was only read */
	cr_assert_geq(n, least, "only %zu vectors of %s", n, format);
	vec_ran(folder, n);
}
