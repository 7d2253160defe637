/* SPDX-License-Identifier: ISC */
/*
 * mat2.c - run mat2 on one file, in a sandbox of our own.
 *
 * mat2 cages the tools that it calls, but takes pictures, PDFs and archives
 * apart in its own process; here the whole of it is in the cage, and its own
 * one, which would be a cage in a cage, is off.  The sandbox's processes end
 * with it and with us, so that nobody writes to the folder afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/report/mat2.h"
#include "client/report/stop.h"

#define MAT2_SECS	600	/* for one file */
#define ARGS_MAX	96
#define WORK		"/work"	/* the folder, as seen inside */

static const char *const places[] = { "/usr/bin/", "/usr/local/bin/", NULL };

/* The cage but for its one writable folder. */
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

/* In the child: nothing of ours but these arguments goes along. */
static void __attribute__((noreturn))
become(const char *const *argv)
{
	static char *const no_env[] = { NULL };
	char *args[ARGS_MAX];
	sigset_t none;
	size_t i;
	int null;

	for (i = 0; argv[i] != NULL; i++)
		args[i] = (char *)(uintptr_t)argv[i];	/* exec writes none */
	args[i] = NULL;
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0 || close_range(3, ~0u, 0) != 0)
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

/* The cage, a folder of it to write in (or none), and a program in it. */
static int
run_caged(const char *folder, const char *const *program, int *status)
{
	const char *argv[ARGS_MAX];
	char bwrap[64];
	size_t n = 0, i;
	pid_t pid;

	if ((argv[n++] = find("bwrap", bwrap)) == NULL)
		return ERR_NOTFOUND;
	for (i = 0; cage[i] != NULL; i++)
		argv[n++] = cage[i];
	if (folder != NULL) {
		argv[n++] = "--bind";
		argv[n++] = folder;
		argv[n++] = WORK;
		argv[n++] = "--chdir";
		argv[n++] = WORK;
	}
	for (i = 0; program[i] != NULL; i++)
		argv[n++] = program[i];
	argv[n] = NULL;
	if ((pid = fork()) < 0)
		return ERR_IO;
	if (pid == 0)
		become(argv);
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
	r = run_caged(NULL, nothing, &status);
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
mat2_run(const char *folder, const char *name)
{
	char path[64], file[64];
	const char *program[] = { path, "--no-sandbox", file, NULL };
	int status = 0, r;

	if (find("mat2", path) == NULL ||
	    (size_t)snprintf(file, sizeof(file), "./%s", name) >=
	    sizeof(file))
		return ERR_IO;
	if ((r = run_caged(folder, program, &status)) != 0)
		return r;
	return went_well(status) ? 0 : ERR_FORMAT;
}
