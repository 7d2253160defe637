/* SPDX-License-Identifier: ISC */
/*
 * test_bech32.c - Bech32 as BIP-173 and age have it.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/agekey.h"
#include "crypto/bech32.h"
#include "tests/unit/vec.h"

/* The vectors write bytes over 0x7f as code points below 0x100. */
static struct vec
bytes_of(const char *text)
{
	struct vec v = { malloc(strlen(text) + 1), 0 };
	struct rd r = rd_str(text);
	uint8_t c, d;

	cr_assert(v.p != NULL);
	while (rd_u8(&r, &c)) {
		if (c >= 0x80) {
			cr_assert(rd_u8(&r, &d));
			c = (uint8_t)((c & 3) << 6 | (d & 63));
		}
		v.p[v.n++] = c;
	}
	return v;
}

static int
decode(const char *text)
{
	struct vec v = bytes_of(text);
	unsigned char out[256];
	char hrp[128];
	size_t n;
	int r = bech32_decode_any(hrp, sizeof(hrp), out, sizeof(out), &n,
	    vec_rd(&v));

	vec_free(&v);
	return r;
}

Test(bech32, passes_bip_173)
{
	json_t *j, *t;
	size_t i, n = 0;
	const char *s, *why;

	if (!vec_need("crypto/bech32/bech32.json"))
		return;
	j = vec_json("crypto/bech32/bech32.json");
	json_array_foreach(json_object_get(j, "bip173_valid"), i, t) {
		cr_assert(decode(json_string_value(t)) == 0, "%s",
		    json_string_value(t));
		n++;
	}
	json_array_foreach(json_object_get(j, "bip173_invalid"), i, t) {
		s = vec_str(t, "string");
		why = vec_str(t, "reason");
		/* age's strings have no length limit. */
		cr_assert_eq(decode(s) == 0, strstr(why, "length") != NULL,
		    "%s: %s", s, why);
		n++;
	}
	vec_ran("bech32 bip173", n);
	json_decref(j);
}

Test(bech32, usable_hybrid_keys_and_no_others)
{
	struct age_recipient *rc = malloc(sizeof(*rc));
	struct age_identity id;
	json_t *j, *t;
	size_t i;
	bool good;
	const char *s;

	if (!vec_need("crypto/bech32/bech32.json"))
		return;
	cr_assert(rc != NULL);
	j = vec_json("crypto/bech32/bech32.json");
	json_array_foreach(json_object_get(j, "age"), i, t) {
		s = vec_str(t, "string");
		good = age_recipient_parse(rc, rd_str(s)) == 0 ||
		    (age_identity_parse(&id, rd_str(s)) == 0 &&
		    id.kind == AGE_HYBRID);
		cr_assert_eq(good, vec_bool(t, "valid"), "%s",
		    vec_str(t, "note"));
	}
	vec_ran("bech32 age", i);
	json_decref(j);
	free(rc);
}

Test(bech32, goes_there_and_back_at_every_length)
{
	unsigned char in[100], out[100];
	char text[256], hrp[32];
	struct wr w;
	size_t n, got;
	int upper;

	randombytes_buf(in, sizeof(in));
	for (n = 0; n <= sizeof(in); n++) {
		for (upper = 0; upper < 2; upper++) {
			w = wr_from(text, sizeof(text));
			bech32_encode(&w, "age1-x", in, n, upper);
			cr_assert(wr_ok(&w));
			cr_assert_eq(w.n, 6 + 1 + (n * 8 + 4) / 5 + 6);
			cr_assert(bech32_decode(out, n, "age1-x", wr_rd(&w),
			    upper) == 0);
			cr_assert(memcmp(in, out, n) == 0);
			cr_assert(bech32_decode(out, n, "age1-x", wr_rd(&w),
			    !upper) == ERR_FORMAT, "the other case");
			cr_assert(bech32_decode_any(hrp, sizeof(hrp), out,
			    sizeof(out), &got, wr_rd(&w)) == 0 && got == n);
			cr_assert(strcmp(hrp, "age1-x") == 0);
		}
	}
}

Test(bech32, refuses_every_changed_truncated_or_lengthened_string)
{
	unsigned char in[32], out[33], zero[33] = { 0 };
	char text[64], keep;
	struct wr w = wr_from(text, sizeof(text));
	size_t i, n;
	int c;

	randombytes_buf(in, sizeof(in));
	bech32_encode(&w, "k", in, sizeof(in), false);
	n = w.n;
	for (i = 0; i < n; i++) {
		keep = text[i];
		for (c = 0; c < 256; c++) {
			text[i] = (char)c;
			if (text[i] == keep)
				continue;
			memset(out, 9, 32);
			cr_assert(bech32_decode(out, 32, "k",
			    rd_from(text, n), false) == ERR_FORMAT);
			cr_assert(memcmp(out, zero, 32) == 0, "wiped");
		}
		text[i] = keep;
		cr_assert(bech32_decode(out, 32, "k", rd_from(text, i),
		    false) == ERR_FORMAT);
	}
	text[n] = 'q';
	cr_assert(bech32_decode(out, 32, "k", rd_from(text, n + 1), false) ==
	    ERR_FORMAT);
	cr_assert(bech32_decode(out, 31, "k", rd_from(text, n), false) ==
	    ERR_FORMAT);
	cr_assert(bech32_decode(out, 33, "k", rd_from(text, n), false) ==
	    ERR_FORMAT);
	cr_assert(bech32_decode(out, 32, "j", rd_from(text, n), false) ==
	    ERR_FORMAT);
	cr_assert(bech32_decode(out, 32, "k", rd_from(text, n), false) == 0);
}

/* All with right checksums. */
Test(bech32, regrouping_has_one_spelling)
{
	cr_assert(decode("a1qqqd87cq") == 0, "one byte and two zero bits");
	cr_assert(decode("a1qpamnt9j") == ERR_FORMAT, "a padding bit set");
	cr_assert(decode("a1q3g6mn3") == ERR_FORMAT, "five bits of nothing");
	cr_assert(decode("a1qqqd87cpp") == ERR_FORMAT, "a character too many");
}

Test(bech32, mixed_case_is_refused)
{
	cr_assert(decode("A12UEL5L") == 0 && decode("a12uel5l") == 0);
	cr_assert(decode("A12uEL5L") == ERR_FORMAT);
	cr_assert(decode("a12UEL5L") == ERR_FORMAT);
}

Test(bech32, writes_no_more_than_there_is_room_for)
{
	char text[64];
	struct wr w = wr_from(text, 10);
	char hrp[3];
	unsigned char out[1];
	size_t n;

	bech32_encode(&w, "k", "abcdefgh", 8, false);
	cr_assert(!wr_ok(&w));
	w = wr_from(text, sizeof(text));
	bech32_encode(&w, "abc", "xy", 2, false);
	cr_assert(bech32_decode_any(hrp, sizeof(hrp), out, sizeof(out), &n,
	    wr_rd(&w)) == ERR_FORMAT);
}
