/* SPDX-License-Identifier: ISC */
/*
 * test_chapoly.c - ChaCha20-Poly1305 in bulk.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/chapoly.h"
#include "tests/unit/vec.h"

static const unsigned char key[32] = { 1, 2, 3 };
static const unsigned char nonce[12] = { 4, 5, 6 };

Test(chapoly, agrees_with_libsodium_and_opens_what_it_sealed)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 63, 64, 65, 1000,
		65535, 65536, 65537 };
	unsigned char *in = malloc(70000), *a = malloc(70000);
	unsigned char *b = malloc(70000);
	struct chapoly *c = chapoly_new(key);
	size_t i, n;

	cr_assert(in && a && b && c);
	randombytes_buf(in, 70000);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sizes[i];
		cr_assert(chapoly_seal(c, a, nonce, in, n) == 0);
		crypto_aead_chacha20poly1305_ietf_encrypt(b, NULL, in, n,
		    NULL, 0, NULL, nonce, key);
		cr_assert(memcmp(a, b, n + 16) == 0, "%zu", n);
		cr_assert(chapoly_open(c, b, nonce, a, n + 16) == 0);
		cr_assert(memcmp(b, in, n) == 0, "%zu", n);
		/* in place, both ways */
		memcpy(b, in, n);
		cr_assert(chapoly_seal(c, b, nonce, b, n) == 0);
		cr_assert(memcmp(a, b, n + 16) == 0, "%zu in place", n);
		cr_assert(chapoly_open(c, b, nonce, b, n + 16) == 0);
		cr_assert(memcmp(b, in, n) == 0, "%zu in place", n);
	}
	chapoly_free(c);
	free(in);
	free(a);
	free(b);
}

Test(chapoly, refuses_every_flipped_bit_and_releases_nothing)
{
	unsigned char ct[48 + 16], out[48];
	struct chapoly *c = chapoly_new(key);
	size_t i;

	cr_assert(c != NULL);
	memset(out, 7, sizeof(out));
	cr_assert(chapoly_seal(c, ct, nonce, out, sizeof(out)) == 0);
	for (i = 0; i < sizeof(ct) * 8; i++) {
		ct[i / 8] ^= (unsigned char)(1u << i % 8);
		memset(out, 7, sizeof(out));
		cr_assert(chapoly_open(c, out, nonce, ct, sizeof(ct)) ==
		    ERR_AUTH);
		cr_assert(sodium_is_zero(out, sizeof(out)));
		ct[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	cr_assert(chapoly_open(c, out, nonce, ct, sizeof(ct)) == 0,
	    "a refusal leaves the context good");
	chapoly_free(c);
	chapoly_free(NULL);
}

Test(chapoly, refuses_what_is_shorter_than_a_tag)
{
	unsigned char ct[16], out[1];
	struct chapoly *c = chapoly_new(key);
	size_t n;

	cr_assert(c != NULL);
	cr_assert(chapoly_seal(c, ct, nonce, NULL, 0) == 0);
	cr_assert(chapoly_open(c, out, nonce, ct, 16) == 0);
	for (n = 0; n < 16; n++)
		cr_assert(chapoly_open(c, out, nonce, ct, n) == ERR_FORMAT);
	chapoly_free(c);
}

static void
one(const json_t *t, size_t *ours, size_t *theirs)
{
	struct vec k = vec_hex_of(t, "key"), iv = vec_hex_of(t, "iv");
	struct vec aad = vec_hex_of(t, "aad"), msg = vec_hex_of(t, "msg");
	struct vec ct = vec_hex_of(t, "ct"), tag = vec_hex_of(t, "tag");
	bool good = strcmp(vec_str(t, "result"), "valid") == 0;
	unsigned char *all = malloc(ct.n + tag.n + 1), *out;
	struct chapoly *c;

	out = malloc(msg.n + ct.n + 17);
	cr_assert(all != NULL && out != NULL);
	memcpy(all, ct.p, ct.n);
	memcpy(all + ct.n, tag.p, tag.n);
	if (iv.n == 12 && aad.n == 0) {
		++*ours;
		cr_assert((c = chapoly_new(k.p)) != NULL);
		cr_assert_eq(chapoly_open(c, out, iv.p, all, ct.n + tag.n),
		    good ? 0 : ERR_AUTH);
		cr_assert(!good || vec_eq(&msg, out, msg.n));
		cr_assert(chapoly_seal(c, out, iv.p, msg.p, msg.n) == 0);
		cr_assert(!good || memcmp(out, all, ct.n + tag.n) == 0);
		chapoly_free(c);
	}
	if (iv.n == 12) {
		++*theirs;
		cr_assert_eq(crypto_aead_chacha20poly1305_ietf_decrypt(out,
		    NULL, NULL, all, ct.n + tag.n, aad.p, aad.n, iv.p, k.p),
		    good ? 0 : -1);
	} else {
		cr_assert(!good);
	}
	free(all);
	free(out);
	vec_free(&k);
	vec_free(&iv);
	vec_free(&aad);
	vec_free(&msg);
	vec_free(&ct);
	vec_free(&tag);
}

Test(chapoly, passes_wycheproof)
{
	size_t i, k, ours = 0, theirs = 0;
	json_t *j, *g, *t;

	if (!vec_need("crypto/wycheproof/chacha20_poly1305_test.json"))
		return;
	j = vec_json("crypto/wycheproof/chacha20_poly1305_test.json");
	json_array_foreach(json_object_get(j, "testGroups"), i, g)
		json_array_foreach(json_object_get(g, "tests"), k, t)
			one(t, &ours, &theirs);
	vec_ran("wycheproof chacha20_poly1305, OpenSSL's", ours);
	vec_ran("wycheproof chacha20_poly1305, libsodium's", theirs);
	json_decref(j);
}
