/* SPDX-License-Identifier: ISC */
/*
 * test_wycheproof.c - Wycheproof's suites for what libsodium does for us.
 *
 * The suites for HKDF and for the AEAD stand with our own code, in
 * test_sha256.c and test_chapoly.c.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "crypto/sha256.h"
#include "tests/unit/vec.h"

typedef void case_run(const json_t *group, const json_t *test, bool good);

/* Every test of a suite, then the count. */
static void
suite(const char *name, case_run *run)
{
	json_t *j, *g, *t;
	char path[128];
	size_t i, k, n = 0;

	(void)snprintf(path, sizeof(path), "crypto/wycheproof/%s_test.json",
	    name);
	if (!vec_need(path))
		return;
	j = vec_json(path);
	json_array_foreach(json_object_get(j, "testGroups"), i, g) {
		json_array_foreach(json_object_get(g, "tests"), k, t) {
			run(g, t, strcmp(vec_str(t, "result"),
			    "invalid") != 0);
			n++;
		}
	}
	cr_assert_eq(n, vec_int(j, "numberOfTests"));
	(void)snprintf(path, sizeof(path), "wycheproof %s", name);
	vec_ran(path, n);
	json_decref(j);
}

static void
on_hmac(const json_t *g, const json_t *t, bool good)
{
	struct vec key = vec_hex_of(t, "key"), msg = vec_hex_of(t, "msg");
	struct vec tag = vec_hex_of(t, "tag");
	unsigned char out[32];

	cr_assert(tag.n * 8 == vec_int(g, "tagSize") && tag.n <= 32);
	hmac(out, vec_rd(&key), vec_rd(&msg));
	cr_assert_eq(sodium_memcmp(out, tag.p, tag.n) == 0, good, "%zu",
	    vec_int(t, "tcId"));
	vec_free(&key);
	vec_free(&msg);
	vec_free(&tag);
}

static void
on_ed25519(const json_t *g, const json_t *t, bool good)
{
	struct vec pk = vec_hex_of(json_object_get(g, "publicKey"), "pk");
	struct vec msg = vec_hex_of(t, "msg"), sig = vec_hex_of(t, "sig");

	cr_assert_eq(pk.n, crypto_sign_ed25519_PUBLICKEYBYTES);
	if (sig.n != crypto_sign_ed25519_BYTES)
		cr_assert(!good);
	else
		cr_assert_eq(crypto_sign_ed25519_verify_detached(sig.p,
		    msg.p, msg.n, pk.p) == 0, good, "%zu",
		    vec_int(t, "tcId"));
	vec_free(&pk);
	vec_free(&msg);
	vec_free(&sig);
}

static void
on_x25519(const json_t *g, const json_t *t, bool good)
{
	struct vec sk = vec_hex_of(t, "private"), pk = vec_hex_of(t, "public");
	struct vec want = vec_hex_of(t, "shared");
	unsigned char out[32];
	int r;

	(void)g;
	cr_assert(good && sk.n == 32 && pk.n == 32 && want.n == 32);
	r = crypto_scalarmult_curve25519(out, sk.p, pk.p);
	if (sodium_is_zero(want.p, 32))
		cr_assert(r != 0, "%zu: all zero", vec_int(t, "tcId"));
	else
		cr_assert(r == 0 && vec_eq(&want, out, 32), "%zu",
		    vec_int(t, "tcId"));
	vec_free(&sk);
	vec_free(&pk);
	vec_free(&want);
}

static void
on_mlkem_keygen(const json_t *g, const json_t *t, bool good)
{
	unsigned char pk[crypto_kem_mlkem768_PUBLICKEYBYTES];
	unsigned char sk[crypto_kem_mlkem768_SECRETKEYBYTES];
	struct vec seed = vec_hex_of(t, "seed"), ek = vec_hex_of(t, "ek");
	struct vec dk = vec_hex_of(t, "dk");

	(void)g;
	cr_assert(good && seed.n == 64);
	cr_assert(crypto_kem_mlkem768_seed_keypair(pk, sk, seed.p) == 0);
	cr_assert(vec_eq(&ek, pk, sizeof(pk)) && vec_eq(&dk, sk, sizeof(sk)));
	vec_free(&seed);
	vec_free(&ek);
	vec_free(&dk);
}

static void
on_mlkem_encaps(const json_t *g, const json_t *t, bool good)
{
	unsigned char ct[crypto_kem_mlkem768_CIPHERTEXTBYTES], ss[32];
	struct vec m = vec_hex_of(t, "m"), ek = vec_hex_of(t, "ek");
	struct vec c = vec_hex_of(t, "c"), k = vec_hex_of(t, "K");
	int r = -1;

	(void)g;
	if (ek.n == crypto_kem_mlkem768_PUBLICKEYBYTES && m.n == 32)
		r = crypto_kem_mlkem768_enc_deterministic(ct, ss, ek.p, m.p);
	cr_assert_eq(r == 0, good, "%zu", vec_int(t, "tcId"));
	if (good)
		cr_assert(vec_eq(&c, ct, sizeof(ct)) && vec_eq(&k, ss, 32));
	vec_free(&m);
	vec_free(&ek);
	vec_free(&c);
	vec_free(&k);
}

static void
on_mlkem(const json_t *g, const json_t *t, bool good)
{
	unsigned char pk[crypto_kem_mlkem768_PUBLICKEYBYTES], ss[32];
	unsigned char sk[crypto_kem_mlkem768_SECRETKEYBYTES];
	struct vec seed = vec_hex_of(t, "seed"), c = vec_hex_of(t, "c");
	struct vec k = vec_hex_of(t, "K");
	bool sized = seed.n == 64 &&
	    c.n == crypto_kem_mlkem768_CIPHERTEXTBYTES;

	(void)g;
	cr_assert_eq(sized, good, "%zu", vec_int(t, "tcId"));
	if (sized) {
		cr_assert(crypto_kem_mlkem768_seed_keypair(pk, sk,
		    seed.p) == 0);
		cr_assert(crypto_kem_mlkem768_dec(ss, c.p, sk) == 0);
		cr_assert(vec_eq(&k, ss, 32), "%zu", vec_int(t, "tcId"));
	}
	vec_free(&seed);
	vec_free(&c);
	vec_free(&k);
}

Test(wycheproof, hmac_sha256)
{
	suite("hmac_sha256", on_hmac);
}

Test(wycheproof, ed25519)
{
	suite("ed25519", on_ed25519);
}

Test(wycheproof, x25519)
{
	suite("x25519", on_x25519);
}

Test(wycheproof, mlkem_768_keys_from_seeds)
{
	suite("mlkem_768_keygen_seed", on_mlkem_keygen);
}

Test(wycheproof, mlkem_768_encapsulation)
{
	suite("mlkem_768_encaps", on_mlkem_encaps);
}

Test(wycheproof, mlkem_768_decapsulation)
{
	suite("mlkem_768", on_mlkem);
}

/* "name = hex" on a line of its own */
static struct vec
field(struct rd file, const char *name)
{
	struct rd line;
	struct vec v = { NULL, 0 };
	char *hex;

	while (v.p == NULL && rd_line(&file, &line)) {
		if (!rd_lit(&line, name) || !rd_lit(&line, " = "))
			continue;
		hex = strndup((const char *)line.p, line.n);
		cr_assert(hex != NULL);
		v = vec_hex(hex);
		free(hex);
	}
	cr_assert(v.p != NULL, "no %s", name);
	return v;
}

/* An implementation that compares ciphertexts as C strings fails this. */
Test(mlkem, implicit_rejection_compares_all_bytes)
{
	unsigned char ss[32];
	struct vec f, dk, c, k;

	if (!vec_need("crypto/ml-kem/strcmp-ML-KEM-768.txt"))
		return;
	f = vec_load("crypto/ml-kem/strcmp-ML-KEM-768.txt");
	dk = field(vec_rd(&f), "dk");
	c = field(vec_rd(&f), "c");
	k = field(vec_rd(&f), "K");
	cr_assert(dk.n == crypto_kem_mlkem768_SECRETKEYBYTES &&
	    c.n == crypto_kem_mlkem768_CIPHERTEXTBYTES);
	cr_assert(crypto_kem_mlkem768_dec(ss, c.p, dk.p) == 0);
	cr_assert(vec_eq(&k, ss, sizeof(ss)));
	vec_ran("ml-kem strcmp", 1);
	vec_free(&f);
	vec_free(&dk);
	vec_free(&c);
	vec_free(&k);
}

/* Keys whose matrix needs an unusual number of bytes from SHAKE. */
Test(mlkem, unlucky_samples_are_sampled_to_the_end)
{
	unsigned char ct[crypto_kem_mlkem768_CIPHERTEXTBYTES], ss[32];
	struct vec f, dk, ek, m, c, k;

	if (!vec_need("crypto/ml-kem/unluckysample-ML-KEM-768.txt"))
		return;
	f = vec_load("crypto/ml-kem/unluckysample-ML-KEM-768.txt");
	dk = field(vec_rd(&f), "dk");
	ek = field(vec_rd(&f), "ek");
	m = field(vec_rd(&f), "m");
	c = field(vec_rd(&f), "c");
	k = field(vec_rd(&f), "K");
	cr_assert(crypto_kem_mlkem768_enc_deterministic(ct, ss, ek.p,
	    m.p) == 0);
	cr_assert(vec_eq(&c, ct, sizeof(ct)) && vec_eq(&k, ss, sizeof(ss)));
	cr_assert(crypto_kem_mlkem768_dec(ss, c.p, dk.p) == 0);
	cr_assert(vec_eq(&k, ss, sizeof(ss)));
	vec_ran("ml-kem unluckysample", 1);
	vec_free(&f);
	vec_free(&dk);
	vec_free(&ek);
	vec_free(&m);
	vec_free(&c);
	vec_free(&k);
}
