/* SPDX-License-Identifier: ISC */
/*
 * lodged.h - does the public log hold the message that an answer speaks of?
 *
 * The proof came with the answer and is checked offline, against the log key
 * and the witnesses of the office's keyset: nothing is asked of anybody.
 */
#ifndef ECR_LODGED_H
#define ECR_LODGED_H

#include "client/report/answer.h"
#include "crypto/err.h"
#include "crypto/keyset.h"

enum lodged {
	LODGED_NOT_SAID,	/* the answer says nothing of it */
	LODGED_HOLDS,
	LODGED_UNWITNESSED,	/* the log signed it, too few witnesses did */
	LODGED_OTHER_LOG,	/* by a log that the keys do not name (now) */
	LODGED_BROKEN,		/* it does not hold */
	LODGED_UNCHECKED	/* no keys to check it with */
};

/*
 * lodged_check - ks: NULL where there are none that count.  ERR_NOMEM, or 0
 * and *l.
 */
MUST_USE int lodged_check(enum lodged *l, const struct answer *a,
    const struct keyset *ks);
/* One word, for JSON. */
const char *lodged_word(enum lodged l);

#endif
