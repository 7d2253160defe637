/* SPDX-License-Identifier: ISC */
/*
 * file.c - files that appear whole or not at all, and bounded reading.
 *
 * Invariant: a name either has its old content or its new one, also after a
 * power cut; a temporary file never survives an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "crypto/base.h"

#define READ_STEP	65536

/* see file.h */
int
fd_sync(int fd)
{
	return fsync(fd) == 0 ? 0 : ERR_IO;
}

/* at least need more bytes behind n; old memory is wiped */
static int
grow(unsigned char **p, size_t n, size_t *cap, size_t need)
{
	unsigned char *bigger;
	size_t want = *cap;

	if (*cap - n >= need)
		return 0;
	while (want - n < need)
		want = want < READ_STEP ? READ_STEP : want * 2;
	if ((bigger = malloc(want)) == NULL)
		return ERR_NOMEM;
	if (n > 0)
		memcpy(bigger, *p, n);
	file_free(*p, n);
	*p = bigger;
	*cap = want;
	return 0;
}

static int
fd_read_all(unsigned char **out, size_t *n, int fd, size_t max)
{
	unsigned char *p = NULL;
	size_t len = 0, cap = 0;
	struct stat st;
	ssize_t got;
	int r;

	*out = NULL;
	*n = 0;
	/* A known size is one allocation; a stream grows. */
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return ERR_NOTFOUND;	/* nothing to read in a folder */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if ((unsigned long long)st.st_size > max)
			return ERR_LIMIT;
		if ((r = grow(&p, 0, &cap, (size_t)st.st_size + 2)) != 0)
			return r;
	} else if ((r = grow(&p, 0, &cap, READ_STEP)) != 0) {
		return r;
	}
	for (;;) {
		if ((r = grow(&p, len, &cap, 2)) != 0)
			goto out;
		got = read(fd, p + len, cap - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			r = ERR_IO;
			goto out;
		}
		if (got == 0)
			break;
		len += (size_t)got;
		if (len > max) {
			r = ERR_LIMIT;
			goto out;
		}
	}
	p[len] = '\0';
	*out = p;
	*n = len;
	p = NULL;
out:
	file_free(p, len);
	return r;
}

/* A regular file and no link; below 0: *r says why, and errno. */
static int
open_plain(int dirfd, const char *name, struct stat *st, int *r)
{
	/* A FIFO must not hold us up, nor a device answer for a file. */
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK | O_NOFOLLOW), e;

	if (fd < 0) {
		*r = errno == ENOENT ? ERR_NOTFOUND : errno == ELOOP ?
		    ERR_FORMAT : ERR_IO;
		return -1;
	}
	*r = fstat(fd, st) != 0 ? ERR_IO : S_ISREG(st->st_mode) ? 0 :
	    ERR_FORMAT;
	if (*r == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

/* see file.h */
int
file_read_at(unsigned char **out, size_t *n, int dirfd, const char *name,
    size_t max)
{
	struct stat st;
	int fd, r, e;

	*out = NULL;
	*n = 0;
	if ((fd = open_plain(dirfd, name, &st, &r)) < 0)
		return r;
	r = fd_read_all(out, n, fd, max);
	e = errno;
	close(fd);
	errno = e;
	return r;
}

/* Once round is enough, unless somebody writes there just now. */
static int
fd_read_into(unsigned char *p, size_t max, size_t *n, int fd)
{
	unsigned char more;
	struct iovec to[2] = { { p, max }, { &more, 1 } };
	ssize_t got;

	for (;;) {
		to[0].iov_base = p + *n;
		to[0].iov_len = max - *n;
		got = readv(fd, to, 2);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if ((size_t)got > max - *n)
			return ERR_LIMIT;
		*n += (size_t)got;
		if (got == 0 || *n == max)
			return 0;
	}
}

/* see file.h */
int
file_read_into(unsigned char *p, size_t max, size_t *n, int dirfd,
    const char *name)
{
	struct stat st;
	int fd, r, e;

	*n = 0;
	if ((fd = open_plain(dirfd, name, &st, &r)) < 0)
		return r;
	r = fd_read_into(p, max, n, fd);
	e = errno;
	close(fd);
	errno = e;
	return r;
}

/* see file.h */
int
file_read(unsigned char **out, size_t *n, const char *path, size_t max)
{
	int fd, r, e;

	*out = NULL;
	*n = 0;
	if (strcmp(path, "-") == 0)
		return fd_read_all(out, n, STDIN_FILENO, max);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	r = fd_read_all(out, n, fd, max);
	e = errno;
	close(fd);
	errno = e;
	return r;
}

/* see file.h */
void
file_free(unsigned char *p, size_t n)
{
	if (p == NULL)
		return;
	sodium_memzero(p, n);
	free(p);
}

static int
write_all(int fd, struct rd bytes)
{
	ssize_t put;

	while (bytes.n > 0) {
		put = write(fd, bytes.p, bytes.n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return ERR_IO;
		bytes = rd_from(bytes.p + put, bytes.n - (size_t)put);
	}
	return 0;
}

/* The folder a name stands in must be synced, too. */
static int
sync_parent(int dirfd, const char *name)
{
	char dir[4096];
	const char *slash = strrchr(name, '/');
	int fd, r;

	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else if (slash == name)
		snprintf(dir, sizeof(dir), "/");
	else if ((size_t)(slash - name) < sizeof(dir))
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - name), name);
	else
		return ERR_LIMIT;
	fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_IO;
	r = fd_sync(fd);
	close(fd);
	return r;
}

/* see file.h */
int
file_write_at(int dirfd, const char *name, struct rd bytes, unsigned mode,
    bool replace)
{
	unsigned char salt[8];
	char tmp[4096], hex[17];
	int fd = -1, r = ERR_IO, e;

	randombytes_buf(salt, sizeof(salt));
	hex_encode(hex, salt, sizeof(salt));
	hex[16] = '\0';
	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.%s.tmp", name, hex) >=
	    sizeof(tmp))
		return ERR_LIMIT;
	fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, (mode_t)mode);
	if (fd < 0)
		return ERR_IO;
	if ((r = write_all(fd, bytes)) != 0 || (r = fd_sync(fd)) != 0)
		goto out;
	r = ERR_IO;
	if (replace ? renameat(dirfd, tmp, dirfd, name) != 0 :
	    linkat(dirfd, tmp, dirfd, name, 0) != 0) {
		if (errno == EEXIST)
			r = ERR_EXISTS;
		goto out;
	}
	if (replace)
		tmp[0] = '\0';
	r = 0;
out:
	e = errno;
	close(fd);
	if (tmp[0] != '\0')
		(void)unlinkat(dirfd, tmp, 0);	/* best effort */
	if (r == 0)
		r = sync_parent(dirfd, name);
	else
		errno = e;
	return r;
}

/* see file.h */
int
file_write(const char *path, struct rd bytes, unsigned mode, bool replace)
{
	return file_write_at(AT_FDCWD, path, bytes, mode, replace);
}

/* see file.h */
int
dir_open_at(int dirfd, const char *name, bool make)
{
	if (make && mkdirat(dirfd, name, 0700) != 0 && errno != EEXIST)
		return -1;
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* see file.h */
int
dir_open(const char *path, bool make)
{
	return dir_open_at(AT_FDCWD, path, make);
}
