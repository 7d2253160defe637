/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/common/file.h"
#include "tests/unit/tmpdir.h"

static void
setup(void)
{
	tmpdir_new();
}

TestSuite(file, .init = setup, .fini = tmpdir_remove);

static size_t
files_in(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	size_t n = 0;

	cr_assert_not_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

Test(file, what_is_written_is_read_with_its_mode)
{
	unsigned char *p;
	struct stat st;
	size_t n;

	cr_assert_eq(file_write(tmpdir_path("a"), rd_str("hello"), 0600,
	    false), 0);
	cr_assert_eq(file_read(&p, &n, tmpdir_path("a"), 5), 0);
	cr_assert_eq(n, 5);
	cr_assert_str_eq((char *)p, "hello");
	file_free(p, n);
	cr_assert_eq(stat(tmpdir_path("a"), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
}

Test(file, an_existing_file_is_kept_unless_it_may_be_replaced)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_write(tmpdir_path("a"), rd_str("old"), 0600, false),
	    0);
	cr_assert_eq(file_write(tmpdir_path("a"), rd_str("new"), 0600, false),
	    ERR_EXISTS);
	cr_assert_eq(file_read(&p, &n, tmpdir_path("a"), 9), 0);
	cr_assert_str_eq((char *)p, "old");
	file_free(p, n);
	cr_assert_eq(file_write(tmpdir_path("a"), rd_str("new"), 0600, true),
	    0);
	cr_assert_eq(file_read(&p, &n, tmpdir_path("a"), 9), 0);
	cr_assert_str_eq((char *)p, "new");
	file_free(p, n);
	cr_assert_eq(files_in(tmpdir_path("")), 1, "no temporary file stays");
}

Test(file, limits_and_absence_are_told_apart)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_write(tmpdir_path("a"), rd_str("12345"), 0600,
	    false), 0);
	cr_assert_eq(file_read(&p, &n, tmpdir_path("a"), 4), ERR_LIMIT);
	cr_assert_null(p);
	cr_assert_eq(file_read(&p, &n, tmpdir_path("b"), 4), ERR_NOTFOUND);
	cr_assert_eq(file_read(&p, &n, tmpdir_path(""), 4), ERR_IO);
	cr_assert_eq(file_write(tmpdir_path("none/a"), rd_str("x"), 0600,
	    false), ERR_IO);
}

Test(file, an_empty_file_is_read_as_nothing)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_write(tmpdir_path("a"), rd_str(""), 0600, false), 0);
	cr_assert_eq(file_read(&p, &n, tmpdir_path("a"), 0), 0);
	cr_assert_eq(n, 0);
	cr_assert_eq(p[0], 0);
	file_free(p, n);
}
