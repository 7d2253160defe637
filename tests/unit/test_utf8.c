/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "crypto/utf8.h"

static void
refused(const char *bytes, size_t n)
{
	struct rd r = rd_from(bytes, n);
	uint32_t c = 77;

	cr_assert_not(utf8_next(&r, &c), "%02x...", (unsigned char)bytes[0]);
	cr_assert_eq(r.n, n, "a refused read consumes nothing");
	cr_assert_eq(c, 77);
	cr_assert(n == 0 || !utf8_ok(rd_from(bytes, n)));
}

static void
is(const char *bytes, size_t n, uint32_t want)
{
	struct rd r = rd_from(bytes, n);
	uint32_t c;
	size_t cut;

	cr_assert(utf8_next(&r, &c));
	cr_assert_eq(c, want);
	cr_assert(rd_done(&r));
	for (cut = 0; cut < n; cut++)
		refused(bytes, cut);
}

Test(utf8, next_reads_the_first_and_last_of_each_length)
{
	is("\x00", 1, 0x00);
	is("\x7f", 1, 0x7f);
	is("\xc2\x80", 2, 0x80);
	is("\xdf\xbf", 2, 0x7ff);
	is("\xe0\xa0\x80", 3, 0x800);
	is("\xed\x9f\xbf", 3, 0xd7ff);
	is("\xee\x80\x80", 3, 0xe000);
	is("\xef\xbf\xbf", 3, 0xffff);
	is("\xf0\x90\x80\x80", 4, 0x10000);
	is("\xf4\x8f\xbf\xbf", 4, 0x10ffff);
}

Test(utf8, next_refuses_overlong_forms)
{
	refused("\xc0\x80", 2);
	refused("\xc1\xbf", 2);
	refused("\xe0\x9f\xbf", 3);
	refused("\xf0\x8f\xbf\xbf", 4);
}

Test(utf8, next_refuses_surrogates_and_what_lies_above_unicode)
{
	refused("\xed\xa0\x80", 3);
	refused("\xed\xbf\xbf", 3);
	refused("\xf4\x90\x80\x80", 4);
	refused("\xf5\x80\x80\x80", 4);
	refused("\xff", 1);
	refused("\xfe", 1);
}

Test(utf8, next_refuses_a_lone_or_missing_continuation)
{
	refused("\x80", 1);
	refused("\xbf", 1);
	refused("\xc3(", 2);
	refused("\xe2\x80(", 3);
	refused("\xf0\x9f\x98(", 4);
}

Test(utf8, ok_takes_the_empty_string_and_mixed_scripts)
{
	cr_assert(utf8_ok(rd_str("")));
	cr_assert(utf8_ok(rd_str("a\xc3\xa9\xe2\x80\x94\xf0\x9f\x98\x80")));
	cr_assert_not(utf8_ok(rd_str("a\xc3\xa9\xe2\x80")));
}

Test(utf8, is_space_knows_the_spaces_of_unicode_and_no_others)
{
	static const uint32_t spaces[] = {
		0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680,
		0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
		0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f,
		0x205f, 0x3000
	};
	size_t i, n = 0;
	uint32_t c;

	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		cr_assert(utf8_is_space(spaces[i]), "%x", spaces[i]);
	for (c = 0; c <= 0x10ffff; c++)
		n += utf8_is_space(c);
	cr_assert_eq(n, i);
}

Test(utf8, is_control_means_c0_del_and_c1)
{
	cr_assert(utf8_is_control(0) && utf8_is_control(0x1f));
	cr_assert(utf8_is_control(0x7f) && utf8_is_control(0x9f));
	cr_assert_not(utf8_is_control(0x20) || utf8_is_control(0x7e) ||
	    utf8_is_control(0xa0));
}
