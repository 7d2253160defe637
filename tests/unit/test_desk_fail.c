/* SPDX-License-Identifier: ISC */
/*
 * test_desk_fail.c - the nth write, sync or allocation of an import fails,
 * for each n.
 *
 * Whatever fails ends the import with a code that says so; done again, it
 * ends as if nothing had happened.  Above all no parcel is taken for cover,
 * or for malformed, because memory ran out while it was opened.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/desk/import.h"
#include "client/desk/outstore.h"
#include "tests/unit/deskbox.h"

#define DAY	86400
#define PICTURE	70000		/* two parts */

/* A malloc() of one's own is impossible under ASan. */
#ifdef __SANITIZE_ADDRESS__
#define HAVE_MALLOC 0
#elif defined(__has_feature)
#define HAVE_MALLOC (!__has_feature(address_sanitizer))
#else
#define HAVE_MALLOC 1
#endif

/* Calls of a kind until one fails; -1: never. */
static struct nth {
	long left;
	int error;
	bool failed;
} disk = { -1, 0, false };

static bool
fails_now(struct nth *n)
{
	if (n->left < 0 || n->left-- > 0)
		return false;
	n->failed = true;
	errno = n->error;
	return true;
}

/* --- instead of the C library's ----------------------------------------- */

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (fails_now(&disk))
		return -1;
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	if (fails_now(&disk))
		return -1;
	return syscall(SYS_writev, fd, v, n);
}

int
fdatasync(int fd)
{
	if (fails_now(&disk))
		return -1;
	return (int)syscall(SYS_fdatasync, fd);
}

#if HAVE_MALLOC
static struct nth memory = { -1, ENOMEM, false };

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t m);
void *__libc_realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	return fails_now(&memory) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t m)
{
	return fails_now(&memory) ? NULL : __libc_calloc(n, m);
}

void *
realloc(void *p, size_t n)
{
	return fails_now(&memory) ? NULL : __libc_realloc(p, n);
}
#endif

/* --- the desk ----------------------------------------------------------- */

static struct deskbox x;
static struct state want;

static int
import(void)
{
	return deskbox_import(&x);
}

/* Something of each kind. */
static void
fill_mirror(void)
{
	static unsigned char picture[PICTURE];
	const struct box_file f = { "x", "y", picture, sizeof(picture) };

	box_message(&x.b, 1, 1, false, "{\"submission\":\"advice\","
	    "\"text\":\"a question\"}", &f, 1, BOX_GOOD);
	box_message(&x.b, 1, 2, true, "{\"text\":\"and another\"}", NULL, 0,
	    BOX_GOOD);
	box_message(&x.b, 2, 1, true, "{\"text\":\"to nobody\"}", NULL, 0,
	    BOX_GOOD);
	box_message(&x.b, 3, 1, false, "{\"submission\":\"advice\","
	    "\"text\":\"x\"}", NULL, 0, BOX_DISAGREE);
	box_message(&x.b, 4, 1, false, "{\"submission\":\"advice\","
	    "\"text\":\"x\"}", NULL, 0, BOX_AUTHOR);
	box_garbage(&x.b);
	box_cover(&x.b, 1);
	box_epoch(&x.b, DAY, 0);
}

static void
setup(void)
{
	deskbox_open(&x);
	fill_mirror();
	cr_assert_eq(import(), 0);
	want = x.st;
	cr_assert_eq(want.cases, 2);
	cr_assert_eq(want.since.followups, 1);
	cr_assert_eq(want.since.malformed, 1);
	cr_assert_eq(want.since.unopened, 1);
}

static void
teardown(void)
{
	deskbox_close(&x);
}

TestSuite(desk_fail, .init = setup, .fini = teardown, .timeout = 120);

/* Each message that was filed has its acknowledgement, written. */
static void
all_acknowledged(long n)
{
	struct outstate os;
	struct answer a;
	uint64_t i;

	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(outstore_get_state(x.d->db, &os), 0);
	cr_assert_eq(os.answers, 3, "call %ld: %d", n, (int)os.answers);
	for (i = 1; i <= os.answers; i++) {
		cr_assert_eq(outstore_get_answer(x.d->db, i, &a), 0);
		cr_assert_eq(a.state, ANSWER_QUEUED, "call %ld", n);
	}
	deskdb_abort(x.d->db);
}

/*
 * An import whose nth call of this kind fails, and then a good one; false
 * where there were fewer calls.
 */
static bool
fail_at(struct nth *which, long n)
{
	int code;

	deskbox_fresh(&x);
	which->failed = false;
	which->left = n;
	code = import();
	which->left = -1;
	if (code == 0) {
		/* What failed was done without, or done again. */
		cr_assert(memcmp(&x.st, &want, sizeof(want)) == 0, "call %ld", n);
		all_acknowledged(n);
		return which->failed;
	}
	cr_assert(which->failed, "call %ld", n);
	cr_assert(code == EXIT_SYSTEM || code == EXIT_CANTCREATE,
	    "call %ld: exit %d", n, code);
	deskbox_again(&x);
	cr_assert_eq(import(), 0, "call %ld", n);
	cr_assert(memcmp(&x.st, &want, sizeof(want)) == 0, "call %ld: not the "
	    "same", n);
	all_acknowledged(n);
	return true;
}

Test(desk_fail, any_write_or_sync_may_fail)
{
	long n;

	disk.error = EIO;
	for (n = 0; fail_at(&disk, n); n++)
		continue;
	cr_assert_gt(n, 10, "%ld calls", n);
}

Test(desk_fail, the_disk_may_be_full_at_any_write)
{
	long n;

	disk.error = ENOSPC;
	for (n = 0; fail_at(&disk, n); n++)
		continue;
	cr_assert_gt(n, 10, "%ld calls", n);
}

#if HAVE_MALLOC
/* Each of the first, then fewer and fewer: there are thousands. */
Test(desk_fail, memory_may_run_out_anywhere)
{
	long n;

	for (n = 0; fail_at(&memory, n); n += 1 + n / 20)
		continue;
	cr_assert_gt(n, 100, "%ld allocations", n);
}
#endif
