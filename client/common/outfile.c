/* SPDX-License-Identifier: ISC */
/*
 * outfile.c - streamed output that appears whole or not at all.
 *
 * Where the file system can, the file has no name before it is whole, so that
 * who is killed leaves no half of a plaintext behind.
 *
 * Invariant: a temporary name is gone when the outfile is closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/outfile.h"

/* A file without a name, if it can be given one later. */
static int
make_nameless(const struct outfile *f)
{
	if (access("/proc/self/fd", X_OK) != 0)
		return -1;
	return openat(f->dirfd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
}

static int
make_temporary(struct outfile *f)
{
	unsigned char salt[8];
	char hex[17];

	randombytes_buf(salt, sizeof(salt));
	sodium_bin2hex(hex, sizeof(hex), salt, sizeof(salt));
	snprintf(f->tmp, sizeof(f->tmp), "%.200s.%s.tmp", f->name, hex);
	if ((f->fd = make_nameless(f)) >= 0) {
		f->nameless = true;
		return 0;
	}
	f->fd = openat(f->dirfd, f->tmp, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	return f->fd >= 0 ? 0 : ERR_IO;
}

/* Splits a path into its folder, opened, and its last name. */
static int
split(struct outfile *f, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	if (n >= sizeof(dir) || strlen(name) > 255)
		return ERR_LIMIT;
	if (name[0] == '\0') {
		errno = EISDIR;
		return ERR_IO;
	}
	snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->dirfd = dir_open(n == 0 ? "." : dir, false);
	return f->dirfd >= 0 ? 0 : ERR_IO;
}

static void
reset(struct outfile *f)
{
	memset(f, 0, sizeof(*f));
	f->fd = f->dirfd = -1;
}

/* see outfile.h */
int
outfile_open(struct outfile *f, const char *path)
{
	char real[PATH_MAX];
	struct stat st;
	int r, e;

	reset(f);
	if (strcmp(path, "-") == 0) {
		f->direct = true;
		f->fd = dup(STDOUT_FILENO);
		return f->fd >= 0 ? 0 : ERR_IO;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		f->direct = true;
		f->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return f->fd >= 0 ? 0 : ERR_IO;
	}
	if (realpath(path, real) != NULL)	/* what a link points to */
		path = real;
	if ((r = split(f, path)) == 0)
		r = make_temporary(f);
	if (r != 0) {
		e = errno;
		if (f->dirfd >= 0)
			close(f->dirfd);
		reset(f);
		errno = e;
	}
	return r;
}

/* see outfile.h */
int
outfile_open_at(struct outfile *f, int dirfd, const char *name)
{
	reset(f);
	if (strlen(name) > 255 || strchr(name, '/') != NULL)
		return ERR_LIMIT;
	snprintf(f->name, sizeof(f->name), "%s", name);
	if ((f->dirfd = dup(dirfd)) < 0)
		return ERR_IO;
	if (make_temporary(f) != 0) {
		close(f->dirfd);
		reset(f);
		return ERR_IO;
	}
	return 0;
}

/* see outfile.h */
int
outfile_write(void *arg, const unsigned char *p, size_t n)
{
	struct outfile *f = arg;
	ssize_t put;

	while (n > 0) {
		put = write(f->fd, p, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			f->error = errno;
			return ERR_IO;
		}
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

static int
link_to(const struct outfile *f, const char *name)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, self, f->dirfd, name, AT_SYMLINK_FOLLOW);
}

/* Gives the temporary file its name. */
static int
settle(struct outfile *f)
{
	if (fd_sync(f->fd) != 0)
		return ERR_IO;
	if (f->nameless) {
		if (link_to(f, f->name) == 0)
			return fd_sync(f->dirfd);
		/* Only a name can take another's place. */
		if (errno != EEXIST || link_to(f, f->tmp) != 0)
			return ERR_IO;
	}
	if (renameat(f->dirfd, f->tmp, f->dirfd, f->name) != 0)
		return ERR_IO;
	f->tmp[0] = '\0';
	return fd_sync(f->dirfd);
}

static int
end(struct outfile *f, bool keep)
{
	int e, r = 0;

	if (f->fd < 0)
		return 0;
	if (keep && !f->direct)
		r = settle(f);
	e = errno;
	if (close(f->fd) != 0 && r == 0 && keep) {
		e = errno;
		r = ERR_IO;
	}
	if (f->tmp[0] != '\0')
		(void)unlinkat(f->dirfd, f->tmp, 0);	/* best effort */
	if (f->dirfd >= 0)
		close(f->dirfd);
	reset(f);
	errno = e;
	return r;
}

/* see outfile.h */
int
outfile_keep(struct outfile *f)
{
	return end(f, true);
}

/* see outfile.h */
void
outfile_drop(struct outfile *f)
{
	(void)end(f, false);	/* what is dropped cannot fail */
}
