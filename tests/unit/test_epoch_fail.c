/* SPDX-License-Identifier: ISC */
/*
 * test_epoch_fail.c - the nth call to the disk, or allocation, of two epochs'
 * life fails, for each n: once, or for as long as the disk is bad.
 *
 * Whatever fails is tried again as the store does it, and works then without
 * a restart, unless LMDB itself asks for one (ERR_ORDER).  Nothing that was
 * committed is lost, nothing is logged twice, no descriptor and no memory is
 * left over, and a start in the middle of it, disk still bad, spoils nothing.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "server/epoch.h"
#include "tests/unit/store_help.h"

#define NOW	1000003u
#define EPOCH	10u
#define PARCELS	3u		/* an epoch */
#define TRIES	3

/* A malloc() of one's own is impossible under ASan. */
#ifdef __SANITIZE_ADDRESS__
#define HAVE_MALLOC 0
#elif defined(__has_feature)
#define HAVE_MALLOC (!__has_feature(address_sanitizer))
#else
#define HAVE_MALLOC 1
#endif

enum kind { WRITE, META, SYNC, NAME, CREATE, MEMORY };

/* Calls of a kind until one fails, and how many do then. */
static struct {
	enum kind kind;
	int error;			/* 0: half of it is written */
	bool done;			/* the call is made, and yet fails */
	long left;			/* -1: none fails */
	long count;			/* -1: for ever */
	long failed;
} nth = { .left = -1 };
static long alive;			/* allocations less frees */
static int guard;			/* its folder */
static bool dsync[1024];		/* descriptors that sync each write */

static bool
fails_now(enum kind kind)
{
	if (nth.kind != kind || nth.left < 0)
		return false;
	if (nth.left > 0) {
		nth.left--;
		return false;
	}
	if (nth.count == 0)
		return false;
	if (nth.count > 0)
		nth.count--;
	nth.failed++;
	errno = nth.error;
	return true;
}

/* --- instead of the C library's ----------------------------------------- */

static ssize_t
write_or_fail(int fd, const struct iovec *v, int n, off_t at)
{
	struct iovec half = *v;
	ssize_t r;

	if (fails_now(fd >= 0 && fd < 1024 && dsync[fd] ? META : WRITE)) {
		if (nth.error != 0 && !nth.done)
			return -1;
		half.iov_len = (half.iov_len + 1) / 2;
		r = at == -1 ? syscall(SYS_writev, fd, &half, 1) :
		    syscall(SYS_pwritev, fd, &half, 1, at, 0);
		errno = nth.error;
		return nth.error != 0 ? -1 : r;
	}
	return at == -1 ? syscall(SYS_writev, fd, v, n) :
	    syscall(SYS_pwritev, fd, v, n, at, 0);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	struct iovec v = { .iov_len = n };

	memcpy(&v.iov_base, &p, sizeof(p));
	return write_or_fail(fd, &v, 1, -1);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	struct iovec v = { .iov_len = n };

	memcpy(&v.iov_base, &p, sizeof(p));
	return write_or_fail(fd, &v, 1, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	return write_or_fail(fd, v, n, -1);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	return write_or_fail(fd, v, n, at);
}

int
fdatasync(int fd)
{
	return fails_now(SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	return fails_now(SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int
rename(const char *a, const char *b)
{
	return fails_now(NAME) ? -1 :
	    (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 0);
}

int
linkat(int d, const char *a, int e, const char *b, int flags)
{
	return fails_now(NAME) ? -1 :
	    (int)syscall(SYS_linkat, d, a, e, b, flags);
}

int
unlinkat(int d, const char *a, int flags)
{
	return fails_now(NAME) ? -1 : (int)syscall(SYS_unlinkat, d, a, flags);
}

int
rmdir(const char *a)
{
	return unlinkat(AT_FDCWD, a, AT_REMOVEDIR);
}

int
mkdir(const char *a, mode_t mode)
{
	return fails_now(NAME) ? -1 :
	    (int)syscall(SYS_mkdirat, AT_FDCWD, a, mode);
}

static int
open_or_fail(int d, const char *path, int flags, mode_t mode)
{
	int fd;

	if (fails_now(CREATE))
		return -1;
	fd = (int)syscall(SYS_openat, d, path, flags, mode);
	if (fd >= 0 && fd < 1024)
		dsync[fd] = (flags & O_DSYNC) != 0;
	return fd;
}

#define MODE(flags, m) do { \
	va_list ap; \
	va_start(ap, flags); \
	m = ((flags) & O_CREAT) != 0 ? (mode_t)va_arg(ap, int) : 0; \
	va_end(ap); \
} while (0)

int
open(const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return open_or_fail(AT_FDCWD, path, flags, mode);
}

int
openat(int d, const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return open_or_fail(d, path, flags, mode);
}

#if HAVE_MALLOC
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t m);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

static void *
counted(void *p)
{
	alive += p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	return fails_now(MEMORY) ? NULL : counted(__libc_malloc(n));
}

void *
calloc(size_t n, size_t m)
{
	return fails_now(MEMORY) ? NULL : counted(__libc_calloc(n, m));
}

void *
realloc(void *p, size_t n)
{
	if (fails_now(MEMORY))
		return NULL;
	return p == NULL ? counted(__libc_malloc(n)) : __libc_realloc(p, n);
}

int
posix_memalign(void **p, size_t align, size_t n)
{
	if (fails_now(MEMORY))
		return ENOMEM;
	*p = counted(__libc_memalign(align, n));
	return *p == NULL ? ENOMEM : 0;
}

void
free(void *p)
{
	alive -= p != NULL;
	__libc_free(p);
}
#endif

/* --- the store, less its loop --------------------------------------------- */

static struct logkey key;
static struct epochs e;
static bool running;
static int starts;			/* anew, in this life */
static uint64_t now;
static uint64_t receipt[64];		/* the close of each parcel, or 0 */
static unsigned char parcel[PARCEL_BYTES], digest[HASH_BYTES];

static void
halt(void)
{
	if (running)
		epochs_stop(&e);
	running = false;
}

static int
start(void)
{
	int r;

	memset(&e, 0, sizeof(e));
	e.conf.seconds = EPOCH;
	e.conf.batch = 1;
	e.conf.parcels = 8;
	e.conf.drop_bytes = 64u << 20;
	e.key = &key;
	e.guard.dir = guard;
	running = true;
	if ((r = epochs_start(&e, help_now(now))) != 0)
		halt();
	return r;
}

/* The disk and memory are well again. */
static void
relieve(void)
{
	nth.left = -1;
}

/* LMDB wants a new start; where that alone does not help, a good disk. */
static void
start_anew(void)
{
	int i;

	halt();
	if (++starts == TRIES)
		relieve();
	for (i = 0; start() != 0; i++) {
		if (i == TRIES)
			relieve();
		cr_assert_leq(i, TRIES + 1, "it does not start any more");
	}
}

/* One parcel, as store_put_batch() does it. */
static int
put(uint32_t number)
{
	uint64_t close;
	int r;

	help_parcel(parcel, digest, number);
	if ((r = epochs_find(&e, digest, &close)) == 0) {
		cr_assert(receipt[number] == 0 || receipt[number] == close);
		receipt[number] = close;
		return 0;
	}
	cr_assert_eq(receipt[number], 0, "%u is lost: %d", number, r);
	if (r != ERR_NOTFOUND)
		return r;
	if (!epochs_have_room(&e))
		return ERR_FULL;
	if ((r = pending_begin(e.open)) != 0)
		return r;
	if ((r = pending_put(e.open, parcel, digest)) == 0)
		r = pending_commit(e.open);
	if (r != 0)
		pending_abort(e.open);
	else
		receipt[number] = pending_head(e.open)->close;
	return r;
}

static int
rotate(uint32_t ignored)
{
	(void)ignored;
	if (e.closing != NULL || pending_head(e.open)->close > now)
		return 0;		/* a start has done it */
	return epochs_rotate(&e, help_now(now));
}

static int
step(uint32_t ignored)
{
	(void)ignored;
	return epochs_step(&e);
}

static int
prepare(uint32_t ignored)
{
	(void)ignored;
	return epochs_prepare(&e);
}

/*
 * Until it works: what fails once works the next time; what fails longer is
 * tried some times, and then again on a disk that is well.
 */
static void
until_it_works(int (*act)(uint32_t), uint32_t number)
{
	int i, r;

	for (i = 0; (r = act(number)) != 0; i++) {
		cr_assert_gt(nth.failed, 0, "error %d of itself", r);
		if (r == ERR_ORDER)
			start_anew();
		if (i == TRIES)
			relieve();
		cr_assert_leq(i, TRIES + 1, "error %d stays", r);
	}
}

static void
close_epoch(void)
{
	until_it_works(rotate, 0);
	while (epochs_busy(&e))
		until_it_works(step, 0);
}

static void
assert_kept(void)
{
	static unsigned char back[PARCEL_BYTES];
	struct entry en;
	uint64_t total;
	uint32_t i;
	size_t n;

	for (i = 1; i <= 2 * PARCELS; i++) {
		help_parcel(parcel, digest, i);
		cr_assert_neq(receipt[i], 0);
		cr_assert_eq(drop_where(e.drop, &en, digest), 0, "%u", i);
		cr_assert_eq(en.close, receipt[i]);
		cr_assert_eq(drop_get_body(e.drop, ENTRY_PARCEL, digest, 0,
		    back, sizeof(back), &n, &total), 0);
		cr_assert_eq(n, PARCEL_BYTES);
		cr_assert_arr_eq(back, parcel, PARCEL_BYTES);
	}
	cr_assert_eq(drop_verify(e.drop, &key.vk), 0);
}

/* Two epochs with parcels in them, and what is found afterwards. */
static void
live(void)
{
	uint32_t i;

	now = NOW;
	memset(receipt, 0, sizeof(receipt));
	start_anew();
	for (i = 1; i <= 2 * PARCELS; i++) {
		until_it_works(put, i);
		if (i % PARCELS != 0)
			continue;
		while (!e.next_done)
			until_it_works(prepare, 0);
		now += EPOCH;
		close_epoch();
	}
	relieve();
	assert_kept();
	halt();
}

/* --- for each n ------------------------------------------------------------- */

static unsigned
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	cr_assert_not_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
fresh_directory(void)
{
	cr_assert_eq(chdir(".."), 0);
	cr_assert_eq(system("rm -rf data data.guard/* && "
	    "cp -a fresh data && cp fresh.guard/* data.guard"), 0);
	cr_assert_eq(chdir("data"), 0);
}

/* False: nothing failed any more. */
static bool
live_with(enum kind kind, int error, long n, long count)
{
	unsigned files;
	long before;

	fresh_directory();
	files = open_files();
	ERR_clear_error();		/* OpenSSL keeps words for it */
	before = alive;
	nth.kind = kind;
	nth.error = error;
	nth.left = n;
	nth.count = count;
	nth.failed = 0;
	starts = 0;
	live();
	ERR_clear_error();
	cr_assert_eq(open_files(), files, "descriptors are left");
	cr_assert_eq(alive, before, "%ld allocations are left", alive - before);
	/* What a start finds, and the next one. */
	now++;
	cr_assert_eq(start(), 0);
	assert_kept();
	halt();
	return nth.failed > 0;
}

static void
each(enum kind kind, int error, long count, long least)
{
	long n;

	for (n = 0; live_with(kind, error, n, count); n++)
		continue;
	cr_assert_geq(n, least, "%ld calls", n);
}

static void
setup(void)
{
	/* Thousands of syncs, of which none matters here. */
	if (access("/dev/shm", W_OK) == 0)
		cr_assert_eq(setenv("TMPDIR", "/dev/shm", 1), 0);
	help_enter();
	help_key(&key);
	guard = help_guard();
	cr_assert_eq(system("cp -a ../data ../fresh && "
	    "cp -a ../data.guard ../fresh.guard"), 0);
	/* What libraries keep for themselves, they keep now. */
	cr_assert_eq(parcel_cover(parcel), 0);
	ERR_raise(ERR_LIB_USER, 1);
	live();
}

TestSuite(epoch_fail, .init = setup, .timeout = 300);

Test(epoch_fail, a_write_fails)
{
	each(WRITE, EIO, 1, 20);
}

Test(epoch_fail, a_write_falls_short)
{
	each(WRITE, 0, 1, 20);
}

Test(epoch_fail, the_disk_is_full_for_a_while)
{
	each(WRITE, ENOSPC, -1, 20);
}

Test(epoch_fail, the_write_that_commits_fails)
{
	each(META, EIO, 1, 10);
	each(META, EIO, -1, 10);
}

Test(epoch_fail, the_write_that_commits_fails_although_it_was_made)
{
	nth.done = true;
	each(META, EIO, 1, 10);
	each(META, EIO, -1, 10);
}

Test(epoch_fail, a_sync_fails)
{
	each(SYNC, EIO, 1, 30);
}

Test(epoch_fail, no_sync_works_for_a_while)
{
	each(SYNC, EIO, -1, 30);
}

Test(epoch_fail, a_name_cannot_be_made_or_removed)
{
	each(NAME, ENOSPC, 1, 20);
	each(NAME, EROFS, -1, 20);
}

Test(epoch_fail, a_file_cannot_be_opened)
{
	each(CREATE, EMFILE, 1, 20);
	each(CREATE, EMFILE, -1, 20);
}

#if HAVE_MALLOC
Test(epoch_fail, memory_runs_out)
{
	each(MEMORY, ENOMEM, 1, 100);
}

Test(epoch_fail, memory_is_out_for_a_while)
{
	each(MEMORY, ENOMEM, -1, 100);
}
#endif
