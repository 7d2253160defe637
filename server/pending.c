/* SPDX-License-Identifier: ISC */
/*
 * pending.c - one epoch: opened, found again, read for the close; what comes
 * in is taken in by pending_put.c.
 *
 * Invariant: what the index holds beyond p->committed is in the batch under
 * way and nowhere else; all before p->end is on disk.
 */
#include "server/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/file.h"
#include "server/pending_int.h"

/* --- opening ------------------------------------------------------------- */

/*
 * The file, so that a write is on disk when it returns, and past the page
 * cache where the file system can do that: it would only be a second copy.
 */
static int
open_file(struct pending *p)
{
	const int flags = O_RDWR | O_DSYNC | O_CLOEXEC | O_NOFOLLOW;
	char path[PENDING_PATH];
	struct stat st;

	pending_path(path, p->head->close, PENDING_FILE);
	p->fd = open(path, flags | O_DIRECT);
	if (p->fd == -1 && errno == EINVAL)
		p->fd = open(path, flags);
	if (p->fd == -1)
		return errno == ENOENT ? ERR_FORMAT : ERR_IO;
	if (fstat(p->fd, &st) == -1)
		return ERR_IO;
	return (uint64_t)st.st_size == p->bytes ? 0 : ERR_FORMAT;
}

/* Everything but the head. */
static int
open_rest(struct pending *p)
{
	const struct pending_head *h = p->head;
	void *stage;
	int r;

	p->bytes = pending_file_bytes(h->parcels, h->batch);
	pending_path(p->dir, h->close, "");
	/* A batch, and behind it the slot that is read into. */
	if (posix_memalign(&stage, PENDING_PAGE,
	    pending_batch_bytes(PENDING_BATCH_MAX + 1)) != 0)
		return ERR_NOMEM;
	p->stage = stage;
	if ((p->digests = digests_new(
	    (uint32_t)pending_most(h->parcels, h->batch))) == NULL ||
	    (p->cipher = pending_cipher_new(h->key)) == NULL)
		return ERR_NOMEM;
	if ((r = open_file(p)) != 0)
		return r;
	return pending_scan(p);
}

static struct pending *
pending_new(void)
{
	struct pending *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->fd = -1;
	if ((p->head = secret_new(sizeof(*p->head))) == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

/* The key file into the folder that was prepared; then its real name. */
static int
name_folder(struct pending *p, bool *named)
{
	char path[PENDING_PATH];
	unsigned char *buf;
	struct wr w;
	int r;

	if ((buf = secret_new(PENDING_HEAD_BYTES)) == NULL)
		return ERR_NOMEM;
	w = wr_from(buf, PENDING_HEAD_BYTES);
	pending_head_write(&w, p->head);
	if (!wr_ok(&w))
		abort();
	r = file_create(AT_FDCWD, PENDING_NEXT "/key", wr_rd(&w), 0600);
	if (r == 0)
		r = file_sync_dir(AT_FDCWD, PENDING_NEXT);
	secret_free(buf);
	if (r != 0)
		return r;
	pending_path(path, p->head->close, "");
	if (rename(PENDING_NEXT, path) == -1)
		return ERR_IO;
	*named = true;
	return file_sync_dir(AT_FDCWD, PENDING_DIR);
}

/* see pending.h */
int
pending_create(struct pending **out, struct prepare *x, uint64_t close)
{
	struct pending *p = NULL;
	bool named = false;
	int r = ERR_NOMEM;

	*out = NULL;
	if (!x->synced) {
		r = ERR_ORDER;
		goto out;
	}
	if ((p = pending_new()) == NULL)
		goto out;
	/* What an earlier try may have left under this name. */
	if ((r = pending_withdraw(close)) != 0)
		goto out;
	p->head->close = close;
	p->head->parcels = x->parcels;
	p->head->batch = x->batch;
	p->head->noise = randombytes_uniform(4 * x->batch);
	randombytes_buf(p->head->key, sizeof(p->head->key));
	if ((r = name_folder(p, &named)) == 0 && (r = open_rest(p)) == 0) {
		*out = p;
		p = NULL;
	}
out:
	prepare_free(x);
	pending_close(p);
	/* Nothing is in it yet, and the next try needs the name. */
	if (r != 0 && named && pending_withdraw(close) != 0)
		r = ERR_IO;
	return r;
}

/* size is there once the epoch is closing. */
static int
read_size(struct pending *p)
{
	char path[PENDING_PATH], text[PENDING_SIZE_MAX];
	size_t n;
	int r;

	pending_path(path, p->head->close, "/size");
	r = file_slurp(AT_FDCWD, path, text, sizeof(text), &n);
	if (r == ERR_NOTFOUND)
		return 0;
	return r != 0 ? r : pending_size_parse(&p->size, rd_from(text, n));
}

/* see pending.h */
int
pending_open(struct pending **out, uint64_t close)
{
	char path[PENDING_PATH];
	unsigned char *buf = NULL;
	struct pending *p = NULL;
	size_t n;
	int r = ERR_NOMEM;

	*out = NULL;
	pending_path(path, close, "/key");
	if ((p = pending_new()) == NULL ||
	    (buf = secret_new(PENDING_HEAD_BYTES)) == NULL ||
	    (r = file_slurp(AT_FDCWD, path, buf, PENDING_HEAD_BYTES,
	    &n)) != 0 ||
	    (r = pending_head_parse(p->head, rd_from(buf, n))) != 0)
		goto out;
	r = ERR_FORMAT;
	if (p->head->close != close || (r = open_rest(p)) != 0 ||
	    (r = read_size(p)) != 0)
		goto out;
	*out = p;
	p = NULL;
out:
	secret_free(buf);
	pending_close(p);
	return r;
}

/* see pending.h */
void
pending_close(struct pending *p)
{
	if (p == NULL)
		return;
	pending_abort(p);
	if (p->fd != -1)
		(void)close(p->fd);	/* nothing is unwritten */
	pending_cipher_free(p->cipher);
	free(p->stage);
	digests_free(p->digests);
	secret_free(p->head);
	free(p);
}

/* --- what it says of itself ---------------------------------------------- */

/* see pending.h */
const struct pending_head *
pending_head(const struct pending *p)
{
	return p->head;
}

/* see pending.h */
const struct digests *
pending_digests(const struct pending *p)
{
	return p->digests;
}

/* see pending.h */
uint32_t
pending_count(const struct pending *p)
{
	return digests_count(p->digests);
}

/* see pending.h */
uint32_t
pending_size(const struct pending *p)
{
	return p->size;
}

/* see pending.h */
int
pending_fix_size(struct pending *p)
{
	char path[PENDING_PATH];
	unsigned char text[PENDING_SIZE_MAX];
	struct wr w = wr_from(text, sizeof(text));
	uint32_t size;
	int r;

	if (p->size != 0)
		return 0;
	size = pending_cover_target(p->committed, p->head->noise,
	    p->head->batch);
	wr_dec(&w, size);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		abort();
	pending_path(path, p->head->close, "/size");
	r = file_create(AT_FDCWD, path, wr_rd(&w), 0600);
	/* An earlier try got as far as its name: the same size, then. */
	if (r != 0 && r != ERR_EXISTS)
		return r;
	if ((r = file_sync_dir(AT_FDCWD, p->dir)) == 0)
		r = read_size(p);
	return r;
}

/* --- reading for the close ----------------------------------------------- */

/* see pending.h */
int
pending_read(struct pending *p, const struct digest_item *item,
    unsigned char out[static PARCEL_BYTES])
{
	unsigned char *slot = p->stage + pending_batch_bytes(PENDING_BATCH_MAX);
	ssize_t k;

	do {
		k = pread(p->fd, slot, PENDING_SLOT_BYTES,
		    (off_t)item->sequence);
	} while (k == -1 && errno == EINTR);
	if (k != (ssize_t)PENDING_SLOT_BYTES)
		return ERR_IO;
	return pending_open_parcel(p->cipher, out, slot, item->digest);
}
