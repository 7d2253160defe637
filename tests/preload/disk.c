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
#include <dlfcn.h>
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
#include <sys/uio.h>
#include <unistd.h>

#include "server/role.h"

#define FDS	1024
#define IOV_MAX_HERE	1024
#define ENV_LOG	"ECR_DISK_LOG"
#define MAGIC	UINT64_C(0x6b73696472636531)

/*
 * Kinds of calls that can be made to fail; bits of head.which.  A file that
 * syncs each write is pending/'s when it is also read, else LMDB's meta page.
 */
enum { FAIL_WRITE = 1, FAIL_META = 2, FAIL_SYNC = 4, FAIL_DIR_SYNC = 8,
    FAIL_NAME = 16, FAIL_CREATE = 32, FAIL_BATCH = 64 };

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

enum { IS_ZEROS = 1, IS_DSYNC = 2, IS_DIR = 4, IS_BATCH = 8 };

static struct head *head;
static uint8_t known[FDS];		/* IS_DSYNC, IS_DIR */
static uint8_t file[FDS];		/* below the data directory */

/*
 * The C library's own, so that the kernel sees the calls that it would see
 * without us: the sandbox allows those that were measured.
 */
#define REAL(type, name, ...) (*(type (**)(__VA_ARGS__))real(#name))

/* Where the address of the C library's function of this name stands. */
static void *
real(const char *name)
{
	static struct { const char *name; void *address; } seen[32];
	size_t i;

	for (i = 0; seen[i].name != NULL; i++)
		if (strcmp(seen[i].name, name) == 0)
			return &seen[i].address;
	if (i + 1 == sizeof(seen) / sizeof(seen[0]) ||
	    (seen[i].address = dlsym(RTLD_NEXT, name)) == NULL)
		abort();
	seen[i].name = name;
	return &seen[i].address;
}

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
	if ((known_of(fd) & IS_BATCH) != 0)
		return FAIL_BATCH;
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
	fd = REAL(int, open, const char *, int, ...)(path,
	    O_RDWR | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		abort();
	head = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (head == MAP_FAILED || head->magic != MAGIC ||
	    head->size != (uint64_t)st.st_size)
		abort();
	(void)REAL(int, close, int)(fd);
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
		return REAL(int, execve, const char *, char *const *,
		    char *const *)(path, argv, envp);
	(void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", p);
	(void)snprintf(log, sizeof(log), ENV_LOG "=%s", l);
	return REAL(int, execve, const char *, char *const *,
	    char *const *)(path, argv, env);
}

/* --- opening and closing ------------------------------------------------ */

static int
opened(int dir, const char *path, int flags, mode_t mode)
{
	struct stat st;
	int fd;

	if ((flags & O_CREAT) != 0 && fails_now(FAIL_CREATE))
		return -1;
	fd = REAL(int, openat, int, const char *, int, ...)(dir, path, flags,
	    mode);
	if (fd < 0 || fd >= FDS || head == NULL)
		return fd;
	known[fd] = (uint8_t)(((flags & (O_DSYNC | O_SYNC)) != 0 ? IS_DSYNC :
	    0) | ((flags & O_DSYNC) != 0 && (flags & O_ACCMODE) == O_RDWR ?
	    IS_BATCH : 0) | (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? IS_DIR : 0));
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
	return REAL(int, close, int)(fd);
}

int
memfd_create(const char *name, unsigned flags)
{
	int fd = REAL(int, memfd_create, const char *, unsigned)(name, flags);

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
	int r = REAL(int, fchdir, int)(fd);

	if (r == 0)
		note_text('D', 0, fd, -1, 0, "", NULL);
	return r;
}

/* --- bytes ---------------------------------------------------------------- */

/* What of it is to be written: all, half, or nothing (false). */
static bool
may_write(int fd, struct iovec *v, int *n)
{
	if (!is_file(fd) || !fails_now(write_kind(fd)))
		return true;
	if (head->error != 0 || v->iov_len < 2)
		return false;
	v->iov_len /= 2;
	*n = 1;
	return true;
}

/* at -1: where the descriptor stood. */
static ssize_t
wrote(int fd, const struct iovec *v, int n, off_t at, ssize_t r)
{
	uint8_t flags = known_of(fd);

	if (r > 0 && is_file(fd)) {
		if (all_zeros(v, n))
			flags |= IS_ZEROS;
		note('W', flags, fd, -1, at, v, n, (size_t)r);
	}
	return r;
}

static ssize_t
write_at(int fd, const void *p, size_t n, off_t at)
{
	struct iovec v = { .iov_len = n };
	int one = 1;

	memcpy(&v.iov_base, &p, sizeof(p));
	if (!may_write(fd, &v, &one))
		return -1;
	return wrote(fd, &v, 1, at, REAL(ssize_t, pwrite, int, const void *,
	    size_t, off_t)(fd, p, v.iov_len, at));
}

ssize_t
write(int fd, const void *p, size_t n)
{
	struct iovec v = { .iov_len = n };
	int one = 1;

	memcpy(&v.iov_base, &p, sizeof(p));
	if (!may_write(fd, &v, &one))
		return -1;
	return wrote(fd, &v, 1, -1, REAL(ssize_t, write, int, const void *,
	    size_t)(fd, p, v.iov_len));
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return write_at(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return write_at(fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	struct iovec some[IOV_MAX_HERE];

	if (n < 1 || n > IOV_MAX_HERE)
		abort();
	memcpy(some, v, (size_t)n * sizeof(*v));
	if (!may_write(fd, some, &n))
		return -1;
	return wrote(fd, some, n, -1, REAL(ssize_t, writev, int,
	    const struct iovec *, int)(fd, some, n));
}

off_t
lseek(int fd, off_t at, int whence)
{
	off_t r = REAL(off_t, lseek, int, off_t, int)(fd, at, whence);

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
	r = REAL(int, ftruncate, int, off_t)(fd, size);
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
synced(const char *name, int fd)
{
	bool dir = (known_of(fd) & IS_DIR) != 0;
	int r;

	if (fails_now(dir ? FAIL_DIR_SYNC : FAIL_SYNC))
		return -1;
	r = (*(int (**)(int))real(name))(fd);
	if (r == 0)
		note_text('S', known_of(fd), fd, -1, 0, "", NULL);
	return r;
}

int
fsync(int fd)
{
	return synced("fsync", fd);
}

int
fdatasync(int fd)
{
	return synced("fdatasync", fd);
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
	return REAL(void *, mmap, void *, size_t, int, int, int, off_t)(p, n,
	    prot, flags, fd, at);
}

int
fallocate(int fd, int mode, off_t at, off_t n)
{
	unseen("fallocate");
	return REAL(int, fallocate, int, int, off_t, off_t)(fd, mode, at, n);
}

/* --- names ------------------------------------------------------------------ */

/* rename() and renameat() are two calls to the kernel, and so on. */
static int
named(int r, uint8_t kind, int d1, int d2, const char *a, const char *b)
{
	if (r == 0)
		note_text(kind, 0, d1, d2, 0, a, b);
	return r;
}

int
rename(const char *a, const char *b)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, rename, const char *, const char *)(a, b),
	    'N', AT_FDCWD, AT_FDCWD, a, b);
}

int
renameat(int d1, const char *a, int d2, const char *b)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, renameat, int, const char *, int,
	    const char *)(d1, a, d2, b), 'N', d1, d2, a, b);
}

int
linkat(int d1, const char *a, int d2, const char *b, int flags)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, linkat, int, const char *, int, const char *,
	    int)(d1, a, d2, b, flags), 'L', d1, d2, a, b);
}

int
unlinkat(int dir, const char *path, int flags)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, unlinkat, int, const char *, int)(dir, path,
	    flags), (flags & AT_REMOVEDIR) != 0 ? 'R' : 'U', dir, -1, path,
	    NULL);
}

int
unlink(const char *path)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, unlink, const char *)(path), 'U', AT_FDCWD, -1,
	    path, NULL);
}

int
rmdir(const char *path)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, rmdir, const char *)(path), 'R', AT_FDCWD, -1,
	    path, NULL);
}

int
mkdir(const char *path, mode_t mode)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, mkdir, const char *, mode_t)(path, mode), 'M',
	    AT_FDCWD, -1, path, NULL);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	if (fails_now(FAIL_NAME))
		return -1;
	return named(REAL(int, mkdirat, int, const char *, mode_t)(dir, path,
	    mode), 'M', dir, -1, path, NULL);
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
	return REAL(ssize_t, sendmsg, int, const struct msghdr *, int)(fd, m,
	    flags);
}
