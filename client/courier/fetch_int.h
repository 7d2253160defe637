/* SPDX-License-Identifier: ISC */
/*
 * fetch_int.h - the parts of fetch: log and parcels (fetch.c), and what the
 * office says (said.c).
 */
#ifndef ECR_FETCH_INT_H
#define ECR_FETCH_INT_H

#include <stdbool.h>

#include "client/courier/fetch.h"

struct fetching {
	const struct fetch *f;
	struct fetch_result *res;
	bool fresh;		/* all tiles came from the server in this run */
	uint64_t total;		/* entries to go through, for the bar */
	uint64_t erase;		/* below it parcels may be gone */
	uint64_t first_missing;
	int code;		/* exit code, once something went wrong */
};

/* One object; tries again where there was no answer, or 503. */
MUST_USE int fetch_get(struct fetching *u, const char *path,
    const char *token, size_t max, struct net_answer *a);
/* The same, and anything but 200 ends the run. */
MUST_USE int fetch_get_ok(struct fetching *u, const char *path, size_t max,
    struct net_answer *a);
/* r, and words for it where it is no 0. */
MUST_USE int fetch_disk(struct fetching *u, const char *name, int r);

/* Every statement of the log up to this size; u->erase follows from them. */
MUST_USE int fetch_said(struct fetching *u, uint64_t size);
/* /replies: whole, and each reply what its statement names. */
MUST_USE int fetch_replies(struct fetching *u);

#endif
