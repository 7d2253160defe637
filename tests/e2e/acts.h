/* SPDX-License-Identifier: ISC */
/*
 * acts.h - every act that the server's sandbox forbids, and how each role's
 * cage answers it.
 *
 * The answer a role must give, one letter for front, store and parent:
 *   K  the process is killed by SIGSYS
 *   A  EACCES      N  ENOSYS      P  EPERM
 *   L  Landlock: EACCES, EPERM or EXDEV
 *   S  EPERM where Landlock scopes signals (ABI 6), else nothing is claimed
 *   -  not tried: the role needs it, or those that it starts do, for its
 *      filter passes to them
 *
 * Arguments that are pointers lie in struct scratch, which stands at one
 * address in every process.
 */
#ifndef ECR_TEST_ACTS_H
#define ECR_TEST_ACTS_H

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define SCRATCH_AT	0x20000000UL
#define SCRATCH_BYTES	16384UL
#define SCRATCH_SPARE	8192UL		/* from here on: pages to play with */

/* What acts point at; the same bytes in every process. */
struct scratch {
	unsigned char code[16];		/* int 0x80, for the other ABI */
	char passwd[32], outside[192], created[192], secret[192], other[192];
	char maps[32], mem[32], null[16], tty[16], root[4], empty[4], name[8];
	char program[32];
	uint64_t argv[2], env[1];
	struct sockaddr_in tcp, udp;
	struct sockaddr_un un;
	struct sockaddr_storage peer;
	struct sockaddr unspec;
	uint32_t len, on;
	struct iovec iov;
	struct msghdr to_tcp, to_unspec;
	uint64_t open_how[3], clone_args[11], limit[2], time[2], zeros[64];
	uint16_t filter_len;
	uint64_t filter;
	struct { uint16_t code; uint8_t jt, jf; uint32_t k; } ret_allow;
	uint32_t fds[2];
};

#define AT(member)	(SCRATCH_AT + offsetof(struct scratch, member))
#define SPARE		(SCRATCH_AT + SCRATCH_SPARE)

/* Replaced when the act is done. */
enum { DYN_SELF = 0x7ec00001, DYN_OTHER, DYN_RESULT };

/* The descriptors of a front, as role.h numbers them. */
#define FD_SLOTS	5UL
#define FD_DOOR		8UL

#define NO_FD		((uint64_t)(uint32_t)-1)
#define CWD		((uint64_t)(int64_t)AT_FDCWD)
#define X32		0x40000000L
#define FLAG_INT80	(-1L)

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif

struct step {
	long nr;
	uint64_t arg[6];
};

struct act {
	const char *name, *verdict;
	struct step step;
	struct step before;		/* nr 0: none; its result may be used */
};

#define DO(...)		{ __VA_ARGS__ }
#define A_RDONLY	(O_RDONLY | O_CLOEXEC)

static const struct act acts[] = {
	/* --- files ------------------------------------------------------- */
	{ "open a file to read", "AN-", DO(SYS_open, { AT(passwd), 0 }), {0} },
	{ "openat a file to read", "AA-",
	    DO(SYS_openat, { CWD, AT(passwd), A_RDONLY }), {0} },
	{ "openat2 a file", "AA-",
	    DO(SYS_openat2, { CWD, AT(passwd), AT(open_how), 24 }), {0} },
	{ "open a file to write", "ANA",
	    DO(SYS_open, { AT(outside), O_WRONLY }), {0} },
	{ "openat a file to append", "AAA",
	    DO(SYS_openat, { CWD, AT(outside), O_WRONLY | O_APPEND }), {0} },
	{ "open with O_TRUNC", "AAA",
	    DO(SYS_openat, { CWD, AT(outside), O_RDWR | O_TRUNC }), {0} },
	{ "create a file", "AAA",
	    DO(SYS_openat, { CWD, AT(created), O_CREAT | O_RDWR, 0600 }),
	    {0} },
	{ "creat", "NNA", DO(SYS_creat, { AT(created), 0600 }), {0} },
	{ "O_TMPFILE", "AAA",
	    DO(SYS_openat, { CWD, AT(other), O_TMPFILE | O_RDWR, 0600 }),
	    {0} },
	{ "read the data directory", "A--",
	    DO(SYS_openat, { CWD, AT(secret), A_RDONLY }), {0} },
	{ "list the root", "AA-",
	    DO(SYS_openat, { CWD, AT(root), O_DIRECTORY }), {0} },
	{ "read /proc/self/maps", "AA-",
	    DO(SYS_openat, { CWD, AT(maps), A_RDONLY }), {0} },
	{ "write /proc/self/mem", "AAA",
	    DO(SYS_openat, { CWD, AT(mem), O_RDWR }), {0} },
	{ "open a device", "AAA",
	    DO(SYS_openat, { CWD, AT(null), O_RDWR }), {0} },
	{ "open a terminal", "AAA",
	    DO(SYS_openat, { CWD, AT(tty), O_RDWR }), {0} },
	{ "open_by_handle_at", "KKK",
	    DO(SYS_open_by_handle_at, { CWD, AT(zeros), 0 }), {0} },
	{ "name_to_handle_at", "KKK", DO(SYS_name_to_handle_at,
	    { CWD, AT(passwd), AT(zeros), SPARE, 0 }), {0} },
	{ "stat a file", "AN-", DO(SYS_stat, { AT(passwd), SPARE }), {0} },
	{ "access a file", "AN-", DO(SYS_access, { AT(passwd), 0 }), {0} },
	{ "readlink", "NN-",
	    DO(SYS_readlink, { AT(program), SPARE, 100 }), {0} },
	{ "truncate a file", "KKK", DO(SYS_truncate, { AT(outside), 0 }),
	    {0} },
	{ "ftruncate the slots", "N--", DO(SYS_ftruncate, { FD_SLOTS, 0 }),
	    {0} },
	{ "punch a hole into the slots", "N--",
	    DO(SYS_fallocate, { FD_SLOTS, 3, 0, 65536 }), {0} },
	{ "seal the slots once more", "N--",
	    DO(SYS_fcntl, { FD_SLOTS, F_ADD_SEALS, F_SEAL_FUTURE_WRITE }),
	    {0} },
	{ "mkdir", "NAA", DO(SYS_mkdir, { AT(created), 0700 }), {0} },
	{ "mkdirat", "NAA", DO(SYS_mkdirat, { CWD, AT(created), 0700 }),
	    {0} },
	{ "rmdir", "NLL", DO(SYS_rmdir, { AT(other) }), {0} },
	{ "unlink", "NNA", DO(SYS_unlink, { AT(outside) }), {0} },
	{ "unlinkat", "NAA", DO(SYS_unlinkat, { CWD, AT(outside), 0 }), {0} },
	{ "rename", "NLL", DO(SYS_rename, { AT(outside), AT(created) }),
	    {0} },
	{ "renameat2", "NNL", DO(SYS_renameat2,
	    { CWD, AT(outside), CWD, AT(created), 0 }), {0} },
	{ "link", "NNL", DO(SYS_link, { AT(outside), AT(created) }), {0} },
	{ "linkat", "NLL", DO(SYS_linkat,
	    { CWD, AT(outside), CWD, AT(created), 0 }), {0} },
	{ "symlink", "KKK", DO(SYS_symlink, { AT(passwd), AT(created) }),
	    {0} },
	{ "symlinkat", "KKK",
	    DO(SYS_symlinkat, { AT(passwd), CWD, AT(created) }), {0} },
	{ "mknod", "KKK", DO(SYS_mknod, { AT(created), 0010600, 0 }), {0} },
	{ "mknodat", "KKK",
	    DO(SYS_mknodat, { CWD, AT(created), 0010600, 0 }), {0} },
	{ "chmod", "KKK", DO(SYS_chmod, { AT(outside), 0777 }), {0} },
	{ "fchmod", "AAA", DO(SYS_fchmod, { FD_SLOTS, 0777 }), {0} },
	{ "fchmodat", "KKK",
	    DO(SYS_fchmodat, { CWD, AT(outside), 0777 }), {0} },
	{ "chown", "KKK", DO(SYS_chown, { AT(outside), 0, 0 }), {0} },
	{ "lchown", "KKK", DO(SYS_lchown, { AT(outside), 0, 0 }), {0} },
	{ "fchown", "AAA", DO(SYS_fchown, { FD_SLOTS, 0, 0 }), {0} },
	{ "fchownat", "KKK",
	    DO(SYS_fchownat, { CWD, AT(outside), 0, 0, 0 }), {0} },
	{ "setxattr", "KKK", DO(SYS_setxattr,
	    { AT(outside), AT(name), AT(name), 1, 0 }), {0} },
	{ "fsetxattr", "KKK", DO(SYS_fsetxattr,
	    { FD_SLOTS, AT(name), AT(name), 1, 0 }), {0} },
	{ "set a file's time", "N--",
	    DO(SYS_utimensat, { CWD, AT(outside), 0, 0 }), {0} },
	{ "chdir", "NN-", DO(SYS_chdir, { AT(root) }), {0} },
	{ "fchdir", "NN-", DO(SYS_fchdir, { FD_SLOTS }), {0} },
	{ "inotify", "NN-", DO(SYS_inotify_init1, { 0 }), {0} },
	{ "sendfile", "NN-", DO(SYS_sendfile, { FD_SLOTS, FD_SLOTS, 0, 0 }),
	    {0} },
	{ "copy_file_range", "NN-", DO(SYS_copy_file_range,
	    { FD_SLOTS, 0, FD_SLOTS, 0, 0, 0 }), {0} },
	{ "splice", "NN-", DO(SYS_splice, { 3, 0, 4, 0, 0, 0 }), {0} },
	{ "dup", "NN-", DO(SYS_dup, { FD_SLOTS }), {0} },
	{ "dup2 over the log", "NN-", DO(SYS_dup2, { FD_SLOTS, 2 }), {0} },
	{ "pipe", "NN-", DO(SYS_pipe, { AT(fds) }), {0} },
	{ "F_SETOWN: signals to another", "NN-",
	    DO(SYS_fcntl, { 4, F_SETOWN, DYN_OTHER }), {0} },
	{ "F_SETLEASE", "NN-", DO(SYS_fcntl, { FD_SLOTS, F_SETLEASE, F_UNLCK }),
	    {0} },
	{ "F_DUPFD", "NN-", DO(SYS_fcntl, { FD_SLOTS, F_DUPFD, 0 }), {0} },
	{ "ioctl", "NN-", DO(SYS_ioctl, { 3, FIONREAD, SPARE }), {0} },
	{ "TIOCSTI: type for the operator", "KKK",
	    DO(SYS_ioctl, { 2, TIOCSTI, AT(name) }), {0} },
	{ "TIOCLINUX", "KKK", DO(SYS_ioctl, { 2, TIOCLINUX, AT(name) }),
	    {0} },

	/* --- the network ------------------------------------------------- */
	{ "a TCP socket", "KKA", DO(SYS_socket, { AF_INET, SOCK_STREAM, 0 }),
	    {0} },
	{ "a UDP socket", "KKA", DO(SYS_socket, { AF_INET, SOCK_DGRAM, 0 }),
	    {0} },
	{ "a TCP socket, IPv6", "KKA",
	    DO(SYS_socket, { AF_INET6, SOCK_STREAM, 0 }), {0} },
	{ "a Unix socket", "KKA", DO(SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }),
	    {0} },
	{ "a netlink socket", "KKA",
	    DO(SYS_socket, { AF_NETLINK, SOCK_RAW, 0 }), {0} },
	{ "a packet socket", "KKA",
	    DO(SYS_socket, { AF_PACKET, SOCK_RAW, 0 }), {0} },
	{ "a raw socket", "KKA",
	    DO(SYS_socket, { AF_INET, SOCK_RAW, IPPROTO_ICMP }), {0} },
	{ "a kernel crypto socket", "KKA",
	    DO(SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 }), {0} },
	{ "socketpair", "NN-",
	    DO(SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, AT(fds) }), {0} },
	{ "connect", "KKA",
	    DO(SYS_connect, { FD_DOOR, AT(tcp), sizeof(struct sockaddr_in) }),
	    {0} },
	{ "bind", "KKA",
	    DO(SYS_bind, { FD_DOOR, AT(tcp), sizeof(struct sockaddr_in) }),
	    {0} },
	{ "listen", "KK-", DO(SYS_listen, { FD_DOOR, 1 }), {0} },
	{ "accept", "KKK", DO(SYS_accept, { FD_DOOR, 0, 0 }), {0} },
	{ "accept with the peer's address", "KKK",
	    DO(SYS_accept4, { FD_DOOR, AT(peer), AT(len), 0 }), {0} },
	{ "accept4", "-K-", DO(SYS_accept4, { FD_DOOR, 0, 0, 0 }), {0} },
	{ "getpeername", "KKK",
	    DO(SYS_getpeername, { FD_DOOR, AT(peer), AT(len) }), {0} },
	{ "getsockname", "NN-",
	    DO(SYS_getsockname, { FD_DOOR, AT(peer), AT(len) }), {0} },
	{ "sendto an address", "KKK", DO(SYS_sendto,
	    { 4, AT(name), 1, 0, AT(udp), sizeof(struct sockaddr_in) }),
	    {0} },
	{ "sendto with MSG_FASTOPEN", "KKK", DO(SYS_sendto,
	    { FD_DOOR, AT(name), 1, MSG_FASTOPEN, AT(tcp),
	    sizeof(struct sockaddr_in) }), {0} },
	{ "a listener taken apart by MSG_FASTOPEN", "KKK", DO(SYS_sendmsg,
	    { FD_DOOR, AT(to_unspec), MSG_FASTOPEN }), {0} },
	{ "a connection out by MSG_FASTOPEN", "KKK", DO(SYS_sendmsg,
	    { FD_DOOR, AT(to_tcp), MSG_FASTOPEN }), DO(SYS_shutdown,
	    { FD_DOOR, SHUT_RD }) },
	{ "shut a listener", "NN-", DO(SYS_shutdown, { FD_DOOR, SHUT_RD }),
	    {0} },
	{ "sendmmsg", "KKK", DO(SYS_sendmmsg, { 4, AT(zeros), 1, 0 }), {0} },
	{ "recvmmsg", "NN-", DO(SYS_recvmmsg, { 4, AT(zeros), 1,
	    MSG_DONTWAIT, 0 }), {0} },
	{ "setsockopt of the socket level", "NN-", DO(SYS_setsockopt,
	    { FD_DOOR, SOL_SOCKET, SO_REUSEADDR, AT(on), 4 }), {0} },
	{ "TCP_FASTOPEN_CONNECT", "NN-", DO(SYS_setsockopt,
	    { FD_DOOR, IPPROTO_TCP, 30, AT(on), 4 }), {0} },
	{ "TCP_ULP", "NN-", DO(SYS_setsockopt,
	    { FD_DOOR, IPPROTO_TCP, 31, AT(name), 3 }), {0} },
	{ "getsockopt of TCP", "NN-", DO(SYS_getsockopt,
	    { FD_DOOR, IPPROTO_TCP, 11, SPARE, AT(len) }), {0} },

	/* --- other programs and processes -------------------------------- */
	{ "execve", "KK-",
	    DO(SYS_execve, { AT(program), AT(argv), AT(env) }), {0} },
	{ "execveat", "KKK", DO(SYS_execveat,
	    { CWD, AT(program), AT(argv), AT(env), 0 }), {0} },
	{ "execveat of a memfd", "KKK", DO(SYS_execveat,
	    { DYN_RESULT, AT(empty), AT(argv), AT(env), AT_EMPTY_PATH }),
	    DO(SYS_memfd_create, { AT(name), 0 }) },
	{ "memfd_create", "N--", DO(SYS_memfd_create, { AT(name), 0 }), {0} },
	{ "memfd_secret", "NN-", DO(447, { 0 }), {0} },
	{ "fork", "KK-", DO(SYS_fork, { 0 }), {0} },
	{ "vfork", "KK-", DO(SYS_vfork, { 0 }), {0} },
	{ "clone a process", "KK-", DO(SYS_clone, { SIGCHLD }), {0} },
	{ "clone a user namespace", "KKK",
	    DO(SYS_clone, { CLONE_NEWUSER | SIGCHLD }), {0} },
	{ "clone a network namespace", "KKK",
	    DO(SYS_clone, { CLONE_NEWNET | SIGCHLD }), {0} },
	{ "clone3", "NNN", DO(SYS_clone3, { AT(clone_args), 64 }), {0} },
	{ "unshare", "KKK", DO(SYS_unshare, { CLONE_NEWUSER }), {0} },
	{ "setns", "KKK", DO(SYS_setns, { FD_SLOTS, 0 }), {0} },
	{ "ptrace another", "KKK",
	    DO(SYS_ptrace, { PTRACE_SEIZE, DYN_OTHER, 0, 0 }), {0} },
	{ "ptrace itself", "KKK", DO(SYS_ptrace, { PTRACE_TRACEME }), {0} },
	{ "process_vm_readv", "KKK", DO(SYS_process_vm_readv,
	    { DYN_OTHER, AT(iov), 1, AT(iov), 1, 0 }), {0} },
	{ "process_vm_writev", "KKK", DO(SYS_process_vm_writev,
	    { DYN_OTHER, AT(iov), 1, AT(iov), 1, 0 }), {0} },
	{ "process_madvise", "KKK",
	    DO(SYS_process_madvise, { FD_SLOTS, AT(iov), 1, 0, 0 }), {0} },
	{ "kcmp", "KKK",
	    DO(SYS_kcmp, { DYN_SELF, DYN_OTHER, 2, 0, 0 }), {0} },
	{ "kill another", "KKS", DO(SYS_kill, { DYN_OTHER, 0 }), {0} },
	{ "kill all", "KK-", DO(SYS_kill, { NO_FD, 0 }), {0} },
	{ "tkill another", "KKK", DO(SYS_tkill, { DYN_OTHER, 0 }), {0} },
	{ "tgkill another", "NNS",
	    DO(SYS_tgkill, { DYN_OTHER, DYN_OTHER, 0 }), {0} },
	{ "queue a signal", "KKK", DO(SYS_rt_sigqueueinfo,
	    { DYN_OTHER, 0, AT(zeros) }), {0} },
	{ "queue a signal to a thread", "KKK", DO(SYS_rt_tgsigqueueinfo,
	    { DYN_OTHER, DYN_OTHER, 0, AT(zeros) }), {0} },
	{ "pidfd_open", "KKK", DO(SYS_pidfd_open, { DYN_OTHER, 0 }), {0} },
	{ "pidfd_send_signal", "KKK",
	    DO(SYS_pidfd_send_signal, { FD_SLOTS, 0, 0, 0 }), {0} },
	{ "pidfd_getfd", "KKK",
	    DO(SYS_pidfd_getfd, { FD_SLOTS, 0, 0 }), {0} },
	{ "prlimit64 of another", "NNP", DO(SYS_prlimit64,
	    { DYN_OTHER, RLIMIT_NOFILE, AT(limit), 0 }), {0} },
	{ "wait for anybody", "NN-",
	    DO(SYS_wait4, { NO_FD, 0, 1, 0 }), {0} },
	{ "setsid", "NN-", DO(SYS_setsid, { 0 }), {0} },
	{ "setpgid", "NN-", DO(SYS_setpgid, { 0, 0 }), {0} },
	{ "shmget", "NN-", DO(SYS_shmget, { 0, 4096, 01600 }), {0} },
	{ "msgget", "NN-", DO(SYS_msgget, { 0, 01600 }), {0} },
	{ "mq_open", "NN-",
	    DO(SYS_mq_open, { AT(name), O_CREAT | O_RDWR, 0600, 0 }), {0} },

	/* --- code that was not there ------------------------------------- */
	{ "map executable memory", "KK-", DO(SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    NO_FD, 0 }), {0} },
	{ "map writable executable memory", "KK-", DO(SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, NO_FD, 0 }), {0} },
	{ "map the slots to run them", "KK-", DO(SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, FD_SLOTS, 0 }),
	    {0} },
	{ "mprotect executable", "KK-",
	    DO(SYS_mprotect, { SPARE, 4096, PROT_READ | PROT_EXEC }), {0} },
	{ "pkey_mprotect executable", "KK-", DO(SYS_pkey_mprotect,
	    { SPARE, 4096, PROT_READ | PROT_EXEC, NO_FD }), {0} },
	{ "remap_file_pages", "NN-",
	    DO(SYS_remap_file_pages, { SPARE, 4096, 0, 0, 0 }), {0} },
	{ "personality", "KKA",
	    DO(SYS_personality, { READ_IMPLIES_EXEC }), {0} },
	{ "modify_ldt", "KKK", DO(SYS_modify_ldt, { 0, SPARE, 16 }), {0} },
	{ "arch_prctl", "NN-", DO(SYS_arch_prctl, { 0x1003, SPARE }), {0} },
	{ "a call of the i386 ABI", "KKK", DO(FLAG_INT80, { 0 }), {0} },
	{ "a call of the x32 ABI", "KKK", DO(X32 | SYS_getpid, { 0 }), {0} },

	/* --- rights and the kernel --------------------------------------- */
	{ "be dumpable", "NNA", DO(SYS_prctl, { PR_SET_DUMPABLE, 1 }), {0} },
	{ "let others trace", "NNA",
	    DO(SYS_prctl, { 0x59616d61 /* PR_SET_PTRACER */, NO_FD }), {0} },
	{ "be no longer tied to the parent", "NN-",
	    DO(SYS_prctl, { PR_SET_PDEATHSIG, 0 }), {0} },
	{ "seccomp", "NN-", DO(SYS_seccomp,
	    { SECCOMP_SET_MODE_FILTER, 0, AT(filter_len) }), {0} },
	{ "prctl PR_SET_SECCOMP", "NN-",
	    DO(SYS_prctl, { PR_SET_SECCOMP, 2, AT(filter_len) }), {0} },
	{ "a ruleset of Landlock", "NN-",
	    DO(SYS_landlock_create_ruleset, { 0, 0, 1 }), {0} },
	{ "core dumps on", "NNP",
	    DO(SYS_setrlimit, { RLIMIT_CORE, AT(limit) }), {0} },
	{ "prlimit64 up", "NNP",
	    DO(SYS_prlimit64, { 0, RLIMIT_CORE, AT(limit), 0 }), {0} },
	{ "setuid", "KKK", DO(SYS_setuid, { 0 }), {0} },
	{ "setgid", "KKK", DO(SYS_setgid, { 0 }), {0} },
	{ "setreuid", "KKK", DO(SYS_setreuid, { 0, 0 }), {0} },
	{ "setresuid", "KKK", DO(SYS_setresuid, { 0, 0, 0 }), {0} },
	{ "setresgid", "KKK", DO(SYS_setresgid, { 0, 0, 0 }), {0} },
	{ "setgroups", "KKK", DO(SYS_setgroups, { 0, 0 }), {0} },
	{ "setfsuid", "KKK", DO(SYS_setfsuid, { 0 }), {0} },
	{ "capset", "KK-", DO(SYS_capset, { 0, 0 }), {0} },
	{ "chroot", "KKK", DO(SYS_chroot, { AT(root) }), {0} },
	{ "pivot_root", "KKK", DO(SYS_pivot_root, { AT(root), AT(root) }),
	    {0} },
	{ "mount", "KKK", DO(SYS_mount,
	    { AT(name), AT(other), AT(name), 0, 0 }), {0} },
	{ "umount2", "KKK", DO(SYS_umount2, { AT(other), 0 }), {0} },
	{ "move_mount", "KKK",
	    DO(SYS_move_mount, { NO_FD, AT(empty), NO_FD, AT(empty), 0 }),
	    {0} },
	{ "open_tree", "KKK", DO(SYS_open_tree, { NO_FD, AT(empty), 0 }),
	    {0} },
	{ "fsopen", "KKK", DO(SYS_fsopen, { AT(name), 0 }), {0} },
	{ "fsmount", "KKK", DO(SYS_fsmount, { NO_FD, 0, 0 }), {0} },
	{ "mount_setattr", "KKK",
	    DO(SYS_mount_setattr, { NO_FD, AT(empty), 0, AT(zeros), 32 }),
	    {0} },
	{ "io_uring_setup", "KKK",
	    DO(SYS_io_uring_setup, { 1, AT(zeros) }), {0} },
	{ "io_uring_enter", "KKK",
	    DO(SYS_io_uring_enter, { FD_SLOTS, 0, 0, 0, 0, 0 }), {0} },
	{ "io_uring_register", "KKK",
	    DO(SYS_io_uring_register, { FD_SLOTS, 0, 0, 0 }), {0} },
	{ "io_setup", "NN-", DO(SYS_io_setup, { 1, AT(zeros) }), {0} },
	{ "bpf", "KKK", DO(SYS_bpf, { 0, AT(zeros), 16 }), {0} },
	{ "perf_event_open", "KKK",
	    DO(SYS_perf_event_open, { AT(zeros), 0, NO_FD, NO_FD, 0 }), {0} },
	{ "userfaultfd", "KKK", DO(SYS_userfaultfd, { 1 }), {0} },
	{ "keyctl", "KKK",
	    DO(SYS_keyctl, { KEYCTL_GET_KEYRING_ID, NO_FD - 2, 0 }), {0} },
	{ "add_key", "KKK",
	    DO(SYS_add_key, { AT(name), AT(name), 0, 0, NO_FD - 1 }), {0} },
	{ "request_key", "KKK",
	    DO(SYS_request_key, { AT(name), AT(name), 0, 0 }), {0} },
	{ "init_module", "KKK", DO(SYS_init_module, { 0, 0, 0 }), {0} },
	{ "finit_module", "KKK", DO(SYS_finit_module, { NO_FD, 0, 0 }),
	    {0} },
	{ "delete_module", "KKK", DO(SYS_delete_module, { 0, 0 }), {0} },
	{ "kexec_load", "KKK", DO(SYS_kexec_load, { 0, 99, 0, 0 }), {0} },
	{ "kexec_file_load", "KKK",
	    DO(SYS_kexec_file_load, { NO_FD, NO_FD, 0, 0, 99 }), {0} },
	{ "reboot", "KKK", DO(SYS_reboot, { 0, 0, 0, 0 }), {0} },
	{ "swapon", "KKK", DO(SYS_swapon, { 0, 0 }), {0} },
	{ "swapoff", "KKK", DO(SYS_swapoff, { 0 }), {0} },
	{ "acct", "KKK", DO(SYS_acct, { AT(created) }), {0} },
	{ "iopl", "KKK", DO(SYS_iopl, { 0 }), {0} },
	{ "ioperm", "KKK", DO(SYS_ioperm, { 0, 1, 0 }), {0} },
	{ "settimeofday", "KKK", DO(SYS_settimeofday, { 0, 0 }), {0} },
	{ "clock_settime", "KKK", DO(SYS_clock_settime, { 99, AT(time) }),
	    {0} },
	{ "adjtimex", "KKK", DO(SYS_adjtimex, { 0 }), {0} },
	{ "clock_adjtime", "KKK", DO(SYS_clock_adjtime, { 99, 0 }), {0} },
	{ "sethostname", "NN-", DO(SYS_sethostname, { 0, 1000 }), {0} },
	{ "syslog", "NN-", DO(SYS_syslog, { 10, 0, 0 }), {0} },
	{ "quotactl", "NN-", DO(SYS_quotactl, { 0, 0, 0, 0 }), {0} },
	{ "sched_setaffinity", "NN-",
	    DO(SYS_sched_setaffinity, { 0, 8, AT(zeros) }), {0} },
	{ "setpriority", "NN-", DO(SYS_setpriority, { 0, 0, 19 }), {0} },
	{ "mlockall", "NN-", DO(SYS_mlockall, { 8 }), {0} },
	{ "munlockall", "NN-", DO(SYS_munlockall, { 0 }), {0} },
	{ "timer_create", "NN-",
	    DO(SYS_timer_create, { 0, 0, SPARE }), {0} },
	{ "set_tid_address", "NN-", DO(SYS_set_tid_address, { 0 }), {0} },
	{ "sigaltstack", "NN-", DO(SYS_sigaltstack, { 0, 0 }), {0} },
	{ "a call that does not exist", "NN-", DO(1023, { 0 }), {0} },
};

#define ACTS	(sizeof(acts) / sizeof(acts[0]))

#endif
