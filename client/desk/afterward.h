/* SPDX-License-Identifier: ISC */
/*
 * afterward.h - what else an import does besides taking in its entries: it
 * is written down, and whoever wrote hears of it.
 */
#ifndef ECR_AFTERWARD_H
#define ECR_AFTERWARD_H

#include "client/common/mirror.h"
#include "client/desk/answer.h"
#include "client/desk/store.h"

/* All borrowed. */
struct afterward {
	struct deskdb *db;
	struct mirror *m;
	const struct mirror_log *log;	/* verified */
	const struct trust *trust;
	const struct vkey *witness;	/* as many as trust says */
	const struct answer_voice *voice;
	size_t cosigned;		/* witnesses of ours */
};

/*
 * Each of them in a transaction of its own.  Errors: the store's, ERR_NOMEM.
 *
 * afterward_unwitnessed - before anything is taken: that the officer did
 * without the quorum, if so.
 * afterward_acknowledge - everybody whose message was filed hears of it.
 * afterward_imported - that it was, even if nothing was new.
 */
MUST_USE int afterward_unwitnessed(const struct afterward *a);
MUST_USE int afterward_acknowledge(const struct afterward *a);
MUST_USE int afterward_imported(const struct afterward *a,
    const struct state *st);

#endif
