/* SPDX-License-Identifier: ISC */
/*
 * epoch_int.h - inside a close; for epoch*.c alone.
 */
#ifndef ECR_EPOCH_INT_H
#define ECR_EPOCH_INT_H

#include "server/epoch.h"

/* p begins to close, or is found closed already. */
void epoch_begin_close(struct epochs *e, struct pending *p);

/* The office's steps (epoch_office.c). */

/* Statements, replies and keysets into drop/, an outbox a slice. */
MUST_USE int epoch_step_outbox(struct epochs *e, bool *done);
/* All entries of the close, by kind, then digest, and what was said. */
MUST_USE int epoch_append(struct epochs *e);
/* How many entries that is. */
uint64_t epoch_entries(const struct epochs *e);
/* The office's of them are in the log. */
MUST_USE int epoch_find_said(struct epochs *e);
/* What the office has given up, a slice. */
MUST_USE int epoch_step_erase(struct epochs *e, bool *done);

#endif
