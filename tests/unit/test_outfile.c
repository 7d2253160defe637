/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/outfile.h"
#include "crypto/secret.h"
#include "tests/unit/tmpdir.h"

static struct outfile f;
static const unsigned char text[] = "some text";

static void
setup(void)
{
	cr_assert_eq(secret_init(), 0);
	tmpdir_new();
}

static bool no_proc;

/* Instead of the C library's: outfile.c asks it for /proc alone. */
int
access(const char *path, int mode)
{
	if (no_proc && strncmp(path, "/proc/", 6) == 0) {
		errno = ENOENT;
		return -1;
	}
	return faccessat(AT_FDCWD, path, mode, 0);
}

TestSuite(outfile, .init = setup, .fini = tmpdir_remove);

/* How many names the folder holds. */
static int
names(void)
{
	DIR *d = opendir(tmpdir_path("."));
	int n = 0;

	cr_assert_not_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static bool
holds(const char *name, const char *want)
{
	unsigned char *p;
	bool same;
	size_t n;

	if (file_read(&p, &n, tmpdir_path(name), 4096) != 0)
		return false;
	same = n == strlen(want) && memcmp(p, want, n) == 0;
	file_free(p, n);
	return same;
}

static void
begin(const char *name)
{
	cr_assert_eq(outfile_open(&f, tmpdir_path(name)), 0);
	cr_assert_eq(outfile_write(&f, text, 9), 0);
}

Test(outfile, appears_when_it_is_kept_and_not_before)
{
	begin("a");
	cr_assert_not(holds("a", "some text"));
	cr_assert_eq(outfile_keep(&f), 0);
	cr_assert(holds("a", "some text"));
	cr_assert_eq(names(), 1);
}

/* tmpfs and all disks of Linux can; whoever is killed then leaves nothing. */
Test(outfile, has_no_name_while_it_is_written)
{
	begin("a");
	if (!f.nameless) {
		outfile_drop(&f);
		cr_skip_test("this file system cannot");
	}
	cr_assert_eq(names(), 0);
	cr_assert_eq(outfile_keep(&f), 0);
	cr_assert_eq(names(), 1);
}

/* USB sticks, or no /proc. */
Test(outfile, has_another_name_where_it_must_have_one)
{
	no_proc = true;
	begin("a");
	cr_assert_not(f.nameless);
	cr_assert_eq(names(), 1);
	cr_assert(!holds("a", "new bytes"));
	outfile_drop(&f);
	cr_assert_eq(names(), 0);
	begin("a");
	cr_assert_eq(outfile_keep(&f), 0);
	begin("a");
	cr_assert_eq(names(), 2);
	cr_assert_eq(outfile_keep(&f), 0);
	cr_assert_eq(names(), 1);
}

Test(outfile, leaves_nothing_when_it_is_dropped)
{
	begin("a");
	outfile_drop(&f);
	outfile_drop(&f);
	cr_assert_eq(names(), 0);
}

Test(outfile, keeps_the_old_file_until_the_new_one_is_whole)
{
	cr_assert_eq(file_write(tmpdir_path("a"), rd_str("old"), 0600, true),
	    0);
	begin("a");
	outfile_drop(&f);
	cr_assert(holds("a", "old"));
	begin("a");
	cr_assert_eq(outfile_keep(&f), 0);
	cr_assert(holds("a", "some text"));
}

Test(outfile, writes_what_a_link_points_to)
{
	struct stat st;

	cr_assert_eq(file_write(tmpdir_path("a"), rd_str("old"), 0600, true),
	    0);
	cr_assert_eq(symlink("a", tmpdir_path("l")), 0);
	begin("l");
	cr_assert_eq(outfile_keep(&f), 0);
	cr_assert(holds("a", "some text"));
	cr_assert_eq(lstat(tmpdir_path("l"), &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
}

Test(outfile, never_replaces_what_is_no_regular_file)
{
	struct stat st;

	cr_assert_eq(outfile_open(&f, "/dev/null"), 0);
	cr_assert_eq(outfile_write(&f, text, 9), 0);
	cr_assert_eq(outfile_keep(&f), 0);
	cr_assert_eq(stat("/dev/null", &st), 0);
	cr_assert(S_ISCHR(st.st_mode));
	cr_assert_neq(outfile_open(&f, tmpdir_path(".")), 0);
	cr_assert_neq(outfile_open(&f, tmpdir_path("no/such")), 0);
}

Test(outfile, a_name_in_a_folder_is_a_plain_name)
{
	int fd = dir_open(tmpdir_path("."), false);

	cr_assert_eq(outfile_open_at(&f, fd, "../x"), ERR_LIMIT);
	cr_assert_eq(outfile_open_at(&f, fd, "x"), 0);
	cr_assert_eq(outfile_write(&f, text, 9), 0);
	cr_assert_eq(outfile_keep(&f), 0);
	cr_assert(holds("x", "some text"));
	close(fd);
}
