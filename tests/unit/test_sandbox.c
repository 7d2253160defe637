/* SPDX-License-Identifier: ISC */
/*
 * test_sandbox.c - each cage is entered in a child, and each forbidden act
 * tried from inside: it must fail or kill, and nothing else.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/privs.h"
#include "server/sandbox.h"

static char dir[64], guard[64], outside[64];
static int dirfd_, guard_, listener, pair[2];

static void
setup(void)
{
	struct sockaddr_in in;

	strcpy(dir, "/tmp/test_sandbox.XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
	strcpy(outside, "/tmp/test_sandbox.XXXXXX");
	close(mkstemp(outside));
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	strcpy(guard, "/tmp/test_sandbox.XXXXXX");
	cr_assert_not_null(mkdtemp(guard));
	guard_ = open(guard, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
	cr_assert_eq(listen(listener, 1), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
}

static void
teardown(void)
{
	close(dirfd_);
	close(guard_);
	cr_assert_eq(rmdir(guard), 0);
	cr_assert_eq(unlink(outside), 0, "it was to stay");
	unlinkat(AT_FDCWD, dir, AT_REMOVEDIR);
}

TestSuite(sandbox, .init = setup, .fini = teardown);

/* What became of an act: 0 done, an errno, or -signal. */
static int
outcome(enum sandbox_role role, int (*act)(void))
{
	const struct rlimit none = { 0, 0 };
	pid_t pid = fork();
	int status;

	cr_assert_neq(pid, -1);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if (sandbox_enter(role, role == SANDBOX_FRONT ? -1 : dirfd_,
		    role == SANDBOX_FRONT ? -1 : guard_))
			_exit(255);
		errno = 0;
		_exit(act() == -1 ? errno : 0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return -WTERMSIG(status);
	cr_assert_neq(WEXITSTATUS(status), 255, "the sandbox refused");
	return WEXITSTATUS(status);
}

static int act_nothing(void) { return 0; }
static int act_open(void) { return open("/etc/passwd", O_RDONLY); }
static int
act_create(void)
{
	return open("/tmp/x-sandbox", O_CREAT | O_RDWR, 0600);
}

static int act_unlink(void) { return unlink(outside); }
static int act_socket(void) { return socket(AF_INET, SOCK_DGRAM, 0); }
static int act_bind(void) { return bind(listener, NULL, 0); }

static int
act_connect(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	return connect(listener, (struct sockaddr *)&un, sizeof(un));
}

/* A listener that is shut is a fresh socket, and this connects it. */
static int
act_fastopen(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = 1 };
	struct iovec iov = { .iov_base = dir, .iov_len = 1 };
	struct msghdr m = { .msg_name = &in, .msg_namelen = sizeof(in),
	    .msg_iov = &iov, .msg_iovlen = 1 };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)shutdown(listener, SHUT_RD);
	return (int)sendmsg(listener, &m, MSG_FASTOPEN | MSG_NOSIGNAL);
}

static int
act_exec(void)
{
	char sh[] = "/bin/true", *argv[] = { sh, NULL }, *env[] = { NULL };

	return execve(sh, argv, env);
}

static int act_fork(void) { return (int)syscall(SYS_fork); }
static int act_clone3(void) { return (int)syscall(SYS_clone3, NULL, 0); }

static int
act_ptrace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
act_vm_write(void)
{
	return (int)syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL,
	    0, 0);
}

static int
act_kill(void)
{
	return kill(getppid(), 0);
}

static int
act_map_exec(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int
act_protect_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? 0 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static int
act_io_uring(void)
{
	return (int)syscall(SYS_io_uring_setup, 1, NULL);
}

static int act_bpf(void) { return (int)syscall(SYS_bpf, 0, NULL, 0); }
static int act_unshare(void) { return (int)syscall(SYS_unshare, 0); }
static int act_keyctl(void) { return (int)syscall(SYS_keyctl, 0, 0, 0); }

static int
act_mount(void)
{
	return (int)syscall(SYS_mount, NULL, NULL, NULL, 0, NULL);
}

static int
act_ioctl(void)
{
	return (int)syscall(SYS_ioctl, 2, 0x5412 /* TIOCSTI */, "x");
}

static int
act_peer_address(void)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);

	return accept4(listener, (struct sockaddr *)&ss, &n, 0);
}

static void *
come_back(void *arg)
{
	return arg;
}

static int
act_peer_name(void)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);

	return getpeername(pair[0], (struct sockaddr *)&ss, &n);
}

static int
act_accept(void)
{
	/* Nobody waits: that is the answer of a call that was let through. */
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK) == -1 &&
	    errno == EAGAIN ? 0 : -1;
}

static int
act_listen(void)
{
	return listen(listener, 1);
}

static int
act_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

/* What a resolver needs: its files, and a thread for the time it takes. */
static int
act_resolve(void)
{
	pthread_t t;
	int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);

	if (fd == -1 || close(fd) != 0)
		return -1;
	return pthread_create(&t, NULL, come_back, NULL) == 0 &&
	    pthread_join(t, NULL) == 0 ? 0 : -1;
}

static int
act_call(void)
{
	struct sockaddr_in in;
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || getsockname(listener, (struct sockaddr *)&in, &n) != 0)
		return -1;
	return connect(fd, (struct sockaddr *)&in, n);
}

static int
act_work(void)
{
	struct stat st;
	char c = 'x';
	void *p = malloc(1 << 20);

	if (p == NULL || write(pair[0], &c, 1) != 1 ||
	    read(pair[1], &c, 1) != 1 || fstat(pair[0], &st) != 0)
		return -1;
	free(p);
	return fcntl(pair[0], F_DUPFD_CLOEXEC, 0) == -1 ? -1 : 0;
}

static int
act_store(void)
{
	int fd = openat(dirfd_, "file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	if (fd == -1 ||
	    pwrite(fd, "x", 1, 4096) != 1 || fdatasync(fd) != 0 ||
	    mkdirat(dirfd_, "sub", 0700) != 0 ||
	    renameat(dirfd_, "file", dirfd_, "sub/file") != 0 ||
	    unlinkat(dirfd_, "sub/file", 0) != 0 ||
	    unlinkat(dirfd_, "sub", AT_REMOVEDIR) != 0)
		return -1;
	return close(fd);
}

/* In the guard's folder a file is replaced, and nothing else. */
static int
act_guard(void)
{
	int fd = openat(guard_, "checkpoint.new", O_CREAT | O_WRONLY |
	    O_CLOEXEC, 0600);

	if (fd == -1 || write(fd, "x", 1) != 1 || fsync(fd) != 0 ||
	    renameat(guard_, "checkpoint.new", guard_, "checkpoint") != 0 ||
	    (mkdirat(guard_, "sub", 0700) != -1 || errno != EACCES) ||
	    (renameat(guard_, "checkpoint", dirfd_, "x") != -1 ||
	    errno != EXDEV) ||
	    unlinkat(guard_, "checkpoint", 0) != 0)
		return -1;
	return close(fd);
}

static int
act_abort(void)
{
	abort();
}

static void *
wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void
all_refused(enum sandbox_role role)
{
	enum { K = 1 << SANDBOX_KEEPER, W = 1 << SANDBOX_WITNESS };
	static const struct {
		const char *name;
		int (*act)(void);
		unsigned roles;		/* in which it is forbidden */
	} acts[] = {
		{ "open a file", act_open, 6 | W },
		{ "create a file", act_create, 7 | K | W },
		{ "unlink a file", act_unlink, 7 | K | W },
		{ "socket", act_socket, 7 },
		{ "bind", act_bind, 7 | W },
		{ "connect", act_connect, 7 },
		{ "connect by fast open", act_fastopen, 7 },
		{ "exec", act_exec, 6 | K | W },
		{ "fork", act_fork, 6 | W },
		{ "clone3", act_clone3, 6 | W },
		{ "ptrace", act_ptrace, 7 | K | W },
		{ "write to another process", act_vm_write, 7 | K | W },
		{ "signal another process", act_kill, 6 | W },
		{ "map executable memory", act_map_exec, 6 | W },
		{ "make memory executable", act_protect_exec, 6 | W },
		{ "io_uring", act_io_uring, 7 | K | W },
		{ "bpf", act_bpf, 7 | K | W },
		{ "unshare", act_unshare, 7 | K | W },
		{ "keyctl", act_keyctl, 7 | K | W },
		{ "mount", act_mount, 7 | K | W },
		{ "push bytes into a terminal", act_ioctl, 6 | W },
		{ "accept with the peer's address", act_peer_address, 6 | K | W },
		{ "ask for the peer's address", act_peer_name, 6 },
		{ "listen", act_listen, 6 | K | W },
		{ "a Unix socket", act_unix, 7 | W },
	};
	size_t i;
	int r;

	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if ((acts[i].roles & 1u << role) == 0)
			continue;
		r = outcome(role, acts[i].act);
		cr_expect(r == -SIGSYS || r == EACCES || r == EPERM ||
		    r == ENOSYS, "%s: %d", acts[i].name, r);
	}
}

/* The bits of the table above. */
_Static_assert(SANDBOX_PARENT == 0 && SANDBOX_STORE == 1 &&
    SANDBOX_FRONT == 2 && SANDBOX_WITNESS < 8, "roles in acts[]");

Test(sandbox, a_front_can_do_nothing_but_its_work)
{
	all_refused(SANDBOX_FRONT);
	cr_expect_eq(outcome(SANDBOX_FRONT, act_nothing), 0);
	cr_expect_eq(outcome(SANDBOX_FRONT, act_work), 0);
	cr_expect_eq(outcome(SANDBOX_FRONT, act_accept), 0);
}

Test(sandbox, the_data_directory_is_closed_to_a_front)
{
	int r = outcome(SANDBOX_FRONT, act_store);

	cr_expect(r == EACCES || r == -SIGSYS, "%d", r);
}

Test(sandbox, the_store_has_its_data_directory_and_no_more)
{
	all_refused(SANDBOX_STORE);
	cr_expect_eq(outcome(SANDBOX_STORE, act_work), 0);
	cr_expect_eq(outcome(SANDBOX_STORE, act_store), 0);
	cr_expect_eq(outcome(SANDBOX_STORE, act_guard), 0);
	cr_expect_neq(outcome(SANDBOX_STORE, act_accept), 0);
}

Test(sandbox, the_parent_looks_and_starts_but_writes_nowhere_else)
{
	all_refused(SANDBOX_PARENT);
	cr_expect_eq(outcome(SANDBOX_PARENT, act_open), 0);
	cr_expect_eq(outcome(SANDBOX_PARENT, act_exec), 0);
	cr_expect_eq(outcome(SANDBOX_PARENT, act_store), 0);
	cr_expect_eq(outcome(SANDBOX_PARENT, act_guard), 0);
}

Test(sandbox, a_round_of_calls_may_call_and_look_names_up)
{
	all_refused(SANDBOX_WITNESS);
	cr_expect_eq(outcome(SANDBOX_WITNESS, act_call), 0);
	if (access("/etc/hosts", R_OK) == 0)
		cr_expect_eq(outcome(SANDBOX_WITNESS, act_resolve), 0);
	cr_expect_neq(outcome(SANDBOX_WITNESS, act_store), 0);
}

Test(sandbox, the_keeper_forks_and_starts_no_other_program)
{
	all_refused(SANDBOX_KEEPER);
	cr_expect_eq(outcome(SANDBOX_KEEPER, act_call), 0,
	    "whom it forks inherits what it has not");
	cr_expect_eq(outcome(SANDBOX_KEEPER, act_fork), 0);
	cr_expect_neq(outcome(SANDBOX_KEEPER, act_store), 0);
}

Test(sandbox, a_bug_still_ends_in_abort)
{
	cr_expect_eq(outcome(SANDBOX_FRONT, act_abort), -SIGABRT);
	cr_expect_eq(outcome(SANDBOX_STORE, act_abort), -SIGABRT);
}

/* As a kernel without it answers. */
static int
without(int call)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (ctx == NULL || seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), call,
	    0) != 0 || seccomp_load(ctx) != 0)
		return -1;
	seccomp_release(ctx);
	return 0;
}

Test(sandbox, a_kernel_that_lacks_a_layer_is_refused)
{
	const int calls[] = { SCMP_SYS(landlock_create_ruleset),
		SCMP_SYS(seccomp) };
	int status;
	size_t i;
	pid_t pid;

	for (i = 0; i < 2; i++) {
		if ((pid = fork()) == 0)
			_exit(without(calls[i]) != 0 ? 1 :
			    sandbox_enter(SANDBOX_FRONT, -1, -1) == 0 ? 2 : 0);
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "layer %zu: %x", i, status);
	}
}

Test(sandbox, a_process_with_threads_is_refused)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		pthread_t t;

		if (pthread_create(&t, NULL, wait_for_ever, NULL) != 0)
			_exit(1);
		_exit(sandbox_enter(SANDBOX_FRONT, -1, -1) == ERR_ORDER ? 0 : 2);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", status);
}

Test(sandbox, rights_that_were_dropped_do_not_come_back)
{
	const struct privs_user other = { true, 65534, 65534 };
	struct rlimit core;
	int status;
	pid_t pid;

	if (getuid() != 0)
		cr_skip("only root has rights to drop");
	if ((pid = fork()) == 0) {
		if (privs_quiet() != 0 || privs_drop(&other) != 0)
			_exit(1);
		if (setuid(0) == 0 || setgid(0) == 0 || getuid() != 65534 ||
		    chroot("/") == 0)
			_exit(2);
		if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
			_exit(3);
		_exit(privs_drop(&other) != 0 ? 4 : 0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", status);
}
