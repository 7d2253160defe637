/* SPDX-License-Identifier: ISC */
/*
 * test_token.c - bearer tokens: the file's grammar, making, finding.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sha256.h"
#include "server/file.h"
#include "server/token.h"
#include "tests/unit/store_help.h"

#define H0 "0000000000000000000000000000000000000000000000000000000000000000"
#define H1 "00000000000000000000000000000000000000000000000000000000000000ff"

static struct tokens t;

Test(token, roles_have_two_names)
{
	cr_assert_eq(token_role_of(rd_str("courier")), TOKEN_COURIER);
	cr_assert_eq(token_role_of(rd_str("auditor")), TOKEN_AUDITOR);
	cr_assert_eq(token_role_of(rd_str("Courier")), TOKEN_NONE);
	cr_assert_eq(token_role_of(rd_str("")), TOKEN_NONE);
}

Test(token, each_line_is_found_by_its_hash)
{
	unsigned char h[HASH_BYTES] = { 0 };

	cr_assert_eq(tokens_parse(&t, rd_str("courier " H0 "\nauditor " H1
	    "\n")), 0);
	cr_assert_eq(t.n, 2);
	cr_assert_eq(tokens_find(&t, h), TOKEN_COURIER);
	h[31] = 0xff;
	cr_assert_eq(tokens_find(&t, h), TOKEN_AUDITOR);
	h[0] = 1;
	cr_assert_eq(tokens_find(&t, h), TOKEN_NONE);
}

Test(token, an_empty_file_lets_nobody_in)
{
	static const unsigned char h[HASH_BYTES];

	cr_assert_eq(tokens_parse(&t, rd_str("")), 0);
	cr_assert_eq(tokens_find(&t, h), TOKEN_NONE);
}

Test(token, one_bad_line_refuses_the_file)
{
	static const char *const bad[] = {
		"\n", "courier\n", "courier " H0, "courier  " H0 "\n",
		"courier " H0 " \n", "office " H0 "\n",
		"courier " H0 "\nx\n", " courier " H0 "\n",
		"courier 0" H0 "\n", "# courier " H0 "\n",
		"courier 00000000000000000000000000000000000000000000000000"
		"000000000000FF\n",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(tokens_parse(&t, rd_str(bad[i])), ERR_FORMAT,
		    "case %zu", i);
		cr_assert_eq(t.n, 0, "nothing of it counts");
	}
}

static enum token_role
role_of(const unsigned char *token, size_t n)
{
	unsigned char h[HASH_BYTES];
	struct token_stamp stamp;

	sha256(h, token, n);
	cr_assert_eq(tokens_load(&t, &stamp, AT_FDCWD), 0);
	return tokens_find(&t, h);
}

Test(token, what_is_made_is_found_and_only_its_hash_is_kept,
    .init = help_enter)
{
	unsigned char a[TOKEN_BYTES_MAX], b[TOKEN_BYTES_MAX], file[1024];
	struct wr w = wr_from(a, sizeof(a)), v = wr_from(b, sizeof(b));
	struct stat st;
	size_t n;

	cr_assert_eq(token_make(&w, AT_FDCWD, "courier"), 0);
	cr_assert_eq(token_make(&v, AT_FDCWD, "auditor"), 0);
	cr_assert_eq(role_of(a, w.n), TOKEN_COURIER);
	cr_assert_eq(role_of(b, v.n), TOKEN_AUDITOR);
	cr_assert_eq(role_of(b, v.n - 1), TOKEN_NONE);
	cr_assert_eq(file_slurp(AT_FDCWD, "tokens", file, sizeof(file), &n),
	    0);
	cr_assert_null(memmem(file, n, a + w.n - 64, 64));
	cr_assert_eq(stat("tokens", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(token_make(&w, AT_FDCWD, "office"), ERR_NOTFOUND);
}

Test(token, a_new_token_shows_as_a_change, .init = help_enter)
{
	unsigned char a[TOKEN_BYTES_MAX];
	struct wr w = wr_from(a, sizeof(a));
	struct token_stamp stamp;

	cr_assert_eq(tokens_load(&t, &stamp, AT_FDCWD), 0);
	cr_assert_eq(t.n, 0);
	cr_assert_not(tokens_changed(&stamp, AT_FDCWD));
	cr_assert_eq(token_make(&w, AT_FDCWD, "courier"), 0);
	cr_assert(tokens_changed(&stamp, AT_FDCWD));
	cr_assert_eq(tokens_load(&t, &stamp, AT_FDCWD), 0);
	cr_assert_not(tokens_changed(&stamp, AT_FDCWD));
}

Test(token, a_damaged_file_is_not_added_to, .init = help_enter)
{
	unsigned char a[TOKEN_BYTES_MAX];
	struct wr w = wr_from(a, sizeof(a));

	cr_assert_eq(file_create(AT_FDCWD, "tokens", rd_str("what?\n"), 0600),
	    0);
	cr_assert_eq(token_make(&w, AT_FDCWD, "courier"), ERR_FORMAT);
}
