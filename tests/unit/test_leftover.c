/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/desk.h"
#include "client/desk/leftover.h"
#include "crypto/secret.h"
#include "tests/unit/tmpdir.h"

#define HEX	"0123456789abcdef"

static char place[4200];

static void
setup(void)
{
	cr_assert_eq(secret_init(), 0);
	say_quiet(true);
	tmpdir_new();
	snprintf(place, sizeof(place), "%s", tmpdir_path("desk"));
}

static void
teardown(void)
{
	tmpdir_remove();
}

TestSuite(leftover, .init = setup, .fini = teardown);

static const char *
beside(const char *name)
{
	return tmpdir_path(name);
}

static bool
is_there(const char *name)
{
	struct stat st;

	return lstat(beside(name), &st) == 0;
}

/* A folder as a killed init leaves it. */
static void
half_a_desk(const char *name)
{
	char path[4300];

	cr_assert_eq(mkdir(beside(name), 0700), 0);
	snprintf(path, sizeof(path), "%s/keys", beside(name));
	cr_assert_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/keys/sign", beside(name));
	cr_assert_eq(file_write(path, rd_str("x"), 0600, true), 0);
}

Test(leftover, what_a_killed_init_left_is_gone_with_the_next)
{
	half_a_desk("desk." HEX ".tmp");
	half_a_desk("desk.00112233445566ff.tmp");
	cr_assert_eq(desk_create(place, "ecr.example.org", "office",
	    DESK_KDF_MIB_MIN, "a passphrase"), 0);
	cr_assert_not(is_there("desk." HEX ".tmp"));
	cr_assert_not(is_there("desk.00112233445566ff.tmp"));
	cr_assert(is_there("desk"));
	cr_assert_eq(leftover_clean(place), 0, "nothing new was left");
}

Test(leftover, only_such_names_are_removed)
{
	static const char *const others[] = {
		"desk.0123.tmp", "desk." HEX "0.tmp", "desk." HEX,
		"desk.0123456789abcdeg.tmp", "desk.0123456789ABCDEF.tmp",
		"other." HEX ".tmp", "desk" HEX ".tmp", "desk.." HEX ".tmp",
		"desk." HEX ".tmp.tmp"
	};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		half_a_desk(others[i]);
	cr_assert_eq(leftover_clean(place), 0);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_assert(is_there(others[i]), "%s", others[i]);
}

Test(leftover, files_and_links_of_that_name_stay)
{
	half_a_desk("elsewhere");
	cr_assert_eq(symlink("elsewhere", beside("desk." HEX ".tmp")), 0);
	cr_assert_eq(file_write(beside("desk.00112233445566ff.tmp"),
	    rd_str("x"), 0600, true), 0);
	cr_assert_eq(leftover_clean(place), 0);
	cr_assert(is_there("desk." HEX ".tmp"));
	cr_assert(is_there("desk.00112233445566ff.tmp"));
	cr_assert(is_there("elsewhere/keys/sign"));
}

Test(leftover, a_link_inside_is_removed_and_not_followed)
{
	half_a_desk("elsewhere");
	half_a_desk("desk." HEX ".tmp");
	cr_assert_eq(symlink("../elsewhere", beside("desk." HEX
	    ".tmp/cases")), 0);
	cr_assert_eq(leftover_clean(place), 1);
	cr_assert_not(is_there("desk." HEX ".tmp"));
	cr_assert(is_there("elsewhere/keys/sign"));
}

Test(leftover, what_somebody_still_builds_is_left_alone)
{
	char name[4300];
	int fd;

	cr_assert_eq(leftover_name(name, sizeof(name), place), 0);
	fd = leftover_make(name);
	cr_assert_geq(fd, 0);
	cr_assert_eq(leftover_clean(place), 0);
	cr_assert_eq(access(name, F_OK), 0);
	close(fd);
	cr_assert_eq(leftover_clean(place), 1);
	cr_assert_neq(access(name, F_OK), 0);
}

Test(leftover, files_that_a_killed_program_was_writing_are_gone)
{
	static const char *const gone[] = {
		"desk/keys/week-x." HEX ".tmp", "desk/public/keyset." HEX
		".tmp", "desk/desk." HEX ".tmp",
		"desk/cases/data.mdb." HEX ".tmp"
	};
	static const char *const stay[] = {
		"desk/keys/week-x.tmp", "desk/keys/." HEX ".tmp",
		"desk/cases/x.tmp", "desk/public/x." HEX ".tmp2"
	};
	struct desk *d;
	size_t i;

	cr_assert_eq(desk_create(place, "ecr.example.org", "office",
	    DESK_KDF_MIB_MIN, "a passphrase"), 0);
	cr_assert_eq(file_write(beside("pass"), rd_str("a passphrase\n"), 0600,
	    true), 0);
	for (i = 0; i < 4; i++)
		cr_assert_eq(file_write(beside(gone[i]), rd_str("x"), 0600,
		    true), 0);
	for (i = 0; i < 4; i++)
		cr_assert_eq(file_write(beside(stay[i]), rd_str("x"), 0600,
		    true), 0);
	cr_assert_eq(desk_open(&d, place, beside("pass")), 0);
	desk_close(d);
	for (i = 0; i < 4; i++)
		cr_assert_not(is_there(gone[i]), "%s", gone[i]);
	for (i = 0; i < 4; i++)
		cr_assert(is_there(stay[i]), "%s", stay[i]);
	cr_assert(is_there("desk/keys/sign"));
}

/* Killed between the link to its name and the end of its first one. */
Test(leftover, a_file_that_has_its_name_already_keeps_its_bytes)
{
	unsigned char *p;
	struct desk *d;
	size_t n;

	cr_assert_eq(desk_create(place, "ecr.example.org", "office",
	    DESK_KDF_MIB_MIN, "a passphrase"), 0);
	cr_assert_eq(file_write(beside("pass"), rd_str("a passphrase\n"), 0600,
	    true), 0);
	cr_assert_eq(file_write(beside("desk/public/x"), rd_str("words"), 0600,
	    true), 0);
	cr_assert_eq(link(beside("desk/public/x"),
	    beside("desk/public/x." HEX ".tmp")), 0);
	cr_assert_eq(desk_open(&d, place, beside("pass")), 0);
	desk_close(d);
	cr_assert_not(is_there("desk/public/x." HEX ".tmp"));
	cr_assert_eq(file_read(&p, &n, beside("desk/public/x"), 64), 0);
	cr_assert(rd_eq_str(rd_from(p, n), "words"));
	file_free(p, n);
}

Test(leftover, a_name_too_long_is_refused)
{
	char name[30];

	cr_assert_eq(leftover_name(name, sizeof(name), "desk"), 0);
	cr_assert_eq(leftover_name(name, 25, "desk"), ERR_LIMIT);
}
