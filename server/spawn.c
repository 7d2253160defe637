/* SPDX-License-Identifier: ISC */
/*
 * spawn.c - start a role.
 *
 * Each role is a fresh exec, so that address layouts differ and nothing of
 * the parent's memory is left in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/role.h"
#include "server/spawn.h"

#define SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

/* Each to its number; first away from where another one must stand. */
static int
place(const int *fds, size_t n, int config, int quiet)
{
	const int base = ROLE_FD_PARENT + (int)n + 1;
	int moved[SPAWN_FDS_MAX + 1];
	size_t i;

	if ((quiet = fcntl(quiet, F_DUPFD_CLOEXEC, base)) == -1)
		return -1;
	for (i = 0; i <= n; i++) {
		moved[i] = fcntl(i < n ? fds[i] : config, F_DUPFD_CLOEXEC,
		    base);
		if (moved[i] == -1)
			return -1;
	}
	for (i = 0; i <= n; i++)
		if (dup2(moved[i], ROLE_FD_PARENT + (int)i) == -1)
			return -1;
	return dup2(quiet, 0) == -1 || dup2(quiet, 1) == -1 ? -1 : 0;
}

/* In the child; comes back only when it failed. */
static void
become_role(const char *name, const int *fds, size_t n, int config, int quiet)
{
	char title[64], count[24], self[] = "/proc/self/exe";
	char *argv[] = { title, count, NULL }, *env[] = { NULL };
	sigset_t none;

	(void)snprintf(title, sizeof(title), ROLE_TITLE "%s", name);
	(void)snprintf(count, sizeof(count), "%zu", n);
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) != 0 ||
	    place(fds, n, config, quiet) != 0)
		return;
	(void)execve(self, argv, env);
}

/* see spawn.h */
pid_t
spawn_role(const char *name, const int *fds, size_t n, int config, int quiet)
{
	pid_t pid;

	if (n > SPAWN_FDS_MAX) {
		errno = EMFILE;
		return -1;
	}
	if ((pid = fork()) == 0) {
		become_role(name, fds, n, config, quiet);
		_exit(71);
	}
	return pid;
}

/* see spawn.h */
int
spawn_memfd(struct rd bytes)
{
	int fd = memfd_create("file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n;

	if (fd == -1)
		return -1;
	while (!rd_done(&bytes)) {
		n = write(fd, bytes.p, bytes.n);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0 || !rd_skip(&bytes, (size_t)n))
			goto bad;
	}
	if (lseek(fd, 0, SEEK_SET) != 0 || fcntl(fd, F_ADD_SEALS, SEALS) != 0)
		goto bad;
	return fd;
bad:
	(void)close(fd);
	return -1;
}

/* see spawn.h */
int
spawn_copy(int fd)
{
	unsigned char *buf;
	size_t n = 0;
	ssize_t got = 1;
	int out = -1;

	if (fd == -1)
		return spawn_memfd(rd_from(NULL, 0));
	/* Locked and wiped: it may be the TLS key. */
	if ((buf = sodium_malloc(SPAWN_FILE_MAX)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	while (got != 0 && n < SPAWN_FILE_MAX) {
		got = pread(fd, buf + n, SPAWN_FILE_MAX - n, (off_t)n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			goto out;
		n += (size_t)got;
	}
	if (n == SPAWN_FILE_MAX)
		errno = EFBIG;
	else
		out = spawn_memfd(rd_from(buf, n));
out:
	sodium_free(buf);
	return out;
}
