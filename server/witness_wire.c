/* SPDX-License-Identifier: ISC */
/*
 * witness_wire.c - the datagrams between the store and the witness role.
 *
 * Refuses whatever is not exactly one of the two; there is no field that is
 * ignored.  Invariant: what a parser lets through is written again byte for
 * byte.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/witness.h"

#define TYPE_ASK	1
#define TYPE_ANSWER	2
#define FDS_MAX		4		/* seen, so that all close */

/* see witness.h */
int
witness_parse_ask(struct witness_ask *a, struct rd in)
{
	uint8_t type;

	if (!rd_u8(&in, &type) || type != TYPE_ASK ||
	    !rd_copy(&in, a->pk, sizeof(a->pk)) ||
	    !rd_u16(&in, &a->seconds) || a->seconds == 0 ||
	    in.n == 0 || in.n > WITNESS_REQUEST_MAX)
		return ERR_FORMAT;
	a->body = in;
	return 0;
}

/* see witness.h */
void
witness_write_ask(struct wr *w, const struct witness_ask *a)
{
	wr_u8(w, TYPE_ASK);
	wr_bytes(w, a->pk, sizeof(a->pk));
	wr_u16(w, a->seconds);
	wr_rdr(w, a->body);
}

/* see witness.h */
int
witness_parse_answer(struct witness_answer *a, struct rd in)
{
	uint8_t type, is_size;

	if (!rd_u8(&in, &type) || type != TYPE_ANSWER ||
	    !rd_copy(&in, a->pk, sizeof(a->pk)) ||
	    !rd_u16(&in, &a->status) || a->status > 999 ||
	    !rd_u8(&in, &is_size) || is_size > 1 ||
	    !rd_u32(&in, &a->retry_after) || in.n > WITNESS_ANSWER_MAX)
		return ERR_FORMAT;
	/* Where nothing was answered, there is nothing to say of it. */
	if (a->status == 0 &&
	    (is_size != 0 || a->retry_after != 0 || in.n > 0))
		return ERR_FORMAT;
	a->is_size = is_size != 0;
	a->body = in;
	return 0;
}

/* see witness.h */
void
witness_write_answer(struct wr *w, const struct witness_answer *a)
{
	wr_u8(w, TYPE_ANSWER);
	wr_bytes(w, a->pk, sizeof(a->pk));
	wr_u16(w, a->status);
	wr_u8(w, a->is_size);
	wr_u32(w, a->retry_after);
	wr_rdr(w, a->body);
}

/* --- an end, handed over ------------------------------------------------- */

/* see witness.h */
int
witness_hand_over(int rendezvous, int end)
{
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(sizeof(int))];
	} ctl;
	char hello = WITNESS_HELLO;
	struct iovec iov = { .iov_base = &hello, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &ctl, .msg_controllen = sizeof(ctl) };
	struct cmsghdr *c;
	ssize_t n;

	memset(&ctl, 0, sizeof(ctl));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &end, sizeof(int));
	do {
		n = sendmsg(rendezvous, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n == -1 && errno == EINTR);
	return n == 1 ? 0 : ERR_IO;
}

/* The only descriptor that came along; all close where it is not one. */
static int
only_descriptor(struct msghdr *m)
{
	struct cmsghdr *c;
	size_t i, n;
	int fd, first = -1, seen = 0;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			    sizeof(fd));
			if (seen++ == 0)
				first = fd;
			else
				(void)close(fd);	/* refused */
		}
	}
	if (seen > 1 || (m->msg_flags & MSG_CTRUNC) != 0) {
		if (first != -1)
			(void)close(first);	/* refused */
		first = -1;
	}
	return first;
}

/* see witness.h */
int
witness_take_over(int rendezvous, int *end)
{
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} ctl;
	char hello = 0;
	struct iovec iov = { .iov_base = &hello, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &ctl, .msg_controllen = sizeof(ctl) };
	int type = 0;
	socklen_t n = sizeof(type);
	ssize_t got;

	*end = -1;
	do {
		got = recvmsg(rendezvous, &m, MSG_CMSG_CLOEXEC);
	} while (got == -1 && errno == EINTR);
	if (got == -1)
		return ERR_IO;
	*end = only_descriptor(&m);
	if (got == 1 && hello == WITNESS_HELLO && *end != -1 &&
	    getsockopt(*end, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	    type == SOCK_SEQPACKET)
		return 0;
	if (*end != -1)
		(void)close(*end);	/* refused */
	*end = -1;
	return ERR_FORMAT;
}
