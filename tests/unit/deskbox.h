/* SPDX-License-Identifier: ISC */
/*
 * deskbox.h - a desk that trusts a box's log, in a folder of a test's own.
 */
#ifndef TEST_DESKBOX_H
#define TEST_DESKBOX_H

#include "client/desk/desk.h"
#include "client/desk/store.h"
#include "tests/unit/box.h"

#define DESKBOX_PATH	4200

struct deskbox {
	struct box b;
	struct desk *d;
	struct state st;		/* after the last import */
	char desk[DESKBOX_PATH], mirror[DESKBOX_PATH], pass[DESKBOX_PATH];
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

#endif
