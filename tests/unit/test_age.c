/* SPDX-License-Identifier: ISC */
/*
 * test_age.c - age files sealed and opened, whole and streamed.
 *
 * The test kit of age is test_age_kit.c; here is what it cannot say: our own
 * writing, byte for byte, and round trips.  Damage: test_age_refuse.c.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/base.h"
#include "crypto/chapoly.h"
#include "crypto/sha256.h"
#include "tests/unit/help_age.h"
#include "tests/unit/vec.h"

TestSuite(age, .init = help_age_init);

static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 200000 };
#define SIZES	(sizeof(sizes) / sizeof(sizes[0]))

Test(age, opens_what_it_sealed_at_every_size_for_every_number)
{
	unsigned char *in = malloc(200000), *out = malloc(200000);
	unsigned char key[AGE_FILE_KEY_BYTES];
	size_t i, nrcs, who, n, which;
	struct vec f;

	cr_assert(in != NULL && out != NULL);
	randombytes_buf(in, 200000);
	for (i = 0; i < SIZES; i++) {
		for (nrcs = 1; nrcs <= N_MAX; nrcs++) {
			f = help_age_seal(nrcs, in, sizes[i], NULL);
			who = (i + nrcs) % nrcs;
			cr_assert(age_open(out, 200000, &n, ids + who,
			    N_MAX - who, vec_rd(&f), key, &which) == 0);
			cr_assert(n == sizes[i] && memcmp(in, out, n) == 0);
			cr_assert(which < nrcs - who);
			vec_free(&f);
		}
	}
	free(in);
	free(out);
}

Test(age, an_empty_plaintext_needs_no_room)
{
	struct vec f = help_age_seal(1, NULL, 0, NULL);
	size_t n = 1;

	cr_assert(age_open(NULL, 0, &n, ids, 1, vec_rd(&f), NULL, NULL) == 0);
	cr_assert_eq(n, 0);
	f.p[f.n - 1] ^= 1;
	cr_assert(age_open(NULL, 0, &n, ids, 1, vec_rd(&f), NULL, NULL) ==
	    ERR_PAYLOAD);
	vec_free(&f);
}

Test(age, streams_agree_with_whole_files_however_they_are_cut)
{
	static const size_t steps[] = { 1, 7, 4096, 65535, 65536, 65552,
		65553, 1u << 20 };
	unsigned char *in = malloc(200000), *out = malloc(200000);
	struct tank t;
	size_t i, k;
	struct vec f;

	cr_assert(in != NULL && out != NULL);
	randombytes_buf(in, 200000);
	for (i = 0; i < SIZES; i++) {
		f = help_age_seal(2, in, sizes[i], NULL);
		for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			t.w = wr_from(out, 200000);
			cr_assert(help_age_stream(&t, ids + 1, 1, vec_rd(&f),
			    steps[k]) == 0);
			cr_assert(rd_eq(wr_rd(&t.w), rd_from(in, sizes[i])));
		}
		vec_free(&f);
	}
	free(in);
	free(out);
}

Test(age, sealing_by_stream_gives_the_same_bytes)
{
	unsigned char *in = malloc(200000), *out = malloc(300000);
	unsigned char eseed[2 * HPKE_ESEED_BYTES], key[16], nonce[16];
	struct age_random chance = { key, nonce, eseed };
	struct age_enc *e;
	struct tank t;
	size_t i, k, at, step;
	struct vec f;

	cr_assert(in != NULL && out != NULL);
	randombytes_buf(in, 200000);
	randombytes_buf(eseed, sizeof(eseed));
	randombytes_buf(key, sizeof(key));
	randombytes_buf(nonce, sizeof(nonce));
	for (i = 0; i < SIZES; i++) {
		f = help_age_seal(2, in, sizes[i], &chance);
		for (k = 0; k < 4; k++) {
			step = k == 0 ? 1 : k == 1 ? 65536 : k * 50001;
			t.w = wr_from(out, 300000);
			cr_assert(age_enc_new(&e, rcs, 2, &chance,
			    help_age_sink, &t) == 0);
			for (at = 0; at < sizes[i]; at += step)
				cr_assert(age_enc_push(e, in + at,
				    sizes[i] - at < step ? sizes[i] - at :
				    step) == 0);
			cr_assert(age_enc_finish(e) == 0);
			cr_assert(age_enc_finish(e) == ERR_ORDER);
			cr_assert(age_enc_push(e, in, 1) == ERR_ORDER);
			age_enc_free(e);
			cr_assert(rd_eq(wr_rd(&t.w), vec_rd(&f)));
		}
		vec_free(&f);
	}
	free(in);
	free(out);
}

/* SHA-256(label/0) || SHA-256(label/1) || ..., as the known answers have it */
static void
stuff(unsigned char *out, size_t n, const char *label)
{
	unsigned char hash[HASH_BYTES];
	char text[128];
	size_t i, take;

	for (i = 0; n > 0; i++, out += take, n -= take) {
		(void)snprintf(text, sizeof(text), "%s/%zu", label, i);
		sha256(hash, text, strlen(text));
		take = n < sizeof(hash) ? n : sizeof(hash);
		memcpy(out, hash, take);
	}
}

static void
known_answer(const json_t *t)
{
	size_t nrcs = vec_int(t, "recipients"), n, i;
	struct vec key = vec_hex_of(t, "file_key"), want, f;
	struct vec nonce = vec_hex_of(t, "payload_nonce");
	struct vec sum = vec_hex_of(t, "file_sha256");
	unsigned char eseed[N_MAX * HPKE_ESEED_BYTES], hash[HASH_BYTES];
	unsigned char *plain, got[AGE_FILE_KEY_BYTES];
	struct age_random chance = { key.p, nonce.p, eseed };
	const char *name = vec_str(t, "name");
	char label[64];

	n = vec_int(t, "plaintext_len");
	cr_assert((plain = malloc(n + 1)) != NULL && nrcs <= N_MAX);
	(void)snprintf(label, sizeof(label), "kat %s plaintext", name);
	stuff(plain, n, label);
	for (i = 0; i < nrcs; i++) {
		(void)snprintf(label, sizeof(label), "kat %s eseed %zu", name,
		    i);
		stuff(eseed + i * HPKE_ESEED_BYTES, HPKE_ESEED_BYTES, label);
		want = vec_hex(json_string_value(json_array_get(
		    json_object_get(t, "eseeds"), i)));
		cr_assert(vec_eq(&want, eseed + i * HPKE_ESEED_BYTES,
		    HPKE_ESEED_BYTES));
		vec_free(&want);
	}
	f = help_age_seal(nrcs, plain, n, &chance);
	cr_assert_eq(f.n, vec_int(t, "file_len"));
	sha256(hash, f.p, f.n);
	cr_assert(vec_eq(&sum, hash, sizeof(hash)), "%s: other bytes", name);
	if (json_object_get(t, "file_b64") != NULL) {
		want = vec_b64_of(t, "file_b64");
		cr_assert(vec_eq(&want, f.p, f.n));
		vec_free(&want);
	}
	memset(plain, 0, n);
	cr_assert(age_open(plain, n, &n, ids, nrcs, vec_rd(&f), got,
	    &i) == 0);
	cr_assert(vec_eq(&key, got, sizeof(got)) && i == 0);
	want = vec_hex_of(t, "plaintext_sha256");
	sha256(hash, plain, n);
	cr_assert(vec_eq(&want, hash, sizeof(hash)));
	vec_free(&want);
	vec_free(&f);
	vec_free(&key);
	vec_free(&nonce);
	vec_free(&sum);
	free(plain);
}

static void
known_identities(const json_t *j)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(j, "identities"), i, t) {
		cr_assert(i < N_MAX);
		cr_assert(age_identity_parse(&ids[i], rd_str(vec_str(t,
		    "identity"))) == 0);
		cr_assert(age_recipient_parse(&rcs[i], rd_str(vec_str(t,
		    "recipient"))) == 0);
	}
}

Test(age, gives_its_known_answers_byte_for_byte)
{
	json_t *j, *t;
	size_t i;

	if (!vec_need("crypto/own/age-hybrid-kat.json"))
		return;
	j = vec_json("crypto/own/age-hybrid-kat.json");
	known_identities(j);
	json_array_foreach(json_object_get(j, "cases"), i, t)
		known_answer(t);
	vec_ran("age-hybrid-kat", i);
	json_decref(j);
}

static void
step_is(const json_t *j, const char *name, const void *p, size_t n)
{
	struct vec want = vec_hex_of(j, name);

	cr_assert(vec_eq(&want, p, n), "%s", name);
	vec_free(&want);
}

Test(age, every_step_of_a_stanza_is_as_known)
{
	unsigned char pk[HPKE_PK_BYTES], enc[HPKE_ENC_BYTES], ss[32], key[32];
	unsigned char nonce[12], stanza[AGE_STANZA_BYTES], body[32];
	struct age_recipient rc;
	struct rd r, line;
	struct vec seed, eseed, fk;
	json_t *j;

	if (!vec_need("crypto/own/age-hybrid-steps.json"))
		return;
	j = vec_json("crypto/own/age-hybrid-steps.json");
	seed = vec_hex_of(j, "identity_seed");
	eseed = vec_hex_of(j, "eseed");
	fk = vec_hex_of(j, "file_key");
	cr_assert(hpke_public(pk, seed.p) == 0);
	step_is(j, "x_wing_public_key", pk, sizeof(pk));
	cr_assert(crypto_kem_xwing_enc_deterministic(enc, ss, pk,
	    eseed.p) == 0);
	step_is(j, "enc", enc, sizeof(enc));
	step_is(j, "x_wing_shared_secret", ss, sizeof(ss));
	hpke_schedule(key, nonce, ss, rd_str(vec_str(j, "info_ascii")));
	step_is(j, "hpke_key", key, sizeof(key));
	step_is(j, "hpke_base_nonce", nonce, sizeof(nonce));
	memcpy(rc.pk, pk, sizeof(pk));
	cr_assert(age_stanza_seal(stanza, &rc, fk.p, eseed.p) == 0);
	r = rd_from(stanza, sizeof(stanza));
	cr_assert(rd_lit(&r, "-> mlkem768x25519 ") && rd_line(&r, &line) &&
	    b64_decode(enc, sizeof(enc), line, false) && rd_line(&r, &line) &&
	    b64_decode(body, sizeof(body), line, false) && rd_done(&r));
	step_is(j, "enc", enc, sizeof(enc));
	step_is(j, "stanza_body", body, sizeof(body));
	hkdf(key, sizeof(key), vec_rd(&fk), rd_from(NULL, 0),
	    rd_str("header"));
	step_is(j, "header_hmac_key", key, sizeof(key));
	vec_ran("age-hybrid-steps", 1);
	vec_free(&seed);
	vec_free(&eseed);
	vec_free(&fk);
	json_decref(j);
}

/* Two thousand stanzas of types that nobody knows, then ours. */
Test(age, any_number_of_stanzas_is_read)
{
	static const char grease[] = "-> x-grease a b\nAAAA\n";
	unsigned char key[16] = { 9 }, in[3] = "hi", out[3];
	size_t g = sizeof(grease) - 1, count = 2000, n, i;
	unsigned char *buf = malloc(count * g + 4000), mac[32], k[32];
	struct wr w = wr_from(buf, count * g + 4000);
	struct chapoly *c;
	unsigned char nonce[12] = { 0 }, ct[3 + 16], stanza[AGE_STANZA_BYTES];
	struct tank t;

	cr_assert(buf != NULL);
	wr_str(&w, "age-encryption.org/v1\n");
	for (i = 0; i < count; i++)
		wr_str(&w, grease);
	cr_assert(age_stanza_seal(stanza, &rcs[0], key, NULL) == 0);
	wr_bytes(&w, stanza, sizeof(stanza));
	wr_str(&w, "---");
	hkdf(k, 32, rd_from(key, 16), rd_from(NULL, 0), rd_str("header"));
	crypto_auth_hmacsha256(mac, w.p, w.n, k);
	wr_str(&w, " ");
	wr_b64(&w, mac, 32, false);
	wr_str(&w, "\n");
	wr_zeros(&w, 16);
	hkdf(k, 32, rd_from(key, 16), rd_from(w.p + w.n - 16, 16),
	    rd_str("payload"));
	nonce[11] = 1;
	cr_assert((c = chapoly_new(k)) != NULL);
	cr_assert(chapoly_seal(c, ct, nonce, in, 3) == 0);
	chapoly_free(c);
	wr_bytes(&w, ct, sizeof(ct));
	cr_assert(wr_ok(&w));
	cr_assert(age_open(out, 3, &n, ids, 1, wr_rd(&w), NULL, NULL) == 0);
	cr_assert(n == 3 && memcmp(in, out, 3) == 0);
	t.w = wr_from(out, 3);
	cr_assert(help_age_stream(&t, ids, 1, wr_rd(&w), 1) == 0);
	free(buf);
}
