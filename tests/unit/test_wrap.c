/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/desk/wrap.h"

/* What wrap_print() writes for text; static. */
static const char *
wrapped(const char *text, const char *indent, unsigned width)
{
	static char out[8192];
	FILE *f = fmemopen(out, sizeof(out), "w");

	out[0] = '\0';

	cr_assert_not_null(f);
	wrap_print(f, rd_str(text), indent, width);
	fclose(f);
	return out;
}

Test(wrap, breaks_at_spaces)
{
	cr_assert_str_eq(wrapped("one two three four", "  ", 16),
	    "  one two three\n  four\n");
}

Test(wrap, keeps_lines_and_empty_lines)
{
	cr_assert_str_eq(wrapped("a\n\nb", "> ", 40), "> a\n> \n> b\n");
	cr_assert_str_eq(wrapped("a\n", "> ", 40), "> a\n");
	cr_assert_str_eq(wrapped("", "> ", 40), "");
}

Test(wrap, cuts_a_word_that_is_wider_than_a_line)
{
	cr_assert_str_eq(wrapped("abcdefghijklmnop", "", 10),
	    "abcdefghij\nklmnop\n");
}

Test(wrap, counts_columns_and_not_bytes)
{
	cr_assert_str_eq(wrapped("éééé éééé éé", "", 9),
	    "éééé éééé\néé\n");
	cr_assert_str_eq(wrapped("中文中文中文", "", 9), "中文中文\n中文\n");
}

Test(wrap, no_row_of_hostile_text_begins_without_its_indent)
{
	const char *out = wrapped("x\r=== y\n\033[1G=== z\v\xff"
	    "\xe2\x80\xa8=== w", "    ", 80);
	const char *p;

	for (p = out; p != NULL && *p != '\0'; p = strchr(p, '\n'),
	    p = p == NULL ? NULL : p + 1)
		cr_assert_eq(strncmp(p, "    ", 4), 0, "%s", p);
	cr_assert_null(strchr(out, '\033'));
	cr_assert_null(strchr(out, '\r'));
	cr_assert_null(strchr(out, '\v'));
}

Test(wrap, comes_to_an_end_with_any_bytes)
{
	char text[256];
	unsigned width;
	int i;

	for (i = 0; i < 255; i++)
		text[i] = (char)(i + 1);
	text[255] = '\0';
	for (width = 0; width < 40; width++)
		cr_assert(strlen(wrapped(text, "    ", width)) > 0);
}
