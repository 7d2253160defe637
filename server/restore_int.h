/* SPDX-License-Identifier: ISC */
/*
 * restore_int.h - inside a restore; for restore*.c alone.
 */
#ifndef ECR_RESTORE_INT_H
#define ECR_RESTORE_INT_H

#include "crypto/wr.h"
#include "server/drop.h"
#include "server/restore.h"

#define RESTORE_ABSENT	SIZE_MAX	/* bytes of a file that is not there */

/* The first reason counts; returns r. */
int restore_wrong(struct restore *x, int r, const char *why);
/* What went wrong is in this file. */
void restore_at(struct restore *x, const struct wr *name);
/* A file of the mirror; *n is RESTORE_ABSENT where it may be missing and is. */
MUST_USE int restore_slurp(struct restore *x, const struct wr *name, void *buf,
    size_t cap, size_t *n, bool needed);

/* --- restore_office.c: what the office said ------------------------------ */

struct restore_office;
/* The mirror's replies and keysets are read and hashed. */
MUST_USE int restore_office_open(struct restore_office **out,
    struct restore *x);
void restore_office_close(struct restore_office *o);
/* Keysets into drop/, in a transaction of their own. */
MUST_USE int restore_keysets(struct restore_office *o, struct drop *d);
/* A statement or reply, if it is there, into the transaction under way. */
MUST_USE int restore_body(struct restore_office *o, struct drop *d,
    const struct entry *e);
/* The statements among a close's entries, opened; views until the next. */
MUST_USE int restore_said(struct restore_office *o, const struct entry *e,
    size_t n, const struct drop_said **said, size_t *nsaid);

#endif
