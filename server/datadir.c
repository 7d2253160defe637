/* SPDX-License-Identifier: ISC */
/*
 * datadir.c - make a data directory, and keep a second server out of it.
 *
 * Refuses to touch a directory that is there: a new log is never a way to
 * get rid of an old one.
 */
#include "server/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/rd.h"
#include "server/drop.h"
#include "server/file.h"
#include "server/guard.h"
#include "server/logkey.h"
#include "server/pending.h"

#define PATH_BYTES	4096

/* The newest checkpoint of the new log at path. */
static int
first_note(struct guard *first, const char *path, const struct logkey *k)
{
	struct drop *d;
	struct rd note;
	int r;

	if ((r = drop_open(&d, path, 16u << 20, &k->vk)) != 0)
		return r;
	note = drop_checkpoint(d);
	memcpy(first->note, note.p, note.n);
	first->n = note.n;
	drop_close(d);
	return 0;
}

/* All that belongs into it, in a folder under a temporary name. */
static int
fill(int dir, const char *path, const char *origin, struct guard *first)
{
	char drop[PATH_BYTES + 16];
	struct logkey k = { 0 };
	int r;

	if (mkdirat(dir, DROP_DIR, 0700) == -1 ||
	    mkdirat(dir, PENDING_DIR, 0700) == -1)
		return ERR_IO;
	(void)snprintf(drop, sizeof(drop), "%s/%s", path, DROP_DIR);
	if ((r = logkey_create(dir, rd_str(origin))) == 0 &&
	    (r = logkey_load(&k, dir)) == 0 &&
	    (r = drop_create(drop, &k)) == 0 &&
	    (r = first_note(first, drop, &k)) == 0 &&
	    (r = file_sync_dir(dir, DROP_DIR)) == 0)
		r = file_sync_dir(dir, ".");
	logkey_wipe(&k);
	return r;
}

/* What fill() may have left. */
static void
clear(int dir, const char *path)
{
	int e = errno;

	if (file_shred(dir, LOGKEY_FILE) != 0 ||
	    file_shred(dir, LOGKEY_FILE ".new") != 0 ||
	    file_remove(dir, LOGKEY_VKEY_FILE) != 0 ||
	    file_remove(dir, DROP_DIR "/data.mdb") != 0 ||
	    unlinkat(dir, DROP_DIR, AT_REMOVEDIR) != 0 ||
	    unlinkat(dir, PENDING_DIR, AT_REMOVEDIR) != 0 ||
	    rmdir(path) != 0) {
		errno = e;		/* the first error counts */
		return;
	}
	errno = e;
}

/* "DIR" to "DIR.XXXXXX", without slashes at the end. */
static int
temporary_name(char tmp[static PATH_BYTES], char final[static PATH_BYTES],
    const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n == 0 || n + 8 >= PATH_BYTES)
		return ERR_LIMIT;
	(void)snprintf(final, PATH_BYTES, "%.*s", (int)n, path);
	(void)snprintf(tmp, PATH_BYTES, "%.*s.XXXXXX", (int)n, path);
	return 0;
}

/* The folder that holds path. */
static int
sync_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		return file_sync_dir(AT_FDCWD, ".");
	if (slash == path)
		return file_sync_dir(AT_FDCWD, "/");
	*slash = '\0';
	return file_sync_dir(AT_FDCWD, path);
}

/* A name for good, as checkpoints carry it: no scheme, no slash at its ends. */
static bool
origin_ok(const char *origin)
{
	size_t n = strlen(origin);

	return note_name_ok(rd_str(origin)) &&
	    strstr(origin, "://") == NULL && origin[0] != '/' &&
	    origin[n - 1] != '/';
}

/* The guard, then the directory under its name. */
static int
put_in_place(const char *tmp, const char *final, const char *guard,
    const struct guard *first)
{
	int r;

	if ((r = guard_create_at(guard, guard_note(first))) != 0)
		return r == ERR_EXISTS ? ERR_CHANGED : r;
	if (renameat2(AT_FDCWD, tmp, AT_FDCWD, final, RENAME_NOREPLACE) == 0)
		return 0;
	r = errno == EEXIST ? ERR_EXISTS : ERR_IO;
	guard_remove_at(guard);
	return r;
}

/* see datadir.h */
int
datadir_create_with(const char *path, const char *guard, const char *origin)
{
	char tmp[PATH_BYTES], final[PATH_BYTES];
	char beside[PATH_BYTES + sizeof(GUARD_SUFFIX)];
	static struct guard first;
	struct stat st;
	int dir, r;

	if (!origin_ok(origin))
		return ERR_FORMAT;
	if ((r = temporary_name(tmp, final, path)) != 0)
		return r;
	if (lstat(final, &st) == 0)
		return ERR_EXISTS;
	if (mkdtemp(tmp) == NULL)
		return ERR_IO;
	if ((dir = open(tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		(void)rmdir(tmp);	/* the first error counts */
		return ERR_IO;
	}
	if (guard == NULL) {
		(void)snprintf(beside, sizeof(beside), "%s%s", final,
		    GUARD_SUFFIX);
		guard = beside;
	}
	if ((r = fill(dir, tmp, origin, &first)) == 0)
		r = put_in_place(tmp, final, guard, &first);
	if (r != 0)
		clear(dir, tmp);
	(void)close(dir);		/* a folder: nothing is unwritten */
	return r == 0 ? sync_parent(final) : r;
}

/* see datadir.h */
int
datadir_create(const char *path, const char *origin)
{
	return datadir_create_with(path, NULL, origin);
}

/* see datadir.h */
int
datadir_lock(int fd)
{
	while (flock(fd, LOCK_EX | LOCK_NB) == -1)
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? ERR_EXISTS : ERR_IO;
	return 0;
}
