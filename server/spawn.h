/* SPDX-License-Identifier: ISC */
/*
 * spawn.h - start a role: fork, fixed descriptors, exec of our own file.
 */
#ifndef ECR_SPAWN_H
#define ECR_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "crypto/err.h"
#include "crypto/rd.h"

#define SPAWN_FDS_MAX	256
#define SPAWN_FILE_MAX	(1u << 20)	/* a certificate, key, keyset */

/*
 * spawn_role - name ("front") becomes argv[0] "ecrdropd: front", n argv[1].
 * fds[0..n-1] stand at ROLE_FD_PARENT and on in the new process, config
 * right after them; standard input and output are quiet, the environment is
 * empty, no signal is blocked.  All descriptors stay the caller's.
 * -1: errno says why.
 */
pid_t spawn_role(const char *name, const int *fds, size_t n, int config,
    int quiet);

/*
 * A sealed memfd of these bytes, or of a file's (fd -1: empty), so that no
 * two processes share an offset.  -1: errno says why (EFBIG: over
 * SPAWN_FILE_MAX).
 */
int spawn_memfd(struct rd bytes);
int spawn_copy(int fd);

#endif
