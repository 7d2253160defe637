/* SPDX-License-Identifier: ISC */
/*
 * uncaged.c - the control: every act in a process without a cage.
 *
 * What succeeds here, or fails for its arguments alone, and is refused in a
 * role, is refused by the role's cage.
 */
#include "tests/e2e/acts/trace.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

long control[ACTS_MAX];

/* --- what acts point at -------------------------------------------------------- */

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

void
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

/* --- processes ------------------------------------------------------------------- */

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

pid_t
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

unsigned
control_all(void)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < nacts; i++) {
		control[i] = control_one(&acts[i]);
		if (is_let(control[i]))
			n++;
		else
			printf("control: this machine refuses, too: %s (%ld)\n",
			    acts[i].name, control[i]);
	}
	restore_files();
	return n;
}
