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
#include "tests/e2e/acts.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROLES		3
#define PROCS_MAX	64
#define FRONTS_MAX	32
#define ROUNDS_MAX	120
#define HANG_SECS	10
#define OPTIONS		(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | \
			 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
			 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

/* What became of an act: its result, or one of these. */
enum { R_EVENT = 1 << 20, R_HANG };
#define R_KILLED	(-100000L)	/* less the signal */

static const char *const role_name[ROLES] = { "front", "store", "parent" };
static struct scratch paper;		/* as it is laid out */
static pid_t victim;
static int abi;
static long control[ACTS];
static bool done[ROLES][ACTS];
static unsigned ntried[ROLES], nbad, ncontrolled;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "acts: %s: %s\n", what, strerror(errno));
	exit(71);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* --- one process under ptrace --------------------------------------------- */

static long
pt(long request, pid_t pid, unsigned long addr, unsigned long data)
{
	long r = ptrace((enum __ptrace_request)request, pid, addr, data);

	if (r == -1 && errno != ESRCH)
		die("ptrace");
	return r;
}

/* Goes on until it stops or ends; false: it hangs. */
static bool
step_on(pid_t pid, int request, int *status)
{
	pid_t got;

	if (pt(request, pid, 0, 0) == -1) {
		*status = SIGKILL;	/* it is gone */
		return true;
	}
	alarm(HANG_SECS);
	got = waitpid(pid, status, __WALL);
	alarm(0);
	return got == pid;
}

static bool
is_dead(int status)
{
	return WIFEXITED(status) || WIFSIGNALED(status);
}

static bool
at_entry(pid_t pid)
{
	struct __ptrace_syscall_info info;

	memset(&info, 0, sizeof(info));
	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 &&
	    info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

#define IS_CALL(status)	(WIFSTOPPED(status) && \
			 WSTOPSIG(status) == (SIGTRAP | 0x80))

/*
 * To the entry of the next call that it makes by itself: 0; else R_*.  A
 * killing filter lets the call return before the signal ends the process.
 */
static long
to_entry(pid_t pid, struct user_regs_struct *regs)
{
	int status, tries;

	for (tries = 0; tries < 100; tries++) {
		if (!step_on(pid, PTRACE_SYSCALL, &status))
			return R_HANG;
		if (is_dead(status))
			return R_KILLED - WTERMSIG(status);
		if (IS_CALL(status) && at_entry(pid)) {
			pt(PTRACE_GETREGS, pid, 0, (unsigned long)regs);
			return 0;
		}
	}
	return R_HANG;
}

static void
put_args(struct user_regs_struct *r, long nr, const uint64_t *arg)
{
	r->orig_rax = (unsigned long long)nr;
	r->rdi = arg[0];
	r->rsi = arg[1];
	r->rdx = arg[2];
	r->r10 = arg[3];
	r->r8 = arg[4];
	r->r9 = arg[5];
}

/*
 * It stands at the entry of a call with these registers: another call
 * instead, and back to the entry of the first.  The result, or R_*.
 */
static long
exchange(pid_t pid, struct user_regs_struct *home, long nr,
    const uint64_t *arg)
{
	struct user_regs_struct r = *home;
	int status;
	long end;

	put_args(&r, nr, arg);
	pt(PTRACE_SETREGS, pid, 0, (unsigned long)&r);
	if (!step_on(pid, PTRACE_SYSCALL, &status))
		return R_HANG;
	if (is_dead(status))
		return R_KILLED - WTERMSIG(status);
	if (!IS_CALL(status))
		return R_EVENT;		/* it forked or became another */
	pt(PTRACE_GETREGS, pid, 0, (unsigned long)&r);
	home->rax = home->orig_rax;
	home->rip -= 2;			/* the call once more */
	pt(PTRACE_SETREGS, pid, 0, (unsigned long)home);
	return (end = to_entry(pid, home)) != 0 ? end : (long)r.rax;
}

/* A jump to our own instruction: int 0x80, getpid(). */
static long
call_i386(pid_t pid, struct user_regs_struct *home)
{
	static const uint64_t none[6];
	struct user_regs_struct r = *home;
	int status, i;

	put_args(&r, SYS_getpid, none);
	pt(PTRACE_SETREGS, pid, 0, (unsigned long)&r);
	if (!step_on(pid, PTRACE_SYSCALL, &status) || !IS_CALL(status))
		return R_HANG;
	r = *home;
	r.rip = AT(code);
	r.rax = 20;
	pt(PTRACE_SETREGS, pid, 0, (unsigned long)&r);
	/* Its entry, its end, and then the breakpoint behind it. */
	for (i = 0; i < 3; i++) {
		if (!step_on(pid, PTRACE_SYSCALL, &status))
			return R_HANG;
		if (is_dead(status))
			return R_KILLED - WTERMSIG(status);
		if (i < 2 && !IS_CALL(status))
			return R_KILLED - WSTOPSIG(status);
	}
	return 0;
}

static uint64_t
dynamic(uint64_t v, pid_t pid, long result)
{
	switch (v) {
	case DYN_SELF:
		return (uint64_t)pid;
	case DYN_OTHER:
		return (uint64_t)victim;
	case DYN_RESULT:
		return (uint64_t)result;
	default:
		return v;
	}
}

static long
do_step(pid_t pid, struct user_regs_struct *home, const struct step *s,
    long before)
{
	uint64_t arg[6];
	int i;

	if (s->nr == FLAG_INT80)
		return call_i386(pid, home);
	for (i = 0; i < 6; i++)
		arg[i] = dynamic(s->arg[i], pid, before);
	return exchange(pid, home, s->nr, arg);
}

static long
do_act(pid_t pid, struct user_regs_struct *home, const struct act *a)
{
	long before = 0;

	if (a->before.nr != 0) {
		before = do_step(pid, home, &a->before, 0);
		if (before < R_KILLED / 2 || before >= R_EVENT)
			return before;
	}
	return do_step(pid, home, &a->step, before);
}

/* --- a fresh exec: our paper into its memory ------------------------------- */

/* One call from an instruction that we put under its feet. */
static long
call_at_exec(pid_t pid, long nr, const uint64_t *arg)
{
	struct user_regs_struct home, r;
	unsigned long was;
	int status;

	pt(PTRACE_GETREGS, pid, 0, (unsigned long)&home);
	errno = 0;
	was = (unsigned long)ptrace(PTRACE_PEEKTEXT, pid, home.rip, 0);
	if (errno != 0)
		die("peek");
	pt(PTRACE_POKETEXT, pid, home.rip, (was & ~0xffffUL) | 0x050f);
	r = home;
	put_args(&r, -1, arg);
	r.rax = (unsigned long long)nr;
	pt(PTRACE_SETREGS, pid, 0, (unsigned long)&r);
	if (!step_on(pid, PTRACE_SYSCALL, &status) || !IS_CALL(status) ||
	    !step_on(pid, PTRACE_SYSCALL, &status) || !IS_CALL(status))
		die("a call at exec");
	pt(PTRACE_GETREGS, pid, 0, (unsigned long)&r);
	pt(PTRACE_POKETEXT, pid, home.rip, was);
	pt(PTRACE_SETREGS, pid, 0, (unsigned long)&home);
	return (long)r.rax;
}

/* It stands in the event of its exec; what wants execution is laid first. */
static void
lay_out(pid_t pid)
{
	const uint64_t map[6] = { SCRATCH_AT, SCRATCH_BYTES,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
	    NO_FD, 0 };
	const uint64_t run[6] = { SCRATCH_AT, SCRATCH_SPARE,
	    PROT_READ | PROT_WRITE | PROT_EXEC };
	struct iovec from = { &paper, sizeof(paper) };
	struct iovec to = { (void *)SCRATCH_AT, sizeof(paper) };
	int status;

	if (!step_on(pid, PTRACE_SYSCALL, &status) || !IS_CALL(status))
		die("exec");
	if (call_at_exec(pid, SYS_mmap, map) != (long)SCRATCH_AT ||
	    call_at_exec(pid, SYS_mprotect, run) != 0 ||
	    process_vm_writev(pid, &from, 1, &to, 1, 0) !=
	    (ssize_t)sizeof(paper))
		die("a page of ours in the role");
}

/* --- the control: no cage --------------------------------------------------- */

/* The descriptors as a front has them. */
static void
like_a_front(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int pair[2], fd;
	void *p = mmap((void *)SCRATCH_AT, SCRATCH_BYTES,
	    PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS |
	    MAP_FIXED, -1, 0);

	if (p == MAP_FAILED)
		_exit(70);
	memcpy(p, &paper, sizeof(paper));
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) != 0 ||
	    dup2(pair[0], 3) == -1 || dup2(pair[0], 4) == -1 ||
	    (fd = memfd_create("slots", MFD_ALLOW_SEALING)) == -1 ||
	    ftruncate(fd, 1 << 20) != 0 || dup2(fd, FD_SLOTS) == -1 ||
	    (fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0 ||
	    listen(fd, 8) != 0 || dup2(fd, FD_DOOR) == -1)
		_exit(70);
}

/* Whoever is traced for its calls. */
static void
sit(void)
{
	for (;;)
		(void)poll(NULL, 0, 1000);
}

static pid_t
new_victim(bool traced)
{
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid == 0) {
		like_a_front();
		if (traced)
			(void)raise(SIGSTOP);
		sit();
	}
	return pid;
}

static void
reap(pid_t pid)
{
	int status;

	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && !is_dead(status))
		(void)ptrace(PTRACE_CONT, pid, 0, 0);
}

/* What it has made by fork() is ours to trace, and to end. */
static void
end_child(pid_t pid)
{
	unsigned long child = 0;

	if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) == 0 && child > 1 &&
	    (pid_t)child != pid)
		reap((pid_t)child);
}

static void
begin_trace(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		die("a process to trace");
	pt(PTRACE_SEIZE, pid, 0, OPTIONS);
	(void)kill(pid, SIGCONT);
}

/* The files that acts point at, as they were. */
static void
restore_files(void)
{
	int fd;

	(void)unlink(paper.outside);
	fd = open(paper.outside, O_CREAT | O_WRONLY | O_EXCL, 0600);
	if (fd == -1 || write(fd, "whole\n", 6) != 6)
		die(paper.outside);
	(void)close(fd);
	(void)unlink(paper.created);
	(void)rmdir(paper.created);
	(void)mkdir(paper.other, 0700);
}

static long
control_one(const struct act *a)
{
	struct user_regs_struct home;
	pid_t pid;
	long r;

	restore_files();
	pid = new_victim(true);
	begin_trace(pid);
	if ((r = to_entry(pid, &home)) == 0)
		r = do_act(pid, &home, a);
	if (r == R_EVENT)
		end_child(pid);
	if (r > R_KILLED)
		reap(pid);
	return r;
}

/* Would this machine let a process without a cage do it? */
static bool
is_let(long r)
{
	return r > R_KILLED / 2 && r != -EPERM && r != -EACCES && r != -ENOSYS;
}

static void
control_all(void)
{
	size_t i;

	for (i = 0; i < ACTS; i++) {
		control[i] = control_one(&acts[i]);
		if (is_let(control[i]))
			ncontrolled++;
		else
			printf("control: this machine refuses, too: %s (%ld)\n",
			    acts[i].name, control[i]);
	}
	restore_files();
}

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
		alarm(HANG_SECS);
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
		for (i = 0; i < ACTS; i++)
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

/* --- start -------------------------------------------------------------------------- */

static void
name_file(char *out, size_t n, const char *folder, const char *name)
{
	if (snprintf(out, n, "%s/%s", folder, name) >= (int)n)
		die("a long path");
}

/* Somebody to connect to. */
static in_port_t
listen_here(int type)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0 ||
	    (type == SOCK_STREAM && listen(fd, 8) != 0) ||
	    getsockname(fd, (struct sockaddr *)&in, &n) != 0)
		die("a socket to connect to");
	return in.sin_port;
}

static void
write_paper(const char *secret, const char *folder)
{
	struct scratch *p = &paper;

	memcpy(p->code, "\xcd\x80\xcc", 3);
	strcpy(p->passwd, "/etc/passwd");
	name_file(p->outside, sizeof(p->outside), folder, "outside");
	name_file(p->created, sizeof(p->created), folder, "created");
	name_file(p->other, sizeof(p->other), folder, "other");
	name_file(p->secret, sizeof(p->secret), secret, "log.key");
	strcpy(p->maps, "/proc/self/maps");
	strcpy(p->mem, "/proc/self/mem");
	strcpy(p->null, "/dev/null");
	strcpy(p->tty, "/dev/tty");
	strcpy(p->root, "/");
	strcpy(p->name, "user");
	strcpy(p->program, "/bin/true");
	p->argv[0] = AT(program);
	p->tcp.sin_family = p->udp.sin_family = AF_INET;
	p->tcp.sin_port = listen_here(SOCK_STREAM);
	p->udp.sin_port = listen_here(SOCK_DGRAM);
	p->tcp.sin_addr.s_addr = p->udp.sin_addr.s_addr =
	    htonl(INADDR_LOOPBACK);
	p->unspec.sa_family = AF_UNSPEC;
	p->len = sizeof(p->peer);
	p->on = 1;
	p->iov.iov_base = (void *)AT(zeros);
	p->iov.iov_len = 8;
	p->to_tcp.msg_name = (void *)AT(tcp);
	p->to_tcp.msg_namelen = sizeof(p->tcp);
	p->to_unspec.msg_name = (void *)AT(unspec);
	p->to_unspec.msg_namelen = sizeof(p->unspec);
	p->to_tcp.msg_iov = p->to_unspec.msg_iov = (void *)AT(iov);
	p->to_tcp.msg_iovlen = p->to_unspec.msg_iovlen = 1;
	p->open_how[0] = O_RDONLY;
	p->clone_args[4] = SIGCHLD;
	p->limit[0] = p->limit[1] = ~0ULL;	/* no limit */
	p->filter_len = 1;
	p->filter = AT(ret_allow);
	p->ret_allow.code = 0x06;
	p->ret_allow.k = SECCOMP_RET_ALLOW;
}

int
main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	unsigned rounds = 0;

	if (argc != 4)
		return 64;
	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)sigaction(SIGALRM, &sa, NULL);
	abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	write_paper(argv[2], argv[3]);
	victim = new_victim(false);
	control_all();
	while (anything_left() && rounds++ < ROUNDS_MAX)
		round_of(argv[1]);
	reap(victim);
	printf("%zu acts; without a cage %u of them succeed or fail for their "
	    "arguments alone\ntried: %u in a front, %u in the store, %u in the "
	    "parent, %u servers; bad: %u\n", ACTS, ncontrolled, ntried[0],
	    ntried[1], ntried[2], rounds, nbad);
	return nbad > 0 || anything_left() ? 1 : 0;
}
