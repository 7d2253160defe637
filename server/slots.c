/* SPDX-License-Identifier: ISC */
/*
 * slots.c - the memory that one front shares with the store.
 *
 * Refuses an area that could still change its size.  Invariant: base maps
 * count * SLOT_BYTES that stay there while it is mapped.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/slots.h"

#define SLOTS_SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* see slots.h */
int
slots_create(uint32_t count)
{
	int fd;

	if (count == 0 || count > SLOTS_MAX)
		return -1;
	fd = memfd_create("slots", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	if (ftruncate(fd, (off_t)count * SLOT_BYTES) != 0 ||
	    fcntl(fd, F_ADD_SEALS, SLOTS_SEALS) != 0) {
		(void)close(fd);	/* nothing was written */
		return -1;
	}
	return fd;
}

/* Sealed, and a whole number of slots within our limit? */
static bool
slots_size(int fd, uint32_t *count)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals == -1 || (seals & SLOTS_SEALS) != SLOTS_SEALS ||
	    fstat(fd, &st) != 0)
		return false;
	if (st.st_size <= 0 || st.st_size % SLOT_BYTES != 0 ||
	    st.st_size / SLOT_BYTES > SLOTS_MAX)
		return false;
	*count = (uint32_t)(st.st_size / SLOT_BYTES);
	return true;
}

/* see slots.h */
int
slots_map(struct slots *s, int fd)
{
	uint32_t count;
	void *p;

	s->base = NULL;
	s->count = 0;
	if (!slots_size(fd, &count))
		return ERR_FORMAT;
	p = mmap(NULL, (size_t)count * SLOT_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return ERR_IO;
	s->base = p;
	s->count = count;
	return 0;
}

/* see slots.h */
void
slots_unmap(struct slots *s)
{
	if (s->base != NULL)
		(void)munmap(s->base, (size_t)s->count * SLOT_BYTES);
	s->base = NULL;
	s->count = 0;
}

/* see slots.h */
unsigned char *
slots_at(const struct slots *s, uint32_t slot)
{
	if (slot >= s->count)
		return NULL;
	return s->base + (size_t)slot * SLOT_BYTES;
}
