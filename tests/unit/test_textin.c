/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <string.h>

#include "client/desk/textin.h"

static unsigned char b[4096];
static size_t n, line;

static int
clean(const char *s)
{
	n = strlen(s);
	memcpy(b, s, n + 1);
	return textin_clean(b, &n, &line);
}

Test(textin, line_ends_are_folded_and_both_ends_trimmed)
{
	cr_assert_eq(clean("\r\n \t a\r\nb\rc\n\n d \xe2\x80\x83\n"), 0);
	cr_assert_str_eq((char *)b, "a\nb\nc\n\n d");
	cr_assert_eq(n, strlen("a\nb\nc\n\n d"));
}

Test(textin, nothing_but_white_space_is_nothing)
{
	cr_assert_eq(clean(""), ERR_NOTFOUND);
	cr_assert_eq(clean(" \t\r\n\xc2\xa0"), ERR_NOTFOUND);
}

Test(textin, what_a_screen_would_obey_is_refused_with_its_line)
{
	cr_assert_eq(clean("a\nb\n\x1b[2J"), ERR_FORMAT);
	cr_assert_eq(line, 3);
	cr_assert_eq(clean("a\x7f"), ERR_FORMAT);
	cr_assert_eq(clean("\xc2\x9b"), ERR_FORMAT);
	cr_assert_eq(clean("a\n\xff"), ERR_FORMAT);
	cr_assert_eq(line, 2);
	cr_assert_eq(clean("\xc3"), ERR_FORMAT);
	n = 3;
	memcpy(b, "a\0b", 4);
	cr_assert_eq(textin_clean(b, &n, &line), ERR_FORMAT);
	cr_assert_eq(clean("\ttab and ünïcode"), 0);
}

Test(textin, a_question_is_one_line)
{
	char lots[TEXTIN_LINE_MAX + 2];

	cr_assert_eq(textin_line("who, and when?"), 0);
	cr_assert_eq(textin_line(""), ERR_NOTFOUND);
	cr_assert_eq(textin_line("  "), ERR_NOTFOUND);
	cr_assert_eq(textin_line("a\nb"), ERR_FORMAT);
	cr_assert_eq(textin_line("\xff"), ERR_FORMAT);
	memset(lots, 'a', sizeof(lots));
	lots[TEXTIN_LINE_MAX + 1] = '\0';
	cr_assert_eq(textin_line(lots), ERR_LIMIT);
	lots[TEXTIN_LINE_MAX] = '\0';
	cr_assert_eq(textin_line(lots), 0);
}
