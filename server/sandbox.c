/* SPDX-License-Identifier: ISC */
/*
 * sandbox.c - enter both layers, or say why not.
 *
 * Refuses to go on half-caged: any step that fails is an error.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "server/log.h"
#include "server/sandbox_int.h"

/*
 * Landlock binds the calling thread only.  A task directory has a link for
 * itself, one for its name, one for each thread.
 */
static bool
is_single_threaded(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) == 0 && st.st_nlink == 3;
}

/* see sandbox.h */
int
sandbox_enter(enum sandbox_role role, int datadir_fd, int guard_fd)
{
	int r;

	if (!is_single_threaded()) {
		diag("sandbox: not single-threaded, or no /proc here");
		return ERR_ORDER;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		diag("sandbox: no_new_privs: %s", strerror(errno));
		return ERR_IO;
	}
	if ((r = sandbox_files(role, datadir_fd, guard_fd)) != 0)
		return r;
	return sandbox_calls(role);
}
