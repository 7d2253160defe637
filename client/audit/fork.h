/* SPDX-License-Identifier: ISC */
/*
 * fork.h - is what is served now another log than the one signed before?
 */
#ifndef ECR_AUDIT_FORK_H
#define ECR_AUDIT_FORK_H

#include <stdbool.h>

#include "client/audit/source.h"
#include "client/audit/walk.h"
#include "crypto/proof.h"
#include "crypto/tree.h"

/*
 * The newer log holds by itself, and its first old->size entries have the
 * root `begins`: proof is that of RFC 9162 from there to the newer root, so
 * that a third party sees it from the two signed notes and this alone.
 */
struct fork {
	bool differs;			/* begins is not the older root */
	unsigned char begins[HASH_BYTES];
	struct proof proof;
};

/*
 * fork_look - reads the whole newer log once more.  0 < old->size < now's.
 * Errors: those of walk_run(): ERR_CHANGED: res says what does not hold.
 */
MUST_USE int fork_look(struct fork *f, struct source *src,
    const struct checkpoint *old, const struct checkpoint *now,
    struct walk_result *res);

#endif
