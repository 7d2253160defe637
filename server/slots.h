/* SPDX-License-Identifier: ISC */
/*
 * slots.h - the memory that one front shares with the store.
 *
 * A memfd of a fixed number of slots, one parcel each, sealed against
 * resizing before it is shared: a truncation would be SIGBUS in the other
 * process.  The store checks the seals and copies a slot out before it
 * hashes, checks or believes it; the front may scribble at any time.
 */
#ifndef ECR_SLOTS_H
#define ECR_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"

#define SLOT_BYTES	65536u		/* room for PARCEL_BYTES */
#define SLOTS_MAX	4096u

struct slots {
	unsigned char *base;
	uint32_t count;
};

/* Parent: make the sealed memfd for so many slots.  -1: errno says why. */
int slots_create(uint32_t count);
/*
 * Either side: check size and seals, map.  ERR_FORMAT (size or seals wrong),
 * ERR_IO (mmap).  fd stays the caller's.
 */
MUST_USE int slots_map(struct slots *s, int fd);
void slots_unmap(struct slots *s);
/* NULL where there is no such slot. */
unsigned char *slots_at(const struct slots *s, uint32_t slot);

#endif
