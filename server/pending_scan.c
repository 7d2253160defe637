/* SPDX-License-Identifier: ISC */
/*
 * pending_scan.c - an epoch's file read again: what is in it?
 *
 * Batches follow each other, each head naming the one before.  The last one
 * may be half there, when the power went while it was written: then nobody
 * was promised anything for it, and it is as if it had not come.  Any other
 * has been promised, so a head that is missing before a later one, or one
 * that names another, is damage, and said.  What is wrong with a body before
 * the last batch shows when it is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/pending_int.h"

/* n bytes, or ERR_IO; reads straight from the disk into p->stage. */
static int
read_stage(struct pending *p, uint64_t at, size_t n)
{
	size_t done = 0;
	ssize_t k;

	while (done < n) {
		k = pread(p->fd, p->stage + done, n - done,
		    (off_t)(at + done));
		if (k == -1 && errno == EINTR)
			continue;
		if (k <= 0 || (size_t)k % PENDING_PAGE != 0)
			return ERR_IO;
		done += (size_t)k;
	}
	return 0;
}

/* The head at this place; ERR_NOTFOUND where there is none. */
static int
read_head(struct pending *p, uint64_t at, struct pending_batch *b)
{
	int r;

	if (at + pending_batch_bytes(1) > p->bytes)
		return ERR_NOTFOUND;
	if ((r = read_stage(p, at, PENDING_PAGE)) != 0 ||
	    (r = pending_open_head(p->cipher, b, p->stage)) != 0)
		return r;
	return at + pending_batch_bytes(b->count) <= p->bytes ?
	    0 : ERR_FORMAT;
}

static int
index_batch(struct pending *p, const struct pending_batch *b)
{
	unsigned i;
	int r = 0;

	for (i = 0; i < b->count && r == 0; i++)
		r = digests_add(p->digests, b->digest[i],
		    p->end + pending_batch_bytes(i));
	return r == ERR_EXISTS || r == ERR_FULL ? ERR_FORMAT : r;
}

/* Are all of its parcels there? */
static int
check_bodies(struct pending *p, const struct pending_batch *b)
{
	unsigned char *parcel = malloc(PARCEL_BYTES);
	unsigned i;
	int r;

	if (parcel == NULL)
		return ERR_NOMEM;
	r = read_stage(p, p->end, pending_batch_bytes(b->count));
	for (i = 0; i < b->count && r == 0; i++)
		r = pending_open_parcel(p->cipher, parcel,
		    p->stage + pending_batch_bytes(i), b->digest[i]);
	free(parcel);
	return r;
}

/* Where a batch would begin if that at the end were one: none may. */
static int
look_behind(struct pending *p)
{
	struct pending_batch *b = malloc(sizeof(*b));
	unsigned count;
	int r = ERR_NOTFOUND;

	if (b == NULL)
		return ERR_NOMEM;
	for (count = 1; count <= PENDING_BATCH_MAX && r == ERR_NOTFOUND;
	    count++)
		r = read_head(p, p->end + pending_batch_bytes(count), b);
	free(b);
	if (r == ERR_NOTFOUND)
		return 0;
	return r == 0 ? ERR_CHANGED : r;
}

/*
 * One batch into the index, unless it is the last and half there.  0: the
 * head after it is in next; ERR_NOTFOUND: there is none.
 */
static int
take_batch(struct pending *p, const struct pending_batch *b,
    struct pending_batch *next)
{
	uint64_t after = p->end + pending_batch_bytes(b->count);
	int follows = read_head(p, after, next), r;

	if (follows == 0 &&
	    memcmp(next->previous, b->tag, sizeof(b->tag)) != 0)
		follows = ERR_NOTFOUND;
	if (follows == ERR_NOTFOUND && (r = check_bodies(p, b)) != 0)
		return r == ERR_CHANGED ? ERR_NOTFOUND : r;
	if ((r = index_batch(p, b)) != 0)
		return r;
	memcpy(p->batch.previous, b->tag, sizeof(b->tag));
	p->end = after;
	return follows;
}

/* see pending_int.h */
int
pending_scan(struct pending *p)
{
	struct pending_batch *b = calloc(2, sizeof(*b));
	unsigned i;
	int r;

	if (b == NULL)
		return ERR_NOMEM;
	p->end = 0;
	r = read_head(p, 0, &b[0]);
	for (i = 0; r == 0; i++)
		r = take_batch(p, &b[i % 2], &b[(i + 1) % 2]);
	free(b);
	if (r == ERR_NOTFOUND)
		r = look_behind(p);
	p->committed = digests_count(p->digests);
	return r;
}
