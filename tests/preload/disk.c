/* SPDX-License-Identifier: ISC */
/*
 * disk.c - what the store does to its disk, written down; or made to fail.
 *
 * A library for LD_PRELOAD.  In the parent it only hands itself on to the
 * store, whose environment is otherwise empty.  In the store every call that
 * changes files, names or what is known to be on disk goes to the kernel as
 * it is, and when it has worked is appended to a file that is mapped here
 * from before the sandbox on: neither sandbox nor kill -9 gets between.  So
 * are messages to the fronts, since they carry the receipts: what was
 * promised after which call is then known exactly.  tests/e2e/disklog.py reads
 * it.
 *
 * The same file's head can order that calls of a kind fail: the nth from
 * now, and how many after it.  tests/e2e/faults.py writes it.
 *
 * Numbers are this machine's.  Record: length of all 4, kind 1, flags 1,
 * spare 2, descriptor 4, another 4, offset or size 8, bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "server/role.h"

#define FDS	1024
#define ENV_LOG	"ECR_DISK_LOG"
#define MAGIC	UINT64_C(0x6b73696472636531)

/* Kinds of calls that can be made to fail; bits of head.which. */
enum { FAIL_WRITE = 1, FAIL_META = 2, FAIL_SYNC = 4, FAIL_DIR_SYNC = 8,
    FAIL_NAME = 16, FAIL_CREATE = 32 };

struct head {
	uint64_t magic, size, used;
	uint32_t which;			/* FAIL_* */
	int32_t error;			/* errno; 0: a short write */
	int64_t left;			/* so many still work; -1: all */
	int64_t count;			/* then so many fail; -1: for ever */
	uint64_t failed;		/* how many did */
	uint64_t on;			/* records only while not 0 */
};

struct record {
	uint32_t bytes;
	uint8_t kind, flags;
	uint16_t spare;
	int32_t fd, other;
	int64_t at;
};

enum { IS_ZEROS = 1, IS_DSYNC = 2, IS_DIR = 4 };

static struct head *head;
static uint8_t known[FDS];		/* IS_DSYNC, IS_DIR */
static uint8_t file[FDS];		/* below the data directory */

/* --- writing it down --------------------------------------------------- */

static bool
all_zeros(const struct iovec *v, int n)
{
	const unsigned char *p;
	size_t i;

	for (; n > 0; n--, v++)
		for (p = v->iov_base, i = 0; i < v->iov_len; i++)
			if (p[i] != 0)
				return false;
	return true;
}

/* total: of what v holds, so many bytes count. */
static void
note(uint8_t kind, uint8_t flags, int fd, int other, int64_t at,
    const struct iovec *v, int n, size_t total)
{
	struct record r = { .kind = kind, .flags = flags, .fd = fd,
	    .other = other, .at = at };
	unsigned char *p;
	uint32_t zeros = (uint32_t)total;
	size_t take;

	if (head == NULL || head->on == 0)
		return;
	if ((flags & IS_ZEROS) != 0)
		total = sizeof(zeros);
	r.bytes = (uint32_t)((sizeof(r) + total + 7) & ~(size_t)7);
	if (head->size - head->used < r.bytes)
		abort();		/* the test gave too little room */
	p = (unsigned char *)head + head->used + sizeof(r);
	r.spare = (uint16_t)(r.bytes - sizeof(r) - total);
	if ((flags & IS_ZEROS) != 0)
		memcpy(p, &zeros, sizeof(zeros));
	else
		for (; n > 0 && total > 0; n--, v++) {
			take = v->iov_len < total ? v->iov_len : total;
			memcpy(p, v->iov_base, take);
			p += take;
			total -= take;
		}
	memcpy((unsigned char *)head + head->used, &r, sizeof(r));
	/* Only now is it there: kill -9 may come anywhere. */
	__atomic_store_n(&head->used, head->used + r.bytes, __ATOMIC_SEQ_CST);
}

static void
note_text(uint8_t kind, uint8_t flags, int fd, int other, int64_t at,
    const char *a, const char *b)
{
	struct iovec v[2];

	memcpy(&v[0].iov_base, &a, sizeof(a));
	v[0].iov_len = strlen(a) + 1;
	if (b == NULL)
		b = "";
	memcpy(&v[1].iov_base, &b, sizeof(b));
	v[1].iov_len = strlen(b) + 1;
	note(kind, flags, fd, other, at, v, 2, v[0].iov_len + v[1].iov_len);
}

static uint8_t
known_of(int fd)
{
	return fd >= 0 && fd < FDS ? known[fd] : 0;
}

static bool
is_file(int fd)
{
	return fd >= 0 && fd < FDS && file[fd];
}

/* --- failing ------------------------------------------------------------ */

static bool
fails_now(uint32_t kind)
{
	if (head == NULL || (head->which & kind) == 0 || head->left < 0)
		return false;
	if (head->left > 0) {
		head->left--;
		return false;
	}
	if (head->count == 0)
		return false;
	if (head->count > 0)
		head->count--;
	head->failed++;
	errno = head->error;
	return true;
}

static uint32_t
write_kind(int fd)
{
	return (known_of(fd) & IS_DSYNC) != 0 ? FAIL_META : FAIL_WRITE;
}

/* --- starting ----------------------------------------------------------- */

static bool
is_store(const char *argv0)
{
	return strcmp(argv0, ROLE_TITLE "store") == 0;
}

__attribute__((constructor)) static void
start(int argc, char **argv, char **envp)
{
	const char *path = NULL;
	struct stat st;
	int fd;

	for (; *envp != NULL; envp++)
		if (strncmp(*envp, ENV_LOG "=", sizeof(ENV_LOG)) == 0)
			path = *envp + sizeof(ENV_LOG);
	if (argc < 1 || !is_store(argv[0]) || path == NULL)
		return;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		abort();
	head = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (head == MAP_FAILED || head->magic != MAGIC ||
	    head->size != (uint64_t)st.st_size)
		abort();
	(void)syscall(SYS_close, fd);
	note_text('P', 0, -1, -1, getpid(), "", NULL);
}

/* The store's environment is empty but for what brings us in. */
int
execve(const char *path, char *const argv[], char *const envp[])
{
	char preload[4200], log[4200];
	char asan[] = "ASAN_OPTIONS=verify_asan_link_order=0";
	char *env[] = { preload, log, asan, NULL };
	const char *p = getenv("LD_PRELOAD"), *l = getenv(ENV_LOG);

	if (p == NULL || l == NULL || argv[0] == NULL || !is_store(argv[0]))
		return (int)syscall(SYS_execve, path, argv, envp);
	(void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", p);
	(void)snprintf(log, sizeof(log), ENV_LOG "=%s", l);
	return (int)syscall(SYS_execve, path, argv, env);
}

/* --- opening and closing ------------------------------------------------ */

static int
opened(int dir, const char *path, int flags, mode_t mode)
{
	struct stat st;
	int fd;

	if ((flags & O_CREAT) != 0 && fails_now(FAIL_CREATE))
		return -1;
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (fd < 0 || fd >= FDS || head == NULL)
		return fd;
	known[fd] = (uint8_t)(((flags & (O_DSYNC | O_SYNC)) != 0 ? IS_DSYNC :
	    0) | (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? IS_DIR : 0));
	file[fd] = path[0] != '/';	/* nothing else has such a name */
	if (file[fd])
		note_text('O', known[fd], fd, dir, flags, path, NULL);
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
	return opened(AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(dir, path, flags, mode);
}

int open64(const char *path, int flags, ...);
int
open64(const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(AT_FDCWD, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...);
int
openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(dir, path, flags, mode);
}

int
close(int fd)
{
	if (is_file(fd)) {
		file[fd] = known[fd] = 0;
		note_text('C', 0, fd, -1, 0, "", NULL);
	}
	return (int)syscall(SYS_close, fd);
}

int
memfd_create(const char *name, unsigned flags)
{
	int fd = (int)syscall(SYS_memfd_create, name, flags);

	if (fd >= 0 && fd < FDS && head != NULL) {
		known[fd] = 0;
		file[fd] = 1;
		note_text('F', 0, fd, -1, 0, name, NULL);
	}
	return fd;
}

int
fchdir(int fd)
{
	int r = (int)syscall(SYS_fchdir, fd);

	if (r == 0)
		note_text('D', 0, fd, -1, 0, "", NULL);
	return r;
}

/* --- bytes ---------------------------------------------------------------- */

/* at -1: where the descriptor stands. */
static ssize_t
write_vector(int fd, const struct iovec *v, int n, off_t at)
{
	struct iovec half;
	uint8_t flags;
	ssize_t r;

	if (is_file(fd) && fails_now(write_kind(fd))) {
		if (head->error != 0 || v->iov_len < 2)
			return -1;
		half = *v;
		half.iov_len /= 2;
		v = &half;
		n = 1;
	}
	/* The kernel takes the offset in two halves; the second is unused. */
	r = at == -1 ? syscall(SYS_writev, fd, v, n) :
	    syscall(SYS_pwritev, fd, v, n, at, 0);
	if (r > 0 && is_file(fd)) {
		flags = known_of(fd);
		if (all_zeros(v, n))
			flags |= IS_ZEROS;
		note('W', flags, fd, -1, at, v, n, (size_t)r);
	}
	return r;
}

static ssize_t
write_one(int fd, const void *p, size_t n, off_t at)
{
	struct iovec v = { .iov_len = n };

	memcpy(&v.iov_base, &p, sizeof(p));
	return write_vector(fd, &v, 1, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	return write_one(fd, p, n, -1);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return write_one(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return write_one(fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	return write_vector(fd, v, n, -1);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	return write_vector(fd, v, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *v, int n, off_t at);
ssize_t
pwritev64(int fd, const struct iovec *v, int n, off_t at)
{
	return write_vector(fd, v, n, at);
}

off_t
lseek(int fd, off_t at, int whence)
{
	off_t r = (off_t)syscall(SYS_lseek, fd, at, whence);

	if (r != -1 && is_file(fd))
		note_text('K', 0, fd, -1, r, "", NULL);
	return r;
}

off_t lseek64(int fd, off_t at, int whence);
off_t
lseek64(int fd, off_t at, int whence)
{
	return lseek(fd, at, whence);
}

static int
truncated(int fd, off_t size)
{
	int r;

	if (is_file(fd) && fails_now(FAIL_WRITE))
		return -1;
	r = (int)syscall(SYS_ftruncate, fd, size);
	if (r == 0 && is_file(fd))
		note_text('T', 0, fd, -1, size, "", NULL);
	return r;
}

int
ftruncate(int fd, off_t size)
{
	return truncated(fd, size);
}

int ftruncate64(int fd, off_t size);
int
ftruncate64(int fd, off_t size)
{
	return truncated(fd, size);
}

static int
synced(long nr, int fd)
{
	bool dir = (known_of(fd) & IS_DIR) != 0;
	int r;

	if (fails_now(dir ? FAIL_DIR_SYNC : FAIL_SYNC))
		return -1;
	r = (int)syscall(nr, fd);
	if (r == 0)
		note_text('S', known_of(fd), fd, -1, 0, "", NULL);
	return r;
}

int
fsync(int fd)
{
	return synced(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return synced(SYS_fdatasync, fd);
}

/* What we could not follow must not go unseen. */
static void
unseen(const char *what)
{
	note_text('X', 0, -1, -1, 0, what, NULL);
}

void *
mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	if ((flags & MAP_SHARED) != 0 && (prot & PROT_WRITE) != 0 &&
	    is_file(fd))
		unseen("mmap");
	return (void *)syscall(SYS_mmap, p, n, prot, flags, fd, at);
}

int
fallocate(int fd, int mode, off_t at, off_t n)
{
	unseen("fallocate");
	return (int)syscall(SYS_fallocate, fd, mode, at, n);
}

/* --- names ------------------------------------------------------------------ */

int
renameat(int d1, const char *a, int d2, const char *b)
{
	int r;

	if (fails_now(FAIL_NAME))
		return -1;
	r = (int)syscall(SYS_renameat2, d1, a, d2, b, 0);
	if (r == 0)
		note_text('N', 0, d1, d2, 0, a, b);
	return r;
}

int
rename(const char *a, const char *b)
{
	return renameat(AT_FDCWD, a, AT_FDCWD, b);
}

int
linkat(int d1, const char *a, int d2, const char *b, int flags)
{
	int r;

	if (fails_now(FAIL_NAME))
		return -1;
	r = (int)syscall(SYS_linkat, d1, a, d2, b, flags);
	if (r == 0)
		note_text('L', 0, d1, d2, 0, a, b);
	return r;
}

int
unlinkat(int dir, const char *path, int flags)
{
	int r;

	if (fails_now(FAIL_NAME))
		return -1;
	r = (int)syscall(SYS_unlinkat, dir, path, flags);
	if (r == 0)
		note_text((flags & AT_REMOVEDIR) != 0 ? 'R' : 'U', 0, dir, -1,
		    0, path, NULL);
	return r;
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	int r;

	if (fails_now(FAIL_NAME))
		return -1;
	r = (int)syscall(SYS_mkdirat, dir, path, mode);
	if (r == 0)
		note_text('M', 0, dir, -1, 0, path, NULL);
	return r;
}

int
mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

/* --- promises ------------------------------------------------------------- */

/* Before it goes: from then on somebody may hold it. */
ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	struct cmsghdr *c;
	size_t n = 0, i;
	int pass = -1;

	if (head != NULL) {
		for (i = 0; i < m->msg_iovlen; i++)
			n += m->msg_iov[i].iov_len;
		if (m->msg_controllen > 0 && (c = CMSG_FIRSTHDR(m)) != NULL)
			memcpy(&pass, CMSG_DATA(c), sizeof(pass));
		note('A', 0, fd, pass, 0, m->msg_iov, (int)m->msg_iovlen, n);
	}
	return syscall(SYS_sendmsg, fd, m, flags);
}
