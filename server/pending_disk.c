/* SPDX-License-Identifier: ISC */
/*
 * pending_disk.c - the folders of epochs: which there are, and their end.
 *
 * Invariant: of a folder that goes, the key goes first, overwritten and
 * synced; whatever is killed in between leaves a folder that no longer opens.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/file.h"
#include "server/office.h"
#include "server/pending_int.h"

/* see pending_int.h */
void
pending_path(char out[static PENDING_PATH], uint64_t close, const char *rest)
{
	if (snprintf(out, PENDING_PATH, PENDING_DIR "/%llu%s",
	    (unsigned long long)close, rest) >= PENDING_PATH)
		abort();
}

/* What the office sent: as good as gone, and not only forgotten. */
static int
shred_outboxes(int fd)
{
	char name[32];
	unsigned i;
	int r = 0;

	for (i = 0; r == 0 && i < OFFICE_OUTBOXES_MAX; i++) {
		(void)snprintf(name, sizeof(name), OFFICE_FILE "%u.new", i);
		if ((r = file_shred(fd, name)) != 0)
			break;
		(void)snprintf(name, sizeof(name), OFFICE_FILE "%u", i);
		r = file_shred(fd, name);
	}
	return r;
}

/* see pending_int.h */
int
pending_remove_folder(const char *dir)
{
	static const char *const files[] = {
		"key.new", "key", "size.new", "size", "parcels"
	};
	size_t i;
	int fd, r = 0;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return errno == ENOENT ? 0 : ERR_IO;
	for (i = 0; r == 0 && i < sizeof(files) / sizeof(files[0]); i++)
		r = i < 2 ? file_shred(fd, files[i]) :
		    file_remove(fd, files[i]);
	if (r == 0)
		r = shred_outboxes(fd);
	(void)close(fd);		/* only read */
	if (r == 0 && rmdir(dir) == -1)
		r = ERR_IO;
	return r == 0 ? file_sync_dir(AT_FDCWD, PENDING_DIR) : r;
}

/* see pending.h */
int
pending_destroy(uint64_t close)
{
	char dir[PENDING_PATH];

	pending_path(dir, close, "");
	return pending_remove_folder(dir);
}

/*
 * see pending_int.h
 *
 * Away from its name first, and the key after that is on disk: a folder of
 * that name without its key would be taken for a loss at the next start.
 */
int
pending_withdraw(uint64_t close)
{
	char dir[PENDING_PATH];
	int r;

	/* One that an earlier try could not remove; its name is safe first. */
	if ((r = file_sync_dir(AT_FDCWD, PENDING_DIR)) != 0 ||
	    (r = pending_remove_folder(PENDING_LEFT)) != 0)
		return r;
	pending_path(dir, close, "");
	if (rename(dir, PENDING_LEFT) == -1)
		return errno == ENOENT ? 0 : ERR_IO;
	if ((r = file_sync_dir(AT_FDCWD, PENDING_DIR)) == 0)
		r = pending_remove_folder(PENDING_LEFT);
	return r;
}

static int
compare(const void *x, const void *y)
{
	uint64_t a, b;

	memcpy(&a, x, sizeof(a));
	memcpy(&b, y, sizeof(b));
	return a < b ? -1 : a > b;
}

/* see pending.h */
int
pending_list(uint64_t closes[static PENDING_LIST_MAX], size_t *n)
{
	struct dirent *e;
	uint64_t close;
	DIR *d;
	int r = 0;

	*n = 0;
	if ((d = opendir(PENDING_DIR)) == NULL)
		return ERR_IO;
	while (r == 0 && (errno = 0, e = readdir(d)) != NULL) {
		if (!rd_dec(rd_str(e->d_name), INT64_MAX, &close))
			continue;
		if (*n < PENDING_LIST_MAX)
			closes[(*n)++] = close;
		else
			r = ERR_LIMIT;
	}
	if (r == 0 && errno != 0)
		r = ERR_IO;
	(void)closedir(d);		/* only read */
	qsort(closes, *n, sizeof(closes[0]), compare);
	return r;
}

/* see pending.h */
int
pending_touch(const struct pending *p)
{
	static const char *const names[] = { "", "/key", PENDING_FILE };
	char path[PENDING_PATH];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pending_path(path, p->head->close, names[i]);
		if (utimensat(AT_FDCWD, path, NULL, 0) == -1)
			return ERR_IO;
	}
	return utimensat(AT_FDCWD, PENDING_DIR, NULL, 0) == -1 ? ERR_IO : 0;
}
