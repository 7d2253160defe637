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

static char dir[] = "/tmp/ecr-file-XXXXXX";
static int fd = -1;

static void
setup(void)
{
	cr_assert_not_null(mkdtemp(dir));
	fd = dir_open(dir, false);
	cr_assert_geq(fd, 0);
}

static unsigned
names(void)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	cr_assert_not_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
teardown(void)
{
	char cmd[64];

	close(fd);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	cr_assert_eq(system(cmd), 0);
}

TestSuite(file, .init = setup, .fini = teardown);

static void
holds(const char *name, const char *want)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_read_at(&p, &n, fd, name, 100), 0);
	cr_assert_eq(n, strlen(want));
	cr_assert_eq(memcmp(p, want, n + 1), 0, "a NUL stands behind it");
	file_free(p, n);
}

Test(file, what_is_written_can_be_read)
{
	struct stat st;

	cr_assert_eq(file_write_at(fd, "a", rd_str("first"), 0600, false), 0);
	holds("a", "first");
	cr_assert_eq(fstatat(fd, "a", &st, 0), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(names(), 1, "no temporary name is left");
}

Test(file, an_old_file_is_kept_unless_it_is_to_be_replaced)
{
	cr_assert_eq(file_write_at(fd, "a", rd_str("one"), 0600, false), 0);
	cr_assert_eq(file_write_at(fd, "a", rd_str("two"), 0600, false),
	    ERR_EXISTS);
	holds("a", "one");
	cr_assert_eq(file_write_at(fd, "a", rd_str(""), 0600, true), 0);
	holds("a", "");
	cr_assert_eq(names(), 1);
}

Test(file, a_failed_write_leaves_nothing)
{
	cr_assert_eq(file_write_at(fd, "no/such", rd_str("x"), 0600, true),
	    ERR_IO);
	cr_assert_eq(errno, ENOENT);
	cr_assert_eq(mkdirat(fd, "d", 0700), 0);
	cr_assert_eq(mkdirat(fd, "d/e", 0700), 0);
	cr_assert_eq(file_write_at(fd, "d", rd_str("x"), 0600, true), ERR_IO);
	cr_assert_eq(names(), 1);
}

Test(file, reading_stops_at_its_limit)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_write_at(fd, "a", rd_str("12345"), 0600, false), 0);
	cr_assert_eq(file_read_at(&p, &n, fd, "a", 5), 0);
	file_free(p, n);
	cr_assert_eq(file_read_at(&p, &n, fd, "a", 4), ERR_LIMIT);
	cr_assert_null(p);
	cr_assert_eq(file_read_at(&p, &n, fd, "b", 4), ERR_NOTFOUND);
	cr_assert_eq(file_read_at(&p, &n, fd, ".", 4), ERR_FORMAT);
}

Test(file, a_stream_is_read_to_its_end_and_stops_at_its_limit)
{
	unsigned char *p;
	size_t n;
	int p2[2];

	cr_assert_eq(pipe(p2), 0);
	cr_assert_eq(write(p2[1], "123456", 6), 6);
	close(p2[1]);
	cr_assert_eq(dup2(p2[0], STDIN_FILENO), STDIN_FILENO);
	cr_assert_eq(file_read(&p, &n, "-", 6), 0);
	cr_assert_eq(n, 6);
	file_free(p, n);
	cr_assert_eq(pipe(p2), 0);
	cr_assert_eq(write(p2[1], "123456", 6), 6);
	close(p2[1]);
	cr_assert_eq(dup2(p2[0], STDIN_FILENO), STDIN_FILENO);
	cr_assert_eq(file_read(&p, &n, "-", 5), ERR_LIMIT);
}

Test(file, a_folder_is_made_private)
{
	struct stat st;
	int sub = dir_open_at(fd, "sub", true);

	cr_assert_geq(sub, 0);
	cr_assert_eq(fstat(sub, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0700);
	close(sub);
	cr_assert_lt(dir_open_at(fd, "other", false), 0);
}

Test(file, a_fifo_or_link_in_a_foreign_folder_is_refused_at_once)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(mkfifoat(fd, "fifo", 0600), 0);
	cr_assert_eq(symlinkat("/etc/hostname", fd, "link"), 0);
	cr_assert_eq(file_read_at(&p, &n, fd, "fifo", 99), ERR_FORMAT);
	cr_assert_null(p);
	cr_assert_eq(file_read_at(&p, &n, fd, "link", 99), ERR_FORMAT);
}
