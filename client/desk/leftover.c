/* SPDX-License-Identifier: ISC */
/*
 * leftover.c - the folder in which a desk is built.
 *
 * A killed `init` leaves keys that nobody will ever use, and nothing that was
 * published.  Only a folder with exactly such a name and with no live maker
 * is removed; a lock on the folder itself tells.
 *
 * Invariant: nothing outside of that folder, or with another name, is
 * removed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/desk/leftover.h"

#define SALT_BYTES	8
#define TAIL_CHARS	(1 + 2 * SALT_BYTES + sizeof(ending) - 1)
#define PATH_CHARS	4096
#define DEPTH_MAX	4		/* a desk has two levels */

static const char ending[] = ".tmp";

/* see leftover.h */
int
leftover_name(char *out, size_t cap, const char *place)
{
	unsigned char salt[SALT_BYTES];
	char hex[2 * SALT_BYTES + 1];
	int n;

	randombytes_buf(salt, sizeof(salt));
	sodium_bin2hex(hex, sizeof(hex), salt, sizeof(salt));
	n = snprintf(out, cap, "%s.%s%s", place, hex, ending);
	return n > 0 && (size_t)n < cap ? 0 : ERR_LIMIT;
}

/* see leftover.h */
int
leftover_make(const char *name)
{
	int e, fd;

	if (mkdir(name, 0700) != 0 || (fd = dir_open(name, false)) < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

static void
remove_at(int dirfd, const char *name, int depth)
{
	struct dirent *e;
	DIR *d;
	int fd;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd < 0 || (d = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, e->d_name, 0) != 0 && errno == EISDIR &&
		    depth > 0)
			remove_at(fd, e->d_name, depth - 1);
	}
	closedir(d);
	(void)unlinkat(dirfd, name, AT_REMOVEDIR);	/* best effort */
}

/* see leftover.h */
void
leftover_remove(const char *name)
{
	remove_at(AT_FDCWD, name, DEPTH_MAX);
}

/* Is it a dot, sixteen hex digits and the ending? */
static bool
is_tail(const char *s)
{
	return s[0] == '.' &&
	    strspn(s + 1, "0123456789abcdef") == 2 * SALT_BYTES &&
	    strcmp(s + 1 + 2 * SALT_BYTES, ending) == 0;
}

/* Is it base and such a tail? */
static bool
is_ours(const char *name, const char *base)
{
	const size_t n = strlen(base);

	return strncmp(name, base, n) == 0 && is_tail(name + n);
}

/* Removes it unless it is another's, or somebody still builds in it. */
static bool
clean_one(int dirfd, const char *name)
{
	struct stat st;
	int fd;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		remove_at(dirfd, name, DEPTH_MAX);
	close(fd);
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
}

/* see leftover.h */
int
leftover_overwrite(int fd)
{
	unsigned char noise[4096];
	struct stat st;
	off_t at;
	ssize_t n;
	size_t want;

	if (fstat(fd, &st) != 0)
		return ERR_IO;
	if (!S_ISREG(st.st_mode))
		return ERR_FORMAT;
	for (at = 0; at < st.st_size; at += n) {
		want = sizeof(noise);
		if (st.st_size - at < (off_t)want)
			want = (size_t)(st.st_size - at);
		randombytes_buf(noise, want);
		if ((n = pwrite(fd, noise, want, at)) <= 0)
			return ERR_IO;
	}
	return fd_sync(fd);
}

/* see leftover.h */
int
leftover_shred(int dirfd, const char *name)
{
	int e, fd, r;

	fd = openat(dirfd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
	if (fd < 0)
		return ERR_IO;
	r = leftover_overwrite(fd);
	e = errno;
	close(fd);
	errno = e;
	if (r == 0 && unlinkat(dirfd, name, 0) != 0)
		r = ERR_IO;
	return r == 0 ? fd_sync(dirfd) : r;
}

/*
 * A file that was being written, or one that was being destroyed.  A file
 * that has its own name already, as a second one, must not be overwritten.
 */
static void
sweep_file(int fd, const char *name)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1 ||
	    leftover_shred(fd, name) != 0)
		(void)unlinkat(fd, name, 0);	/* best effort */
}

static void
sweep_one(int dirfd, const char *name)
{
	struct dirent *e;
	size_t n;
	DIR *d;
	int fd;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd < 0 || (d = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		n = strlen(e->d_name);
		if (n > TAIL_CHARS && is_tail(e->d_name + n - TAIL_CHARS))
			sweep_file(fd, e->d_name);
	}
	closedir(d);
}

/* see leftover.h */
void
leftover_sweep(int dirfd)
{
	sweep_one(dirfd, ".");
	sweep_one(dirfd, "cases");
	sweep_one(dirfd, "keys");
	sweep_one(dirfd, "public");
}

/* see leftover.h */
size_t
leftover_clean(const char *place)
{
	const char *slash = strrchr(place, '/');
	const char *base = slash == NULL ? place : slash + 1;
	char dir[PATH_CHARS];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else if ((size_t)snprintf(dir, sizeof(dir), "%.*s",
	    (int)(base - place), place) >= sizeof(dir))
		return 0;
	if (base[0] == '\0' || (d = opendir(dir)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		if (is_ours(e->d_name, base) && clean_one(dirfd(d), e->d_name))
			n++;
	closedir(d);
	return n;
}
