/* SPDX-License-Identifier: ISC */
/*
 * acts.c - try every forbidden act in the living roles of the real server.
 *
 *   acts CONF SECRET FOLDER
 *
 * It starts "ecrdropd -c CONF", traces it and what it forks, and waits for
 * "ready".  Then each role is halted where it makes a system call of its own,
 * and that call is exchanged for a forbidden one: real process, real moment,
 * real filters, and no help of the process.  Acts that kill cost a role; a
 * new server is started for the next ones.  Before all that every act is
 * tried in a process without a cage: the control.
 *
 * Needs no rights over a process that may not be traced: all is laid out at
 * its exec, before it becomes undumpable.  x86-64.
 */
#include "tests/e2e/acts/trace.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROLES		3
#define PROCS_MAX	64
#define ROUNDS_MAX	120
#define HALT_SECS	10

static const char *const role_name[ROLES] = { "front", "store", "parent" };
static int abi;
static bool done[ROLES][ACTS_MAX];
static unsigned ntried[ROLES], nbad;

/* --- the server --------------------------------------------------------------- */

static struct proc {
	pid_t pid;
	int role;
	bool caught;		/* it has stopped for us */
} procs[PROCS_MAX];
static size_t nprocs;

static struct proc *
find(pid_t pid)
{
	size_t i;

	for (i = 0; i < nprocs; i++)
		if (procs[i].pid == pid)
			return &procs[i];
	if (nprocs == PROCS_MAX)
		die("too many processes");
	memset(&procs[nprocs], 0, sizeof(procs[0]));
	procs[nprocs].pid = pid;
	return &procs[nprocs++];
}

/* One report of the kernel while the server starts. */
static void
follow(pid_t pid, int status)
{
	int event = status >> 16, sig = WSTOPSIG(status);

	(void)find(pid);
	if (is_dead(status))
		return;
	if (event == PTRACE_EVENT_EXEC)
		lay_out(pid);
	if (event != 0 || sig == (SIGTRAP | 0x80))
		sig = 0;
	pt(PTRACE_CONT, pid, 0, (unsigned long)sig);
}

static void
follow_all(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
		follow(pid, status);
}

/* Until it says ready; its words go on to our standard error. */
static void
await_ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char text[8192];
	size_t n = 0;
	ssize_t got;
	int idle = 0;

	while (idle < 3000) {
		follow_all();
		if (poll(&p, 1, 10) == 0) {
			idle++;
			continue;
		}
		if ((got = read(fd, text + n, sizeof(text) - 1 - n)) <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
		if (strstr(text, "ecrdropd: ready\n") != NULL)
			return;
	}
	fprintf(stderr, "%.*s", (int)n, text);
	errno = 0;
	die("the server did not get ready");
}

static int
role_of(pid_t pid, pid_t server)
{
	char path[64], comm[32] = "";
	FILE *f;

	if (pid == server)
		return 2;
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if ((f = fopen(path, "r")) == NULL)
		return -1;
	if (fgets(comm, sizeof(comm), f) == NULL)
		comm[0] = '\0';
	(void)fclose(f);
	return strcmp(comm, "ecrdrop-front\n") == 0 ? 0 :
	    strcmp(comm, "ecrdrop-store\n") == 0 ? 1 : -1;
}

/* All stand still, so that nobody notices what becomes of another. */
static void
halt_all(pid_t server)
{
	size_t i;
	int status;

	for (i = 0; i < nprocs; i++) {
		procs[i].role = role_of(procs[i].pid, server);
		if (procs[i].role == -1)
			continue;
		(void)ptrace(PTRACE_INTERRUPT, procs[i].pid, 0, 0);
		alarm(HALT_SECS);
		if (waitpid(procs[i].pid, &status, __WALL) != procs[i].pid)
			die("a role that does not halt");
		alarm(0);
		procs[i].caught = !is_dead(status);
	}
}

static pid_t
server_start(const char *conf, int *words)
{
	int fd[2];
	pid_t pid;

	nprocs = 0;
	if (pipe2(fd, O_CLOEXEC) != 0 || (pid = fork()) == -1)
		die("fork");
	if (pid == 0) {
		if (dup2(fd[1], 2) == -1)
			_exit(71);
		(void)raise(SIGSTOP);
		(void)execlp("ecrdropd", "ecrdropd", "-c", conf, (char *)NULL);
		_exit(127);
	}
	(void)close(fd[1]);
	begin_trace(pid);
	*words = fd[0];
	await_ready(fd[0]);
	return pid;
}

static void
server_end(pid_t server, int words)
{
	int status;
	size_t i;
	pid_t pid;

	(void)kill(server, SIGKILL);
	for (i = 0; i < nprocs; i++)
		if (procs[i].pid != server)
			(void)kill(procs[i].pid, SIGKILL);
	/* What was reaped before is not waited for: ECHILD ends it. */
	for (i = 0; i < nprocs; i++)
		while ((pid = waitpid(procs[i].pid, &status, __WALL)) > 0 &&
		    !is_dead(status))
			(void)ptrace(PTRACE_CONT, pid, 0, 0);
	(void)close(words);
}

/* --- the verdict ----------------------------------------------------------------- */

static bool
fits(char want, long r)
{
	switch (want) {
	case 'K':
		return r == R_KILLED - SIGSYS;
	case 'A':
		return r == -EACCES;
	case 'N':
		return r == -ENOSYS;
	case 'P':
		return r == -EPERM;
	case 'L':
		return r == -EACCES || r == -EPERM || r == -EXDEV;
	case 'S':
		return r == -EPERM || abi < 6;
	default:
		return false;
	}
}

static void
print_result(char *buf, size_t n, long r)
{
	if (r <= R_KILLED)
		(void)snprintf(buf, n, "killed by %ld", R_KILLED - r);
	else if (r < 0)
		(void)snprintf(buf, n, "%s", strerrorname_np((int)-r));
	else
		(void)snprintf(buf, n, "%s",
		    r == R_HANG ? "waits" : "done");
}

static void
judge(int role, size_t i, long r)
{
	char got[64], outside[64];
	bool good = fits(acts[i].verdict[role], r);

	done[role][i] = true;
	ntried[role]++;
	print_result(got, sizeof(got), r);
	print_result(outside, sizeof(outside), control[i]);
	printf("%s %-6s  %-40s %-16s without: %s\n", good ? "ok " : "BAD",
	    role_name[role], acts[i].name, got, outside);
	if (!good)
		nbad++;
}

/* What does not kill comes first, so that one role answers all of it. */
static bool
next_act(int role, size_t *act)
{
	size_t i;
	int kills;

	for (kills = 0; kills < 2; kills++)
		for (i = 0; i < nacts; i++)
			if (!done[role][i] && acts[i].verdict[role] != '-' &&
			    (acts[i].verdict[role] == 'K') == kills) {
				*act = i;
				return true;
			}
	return false;
}

/* Acts in one process, until one ends it; an honest call first. */
static void
try_in(const struct proc *p)
{
	static const uint64_t none[6];
	struct user_regs_struct home;
	size_t i;
	long r;

	if (!next_act(p->role, &i))
		return;
	if (to_entry(p->pid, &home) != 0 ||
	    exchange(p->pid, &home, SYS_getpid, none) != p->pid)
		die("getpid() in a role");
	while (next_act(p->role, &i)) {
		r = do_act(p->pid, &home, &acts[i]);
		judge(p->role, i, r);
		if (r == R_EVENT)
			end_child(p->pid);
		if (r <= R_KILLED || r >= R_EVENT || acts[i].step.nr ==
		    FLAG_INT80)
			return;
	}
}

static bool
anything_left(void)
{
	size_t i;
	int role;

	for (role = 0; role < ROLES; role++)
		if (next_act(role, &i))
			return true;
	return false;
}

static void
round_of(const char *conf)
{
	int words, role;
	pid_t server;
	size_t i;

	server = server_start(conf, &words);
	halt_all(server);
	for (role = 0; role < ROLES; role++)
		for (i = 0; i < nprocs; i++)
			if (procs[i].role == role && procs[i].caught)
				try_in(&procs[i]);
	server_end(server, words);
}

int
main(int argc, char **argv)
{
	unsigned rounds = 0, n;

	if (argc != 4)
		return 64;
	setvbuf(stdout, NULL, _IOLBF, 0);
	trace_begin();
	abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	write_paper(argv[2], argv[3]);
	victim = new_victim(false);
	n = control_all();
	while (anything_left() && rounds++ < ROUNDS_MAX)
		round_of(argv[1]);
	reap(victim);
	printf("%zu acts; without a cage %u of them succeed or fail for their "
	    "arguments alone\ntried: %u in a front, %u in the store, %u in the "
	    "parent, %u servers; bad: %u\n", nacts, n, ntried[0],
	    ntried[1], ntried[2], rounds, nbad);
	return nbad > 0 || anything_left() ? 1 : 0;
}
