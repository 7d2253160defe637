/* SPDX-License-Identifier: ISC */
/*
 * bodies.h - what an entry stands for: a parcel's bytes, a statement's
 * signature.
 */
#ifndef ECR_AUDIT_BODIES_H
#define ECR_AUDIT_BODIES_H

#include <stdbool.h>
#include <stdint.h>

#include "client/audit/keys.h"
#include "client/audit/source.h"
#include "crypto/entry.h"

struct bodies {
	struct source *src;
	const struct keys *keys;
	bool parcels;			/* read these, too */
	uint64_t checked;		/* parcels read */
	uint64_t sequence[OFFICE_ROLES];	/* of the last statement; 0 */
	/* What does not hold, after EXIT_CLAIM: */
	char name[80];
	const char *says;
	unsigned char *bytes;		/* owned; NULL: none to be had */
	size_t n;
};

/*
 * body_check - a statement's digest always; where the office's keys are
 * known, that it is a statement, to this log, by one of its roles, and behind
 * that role's last; a parcel's digest if asked for.
 * An exit code; says what cannot be had, but leaves EXIT_CLAIM's words in b.
 */
MUST_USE int body_check(struct bodies *b, const struct entry *e);
void bodies_wipe(struct bodies *b);

#endif
