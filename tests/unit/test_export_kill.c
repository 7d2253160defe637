/* SPDX-License-Identifier: ISC */
/*
 * test_export_kill.c - an export and an import killed with SIGKILL, or
 * failing, at their nth call that changes the disk, for each n.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/desk/import.h"
#include "client/desk/statements.h"
#include "crypto/statement.h"
#include "tests/unit/deskbox.h"
#include "tests/unit/tmpdir.h"

#define FOLLOW	"{\"text\":\"and another\"}"

static long left = -1;			/* calls until it strikes; -1: never */
static int strikes;			/* errno of the call, 0: the end */

/* Does this call fail?  Or it does not come back at all. */
static bool
struck(void)
{
	if (left < 0 || --left > 0)
		return false;
	left = -1;
	if (strikes == 0)
		(void)kill(getpid(), SIGKILL);
	errno = strikes;
	return true;
}

/* --- instead of the C library's ---------------------------------------- */

ssize_t
write(int fd, const void *p, size_t n)
{
	if (struck())
		return -1;
	return syscall(SYS_write, fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (struck())
		return -1;
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	if (struck())
		return -1;
	return syscall(SYS_writev, fd, v, n);
}

int
fdatasync(int fd)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

int
renameat(int d, const char *a, int f, const char *b)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_renameat2, d, a, f, b, 0);
}

int
linkat(int d, const char *a, int f, const char *b, int flags)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_linkat, d, a, f, b, flags);
}

int
unlinkat(int d, const char *path, int flags)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_unlinkat, d, path, flags);
}

static struct deskbox x;

static void
setup(void)
{
	deskbox_open(&x);
}

static void
teardown(void)
{
	deskbox_close(&x);
}

TestSuite(export_kill, .init = setup, .fini = teardown, .timeout = 120);

static void
let_go(struct rd r)
{
	free((void *)(uintptr_t)r.p);
}

/* --- killed at any point ----------------------------------------------- */

/* Runs f in a child that is killed at call n; false where it ended before. */
static bool
killed_at(long n, void (*f)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	deskdb_close(x.d->db);
	x.d->db = NULL;
	if ((pid = fork()) == 0) {
		char path[DESKBOX_PATH + 100];

		snprintf(path, sizeof(path), "%s/cases", x.desk);
		if (deskdb_open(&x.d->db, path, &x.d->secret->rec) != 0)
			_exit(3);
		left = n;
		f();
		_exit(0);
	}
	cr_assert_gt(pid, 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	deskbox_again(&x);
	if (WIFSIGNALED(status))
		return true;
	cr_assert_eq(WEXITSTATUS(status), 0);
	return false;
}

static void
do_export(void)
{
	struct statements_made made;

	if (deskbox_export(&x, &made) != 0)
		_exit(4);
}

/* The sequences in the outbox, from the one after `last` on; the newest. */
static uint64_t
sequences(struct rd all, uint64_t last)
{
	struct outbox_record r;
	struct rd line;
	uint64_t v;

	while (!rd_done(&all)) {
		cr_assert_eq(outbox_next(&all, &r), 0);
		cr_assert(rd_line(&r.statement, &line) &&
		    rd_line(&r.statement, &line) &&
		    rd_dec(line, UINT64_MAX, &v));
		cr_assert_eq(v, ++last, "a sequence skips, or is there twice");
	}
	return last;
}

/* Whatever a killed export has shown, the next one says again. */
Test(export_kill, killed_anywhere_sequences_neither_skip_nor_fork)
{
	struct rd seen, now;
	uint64_t last = 0;
	bool more = true;
	long n;

	deskbox_report(&x);
	for (n = 1; more; n++) {
		deskbox_reply(&x, 10);
		(void)unlink(x.out);
		more = killed_at(n, do_export);
		seen = access(x.out, F_OK) == 0 ? deskbox_outbox(&x) : rd_from(NULL, 0);
		(void)deskbox_exported(&x);
		now = deskbox_outbox(&x);
		cr_assert(seen.n == 0 || rd_eq(seen, now),
		    "call %ld: another past", n);
		last = sequences(now, last);
		cr_assert_eq(deskbox_outstate(&x).settled, deskbox_outstate(&x).answers,
		    "call %ld: answers still wait", n);
		let_go(seen);
		let_go(now);
		deskbox_logged(&x);
		deskbox_take(&x);
		cr_assert_eq(deskbox_outstate(&x).logged, last, "call %ld", n);
		cr_assert_eq(deskbox_outstate(&x).foreign, 0);
	}
	cr_assert_gt(n, 8, "%ld calls", n);
}

/* A full disk, or one that fails: said, and repeated as if it never were. */
static void
fails_anywhere(int error)
{
	struct statements_made made;
	uint64_t last = 0;
	struct rd now;
	bool more = true;
	int code;
	long n;

	deskbox_report(&x);
	for (n = 1; more; n++) {
		deskbox_reply(&x, 10);
		strikes = error;
		left = n;
		code = deskbox_export(&x, &made);
		more = left < 0;
		left = -1;
		cr_assert(code == 0 || code == EXIT_CANTCREATE ||
		    code == EXIT_SYSTEM, "call %ld: exit %d", n, code);
		deskbox_again(&x);
		(void)deskbox_exported(&x);
		now = deskbox_outbox(&x);
		last = sequences(now, last);
		let_go(now);
		cr_assert_eq(deskbox_outstate(&x).settled, deskbox_outstate(&x).answers, "call %ld", n);
		deskbox_logged(&x);
		deskbox_take(&x);
		cr_assert_eq(deskbox_outstate(&x).logged, last, "call %ld", n);
	}
	cr_assert_gt(n, 8, "%ld calls", n);
}

Test(export_kill, any_write_or_sync_may_fail)
{
	fails_anywhere(EIO);
}

Test(export_kill, the_disk_may_be_full_at_any_write)
{
	fails_anywhere(ENOSPC);
}

static void
do_import(void)
{
	if (deskbox_import(&x) != 0)
		_exit(4);
}

Test(export_kill, killed_anywhere_an_import_acknowledges_each_message_once)
{
	struct outstate os;
	struct answer a;
	uint64_t i;
	long n;

	box_message(&x.b, 1, 1, false, DESKBOX_REPORT, NULL, 0, BOX_GOOD);
	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_message(&x.b, 2, 1, false, DESKBOX_REPORT, NULL, 0, BOX_GOOD);
	deskbox_epoch(&x);
	for (n = 1;; n += 1 + n / 16) {
		deskbox_fresh(&x);
		if (!killed_at(n, do_import))
			break;
		cr_assert_eq(deskbox_import(&x), 0, "call %ld", n);
		os = deskbox_outstate(&x);
		cr_assert_eq(os.answers, 3, "call %ld: %d", n,
		    (int)os.answers);
		cr_assert_eq(deskdb_begin(x.d->db, false), 0);
		for (i = 1; i <= os.answers; i++) {
			cr_assert_eq(outstore_get_answer(x.d->db, i, &a), 0);
			cr_assert_eq(a.state, ANSWER_QUEUED, "call %ld", n);
		}
		deskdb_abort(x.d->db);
	}
	cr_assert_gt(n, 8, "%ld calls", n);
}
