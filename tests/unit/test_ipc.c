/* SPDX-License-Identifier: ISC */
/*
 * test_ipc.c - messages between the roles, as bytes and over a socket pair.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/wr.h"
#include "crypto/statement.h"
#include "server/ipc.h"
#include "server/slots.h"

#define MSG_CAP	(IPC_HEAD_BYTES + IPC_BODY_MAX + 64)

static struct ipc_end *
make_pair(int *other)
{
	struct ipc_end *e;
	int fd[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, fd), 0);
	*other = fd[1];
	e = ipc_end_new(fd[0]);
	cr_assert_not_null(e);
	return e;
}

static size_t
frame(unsigned char *out, uint16_t type, uint16_t zero, uint32_t length,
    uint64_t id, size_t nbody)
{
	struct wr w = wr_from(out, MSG_CAP);

	wr_u16(&w, type);
	wr_u16(&w, zero);
	wr_u32(&w, length);
	wr_u64(&w, id);
	wr_zeros(&w, nbody);
	cr_assert(wr_ok(&w));
	return w.n;
}

Test(ipc, a_message_is_read_as_it_was_framed)
{
	unsigned char b[MSG_CAP];
	struct ipc_msg m;
	size_t n = frame(b, IPC_PUT, 0, 37, 0x0102030405060708, 37);

	cr_assert_eq(ipc_parse(&m, rd_from(b, n)), 0);
	cr_assert_eq(m.type, IPC_PUT);
	cr_assert_eq(m.id, 0x0102030405060708);
	cr_assert_eq(m.body.n, 37);
}

Test(ipc, every_truncation_is_refused)
{
	unsigned char b[MSG_CAP];
	struct ipc_msg m;
	size_t i, n = frame(b, IPC_GET_DONE, 0, 14, 1, 14);

	cr_assert_eq(ipc_parse(&m, rd_from(b, n)), 0);
	for (i = 0; i < n; i++)
		cr_assert_eq(ipc_parse(&m, rd_from(b, i)), ERR_FORMAT);
}

Test(ipc, wrong_heads_are_refused)
{
	static const struct {
		uint16_t type, zero;
		uint32_t length;
		size_t body;
	} bad[] = {
		{ 0, 0, 0, 0 }, { IPC_BOX_DONE + 1, 0, 0, 0 },
		{ IPC_READY, 1, 0, 0 }, { IPC_READY, 0, 1, 1 },
		{ IPC_READY, 0, 0, 1 }, { IPC_STOP, 0, 8, 8 },
		{ IPC_PUT, 0, 36, 36 }, { IPC_PUT, 0, 38, 38 },
		{ IPC_PUT, 0, 38, 37 }, { IPC_GET, 0, 45, 45 },
		{ IPC_GET, 0, 87, 87 }, { IPC_PUT_DONE, 0, 1, 1 },
		{ IPC_PUT_DONE, 0, 1027, 1027 }, { IPC_GET_DONE, 0, 13, 13 },
		{ IPC_STATE, 0, 17, 17 }, { IPC_PUBLISH, 0, 0, 0 },
		{ IPC_BOX, 0, 47, 47 }, { IPC_BOX, 0, 49, 49 },
		{ IPC_BOX_GONE, 0, 3, 3 }, { IPC_BOX_DONE, 0, 11, 11 },
		{ IPC_PUT, 0, 0xffffffff, 37 },
	};
	unsigned char b[MSG_CAP];
	struct ipc_msg m;
	size_t i, n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = frame(b, bad[i].type, bad[i].zero, bad[i].length, 0,
		    bad[i].body);
		cr_assert_eq(ipc_parse(&m, rd_from(b, n)), ERR_FORMAT,
		    "case %zu", i);
	}
}

Test(ipc, put_goes_there_and_back)
{
	struct ipc_put p = { .slot = SLOTS_MAX - 1,
	    .flags = IPC_HAS_DIGEST }, q;
	unsigned char b[64];
	struct wr w = wr_from(b, sizeof(b));

	memset(p.digest, 0xa5, sizeof(p.digest));
	ipc_write_put(&w, &p);
	cr_assert_eq(ipc_parse_put(&q, wr_rd(&w)), 0);
	cr_assert_eq(q.slot, p.slot);
	cr_assert_eq(q.flags, p.flags);
	cr_assert_arr_eq(q.digest, p.digest, sizeof(p.digest));
}

Test(ipc, box_goes_there_and_back)
{
	const struct ipc_box b = { .slot = 9, .total = OUTBOX_BYTES_MAX,
	    .offset = OUTBOX_BYTES_MAX - 5, .length = 5,
	    .token = { 1, [31] = 2 } };
	struct ipc_box c;
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));

	ipc_write_box(&w, &b);
	cr_assert_eq(ipc_parse_box(&c, wr_rd(&w)), 0);
	cr_assert_eq(memcmp(&b, &c, sizeof(b)), 0);
}

Test(ipc, box_refuses_what_does_not_fit_its_total)
{
	static const struct {
		uint32_t slot, total, offset, length;
	} bad[] = {
		{ SLOTS_MAX, 10, 0, 10 }, { 0, 0, 0, 0 },
		{ 0, OUTBOX_BYTES_MAX + 1, 0, 0 }, { 0, 10, 10, 0 },
		{ 0, 10, 11, 0 }, { 0, 10, 0, 11 }, { 0, 10, 5, 6 },
		{ 0, 10, 5, 0 }, { 0, 10, 1, UINT32_MAX },
		{ 0, OUTBOX_BYTES_MAX, 0, SLOT_BYTES + 1 },
	};
	struct ipc_box b, c;
	unsigned char buf[64];
	struct wr w;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&b, 0, sizeof(b));
		b.slot = bad[i].slot;
		b.total = bad[i].total;
		b.offset = bad[i].offset;
		b.length = bad[i].length;
		w = wr_from(buf, sizeof(buf));
		ipc_write_box(&w, &b);
		cr_assert_eq(ipc_parse_box(&c, wr_rd(&w)), ERR_FORMAT,
		    "case %zu", i);
	}
}

Test(ipc, box_done_knows_its_statuses)
{
	static const uint16_t good[] = { 100, 200, 201, 400, 401, 503 };
	struct ipc_box_done d, e;
	unsigned char buf[16];
	struct wr w;
	size_t i;
	unsigned status;

	for (status = 0; status < 600; status++) {
		bool known = false;

		for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
			known = known || good[i] == status;
		d = (struct ipc_box_done){ (uint16_t)status, 0 };
		w = wr_from(buf, sizeof(buf));
		ipc_write_box_done(&w, &d);
		cr_assert_eq(ipc_parse_box_done(&e, wr_rd(&w)), known ? 0 :
		    ERR_FORMAT, "%u", status);
	}
	d = (struct ipc_box_done){ 409, 7 };
	w = wr_from(buf, sizeof(buf));
	ipc_write_box_done(&w, &d);
	cr_assert_eq(ipc_parse_box_done(&e, wr_rd(&w)), 0);
	cr_assert_eq(e.next, 7);
	d.status = 200;
	w = wr_from(buf, sizeof(buf));
	ipc_write_box_done(&w, &d);
	cr_assert_eq(ipc_parse_box_done(&e, wr_rd(&w)), ERR_FORMAT);
}

Test(ipc, a_hash_without_its_flag_is_zeros)
{
	struct ipc_put p = { .slot = 0, .flags = 0 }, q;
	unsigned char b[64];
	struct wr w = wr_from(b, sizeof(b));

	memset(p.digest, 0xa5, sizeof(p.digest));
	ipc_write_put(&w, &p);
	cr_assert_eq(ipc_parse_put(&q, wr_rd(&w)), 0, "the writer clears it");
	b[10] = 1;
	cr_assert_eq(ipc_parse_put(&q, wr_rd(&w)), ERR_FORMAT);
}

Test(ipc, put_refuses_unknown_flags_and_slots)
{
	struct ipc_put p = { .slot = 3 }, q;
	unsigned char b[64];
	struct wr w = wr_from(b, sizeof(b));

	ipc_write_put(&w, &p);
	b[4] = IPC_HAS_TOKEN;
	cr_assert_eq(ipc_parse_put(&q, wr_rd(&w)), ERR_FORMAT);
	b[4] = 0;
	cr_assert_eq(ipc_parse_put(&q, wr_rd(&w)), 0);
	b[2] = 0x10;			/* slot 4099 */
	cr_assert_eq(ipc_parse_put(&q, wr_rd(&w)), ERR_FORMAT);
}

Test(ipc, get_goes_there_and_back_for_each_kind)
{
	static const size_t bytes[] = { 0, 32, 32, 11 };
	unsigned char b[128], key[32] = { 7 };
	uint8_t kind;

	for (kind = GET_PARCEL; kind <= GET_TILE; kind++) {
		struct ipc_get g = { .slot = 9, .flags = IPC_HAS_TOKEN,
		    .kind = kind, .offset = 1u << 20 }, q;
		struct wr w = wr_from(b, sizeof(b));

		memset(g.token, kind, sizeof(g.token));
		g.key = rd_from(key, bytes[kind]);
		ipc_write_get(&w, &g);
		cr_assert_eq(ipc_parse_get(&q, wr_rd(&w)), 0);
		cr_assert_eq(q.slot, 9);
		cr_assert_eq(q.kind, kind);
		cr_assert_eq(q.offset, 1u << 20);
		cr_assert_arr_eq(q.token, g.token, sizeof(g.token));
		cr_assert(rd_eq(q.key, g.key));
		cr_assert_eq(ipc_parse_get(&q, rd_from(b, w.n - 1)),
		    ERR_FORMAT, "a short key");
		cr_assert_eq(ipc_parse_get(&q, rd_from(b, w.n + 1)),
		    ERR_FORMAT, "a long key");
	}
}

Test(ipc, get_refuses_unknown_kinds)
{
	struct ipc_get g = { .kind = GET_PARCEL }, q;
	unsigned char b[128], key[32] = { 0 };
	struct wr w = wr_from(b, sizeof(b));

	g.key = rd_from(key, sizeof(key));
	ipc_write_get(&w, &g);
	cr_assert_eq(ipc_parse_get(&q, wr_rd(&w)), 0);
	b[5] = 0;
	cr_assert_eq(ipc_parse_get(&q, wr_rd(&w)), ERR_FORMAT);
	b[5] = GET_TILE + 1;
	cr_assert_eq(ipc_parse_get(&q, wr_rd(&w)), ERR_FORMAT);
}

Test(ipc, put_done_has_a_receipt_exactly_when_it_is_good)
{
	static const unsigned char text[] = "receipt";
	static const struct {
		uint16_t status;
		bool receipt;
		int want;
	} cases[] = {
		{ 201, true, 0 }, { 200, true, 0 }, { 400, false, 0 },
		{ 503, false, 0 }, { 201, false, ERR_FORMAT },
		{ 400, true, ERR_FORMAT }, { 404, false, ERR_FORMAT },
		{ 0, false, ERR_FORMAT },
	};
	struct ipc_put_done d, q;
	unsigned char b[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wr w = wr_from(b, sizeof(b));

		d.status = cases[i].status;
		d.receipt = rd_from(text, cases[i].receipt ? 7 : 0);
		ipc_write_put_done(&w, &d);
		cr_assert_eq(ipc_parse_put_done(&q, wr_rd(&w)), cases[i].want,
		    "case %zu", i);
	}
}

Test(ipc, get_done_refuses_a_piece_larger_than_a_slot_or_the_whole)
{
	static const struct {
		struct ipc_get_done d;
		int want;
	} cases[] = {
		{ { 200, 65520, 65520 }, 0 }, { { 200, 0, 0 }, 0 },
		{ { 200, 1u << 20, SLOT_BYTES }, 0 },
		{ { 200, 1u << 20, SLOT_BYTES + 1 }, ERR_FORMAT },
		{ { 200, 9, 10 }, ERR_FORMAT }, { { 404, 0, 0 }, 0 },
		{ { 404, 1, 0 }, ERR_FORMAT }, { { 401, 1, 1 }, ERR_FORMAT },
		{ { 201, 0, 0 }, ERR_FORMAT },
	};
	struct ipc_get_done q;
	unsigned char b[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wr w = wr_from(b, sizeof(b));

		ipc_write_get_done(&w, &cases[i].d);
		cr_assert_eq(ipc_parse_get_done(&q, wr_rd(&w)), cases[i].want,
		    "case %zu", i);
	}
}

Test(ipc, state_keeps_to_its_ranges)
{
	static const struct {
		struct ipc_state s;
		int want;
	} cases[] = {
		{ { 21600, 0, 8, HEALTH_OK }, 0 },
		{ { 21600, 21600, 8, HEALTH_OK }, ERR_FORMAT },
		{ { 2, 1, 18, HEALTH_DISK }, 0 },
		{ { 2, 1, 19, HEALTH_OK }, ERR_FORMAT },
		{ { 2, 1, 0, HEALTH_LOST + 1 }, ERR_FORMAT },
	};
	struct ipc_state q;
	unsigned char b[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wr w = wr_from(b, sizeof(b));

		ipc_write_state(&w, &cases[i].s);
		cr_assert_eq(ipc_parse_state(&q, wr_rd(&w)), cases[i].want,
		    "case %zu", i);
	}
}

/* --- over a socket pair -------------------------------------------------- */

Test(ipc, messages_arrive_in_order_and_nothing_waits_after)
{
	struct ipc_msg m;
	struct ipc_end *a, *b;
	unsigned char body[14] = { 0x01, 0x94 };
	int fd, pass;

	a = make_pair(&fd);
	b = ipc_end_new(fd);
	cr_assert_eq(ipc_end_send(a, IPC_READY, 0, rd_from(NULL, 0), -1), 0);
	cr_assert_eq(ipc_end_send(a, IPC_GET_DONE, 77,
	    rd_from(body, sizeof(body)), -1), 0);
	cr_assert_eq(ipc_end_recv(b, &m, &pass), 0);
	cr_assert_eq(m.type, IPC_READY);
	cr_assert_eq(ipc_end_recv(b, &m, &pass), 0);
	cr_assert_eq(m.type, IPC_GET_DONE);
	cr_assert_eq(m.id, 77);
	cr_assert(rd_eq(m.body, rd_from(body, sizeof(body))));
	cr_assert_eq(pass, -1);
	cr_assert_eq(ipc_end_recv(b, &m, &pass), ERR_NOTFOUND);
	ipc_end_free(a);
	cr_assert_eq(ipc_end_recv(b, &m, &pass), ERR_IO, "closed");
	ipc_end_free(b);
}

Test(ipc, what_the_socket_does_not_take_is_kept_and_sent_on)
{
	const unsigned char body[14] = { 0 };
	struct ipc_msg m;
	struct ipc_end *a, *b;
	uint64_t i, got = 0;
	bool pending = false;
	int fd, pass, r;

	a = make_pair(&fd);
	b = ipc_end_new(fd);
	for (i = 0; i < 5000; i++)
		cr_assert_eq(ipc_end_send(a, IPC_GET_DONE, i,
		    rd_from(body, sizeof(body)), -1), 0);
	cr_assert_eq(ipc_end_flush(a, &pending), 0);
	cr_assert(pending, "no socket buffer holds that many");
	do {
		while ((r = ipc_end_recv(b, &m, &pass)) == 0)
			cr_assert_eq(m.id, got++);
		cr_assert_eq(r, ERR_NOTFOUND);
		cr_assert_eq(ipc_end_flush(a, &pending), 0);
	} while (got < 5000);
	cr_assert_not(pending);
	ipc_end_free(a);
	ipc_end_free(b);
}

Test(ipc, the_queue_is_bounded)
{
	const unsigned char body[14] = { 0 };
	struct ipc_end *a;
	size_t i;
	int fd, r = 0;

	a = make_pair(&fd);
	for (i = 0; i < 100000 && r == 0; i++)
		r = ipc_end_send(a, IPC_GET_DONE, i,
		    rd_from(body, sizeof(body)), -1);
	cr_assert_eq(r, ERR_LIMIT);
	ipc_end_free(a);
	close(fd);
}

Test(ipc, few_descriptors_are_kept_back)
{
	const unsigned char gen[8] = { 0 }, body[14] = { 0 };
	struct ipc_end *a;
	bool pending;
	size_t kept;
	int fd, null, r;

	a = make_pair(&fd);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	cr_assert_neq(null, -1);
	do {
		cr_assert_eq(ipc_end_send(a, IPC_GET_DONE, 0,
		    rd_from(body, sizeof(body)), -1), 0);
		cr_assert_eq(ipc_end_flush(a, &pending), 0);
	} while (!pending);
	for (kept = 0; kept < 1000 && (r = ipc_end_send(a, IPC_PUBLISH, 5,
	    rd_from(gen, sizeof(gen)), null)) == 0; kept++)
		;
	cr_assert_eq(r, ERR_LIMIT);
	cr_assert_eq(kept, 16);
	cr_assert_eq(ipc_end_send(a, IPC_GET_DONE, 0,
	    rd_from(body, sizeof(body)), -1), 0, "words alone still wait");
	close(null);
	ipc_end_free(a);
	close(fd);
}

Test(ipc, a_descriptor_travels_even_through_the_queue)
{
	const unsigned char gen[8] = { 0 }, body[14] = { 0 };
	struct stat want, have;
	struct ipc_msg m;
	struct ipc_end *a, *b;
	bool pending;
	int fd, pass, null, r;

	a = make_pair(&fd);
	b = ipc_end_new(fd);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	cr_assert_neq(null, -1);
	cr_assert_eq(fstat(null, &want), 0);
	do {
		cr_assert_eq(ipc_end_send(a, IPC_GET_DONE, 0,
		    rd_from(body, sizeof(body)), -1), 0);
		cr_assert_eq(ipc_end_flush(a, &pending), 0);
	} while (!pending);
	cr_assert_eq(ipc_end_send(a, IPC_PUBLISH, 5,
	    rd_from(gen, sizeof(gen)), null), 0);
	close(null);			/* the queue has a copy */
	do {
		r = ipc_end_recv(b, &m, &pass);
		cr_assert_eq(ipc_end_flush(a, &pending), 0);
	} while (r == ERR_NOTFOUND || (r == 0 && m.type != IPC_PUBLISH));
	cr_assert_eq(r, 0);
	cr_assert_neq(pass, -1);
	cr_assert_eq(fstat(pass, &have), 0);
	cr_assert_eq(want.st_rdev, have.st_rdev);
	close(pass);
	ipc_end_free(a);
	ipc_end_free(b);
}

/* Sends bytes with n copies of a descriptor. */
static void
send_raw(int fd, void *bytes, size_t n, int pass, size_t copies)
{
	union {
		struct cmsghdr head;
		unsigned char room[CMSG_SPACE(8 * sizeof(int))];
	} ctl = { 0 };
	struct iovec iov = { bytes, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	size_t i;

	if (copies > 0) {
		m.msg_control = &ctl;
		m.msg_controllen = CMSG_SPACE(copies * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(copies * sizeof(int));
		for (i = 0; i < copies; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &pass,
			    sizeof(int));
	}
	cr_assert_eq(sendmsg(fd, &m, 0), (ssize_t)n);
}

/* The next descriptor number: the same again if none was leaked. */
static int
next_fd(void)
{
	int fd = dup(0);

	cr_assert_neq(fd, -1);
	close(fd);
	return fd;
}

Test(ipc, descriptors_where_none_belong_are_closed_and_refused)
{
	static const struct {
		uint16_t type;
		uint32_t body;
		size_t copies;
	} bad[] = {
		{ IPC_READY, 0, 1 }, { IPC_PUBLISH, 8, 0 },
		{ IPC_PUBLISH, 8, 2 }, { IPC_PUBLISH, 8, 8 },
		{ IPC_PUT, 37, 3 },
	};
	unsigned char b[MSG_CAP];
	struct ipc_msg m;
	struct ipc_end *a;
	size_t i, n;
	int fd, pass, before;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a = make_pair(&fd);
		before = next_fd();
		n = frame(b, bad[i].type, 0, bad[i].body, 0, bad[i].body);
		send_raw(fd, b, n, 0, bad[i].copies);
		cr_assert_eq(ipc_end_recv(a, &m, &pass), ERR_FORMAT,
		    "case %zu", i);
		cr_assert_eq(pass, -1);
		cr_assert_eq(next_fd(), before, "case %zu leaks", i);
		ipc_end_free(a);
		close(fd);
	}
}

Test(ipc, a_datagram_that_is_too_long_is_refused)
{
	unsigned char b[8192] = { 0 };
	struct ipc_msg m;
	struct ipc_end *a;
	int fd, pass;

	a = make_pair(&fd);
	(void)frame(b, IPC_PUT_DONE, 0, 1026, 0, 1026);
	send_raw(fd, b, sizeof(b), -1, 0);
	cr_assert_eq(ipc_end_recv(a, &m, &pass), ERR_FORMAT);
	ipc_end_free(a);
	close(fd);
}
