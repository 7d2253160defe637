/* SPDX-License-Identifier: ISC */
/*
 * published.h - what everyone fetches, as one sealed read-only memfd.
 *
 * The store makes a new one after each close and hands it to the fronts,
 * which map it and serve from it without asking.
 *
 *   objects:  kind 1 | length 4 | bytes, once for each kind, in order
 */
#ifndef ECR_PUBLISHED_H
#define ECR_PUBLISHED_H

#include <stddef.h>

#include "crypto/err.h"
#include "crypto/rd.h"

enum published_kind {
	PUB_CHECKPOINT, PUB_KEYSET, PUB_POLICY, PUB_REPLIES, PUB_KINDS
};

#define PUBLISHED_MAX	(256u << 20)

struct published {
	struct rd object[PUB_KINDS];	/* views into map */
	void *map;
	size_t size;
};

/* Store: a sealed memfd with these objects.  -1: errno says why. */
int published_create(const struct rd object[PUB_KINDS]);
/* Pure, for the fuzzer: find the objects. */
MUST_USE int published_parse(struct rd object[PUB_KINDS], struct rd bytes);
/* Front: check seals and size, map, parse.  Replaces what p held. */
MUST_USE int published_map(struct published *p, int fd);
void published_unmap(struct published *p);

#endif
