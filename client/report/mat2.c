/* SPDX-License-Identifier: ISC */
/*
 * mat2.c - run mat2 on one file, in a sandbox of our own.
 *
 * mat2 cages the tools that it calls, but takes pictures, PDFs and archives
 * apart in its own process; here the whole of it is in the cage, and its own
 * one, which would be a cage in a cage, is off.  The sandbox's processes end
 * with it and with us (SIGKILL included), and its memory with them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/report/mat2.h"
#include "client/report/stop.h"

#define MAT2_SECS	600	/* for one file */
#define ARGS_MAX	96
#define IN_FD		3	/* where the child has the file */
#define IN_FD_TEXT	"3"

static const char *const places[] = { "/usr/bin/", "/usr/local/bin/", NULL };

/* Words of ours alone; $0 is mat2, $1 and $2 the names of the two files. */
static const char script[] = "\"$0\" --no-sandbox \"$1\" >/dev/null 2>&1 && "
    "exec cat \"$2\"";

/* The cage; --tmpfs is memory of its own. */
static const char *const cage[] = {
	"--unshare-all", "--die-with-parent", "--new-session",
	"--cap-drop", "ALL",
	"--ro-bind", "/usr", "/usr",
	"--ro-bind-try", "/lib", "/lib",
	"--ro-bind-try", "/lib64", "/lib64",
	"--ro-bind-try", "/bin", "/bin",
	"--ro-bind-try", "/sbin", "/sbin",
	"--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
	"--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
	"--ro-bind-try", "/etc/fonts", "/etc/fonts",
	"--ro-bind-try", "/etc/mime.types", "/etc/mime.types",
	"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
	"--tmpfs", "/work", "--chdir", "/work",
	"--clearenv",
	"--setenv", "PATH", "/usr/bin:/bin",
	"--setenv", "HOME", "/tmp",
	"--setenv", "LC_ALL", "C.UTF-8",
	NULL
};

/* Never by $PATH: a stranger's folder may stand in it. */
static const char *
find(const char *name, char path[static 64])
{
	size_t i;

	for (i = 0; places[i] != NULL; i++) {
		snprintf(path, 64, "%s%s", places[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

/* What the child keeps open: /dev/null, out, and in. */
static bool
set_files(int in, int out)
{
	int null = open("/dev/null", O_RDWR);

	/* Out of the way first: each may already be what another becomes. */
	if (null < 0 || (null = fcntl(null, F_DUPFD, 16)) < 0 ||
	    (in >= 0 && (in = fcntl(in, F_DUPFD, 16)) < 0) ||
	    (out >= 0 && (out = fcntl(out, F_DUPFD, 16)) < 0))
		return false;
	if (dup2(null, 0) < 0 || dup2(out >= 0 ? out : null, 1) < 0 ||
	    dup2(null, 2) < 0 || (in >= 0 && dup2(in, IN_FD) < 0))
		return false;
	return close_range(in >= 0 ? IN_FD + 1 : IN_FD, ~0u, 0) == 0;
}

/* In the child: nothing of ours but these arguments goes along. */
static void __attribute__((noreturn))
become(const char *const *argv, int in, int out)
{
	static char *const no_env[] = { NULL };
	char *args[ARGS_MAX];
	sigset_t none;
	size_t i;

	for (i = 0; argv[i] != NULL; i++)
		args[i] = (char *)(uintptr_t)argv[i];	/* exec writes none */
	args[i] = NULL;
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!set_files(in, out))
		_exit(126);
	execve(args[0], args, no_env);
	_exit(127);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);	/* always there */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until it has ended; a stop or the time limit ends it. */
static int
await(pid_t pid, int *status)
{
	int64_t end = now_ms() + MAT2_SECS * 1000;
	struct pollfd p = { -1, POLLIN, 0 };
	int r = 0;

	p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (p.fd < 0)
		r = ERR_IO;
	while (r == 0 && poll(&p, 1, 500) <= 0) {
		if (report_stop != 0)
			r = ERR_ORDER;
		else if (now_ms() > end)
			r = ERR_IO;
	}
	if (p.fd >= 0)
		close(p.fd);
	if (r != 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return ERR_IO;
	return r == 0 && report_stop != 0 ? ERR_ORDER : r;
}

/* A program in the cage; more: words for bwrap itself, or NULL. */
static int
run_caged(const char *const *more, const char *const *program, int in,
    int out, int *status)
{
	const char *argv[ARGS_MAX];
	char bwrap[64];
	size_t n = 0, i;
	pid_t pid;

	if ((argv[n++] = find("bwrap", bwrap)) == NULL)
		return ERR_NOTFOUND;
	for (i = 0; cage[i] != NULL; i++)
		argv[n++] = cage[i];
	for (i = 0; more != NULL && more[i] != NULL; i++)
		argv[n++] = more[i];
	for (i = 0; program[i] != NULL; i++)
		argv[n++] = program[i];
	argv[n] = NULL;
	if ((pid = fork()) < 0)
		return ERR_IO;
	if (pid == 0)
		become(argv, in, out);
	return await(pid, status);
}

static bool
went_well(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* see mat2.h */
int
mat2_ready(void)
{
	static const char *const nothing[] = { "/usr/bin/true", NULL };
	char path[64];
	int status = 0, r;

	if (find("mat2", path) == NULL || find("bwrap", path) == NULL) {
		warn("to strip attachments, mat2 and bubblewrap must be "
		    "installed");
		return ERR_NOTFOUND;
	}
	r = run_caged(NULL, nothing, -1, -1, &status);
	if (r == ERR_ORDER)
		return r;
	if (r != 0 || !went_well(status)) {
		warn("bubblewrap cannot make a sandbox here; without one, "
		    "attachments are not stripped");
		return ERR_NOTFOUND;
	}
	return 0;
}

/* see mat2.h */
int
mat2_strip(int *out, int in, const char *ending)
{
	char mat2[64], from[32], to[32], inside[48];
	const char *more[] = { "--file", IN_FD_TEXT, inside, NULL };
	const char *program[] = { "/bin/sh", "-c", script, mat2, from, to,
	    NULL };
	int fd, status = 0, r;

	*out = -1;
	snprintf(from, sizeof(from), "./a.%s", ending);
	snprintf(to, sizeof(to), "./a.cleaned.%s", ending);
	snprintf(inside, sizeof(inside), "/work/a.%s", ending);
	if (find("mat2", mat2) == NULL || lseek(in, 0, SEEK_SET) != 0)
		return ERR_IO;
	if ((fd = memfd_create("copy", MFD_CLOEXEC)) < 0)
		return ERR_IO;
	r = run_caged(more, program, in, fd, &status);
	if (r == 0 && !went_well(status))
		r = ERR_FORMAT;
	if (r != 0)
		close(fd);
	else
		*out = fd;
	return r;
}
