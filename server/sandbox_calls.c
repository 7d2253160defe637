/* SPDX-License-Identifier: ISC */
/*
 * sandbox_calls.c - seccomp: which system calls are left.
 *
 * Fronts and store: a list of what they need, with conditions where an
 * argument decides; what is dangerous kills the process, all else fails with
 * ENOSYS.  Parent: all but a list, for its filter passes to what it starts,
 * and the dynamic linker's needs are not ours to know.  A call of another
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
};

/* Answered with EACCES: libraries try these lazily and can do without. */
static const struct call refused[] = {
	{ SCMP_SYS(open), F }, { SCMP_SYS(openat), F },
	{ SCMP_SYS(openat2), F | S }, { SCMP_SYS(access), F },
	{ SCMP_SYS(faccessat), F }, { SCMP_SYS(faccessat2), F },
	{ SCMP_SYS(stat), F }, { SCMP_SYS(lstat), F },
	{ SCMP_SYS(socket), P }, { SCMP_SYS(connect), P },
	{ SCMP_SYS(bind), P }, { SCMP_SYS(personality), P },
	{ SCMP_SYS(fchmod), F | S | P }, { SCMP_SYS(fchown), F | S | P },
};

/* As if this kernel did not have it: the C library takes its older way. */
static const struct call missing[] = {
	{ SCMP_SYS(clone3), P },	/* its flags lie where we cannot look */
};

/* Whoever asks for one of these is not our code any more. */
static const struct call deadly[] = {
	/* other programs and processes */
	{ SCMP_SYS(execve), F | S }, { SCMP_SYS(execveat), F | S | P },
	{ SCMP_SYS(fork), F | S }, { SCMP_SYS(vfork), F | S },
	{ SCMP_SYS(clone), F | S },
	{ SCMP_SYS(kill), F | S }, { SCMP_SYS(tkill), F | S | P },
	{ SCMP_SYS(rt_sigqueueinfo), P }, { SCMP_SYS(rt_tgsigqueueinfo), P },
	{ SCMP_SYS(pidfd_open), F | S | P },
	{ SCMP_SYS(pidfd_getfd), F | S | P },
	{ SCMP_SYS(pidfd_send_signal), F | S | P },
	{ SCMP_SYS(ptrace), F | S | P }, { SCMP_SYS(kcmp), P },
	{ SCMP_SYS(process_vm_readv), F | S | P },
	{ SCMP_SYS(process_vm_writev), F | S | P },
	{ SCMP_SYS(process_madvise), F | S | P },
	/* the network */
	{ SCMP_SYS(socket), F | S }, { SCMP_SYS(connect), F | S },
	{ SCMP_SYS(bind), F | S }, { SCMP_SYS(listen), F | S },
	{ SCMP_SYS(accept), F | S | P }, { SCMP_SYS(accept4), S },
	{ SCMP_SYS(getpeername), F | S | P }, { SCMP_SYS(sendmmsg), P },
	/* rights; the parent has given up its own before */
	{ SCMP_SYS(setuid), F | S | P }, { SCMP_SYS(setgid), F | S | P },
	{ SCMP_SYS(setreuid), P }, { SCMP_SYS(setregid), P },
	{ SCMP_SYS(setresuid), F | S | P }, { SCMP_SYS(setresgid), F | S | P },
	{ SCMP_SYS(setfsuid), P }, { SCMP_SYS(setfsgid), P },
	{ SCMP_SYS(setgroups), P }, { SCMP_SYS(capset), F | S },
	/* files, where Landlock has no say */
	{ SCMP_SYS(chmod), F | S | P }, { SCMP_SYS(fchmodat), F | S | P },
	{ SCMP_SYS(chown), F | S | P }, { SCMP_SYS(fchownat), F | S | P },
	{ SCMP_SYS(lchown), P }, { SCMP_SYS(setxattr), P },
	{ SCMP_SYS(lsetxattr), P }, { SCMP_SYS(fsetxattr), P },
	{ SCMP_SYS(removexattr), P }, { SCMP_SYS(lremovexattr), P },
	{ SCMP_SYS(fremovexattr), P }, { SCMP_SYS(truncate), P },
	{ SCMP_SYS(symlink), F | S | P }, { SCMP_SYS(symlinkat), F | S | P },
	{ SCMP_SYS(mknod), F | S | P }, { SCMP_SYS(mknodat), F | S | P },
	{ SCMP_SYS(open_by_handle_at), F | S | P },
	{ SCMP_SYS(name_to_handle_at), P },
	/* the kernel itself */
	{ SCMP_SYS(io_uring_setup), F | S | P },
	{ SCMP_SYS(io_uring_enter), F | S | P },
	{ SCMP_SYS(io_uring_register), F | S | P },
	{ SCMP_SYS(bpf), F | S | P },
	{ SCMP_SYS(perf_event_open), F | S | P },
	{ SCMP_SYS(userfaultfd), F | S | P },
	{ SCMP_SYS(mount), F | S | P }, { SCMP_SYS(umount2), F | S | P },
	{ SCMP_SYS(move_mount), F | S | P },
	{ SCMP_SYS(open_tree), F | S | P }, { SCMP_SYS(fsopen), F | S | P },
	{ SCMP_SYS(fsmount), P }, { SCMP_SYS(fsconfig), P },
	{ SCMP_SYS(fspick), P }, { SCMP_SYS(mount_setattr), F | S | P },
	{ SCMP_SYS(pivot_root), F | S | P }, { SCMP_SYS(chroot), F | S | P },
	{ SCMP_SYS(unshare), F | S | P }, { SCMP_SYS(setns), F | S | P },
	{ SCMP_SYS(init_module), F | S | P },
	{ SCMP_SYS(finit_module), F | S | P },
	{ SCMP_SYS(delete_module), F | S | P },
	{ SCMP_SYS(kexec_load), F | S | P },
	{ SCMP_SYS(kexec_file_load), F | S | P },
	{ SCMP_SYS(keyctl), F | S | P }, { SCMP_SYS(add_key), F | S | P },
	{ SCMP_SYS(request_key), F | S | P },
	{ SCMP_SYS(reboot), F | S | P }, { SCMP_SYS(swapon), F | S | P },
	{ SCMP_SYS(swapoff), F | S | P }, { SCMP_SYS(acct), F | S | P },
	{ SCMP_SYS(iopl), F | S | P }, { SCMP_SYS(ioperm), F | S | P },
	{ SCMP_SYS(settimeofday), F | S | P },
	{ SCMP_SYS(clock_settime), F | S | P },
	{ SCMP_SYS(adjtimex), F | S | P },
	{ SCMP_SYS(clock_adjtime), F | S | P },
	{ SCMP_SYS(personality), F | S },
	{ SCMP_SYS(modify_ldt), F | S | P },
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
#define CLONE(flag)	{ SCMP_SYS(clone), P, KILL, 0, flag, flag }
/* Whatever else a flag means: MSG_FASTOPEN is connect() by another name. */
#define SEND_FLAGS	(INT & ~(uint64_t)(MSG_NOSIGNAL | MSG_DONTWAIT))

static const struct condition conditions[] = {
	/* no memory that can be run */
	{ SCMP_SYS(mmap), F | S, ALLOW, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mmap), F | S, KILL, 2, PROT_EXEC, PROT_EXEC },
	{ SCMP_SYS(mprotect), S, ALLOW, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), F | S, KILL, 2, PROT_EXEC, PROT_EXEC },
	{ SCMP_SYS(pkey_mprotect), F | S, KILL, 2, PROT_EXEC, PROT_EXEC },
	/* the peer's address does not leave the kernel, none is sent to */
	{ SCMP_SYS(accept4), F, ALLOW, 1, ANY, 0 },
	{ SCMP_SYS(sendmsg), F | S, ALLOW, 2, SEND_FLAGS, 0 },
	{ SCMP_SYS(sendmsg), P, KILL, 2, MSG_FASTOPEN, MSG_FASTOPEN },
	{ SCMP_SYS(sendto), P, KILL, 3, MSG_FASTOPEN, MSG_FASTOPEN },
	/* a listener that is shut for reading is a fresh socket again */
	{ SCMP_SYS(shutdown), F, ALLOW, 1, INT, SHUT_WR },
	/* fstat() of an open descriptor, as the C library spells it */
	{ SCMP_SYS(newfstatat), F, ALLOW, 3, INT, AT_EMPTY_PATH },
	FCNTL(F_GET_SEALS, F), FCNTL(F_DUPFD_CLOEXEC, F | S),
	FCNTL(F_ADD_SEALS, S),
	MADVISE(MADV_DONTNEED, F | S), MADVISE(MADV_DONTDUMP, S),
	MADVISE(MADV_DODUMP, S),
	FUTEX(FUTEX_WAKE, F | S),
	/* the parent starts processes, and these are as caged as it is */
	CLONE(CLONE_NEWUSER), CLONE(CLONE_NEWNS), CLONE(CLONE_NEWNET),
	CLONE(CLONE_NEWPID), CLONE(CLONE_NEWIPC), CLONE(CLONE_NEWUTS),
	CLONE(CLONE_NEWCGROUP),
	{ SCMP_SYS(accept4), P, KILL, 1, UNLIKE, 0 },
	{ SCMP_SYS(sendto), P, KILL, 4, UNLIKE, 0 },
	{ SCMP_SYS(prctl), P, REFUSE, 0, INT, PR_SET_PTRACER },
	{ SCMP_SYS(ioctl), P, KILL, 1, INT, TIOCSTI },
	{ SCMP_SYS(ioctl), P, KILL, 1, INT, TIOCLINUX },
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
	if (role == SANDBOX_PARENT)
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

	ctx = seccomp_init(role == SANDBOX_PARENT ? SCMP_ACT_ALLOW :
	    SCMP_ACT_ERRNO(ENOSYS));
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
