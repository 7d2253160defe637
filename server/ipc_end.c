/* SPDX-License-Identifier: ISC */
/*
 * ipc_end.c - one end of the socket pair between two roles.
 *
 * Refuses a datagram with descriptors that its type does not have; keeps what
 * the socket does not take, up to a bound.
 */
#include "server/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/wr.h"
#include "server/slots.h"

#define IPC_MAX_BYTES	(IPC_HEAD_BYTES + IPC_BODY_MAX)
#define IPC_QUEUE_MAX	(2 * SLOTS_MAX + 64)	/* messages kept back */
#define IPC_PASS_MAX	16	/* of these with a descriptor, and its memory */
#define IPC_FDS_MAX	4			/* seen, so that all close */

struct waiting {
	struct waiting *next;
	int pass;			/* ours, or -1 */
	size_t n;
	unsigned char bytes[];
};

struct ipc_end {
	int fd;
	size_t nwaiting, npass;
	struct waiting *first, **last;
	unsigned char in[IPC_MAX_BYTES + 1];	/* one more: too long shows */
};

/* see ipc.h */
struct ipc_end *
ipc_end_new(int fd)
{
	struct ipc_end *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->fd = fd;
	e->last = &e->first;
	return e;
}

/* Takes the first of the queue off and releases it. */
static void
drop_first(struct ipc_end *e)
{
	struct waiting *w = e->first;

	e->first = w->next;
	if (e->first == NULL)
		e->last = &e->first;
	e->nwaiting--;
	if (w->pass != -1) {
		(void)close(w->pass);	/* a copy; nothing to lose */
		e->npass--;
	}
	free(w);
}

/* see ipc.h */
void
ipc_end_free(struct ipc_end *e)
{
	if (e == NULL)
		return;
	while (e->first != NULL)
		drop_first(e);
	(void)close(e->fd);		/* a socket: nothing is unwritten */
	free(e);
}

/* see ipc.h */
int
ipc_end_fd(const struct ipc_end *e)
{
	return e->fd;
}

/* One datagram; ERR_ORDER where the socket takes none now. */
static int
send_now(int fd, unsigned char *p, size_t n, int pass)
{
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(sizeof(int))];
	} ctl;
	struct iovec iov = { .iov_base = p, .iov_len = n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t sent;

	if (pass != -1) {
		memset(&ctl, 0, sizeof(ctl));
		m.msg_control = &ctl;
		m.msg_controllen = sizeof(ctl);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass, sizeof(int));
	}
	do {
		sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent == -1 && errno == EINTR);
	if (sent == -1)
		return errno == EAGAIN || errno == EWOULDBLOCK ||
		    errno == ENOBUFS ? ERR_ORDER : ERR_IO;
	return (size_t)sent == n ? 0 : ERR_IO;
}

/* Keeps a message for later, with its own copy of the descriptor. */
static int
enqueue(struct ipc_end *e, struct rd bytes, int pass)
{
	struct waiting *w;

	if (e->nwaiting >= IPC_QUEUE_MAX ||
	    (pass != -1 && e->npass >= IPC_PASS_MAX))
		return ERR_LIMIT;
	if ((w = malloc(sizeof(*w) + bytes.n)) == NULL)
		return ERR_NOMEM;
	w->next = NULL;
	w->pass = -1;
	w->n = bytes.n;
	memcpy(w->bytes, bytes.p, bytes.n);
	if (pass != -1 &&
	    (w->pass = fcntl(pass, F_DUPFD_CLOEXEC, 0)) == -1) {
		free(w);
		return ERR_IO;
	}
	*e->last = w;
	e->last = &w->next;
	e->nwaiting++;
	e->npass += pass != -1;
	return 0;
}

/* see ipc.h */
int
ipc_end_send(struct ipc_end *e, enum ipc_type type, uint64_t id,
    struct rd body, int pass)
{
	unsigned char buf[IPC_MAX_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	int r;

	/* Our own message being out of shape is a bug of ours. */
	if (!ipc_fits(type, body.n) ||
	    (type == IPC_PUBLISH) != (pass != -1))
		abort();
	wr_u16(&w, (uint16_t)type);
	wr_u16(&w, 0);
	wr_u32(&w, (uint32_t)body.n);
	wr_u64(&w, id);
	wr_rdr(&w, body);
	if (!wr_ok(&w))
		abort();
	if (e->first == NULL &&
	    (r = send_now(e->fd, buf, w.n, pass)) != ERR_ORDER)
		return r;
	return enqueue(e, wr_rd(&w), pass);
}

/* see ipc.h */
int
ipc_end_flush(struct ipc_end *e, bool *pending)
{
	int r = 0;

	while (e->first != NULL && (r = send_now(e->fd, e->first->bytes,
	    e->first->n, e->first->pass)) == 0)
		drop_first(e);
	*pending = e->first != NULL;
	return r == ERR_ORDER ? 0 : r;
}

/*
 * The descriptors that came along: the only one, or -1.  More than one, or
 * other control data, closes them all and is ERR_FORMAT.
 */
static int
take_descriptor(struct msghdr *m, int *pass)
{
	struct cmsghdr *c;
	size_t i, n;
	int fd, seen = 0;

	*pass = -1;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			seen = 2;
			continue;
		}
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			    sizeof(fd));
			if (seen++ == 0)
				*pass = fd;
			else
				(void)close(fd);	/* refused */
		}
	}
	if (seen <= 1 && (m->msg_flags & MSG_CTRUNC) == 0)
		return 0;
	if (*pass != -1)
		(void)close(*pass);	/* refused */
	*pass = -1;
	return ERR_FORMAT;
}

/* see ipc.h */
int
ipc_end_recv(struct ipc_end *e, struct ipc_msg *msg, int *pass)
{
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(IPC_FDS_MAX * sizeof(int))];
	} ctl;
	struct iovec iov = { .iov_base = e->in, .iov_len = sizeof(e->in) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &ctl, .msg_controllen = sizeof(ctl) };
	ssize_t n;
	int r;

	*pass = -1;
	do {
		n = recvmsg(e->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN || errno == EWOULDBLOCK ?
		    ERR_NOTFOUND : ERR_IO;
	if ((r = take_descriptor(&m, pass)) != 0)
		return r;
	if (n == 0)
		r = ERR_IO;
	else if ((m.msg_flags & MSG_TRUNC) != 0)
		r = ERR_FORMAT;
	else if ((r = ipc_parse(msg, rd_from(e->in, (size_t)n))) == 0 &&
	    (msg->type == IPC_PUBLISH) != (*pass != -1))
		r = ERR_FORMAT;
	if (r != 0 && *pass != -1) {
		(void)close(*pass);	/* refused */
		*pass = -1;
	}
	return r;
}
