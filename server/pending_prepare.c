/* SPDX-License-Identifier: ISC */
/*
 * pending_prepare.c - the next epoch's file, written full of zeros ahead.
 *
 * So a commit only overwrites: the file system has nothing of its own to
 * write down for it, and the file's size never changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/file.h"
#include "server/pending_int.h"

/* see pending_int.h */
uint64_t
pending_file_bytes(uint32_t parcels, uint32_t batch)
{
	/* Each might come alone, and have a head of its own. */
	return pending_most(parcels, batch) * pending_batch_bytes(1);
}

/* pending/next/ anew, and empty. */
static int
make_folder(void)
{
	int r;

	if ((r = pending_remove_folder(PENDING_NEXT)) != 0)
		return r;
	return mkdir(PENDING_NEXT, 0700) == -1 ? ERR_IO : 0;
}

/* see pending.h */
int
prepare_new(struct prepare **out, uint32_t parcels, uint32_t batch)
{
	struct prepare *x = calloc(1, sizeof(*x));
	int r;

	*out = NULL;
	if (x == NULL)
		return ERR_NOMEM;
	x->fd = -1;
	x->parcels = parcels;
	x->batch = batch;
	x->bytes = pending_file_bytes(parcels, batch);
	if ((r = make_folder()) != 0)
		goto bad;
	r = ERR_IO;
	x->fd = open(PENDING_NEXT PENDING_FILE, O_WRONLY | O_CREAT | O_EXCL |
	    O_CLOEXEC | O_NOFOLLOW, 0600);
	if (x->fd == -1)
		goto bad;
	if ((x->zeros = calloc(1, PENDING_SLICE)) == NULL) {
		r = ERR_NOMEM;
		goto bad;
	}
	*out = x;
	return 0;
bad:
	prepare_free(x);
	return r;
}

/* see pending.h */
int
prepare_step(struct prepare *x, bool *done)
{
	size_t n = PENDING_SLICE;
	ssize_t wrote;

	if (n > x->bytes - x->at)
		n = (size_t)(x->bytes - x->at);
	if (n > 0) {
		wrote = pwrite(x->fd, x->zeros, n, (off_t)x->at);
		if (wrote <= 0)
			return wrote == -1 && errno == EINTR ? 0 : ERR_IO;
		x->at += (uint64_t)wrote;
		if (fdatasync(x->fd) == -1)
			return ERR_IO;
	}
	if ((*done = x->at >= x->bytes) && !x->synced) {
		/* Its name, too, before anything relies on it. */
		if (fsync(x->fd) == -1)
			return ERR_IO;
		x->synced = true;
		return file_sync_dir(AT_FDCWD, PENDING_NEXT);
	}
	return 0;
}

/* see pending.h */
uint64_t
prepare_slices(const struct prepare *x)
{
	return (x->bytes + PENDING_SLICE - 1) / PENDING_SLICE;
}

/* see pending.h */
int
prepare_cancel(struct prepare *x)
{
	prepare_free(x);
	return pending_remove_folder(PENDING_NEXT);
}

/* see pending.h */
void
prepare_free(struct prepare *x)
{
	if (x == NULL)
		return;
	if (x->fd != -1)
		(void)close(x->fd);	/* synced, or made anew next time */
	free(x->zeros);
	free(x);
}
