/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/report/attach.h"
#include "crypto/sha256.h"

static struct attach_list list;
static char path[] = "/tmp/ecr-attach-XXXXXX";

static void
setup(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "%PDF-1.4 content", 16), 16);
	close(fd);
	attach_init(&list);
}

static void
teardown(void)
{
	attach_wipe(&list);
	unlink(path);
}

TestSuite(attach, .init = setup, .fini = teardown);

static void
change(const char *what, off_t at)
{
	struct timespec later[2] = { { 2000000000, 0 }, { 2000000000, 1 } };
	int fd = open(path, O_WRONLY);

	cr_assert_geq(fd, 0);
	cr_assert_geq(pwrite(fd, what, strlen(what), at), 0);
	cr_assert_eq(futimens(fd, later), 0);	/* a coarse clock would hide it */
	close(fd);
}

Test(attach, a_file_is_opened_named_and_typed)
{
	unsigned char want[HASH_BYTES], got[16];

	cr_assert_eq(attach_add(&list, path, NULL), 0);
	cr_assert_eq(list.n, 1);
	cr_assert_str_eq(list.item[0].name, path + 5);
	cr_assert_str_eq(list.item[0].type, "application/pdf");
	cr_assert_eq(list.item[0].bytes, 16);
	cr_assert_eq(attach_hash(&list.item[0]), 0);
	sha256(want, "%PDF-1.4 content", 16);
	cr_assert_arr_eq(list.item[0].sha256, want, HASH_BYTES);
	cr_assert_eq(attach_read(&list.item[0], 9, got, 7), 0);
	cr_assert_arr_eq(got, "content", 7);
	cr_assert_eq(attach_add(&list, path, "other name"), 0);
	cr_assert_str_eq(list.item[1].name, "other name");
	cr_assert_eq(attach_total(&list), 32);
}

Test(attach, what_is_no_regular_file_is_refused)
{
	char fifo[] = "/tmp/ecr-fifo-XXXXXX", *dir = mkdtemp(fifo);
	char name[64];

	cr_assert_not_null(dir);
	snprintf(name, sizeof(name), "%s/fifo", dir);
	cr_assert_eq(mkfifo(name, 0600), 0);
	cr_assert_eq(attach_add(&list, name, NULL), ERR_FORMAT,
	    "and it does not wait for a writer");
	cr_assert_eq(attach_add(&list, dir, NULL), ERR_FORMAT);
	cr_assert_eq(attach_add(&list, "/dev/null", NULL), ERR_FORMAT);
	cr_assert_eq(attach_add(&list, "/no/such", NULL), ERR_NOTFOUND);
	cr_assert_eq(list.n, 0);
	unlink(name);
	rmdir(dir);
}

Test(attach, a_name_must_be_sendable)
{
	char longest[300];

	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	cr_assert_eq(attach_add(&list, path, longest), 0);
	longest[255] = 'a';
	longest[256] = '\0';
	cr_assert_eq(attach_add(&list, path, longest), ERR_FORMAT);
	cr_assert_eq(attach_add(&list, path, ""), ERR_FORMAT);
	cr_assert_eq(attach_add(&list, path, "caf\xe9"), ERR_FORMAT);
	cr_assert_eq(list.n, 1);
}

Test(attach, there_is_room_for_so_many_and_no_more)
{
	size_t i;

	for (i = 0; i < ATTACH_MAX; i++)
		cr_assert_eq(attach_add(&list, path, NULL), 0);
	cr_assert_eq(attach_add(&list, path, NULL), ERR_LIMIT);
	cr_assert_eq(list.n, ATTACH_MAX);
}

Test(attach, a_file_that_changes_is_noticed)
{
	unsigned char got[16];

	cr_assert_eq(attach_add(&list, path, NULL), 0);
	cr_assert_eq(attach_hash(&list.item[0]), 0);
	change("X", 9);
	cr_assert_eq(attach_read(&list.item[0], 0, got, 16), ERR_CHANGED);
	cr_assert_eq(attach_hash(&list.item[0]), ERR_CHANGED);
}

Test(attach, a_file_that_shrinks_or_grows_is_noticed)
{
	unsigned char got[17];

	cr_assert_eq(attach_add(&list, path, NULL), 0);
	cr_assert_eq(attach_read(&list.item[0], 0, got, 17), ERR_CHANGED);
	cr_assert_eq(truncate(path, 5), 0);
	cr_assert_eq(attach_read(&list.item[0], 0, got, 5), ERR_CHANGED);
}

Test(attach, another_file_may_take_its_place)
{
	char other[] = "/tmp/ecr-attach-XXXXXX";
	int fd = mkstemp(other);

	cr_assert_eq(write(fd, "just text", 9), 9);
	unlink(other);
	cr_assert_eq(attach_add(&list, path, NULL), 0);
	cr_assert_eq(attach_replace(&list.item[0], fd), 0);
	cr_assert_eq(list.item[0].bytes, 9);
	cr_assert_str_eq(list.item[0].type, "text/plain");
	cr_assert_str_eq(list.item[0].name, path + 5, "its name stays");
}
