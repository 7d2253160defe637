/* SPDX-License-Identifier: ISC */
/*
 * test_sha256.c - SHA-256 in its three forms, and HKDF.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "tests/unit/vec.h"

static void
digest_is(const char *text, const char *hex)
{
	struct vec want = vec_hex(hex);
	unsigned char got[HASH_BYTES];

	sha256(got, text, strlen(text));
	cr_assert(vec_eq(&want, got, sizeof(got)));
	vec_free(&want);
}

Test(sha256, knows_the_answers_of_fips_180)
{
	digest_is("", "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	digest_is("abc", "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	digest_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnop"
	    "nopq", "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1");
}

Test(sha256, all_forms_agree_at_every_length)
{
	unsigned char in[1000], a[HASH_BYTES], b[HASH_BYTES], c[HASH_BYTES];
	struct sha256 *h = sha256_new();
	size_t n;

	cr_assert(h != NULL);
	randombytes_buf(in, sizeof(in));
	for (n = 0; n <= sizeof(in); n++) {
		sha256(a, in, n);
		(void)crypto_hash_sha256(b, in, n);
		sha256_update(h, in, n / 3);
		sha256_update(h, in + n / 3, n - n / 3);
		sha256_final(h, c);
		cr_assert(memcmp(a, b, sizeof(a)) == 0, "%zu", n);
		cr_assert(memcmp(a, c, sizeof(a)) == 0, "%zu", n);
	}
	sha256_free(h);
	sha256_free(NULL);
}

Test(sha256, reset_forgets_what_came_before)
{
	unsigned char a[HASH_BYTES], b[HASH_BYTES];
	struct sha256 *h = sha256_new();

	cr_assert(h != NULL);
	sha256_update(h, "garbage", 7);
	sha256_reset(h);
	sha256_update(h, "abc", 3);
	sha256_update(h, NULL, 0);
	sha256_final(h, a);
	sha256(b, "abc", 3);
	cr_assert(memcmp(a, b, sizeof(a)) == 0);
	sha256_free(h);
}

Test(sha256, hmac_agrees_with_libsodium_at_every_length)
{
	unsigned char in[1200], key[80], a[HASH_BYTES], b[HASH_BYTES];
	crypto_auth_hmacsha256_state st;
	size_t n, k;

	randombytes_buf(in, sizeof(in));
	randombytes_buf(key, sizeof(key));
	for (n = 0; n <= sizeof(in); n++) {
		k = n % (sizeof(key) + 1);
		hmac(a, rd_from(key, k), rd_from(in, n));
		crypto_auth_hmacsha256_init(&st, key, k);
		crypto_auth_hmacsha256_update(&st, in, n);
		crypto_auth_hmacsha256_final(&st, b);
		cr_assert(memcmp(a, b, sizeof(a)) == 0, "%zu", n);
	}
}

Test(sha256, hkdf_knows_the_first_answer_of_rfc_5869)
{
	struct vec ikm = vec_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
	    "0b");
	struct vec salt = vec_hex("000102030405060708090a0b0c");
	struct vec info = vec_hex("f0f1f2f3f4f5f6f7f8f9");
	struct vec okm = vec_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf"
	    "1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
	unsigned char out[42];

	hkdf(out, sizeof(out), vec_rd(&ikm), vec_rd(&salt), vec_rd(&info));
	cr_assert(vec_eq(&okm, out, sizeof(out)));
	vec_free(&ikm);
	vec_free(&salt);
	vec_free(&info);
	vec_free(&okm);
}

Test(sha256, hkdf_passes_wycheproof)
{
	unsigned char *out = malloc(8160);
	json_t *j, *g, *t;
	size_t i, k, n = 0;

	if (!vec_need("crypto/wycheproof/hkdf_sha256_test.json"))
		return;
	j = vec_json("crypto/wycheproof/hkdf_sha256_test.json");
	json_array_foreach(json_object_get(j, "testGroups"), i, g) {
		json_array_foreach(json_object_get(g, "tests"), k, t) {
			struct vec ikm = vec_hex_of(t, "ikm");
			struct vec salt = vec_hex_of(t, "salt");
			struct vec info = vec_hex_of(t, "info");
			struct vec okm = vec_hex_of(t, "okm");
			size_t len = vec_int(t, "size");

			n++;
			if (strcmp(vec_str(t, "result"), "valid") == 0) {
				cr_assert(len <= 8160);
				hkdf(out, len, vec_rd(&ikm), vec_rd(&salt),
				    vec_rd(&info));
				cr_assert(vec_eq(&okm, out, len));
			} else {
				cr_assert(len > 8160);
			}
			vec_free(&ikm);
			vec_free(&salt);
			vec_free(&info);
			vec_free(&okm);
		}
	}
	vec_ran("wycheproof hkdf_sha256", n);
	json_decref(j);
	free(out);
}

Test(sha256, many_padded_messages_are_each_as_by_itself)
{
	unsigned char buf[9][3 * SHA256_BLOCK_BYTES], out[9][HASH_BYTES],
	    want[HASH_BYTES];
	struct sha256 *h = sha256_new();
	size_t blocks, n, i;

	cr_assert(h != NULL);
	for (blocks = 1; blocks <= 3; blocks++)
		for (n = 0; n + 9 <= blocks * SHA256_BLOCK_BYTES; n++) {
			if (n + 9 <= (blocks - 1) * SHA256_BLOCK_BYTES)
				continue;	/* padding is as short as can be */
			randombytes_buf(buf, sizeof(buf));
			for (i = 0; i < 9; i++)
				sha256_pad(buf[0] + i * blocks *
				    SHA256_BLOCK_BYTES, blocks, n);
			sha256_update(h, "left over", 9);
			sha256_many(h, out, buf[0], blocks, 9);
			for (i = 0; i < 9; i++) {
				sha256(want, buf[0] + i * blocks *
				    SHA256_BLOCK_BYTES, n);
				cr_assert_arr_eq(out[i], want, HASH_BYTES);
			}
		}
	sha256_final(h, out[0]);
	sha256(want, NULL, 0);
	cr_assert_arr_eq(out[0], want, HASH_BYTES);	/* it was reset */
	sha256_free(h);
}
