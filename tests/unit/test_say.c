/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/say.h"

static void
shows(struct rd text, bool lines, const char *want)
{
	char *got = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&got, &n);

	cr_assert_not_null(f);
	say_clean(f, text, lines);
	fclose(f);
	cr_assert_str_eq(got, want);
	free(got);
}

#define LIT(s)	rd_from(s, sizeof(s) - 1)

Test(say_clean, plain_words_of_any_script_pass)
{
	shows(LIT("plain"), false, "plain");
	shows(LIT("\xc3\xa9t\xc3\xa9 \xd8\xb3\xd8\xb1 \xe4\xb8\xbe"), false,
	    "\xc3\xa9t\xc3\xa9 \xd8\xb3\xd8\xb1 \xe4\xb8\xbe");
	shows(LIT("\xf0\x9f\x99\x82"), false, "\xf0\x9f\x99\x82");
	shows(LIT(""), true, "");
}

Test(say_clean, what_moves_a_cursor_becomes_visible)
{
	shows(LIT("a\033[2Jb"), true, "a<U+001B>[2Jb");
	shows(LIT("a\rb\bc\ad"), true, "a<U+000D>b<U+0008>c<U+0007>d");
	shows(LIT("\x7f"), true, "<U+007F>");
	shows(LIT("\xc2\x9b" "31m"), true, "<U+009B>31m");
	shows(LIT("a\0b"), true, "a<U+0000>b");
}

Test(say_clean, a_line_end_is_kept_only_where_lines_are)
{
	shows(LIT("a\nb\tc"), true, "a\nb\tc");
	shows(LIT("a\nb\tc"), false, "a<U+000A>b<U+0009>c");
}

Test(say_clean, what_turns_text_around_or_hides_becomes_visible)
{
	shows(LIT("\xe2\x80\xae" "fdp.exe"), false, "<U+202E>fdp.exe");
	shows(LIT("a\xe2\x81\xa6" "b\xe2\x81\xa9"), false,
	    "a<U+2066>b<U+2069>");
	shows(LIT("a\xe2\x80\x8b" "b\xe2\x80\x8f"), false,
	    "a<U+200B>b<U+200F>");
	shows(LIT("\xef\xbb\xbf"), false, "<U+FEFF>");
	shows(LIT("\xf3\xa0\x81\x81"), false, "<U+E0041>");
	shows(LIT("\xe2\x80\xa8"), true, "<U+2028>");
}

Test(say_clean, broken_utf8_is_shown_byte_by_byte)
{
	shows(LIT("a\xff" "b"), false, "a<FF>b");
	shows(LIT("\xc3"), false, "<C3>");
	shows(LIT("\xed\xa0\x80"), false, "<ED><A0><80>");
	shows(LIT("\xc0\xaf"), false, "<C0><AF>");
}

Test(say, an_error_has_its_exit_code)
{
	cr_assert_eq(exit_for(0), EXIT_DONE);
	cr_assert_eq(exit_for(ERR_NOTFOUND), EXIT_NOINPUT);
	cr_assert_eq(exit_for(ERR_IO), EXIT_SYSTEM);
	cr_assert_eq(exit_for(ERR_NOMEM), EXIT_SYSTEM);
	cr_assert_eq(exit_for(ERR_EXISTS), EXIT_CANTCREATE);
	cr_assert_eq(exit_for(ERR_NOMATCH), EXIT_NOPERM);
	cr_assert_eq(exit_for(ERR_FORMAT), EXIT_DATA);
	cr_assert_neq(exit_for(ERR_AUTH), EXIT_CLAIM,
	    "1 is kept for claims that do not hold");
}
