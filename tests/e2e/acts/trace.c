/* SPDX-License-Identifier: ISC */
/*
 * trace.c - one process under ptrace; see trace.h.
 */
#include "tests/e2e/acts/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_SECS	10
#define OPTIONS		(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | \
			 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
			 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

struct scratch paper;
pid_t victim;

void
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

void
trace_begin(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };

	(void)sigaction(SIGALRM, &sa, NULL);
}

long
pt(long request, pid_t pid, unsigned long addr, unsigned long data)
{
	long r = ptrace((enum __ptrace_request)request, pid, addr, data);

	if (r == -1 && errno != ESRCH)
		die("ptrace");
	return r;
}

/* Goes on until it stops or ends; false: it hangs. */
bool
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

bool
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
long
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
long
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

long
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
void
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

/* --- beginnings and ends ------------------------------------------------------ */

void
reap(pid_t pid)
{
	int status;

	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && !is_dead(status))
		(void)ptrace(PTRACE_CONT, pid, 0, 0);
}

/* What it has made by fork() is ours to trace, and to end. */
void
end_child(pid_t pid)
{
	unsigned long child = 0;

	if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) == 0 && child > 1 &&
	    (pid_t)child != pid)
		reap((pid_t)child);
}

void
begin_trace(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		die("a process to trace");
	pt(PTRACE_SEIZE, pid, 0, OPTIONS);
	(void)kill(pid, SIGCONT);
}
