/* SPDX-License-Identifier: ISC */
/*
 * test_hpke.c - X-Wing and HPKE with it.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hpke.h"
#include "tests/unit/vec.h"

#define KEM_XWING	0x647a

static const struct rd none = { NULL, 0 };

Test(hpke, xwing_gives_its_known_answers)
{
	unsigned char pk[HPKE_PK_BYTES], ct[HPKE_ENC_BYTES], ss[32];
	json_t *j, *t;
	size_t i;

	if (!vec_need("crypto/xwing/test-vectors.json"))
		return;
	j = vec_json("crypto/xwing/test-vectors.json");
	json_array_foreach(j, i, t) {
		struct vec seed = vec_hex_of(t, "seed");
		struct vec eseed = vec_hex_of(t, "eseed");
		struct vec wpk = vec_hex_of(t, "pk");
		struct vec wct = vec_hex_of(t, "ct");
		struct vec wss = vec_hex_of(t, "ss");

		cr_assert(hpke_public(pk, seed.p) == 0);
		cr_assert(vec_eq(&wpk, pk, sizeof(pk)));
		cr_assert(hpke_check_public(pk) == 0);
		cr_assert(crypto_kem_xwing_enc_deterministic(ct, ss, pk,
		    eseed.p) == 0);
		cr_assert(vec_eq(&wct, ct, sizeof(ct)));
		cr_assert(vec_eq(&wss, ss, sizeof(ss)));
		cr_assert(crypto_kem_xwing_dec(ss, ct, seed.p) == 0);
		cr_assert(vec_eq(&wss, ss, sizeof(ss)));
		vec_free(&seed);
		vec_free(&eseed);
		vec_free(&wpk);
		vec_free(&wct);
		vec_free(&wss);
	}
	vec_ran("xwing", i);
	json_decref(j);
}

/*
 * Some fields of that file are hexadecimal of hexadecimal.  What was sealed is
 * the inner text as it stands, so one layer comes off.
 */
static void
suite_case(const json_t *t)
{
	unsigned char pk[HPKE_PK_BYTES], enc[HPKE_ENC_BYTES];
	unsigned char key[32], nonce[12], *out = malloc(4096);
	json_t *first = json_array_get(json_object_get(t, "encryptions"), 0);
	struct vec info = vec_hex_of(t, "info"), seed = vec_hex_of(t, "skRm");
	struct vec ikm = vec_hex_of(t, "ikmE"), wpk = vec_hex_of(t, "pkRm");
	struct vec wenc = vec_hex_of(t, "enc"), wkey = vec_hex_of(t, "key");
	struct vec wnonce = vec_hex_of(t, "base_nonce");
	struct vec ss = vec_hex_of(t, "shared_secret");
	struct vec aad = vec_hex_of(first, "aad"), pt = vec_hex_of(first, "pt");
	struct vec ct = vec_hex_of(first, "ct");

	cr_assert(out != NULL && pt.n + 16 <= 4096);
	hpke_schedule(key, nonce, ss.p, vec_rd(&info));
	cr_assert(vec_eq(&wkey, key, 32) && vec_eq(&wnonce, nonce, 12));
	cr_assert(hpke_public(pk, seed.p) == 0);
	cr_assert(vec_eq(&wpk, pk, sizeof(pk)));
	cr_assert(hpke_seal(enc, out, pk, vec_rd(&info), vec_rd(&aad),
	    vec_rd(&pt), ikm.p) == 0);
	cr_assert(vec_eq(&wenc, enc, sizeof(enc)));
	cr_assert(vec_eq(&ct, out, pt.n + 16));
	cr_assert(hpke_open(out, enc, seed.p, vec_rd(&info), vec_rd(&aad),
	    vec_rd(&ct)) == 0);
	cr_assert(vec_eq(&pt, out, pt.n));
	free(out);
	vec_free(&info);
	vec_free(&seed);
	vec_free(&ikm);
	vec_free(&wpk);
	vec_free(&wenc);
	vec_free(&wkey);
	vec_free(&wnonce);
	vec_free(&ss);
	vec_free(&aad);
	vec_free(&pt);
	vec_free(&ct);
}

Test(hpke, gives_its_known_answers)
{
	json_t *j, *t;
	size_t i, n = 0;

	if (!vec_need("crypto/hpke/hpke-pq.json"))
		return;
	j = vec_json("crypto/hpke/hpke-pq.json");
	json_array_foreach(j, i, t) {
		if (vec_int(t, "kem_id") != KEM_XWING ||
		    vec_int(t, "kdf_id") != 1 || vec_int(t, "aead_id") != 3)
			continue;
		suite_case(t);
		n++;
	}
	vec_ran("hpke-pq 0x647a/1/3", n);
	json_decref(j);
}

Test(hpke, opens_with_fresh_randomness_and_never_repeats)
{
	unsigned char seed[SEED_BYTES], pk[HPKE_PK_BYTES];
	unsigned char enc[2][HPKE_ENC_BYTES], ct[2][5 + 16], pt[5];
	int i;

	randombytes_buf(seed, sizeof(seed));
	cr_assert(hpke_public(pk, seed) == 0);
	for (i = 0; i < 2; i++) {
		cr_assert(hpke_seal(enc[i], ct[i], pk, rd_str("info"),
		    rd_str("aad"), rd_str("hello"), NULL) == 0);
		cr_assert(hpke_open(pt, enc[i], seed, rd_str("info"),
		    rd_str("aad"), rd_from(ct[i], sizeof(ct[i]))) == 0);
		cr_assert(memcmp(pt, "hello", 5) == 0);
	}
	cr_assert(memcmp(enc[0], enc[1], sizeof(enc[0])) != 0);
	cr_assert(memcmp(ct[0], ct[1], sizeof(ct[0])) != 0);
}

Test(hpke, what_is_not_for_us_or_was_changed_is_no_match)
{
	unsigned char seed[SEED_BYTES] = { 1 }, pk[HPKE_PK_BYTES];
	unsigned char enc[HPKE_ENC_BYTES], ct[5 + 16], pt[5];
	struct rd in = rd_str("info"), ad = rd_str("aad"), c;
	size_t i;

	cr_assert(hpke_public(pk, seed) == 0);
	cr_assert(hpke_seal(enc, ct, pk, in, ad, rd_str("hello"), NULL) == 0);
	c = rd_from(ct, sizeof(ct));
	seed[0] = 2;
	memset(pt, 9, sizeof(pt));
	cr_assert(hpke_open(pt, enc, seed, in, ad, c) == ERR_NOMATCH);
	cr_assert(sodium_is_zero(pt, sizeof(pt)), "wiped");
	seed[0] = 1;
	cr_assert(hpke_open(pt, enc, seed, ad, ad, c) == ERR_NOMATCH);
	cr_assert(hpke_open(pt, enc, seed, in, in, c) == ERR_NOMATCH);
	for (i = 0; i < sizeof(ct); i++) {
		ct[i] ^= 0x80;
		cr_assert(hpke_open(pt, enc, seed, in, ad, c) == ERR_NOMATCH);
		ct[i] ^= 0x80;
	}
	for (i = 0; i < HPKE_ENC_BYTES - 1; i += 7) {
		enc[i] ^= 1;
		cr_assert(hpke_open(pt, enc, seed, in, ad, c) == ERR_NOMATCH);
		enc[i] ^= 1;
	}
	c.n = 15;
	cr_assert(hpke_open(pt, enc, seed, in, ad, c) == ERR_FORMAT);
	c.n = sizeof(ct);
	cr_assert(hpke_open(pt, enc, seed, in, ad, c) == 0);
}

/* hpke_check_share() and X25519 itself must agree, point by point. */
Test(hpke, shares_of_low_order_are_known_without_a_key)
{
	static const char *low[] = {
		"00000000000000000000000000000000"
		"00000000000000000000000000000000",
		"01000000000000000000000000000000"
		"00000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46a"
		"da098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b"
		"04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffff7f"
	};
	unsigned char scalar[32], q[32], enc[HPKE_ENC_BYTES] = { 0 }, ss[32];
	struct vec u;
	size_t i;
	int high;

	randombytes_buf(scalar, sizeof(scalar));
	for (i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
		u = vec_hex(low[i]);
		for (high = 0; high < 2; high++) {
			u.p[31] ^= (unsigned char)(high << 7);
			cr_assert(hpke_check_share(u.p) == ERR_FORMAT);
			cr_assert(crypto_scalarmult_curve25519(q, scalar,
			    u.p) != 0, "%zu is not of low order", i);
			memcpy(enc + HPKE_ENC_BYTES - 32, u.p, 32);
			cr_assert(hpke_check_enc(enc) == ERR_FORMAT);
			cr_assert(crypto_kem_xwing_dec(ss, enc, scalar) != 0);
			cr_assert(hpke_open(ss, enc, scalar, none, none,
			    rd_from(scalar, 32)) == ERR_FORMAT);
		}
		vec_free(&u);
	}
	for (i = 0; i < 500; i++) {
		randombytes_buf(q, sizeof(q));
		if (i < 8) {
			memset(q, 0, sizeof(q));
			q[0] = (unsigned char)(i + 2);
		}
		cr_assert_eq(hpke_check_share(q) == 0,
		    crypto_scalarmult_curve25519(ss, scalar, q) == 0);
	}
}

Test(hpke, keys_that_fips_203_refuses_are_refused)
{
	unsigned char seed[SEED_BYTES] = { 1 }, pk[HPKE_PK_BYTES];
	unsigned char good[HPKE_PK_BYTES];
	unsigned char enc[HPKE_ENC_BYTES], ct[16];
	struct vec packed, plain, ek;
	struct rd r, line;
	char hex[1184 * 2 + 1];
	size_t n = 0;

	cr_assert(hpke_public(good, seed) == 0);
	memcpy(pk, good, sizeof(pk));
	memset(pk + 1184, 0, 32);
	cr_assert(hpke_check_public(pk) == ERR_FORMAT, "zero X25519 half");
	pk[0] = 0x01;
	pk[1] = (unsigned char)((pk[1] & 0xf0) | 0x0d);	/* 3329 */
	memcpy(pk + 1184, good + 1184, 32);
	cr_assert(hpke_check_public(pk) == ERR_FORMAT);
	cr_assert(hpke_seal(enc, ct, pk, none, none, none, NULL) ==
	    ERR_FORMAT);
	if (!vec_need("crypto/ml-kem/modulus-ML-KEM-768.txt.gz"))
		return;
	packed = vec_load("crypto/ml-kem/modulus-ML-KEM-768.txt.gz");
	plain = vec_gunzip(packed);
	r = vec_rd(&plain);
	while (rd_line(&r, &line)) {
		cr_assert(line.n == sizeof(hex) - 1);
		memcpy(hex, line.p, line.n);
		hex[line.n] = '\0';
		ek = vec_hex(hex);
		memcpy(pk, ek.p, 1184);
		vec_free(&ek);
		cr_assert(hpke_check_public(pk) == ERR_FORMAT, "%zu", n);
		n++;
	}
	vec_ran("ml-kem modulus", n);
	vec_free(&plain);
}
