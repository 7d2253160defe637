/* SPDX-License-Identifier: ISC */
/*
 * die.c - a program that is killed at a moment of our choice.
 *
 * A library for LD_PRELOAD: before the ECR_DIE-th call that changes what is
 * on the disk, counted from 1, the process kills itself as kill -9 would.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* A terminal or a pipe is no disk. */
static int
is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static void
count(void)
{
	static long n;
	const char *s = getenv("ECR_DIE");

	if (s != NULL && ++n == strtol(s, NULL, 10))
		kill(getpid(), SIGKILL);
}

#define NEXT(f)	(*(void **)&real = dlsym(RTLD_NEXT, f))

ssize_t
write(int fd, const void *p, size_t n)
{
	ssize_t (*real)(int, const void *, size_t);

	NEXT("write");
	if (is_file(fd))
		count();
	return real(fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t (*real)(int, const void *, size_t, off_t);

	NEXT("pwrite");
	count();
	return real(fd, p, n, at);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	ssize_t (*real)(int, const struct iovec *, int, off_t);

	NEXT("pwritev");
	count();
	return real(fd, v, n, at);
}

int
fsync(int fd)
{
	int (*real)(int);

	NEXT("fsync");
	count();
	return real(fd);
}

int
fdatasync(int fd)
{
	int (*real)(int);

	NEXT("fdatasync");
	count();
	return real(fd);
}

int
renameat(int a, const char *from, int b, const char *to)
{
	int (*real)(int, const char *, int, const char *);

	NEXT("renameat");
	count();
	return real(a, from, b, to);
}

int
linkat(int a, const char *from, int b, const char *to, int flags)
{
	int (*real)(int, const char *, int, const char *, int);

	NEXT("linkat");
	count();
	return real(a, from, b, to, flags);
}

int
unlinkat(int fd, const char *name, int flags)
{
	int (*real)(int, const char *, int);

	NEXT("unlinkat");
	count();
	return real(fd, name, flags);
}
