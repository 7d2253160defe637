/* SPDX-License-Identifier: ISC */
/*
 * blame.h - entries and hashes that do not fit: which of them were signed?
 *
 * A walk says at which file it stopped. Bundles and tiles carry no signature
 * of their own, so that it may be the other one that was altered; and an
 * entry that must not stand there may be the log's own doing.  The hashes that
 * fold up to the signed root tell.
 */
#ifndef ECR_AUDIT_BLAME_H
#define ECR_AUDIT_BLAME_H

#include <stdbool.h>
#include <stdint.h>

#include "client/audit/source.h"
#include "client/audit/walk.h"
#include "crypto/tree.h"

struct blame {
	char name[80];		/* of the object that is wrong */
	const char *says;	/* plain words; static */
	bool has_index;
	uint64_t index;		/* of the entry */
};

/*
 * blame_find - res says what did not hold under c.  Where the hashes cannot
 * be had, or do not give the root either, *b is what the walk said.
 */
void blame_find(struct blame *b, struct source *src,
    const struct checkpoint *c, const struct walk_result *res);

#endif
