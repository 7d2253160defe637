/* SPDX-License-Identifier: ISC */
/*
 * sandbox.h - what each role may still ask of the kernel.
 *
 * Two layers.  Landlock takes the file system away: a front keeps nothing,
 * the store its data directory and the guard, the parent may read but write
 * nowhere else; a round of calls to witnesses reads what a resolver reads.
 * seccomp takes system calls away: what a role needs is listed, what is
 * dangerous kills the process, what is unknown but harmless fails with
 * ENOSYS, so that a newer C library finds its older way.
 *
 * There is no best effort: a kernel that cannot do both is refused.
 */
#ifndef ECR_SANDBOX_H
#define ECR_SANDBOX_H

#include "crypto/err.h"

enum sandbox_role {
	SANDBOX_PARENT, SANDBOX_STORE, SANDBOX_FRONT,
	SANDBOX_KEEPER,			/* of the witness role */
	SANDBOX_WITNESS			/* one round of it */
};

#define SANDBOX_LANDLOCK_LEAST	2	/* the oldest Landlock ABI we take */

/*
 * sandbox_enter - for good, as the last step before the loop.
 *
 * role        the store and the fronts call this after everything that they
 *             must open by name outside the data directory, before IPC_READY
 * datadir_fd  the data directory, for parent and store; else -1.  It stays
 *             the caller's
 * guard_fd    the guard's folder, in the same way
 *
 * After it: no new program, no socket() or connect(), no executable memory,
 * no other process; open() answers EACCES in a front, and in the store
 * outside the data directory.  A round of the witness role alone may connect,
 * and have threads; fork() is the parent's and the keeper's alone.  The process is
 * single-threaded when it calls this (checked) and stays so.
 * Errors: ERR_ORDER (this kernel cannot; said with diag()), ERR_IO.
 */
MUST_USE int sandbox_enter(enum sandbox_role role, int datadir_fd,
    int guard_fd);

/* Which Landlock ABI this kernel has; 0: none. */
int sandbox_landlock_abi(void);

#endif
