/* SPDX-License-Identifier: ISC */
/*
 * deskbox.h - a desk that trusts a box's log, in a folder of a test's own.
 */
#ifndef TEST_DESKBOX_H
#define TEST_DESKBOX_H

#include "client/desk/desk.h"
#include "client/desk/statements.h"
#include "client/desk/store.h"
#include "tests/unit/box.h"

#define DESKBOX_PATH	4200

struct deskbox {
	struct box b;
	struct desk *d;
	struct state st;		/* after the last import */
	uint64_t day;			/* of the next close */
	char desk[DESKBOX_PATH], mirror[DESKBOX_PATH], pass[DESKBOX_PATH];
	char out[DESKBOX_PATH];		/* where exports go */
};

/* Made, opened, trusting; standard error is gone.  Whatever fails aborts. */
void deskbox_open(struct deskbox *x);
void deskbox_close(struct deskbox *x);

/* The store as another process finds it, but for the slow passphrase. */
void deskbox_again(struct deskbox *x);
/* The same keys and the same trust, and nothing imported yet. */
void deskbox_fresh(struct deskbox *x);

/* An import of the mirror: its exit code, and x->st. */
int deskbox_import(struct deskbox *x);

/* --- a day in its life ------------------------------------------------- */

#define DESKBOX_REPORT	"{\"submission\":\"advice\",\"text\":\"a question\"}"

/* Closes an epoch, with some cover; a day later each time. */
void deskbox_epoch(struct deskbox *x);
/* An import that must succeed, and whose counts are told. */
void deskbox_take(struct deskbox *x);
/* A first case, imported. */
void deskbox_report(struct deskbox *x);
/* An answer of so many bytes to the first case. */
void deskbox_reply(struct deskbox *x, size_t n);
struct outstate deskbox_outstate(struct deskbox *x);

/* An export to x->out: its exit code; one that must succeed: how many new
 * statements. */
int deskbox_export(struct deskbox *x, struct statements_made *made);
uint64_t deskbox_exported(struct deskbox *x);
/* What it wrote; the caller frees the bytes. */
struct rd deskbox_outbox(struct deskbox *x);
/* The log takes in what it wrote. */
void deskbox_logged(struct deskbox *x);

#endif
