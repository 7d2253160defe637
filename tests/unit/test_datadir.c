/* SPDX-License-Identifier: ISC */
/*
 * test_datadir.c - a data directory appears whole, once, for one server; and
 * the small files in it.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/datadir.h"
#include "server/file.h"
#include "tests/unit/store_help.h"
#include "tests/unit/tmpdir.h"

static unsigned char buf[4096];

TestSuite(datadir, .init = help_enter);

static size_t
entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	cr_assert_not_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

Test(datadir, it_is_private_and_has_what_belongs_into_it)
{
	struct stat st;

	cr_assert_eq(stat(".", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0700);
	cr_assert_eq(entries("."), 4);
	cr_assert_eq(stat("drop/data.mdb", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(entries("drop"), 1, "no lock file");
	cr_assert_eq(entries("pending"), 0);
}

Test(datadir, what_is_there_is_refused_and_left_alone)
{
	cr_assert_eq(chdir(".."), 0);
	cr_assert_eq(datadir_create("data", "other/log"), ERR_EXISTS);
	cr_assert_eq(datadir_create("data/", "other/log"), ERR_EXISTS);
	cr_assert_eq(mkdir("empty", 0700), 0);
	cr_assert_eq(datadir_create("empty", "other/log"), ERR_EXISTS);
	cr_assert_eq(entries("."), 3, "nothing half-made is left");
	cr_assert_eq(entries("empty"), 0);
	cr_assert_eq(datadir_create("fresh//", "other/log"), 0);
	cr_assert_eq(entries("fresh"), 4);
}

Test(datadir, an_origin_must_be_a_name)
{
	cr_assert_eq(datadir_create("x", ""), ERR_FORMAT);
	cr_assert_eq(datadir_create("x", "two words"), ERR_FORMAT);
	cr_assert_eq(datadir_create("x", "a+b"), ERR_FORMAT);
	cr_assert_eq(datadir_create("no/such/place", "a/b"), ERR_IO);
	cr_assert_eq(access("x", F_OK), -1);
}

Test(datadir, one_server_at_a_time)
{
	int a = open(".", O_RDONLY | O_DIRECTORY);
	int b = open(".", O_RDONLY | O_DIRECTORY), c;

	cr_assert_eq(datadir_lock(a), 0);
	cr_assert_eq(datadir_lock(b), ERR_EXISTS);
	c = dup(a);
	cr_assert_eq(datadir_lock(c), 0, "the same server, started again");
	close(a);
	cr_assert_eq(datadir_lock(b), ERR_EXISTS);
	close(c);
	cr_assert_eq(datadir_lock(b), 0);
	close(b);
}

/* --- small files --------------------------------------------------------- */

Test(datadir, a_file_is_created_once)
{
	size_t n;

	cr_assert_eq(file_create(AT_FDCWD, "f", rd_str("one"), 0600), 0);
	cr_assert_eq(file_create(AT_FDCWD, "f", rd_str("two"), 0600),
	    ERR_EXISTS);
	cr_assert_eq(file_slurp(AT_FDCWD, "f", buf, sizeof(buf), &n), 0);
	cr_assert(rd_eq_str(rd_from(buf, n), "one"));
	cr_assert_eq(file_replace(AT_FDCWD, "f", rd_str("three"), 0600), 0);
	cr_assert_eq(file_slurp(AT_FDCWD, "f", buf, sizeof(buf), &n), 0);
	cr_assert(rd_eq_str(rd_from(buf, n), "three"));
	cr_assert_eq(access("f.new", F_OK), -1);
}

Test(datadir, what_a_kill_left_is_taken_over)
{
	size_t n;

	cr_assert_eq(file_create(AT_FDCWD, "f.new", rd_str("half"), 0600), 0);
	cr_assert_eq(file_create(AT_FDCWD, "f", rd_str("whole"), 0600), 0);
	cr_assert_eq(access("f.new", F_OK), -1);
	/* Killed between link and unlink: two names, one file. */
	cr_assert_eq(link("f", "f.new"), 0);
	cr_assert_eq(file_replace(AT_FDCWD, "g", rd_str("g"), 0600), 0);
	cr_assert_eq(file_create(AT_FDCWD, "f", rd_str("other"), 0600),
	    ERR_EXISTS);
	cr_assert_eq(file_slurp(AT_FDCWD, "f", buf, sizeof(buf), &n), 0);
	cr_assert(rd_eq_str(rd_from(buf, n), "whole"));
}

Test(datadir, reading_stops_at_its_cap_and_at_what_is_no_file)
{
	size_t n;

	cr_assert_eq(file_create(AT_FDCWD, "f", rd_str("12345"), 0600), 0);
	cr_assert_eq(file_slurp(AT_FDCWD, "f", buf, 5, &n), 0);
	cr_assert_eq(n, 5);
	cr_assert_eq(file_slurp(AT_FDCWD, "f", buf, 4, &n), ERR_LIMIT);
	cr_assert_eq(file_slurp(AT_FDCWD, "none", buf, 4, &n), ERR_NOTFOUND);
	cr_assert_eq(file_slurp(AT_FDCWD, "drop", buf, 4, &n), ERR_FORMAT);
	cr_assert_eq(symlink("f", "s"), 0);
	cr_assert_eq(file_slurp(AT_FDCWD, "s", buf, 5, &n), ERR_IO);
	cr_assert_eq(mkfifo("p", 0600), 0);
	cr_assert_eq(file_slurp(AT_FDCWD, "p", buf, 5, &n), ERR_FORMAT);
}

Test(datadir, shredding_overwrites_before_it_unlinks)
{
	size_t n;
	int fd;

	cr_assert_eq(file_create(AT_FDCWD, "k", rd_str("secret"), 0600), 0);
	fd = open("k", O_RDONLY);
	cr_assert_eq(file_shred(AT_FDCWD, "k"), 0);
	cr_assert_eq(access("k", F_OK), -1);
	cr_assert_eq(file_read_fd(fd, buf, sizeof(buf), &n), 0);
	cr_assert_eq(n, 6);
	cr_assert(rd_eq(rd_from(buf, n), rd_from("\0\0\0\0\0\0", 6)));
	close(fd);
	cr_assert_eq(file_shred(AT_FDCWD, "k"), 0, "gone is gone");
}
