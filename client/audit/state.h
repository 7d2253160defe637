/* SPDX-License-Identifier: ISC */
/*
 * state.h - what an auditor remembers from one visit to the next: the last
 * signed checkpoint, as it was served, and beside it what the office had said.
 * A file of the first is evidence by itself.
 */
#ifndef ECR_AUDIT_STATE_H
#define ECR_AUDIT_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/audit/said.h"
#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/tree.h"

/* A checkpoint that the log signed; views point into bytes. */
struct signed_tree {
	unsigned char *bytes;		/* owned */
	size_t n;
	struct note note;
	struct checkpoint c;
};

/*
 * signed_tree_open - Owns bytes, on success only: freed by
 * signed_tree_wipe().
 * Errors: ERR_FORMAT, ERR_LIMIT, ERR_NOMATCH, ERR_AUTH (also for another
 *         origin).
 */
MUST_USE int signed_tree_open(struct signed_tree *t, unsigned char *bytes,
    size_t n, const struct vkey *log);
void signed_tree_wipe(struct signed_tree *t);

/*
 * state_load - *any is false where there is no such file yet.  Says what is
 * wrong; an exit code.
 */
MUST_USE int state_load(struct signed_tree *t, bool *any, const char *path,
    const struct vkey *log);
/*
 * Whole or not at all.  said (NULL: the office's keys are not known) goes
 * beside it into PATH.said, first: whichever is older, they are known not to
 * belong together.
 */
MUST_USE int state_save(const struct signed_tree *t, const struct said *said,
    const char *path);
/* *any is false where there is none for this size. */
MUST_USE int state_load_said(struct said *said, bool *any, const char *path,
    uint64_t size);

#endif
