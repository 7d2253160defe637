/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/common/wrap.h"

static void
shows(const char *text, unsigned col, unsigned indent, unsigned width,
    const char *want)
{
	char *got = NULL;
	size_t n;
	FILE *f = open_memstream(&got, &n);

	cr_assert_not_null(f);
	wrap_text(f, rd_str(text), col, indent, width);
	cr_assert_eq(fclose(f), 0);
	cr_assert_str_eq(got, want);
	free(got);
}

Test(wrap_text, breaks_between_words_before_the_width)
{
	shows("one two three", 0, 0, 7, "one two\nthree");
	shows("one two", 0, 0, 6, "one\ntwo");
	shows("one two three", 0, 0, 8, "one two\nthree");
	shows("one two three", 0, 0, 13, "one two three");
	shows("", 0, 0, 7, "");
}

Test(wrap_text, what_has_no_space_is_not_broken)
{
	shows("a incomprehensibilities b", 0, 0, 6,
	    "a\nincomprehensibilities\nb");
}

Test(wrap_text, follows_where_the_cursor_is_and_indents_the_rest)
{
	shows("one two three", 4, 4, 12, "one two\n    three");
	shows("one\n\ntwo three", 2, 2, 7, "one\n\n  two\n  three");
}

Test(wrap_text, a_line_keeps_its_own_spaces)
{
	shows("List:\n  1. one two", 0, 0, 9, "List:\n  1. one\n  two");
}

Test(wrap_text, characters_count_not_bytes)
{
	shows("\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9", 0, 0, 5,
	    "\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9");
}

Test(wrap_text, what_moves_a_cursor_is_shown_instead)
{
	shows("a\x1b[2J \xff", 0, 0, 79, "a<U+001B>[2J <FF>");
}
