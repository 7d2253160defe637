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

#include "client/common/file.h"
#include "client/common/jsonwipe.h"
#include "client/common/say.h"
#include "client/desk/import.h"
#include "crypto/secret.h"
#include "tests/unit/box.h"
#include "tests/unit/tmpdir.h"

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

static struct box b;
static struct desk *d;
static struct state st, want;
static char desk[4200], mirror[4200], pass[4200];

/* As another process finds it, but for the slow passphrase. */
static void
open_again(void)
{
	char path[4300];

	deskdb_close(d->db);
	snprintf(path, sizeof(path), "%s/cases", desk);
	cr_assert_eq(deskdb_open(&d->db, path, &d->secret->rec), 0);
}

/* The same keys, and nothing imported yet. */
static void
fresh_store(void)
{
	struct trust t;
	char path[4300];

	snprintf(path, sizeof(path), "%s/cases/data.mdb", desk);
	cr_assert_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/cases/lock.mdb", desk);
	cr_assert_eq(unlink(path), 0);
	open_again();
	memset(&t, 0, sizeof(t));
	t.has_log = true;
	t.log = b.log;
	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(store_put_trust(d->db, &t, NULL), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
}

static int
import(void)
{
	memset(&st, 0, sizeof(st));
	return import_mirror(d, mirror, &st);
}

/* Something of each kind. */
static void
fill_mirror(void)
{
	static unsigned char picture[PICTURE];
	const struct box_file f = { "x", "y", picture, sizeof(picture) };

	box_message(&b, 1, 1, false, "{\"submission\":\"advice\","
	    "\"text\":\"a question\"}", &f, 1, BOX_GOOD);
	box_message(&b, 1, 2, true, "{\"text\":\"and another\"}", NULL, 0,
	    BOX_GOOD);
	box_message(&b, 2, 1, true, "{\"text\":\"to nobody\"}", NULL, 0,
	    BOX_GOOD);
	box_message(&b, 3, 1, false, "{\"submission\":\"advice\","
	    "\"text\":\"x\"}", NULL, 0, BOX_DISAGREE);
	box_message(&b, 4, 1, false, "{\"submission\":\"advice\","
	    "\"text\":\"x\"}", NULL, 0, BOX_AUTHOR);
	box_garbage(&b);
	box_cover(&b, 1);
	box_epoch(&b, DAY, 0);
}

static void
setup(void)
{
	char keyset[4300], vkey[4300];

	cr_assert_eq(secret_init(), 0);
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
	json_wipe_memory();
	tmpdir_new();
	snprintf(desk, sizeof(desk), "%s", tmpdir_path("desk"));
	snprintf(mirror, sizeof(mirror), "%s", tmpdir_path("mirror"));
	snprintf(pass, sizeof(pass), "%s", tmpdir_path("pass"));
	cr_assert_eq(file_write(pass, rd_str("a passphrase\n"), 0600, true),
	    0);
	cr_assert_eq(desk_create(desk, "ecr.example.org", "office",
	    DESK_KDF_MIB_MIN, "a passphrase"), 0);
	snprintf(keyset, sizeof(keyset), "%s/public/keyset", desk);
	snprintf(vkey, sizeof(vkey), "%s/public/office.vkey", desk);
	box_open(&b, mirror, keyset, vkey);
	fill_mirror();
	cr_assert_eq(desk_open(&d, desk, pass), 0);
	fresh_store();
	cr_assert_eq(import(), 0);
	want = st;
	cr_assert_eq(want.cases, 2);
	cr_assert_eq(want.since.followups, 1);
	cr_assert_eq(want.since.malformed, 1);
	cr_assert_eq(want.since.unopened, 1);
}

static void
teardown(void)
{
	desk_close(d);
	box_close(&b);
	tmpdir_remove();
}

TestSuite(desk_fail, .init = setup, .fini = teardown, .timeout = 120);

/*
 * An import whose nth call of this kind fails, and then a good one; false
 * where there were fewer calls.
 */
static bool
fail_at(struct nth *which, long n)
{
	int code;

	fresh_store();
	which->failed = false;
	which->left = n;
	code = import();
	which->left = -1;
	if (code == 0) {
		/* What failed was done without, or done again. */
		cr_assert(memcmp(&st, &want, sizeof(st)) == 0, "call %ld", n);
		return which->failed;
	}
	cr_assert(which->failed, "call %ld", n);
	cr_assert(code == EXIT_SYSTEM || code == EXIT_CANTCREATE,
	    "call %ld: exit %d", n, code);
	open_again();
	cr_assert_eq(import(), 0, "call %ld", n);
	cr_assert(memcmp(&st, &want, sizeof(st)) == 0, "call %ld: not the "
	    "same", n);
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
