/* SPDX-License-Identifier: ISC */
/*
 * editor.c - a text written in the officer's editor, in memory alone.
 *
 * Refuses to begin where there is no file system in memory to write to.
 *
 * Invariant: the folder is gone when editor_run() returns; one that a killed
 * program left is removed by the next.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/editor.h"
#include "client/desk/leftover.h"

#define PATH_CHARS	4096
#define FILE_NAME	"answer.txt"
#define DEPTH_MAX	6

struct room {
	char path[PATH_CHARS];
	int fd;				/* the folder, held */
};

/* The editor, while there is one: whoever ends us ends it first. */
static volatile sig_atomic_t child;

static void
on_signal(int sig)
{
	if (child > 0)
		kill((pid_t)child, sig);
}

/* --- the folder -------------------------------------------------------- */

static bool
is_in_memory(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (fs.f_type == TMPFS_MAGIC ||
	    fs.f_type == RAMFS_MAGIC) && access(path, W_OK | X_OK) == 0;
}

static int
room_open(struct room *m)
{
	const char *const where[] = { getenv("XDG_RUNTIME_DIR"), "/dev/shm" };
	char place[PATH_CHARS - 64];
	size_t i;
	int n;

	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		if (where[i] == NULL || !is_in_memory(where[i]))
			continue;
		n = snprintf(place, sizeof(place), "%s/ecrdesk-edit",
		    where[i]);
		if (n < 0 || (size_t)n >= sizeof(place))
			continue;
		leftover_clean(place);
		if (leftover_name(m->path, sizeof(m->path), place) == 0 &&
		    (m->fd = leftover_make(m->path)) >= 0)
			return 0;
	}
	return fail(EXIT_CANTCREATE, "there is no file system in memory for "
	    "the editor (XDG_RUNTIME_DIR, /dev/shm); use -f FILE or -f -");
}

static void
wipe_file(int dirfd, const char *name)
{
	static const unsigned char zeros[4096];
	struct stat st;
	off_t left;
	int fd;

	fd = openat(dirfd, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		for (left = st.st_size; left > 0;
		    left -= (off_t)sizeof(zeros))
			if (write(fd, zeros, sizeof(zeros)) < 0)
				break;
	close(fd);
}

/* Overwrites every file below; what cannot be is removed all the same. */
static void
wipe_below(int dirfd, int depth)
{
	struct dirent *e;
	DIR *d;
	int fd;

	if ((fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC)) < 0)
		return;
	if ((d = fdopendir(fd)) == NULL) {
		close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		wipe_file(fd, e->d_name);
		if (depth == 0 || (dirfd = openat(fd, e->d_name, O_RDONLY |
		    O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
			continue;
		wipe_below(dirfd, depth - 1);
		close(dirfd);
	}
	closedir(d);
}

static void
room_close(struct room *m)
{
	wipe_below(m->fd, DEPTH_MAX);
	leftover_remove(m->path);
	close(m->fd);
}

/* --- the editor -------------------------------------------------------- */

/* In the child: its home and its temporary files are in the room. */
static void
become_editor(const struct room *m, const sigset_t *before, pid_t parent)
{
	const char *ed = getenv("VISUAL");
	char command[PATH_CHARS];

	if (ed == NULL || ed[0] == '\0')
		ed = getenv("EDITOR");
	if (ed == NULL || ed[0] == '\0')
		ed = "vi";
	sigprocmask(SIG_SETMASK, before, NULL);
	/* Nobody wipes the room before an editor that outlives us. */
	if (prctl(PR_SET_PDEATHSIG, SIGHUP) != 0 || getppid() != parent)
		_exit(126);
	if ((size_t)snprintf(command, sizeof(command), "exec %s " FILE_NAME,
	    ed) >= sizeof(command) || fchdir(m->fd) != 0 ||
	    setenv("HOME", m->path, 1) != 0 ||
	    setenv("TMPDIR", m->path, 1) != 0 ||
	    setenv("XDG_CACHE_HOME", m->path, 1) != 0 ||
	    setenv("XDG_STATE_HOME", m->path, 1) != 0 ||
	    setenv("XDG_DATA_HOME", m->path, 1) != 0)
		_exit(126);
	umask(077);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static const int caught[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
#define NCAUGHT	(sizeof(caught) / sizeof(caught[0]))

/* From the terminal they reach the editor anyway; from elsewhere, so. */
static void
catch_signals(struct sigaction *old, bool on)
{
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < NCAUGHT; i++)
		if (on)
			sigaction(caught[i], &sa, &old[i]);
		else
			sigaction(caught[i], &old[i], NULL);
}

/* Its exit status, or -1. */
static int
run(const struct room *m)
{
	struct sigaction old[NCAUGHT];
	sigset_t block, before;
	int status = -1;
	const pid_t self = getpid();
	size_t i;
	pid_t pid, r;

	sigemptyset(&block);
	for (i = 0; i < NCAUGHT; i++)
		sigaddset(&block, caught[i]);
	sigprocmask(SIG_BLOCK, &block, &before);
	if ((pid = fork()) == 0)
		become_editor(m, &before, self);
	child = pid;
	catch_signals(old, true);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid > 0)
		do
			r = waitpid(pid, &status, 0);
		while (r < 0 && errno == EINTR);
	child = 0;
	catch_signals(old, false);
	return pid > 0 ? status : -1;
}

/* see editor.h */
int
editor_run(unsigned char **out, size_t *n, size_t max)
{
	struct room m;
	int code, status, r;

	*out = NULL;
	if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0)
		return fail(EXIT_USAGE, "there is no terminal for an editor; "
		    "use -f FILE or -f -");
	if ((code = room_open(&m)) != 0)
		return code;
	if ((r = file_write_at(m.fd, FILE_NAME, rd_from("", 0), 0600,
	    false)) != 0)
		code = fail(EXIT_CANTCREATE, "%s: %s", m.path, err_str(r));
	else if ((status = run(&m)) != 0)
		code = fail(EXIT_CANTCREATE, "the editor did not end well; "
		    "nothing is queued");
	else if ((r = file_read_at(out, n, m.fd, FILE_NAME, max)) != 0)
		code = fail(exit_for(r), "what the editor wrote: %s",
		    err_str(r));
	room_close(&m);
	return code;
}
