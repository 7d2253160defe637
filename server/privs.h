/* SPDX-License-Identifier: ISC */
/*
 * privs.h - giving up rights: user, groups, capabilities, core dumps.
 *
 * Rights only shrink.  The parent gives them up before it starts the roles;
 * each role repeats what an exec resets.
 */
#ifndef ECR_PRIVS_H
#define ECR_PRIVS_H

#include <stdbool.h>
#include <sys/types.h>

#include "crypto/err.h"

struct privs_user {
	bool set;		/* false: stay who we are */
	uid_t uid;
	gid_t gid;
};

/* The user's numbers; an empty name sets nothing.  ERR_NOTFOUND. */
MUST_USE int privs_user(struct privs_user *u, const char *name);

/*
 * privs_std_open - what stands closed of descriptors 0 to 2 becomes
 * /dev/null, so that no file or socket of ours is taken for it.  Before
 * anything is opened.
 */
MUST_USE int privs_std_open(void);

/*
 * privs_quiet - no core dumps, not dumpable, umask 077.  First of all, in
 * every program and role, before a key is read.
 */
MUST_USE int privs_quiet(void);

/*
 * privs_drop - become u, keep no group, no capability, none in the bounding
 * set that we may take out of it, and nothing gained by exec.  Checked
 * afterwards.  Errors: ERR_IO (errno), ERR_ORDER (something was left).
 */
MUST_USE int privs_drop(const struct privs_user *u);

/*
 * privs_role - a role's own part, right after exec: privs_quiet(), drop what
 * exec may have given back, die with the parent, close every descriptor from
 * first on.
 */
MUST_USE int privs_role(unsigned first);

#endif
