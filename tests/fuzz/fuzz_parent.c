/* SPDX-License-Identifier: ISC */
/*
 * fuzz_parent.c - hostile roles before their parent.
 *
 * The input is a list of acts: roles say that they are ready, say what they
 * must not, hand descriptors over, and fall silent.  They go through the
 * parent's own waiting.  Checked: a role is ready only when it has said so
 * and nothing worse; whoever lied is heard no more and all is lost; no
 * descriptor that was handed over stays.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/wr.h"
#include "server/log.h"
#include "server/parent_int.h"

#define ROLES	4
#define FDS	96

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum act {
	ACT_RAW,		/* role 1 | descriptors 1 | length 1 | bytes */
	ACT_FRAMED,		/* role 1 | descriptors 1 | type 1 */
	ACT_READY,		/* role 1 */
	ACT_CLOSE,		/* role 1 */
	ACT_WAIT,
	ACTS
};

static struct parent p;
static int theirs[ROLES];
static unsigned readies[ROLES];	/* heard since the start */
static bool lied[ROLES], gone[ROLES], looked;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static unsigned
count_fds(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < FDS; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
set_up(void)
{
	int fd[2];
	size_t i;

	memset(&p, 0, sizeof(p));
	p.signals = -1;
	p.nrole = ROLES;
	for (i = 0; i < ROLES; i++) {
		must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK |
		    SOCK_CLOEXEC, 0, fd) == 0);
		must((p.role[i].control = ipc_end_new(fd[0])) != NULL);
		theirs[i] = fd[1];
		readies[i] = 0;
		lied[i] = gone[i] = false;
	}
}

static void
tear_down(void)
{
	size_t i;

	for (i = 0; i < ROLES; i++) {
		ipc_end_free(p.role[i].control);
		if (theirs[i] != -1)
			(void)close(theirs[i]);
	}
}

/* True the second time: one round in between. */
static bool
once(const struct parent *unused)
{
	bool again = looked;

	(void)unused;
	looked = true;
	return again;
}

static bool
is_silent(const struct parent *unused)
{
	(void)unused;
	return false;
}

static void
look(void)
{
	size_t i;

	looked = false;
	(void)parent_wait(&p, once, parent_now() + 1);
	for (i = 0; i < ROLES; i++) {
		must(!p.role[i].ready || readies[i] > 0);
		must(!lied[i] || gone[i] || p.role[i].control != NULL ||
		    p.lost);
	}
}

static void
say(size_t role, struct rd bytes, unsigned nfds)
{
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(8 * sizeof(int))];
	} ctl;
	unsigned char copy[512];
	struct iovec iov = { .iov_base = copy, .iov_len = bytes.n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	unsigned i;

	if (theirs[role] == -1)
		return;
	must(bytes.n <= sizeof(copy));
	if (bytes.n > 0)
		memcpy(copy, bytes.p, bytes.n);
	if (nfds > 0) {
		memset(&ctl, 0, sizeof(ctl));
		m.msg_control = &ctl;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		ctl.head.cmsg_level = SOL_SOCKET;
		ctl.head.cmsg_type = SCM_RIGHTS;
		ctl.head.cmsg_len = CMSG_LEN(nfds * sizeof(int));
		for (i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(&ctl.head) + i * sizeof(int),
			    &theirs[role], sizeof(int));
	}
	(void)sendmsg(theirs[role], &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
say_framed(size_t role, unsigned type, unsigned nfds)
{
	unsigned char buf[IPC_HEAD_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_u16(&w, (uint16_t)type);
	wr_u16(&w, 0);
	wr_u32(&w, 0);
	wr_u64(&w, 0);
	/* Only the first is true, and only without a gift. */
	if (type == IPC_READY && nfds == 0)
		readies[role]++;
	else
		lied[role] = true;
	say(role, wr_rd(&w), nfds);
}

static bool
act(struct rd *r)
{
	uint8_t what, role, nfds, n;
	struct rd bytes;

	if (!rd_u8(r, &what))
		return false;
	if (what % ACTS == ACT_WAIT) {
		look();
		return true;
	}
	if (!rd_u8(r, &role))
		return false;
	role %= ROLES;
	switch ((enum act)(what % ACTS)) {
	case ACT_RAW:
		if (!rd_u8(r, &nfds) || !rd_u8(r, &n) ||
		    !rd_take(r, &bytes, n))
			return false;
		/* It may happen to be a true one; nothing is an end. */
		readies[role]++;
		gone[role] = gone[role] || n == 0;
		say(role, bytes, nfds % 9);
		return true;
	case ACT_FRAMED:
		if (!rd_u8(r, &nfds) || !rd_u8(r, &n))
			return false;
		say_framed(role, n, nfds % 9);
		return true;
	case ACT_READY:
		say_framed(role, IPC_READY, 0);
		return true;
	default:
		if (theirs[role] != -1)
			(void)close(theirs[role]);
		theirs[role] = -1;
		gone[role] = true;
		return true;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_from(data, size);
	unsigned before;
	size_t i;

	log_listening();
	before = count_fds();
	set_up();
	while (act(&r))
		;
	look();
	look();
	(void)parent_wait(&p, is_silent, parent_now() + 1);
	/* Nothing of what was handed over is left, read or unread. */
	for (i = 0; i < ROLES; i++)
		must(p.role[i].pid == 0);
	tear_down();
	must(count_fds() == before);
	return 0;
}
