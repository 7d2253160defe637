/* SPDX-License-Identifier: ISC */
/*
 * pages.h - the pages of an LMDB 0.9 file, read without LMDB.
 *
 * Shows what somebody sees who takes the file: every page that a tree
 * reaches and every page that none does, each node where it physically
 * stands, live or left over.
 */
#ifndef ECR_TEST_PAGES_H
#define ECR_TEST_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/rd.h"

#define PAGES_BYTES	4096u

struct pages {
	const unsigned char *file;
	size_t count;
	bool *live;			/* by page; free() */
	bool *body;			/* inside a run of overflow pages */
};

/* One node of a leaf page; its key and value where they stand. */
struct pages_node {
	size_t page;
	unsigned offset;		/* in the page */
	bool live;
	struct rd key, value;		/* value: empty where it is a run */
	size_t run;			/* the run's first page; 0: none */
};

/*
 * pages_open - walks all trees from the newest of both meta pages, and fails
 * the test where the file is not sound.
 */
void pages_open(struct pages *p, const unsigned char *file, size_t n);
void pages_wipe(struct pages *p);

/*
 * pages_each - fn for each node of each leaf page, also of pages that are
 * free, in the order in which they stand in the file.
 */
void pages_each(const struct pages *p,
    void (*fn)(void *arg, const struct pages_node *node), void *arg);

#endif
