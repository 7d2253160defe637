/* SPDX-License-Identifier: ISC */
/*
 * pending_prepare.c - the next epoch's file, written full of zeros ahead.
 *
 * LMDB refuses a file that is not empty and has no header of its own, so the
 * header comes first.  Blocks are then on disk and in the page cache before
 * the first parcel needs them, and the file's size never changes.
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
pending_map_bytes(uint32_t parcels, uint32_t batch)
{
	uint64_t n = pending_most(parcels, batch);

	/* Bodies; leaves and branches; what commits copy and the free list. */
	return (n * 16 + n / 32 + 512) * PENDING_PAGE;
}

/* see pending_int.h */
int
pending_env_open(MDB_env **env, const char *dir, uint64_t bytes)
{
	int rc;

	*env = NULL;
	if ((rc = mdb_env_create(env)) == 0 &&
	    (rc = mdb_env_set_mapsize(*env, (size_t)bytes)) == 0)
		rc = mdb_env_open(*env, dir, MDB_NOLOCK | MDB_NOTLS, 0600);
	if (rc != 0 && *env != NULL) {
		mdb_env_close(*env);
		*env = NULL;
	}
	return rc == 0 ? 0 : pending_err(rc);
}

/* pending/next/ anew, with LMDB's header in it. */
static int
make_folder(uint64_t bytes)
{
	MDB_env *env;
	int r;

	if ((r = pending_remove_folder(PENDING_NEXT)) != 0)
		return r;
	if (mkdir(PENDING_NEXT, 0700) == -1)
		return ERR_IO;
	if ((r = pending_env_open(&env, PENDING_NEXT, bytes)) != 0)
		return r;
	mdb_env_close(env);
	return 0;
}

/* see pending.h */
int
prepare_new(struct prepare **out, uint32_t parcels, uint32_t batch)
{
	struct prepare *x = calloc(1, sizeof(*x));
	struct stat st;
	int r = ERR_IO;

	*out = NULL;
	if (x == NULL)
		return ERR_NOMEM;
	x->fd = -1;
	x->parcels = parcels;
	x->batch = batch;
	x->bytes = pending_map_bytes(parcels, batch);
	if ((r = make_folder(x->bytes)) != 0)
		goto bad;
	r = ERR_IO;
	x->fd = open(PENDING_NEXT "/data.mdb", O_WRONLY | O_CLOEXEC |
	    O_NOFOLLOW);
	if (x->fd == -1 || fstat(x->fd, &st) == -1 || st.st_size <= 0)
		goto bad;
	x->at = (uint64_t)st.st_size;
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
