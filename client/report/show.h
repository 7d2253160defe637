/* SPDX-License-Identifier: ISC */
/*
 * show.h - a conversation on the screen, or as JSON.
 *
 * Dates are days.  What the office wrote goes through say_clean(), so that
 * it moves no cursor.
 */
#ifndef ECR_SHOW_H
#define ECR_SHOW_H

#include <stdbool.h>

#include "client/common/letters.h"
#include "client/report/lodged.h"
#include "client/report/mailbox.h"

struct show {
	const struct office *office;
	enum codename_role role;
	const struct letters *letters;
	const struct mailbox *mailbox;
	const enum lodged *lodged;	/* one an answer */
};

void show_plain(const struct show *s);
/* An exit code, 0 when it was written. */
int show_json(const struct show *s);

#endif
