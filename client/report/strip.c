/* SPDX-License-Identifier: ISC */
/*
 * strip.c - copies of attachments without their metadata.
 *
 * The copies lie in a private folder in memory, under names of our own, and
 * are gone from it before this returns.  A plain file system is refused:
 * what was written there can be found again.  The folder's name does not say
 * whose it is: others on this machine may see it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/say.h"
#include "client/report/mat2.h"
#include "client/report/metadata_file.h"
#include "client/report/stop.h"
#include "client/report/strip.h"

#define STEP	65536
#define DEPTH_MAX	16
#define OOXML	"application/vnd.openxmlformats-officedocument."
#define ODF	"application/vnd.oasis.opendocument."

/* mat2 goes by the ending, so a copy gets the one of its content. */
static const struct {
	const char *type, *in, *out;
} kinds[] = {
	{ "image/jpeg", "a.jpg", "a.cleaned.jpg" },
	{ "image/png", "a.png", "a.cleaned.png" },
	{ "image/gif", "a.gif", "a.cleaned.gif" },
	{ "image/tiff", "a.tiff", "a.cleaned.tiff" },
	{ "image/heic", "a.heic", "a.cleaned.heic" },
	{ "image/webp", "a.webp", "a.cleaned.webp" },
	{ "image/bmp", "a.bmp", "a.cleaned.bmp" },
	{ "image/svg+xml", "a.svg", "a.cleaned.svg" },
	{ "application/pdf", "a.pdf", "a.cleaned.pdf" },
	{ ODF "text", "a.odt", "a.cleaned.odt" },
	{ ODF "spreadsheet", "a.ods", "a.cleaned.ods" },
	{ ODF "presentation", "a.odp", "a.cleaned.odp" },
	{ ODF "graphics", "a.odg", "a.cleaned.odg" },
	{ OOXML "wordprocessingml.document", "a.docx", "a.cleaned.docx" },
	{ OOXML "spreadsheetml.sheet", "a.xlsx", "a.cleaned.xlsx" },
	{ OOXML "presentationml.presentation", "a.pptx", "a.cleaned.pptx" },
	{ "application/epub+zip", "a.epub", "a.cleaned.epub" },
	{ "application/zip", "a.zip", "a.cleaned.zip" },
	{ "application/x-tar", "a.tar", "a.cleaned.tar" },
	{ "audio/mpeg", "a.mp3", "a.cleaned.mp3" },
	{ "audio/flac", "a.flac", "a.cleaned.flac" },
	{ "audio/ogg", "a.ogg", "a.cleaned.ogg" },
	{ "audio/wav", "a.wav", "a.cleaned.wav" },
	{ "video/mp4", "a.mp4", "a.cleaned.mp4" },
	{ "video/x-msvideo", "a.avi", "a.cleaned.avi" },
	{ "video/x-ms-asf", "a.wmv", "a.cleaned.wmv" },
	{ "text/html", "a.html", "a.cleaned.html" },
};
#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

struct folder {
	char path[256];
	int fd;			/* -1: there is none */
};

/* In memory, and nothing that outlives a power cut. */
static bool
in_memory(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	return (unsigned long)fs.f_type == TMPFS_MAGIC ||
	    (unsigned long)fs.f_type == RAMFS_MAGIC;
}

static int
folder_make(struct folder *f, const char *base)
{
	int fd;

	f->fd = -1;
	if (base == NULL || base[0] != '/' || (size_t)snprintf(f->path,
	    sizeof(f->path), "%s/tmp.XXXXXX", base) >= sizeof(f->path))
		return ERR_NOTFOUND;
	fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || !in_memory(fd)) {
		if (fd >= 0)
			close(fd);
		return ERR_NOTFOUND;
	}
	close(fd);
	if (mkdtemp(f->path) == NULL)	/* 0700 */
		return ERR_NOTFOUND;
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    O_NOFOLLOW);
	if (f->fd >= 0 && in_memory(f->fd))
		return 0;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	(void)rmdir(f->path);	/* ours, empty */
	return ERR_IO;
}

/* All that lies there, whatever mat2 left; closes dir. */
static void
empty(int dir, unsigned depth)
{
	struct dirent *e;
	DIR *d;
	int sub;

	if (dir < 0)
		return;
	if ((d = fdopendir(dir)) == NULL) {
		close(dir);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    unlinkat(dir, e->d_name, 0) == 0 || depth == DEPTH_MAX)
			continue;
		sub = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC);
		empty(sub, depth + 1);
		(void)unlinkat(dir, e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

static void
folder_empty(const struct folder *f)
{
	empty(openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
}

static void
folder_remove(struct folder *f)
{
	if (f->fd < 0)
		return;
	folder_empty(f);
	close(f->fd);
	f->fd = -1;
	if (rmdir(f->path) != 0)
		warn("%s could not be removed (%s); please remove it", f->path,
		    strerror(errno));
}

/* The attachment's bytes under a name of ours. */
static int
copy_in(struct folder *f, struct attach *a, const char *name)
{
	unsigned char *buf = NULL;
	uint64_t at;
	size_t n;
	ssize_t put;
	int fd, r = 0;

	fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);
	if (fd < 0)
		return ERR_IO;
	if ((buf = malloc(STEP)) == NULL)
		r = ERR_NOMEM;
	for (at = 0; r == 0 && at < a->bytes; at += (uint64_t)put) {
		n = a->bytes - at < STEP ? (size_t)(a->bytes - at) : STEP;
		put = 0;
		if (report_stop != 0)
			r = ERR_ORDER;
		else if ((r = attach_read(a, at, buf, n)) == 0 &&
		    (put = write(fd, buf, n)) <= 0)
			r = ERR_IO;	/* no room in memory, mostly */
		if (put < 0)
			put = 0;
	}
	if (buf != NULL)
		sodium_memzero(buf, STEP);
	free(buf);
	if (close(fd) != 0 && r == 0)
		r = ERR_IO;
	return r;
}

static int
take_copy(struct folder *f, struct attach *a, const char *name, bool *ok)
{
	int fd, r;

	fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return ERR_FORMAT;
	if (metadata_file_found(fd)) {	/* by our own eyes */
		close(fd);
		return ERR_FORMAT;
	}
	if ((r = attach_replace(a, fd)) != 0) {
		close(fd);
		return r;
	}
	*ok = true;
	return 0;
}

static int
strip_one(struct folder *f, struct attach *a, bool *ok)
{
	size_t i;
	int r;

	*ok = false;
	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].type, a->type) == 0)
			break;
	if (i == KINDS)
		return 0;
	if ((r = copy_in(f, a, kinds[i].in)) == 0 &&
	    (r = mat2_run(f->path, kinds[i].in)) == 0)
		r = take_copy(f, a, kinds[i].out, ok);
	folder_empty(f);
	return r == ERR_FORMAT ? 0 : r;
}

static int
strip_each(struct folder *f, struct attach_list *l, bool *ok)
{
	size_t i;
	int r = 0;

	for (i = 0; i < l->n && r == 0; i++) {
		if (report_stop != 0)
			return ERR_ORDER;
		say("stripping %zu of %zu", i + 1, l->n);
		ok[i] = metadata_file_risk(l->item[i].fd) == NULL;
		if (!ok[i])
			r = strip_one(f, &l->item[i], &ok[i]);
	}
	return r;
}

/* see strip.h */
int
strip_all(struct attach_list *l, bool ok[static ATTACH_MAX])
{
	struct folder f = { "", -1 };
	int r;

	memset(ok, 0, ATTACH_MAX * sizeof(ok[0]));
	if ((r = mat2_ready()) != 0)
		return r;
	if (folder_make(&f, getenv("XDG_RUNTIME_DIR")) != 0 &&
	    folder_make(&f, "/dev/shm") != 0) {
		warn("there is no folder in memory here (XDG_RUNTIME_DIR, "
		    "/dev/shm) to strip copies in");
		return ERR_NOTFOUND;
	}
	r = strip_each(&f, l, ok);
	folder_remove(&f);
	return r;
}
