/* SPDX-License-Identifier: ISC */
/*
 * thread.h - the office's side of a case's conversation, to show it.
 *
 * All work inside the caller's transaction.
 */
#ifndef ECR_THREAD_H
#define ECR_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "client/desk/desk.h"
#include "client/desk/outstore.h"

/* Does the imported log have the statement that carries it? */
MUST_USE int thread_logged(struct deskdb *db, const struct answer *a,
    bool *logged);

/* How many answers a case has, and how many of them nobody can fetch yet. */
struct thread_count {
	uint64_t answers, waiting;
	bool answered;			/* by a person, and not only queued */
};
MUST_USE int thread_count(struct deskdb *db, uint64_t case_no,
    struct thread_count *n);

/*
 * thread_show - every answer of a case: to rows as JSON, or, where rows is
 * NULL, in words to stdout.  Exit code; says what is wrong.
 */
MUST_USE int thread_show(struct desk *d, uint64_t case_no, json_t *rows);

#endif
