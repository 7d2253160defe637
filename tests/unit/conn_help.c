/* SPDX-License-Identifier: ISC */
/* conn_help.c - a connection over memory; see conn_help.h. */
#include "tests/unit/conn_help.h"

struct conn_test ct;
unsigned char ct_parcel[PARCEL_BYTES];
char ct_post_head[512];
static unsigned char out_bytes[OUT_MAX + 1];	/* and the NUL of ct_out() */

/* --- the wire ---------------------------- */

static enum wire_result
m_hello(struct wire *w)
{
	(void)w;
	return WIRE_OK;
}

static enum wire_result
m_read(struct wire *w, void *p, size_t n, size_t *got)
{
	size_t left = ct.nin - ct.pos;

	(void)w;
	cr_assert_gt(n, 0);
	if (left == 0 && ct.dead)
		return WIRE_DEAD;
	if (left == 0)
		return ct.end ? WIRE_END : WIRE_READ;
	*got = left < n ? left : n;
	if (*got > ct.chunk)
		*got = ct.chunk;
	memcpy(p, ct.in + ct.pos, *got);
	ct.pos += *got;
	return WIRE_OK;
}

static enum wire_result
m_write(struct wire *w, const void *p, size_t n, size_t *put)
{
	(void)w;
	cr_assert_gt(n, 0);
	cr_assert_not(ct.bye);
	if (ct.nout >= ct.dead_out)
		return WIRE_DEAD;
	if (ct.room == 0)
		return WIRE_WRITE;
	*put = n < ct.room ? n : ct.room;
	if (*put > ct.dead_out - ct.nout)
		*put = ct.dead_out - ct.nout;
	if (*put > ct.step)
		*put = ct.step;
	cr_assert_leq(ct.nout + *put, OUT_MAX);
	memcpy(ct.out + ct.nout, p, *put);
	ct.nout += *put;
	ct.room -= *put;
	return WIRE_OK;
}

static enum wire_result
m_bye(struct wire *w)
{
	(void)w;
	ct.bye = true;
	return WIRE_OK;
}

static enum wire_result
m_drain(struct wire *w, size_t *got)
{
	enum wire_result r;
	unsigned char gone[1000];

	r = m_read(w, gone, sizeof(gone), got);
	if (r == WIRE_OK)
		ct.drained += *got;
	return r;
}

static bool
m_holds(const struct wire *w)
{
	(void)w;
	return ct.pos < ct.nin;
}

static void
m_close(struct wire *w)
{
	(void)w;
	ct.closed = true;
}

static const struct wire_ops memory = {
	m_hello, m_read, m_write, m_bye, m_drain, m_holds, m_close
};

/* --- the front ---------------------------- */

static bool
o_take(struct conn *c, bool download)
{
	ct.download = download;
	if (ct.no_slot)
		return false;
	cr_assert_not(ct.slot_taken);
	ct.slot_taken = true;
	ct.taken++;
	c->slot = 7;
	c->mem = ct.mem;
	return true;
}

static void
o_leave(struct conn *c)
{
	(void)c;
	cr_assert(ct.slot_taken);
	ct.slot_taken = false;
	ct.left++;
}

static bool
o_ask(struct conn *c, enum ipc_type type, struct rd body)
{
	(void)c;
	if (ct.refuse_ask)
		return false;
	cr_assert(ct.slot_taken);
	ct.asked++;
	ct.asked_type = type;
	ct.asked_n = body.n;
	memcpy(ct.asked_body, body.p, body.n);
	return true;
}

static void
o_gone(struct conn *c)
{
	(void)c;
	cr_assert(ct.slot_taken);
	ct.box_gone++;
}

static bool
o_hold(struct conn *c, enum published_kind kind, struct rd *obj, void **held)
{
	(void)c;
	if (ct.nothing)
		return false;
	ct.held++;
	*held = &ct.held;
	*obj = ct.objects[kind];
	return true;
}

static void
o_let_go(struct conn *c, void *held)
{
	(void)c;
	cr_assert_eq(held, &ct.held);
	ct.held--;
}

static const struct conn_ops ops = {
	o_take, o_leave, o_ask, o_gone, o_hold, o_let_go
};

/* --- driving it ---------------------------- */

void
ct_start(bool local)
{
	const struct wire wire = { &memory, -1, NULL };

	ct.conf.handshake_seconds = 10;
	ct.conf.head_seconds = 15;
	ct.conf.body_seconds = 90;
	ct.conf.idle_seconds = 30;
	ct.conf.connection_seconds = 120;
	ct.world.conf = &ct.conf;
	ct.world.ops = &ops;
	ct.world.origin = rd_str(ORIGIN);
	ct.world.now = 1000000;
	ct.world.state.close = 7200;
	ct.world.state.previous = 3600;
	ct.chunk = ct.room = ct.step = ct.dead_out = SIZE_MAX;
	ct.out = out_bytes;
	ct.objects[PUB_POLICY] = rd_str("{\"v\":1}\n");
	ct.objects[PUB_CHECKPOINT] = rd_str(ORIGIN "\n0\n");
	ct.objects[PUB_KEYSET] = rd_str("keyset\n");
	conn_init(&ct.c, &ct.world, wire, local);
}

void
ct_finish(void)
{
	if (!ct.gone)
		conn_close(&ct.c);
	cr_assert(ct.closed);
	cr_assert_not(ct.slot_taken);
	cr_assert_eq(ct.taken, ct.left);
	cr_assert_eq(ct.held, 0);
	free(ct.in);
	memset(&ct, 0, sizeof(ct));
}

void
ct_feed(const void *p, size_t n)
{
	ct.in = realloc(ct.in, ct.nin + n + 1);
	cr_assert_not_null(ct.in);
	memcpy(ct.in + ct.nin, p, n);
	ct.nin += n;
}

void
ct_feed_str(const char *s)
{
	ct_feed(s, strlen(s));
}

enum conn_want
ct_obey(enum conn_want want)
{
	while (want == CONN_AGAIN)
		want = conn_step(&ct.c);
	if (want == CONN_OVER) {
		conn_close(&ct.c);
		ct.gone = true;
	}
	return want;
}

enum conn_want
ct_step(void)
{
	return ct_obey(conn_step(&ct.c));
}

const char *
ct_out(void)
{
	ct.out[ct.nout] = '\0';
	return (const char *)ct.out;
}

unsigned
ct_status(void)
{
	if (strncmp(ct_out(), "HTTP/1.1 ", 9) != 0)
		return 0;
	return (unsigned)strtoul(ct_out() + 9, NULL, 10);
}

bool
ct_says(const char *what)
{
	return strstr(ct_out(), what) != NULL;
}

unsigned
ct_ask_for(const char *request)
{
	ct.nout = 0;
	ct_feed_str(request);
	(void)ct_step();
	return ct_status();
}

void
ct_make_parcel(const char *more)
{
	cr_assert_eq(parcel_cover(ct_parcel), 0);
	(void)snprintf(ct_post_head, sizeof(ct_post_head),
	    "POST /parcels HTTP/1.1\r\n" H "Content-Length: %d\r\n%s\r\n",
	    PARCEL_BYTES, more);
}

void
ct_post_parcel(const char *more)
{
	ct_make_parcel(more);
	ct_feed_str(ct_post_head);
	ct_feed(ct_parcel, sizeof(ct_parcel));
}

struct ipc_put
ct_asked_put(void)
{
	struct ipc_put p;

	cr_assert_eq(ct.asked_type, IPC_PUT);
	cr_assert_eq(ipc_parse_put(&p, rd_from(ct.asked_body, ct.asked_n)), 0);
	return p;
}

struct ipc_get
ct_asked_get(void)
{
	struct ipc_get g;

	cr_assert_eq(ct.asked_type, IPC_GET);
	cr_assert_eq(ipc_parse_get(&g, rd_from(ct.asked_body, ct.asked_n)), 0);
	return g;
}

int
ct_put_done(uint16_t code, const char *receipt)
{
	const struct ipc_put_done d = { code, rd_str(receipt) };
	int r = conn_put_done(&ct.c, &d);

	if (r == 0)
		(void)ct_step();
	return r;
}

struct ipc_box
ct_asked_box(void)
{
	struct ipc_box b;

	cr_assert_eq(ct.asked_type, IPC_BOX);
	cr_assert_eq(ipc_parse_box(&b, rd_from(ct.asked_body, ct.asked_n)), 0);
	return b;
}

int
ct_box_done(uint16_t code, uint64_t next)
{
	const struct ipc_box_done d = { code, next };
	int r = conn_box_done(&ct.c, &d);

	if (r == 0)
		(void)ct_step();
	return r;
}

int
ct_get_done(uint16_t code, uint64_t total, uint32_t length)
{
	const struct ipc_get_done d = { code, total, length };
	int r = conn_get_done(&ct.c, &d);

	if (r == 0)
		(void)ct_step();
	return r;
}
