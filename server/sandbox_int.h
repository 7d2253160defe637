/* SPDX-License-Identifier: ISC */
/*
 * sandbox_int.h - the two layers of sandbox.h, for sandbox.c alone.
 */
#ifndef ECR_SANDBOX_INT_H
#define ECR_SANDBOX_INT_H

#include <stddef.h>

#include "server/sandbox.h"

/* Landlock; no_new_privs is set.  ERR_ORDER (too old), ERR_IO. */
MUST_USE int sandbox_files(enum sandbox_role role, int datadir_fd,
    int guard_fd);

/* seccomp.  ERR_ORDER (this kernel cannot), ERR_IO, ERR_NOMEM. */
MUST_USE int sandbox_calls(enum sandbox_role role);

/*
 * What the sanitizers' run-time asks besides, in a build that has them; a
 * plain build has an empty list (sandbox_extra.c).
 */
extern const int sandbox_extra[];
extern const size_t sandbox_nextra;

#endif
