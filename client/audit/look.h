/* SPDX-License-Identifier: ISC */
/*
 * look.h - one look at a log: its newest signed tree, who cosigned it, and
 * what to say and to write down where something does not hold.
 */
#ifndef ECR_AUDIT_LOOK_H
#define ECR_AUDIT_LOOK_H

#include "client/audit/evidence.h"
#include "client/audit/keys.h"
#include "client/audit/prove.h"
#include "client/audit/source.h"
#include "client/audit/state.h"
#include "client/audit/walk.h"
#include "crypto/cosign.h"

struct look {
	struct source *src;
	struct keys *keys;		/* audit_keys_ask() fills in the rest */
	const char *evidence;		/* file for what does not hold, or NULL */
	struct signed_tree now;
	struct cosigners by;		/* after look_quorum() */
};

/* All return exit codes, and say on stderr what is wrong. */

/* The keys, then the newest checkpoint: signed by the log, or EXIT_CLAIM. */
MUST_USE int look_begin(struct look *l);
/* Enough witnesses, or EXIT_CLAIM. */
MUST_USE int look_quorum(struct look *l);
void look_end(struct look *l);

/* What two signed heads say: EXIT_CLAIM for a shorter log, or two of a size. */
MUST_USE int look_heads(const struct look *l, const struct signed_tree *old);
/*
 * What a walk over all of the newer log passed by (walk.h, `at`) is the older
 * one; else as look_fork().
 */
MUST_USE int look_past(const struct look *l, const struct signed_tree *old,
    struct walk_result *res);
/* f differs: a log that does not extend the older one: EXIT_CLAIM. */
MUST_USE int look_fork(const struct look *l, const struct signed_tree *old,
    const struct fork *f);

/* e written down, with the log and its checkpoint filled in: EXIT_CLAIM. */
MUST_USE int look_claim(const struct look *l, struct evidence *e);
/* An object could not be had: no finding. */
MUST_USE int look_no_answer(const struct look *l, const char *name, int r);
/*
 * What walk_run() returned other than 0.  An object that went away because
 * the log has grown meanwhile is no finding.
 */
MUST_USE int look_broken(const struct look *l, int r,
    const struct walk_result *res);

#endif
