/* SPDX-License-Identifier: ISC */
/*
 * fuzz_conn.c - a connection over memory, driven by whatever comes.
 *
 * The input is a list of acts: one byte says which, and what it needs
 * follows.  The peer sends, stalls and goes; the store answers well and
 * badly; time passes; the process stops.  Checked: slots and held objects
 * come back, and whatever is said begins like an answer.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"
#include "server/conn.h"
#include "server/slots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum act {
	ACT_SEND,		/* length 1 | bytes */
	ACT_POST,		/* a good head */
	ACT_PARCEL,		/* length 2: so much of a good parcel */
	ACT_GET,		/* kind 1 */
	ACT_END, ACT_STEP, ACT_EXPIRE, ACT_STOP, ACT_YIELD,
	ACT_TIME,		/* seconds 1 */
	ACT_PUT_DONE,		/* which 1 */
	ACT_GET_DONE,		/* which 1 | total 4 | length 4 */
	ACT_ROOM,		/* bytes 2 */
	ACT_FULL,		/* slots 1 */
	ACT_BOX,		/* length 4: the head of an outbox */
	ACT_BOX_DONE,		/* which 1 */
	ACTS
};

static struct conf conf = {
	.handshake_seconds = 10, .head_seconds = 15, .body_seconds = 90,
	.idle_seconds = 30, .connection_seconds = 120
};
static struct conn_world world;
static struct conn c;
static unsigned char mem[SLOT_BYTES], parcel[PARCEL_BYTES];
static unsigned char in[1u << 18];
static size_t nin, pos, room, nout;
static bool end, full, taken, wrong;
static unsigned held;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static enum wire_result
m_hello(struct wire *w)
{
	(void)w;
	return WIRE_OK;
}

static enum wire_result
m_read(struct wire *w, void *p, size_t n, size_t *got)
{
	(void)w;
	must(n > 0);
	if (pos == nin)
		return end ? WIRE_END : WIRE_READ;
	*got = nin - pos < n ? nin - pos : n;
	memcpy(p, in + pos, *got);
	pos += *got;
	return WIRE_OK;
}

static enum wire_result
m_write(struct wire *w, const void *p, size_t n, size_t *put)
{
	(void)w;
	must(n > 0);
	if (room == 0)
		return WIRE_WRITE;
	if (nout == 0 && n >= 9)
		wrong = wrong || memcmp(p, "HTTP/1.1 ", 9) != 0;
	*put = n < room ? n : room;
	room -= *put;
	nout += *put;
	return WIRE_OK;
}

static enum wire_result
m_bye(struct wire *w)
{
	(void)w;
	return WIRE_OK;
}

static enum wire_result
m_drain(struct wire *w, size_t *got)
{
	unsigned char gone[4096];

	return m_read(w, gone, sizeof(gone), got);
}

static bool
m_holds(const struct wire *w)
{
	(void)w;
	return pos < nin;
}

static void
m_close(struct wire *w)
{
	(void)w;
}

static const struct wire_ops memory = {
	m_hello, m_read, m_write, m_bye, m_drain, m_holds, m_close
};

static bool
o_take(struct conn *cc, bool download)
{
	(void)download;
	if (full)
		return false;
	must(!taken);
	taken = true;
	cc->slot = 1;
	cc->mem = mem;
	return true;
}

static void
o_leave(struct conn *cc)
{
	(void)cc;
	must(taken);
	taken = false;
}

static bool
o_ask(struct conn *cc, enum ipc_type type, struct rd body)
{
	struct ipc_put p;
	struct ipc_get g;
	struct ipc_box b;

	(void)cc;
	must(taken);
	if (type == IPC_PUT)
		must(ipc_parse_put(&p, body) == 0);
	else if (type == IPC_BOX)
		must(ipc_parse_box(&b, body) == 0);
	else
		must(ipc_parse_get(&g, body) == 0);
	return !full;
}

static void
o_gone(struct conn *cc)
{
	(void)cc;
	must(taken);
}

static bool
o_hold(struct conn *cc, enum published_kind kind, struct rd *obj, void **h)
{
	(void)cc;
	held++;
	*h = &held;
	*obj = rd_from(parcel, kind == PUB_REPLIES ? sizeof(parcel) : 100);
	return true;
}

static void
o_let_go(struct conn *cc, void *h)
{
	(void)cc;
	must(h == &held && held > 0);
	held--;
}

static const struct conn_ops ops = {
	o_take, o_leave, o_ask, o_gone, o_hold, o_let_go
};

static void
feed(const void *p, size_t n)
{
	if (n > sizeof(in) - nin)
		n = sizeof(in) - nin;
	memcpy(in + nin, p, n);
	nin += n;
}

static void
feed_str(const char *s)
{
	feed(s, strlen(s));
}

static void
feed_get(uint8_t kind)
{
	static const char *const targets[] = {
		"/policy", "/replies", "/log/tile/0/000", "/health",
		"/statements/0000000000000000000000000000000000000000"
		    "000000000000000000000000",
		"/parcels/0000000000000000000000000000000000000000"
		    "000000000000000000000000",
	};
	static const char *const methods[] = { "GET ", "HEAD ", "OPTIONS " };

	feed_str(methods[kind / 6 % 3]);
	feed_str(targets[kind % 6]);
	feed_str(" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer b\r\n\r\n");
}

static void
put_done(uint8_t which)
{
	static const uint16_t codes[] = { 201, 200, 400, 503, 404 };
	struct ipc_put_done d = { codes[which % 5], rd_str("receipt") };

	if (conn_put_done(&c, &d) != 0)
		must(c.state != CONN_STORE || c.route != ROUTE_PARCELS ||
		    d.status == 404);
}

/* The head; its bytes are whatever is sent. */
static void
feed_box(uint32_t length)
{
	char head[160];

	(void)snprintf(head, sizeof(head), "POST /outbox HTTP/1.1\r\n"
	    "Host: a\r\nAuthorization: Bearer b\r\n%s"
	    "Content-Length: %u\r\n\r\n", length % 2 == 0 ?
	    "Expect: 100-continue\r\n" : "", length);
	feed_str(head);
}

static void
box_done(uint8_t which)
{
	static const uint16_t codes[] = { 100, 100, 201, 200, 400, 401, 409,
	    503, 404 };
	struct ipc_box_done d = { codes[which % 9], 0 };
	bool asked = c.state == CONN_STORE && c.route == ROUTE_OUTBOX;

	d.next = d.status == 409;
	must(conn_box_done(&c, &d) != 0 || asked);
}

static bool
get_done(struct rd *r)
{
	static const uint16_t codes[] = { 200, 200, 401, 404, 503 };
	struct ipc_get_done d;
	uint32_t total;
	uint8_t which;
	bool asked;

	if (!rd_u8(r, &which) || !rd_u32(r, &total) || !rd_u32(r, &d.length))
		return false;
	d.status = codes[which % 5];
	d.total = total;
	asked = c.state == CONN_STORE && c.route != ROUTE_PARCELS &&
	    c.route != ROUTE_OUTBOX;
	must(conn_get_done(&c, &d) != 0 || asked);
	return true;
}

/* One act; false: the input is used up, or the connection is over. */
static bool
act(struct rd *r)
{
	enum conn_want want = CONN_READ;
	struct rd bytes;
	uint32_t n32;
	uint16_t n16;
	uint8_t what, n;

	if (!rd_u8(r, &what))
		return false;
	switch ((enum act)(what % ACTS)) {
	case ACT_SEND:
		if (!rd_u8(r, &n) || !rd_take(r, &bytes, n))
			return false;
		feed(bytes.p, bytes.n);
		break;
	case ACT_POST:
		feed_str("POST /parcels HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: 65520\r\n\r\n");
		break;
	case ACT_PARCEL:
		if (!rd_u16(r, &n16))
			return false;
		feed(parcel, n16 < PARCEL_BYTES ? n16 : PARCEL_BYTES);
		break;
	case ACT_GET:
		if (!rd_u8(r, &n))
			return false;
		feed_get(n);
		break;
	case ACT_END:
		end = true;
		break;
	case ACT_STEP:
		want = conn_step(&c);
		break;
	case ACT_EXPIRE:
		world.now = conn_deadline(&c);
		want = conn_expire(&c);
		break;
	case ACT_STOP:
		world.stopping = true;
		want = conn_stop(&c);
		break;
	case ACT_YIELD:
		if (conn_rate(&c) != UINT64_MAX)
			conn_yield(&c);
		break;
	case ACT_TIME:
		if (!rd_u8(r, &n))
			return false;
		world.now += (uint64_t)n * 1000;
		break;
	case ACT_PUT_DONE:
		if (!rd_u8(r, &n))
			return false;
		put_done(n);
		break;
	case ACT_GET_DONE:
		if (!get_done(r))
			return false;
		break;
	case ACT_ROOM:
		if (!rd_u16(r, &n16))
			return false;
		room = n16;
		break;
	case ACT_FULL:
		if (!rd_u8(r, &n))
			return false;
		full = n % 2 == 1;
		break;
	case ACT_BOX:
		if (!rd_u32(r, &n32))
			return false;
		feed_box(n32);
		break;
	case ACT_BOX_DONE:
		if (!rd_u8(r, &n))
			return false;
		box_done(n);
		break;
	case ACTS:
		break;
	}
	must(conn_deadline(&c) <= c.life_end);
	return want != CONN_OVER;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wire wire = { &memory, -1, NULL };
	struct rd r = rd_from(data, size);

	if (parcel[0] == 0 && parcel_cover(parcel) != 0)
		abort();
	memset(&world, 0, sizeof(world));
	world.conf = &conf;
	world.ops = &ops;
	world.origin = rd_str("a");
	world.now = 1000;
	nin = pos = nout = 0;
	room = SIZE_MAX;
	end = full = wrong = false;
	must(!taken && held == 0);
	conn_init(&c, &world, wire, true);
	while (act(&r))
		;
	conn_close(&c);
	must(!wrong && !taken && held == 0);
	return 0;
}
