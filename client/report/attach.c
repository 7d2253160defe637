/* SPDX-License-Identifier: ISC */
/*
 * attach.c - the files that go with a report.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "client/report/attach.h"
#include "client/report/metadata.h"
#include "crypto/sha256.h"
#include "crypto/utf8.h"

#define STEP	65536

/* see attach.h */
void
attach_init(struct attach_list *l)
{
	memset(l, 0, sizeof(*l));
}

/* see attach.h */
void
attach_wipe(struct attach_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->item[i].name);
		free(l->item[i].path);
		close(l->item[i].fd);
	}
	memset(l, 0, sizeof(*l));
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* What it is, by its first bytes. */
static const char *
sniff(int fd)
{
	unsigned char head[METADATA_HEAD_BYTES];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return metadata_type(rd_from(head, n < 0 ? 0 : (size_t)n));
}

/* see attach.h */
int
attach_replace(struct attach *a, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return ERR_IO;
	if (a->fd >= 0)
		close(a->fd);
	a->fd = fd;
	a->st = st;
	a->bytes = (uint64_t)st.st_size;
	a->type = sniff(fd);
	return 0;
}

/* see attach.h */
int
attach_add(struct attach_list *l, const char *path, const char *name)
{
	struct attach *a = &l->item[l->n];
	int fd, r;

	if (name == NULL)
		name = base_name(path);
	if (l->n == ATTACH_MAX) {
		warn("more than %d attachments", ATTACH_MAX);
		return ERR_LIMIT;
	}
	if (name[0] == '\0' || strlen(name) > MSGJSON_NAME_MAX ||
	    !utf8_ok(rd_str(name))) {
		warn("attachment %zu: its name cannot be sent", l->n + 1);
		return ERR_FORMAT;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		warn("%s: %s", path, strerror(errno));
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	memset(a, 0, sizeof(*a));
	a->fd = -1;
	if ((r = attach_replace(a, fd)) != 0) {
		warn("%s: not a regular file", path);
		close(fd);
		return ERR_FORMAT;
	}
	a->name = strdup(name);
	a->path = strdup(path);
	l->n++;		/* from here on attach_wipe() sees it */
	return a->name == NULL || a->path == NULL ? ERR_NOMEM : 0;
}

/* The file is what it was when it was opened. */
static bool
untouched(const struct attach *a)
{
	struct stat st;

	return fstat(a->fd, &st) == 0 && st.st_size == a->st.st_size &&
	    st.st_mtim.tv_sec == a->st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == a->st.st_mtim.tv_nsec;
}

/* see attach.h */
int
attach_read(struct attach *a, uint64_t at, void *out, size_t n)
{
	unsigned char *p = out;
	ssize_t got;

	if (!untouched(a))
		return ERR_CHANGED;
	while (n > 0) {
		got = pread(a->fd, p, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0)
			return ERR_CHANGED;
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

/* see attach.h */
int
attach_hash(struct attach *a)
{
	unsigned char buf[STEP];
	struct sha256 *h;
	uint64_t at;
	size_t n;
	int r = 0;

	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	for (at = 0; at < a->bytes && r == 0; at += n) {
		n = a->bytes - at < STEP ? (size_t)(a->bytes - at) : STEP;
		if ((r = attach_read(a, at, buf, n)) == 0)
			sha256_update(h, buf, n);
	}
	sha256_final(h, a->sha256);
	sha256_free(h);
	return r;
}

/* see attach.h */
uint64_t
attach_total(const struct attach_list *l)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		total += l->item[i].bytes;
	return total;
}
