/* SPDX-License-Identifier: ISC */
/*
 * test_rd.c - the bounds-checked reader; every getter with its truncated twin.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/rd.h"

static const unsigned char count[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

/* What a refusal must leave as it was. */
#define UNTOUCHED(r, n_)						\
	do {								\
		cr_assert_eq((r).n, (size_t)(n_));			\
		cr_assert((r).p == count);				\
	} while (0)

Test(rd, reads_big_endian_integers)
{
	struct rd r = rd_from(count, 8);
	uint8_t a = 0;
	uint16_t b = 0;
	uint32_t c = 0;
	uint64_t d = 0;

	cr_assert(rd_u8(&r, &a) && rd_u16(&r, &b) && rd_u32(&r, &c));
	cr_assert_eq(a, 1);
	cr_assert_eq(b, 0x0203);
	cr_assert_eq(c, 0x04050607);
	cr_assert_eq(r.n, 1);
	r = rd_from(count, 8);
	cr_assert(rd_u64(&r, &d) && rd_done(&r));
	cr_assert(d == 0x0102030405060708ull);
}

Test(rd, integers_refuse_when_one_byte_is_missing)
{
	struct rd r = rd_from(count, 0);
	uint8_t a = 77;
	uint16_t b = 77;
	uint32_t c = 77;
	uint64_t d = 77;

	cr_assert_not(rd_u8(&r, &a));
	UNTOUCHED(r, 0);
	r.n = 1;
	cr_assert_not(rd_u16(&r, &b));
	UNTOUCHED(r, 1);
	r.n = 3;
	cr_assert_not(rd_u32(&r, &c));
	UNTOUCHED(r, 3);
	r.n = 7;
	cr_assert_not(rd_u64(&r, &d));
	UNTOUCHED(r, 7);
	cr_assert(a == 77 && b == 77 && c == 77 && d == 77,
	    "a refused read writes nothing");
}

Test(rd, takes_copies_and_skips)
{
	struct rd r = rd_from(count, 8), sub;
	unsigned char out[3];

	cr_assert(rd_take(&r, &sub, 2) && sub.p == count && sub.n == 2);
	cr_assert(rd_copy(&r, out, 3) && memcmp(out, count + 2, 3) == 0);
	cr_assert(rd_skip(&r, 3) && rd_done(&r));
	cr_assert(rd_take(&r, &sub, 0) && sub.n == 0);
	cr_assert(rd_copy(&r, out, 0) && rd_skip(&r, 0));
}

Test(rd, take_copy_and_skip_refuse_one_too_many)
{
	struct rd r = rd_from(count, 2), sub = { NULL, 5 };
	unsigned char out[3] = { 9, 9, 9 };

	cr_assert_not(rd_take(&r, &sub, 3));
	cr_assert(sub.p == NULL && sub.n == 5);
	cr_assert_not(rd_copy(&r, out, 3));
	cr_assert(out[0] == 9 && out[1] == 9);
	cr_assert_not(rd_skip(&r, 3));
	cr_assert_not(rd_skip(&r, SIZE_MAX));
	UNTOUCHED(r, 2);
}

Test(rd, take16_and_take32_take_what_their_length_says)
{
	const unsigned char in[] = { 0, 2, 'a', 'b', 0, 0, 0, 1, 'c', 0, 0 };
	struct rd r = rd_from(in, sizeof(in)), sub;

	cr_assert(rd_take16(&r, &sub) && rd_eq_str(sub, "ab"));
	cr_assert(rd_take32(&r, &sub) && rd_eq_str(sub, "c"));
	cr_assert(rd_take16(&r, &sub) && sub.n == 0 && rd_done(&r));
}

Test(rd, take16_refuses_a_length_past_the_end)
{
	const unsigned char in[] = { 0x00, 0x05, 'a', 'b' };
	struct rd r = rd_from(in, sizeof(in)), sub;

	cr_assert_not(rd_take16(&r, &sub));
	cr_assert_eq(r.n, sizeof(in), "a refused read consumes nothing");
	r.n = 1;
	cr_assert_not(rd_take16(&r, &sub));
	cr_assert(r.n == 1 && r.p == in);
}

Test(rd, take32_refuses_a_length_past_the_end)
{
	const unsigned char in[] = { 0xff, 0xff, 0xff, 0xff, 'a' };
	struct rd r = rd_from(in, sizeof(in)), sub;

	cr_assert_not(rd_take32(&r, &sub));
	cr_assert(r.n == sizeof(in) && r.p == in);
	r.n = 3;
	cr_assert_not(rd_take32(&r, &sub));
	cr_assert(r.n == 3 && r.p == in);
}

Test(rd, lit_wants_exactly_these_bytes)
{
	struct rd r = rd_str("-> x"), was = r;

	cr_assert(rd_lit(&r, "-> ") && r.n == 1);
	cr_assert_not(rd_lit(&r, "y"));
	cr_assert_eq(r.n, 1);
	cr_assert_not(rd_lit(&was, "-> xy"));
	cr_assert_eq(was.n, 4);
	cr_assert(rd_lit(&was, ""));
}

Test(rd, until_and_line_want_their_end)
{
	struct rd r = rd_str("a b\n\nrest"), sub;

	cr_assert(rd_until(&r, ' ', &sub) && rd_eq_str(sub, "a"));
	cr_assert(rd_line(&r, &sub) && rd_eq_str(sub, "b"));
	cr_assert(rd_line(&r, &sub) && rd_done(&sub));
	cr_assert_not(rd_line(&r, &sub));
	cr_assert(rd_eq_str(r, "rest"));
	r = rd_from(NULL, 0);
	cr_assert_not(rd_line(&r, &sub));
}

Test(rd, dec_takes_one_spelling_a_number)
{
	static const char *bad[] = { "", "00", "01", "+1", "-1", " 1", "1 ",
		"1a", "0x1", "18446744073709551616", "99999999999999999999" };
	uint64_t v = 5;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not(rd_dec(rd_str(bad[i]), UINT64_MAX, &v), "%s",
		    bad[i]);
	cr_assert(v == 5);
	cr_assert(rd_dec(rd_str("0"), 0, &v) && v == 0);
	cr_assert(rd_dec(rd_str("18446744073709551615"), UINT64_MAX, &v) &&
	    v == UINT64_MAX);
	cr_assert(rd_dec(rd_str("22"), 22, &v) && v == 22);
	cr_assert_not(rd_dec(rd_str("23"), 22, &v));
}

Test(rd, eq_compares_length_and_bytes)
{
	cr_assert(rd_eq(rd_str("ab"), rd_str("ab")));
	cr_assert_not(rd_eq(rd_str("ab"), rd_str("abc")));
	cr_assert_not(rd_eq(rd_str("ab"), rd_str("aB")));
	cr_assert(rd_eq(rd_from(NULL, 0), rd_str("")));
}
