/* SPDX-License-Identifier: ISC */
/*
 * test_age.c - age files sealed and opened, whole and streamed.
 *
 * The test kit of age is test_age_kit.c; here is what it cannot say: our own
 * writing, byte for byte, round trips, and that every damage is noticed.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/base.h"
#include "crypto/chapoly.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "tests/unit/vec.h"

#define N_MAX	8

/* N_MAX identities and their recipients, made once a test. */
static struct age_identity ids[N_MAX];
static struct age_recipient rcs[N_MAX];

static void
setup(void)
{
	size_t i;

	cr_assert(secret_init() == 0);
	for (i = 0; i < N_MAX; i++) {
		ids[i].kind = AGE_HYBRID;
		memset(ids[i].seed, (int)i + 1, SEED_BYTES);
		cr_assert(hpke_public(rcs[i].pk, ids[i].seed) == 0);
	}
}

TestSuite(age, .init = setup);

static size_t
file_bytes(size_t nrcs, size_t plain)
{
	size_t chunks = plain == 0 ? 1 :
	    (plain + AGE_CHUNK_BYTES - 1) / AGE_CHUNK_BYTES;

	return AGE_HEADER_BYTES(nrcs) + AGE_NONCE_BYTES + plain + 16 * chunks;
}

static struct vec
seal(size_t nrcs, const unsigned char *plain, size_t n,
    const struct age_random *chance)
{
	struct vec v = { malloc(file_bytes(nrcs, n)), 0 };
	struct wr w;

	cr_assert(v.p != NULL);
	w = wr_from(v.p, file_bytes(nrcs, n));
	cr_assert(age_seal(&w, rcs, nrcs, rd_from(plain, n), chance) == 0);
	v.n = w.n;
	cr_assert_eq(v.n, file_bytes(nrcs, n));
	return v;
}

/* A sink with limited room; the stream's answer to one that fails. */
struct tank {
	struct wr w;
};

static int
on_bytes(void *arg, const unsigned char *p, size_t n)
{
	struct tank *t = arg;

	wr_bytes(&t->w, p, n);
	return wr_ok(&t->w) ? 0 : ERR_FULL;
}

/* Open by stream, step bytes at a time. */
static int
stream_open(struct tank *t, const struct age_identity *id, size_t n,
    struct rd file, size_t step)
{
	struct age_dec *d;
	struct rd part;
	int r = 0;

	cr_assert(age_dec_new(&d, id, n, on_bytes, t) == 0);
	while (r == 0 && !rd_done(&file)) {
		cr_assert(rd_take(&file, &part, step < file.n ? step :
		    file.n));
		r = age_dec_push(d, part.p, part.n);
	}
	if (r == 0)
		r = age_dec_finish(d);
	cr_assert_eq(age_dec_finish(d), r == 0 ? ERR_ORDER : r);
	cr_assert_eq(age_dec_push(d, "x", 1), r == 0 ? ERR_ORDER : r);
	age_dec_free(d);
	return r;
}

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
			f = seal(nrcs, in, sizes[i], NULL);
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
	struct vec f = seal(1, NULL, 0, NULL);
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
		f = seal(2, in, sizes[i], NULL);
		for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			t.w = wr_from(out, 200000);
			cr_assert(stream_open(&t, ids + 1, 1, vec_rd(&f),
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
		f = seal(2, in, sizes[i], &chance);
		for (k = 0; k < 4; k++) {
			step = k == 0 ? 1 : k == 1 ? 65536 : k * 50001;
			t.w = wr_from(out, 300000);
			cr_assert(age_enc_new(&e, rcs, 2, &chance, on_bytes,
			    &t) == 0);
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
	f = seal(nrcs, plain, n, &chance);
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

Test(age, a_file_cut_anywhere_is_refused)
{
	unsigned char in[100] = { 1 }, out[100];
	struct vec f = seal(1, in, sizeof(in), NULL);
	struct tank t;
	size_t n, len;
	int want;

	for (len = 0; len < f.n; len++) {
		want = len < AGE_HEADER_BYTES(1) + AGE_NONCE_BYTES ?
		    ERR_FORMAT : ERR_PAYLOAD;
		memset(out, 0, sizeof(out));
		cr_assert_eq(age_open(out, sizeof(out), &n, ids, 1,
		    rd_from(f.p, len), NULL, NULL), want, "%zu", len);
		cr_assert(n == 0 && sodium_is_zero(out, sizeof(out)));
		t.w = wr_from(out, sizeof(out));
		cr_assert_eq(stream_open(&t, ids, 1, rd_from(f.p, len), 700),
		    want, "%zu", len);
		cr_assert_eq(t.w.n, 0);
	}
	vec_free(&f);
}

Test(age, every_flipped_bit_is_noticed)
{
	unsigned char in[40] = { 1 }, out[40];
	struct vec f = seal(1, in, sizeof(in), NULL);
	struct tank t;
	size_t n, i;
	int r;

	for (i = 0; i < f.n * 8; i++) {
		f.p[i / 8] ^= (unsigned char)(1u << i % 8);
		memset(out, 0, sizeof(out));
		r = age_open(out, sizeof(out), &n, ids, 1, vec_rd(&f), NULL,
		    NULL);
		cr_assert(i / 8 < AGE_HEADER_BYTES(1) ? r == ERR_FORMAT ||
		    r == ERR_NOMATCH || r == ERR_AUTH : r == ERR_PAYLOAD,
		    "bit %zu: %d", i, r);
		cr_assert(n == 0 && sodium_is_zero(out, sizeof(out)));
		t.w = wr_from(out, sizeof(out));
		cr_assert_eq(stream_open(&t, ids, 1, vec_rd(&f), f.n), r);
		cr_assert_eq(t.w.n, 0);
		f.p[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	vec_free(&f);
}

Test(age, bytes_after_the_end_are_refused)
{
	unsigned char *in = malloc(65536), *out = malloc(70000);
	static const size_t at[] = { 0, 1, 65520, 65536 };
	struct vec f;
	size_t i, n;
	struct tank t;

	cr_assert(in != NULL && out != NULL);
	randombytes_buf(in, 65536);
	for (i = 0; i < 4; i++) {
		f = seal(1, in, at[i], NULL);
		f.p = realloc(f.p, f.n + 1);
		cr_assert(f.p != NULL);
		f.p[f.n++] = 0;
		cr_assert_eq(age_open(out, 70000, &n, ids, 1, vec_rd(&f),
		    NULL, NULL), ERR_PAYLOAD);
		cr_assert(n == 0);
		t.w = wr_from(out, 70000);
		cr_assert_eq(stream_open(&t, ids, 1, vec_rd(&f), 1000),
		    ERR_PAYLOAD);
		vec_free(&f);
	}
	free(in);
	free(out);
}

Test(age, chunks_that_change_places_are_refused)
{
	size_t big = 3 * AGE_CHUNK_BYTES, n, first = AGE_HEADER_BYTES(1) + 16;
	unsigned char *in = malloc(big), *out = malloc(big);
	unsigned char *keep = malloc(65552);
	struct vec f;

	cr_assert(in != NULL && out != NULL && keep != NULL);
	memset(in, 5, big);
	f = seal(1, in, big, NULL);
	memcpy(keep, f.p + first, 65552);
	memcpy(f.p + first, f.p + first + 65552, 65552);
	memcpy(f.p + first + 65552, keep, 65552);
	memset(out, 0, big);
	cr_assert(age_open(out, big, &n, ids, 1, vec_rd(&f), NULL, NULL) ==
	    ERR_PAYLOAD);
	cr_assert(n == 0 && sodium_is_zero(out, big));
	vec_free(&f);
	free(in);
	free(out);
	free(keep);
}

Test(age, the_verdict_on_a_header_does_not_depend_on_the_reader)
{
	unsigned char in[1] = { 1 }, out[1];
	struct vec f = seal(2, in, 1, NULL);
	size_t n;

	/* The second stanza's body is not canonical. */
	f.p[22 + 1557 * 2 - 2]++;
	cr_assert_eq(age_open(out, 1, &n, ids, 1, vec_rd(&f), NULL, NULL),
	    ERR_FORMAT, "although the first stanza is for this reader");
	cr_assert_eq(age_open(out, 1, &n, ids + 5, 1, vec_rd(&f), NULL,
	    NULL), ERR_FORMAT);
	cr_assert_eq(age_open(out, 1, &n, NULL, 0, vec_rd(&f), NULL, NULL),
	    ERR_FORMAT);
	f.p[22 + 1557 * 2 - 2]--;
	cr_assert_eq(age_open(out, 1, &n, NULL, 0, vec_rd(&f), NULL, NULL),
	    ERR_NOMATCH);
	cr_assert_eq(age_open(out, 1, &n, ids + 2, 6, vec_rd(&f), NULL,
	    NULL), ERR_NOMATCH);
	vec_free(&f);
}

Test(age, limits_are_kept)
{
	unsigned char in[100] = { 1 }, out[100], *buf = malloc(4000);
	struct vec f = seal(1, in, sizeof(in), NULL);
	struct age_recipient bad = { { 0 } };
	struct age_enc *e;
	struct tank t;
	struct wr w;
	size_t n;

	cr_assert(buf != NULL);
	cr_assert(age_open(out, 99, &n, ids, 1, vec_rd(&f), NULL, NULL) ==
	    ERR_LIMIT && n == 0);
	w = wr_from(buf, f.n - 1);
	cr_assert(age_seal(&w, rcs, 1, rd_from(in, 100), NULL) == ERR_LIMIT);
	cr_assert(w.n == 0 && wr_ok(&w));
	w = wr_from(buf, 4000);
	cr_assert(age_seal(&w, rcs, 0, rd_from(in, 1), NULL) == ERR_LIMIT);
	cr_assert(age_seal(&w, rcs, SIZE_MAX / 1000, rd_from(in, 1), NULL) ==
	    ERR_LIMIT);
	cr_assert(age_seal(&w, &bad, 1, rd_from(in, 1), NULL) == ERR_FORMAT);
	cr_assert_eq(w.n, 0);
	t.w = wr_from(out, 50);
	cr_assert(stream_open(&t, ids, 1, vec_rd(&f), f.n) == ERR_FULL,
	    "the sink's error comes back");
	cr_assert(age_enc_new(&e, rcs, 1, NULL, on_bytes, &t) == ERR_FULL &&
	    e == NULL);
	cr_assert(age_enc_new(&e, rcs, SIZE_MAX / 1000, NULL, on_bytes, &t) ==
	    ERR_LIMIT && e == NULL);
	cr_assert(age_enc_new(&e, rcs, 0, NULL, on_bytes, &t) == ERR_LIMIT);
	age_enc_free(NULL);
	age_dec_free(NULL);
	vec_free(&f);
	free(buf);
}

#define MAC43	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define SHARE	"CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LINE64	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"		\
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define V	"age-encryption.org/v1\n"
#define END	"--- " MAC43 "\n"

/* A header for nobody: well formed is no match, all else is not a header. */
static int
header(const char *text)
{
	char whole[512];
	struct tank t;
	size_t n;
	int r;

	(void)snprintf(whole, sizeof(whole), "%sxxxxxxxxxxxxxxxxxxxxxxxx",
	    text);
	r = age_open(NULL, 0, &n, ids, 1, rd_str(whole), NULL, NULL);
	t.w = wr_from(whole, 0);
	cr_assert_eq(stream_open(&t, ids, 1, rd_str(whole), 1), r, "%s",
	    text);
	return r;
}

Test(age, headers_of_the_grammar_are_taken)
{
	static const char *good[] = {
		V "-> a\n\n" END, V "-> a b c\nAA\n" END,
		V "-> !~ ~!\n" LINE64 "\n\n" END,
		V "-> a\n" LINE64 "\n" LINE64 "\nAAA\n-> b\n\n" END,
		V "-> X25519 " SHARE "\n" MAC43 "\n" END,
		V "-> x25519\n\n" END, V "-> --- ->\n\n" END,
		V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 22\n" MAC43 "\n" END
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_assert_eq(header(good[i]), ERR_NOMATCH, "%s", good[i]);
}

Test(age, headers_outside_the_grammar_are_refused)
{
	static const char *bad[] = {
		"", "\n", V, V END, " " V "-> a\n\n" END,
		"age-encryption.org/v2\n-> a\n\n" END,
		"age-encryption.org/v1 \n-> a\n\n" END,
		"age-encryption.org/v1\r\n-> a\n\n" END,
		V "\n-> a\n\n" END, V "->\n\n" END, V "-> \n\n" END,
		V "->a\n\n" END, V "->  a\n\n" END, V "-> a \n\n" END,
		V "-> a  b\n\n" END, V "-> a\tb\n\n" END,
		V "-> a\x7f\n\n" END, V "-> \xc3\xa4\n\n" END,
		V "-> a\r\n\n" END, V "-> a\n\r\n" END,
		V "-> a\n" END, V "-> a\n" LINE64 "\n" END,
		V "-> a\n" LINE64 "AAAA\n\n" END, V "-> a\nAA\nAA\n" END,
		V "-> a\nAB\n" END, V "-> a\nAA==\n" END,
		V "-> a\nA\n" END, V "-> a\nA A\n" END,
		V "-> a\n-_\n" END, V "-> a\n\nAA\n" END,
		V "-> a\n\n---" MAC43 "\n", V "-> a\n\n--- \n",
		V "-> a\n\n---  " MAC43 "\n", V "-> a\n\n---\n",
		V "-> a\n\n--- " MAC43 " \n", V "-> a\n\n--- " MAC43 "=\n",
		V "-> a\n\n--- " MAC43 "A\n", V "-> a\n\n--- AAAA\n",
		V "-> a\n\n--- " MAC43 "\r\n", V "-> a\n\n--- " MAC43,
		V "-> a\n\n----" MAC43 "\n", V "-> a\n\nX\n" END,
		V "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n",
		/* the types we know */
		V "-> X25519\n" MAC43 "\n" END,
		V "-> X25519 " SHARE " a\n" MAC43 "\n" END,
		V "-> X25519 " MAC43 "\n" MAC43 "\n" END,
		V "-> X25519 " SHARE "\n\n" END,
		V "-> X25519 " SHARE "\n" LINE64 "\n\n" END,
		V "-> X25519 " SHARE "A\n" MAC43 "\n" END,
		V "-> mlkem768x25519\n" MAC43 "\n" END,
		V "-> mlkem768x25519 " SHARE "\n" MAC43 "\n" END,
		V "-> scrypt\n" MAC43 "\n" END,
		V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA\n" MAC43 "\n" END,
		V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 0\n" MAC43 "\n" END,
		V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 23\n" MAC43 "\n" END,
		V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 1 1\n" MAC43 "\n" END,
		V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n\n" END,
		V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n" MAC43 "\n"
		    "-> a\n\n" END,
		V "-> a\n\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n" MAC43
		    "\n" END
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(header(bad[i]), ERR_FORMAT, "%s", bad[i]);
}

Test(age, an_impossible_enc_is_seen_without_its_key)
{
	unsigned char in[1] = { 1 }, out[1], enc[HPKE_ENC_BYTES];
	struct vec f = seal(2, in, 1, NULL);
	size_t n, at = 22 + AGE_STANZA_BYTES + 18;

	cr_assert(b64_decode(enc, sizeof(enc), rd_from(f.p + at, 1494),
	    false));
	memset(enc + HPKE_ENC_BYTES - 32, 0, 32);
	b64_encode(f.p + at, enc, sizeof(enc), false);
	cr_assert_eq(age_open(out, 1, &n, ids, 1, vec_rd(&f), NULL, NULL),
	    ERR_FORMAT, "in a stanza behind the one that opens");
	cr_assert_eq(age_open(out, 1, &n, ids + 5, 1, vec_rd(&f), NULL,
	    NULL), ERR_FORMAT);
	vec_free(&f);
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
	cr_assert(stream_open(&t, ids, 1, wr_rd(&w), 1) == 0);
	free(buf);
}

/* What never ends must neither fill the memory nor take for ever. */
Test(age, hopeless_beginnings_are_refused_at_once)
{
	static const char *bad[] = { "age-encryption.org/v2", "-----BEGIN AGE",
		"age-encryption.org/v1\r", "age-encryption.org/v1\nX",
		"age-encryption.org/v1\n--- ", "age-encryption.org/v1\n->\n",
		"age-encryption.org/v1\n-> X25519 \n" };
	char line[80];
	struct age_dec *d;
	struct tank t;
	size_t i;
	int r;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert(age_dec_new(&d, ids, 1, on_bytes, &t) == 0);
		memset(line, 'A', sizeof(line));
		r = age_dec_push(d, bad[i], strlen(bad[i]));
		if (r == 0)
			r = age_dec_push(d, line, sizeof(line));
		cr_assert_eq(r, ERR_FORMAT, "%zu", i);
		age_dec_free(d);
	}
	cr_assert(age_dec_new(&d, ids, 1, on_bytes, &t) == 0);
	cr_assert(age_dec_push(d, "age-encryption.org/v1\n-> x\n", 27) == 0);
	cr_assert(age_dec_push(d, line, 65) == ERR_FORMAT, "a body's line");
	age_dec_free(d);
}

Test(age, a_header_over_the_limit_is_refused)
{
	size_t chunk = 1u << 20, i;
	unsigned char *p = malloc(chunk);
	struct age_dec *d;
	struct tank t;
	int r;

	cr_assert(p != NULL);
	memset(p, 'a', chunk);
	cr_assert(age_dec_new(&d, ids, 1, on_bytes, &t) == 0);
	r = age_dec_push(d, "age-encryption.org/v1\n-> ", 25);
	for (i = 0; r == 0 && i < 100; i++)
		r = age_dec_push(d, p, chunk);
	cr_assert_eq(r, ERR_LIMIT);
	cr_assert_eq(i, AGE_HEADER_MAX / chunk);
	age_dec_free(d);
	free(p);
}
