/* SPDX-License-Identifier: ISC */
/*
 * mirror.c - a plain folder with the same names as the server's URLs.
 *
 * Invariant: a name in the mirror is whole or absent, and log/checkpoint is
 * written only when all that it covers is on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/mirror.h"
#include "crypto/base.h"
#include "crypto/bundle.h"

struct mirror {
	int fd;
};

/* see mirror.h */
int
mirror_open(struct mirror **out, const char *path, bool make)
{
	struct mirror *m;

	*out = NULL;
	if ((m = malloc(sizeof(*m))) == NULL)
		return ERR_NOMEM;
	if ((m->fd = dir_open(path, make)) < 0) {
		free(m);
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	*out = m;
	return 0;
}

/* see mirror.h */
int
mirror_twin(struct mirror **out, const struct mirror *m)
{
	*out = NULL;
	if ((*out = malloc(sizeof(**out))) == NULL)
		return ERR_NOMEM;
	if (((*out)->fd = fcntl(m->fd, F_DUPFD_CLOEXEC, 0)) >= 0)
		return 0;
	free(*out);
	*out = NULL;
	return ERR_IO;
}

/* see mirror.h */
void
mirror_close(struct mirror *m)
{
	if (m == NULL)
		return;
	close(m->fd);
	free(m);
}

/* Only names that stay inside: no empty component, none of dots alone. */
static bool
name_ok(const char *name)
{
	const char *p;
	bool start = true;

	for (p = name; *p != '\0'; p++) {
		if (start && (*p == '/' || *p == '.'))
			return false;
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789./", *p) ==
		    NULL)
			return false;
		start = *p == '/';
	}
	return !start;
}

/* The folders of a name, made where they are not. */
static int
make_folders(struct mirror *m, const char *name)
{
	char dir[128];
	const char *p = name;
	size_t n;

	while ((p = strchr(p, '/')) != NULL) {
		n = (size_t)(p - name);
		if (n >= sizeof(dir))
			return ERR_FORMAT;
		memcpy(dir, name, n);
		dir[n] = '\0';
		if (mkdirat(m->fd, dir, 0700) != 0 && errno != EEXIST)
			return ERR_IO;
		p++;
	}
	return 0;
}

/* see mirror.h */
int
mirror_read(struct mirror *m, const char *name, size_t max,
    unsigned char **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	if (!name_ok(name))
		return ERR_FORMAT;
	return file_read_at(out, n, m->fd, name, max);
}

/* see mirror.h */
int
mirror_read_into(struct mirror *m, const char *name, unsigned char *p,
    size_t max, size_t *n)
{
	*n = 0;
	if (!name_ok(name))
		return ERR_FORMAT;
	return file_read_into(p, max, n, m->fd, name);
}

/* see mirror.h */
int
mirror_write(struct mirror *m, const char *name, struct rd bytes)
{
	int r;

	if (!name_ok(name))
		return ERR_FORMAT;
	if ((r = make_folders(m, name)) != 0)
		return r;
	return file_write_at(m->fd, name, bytes, 0600, true);
}

/* see mirror.h */
int
mirror_write_lazy(struct mirror *m, const char *name, struct rd bytes)
{
	char tmp[160];
	ssize_t put;
	int fd, r;

	if (!name_ok(name))
		return ERR_FORMAT;
	if ((r = make_folders(m, name)) != 0)
		return r;
	snprintf(tmp, sizeof(tmp), "%s.part", name);
	fd = openat(m->fd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_IO;
	while (bytes.n > 0) {
		put = write(fd, bytes.p, bytes.n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			break;
		bytes = rd_from(bytes.p + put, bytes.n - (size_t)put);
	}
	if (close(fd) == 0 && bytes.n == 0 &&
	    renameat(m->fd, tmp, m->fd, name) == 0)
		return 0;
	r = errno;
	(void)unlinkat(m->fd, tmp, 0);	/* best effort */
	errno = r;
	return ERR_IO;
}

/* see mirror.h */
int
mirror_sync(struct mirror *m)
{
	return syncfs(m->fd) == 0 ? 0 : ERR_IO;
}

/* see mirror.h */
int64_t
mirror_size(struct mirror *m, const char *name)
{
	struct stat st;

	if (!name_ok(name) ||
	    fstatat(m->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return -1;
	return st.st_size;
}

/* see mirror.h */
bool
mirror_has(struct mirror *m, const char *name)
{
	return mirror_size(m, name) >= 0;
}

/* see mirror.h */
void
mirror_remove(struct mirror *m, const char *name)
{
	if (name_ok(name))
		(void)unlinkat(m->fd, name, 0);	/* absent is as good */
}

/* see mirror.h */
void
mirror_name(char out[static 80], const char *folder,
    const unsigned char digest[static HASH_BYTES])
{
	struct wr w = wr_from(out, 80);

	wr_str(&w, folder);
	wr_u8(&w, '/');
	wr_hex(&w, digest, HASH_BYTES);
	if (!wr_cstr(&w))
		abort();	/* folders are names of our own */
}

/* see mirror.h */
size_t
mirror_tile_bytes(const struct tile *t)
{
	return (size_t)t->width *
	    (t->level == TILE_ENTRIES ? BUNDLE_UNIT : HASH_BYTES);
}

/* see mirror.h */
void
mirror_tile_name(char out[static 80], const struct tile *t)
{
	struct wr w = wr_from(out, 80);

	wr_str(&w, "log/");
	tile_write(&w, t);
	if (!wr_cstr(&w))
		abort();	/* TILE_PATH_MAX fits */
}

/*
 * The bundle at index with width entries: the partial one of this width or,
 * where that has gone, the full one's first entries.  Its bytes are in buf.
 */
static int
bundle_read(struct mirror *m, struct bundle *b, unsigned char *buf,
    uint64_t index, unsigned width, char name[static 80])
{
	struct tile t = { TILE_ENTRIES, index, width };
	char whole[80];
	unsigned at;
	size_t n;
	int r;

	mirror_tile_name(name, &t);
	r = mirror_read_into(m, name, buf, BUNDLE_BYTES, &n);
	if (r == ERR_NOTFOUND && width < TILE_WIDTH) {
		t.width = TILE_WIDTH;
		mirror_tile_name(whole, &t);
		r = mirror_read_into(m, whole, buf, BUNDLE_BYTES, &n);
		if (r != ERR_NOTFOUND)
			memcpy(name, whole, sizeof(whole));
		if (r == 0 && n == BUNDLE_BYTES)
			n = width * (size_t)BUNDLE_UNIT;
	}
	return r != 0 ? r : bundle_parse(b, rd_from(buf, n), width, &at);
}

struct walk {
	struct mirror *m;
	struct sha256 *h;
	struct bundle bundle;
	unsigned char buf[BUNDLE_BYTES];
	unsigned char leaf[TILE_WIDTH][HASH_BYTES];
};

/* The entries that the tree lacks of the bundle that was read. */
static int
append(struct walk *w, struct tree *tree, mirror_visit *visit, void *arg)
{
	const struct bundle *b = &w->bundle;
	unsigned i = (unsigned)(tree->size % TILE_WIDTH);
	int r = 0;

	bundle_leaves(b, w->h, w->leaf);
	for (; r == 0 && i < b->width; i++) {
		if (visit != NULL)
			r = visit(arg, tree->size, bundle_raw(b, i).p);
		if (r == 0)
			r = tree_append(tree, w->h, w->leaf[i]);
	}
	return r;
}

/* see mirror.h */
int
mirror_walk(struct mirror *m, struct tree *tree, uint64_t size,
    mirror_visit *visit, void *arg, char missing[static 80])
{
	struct walk *w = calloc(1, sizeof(*w));
	uint64_t index;
	int r = 0;

	missing[0] = '\0';
	if (w == NULL || (w->h = sha256_new()) == NULL)
		r = ERR_NOMEM;
	while (r == 0 && tree->size < size) {
		index = tree->size / TILE_WIDTH;
		r = bundle_read(m, &w->bundle, w->buf, index,
		    tile_width_at(TILE_ENTRIES, index, size), missing);
		if (r == 0)
			r = append(w, tree, visit, arg);
	}
	if (w != NULL)
		sha256_free(w->h);
	free(w);
	return r;
}

static int
keep_entry(void *arg, uint64_t index,
    const unsigned char entry[static ENTRY_BYTES])
{
	struct mirror_log *log = arg;

	memcpy(log->entries + (size_t)(index - log->first) * ENTRY_BYTES,
	    entry, ENTRY_BYTES);
	return 0;
}

/* The signed checkpoint: kept as bytes, returned as numbers. */
static int
read_checkpoint(struct mirror_log *log, struct mirror *m,
    const struct vkey *key, struct checkpoint *c)
{
	struct note n;
	int r;

	snprintf(log->missing, sizeof(log->missing), "log/checkpoint");
	if ((r = mirror_read(m, log->missing, NOTE_MAX_BYTES, &log->note,
	    &log->note_bytes)) != 0 ||
	    (r = note_parse(&n, rd_from(log->note, log->note_bytes))) != 0 ||
	    (r = note_verify(&n, key)) != 0 ||
	    (r = checkpoint_parse(c, n.text)) != 0)
		return r;
	return rd_eq_str(c->origin, key->name) ? 0 : ERR_AUTH;
}

/* see mirror.h */
int
mirror_log_read(struct mirror_log *log, struct mirror *m,
    const struct vkey *key, const struct tree *old)
{
	struct sha256 *h = NULL;
	struct checkpoint c;
	uint64_t count;
	int r;

	memset(log, 0, sizeof(*log));
	if (old != NULL)
		log->tree = *old;
	else
		tree_init(&log->tree);
	log->first = log->tree.size;
	if ((r = read_checkpoint(log, m, key, &c)) != 0)
		goto out;
	r = ERR_CHANGED;
	if (c.size < log->first)
		goto out;
	count = c.size - log->first;
	r = ERR_NOMEM;
	if (count > SIZE_MAX / ENTRY_BYTES || (h = sha256_new()) == NULL ||
	    (log->entries = malloc((size_t)count * ENTRY_BYTES + 1)) == NULL)
		goto out;
	log->count = (size_t)count;
	if ((r = mirror_walk(m, &log->tree, c.size, keep_entry, log,
	    log->missing)) != 0)
		goto out;
	tree_root(&log->tree, h, log->root);
	if (memcmp(log->root, c.root, HASH_BYTES) != 0)
		r = ERR_CHANGED;
out:
	sha256_free(h);
	if (r != 0) {
		free(log->entries);
		log->entries = NULL;
		log->count = 0;
	}
	return r;
}

/* see mirror.h */
void
mirror_log_wipe(struct mirror_log *log)
{
	free(log->entries);
	file_free(log->note, log->note_bytes);
	memset(log, 0, sizeof(*log));
}
