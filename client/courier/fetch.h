/* SPDX-License-Identifier: ISC */
/*
 * fetch.h - bring a mirror up to date with a server.
 *
 * Bodies first, log/checkpoint last: a mirror whose fetch was cut short is
 * the old mirror with some more bodies in it.  A parcel that the server does
 * not hold is passed over and counted; whether the office's statements let
 * it go is judged by their unbelieved text, and by the desk in earnest.
 */
#ifndef ECR_FETCH_H
#define ECR_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "client/common/mirror.h"
#include "client/common/net.h"
#include "crypto/err.h"
#include "crypto/note.h"

struct fetch {
	struct net *net;
	struct mirror *mirror;
	const char *token;		/* secret */
	const struct vkey *log;		/* NULL: the signature is not checked */
	unsigned tries;			/* at one request, at least 1 */
};

struct fetch_result {
	uint64_t size;			/* of the log now */
	uint64_t new_entries;
	uint64_t parcels, bytes;	/* fetched in this run */
	uint64_t gone;			/* not held: the office let them go */
	uint64_t missing;		/* not held, and nobody said so */
	uint64_t statements;		/* in the log, all of them here */
};

/*
 * fetch_run - says on stderr what went wrong; returns an exit code.  With
 * res->missing above 0 the mirror was brought up to date all the same.
 */
int fetch_run(const struct fetch *f, struct fetch_result *res);

#endif
