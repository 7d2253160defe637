/* SPDX-License-Identifier: ISC */
/*
 * attach.h - the files that go with a report: opened once, read as a stream,
 * never whole in memory.
 *
 * An attachment is read three times through the same descriptor (its own
 * hash, the message's hash, sealing); whatever changes in between is an
 * error.
 */
#ifndef ECR_ATTACH_H
#define ECR_ATTACH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "crypto/err.h"
#include "crypto/params.h"

#define ATTACH_MAX	256	/* in one report */

struct attach {
	char *name;			/* as the office will see it; owned */
	char *path;			/* as given; owned */
	const char *type;		/* by content: static string */
	int fd;
	uint64_t bytes;
	struct stat st;			/* when it was opened */
	unsigned char sha256[HASH_BYTES];
};

struct attach_list {
	size_t n;
	struct attach item[ATTACH_MAX];
};

void attach_init(struct attach_list *l);
void attach_wipe(struct attach_list *l);	/* closes all */
/*
 * attach_add - open a regular file.  name NULL: the last part of path.
 * Says what is wrong; returns 0 or an error.
 */
MUST_USE int attach_add(struct attach_list *l, const char *path,
    const char *name);
/* Replace what item i reads by another open file (a stripped copy). */
MUST_USE int attach_replace(struct attach *a, int fd);
/* Read it whole and fill in sha256. */
MUST_USE int attach_hash(struct attach *a);
/*
 * attach_read - n bytes at offset; all of them or an error.
 * Errors: ERR_CHANGED (shorter, or touched since it was opened), ERR_IO.
 */
MUST_USE int attach_read(struct attach *a, uint64_t at, void *out, size_t n);
/* Size of all of them. */
uint64_t attach_total(const struct attach_list *l);

#endif
