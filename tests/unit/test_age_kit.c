/* SPDX-License-Identifier: ISC */
/*
 * test_age_kit.c - the age test kit, and its post-quantum twin.
 *
 * Each file says what a reader must make of it, to the class of refusal and
 * to the plaintext that a streaming reader may have released.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/base.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "tests/unit/vec.h"

#define KEYS_MAX	4

struct kit_case {
	char *name;
	struct rd expect, payload, file_key;	/* views of raw */
	struct age_identity ids[KEYS_MAX];
	size_t nids;
	bool armored, packed;
	struct vec raw, file;
};

struct released {
	struct sha256 *hash;
	size_t n;
};

static int
on_plain(void *arg, const unsigned char *p, size_t n)
{
	struct released *out = arg;

	sha256_update(out->hash, p, n);
	out->n += n;
	return 0;
}

static int
class_of(struct rd expect)
{
	static const struct {
		const char *words;
		int err;
	} table[] = {
		{ "success", 0 }, { "no match", ERR_NOMATCH },
		{ "HMAC failure", ERR_AUTH }, { "header failure", ERR_FORMAT },
		{ "payload failure", ERR_PAYLOAD },
		/* Armor is not read: whatever is wrong in it, or right. */
		{ "armor failure", ERR_FORMAT }
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (rd_eq_str(expect, table[i].words))
			return table[i].err;
	cr_assert(false, "a class that nobody knows");
	return 1;
}

static void
kit_line(struct kit_case *k, struct rd line)
{
	if (rd_lit(&line, "expect: "))
		k->expect = line;
	else if (rd_lit(&line, "payload: "))
		k->payload = line;
	else if (rd_lit(&line, "file key: "))
		k->file_key = line;
	else if (rd_lit(&line, "identity: "))
		cr_assert(k->nids < KEYS_MAX && age_identity_parse(
		    &k->ids[k->nids++], line) == 0);
	else if (rd_lit(&line, "armored: yes"))
		k->armored = true;
	else if (rd_lit(&line, "compressed: zlib"))
		k->packed = true;
	else
		cr_assert(rd_lit(&line, "comment: ") ||
		    rd_lit(&line, "passphrase: "));
}

static void
kit_load(struct kit_case *k, const char *dir, const char *name)
{
	char path[256];
	struct rd r, line;

	memset(k, 0, sizeof(*k));
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	k->name = strdup(name);
	k->raw = vec_load(path);
	r = vec_rd(&k->raw);
	while (rd_line(&r, &line) && !rd_done(&line))
		kit_line(k, line);
	k->file.p = malloc(r.n + 1);
	cr_assert(k->file.p != NULL && k->name != NULL);
	k->file.n = r.n;
	cr_assert(rd_copy(&r, k->file.p, r.n));
	if (k->packed)
		k->file = vec_inflate(k->file);
}

static void
kit_unload(struct kit_case *k)
{
	free(k->name);
	vec_free(&k->raw);
	vec_free(&k->file);
}

static int
want(const struct kit_case *k)
{
	return k->armored ? ERR_FORMAT : class_of(k->expect);
}

static void
hash_is(const struct kit_case *k, const unsigned char *hash)
{
	unsigned char right[HASH_BYTES];

	cr_assert(hex_decode(right, sizeof(right), k->payload), "%s",
	    k->name);
	cr_assert(memcmp(hash, right, sizeof(right)) == 0,
	    "%s: other plaintext", k->name);
}

/* Feed it in pieces: first bytes, then step at a time. */
static void
stream(const struct kit_case *k, size_t first, size_t step)
{
	struct released out = { sha256_new(), 0 };
	unsigned char hash[HASH_BYTES];
	struct rd r = vec_rd(&k->file), part;
	struct age_dec *d;
	size_t take = first;
	int e = 0;

	cr_assert(out.hash != NULL);
	cr_assert(age_dec_new(&d, k->ids, k->nids, on_plain, &out) == 0);
	while (e == 0 && !rd_done(&r)) {
		cr_assert(rd_take(&r, &part, take < r.n ? take : r.n));
		e = age_dec_push(d, part.p, part.n);
		take = step;
	}
	if (e == 0)
		e = age_dec_finish(d);
	cr_assert_eq(e, want(k), "%s: %d, not %d, at %zu then %zu", k->name,
	    e, want(k), first, step);
	sha256_final(out.hash, hash);
	if (e == 0 || e == ERR_PAYLOAD)
		hash_is(k, hash);
	else
		cr_assert_eq(out.n, 0, "%s: released", k->name);
	age_dec_free(d);
	sha256_free(out.hash);
}

static void
whole(const struct kit_case *k)
{
	unsigned char *out = malloc(k->file.n + 1), hash[HASH_BYTES];
	unsigned char key[AGE_FILE_KEY_BYTES], right[AGE_FILE_KEY_BYTES];
	size_t n = 1, which = 99, i;
	int e;

	cr_assert(out != NULL);
	memset(out, 0, k->file.n + 1);
	e = age_open(out, k->file.n, &n, k->ids, k->nids, vec_rd(&k->file),
	    key, &which);
	cr_assert_eq(e, want(k), "%s: %d, not %d", k->name, e, want(k));
	if (e == 0) {
		sha256(hash, out, n);
		hash_is(k, hash);
		cr_assert(hex_decode(right, sizeof(right), k->file_key));
		cr_assert(memcmp(key, right, sizeof(key)) == 0);
		cr_assert(which < k->nids);
	} else {
		cr_assert_eq(n, 0);
		cr_assert(sodium_is_zero(key, sizeof(key)));
		for (i = 0; i < k->file.n; i++)
			cr_assert_eq(out[i], 0, "%s: released", k->name);
	}
	free(out);
}

static size_t
run_kit(const char *dir)
{
	char **names = vec_list(dir);
	struct kit_case k;
	size_t i, at;

	cr_assert(secret_init() == 0);
	for (i = 0; names[i] != NULL; i++) {
		kit_load(&k, dir, names[i]);
		whole(&k);
		stream(&k, k.file.n + 1, 1);
		stream(&k, 1, 1);
		stream(&k, 65552, 65552);
		stream(&k, 1, 65553);
		for (at = 1; at < k.file.n && k.file.n < 4096; at++)
			stream(&k, at, k.file.n);
		kit_unload(&k);
	}
	vec_list_free(names);
	return i;
}

Test(age_kit, every_file_gets_its_exact_verdict)
{
	size_t n;

	if (!vec_need("crypto/age-testkit"))
		return;
	n = run_kit("crypto/age-testkit");
	vec_ran("age-testkit", n);
	cr_assert_eq(n, 73);
}

Test(age_kit, every_hybrid_twin_gets_its_exact_verdict)
{
	size_t n;

	if (!vec_need("crypto/age-testkit-pq"))
		return;
	n = run_kit("crypto/age-testkit-pq");
	vec_ran("age-testkit-pq", n);
	cr_assert_eq(n, 26);
}
