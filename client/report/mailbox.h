/* SPDX-License-Identifier: ISC */
/*
 * mailbox.h - out of all replies that everybody fetches, those of one
 * codename: opened, joined, checked, in order.
 *
 * Every reply of every pinned role is tried.  An answer counts when its note
 * is signed by the key of the codename's role, is addressed to its mailbox,
 * and is named by statements of that role.
 */
#ifndef ECR_MAILBOX_H
#define ECR_MAILBOX_H

#include <signal.h>
#include <stddef.h>

#include "client/common/letters.h"
#include "client/report/answer.h"
#include "crypto/codename.h"
#include "crypto/err.h"

struct mailbox {
	size_t n;
	struct answer *answer;		/* in order; owned */
	size_t tried;			/* replies that were there */
	size_t incomplete;		/* answers whose parts are not all here */
	size_t foreign;			/* opened by us, not by our office */
	size_t unread;			/* the office's, not understood */
};

/*
 * mailbox_read - l was matched.  Says nothing.
 * Owns:   the caller ends m with mailbox_wipe(); on an error, too.
 * Errors: ERR_NOMEM; ERR_ORDER (stopped, where stop is not NULL and set).
 */
MUST_USE int mailbox_read(struct mailbox *m, const struct letters *l,
    const struct office *o, const struct codename_keys *k,
    const volatile sig_atomic_t *stop);
void mailbox_wipe(struct mailbox *m);

#endif
