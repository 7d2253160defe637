/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/say.h"

static const char *
clean(const char *text, size_t n, bool lines)
{
	static char out[512];
	FILE *f = fmemopen(out, sizeof(out), "w");

	cr_assert_not_null(f);
	say_clean(f, rd_from(text, n), lines);
	fclose(f);
	return out;
}

#define CLEAN(s, lines) clean(s, sizeof(s) - 1, lines)

Test(say, ordinary_text_of_any_script_passes)
{
	cr_assert_str_eq(CLEAN("d\xc3\xa9j\xc3\xa0 vu", false),
	    "d\xc3\xa9j\xc3\xa0 vu");
	cr_assert_str_eq(CLEAN("\xe4\xbd\xa0\xd8\xb3", false),
	    "\xe4\xbd\xa0\xd8\xb3");
	cr_assert_str_eq(CLEAN("a\nb", true), "a\nb");
}

Test(say, what_moves_a_cursor_becomes_visible)
{
	cr_assert_str_eq(CLEAN("\033[2J", true), "<U+001B>[2J");
	cr_assert_str_eq(CLEAN("a\rb", true), "a<U+000D>b");
	cr_assert_str_eq(CLEAN("a\nb", false), "a<U+000A>b");
	cr_assert_str_eq(CLEAN("\xc2\x9b" "1m", true), "<U+009B>1m");
	cr_assert_str_eq(CLEAN("\x7f", true), "<U+007F>");
}

Test(say, what_turns_or_hides_text_becomes_visible)
{
	cr_assert_str_eq(CLEAN("\xe2\x80\xae" "fdp.exe", true),
	    "<U+202E>fdp.exe");
	cr_assert_str_eq(CLEAN("a\xe2\x80\x8b" "b", true), "a<U+200B>b");
	cr_assert_str_eq(CLEAN("\xe2\x81\xa6x", true), "<U+2066>x");
	cr_assert_str_eq(CLEAN("\xef\xbb\xbf", true), "<U+FEFF>");
}

Test(say, broken_utf8_becomes_visible_byte_by_byte)
{
	cr_assert_str_eq(CLEAN("a\xff\xc3", true), "a<FF><C3>");
	cr_assert_str_eq(CLEAN("\xc0\x80", true), "<C0><80>");
	cr_assert_str_eq(CLEAN("\xed\xa0\x80", true), "<ED><A0><80>");
}

Test(say, every_error_has_an_exit_code_of_its_own_kind)
{
	cr_assert_eq(exit_for(0), 0);
	cr_assert_eq(exit_for(ERR_NOTFOUND), EXIT_NOINPUT);
	cr_assert_eq(exit_for(ERR_FORMAT), EXIT_DATA);
	cr_assert_eq(exit_for(ERR_IO), EXIT_SYSTEM);
	cr_assert_neq(exit_for(ERR_AUTH), EXIT_CLAIM,
	    "only a checked claim exits 1");
}
