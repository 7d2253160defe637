/* SPDX-License-Identifier: ISC */
/*
 * test_spawn.c - what the parent hands to a role.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "server/spawn.h"

static int
temporary(size_t n)
{
	char path[] = "/tmp/test_spawn.XXXXXX";
	unsigned char *p = calloc(1, n + 1);
	int fd = mkstemp(path);

	cr_assert_neq(fd, -1);
	unlink(path);
	memset(p, 'k', n);
	cr_assert_eq(write(fd, p, n), (ssize_t)n);
	free(p);
	return fd;
}

static off_t
size_of(int fd)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	return st.st_size;
}

Test(spawn, a_copy_begins_at_its_own_start)
{
	int fd = temporary(300), a, b;
	char buf[400];

	cr_assert_eq(secret_init(), 0);
	a = spawn_copy(fd);
	b = spawn_copy(fd);
	cr_assert_eq(read(a, buf, sizeof(buf)), 300);
	cr_assert_eq(read(b, buf, sizeof(buf)), 300, "they share no offset");
	cr_assert_eq(buf[299], 'k');
	close(a);
	close(b);
	close(fd);
}

Test(spawn, a_copy_cannot_be_changed)
{
	int a = spawn_memfd(rd_str("text"));

	cr_assert_eq(size_of(a), 4);
	cr_assert_eq(write(a, "x", 1), -1);
	cr_assert_neq(ftruncate(a, 0), 0);
	cr_assert_neq(ftruncate(a, 9), 0);
	close(a);
}

Test(spawn, what_the_configuration_does_not_name_is_empty)
{
	int a = spawn_copy(-1);

	cr_assert_neq(a, -1);
	cr_assert_eq(size_of(a), 0);
	close(a);
}

Test(spawn, a_file_over_the_limit_is_refused)
{
	int fd = temporary(SPAWN_FILE_MAX);

	cr_assert_eq(secret_init(), 0);
	cr_assert_eq(spawn_copy(fd), -1);
	cr_assert_eq(errno, EFBIG);
	close(fd);
}

Test(spawn, a_folder_is_no_file)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	cr_assert_eq(secret_init(), 0);
	cr_assert_eq(spawn_copy(fd), -1);
	close(fd);
}

Test(spawn, more_descriptors_than_fit_are_refused)
{
	int fds[SPAWN_FDS_MAX + 1] = { 0 };

	cr_assert_eq(spawn_role("front", fds, SPAWN_FDS_MAX + 1, 0, 0), -1);
	cr_assert_eq(errno, EMFILE);
}
