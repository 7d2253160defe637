/* SPDX-License-Identifier: ISC */
/*
 * sandbox_calls.c - seccomp: which system calls are left.
 *
 * Fronts, store and calls to witnesses: a list of what they need, with
 * conditions where an argument decides; what is dangerous kills the process,
 * all else fails with ENOSYS.  Parent and keeper: all but a list, for the
 * filter passes to what they start, and the needs of the dynamic linker, or
 * of threads, are not ours to know.  A call of another
 * architecture kills everywhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/log.h"
#include "server/sandbox_int.h"

#define F	(1u << SANDBOX_FRONT)
#define S	(1u << SANDBOX_STORE)
#define P	(1u << SANDBOX_PARENT)
#define K	(1u << SANDBOX_KEEPER)
#define W	(1u << SANDBOX_WITNESS)
#define ALL	(F | S | P | K | W)

struct call {
	int nr;
	unsigned roles;
};

/*
 * Allowed whatever the arguments.  tests/e2e/61-calls.sh measures what is
 * used; what is here and was never seen has its reason there.
 */
static const struct call allowed[] = {
	/* descriptors that are open */
	{ SCMP_SYS(read), F | S }, { SCMP_SYS(write), F | S },
	{ SCMP_SYS(close), F | S }, { SCMP_SYS(fstat), F | S },
	{ SCMP_SYS(recvmsg), F | S },
	/* waiting and time */
	{ SCMP_SYS(epoll_wait), F | S }, { SCMP_SYS(epoll_pwait), F | S },
	{ SCMP_SYS(epoll_pwait2), F | S }, { SCMP_SYS(epoll_ctl), F | S },
	{ SCMP_SYS(clock_gettime), F | S },
	{ SCMP_SYS(gettimeofday), F | S }, { SCMP_SYS(time), F | S },
	/* memory */
	{ SCMP_SYS(brk), F | S }, { SCMP_SYS(munmap), F | S },
	{ SCMP_SYS(mremap), F | S }, { SCMP_SYS(mlock), S },
	{ SCMP_SYS(munlock), S }, { SCMP_SYS(getrandom), F | S },
	/* ourselves */
	{ SCMP_SYS(getpid), F | S }, { SCMP_SYS(gettid), F | S },
	{ SCMP_SYS(geteuid), S },
	{ SCMP_SYS(rt_sigaction), F | S },
	{ SCMP_SYS(rt_sigprocmask), F | S }, { SCMP_SYS(exit_group), F | S },
	/* the data directory; Landlock says where */
	{ SCMP_SYS(openat), S }, { SCMP_SYS(newfstatat), S },
	{ SCMP_SYS(mkdir), S },
	{ SCMP_SYS(mkdirat), S }, { SCMP_SYS(rmdir), S },
	{ SCMP_SYS(unlinkat), S }, { SCMP_SYS(rename), S },
	{ SCMP_SYS(renameat), S }, { SCMP_SYS(linkat), S },
	{ SCMP_SYS(utimensat), S }, { SCMP_SYS(lseek), S },
	{ SCMP_SYS(pread64), S }, { SCMP_SYS(pwrite64), S },
	{ SCMP_SYS(writev), S }, { SCMP_SYS(fsync), S },
	{ SCMP_SYS(fdatasync), S }, { SCMP_SYS(memfd_create), S },
	/* a round of calls to witnesses: what libcurl and a resolver need */
	{ SCMP_SYS(read), W }, { SCMP_SYS(write), W }, { SCMP_SYS(close), W },
	{ SCMP_SYS(fstat), W }, { SCMP_SYS(newfstatat), W },
	{ SCMP_SYS(openat), W }, { SCMP_SYS(lseek), W },
	{ SCMP_SYS(connect), W }, { SCMP_SYS(sendto), W },
	{ SCMP_SYS(sendmmsg), W }, { SCMP_SYS(recvfrom), W },
	{ SCMP_SYS(getsockname), W }, { SCMP_SYS(getpeername), W },
	{ SCMP_SYS(getsockopt), W }, { SCMP_SYS(setsockopt), W },
	{ SCMP_SYS(poll), W }, { SCMP_SYS(ppoll), W },
	{ SCMP_SYS(pipe2), W }, { SCMP_SYS(eventfd2), W },
	{ SCMP_SYS(clock_gettime), W }, { SCMP_SYS(gettimeofday), W },
	{ SCMP_SYS(time), W }, { SCMP_SYS(brk), W }, { SCMP_SYS(munmap), W },
	{ SCMP_SYS(mremap), W }, { SCMP_SYS(getrandom), W },
	{ SCMP_SYS(set_robust_list), W }, { SCMP_SYS(rseq), W },
	{ SCMP_SYS(exit), W }, { SCMP_SYS(exit_group), W },
	{ SCMP_SYS(getpid), W }, { SCMP_SYS(gettid), W },
	{ SCMP_SYS(uname), W }, { SCMP_SYS(rt_sigaction), W },
	{ SCMP_SYS(rt_sigprocmask), W },
};

/* Answered with EACCES: libraries try these lazily and can do without. */
static const struct call refused[] = {
	{ SCMP_SYS(open), F }, { SCMP_SYS(openat), F },
	{ SCMP_SYS(openat2), F | S | W }, { SCMP_SYS(access), F },
	{ SCMP_SYS(faccessat), F }, { SCMP_SYS(faccessat2), F },
	{ SCMP_SYS(stat), F }, { SCMP_SYS(lstat), F },
	{ SCMP_SYS(socket), P }, { SCMP_SYS(connect), P },
	{ SCMP_SYS(bind), P | W }, { SCMP_SYS(personality), P | K },
	{ SCMP_SYS(fchmod), ALL }, { SCMP_SYS(fchown), ALL },
};

/* As if this kernel did not have it: the C library takes its older way. */
static const struct call missing[] = {
	{ SCMP_SYS(clone3), P | K },	/* its flags lie where we cannot look */
};

/* Whoever asks for one of these is not our code any more. */
static const struct call deadly[] = {
	/* other programs and processes */
	{ SCMP_SYS(execve), F | S | K | W }, { SCMP_SYS(execveat), ALL },
	{ SCMP_SYS(fork), F | S | W }, { SCMP_SYS(vfork), F | S | W },
	{ SCMP_SYS(clone), F | S },
	{ SCMP_SYS(kill), F | S | W }, { SCMP_SYS(tkill), ALL },
	{ SCMP_SYS(rt_sigqueueinfo), P | K },
	{ SCMP_SYS(rt_tgsigqueueinfo), P | K },
	{ SCMP_SYS(pidfd_open), ALL },
	{ SCMP_SYS(pidfd_getfd), ALL },
	{ SCMP_SYS(pidfd_send_signal), ALL },
	{ SCMP_SYS(ptrace), ALL }, { SCMP_SYS(kcmp), P | K },
	{ SCMP_SYS(process_vm_readv), ALL },
	{ SCMP_SYS(process_vm_writev), ALL },
	{ SCMP_SYS(process_madvise), ALL },
	/* the network */
	{ SCMP_SYS(socket), F | S }, { SCMP_SYS(connect), F | S },
	{ SCMP_SYS(bind), F | S }, { SCMP_SYS(listen), F | S | K | W },
	{ SCMP_SYS(accept), ALL }, { SCMP_SYS(accept4), S | K | W },
	{ SCMP_SYS(getpeername), F | S | P }, { SCMP_SYS(sendmmsg), P },
	/* rights; the parent has given up its own before */
	{ SCMP_SYS(setuid), ALL }, { SCMP_SYS(setgid), ALL },
	{ SCMP_SYS(setreuid), P | K }, { SCMP_SYS(setregid), P | K },
	{ SCMP_SYS(setresuid), ALL }, { SCMP_SYS(setresgid), ALL },
	{ SCMP_SYS(setfsuid), P | K }, { SCMP_SYS(setfsgid), P | K },
	{ SCMP_SYS(setgroups), P | K }, { SCMP_SYS(capset), F | S | W },
	/* files, where Landlock has no say */
	{ SCMP_SYS(chmod), ALL }, { SCMP_SYS(fchmodat), ALL },
	{ SCMP_SYS(chown), ALL }, { SCMP_SYS(fchownat), ALL },
	{ SCMP_SYS(lchown), P | K }, { SCMP_SYS(setxattr), P | K },
	{ SCMP_SYS(lsetxattr), P | K }, { SCMP_SYS(fsetxattr), P | K },
	{ SCMP_SYS(removexattr), P | K }, { SCMP_SYS(lremovexattr), P | K },
	{ SCMP_SYS(fremovexattr), P | K }, { SCMP_SYS(truncate), P | K },
	{ SCMP_SYS(symlink), ALL }, { SCMP_SYS(symlinkat), ALL },
	{ SCMP_SYS(mknod), ALL }, { SCMP_SYS(mknodat), ALL },
	{ SCMP_SYS(open_by_handle_at), ALL },
	{ SCMP_SYS(name_to_handle_at), P | K },
	/* the kernel itself */
	{ SCMP_SYS(io_uring_setup), ALL },
	{ SCMP_SYS(io_uring_enter), ALL },
	{ SCMP_SYS(io_uring_register), ALL },
	{ SCMP_SYS(bpf), ALL },
	{ SCMP_SYS(perf_event_open), ALL },
	{ SCMP_SYS(userfaultfd), ALL },
	{ SCMP_SYS(mount), ALL }, { SCMP_SYS(umount2), ALL },
	{ SCMP_SYS(move_mount), ALL },
	{ SCMP_SYS(open_tree), ALL }, { SCMP_SYS(fsopen), ALL },
	{ SCMP_SYS(fsmount), P | K }, { SCMP_SYS(fsconfig), P | K },
	{ SCMP_SYS(fspick), P | K }, { SCMP_SYS(mount_setattr), ALL },
	{ SCMP_SYS(pivot_root), ALL }, { SCMP_SYS(chroot), ALL },
	{ SCMP_SYS(unshare), ALL }, { SCMP_SYS(setns), ALL },
	{ SCMP_SYS(init_module), ALL },
	{ SCMP_SYS(finit_module), ALL },
	{ SCMP_SYS(delete_module), ALL },
	{ SCMP_SYS(kexec_load), ALL },
	{ SCMP_SYS(kexec_file_load), ALL },
	{ SCMP_SYS(keyctl), ALL }, { SCMP_SYS(add_key), ALL },
	{ SCMP_SYS(request_key), ALL },
	{ SCMP_SYS(reboot), ALL }, { SCMP_SYS(swapon), ALL },
	{ SCMP_SYS(swapoff), ALL }, { SCMP_SYS(acct), ALL },
	{ SCMP_SYS(iopl), ALL }, { SCMP_SYS(ioperm), ALL },
	{ SCMP_SYS(settimeofday), ALL },
	{ SCMP_SYS(clock_settime), ALL },
	{ SCMP_SYS(adjtimex), ALL },
	{ SCMP_SYS(clock_adjtime), ALL },
	{ SCMP_SYS(personality), F | S | W },
	{ SCMP_SYS(modify_ldt), ALL },
};

/*
 * One argument decides: the action where (argument & mask) == value, and
 * where the mask is UNLIKE, where argument != value.
 */
struct condition {
	int nr;
	unsigned roles;
	uint32_t action;
	unsigned arg;
	uint64_t mask, value;
};

#define ALLOW	SCMP_ACT_ALLOW
#define KILL	SCMP_ACT_KILL_PROCESS
#define REFUSE	SCMP_ACT_ERRNO(EACCES)
#define INT	UINT64_C(0xffffffff)
#define ANY	UINT64_MAX
#define UNLIKE	UINT64_C(0)
#define FCNTL(cmd, roles)	{ SCMP_SYS(fcntl), roles, ALLOW, 1, INT, cmd }
#define MADVISE(advice, roles) \
	{ SCMP_SYS(madvise), roles, ALLOW, 2, INT, advice }
/* The operation less FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME. */
#define FUTEX(op, roles) \
	{ SCMP_SYS(futex), roles, ALLOW, 1, UINT64_C(0xfffffe7f), op }
/* A process is no more than a process: no namespace of its own. */
#define CLONE(flag)	{ SCMP_SYS(clone), P | K, KILL, 0, flag, flag }
/* Whatever else a flag means: MSG_FASTOPEN is connect() by another name. */
#define SEND_FLAGS	(INT & ~(uint64_t)(MSG_NOSIGNAL | MSG_DONTWAIT))

static const struct condition conditions[] = {
	/* no memory that can be run */
	{ SCMP_SYS(mmap), F | S | W, ALLOW, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mmap), F | S | W, KILL, 2, PROT_EXEC, PROT_EXEC },
	{ SCMP_SYS(mprotect), S | W, ALLOW, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), F | S | W, KILL, 2, PROT_EXEC, PROT_EXEC },
	{ SCMP_SYS(pkey_mprotect), F | S | W, KILL, 2, PROT_EXEC, PROT_EXEC },
	/* the peer's address does not leave the kernel, none is sent to */
	{ SCMP_SYS(accept4), F, ALLOW, 1, ANY, 0 },
	{ SCMP_SYS(sendmsg), F | S, ALLOW, 2, SEND_FLAGS, 0 },
	{ SCMP_SYS(sendmsg), P, KILL, 2, MSG_FASTOPEN, MSG_FASTOPEN },
	{ SCMP_SYS(sendto), P, KILL, 3, MSG_FASTOPEN, MSG_FASTOPEN },
	/* a listener that is shut for reading is a fresh socket again */
	{ SCMP_SYS(shutdown), F, ALLOW, 1, INT, SHUT_WR },
	/* fstat() of an open descriptor, as the C library spells it */
	{ SCMP_SYS(newfstatat), F, ALLOW, 3, INT, AT_EMPTY_PATH },
	FCNTL(F_GET_SEALS, F | S), FCNTL(F_DUPFD_CLOEXEC, F | S),
	FCNTL(F_ADD_SEALS, S), FCNTL(F_GETFL, W), FCNTL(F_SETFL, W),
	MADVISE(MADV_DONTNEED, F | S | W), MADVISE(MADV_DONTDUMP, S),
	MADVISE(MADV_DODUMP, S),
	FUTEX(FUTEX_WAKE, F | S | W), FUTEX(FUTEX_WAIT, W),
	FUTEX(FUTEX_WAIT_BITSET, W),
	/* how much of an answer of a resolver is there */
	{ SCMP_SYS(ioctl), W, ALLOW, 1, INT, FIONREAD },
	/* the parent starts processes, and these are as caged as it is */
	CLONE(CLONE_NEWUSER), CLONE(CLONE_NEWNS), CLONE(CLONE_NEWNET),
	CLONE(CLONE_NEWPID), CLONE(CLONE_NEWIPC), CLONE(CLONE_NEWUTS),
	CLONE(CLONE_NEWCGROUP),
	{ SCMP_SYS(accept4), P, KILL, 1, UNLIKE, 0 },
	{ SCMP_SYS(sendto), P, KILL, 4, UNLIKE, 0 },
	{ SCMP_SYS(prctl), P | K, REFUSE, 0, INT, PR_SET_PTRACER },
	{ SCMP_SYS(ioctl), P | K, KILL, 1, INT, TIOCSTI },
	{ SCMP_SYS(ioctl), P | K, KILL, 1, INT, TIOCLINUX },
	/* the store makes the pair that a round of calls is asked over */
	{ SCMP_SYS(socketpair), S, ALLOW, 1, INT,
	    SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC },
	{ SCMP_SYS(socketpair), W, ALLOW, 0, INT, AF_UNIX },
	/* calls: Internet sockets alone, and threads, for the resolver's sake */
	{ SCMP_SYS(socket), W, ALLOW, 0, INT, AF_INET },
	{ SCMP_SYS(socket), W, ALLOW, 0, INT, AF_INET6 },
	{ SCMP_SYS(clone), W, ALLOW, 0, CLONE_THREAD, CLONE_THREAD },
	{ SCMP_SYS(clone), W, KILL, 0, CLONE_THREAD, 0 },
};

#define COUNT(t)	(sizeof(t) / sizeof((t)[0]))

/* A call that this architecture never had needs no rule. */
static int
add_calls(scmp_filter_ctx ctx, uint32_t action, unsigned role,
    const struct call *t, size_t n)
{
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		if ((t[i].roles & role) == 0 || t[i].nr < 0)
			continue;
		if ((r = seccomp_rule_add(ctx, action, t[i].nr, 0)) != 0)
			return r;
	}
	return 0;
}

static int
add_conditions(scmp_filter_ctx ctx, unsigned role)
{
	const struct condition *c;
	struct scmp_arg_cmp cmp;
	size_t i;
	int r;

	for (i = 0; i < COUNT(conditions); i++) {
		c = &conditions[i];
		if ((c->roles & role) == 0)
			continue;
		cmp.arg = c->arg;
		cmp.op = c->mask == UNLIKE ? SCMP_CMP_NE : SCMP_CMP_MASKED_EQ;
		cmp.datum_a = c->mask == UNLIKE ? c->value : c->mask;
		cmp.datum_b = c->value;
		r = seccomp_rule_add_array(ctx, c->action, c->nr, 1, &cmp);
		if (r != 0)
			return r;
	}
	return 0;
}

/* abort() must reach ourselves, and nobody else. */
static int
add_own_signal(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
}

/* What was made undumpable stays so: an exec does it over, the parent never. */
static int
add_undumpable(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, REFUSE, SCMP_SYS(prctl), 2,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, INT, PR_SET_DUMPABLE),
	    SCMP_A1(SCMP_CMP_NE, 0, 0));
}

static int
add_extra(scmp_filter_ctx ctx)
{
	size_t i;
	int r;

	for (i = 0; i < sandbox_nextra; i++) {
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, sandbox_extra[i], 0);
		if (r != 0)
			return r;
	}
	return 0;
}

static int
add_rules(scmp_filter_ctx ctx, enum sandbox_role role)
{
	unsigned bit = 1u << role;
	int r;

	if ((r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS)) != 0 ||
	    (r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1)) != 0 ||
	    (r = add_calls(ctx, KILL, bit, deadly, COUNT(deadly))) != 0 ||
	    (r = add_calls(ctx, REFUSE, bit, refused, COUNT(refused))) != 0 ||
	    (r = add_conditions(ctx, bit)) != 0)
		return r;
	if (role == SANDBOX_PARENT || role == SANDBOX_KEEPER)
		return (r = add_calls(ctx, SCMP_ACT_ERRNO(ENOSYS), bit, missing,
		    COUNT(missing))) != 0 ? r : add_undumpable(ctx);
	if ((r = add_calls(ctx, ALLOW, bit, allowed, COUNT(allowed))) != 0 ||
	    (r = add_own_signal(ctx)) != 0)
		return r;
	return add_extra(ctx);
}

/* see sandbox_int.h */
int
sandbox_calls(enum sandbox_role role)
{
	scmp_filter_ctx ctx;
	int r;

	ctx = seccomp_init(role == SANDBOX_PARENT || role == SANDBOX_KEEPER ?
	    SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS));
	if (ctx == NULL)
		return ERR_NOMEM;
	if ((r = add_rules(ctx, role)) == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	if (r == 0)
		return 0;
	diag("seccomp: %s", strerror(-r));
	return r == -ENOMEM ? ERR_NOMEM : ERR_ORDER;
}
