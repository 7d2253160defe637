/* SPDX-License-Identifier: ISC */
/*
 * pending_put.c - parcels into the open epoch: one write for many.
 *
 * The invariant of pending.c holds here, too: what the index has beyond
 * p->committed is in the batch under way.  A batch that could not be written
 * whole is followed by the next one in the same place; until then it is like
 * one that a power cut left behind, and was promised to nobody.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/pending_int.h"

/* see pending.h */
int
pending_begin(struct pending *p)
{
	if (p->begun)
		abort();
	p->begun = true;
	p->batch.count = 0;
	return 0;
}

/* see pending.h */
int
pending_put(struct pending *p, const unsigned char parcel[static PARCEL_BYTES],
    const unsigned char digest[static HASH_BYTES])
{
	struct pending_batch *b = &p->batch;
	size_t at = pending_batch_bytes(b->count);
	int r;

	if (!p->begun || b->count >= PENDING_BATCH_MAX)
		abort();
	if (p->end + at + PENDING_SLOT_BYTES > p->bytes)
		return ERR_FULL;
	if ((r = digests_add(p->digests, digest, p->end + at)) != 0)
		return r;
	memcpy(b->digest[b->count++], digest, HASH_BYTES);
	return pending_seal_parcel(p->cipher, p->stage + at, parcel, digest);
}

/* All of it, on disk when this returns: the descriptor is O_DSYNC. */
static int
write_through(int fd, const unsigned char *bytes, size_t n, uint64_t at)
{
	size_t done = 0;
	ssize_t k;

	while (done < n) {
		k = pwrite(fd, bytes + done, n - done, (off_t)(at + done));
		if (k == -1 && errno == EINTR)
			continue;
		/* What is left must stay aligned. */
		if (k <= 0 || (size_t)k % PENDING_PAGE != 0)
			return ERR_IO;
		done += (size_t)k;
	}
	return 0;
}

/* see pending.h */
int
pending_commit(struct pending *p)
{
	struct pending_batch *b = &p->batch;
	size_t n = pending_batch_bytes(b->count);
	int r = 0;

	if (!p->begun)
		abort();
	if (b->count > 0 &&
	    ((r = pending_seal_head(p->cipher, p->stage, b)) != 0 ||
	    (r = write_through(p->fd, p->stage, n, p->end)) != 0)) {
		pending_abort(p);
		return r;
	}
	if (b->count > 0) {
		p->end += n;
		memcpy(b->previous, b->tag, sizeof(b->previous));
	}
	p->begun = false;
	p->committed = digests_count(p->digests);
	return 0;
}

/* see pending.h */
void
pending_abort(struct pending *p)
{
	if (!p->begun)
		return;
	p->begun = false;
	digests_truncate(p->digests, p->committed);
}
