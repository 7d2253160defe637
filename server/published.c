/* SPDX-License-Identifier: ISC */
/*
 * published.c - what everyone fetches, as one sealed read-only memfd.
 *
 * Refuses an area that could still be written or resized, or whose objects
 * are not exactly all kinds in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/wr.h"
#include "server/published.h"

#define PUBLISHED_SEALS \
	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
#define HEAD_BYTES	5	/* kind 1 | length 4 */

static bool
write_all(int fd, struct rd bytes)
{
	ssize_t n;

	while (!rd_done(&bytes)) {
		n = write(fd, bytes.p, bytes.n);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0 || !rd_skip(&bytes, (size_t)n))
			return false;
	}
	return true;
}

static bool
write_object(int fd, unsigned kind, struct rd object)
{
	unsigned char head[HEAD_BYTES];
	struct wr w = wr_from(head, sizeof(head));

	wr_u8(&w, (uint8_t)kind);
	wr_u32(&w, (uint32_t)object.n);
	return wr_ok(&w) && write_all(fd, wr_rd(&w)) && write_all(fd, object);
}

/* see published.h */
int
published_create(const struct rd object[PUB_KINDS])
{
	size_t total = 0;
	unsigned i;
	int fd;

	for (i = 0; i < PUB_KINDS; i++) {
		if (object[i].n > PUBLISHED_MAX - HEAD_BYTES ||
		    total > PUBLISHED_MAX - HEAD_BYTES - object[i].n) {
			errno = EFBIG;
			return -1;
		}
		total += HEAD_BYTES + object[i].n;
	}
	fd = memfd_create("published", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	for (i = 0; i < PUB_KINDS; i++)
		if (!write_object(fd, i, object[i]))
			goto bad;
	if (fcntl(fd, F_ADD_SEALS, PUBLISHED_SEALS) != 0)
		goto bad;
	return fd;
bad:
	(void)close(fd);	/* half-written, and only ours */
	return -1;
}

/* see published.h */
int
published_parse(struct rd object[PUB_KINDS], struct rd bytes)
{
	uint8_t kind;
	unsigned i;

	for (i = 0; i < PUB_KINDS; i++)
		if (!rd_u8(&bytes, &kind) || kind != i ||
		    !rd_take32(&bytes, &object[i]))
			return ERR_FORMAT;
	return rd_done(&bytes) ? 0 : ERR_FORMAT;
}

static bool
published_size(int fd, size_t *size)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals == -1 || (seals & PUBLISHED_SEALS) != PUBLISHED_SEALS ||
	    fstat(fd, &st) != 0 || st.st_size <= 0 ||
	    st.st_size > (off_t)PUBLISHED_MAX)
		return false;
	*size = (size_t)st.st_size;
	return true;
}

/* see published.h */
int
published_map(struct published *p, int fd)
{
	struct published fresh;
	int r;

	if (!published_size(fd, &fresh.size))
		return ERR_FORMAT;
	/* Private: before Linux 6.7 a sealed area refused a shared mapping. */
	fresh.map = mmap(NULL, fresh.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fresh.map == MAP_FAILED)
		return ERR_IO;
	r = published_parse(fresh.object, rd_from(fresh.map, fresh.size));
	if (r != 0) {
		published_unmap(&fresh);
		return r;
	}
	published_unmap(p);
	*p = fresh;
	return 0;
}

/* see published.h */
void
published_unmap(struct published *p)
{
	if (p->map != NULL)
		(void)munmap(p->map, p->size);
	memset(p, 0, sizeof(*p));
}
