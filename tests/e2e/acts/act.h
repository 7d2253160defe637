/* SPDX-License-Identifier: ISC */
/*
 * act.h - what an act is, and how the cage of each role answers it.
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
#ifndef ECR_TEST_ACT_H
#define ECR_TEST_ACT_H

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

#define ACTS_MAX	256
extern const struct act acts[];
extern const size_t nacts;

#endif
