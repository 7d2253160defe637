/* SPDX-License-Identifier: ISC */
/*
 * file.c - small files of the data directory.
 *
 * Invariant: under its own name a file is only ever seen complete.  Secrets
 * pass through file_create() and file_slurp(); neither keeps a copy.
 */
#include "server/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Writes all of it. */
static int
write_all(int fd, struct rd bytes)
{
	ssize_t n;

	while (bytes.n > 0) {
		n = write(fd, bytes.p, bytes.n);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0 || !rd_skip(&bytes, (size_t)n))
			return ERR_IO;
	}
	return 0;
}

/* see file.h */
int
file_read_fd(int fd, void *buf, size_t cap, size_t *n)
{
	unsigned char *p = buf, extra;
	ssize_t got = 1;

	for (*n = 0; got > 0 && *n < cap; *n += (size_t)got)
		while ((got = pread(fd, p + *n, cap - *n, (off_t)*n)) == -1)
			if (errno != EINTR)
				return ERR_IO;
	if (got > 0 && pread(fd, &extra, 1, (off_t)*n) != 0)
		return ERR_LIMIT;
	return 0;
}

/* see file.h */
int
file_slurp(int dir, const char *name, void *buf, size_t cap, size_t *n)
{
	struct stat st;
	int fd, r;

	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	if (fstat(fd, &st) == -1)
		r = ERR_IO;
	else if (!S_ISREG(st.st_mode))
		r = ERR_FORMAT;
	else
		r = file_read_fd(fd, buf, cap, n);
	(void)close(fd);		/* only read */
	return r;
}

/* Root gives what it makes to the directory's owner. */
static int
give_away(int dir, int fd)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (fstatat(dir, ".", &st, 0) == -1)
		return ERR_IO;
	if (st.st_uid == 0 && st.st_gid == 0)
		return 0;
	return fchown(fd, st.st_uid, st.st_gid) == -1 ? ERR_IO : 0;
}

/* After an error that counts more than whether this works. */
static void
discard(int dir, const char *name)
{
	if (file_shred(dir, name) != 0)
		return;			/* the next one tries again */
}

/* The bytes, synced, under a temporary name that is left in tmp. */
static int
write_temporary(int dir, const char *name, struct rd bytes, mode_t mode,
    char tmp[static FILE_NAME_MAX_BYTES])
{
	int fd, r = ERR_IO;

	if (snprintf(tmp, FILE_NAME_MAX_BYTES, "%s.new", name) >=
	    FILE_NAME_MAX_BYTES)
		return ERR_LIMIT;
	if ((r = file_shred(dir, tmp)) != 0)	/* of one that was killed */
		return r;
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (fd == -1)
		return ERR_IO;
	if ((r = write_all(fd, bytes)) == 0 &&
	    (r = give_away(dir, fd)) == 0 &&
	    ((mode != 0600 && fchmod(fd, mode) == -1) || fsync(fd) == -1))
		r = ERR_IO;
	if (close(fd) == -1 && r == 0)
		r = ERR_IO;
	if (r != 0)
		discard(dir, tmp);
	return r;
}

/* see file.h */
int
file_create(int dir, const char *name, struct rd bytes, mode_t mode)
{
	char tmp[FILE_NAME_MAX_BYTES];
	int r;

	if ((r = write_temporary(dir, name, bytes, mode, tmp)) != 0)
		return r;
	if (linkat(dir, tmp, dir, name, 0) == -1) {
		r = errno == EEXIST ? ERR_EXISTS : ERR_IO;
		discard(dir, tmp);
		return r;
	}
	/* A second name for the same bytes: unlinked, never overwritten. */
	if (unlinkat(dir, tmp, 0) == -1)
		return ERR_IO;
	return file_sync_dir(dir, ".");
}

/* see file.h */
int
file_replace(int dir, const char *name, struct rd bytes, mode_t mode)
{
	char tmp[FILE_NAME_MAX_BYTES];
	int r;

	if ((r = write_temporary(dir, name, bytes, mode, tmp)) != 0)
		return r;
	if (renameat(dir, tmp, dir, name) == -1) {
		discard(dir, tmp);
		return ERR_IO;
	}
	return file_sync_dir(dir, ".");
}

/* see file.h */
int
file_remove(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == -1 && errno != ENOENT)
		return ERR_IO;
	return 0;
}

/* Zeros over all that an open file holds, synced. */
static int
overwrite(int fd)
{
	static const unsigned char zeros[4096];
	struct stat st;
	off_t at = 0;
	size_t n;

	if (fstat(fd, &st) == -1)
		return ERR_IO;
	while (at < st.st_size) {
		n = sizeof(zeros);
		if ((off_t)n > st.st_size - at)
			n = (size_t)(st.st_size - at);
		if (pwrite(fd, zeros, n, at) != (ssize_t)n)
			return ERR_IO;
		at += (off_t)n;
	}
	return fsync(fd) == -1 ? ERR_IO : 0;
}

/* see file.h */
int
file_shred(int dir, const char *name)
{
	struct stat st;
	int fd, r = 0;

	fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? 0 : ERR_IO;
	/*
	 * A kill between link and unlink leaves one file under two names:
	 * the other name is in use, so only this one goes.
	 */
	if (fstat(fd, &st) == -1 ||
	    (st.st_nlink == 1 && overwrite(fd) != 0))
		r = ERR_IO;
	if (close(fd) == -1 || unlinkat(dir, name, 0) == -1)
		r = ERR_IO;
	return r == 0 ? file_sync_dir(dir, ".") : r;
}

/* see file.h */
int
file_sync_dir(int dir, const char *name)
{
	int fd, r;

	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return ERR_IO;
	r = fsync(fd) == -1 ? ERR_IO : 0;
	if (close(fd) == -1)
		r = ERR_IO;
	return r;
}
