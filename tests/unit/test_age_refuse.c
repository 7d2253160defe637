/* SPDX-License-Identifier: ISC */
/*
 * test_age_refuse.c - every damage to an age file is noticed.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/base.h"
#include "tests/unit/help_age.h"

TestSuite(age_refuse, .init = help_age_init);

Test(age_refuse, a_file_cut_anywhere_is_refused)
{
	unsigned char in[100] = { 1 }, out[100];
	struct vec f = help_age_seal(1, in, sizeof(in), NULL);
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
		cr_assert_eq(help_age_stream(&t, ids, 1, rd_from(f.p, len),
		    700), want, "%zu", len);
		cr_assert_eq(t.w.n, 0);
	}
	vec_free(&f);
}

Test(age_refuse, every_flipped_bit_is_noticed)
{
	unsigned char in[40] = { 1 }, out[40];
	struct vec f = help_age_seal(1, in, sizeof(in), NULL);
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
		cr_assert_eq(help_age_stream(&t, ids, 1, vec_rd(&f), f.n), r);
		cr_assert_eq(t.w.n, 0);
		f.p[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	vec_free(&f);
}

Test(age_refuse, bytes_after_the_end_are_refused)
{
	unsigned char *in = malloc(65536), *out = malloc(70000);
	static const size_t at[] = { 0, 1, 65520, 65536 };
	struct vec f;
	size_t i, n;
	struct tank t;

	cr_assert(in != NULL && out != NULL);
	randombytes_buf(in, 65536);
	for (i = 0; i < 4; i++) {
		f = help_age_seal(1, in, at[i], NULL);
		f.p = realloc(f.p, f.n + 1);
		cr_assert(f.p != NULL);
		f.p[f.n++] = 0;
		cr_assert_eq(age_open(out, 70000, &n, ids, 1, vec_rd(&f),
		    NULL, NULL), ERR_PAYLOAD);
		cr_assert(n == 0);
		t.w = wr_from(out, 70000);
		cr_assert_eq(help_age_stream(&t, ids, 1, vec_rd(&f), 1000),
		    ERR_PAYLOAD);
		vec_free(&f);
	}
	free(in);
	free(out);
}

Test(age_refuse, chunks_that_change_places_are_refused)
{
	size_t big = 3 * AGE_CHUNK_BYTES, n, first = AGE_HEADER_BYTES(1) + 16;
	unsigned char *in = malloc(big), *out = malloc(big);
	unsigned char *keep = malloc(65552);
	struct vec f;

	cr_assert(in != NULL && out != NULL && keep != NULL);
	memset(in, 5, big);
	f = help_age_seal(1, in, big, NULL);
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

Test(age_refuse, the_verdict_on_a_header_does_not_depend_on_the_reader)
{
	unsigned char in[1] = { 1 }, out[1];
	struct vec f = help_age_seal(2, in, 1, NULL);
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

Test(age_refuse, limits_are_kept)
{
	unsigned char in[100] = { 1 }, out[100], *buf = malloc(4000);
	struct vec f = help_age_seal(1, in, sizeof(in), NULL);
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
	cr_assert(help_age_stream(&t, ids, 1, vec_rd(&f), f.n) == ERR_FULL,
	    "the sink's error comes back");
	cr_assert(age_enc_new(&e, rcs, 1, NULL, help_age_sink, &t) ==
	    ERR_FULL && e == NULL);
	cr_assert(age_enc_new(&e, rcs, SIZE_MAX / 1000, NULL, help_age_sink,
	    &t) == ERR_LIMIT && e == NULL);
	cr_assert(age_enc_new(&e, rcs, 0, NULL, help_age_sink, &t) ==
	    ERR_LIMIT);
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
	cr_assert_eq(help_age_stream(&t, ids, 1, rd_str(whole), 1), r, "%s",
	    text);
	return r;
}

Test(age_refuse, headers_of_the_grammar_are_taken)
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

Test(age_refuse, headers_outside_the_grammar_are_refused)
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

Test(age_refuse, an_impossible_enc_is_seen_without_its_key)
{
	unsigned char in[1] = { 1 }, out[1], enc[HPKE_ENC_BYTES];
	struct vec f = help_age_seal(2, in, 1, NULL);
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

/* What never ends must neither fill the memory nor take for ever. */
Test(age_refuse, hopeless_beginnings_are_refused_at_once)
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
		cr_assert(age_dec_new(&d, ids, 1, help_age_sink, &t) == 0);
		memset(line, 'A', sizeof(line));
		r = age_dec_push(d, bad[i], strlen(bad[i]));
		if (r == 0)
			r = age_dec_push(d, line, sizeof(line));
		cr_assert_eq(r, ERR_FORMAT, "%zu", i);
		age_dec_free(d);
	}
	cr_assert(age_dec_new(&d, ids, 1, help_age_sink, &t) == 0);
	cr_assert(age_dec_push(d, "age-encryption.org/v1\n-> x\n", 27) == 0);
	cr_assert(age_dec_push(d, line, 65) == ERR_FORMAT, "a body's line");
	age_dec_free(d);
}

Test(age_refuse, a_header_over_the_limit_is_refused)
{
	size_t chunk = 1u << 20, i;
	unsigned char *p = malloc(chunk);
	struct age_dec *d;
	struct tank t;
	int r;

	cr_assert(p != NULL);
	memset(p, 'a', chunk);
	cr_assert(age_dec_new(&d, ids, 1, help_age_sink, &t) == 0);
	r = age_dec_push(d, "age-encryption.org/v1\n-> ", 25);
	for (i = 0; r == 0 && i < 100; i++)
		r = age_dec_push(d, p, chunk);
	cr_assert_eq(r, ERR_LIMIT);
	cr_assert_eq(i, AGE_HEADER_MAX / chunk);
	age_dec_free(d);
	free(p);
}
