/* SPDX-License-Identifier: ISC */
/*
 * test_conn.c - a connection over memory: requests in, answers out, with a
 * store, slots and a clock that the test plays.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"
#include "crypto/sha256.h"
#include "crypto/work.h"
#include "server/conn.h"
#include "server/slots.h"

#define H	"Host: drop.example\r\n"
#define ORIGIN	"drop.example/log"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"
#define OUT_MAX	(1u << 20)

/* The world of one connection. */
static struct {
	struct conf conf;
	struct conn_world world;
	struct conn c;
	bool gone;			/* conn_close() was called */

	/* the wire */
	unsigned char *in;
	size_t nin, pos, chunk;		/* at most chunk bytes a read */
	bool end;			/* the peer has said it sends no more */
	unsigned char *out;
	size_t nout, room, step;	/* room left; at most step a write */
	bool bye, closed;
	size_t drained;

	/* slots */
	unsigned char mem[SLOT_BYTES];
	bool no_slot, slot_taken;
	unsigned taken, left;

	/* questions */
	bool refuse_ask;
	unsigned asked;
	enum ipc_type asked_type;
	unsigned char asked_body[IPC_BODY_MAX];
	size_t asked_n;

	/* published */
	bool nothing;
	unsigned held;
	struct rd objects[PUB_KINDS];
} t;

/* --- the wire ---------------------------------------------------------------- */

static enum wire_result
m_hello(struct wire *w)
{
	(void)w;
	return WIRE_OK;
}

static enum wire_result
m_read(struct wire *w, void *p, size_t n, size_t *got)
{
	size_t left = t.nin - t.pos;

	(void)w;
	cr_assert_gt(n, 0);
	if (left == 0)
		return t.end ? WIRE_END : WIRE_READ;
	*got = left < n ? left : n;
	if (*got > t.chunk)
		*got = t.chunk;
	memcpy(p, t.in + t.pos, *got);
	t.pos += *got;
	return WIRE_OK;
}

static enum wire_result
m_write(struct wire *w, const void *p, size_t n, size_t *put)
{
	(void)w;
	cr_assert_gt(n, 0);
	cr_assert_not(t.bye);
	if (t.room == 0)
		return WIRE_WRITE;
	*put = n < t.room ? n : t.room;
	if (*put > t.step)
		*put = t.step;
	cr_assert_leq(t.nout + *put, OUT_MAX);
	memcpy(t.out + t.nout, p, *put);
	t.nout += *put;
	t.room -= *put;
	return WIRE_OK;
}

static enum wire_result
m_bye(struct wire *w)
{
	(void)w;
	t.bye = true;
	return WIRE_OK;
}

static enum wire_result
m_drain(struct wire *w, size_t *got)
{
	enum wire_result r;
	unsigned char gone[1000];

	r = m_read(w, gone, sizeof(gone), got);
	if (r == WIRE_OK)
		t.drained += *got;
	return r;
}

static bool
m_holds(const struct wire *w)
{
	(void)w;
	return t.pos < t.nin;
}

static void
m_close(struct wire *w)
{
	(void)w;
	t.closed = true;
}

static const struct wire_ops memory = {
	m_hello, m_read, m_write, m_bye, m_drain, m_holds, m_close
};

/* --- the front ----------------------------------------------------------------- */

static bool
o_take(struct conn *c, bool download)
{
	(void)download;
	if (t.no_slot)
		return false;
	cr_assert_not(t.slot_taken);
	t.slot_taken = true;
	t.taken++;
	c->slot = 7;
	c->mem = t.mem;
	return true;
}

static void
o_leave(struct conn *c)
{
	(void)c;
	cr_assert(t.slot_taken);
	t.slot_taken = false;
	t.left++;
}

static bool
o_ask(struct conn *c, enum ipc_type type, struct rd body)
{
	(void)c;
	if (t.refuse_ask)
		return false;
	cr_assert(t.slot_taken);
	t.asked++;
	t.asked_type = type;
	t.asked_n = body.n;
	memcpy(t.asked_body, body.p, body.n);
	return true;
}

static bool
o_hold(struct conn *c, enum published_kind kind, struct rd *obj, void **held)
{
	(void)c;
	if (t.nothing)
		return false;
	t.held++;
	*held = &t.held;
	*obj = t.objects[kind];
	return true;
}

static void
o_let_go(struct conn *c, void *held)
{
	(void)c;
	cr_assert_eq(held, &t.held);
	t.held--;
}

static const struct conn_ops ops = {
	o_take, o_leave, o_ask, o_hold, o_let_go
};

/* --- driving it ------------------------------------------------------------------ */

static void
start(bool local)
{
	const struct wire wire = { &memory, -1, NULL };

	t.conf.handshake_seconds = 10;
	t.conf.head_seconds = 15;
	t.conf.body_seconds = 90;
	t.conf.idle_seconds = 30;
	t.conf.connection_seconds = 120;
	t.world.conf = &t.conf;
	t.world.ops = &ops;
	t.world.origin = rd_str(ORIGIN);
	t.world.now = 1000000;
	t.world.state.close = 7200;
	t.world.state.previous = 3600;
	t.chunk = t.room = t.step = SIZE_MAX;
	t.out = calloc(1, OUT_MAX);
	t.objects[PUB_POLICY] = rd_str("{\"v\":1}\n");
	t.objects[PUB_CHECKPOINT] = rd_str(ORIGIN "\n0\n");
	t.objects[PUB_KEYSET] = rd_str("keyset\n");
	conn_init(&t.c, &t.world, wire, local);
}

static void
finish(void)
{
	if (!t.gone)
		conn_close(&t.c);
	cr_assert(t.closed);
	cr_assert_not(t.slot_taken);
	cr_assert_eq(t.taken, t.left);
	cr_assert_eq(t.held, 0);
	free(t.in);
	free(t.out);
	memset(&t, 0, sizeof(t));
}

static void
feed(const void *p, size_t n)
{
	t.in = realloc(t.in, t.nin + n + 1);
	cr_assert_not_null(t.in);
	memcpy(t.in + t.nin, p, n);
	t.nin += n;
}

static void
feed_str(const char *s)
{
	feed(s, strlen(s));
}

/* What the caller of a step does with CONN_OVER. */
static enum conn_want
obey(enum conn_want want)
{
	while (want == CONN_AGAIN)
		want = conn_step(&t.c);
	if (want == CONN_OVER) {
		conn_close(&t.c);
		t.gone = true;
	}
	return want;
}

static enum conn_want
step(void)
{
	return obey(conn_step(&t.c));
}

static const char *
out(void)
{
	t.out[t.nout] = '\0';
	return (const char *)t.out;
}

static unsigned
status(void)
{
	if (strncmp(out(), "HTTP/1.1 ", 9) != 0)
		return 0;
	return (unsigned)strtoul(out() + 9, NULL, 10);
}

static bool
says(const char *what)
{
	return strstr(out(), what) != NULL;
}

/* One whole exchange; the status. */
static unsigned
ask_for(const char *request)
{
	t.nout = 0;
	feed_str(request);
	(void)step();
	return status();
}

static unsigned char parcel[PARCEL_BYTES];
static char post_head[512];

static void
make_parcel(const char *more)
{
	cr_assert_eq(parcel_cover(parcel), 0);
	(void)snprintf(post_head, sizeof(post_head),
	    "POST /parcels HTTP/1.1\r\n" H "Content-Length: %d\r\n%s\r\n",
	    PARCEL_BYTES, more);
}

static void
post_parcel(const char *more)
{
	make_parcel(more);
	feed_str(post_head);
	feed(parcel, sizeof(parcel));
}

static struct ipc_put
asked_put(void)
{
	struct ipc_put p;

	cr_assert_eq(t.asked_type, IPC_PUT);
	cr_assert_eq(ipc_parse_put(&p, rd_from(t.asked_body, t.asked_n)), 0);
	return p;
}

static struct ipc_get
asked_get(void)
{
	struct ipc_get g;

	cr_assert_eq(t.asked_type, IPC_GET);
	cr_assert_eq(ipc_parse_get(&g, rd_from(t.asked_body, t.asked_n)), 0);
	return g;
}

static int
put_done(uint16_t code, const char *receipt)
{
	const struct ipc_put_done d = { code, rd_str(receipt) };
	int r = conn_put_done(&t.c, &d);

	if (r == 0)
		(void)step();
	return r;
}

static int
get_done(uint16_t code, uint64_t total, uint32_t length)
{
	const struct ipc_get_done d = { code, total, length };
	int r = conn_get_done(&t.c, &d);

	if (r == 0)
		(void)step();
	return r;
}

/* --- what everyone fetches ---------------------------------------------------------- */

static const char policy_answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    "Content-Length: 8\r\nCache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Access-Control-Allow-Origin: *\r\n\r\n{\"v\":1}\n";

Test(conn, serves_what_is_published)
{
	start(false);
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_str_eq(out(), policy_answer);
	cr_assert_eq(t.held, 0, "and lets go of it");
	cr_assert_eq(t.c.state, CONN_IDLE);
	cr_assert_null(t.c.in, "an idle connection keeps no buffer");
	finish();
}

Test(conn, serves_byte_by_byte)
{
	start(false);
	t.chunk = t.step = 1;
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_str_eq(out(), policy_answer);
	finish();
}

Test(conn, waits_where_a_request_is_split_and_where_there_is_no_room)
{
	static const char req[] = "GET /policy HTTP/1.1\r\n" H "\r\n";
	size_t cut;

	for (cut = 1; cut < sizeof(req) - 1; cut++) {
		start(false);
		feed(req, cut);
		cr_assert_eq(step(), CONN_READ);
		cr_assert_eq(t.nout, 0);
		t.room = cut % (sizeof(policy_answer) - 1);
		feed(req + cut, sizeof(req) - 1 - cut);
		cr_assert_eq(step(), CONN_WRITE);
		t.room = SIZE_MAX;
		cr_assert_eq(step(), CONN_READ);
		cr_assert_str_eq(out(), policy_answer);
		finish();
	}
}

Test(conn, answers_pipelined_requests_in_order)
{
	int i;

	start(false);
	for (i = 0; i < 100; i++) {
		feed_str("GET /policy HTTP/1.1\r\n" H "\r\n");
		feed_str("GET /nothing HTTP/1.1\r\n" H "\r\n");
	}
	cr_assert_eq(step(), CONN_READ);
	for (i = 0; i < 100; i++) {
		cr_assert(strncmp(out(), policy_answer,
		    sizeof(policy_answer) - 1) == 0);
		memmove(t.out, t.out + sizeof(policy_answer) - 1,
		    OUT_MAX - sizeof(policy_answer));
		cr_assert_eq(status(), 404);
		memmove(t.out, strstr(out(), "Not Found\n") + 10,
		    OUT_MAX / 2);
	}
	finish();
}

Test(conn, gives_others_their_turn)
{
	int i;

	start(false);
	for (i = 0; i < 100; i++)
		feed_str("GET /policy HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(conn_step(&t.c), CONN_AGAIN);
	cr_assert_lt(t.nout, 60 * sizeof(policy_answer));
	finish();
}

Test(conn, writes_large_objects_in_pieces)
{
	const size_t n = 300000;
	unsigned char *big = malloc(n);
	size_t i, at;

	cr_assert_not_null(big);
	for (i = 0; i < n; i++)
		big[i] = (unsigned char)(i * 7 >> 3);
	start(false);
	t.objects[PUB_REPLIES] = rd_from(big, n);
	t.room = 100000;
	feed_str("GET /replies HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WRITE);
	cr_assert_eq(t.held, 1, "what is being read stays");
	t.room = SIZE_MAX;
	cr_assert_eq(step(), CONN_READ);
	cr_assert_eq(t.held, 0);
	cr_assert(says("Content-Length: 300000\r\n"));
	cr_assert(says("application/octet-stream"));
	at = (size_t)(strstr(out(), "\r\n\r\n") + 4 - out());
	cr_assert_eq(t.nout - at, n);
	cr_assert_eq(memcmp(t.out + at, big, n), 0);
	free(big);
	finish();
}

Test(conn, gives_heads_without_bodies)
{
	start(false);
	cr_assert_eq(ask_for("HEAD /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert(says("Content-Length: 8\r\n"));
	cr_assert(says("\r\n\r\n"));
	cr_assert_not(says("{\"v\":1}"));
	cr_assert_eq(ask_for("HEAD /nothing HTTP/1.1\r\n" H "\r\n"), 404);
	cr_assert_not(says("Not Found\n"));
	finish();
}

Test(conn, has_nothing_before_the_store_has_published)
{
	start(false);
	t.nothing = true;
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 503);
	cr_assert(says("Retry-After"));
	finish();
}

/* --- routes ------------------------------------------------------------------------- */

Test(conn, has_health_where_it_is_local_alone)
{
	start(false);
	cr_assert_eq(ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 404);
	cr_assert_eq(ask_for("POST /health HTTP/1.1\r\n" H "\r\n"), 404);
	finish();
	start(true);
	cr_assert_eq(ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert(says("\r\n\r\nok\n"));
	cr_assert_not(says("Access-Control"));
	t.world.state.health = HEALTH_CLOCK_BEHIND;
	cr_assert_eq(ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 503);
	cr_assert(says("clock"));
	t.world.state.health = 99;
	cr_assert_eq(ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 503);
	finish();
}

Test(conn, knows_which_methods_a_path_has)
{
	start(true);
	cr_assert_eq(ask_for("POST /policy HTTP/1.1\r\n" H "\r\n"), 405);
	cr_assert(says("Allow: GET, HEAD, OPTIONS\r\n"));
	cr_assert_eq(ask_for("GET /parcels HTTP/1.1\r\n" H "\r\n"), 405);
	cr_assert(says("Allow: POST, OPTIONS\r\n"));
	cr_assert_eq(ask_for("DELETE /parcels/" HEX32 " HTTP/1.1\r\n" H
	    "\r\n"), 405);
	cr_assert(says("Allow: GET, HEAD\r\n"));
	cr_assert_not(says("Access-Control"));
	cr_assert_eq(ask_for("OPTIONS /health HTTP/1.1\r\n" H "\r\n"), 405);
	cr_assert_eq(ask_for("OPTIONS /nothing HTTP/1.1\r\n" H "\r\n"), 404);
	cr_assert_eq(ask_for("OPTIONS /parcels HTTP/1.1\r\n" H "\r\n"), 204);
	cr_assert(says("Access-Control-Allow-Headers"));
	cr_assert_eq(ask_for("get /policy HTTP/1.1\r\n" H "\r\n"), 405);
	finish();
}

Test(conn, does_not_let_one_answer_colour_the_next)
{
	start(false);
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_eq(ask_for("HEAD /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_eq(ask_for("garbage\r\n\r\n"), 400);
	cr_assert_not(says("Access-Control"));
	cr_assert(says("Bad Request\n"));
	finish();
}

/* --- parcels ------------------------------------------------------------------------- */

Test(conn, hands_a_parcel_to_the_store_and_gives_its_receipt)
{
	static const size_t chunks[] = { SIZE_MAX, 16384, 1000, 77, 1 };
	size_t i;

	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		start(false);
		t.chunk = chunks[i];
		post_parcel("");
		cr_assert_eq(step(), CONN_WAIT);
		cr_assert_eq(t.asked, 1);
		cr_assert_eq(asked_put().slot, 7);
		cr_assert_eq(asked_put().flags, 0);
		cr_assert_eq(memcmp(t.mem, parcel, PARCEL_BYTES), 0);
		cr_assert_eq(put_done(201, "a receipt\n"), 0);
		cr_assert_eq(status(), 201);
		cr_assert(says("text/plain; charset=utf-8"));
		cr_assert(says("\r\n\r\na receipt\n"));
		cr_assert_not(t.slot_taken);
		cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"),
		    200, "the connection goes on");
		finish();
	}
}

Test(conn, passes_on_what_the_store_says_of_a_parcel)
{
	static const unsigned codes[] = { 200, 201, 400, 503 };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		start(false);
		post_parcel("");
		cr_assert_eq(step(), CONN_WAIT);
		cr_assert_eq(put_done((uint16_t)codes[i], ""), 0);
		cr_assert_eq(status(), codes[i]);
		finish();
	}
}

Test(conn, passes_on_a_digest_that_was_claimed)
{
	start(false);
	post_parcel("ECRDrop-Digest: " HEX32 "\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(asked_put().flags, IPC_HAS_DIGEST);
	cr_assert_eq(asked_put().digest[31], 31);
	cr_assert_eq(put_done(400, ""), 0);
	cr_assert_eq(status(), 400);
	finish();
}

Test(conn, refuses_a_parcel_by_its_length)
{
	static const struct {
		const char *length;
		unsigned status;
	} l[] = {
		{ "", 411 }, { "Content-Length: 0\r\n", 400 },
		{ "Content-Length: 65519\r\n", 400 },
		{ "Content-Length: 65521\r\n", 413 },
		{ "Content-Length: 9000000000\r\n", 413 },
		{ "Transfer-Encoding: chunked\r\n", 411 },
	};
	char req[256];
	size_t i;

	for (i = 0; i < sizeof(l) / sizeof(l[0]); i++) {
		start(false);
		(void)snprintf(req, sizeof(req),
		    "POST /parcels HTTP/1.1\r\n" H "%s\r\n", l[i].length);
		cr_assert_eq(ask_for(req), l[i].status, "%s", l[i].length);
		cr_assert(says("Connection: close\r\n"));
		cr_assert_eq(t.taken, 0);
		finish();
	}
}

static void
post_with_work(uint64_t close, unsigned bits, bool digest, int off)
{
	unsigned char d[HASH_BYTES];
	char more[256], hex[65];
	uint64_t nonce;
	size_t i;

	make_parcel("");
	sha256(d, parcel, sizeof(parcel));
	nonce = work_find(rd_str(ORIGIN), close, d, bits);
	for (i = 0; i < HASH_BYTES; i++)
		(void)snprintf(hex + i * 2, 3, "%02x", d[i] ^ (i == 0 ? off : 0));
	(void)snprintf(more, sizeof(more), "%s%s%sECRDrop-Work: %016llx\r\n",
	    digest ? "ECRDrop-Digest: " : "", digest ? hex : "",
	    digest ? "\r\n" : "", (unsigned long long)nonce);
	(void)snprintf(post_head, sizeof(post_head),
	    "POST /parcels HTTP/1.1\r\n" H "Content-Length: %d\r\n%s\r\n",
	    PARCEL_BYTES, more);
	feed_str(post_head);
	feed(parcel, sizeof(parcel));
}

Test(conn, takes_work_for_this_epoch_and_the_last)
{
	static const uint64_t closes[] = { 7200, 3600 };
	size_t i;

	for (i = 0; i < 2; i++) {
		start(false);
		t.world.state.bits = 10;
		post_with_work(closes[i], 10, true, 0);
		cr_assert_eq(step(), CONN_WAIT);
		cr_assert_eq(t.asked, 1);
		cr_assert_eq(put_done(201, ""), 0);
		finish();
	}
}

Test(conn, takes_no_work_for_an_epoch_that_never_was)
{
	start(false);
	t.world.state.bits = 16;
	t.world.state.previous = 0;
	post_with_work(0, 16, true, 0);
	(void)step();
	cr_assert_eq(status(), 429);
	finish();
}

Test(conn, asks_for_work_before_it_gives_a_slot)
{
	start(false);
	t.world.state.bits = 18;
	post_parcel("");
	(void)step();
	cr_assert_eq(status(), 429);
	cr_assert(says("application/json"));
	cr_assert(says("\r\n\r\n{\"bits\":18}\n"));
	cr_assert(says("Access-Control-Allow-Origin: *"));
	cr_assert_eq(t.taken, 0);
	finish();
}

Test(conn, refuses_work_that_is_not_for_this)
{
	static const struct {
		uint64_t close;
		bool digest;
		int off;
	} w[] = {
		{ 10800, true, 0 },	/* another epoch */
		{ 7200, false, 0 },	/* for no digest */
		{ 7200, true, 1 },	/* for another parcel */
	};
	size_t i;

	for (i = 0; i < sizeof(w) / sizeof(w[0]); i++) {
		start(false);
		t.world.state.bits = 16;
		post_with_work(w[i].close, 16, w[i].digest, w[i].off);
		(void)step();
		cr_assert_eq(status(), 429);
		cr_assert_eq(t.taken, 0);
		finish();
	}
}

Test(conn, refuses_a_body_at_its_first_wrong_byte)
{
	start(false);
	make_parcel("");
	feed_str(post_head);
	parcel[30] ^= 1;
	feed(parcel, 100);
	(void)step();
	cr_assert_eq(status(), 400);
	cr_assert(says("Connection: close"));
	cr_assert_eq(t.taken, 1);
	cr_assert_not(t.slot_taken);
	cr_assert_eq(t.asked, 0);
	finish();
}

Test(conn, refuses_a_truncated_body)
{
	static const size_t lengths[] = { 0, 1, 17, 6300, 65519 };
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		start(false);
		make_parcel("");
		feed_str(post_head);
		feed(parcel, lengths[i]);
		t.end = true;
		cr_assert_eq(step(), CONN_OVER);
		cr_assert_eq(status(), 400);
		cr_assert_eq(t.asked, 0);
		finish();
	}
}

Test(conn, says_go_on_to_who_waits_for_it)
{
	start(false);
	make_parcel("Expect: 100-continue\r\n");
	feed_str(post_head);
	cr_assert_eq(step(), CONN_READ);
	cr_assert_str_eq(out(), "HTTP/1.1 100 Continue\r\n\r\n");
	t.nout = 0;
	feed(parcel, sizeof(parcel));
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(put_done(201, ""), 0);
	cr_assert_eq(status(), 201);
	finish();
}

Test(conn, does_not_say_go_on_to_who_has_gone_on)
{
	start(false);
	post_parcel("Expect: 100-continue\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(t.nout, 0);
	cr_assert_eq(put_done(201, ""), 0);
	cr_assert_eq(status(), 201);
	finish();
}

Test(conn, does_not_say_go_on_to_who_is_refused)
{
	start(false);
	t.world.state.bits = 8;
	make_parcel("Expect: 100-continue\r\n");
	feed_str(post_head);
	(void)step();
	cr_assert_eq(status(), 429);
	cr_assert_not(says("100 Continue"));
	finish();
}

Test(conn, says_503_without_a_slot)
{
	start(false);
	t.no_slot = true;
	post_parcel("");
	(void)step();
	cr_assert_eq(status(), 503);
	cr_assert(says("Retry-After: 5\r\n"));
	cr_assert(says("Connection: close"));
	finish();
}

Test(conn, says_503_where_the_store_takes_no_more)
{
	start(false);
	t.refuse_ask = true;
	post_parcel("");
	(void)step();
	cr_assert_eq(status(), 503);
	cr_assert_not(t.slot_taken);
	cr_assert_not(says("Connection: close"), "the body has been read");
	finish();
}

Test(conn, yields_its_slot_when_it_is_told_to)
{
	start(false);
	make_parcel("");
	feed_str(post_head);
	feed(parcel, 10000);
	cr_assert_eq(step(), CONN_READ);
	cr_assert_eq(conn_rate(&t.c), UINT64_MAX, "too young");
	t.world.now += 10000;
	cr_assert_eq(conn_rate(&t.c), 1000);
	conn_yield(&t.c);
	cr_assert_not(t.slot_taken);
	(void)step();
	cr_assert_eq(status(), 503);
	cr_assert_eq(conn_rate(&t.c), UINT64_MAX);
	finish();
}

Test(conn, leaves_its_slot_when_the_client_goes_while_the_store_reads)
{
	start(false);
	post_parcel("");
	cr_assert_eq(step(), CONN_WAIT);
	conn_close(&t.c);
	t.gone = true;
	finish();
}

/* --- what the store is asked for --------------------------------------------------------- */

Test(conn, asks_for_a_token_before_it_asks_the_store)
{
	start(false);
	cr_assert_eq(ask_for("GET /parcels/" HEX32 " HTTP/1.1\r\n" H "\r\n"),
	    401);
	cr_assert(says("WWW-Authenticate: Bearer\r\n"));
	cr_assert_eq(t.taken, 0);
	finish();
}

Test(conn, gives_the_store_the_hash_of_a_token)
{
	unsigned char want[HASH_BYTES];
	struct ipc_get g;

	start(false);
	feed_str("GET /parcels/" HEX32 " HTTP/1.1\r\n" H
	    "Authorization: Bearer xyz\r\n\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	sha256(want, "xyz", 3);
	g = asked_get();
	cr_assert(g.kind == GET_PARCEL && g.flags == IPC_HAS_TOKEN);
	cr_assert_arr_eq(g.token, want, HASH_BYTES);
	cr_assert(g.key.n == HASH_BYTES && g.key.p[31] == 31);
	memcpy(t.mem, "parcel", 6);
	cr_assert_eq(get_done(200, 6, 6), 0);
	cr_assert_eq(status(), 200);
	cr_assert(says("\r\n\r\nparcel"));
	cr_assert(says("no-store"));
	cr_assert_not(says("Access-Control"));
	finish();
}

/* What lay in the buffer's memory behind what is left. */
Test(conn, wipes_a_token_from_where_it_lay)
{
	static const char rest[] = "GET /po";
	size_t i;

	start(false);
	feed_str("GET /parcels/" HEX32 " HTTP/1.1\r\n" H
	    "Authorization: Bearer tokentokentoken\r\n\r\n");
	feed_str(rest);
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(t.c.nin, sizeof(rest) - 1);
	for (i = t.c.nin; i < t.nin; i++)
		cr_assert_eq(t.c.in[i], 0);
	cr_assert_eq(get_done(404, 0, 0), 0);
	cr_assert_not(t.c.head.has_token);
	for (i = 0; i < HASH_BYTES; i++)
		cr_assert_eq(t.c.head.token[i], 0);
	finish();
}

Test(conn, passes_on_that_the_store_has_it_not)
{
	static const unsigned codes[] = { 401, 404, 503 };
	size_t i;

	for (i = 0; i < 3; i++) {
		start(false);
		feed_str("GET /parcels/" HEX32 " HTTP/1.1\r\n" H
		    "Authorization: Bearer xyz\r\n\r\n");
		cr_assert_eq(step(), CONN_WAIT);
		cr_assert_eq(get_done((uint16_t)codes[i], 0, 0), 0);
		cr_assert_eq(status(), codes[i]);
		cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"),
		    200);
		finish();
	}
}

Test(conn, lets_a_cache_keep_a_tile_but_not_its_absence)
{
	start(false);
	feed_str("GET /log/tile/0/000.p/5 HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert(asked_get().kind == GET_TILE && asked_get().key.n == 11);
	cr_assert_eq(get_done(200, 160, 160), 0);
	cr_assert_not(t.slot_taken, "who does not read keeps no slot");
	cr_assert(says("Cache-Control: public, max-age=604800, immutable"));
	t.nout = 0;
	feed_str("GET /log/tile/0/000.p/6 HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(get_done(404, 0, 0), 0);
	cr_assert(says("Cache-Control: no-store"));
	finish();
}

Test(conn, sends_an_object_larger_than_a_slot_in_pieces)
{
	const uint64_t total = 150000;
	uint64_t at = 0;
	uint32_t n;
	size_t i, head;

	start(false);
	feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	while (at < total) {
		cr_assert_eq(step(), CONN_WAIT);
		cr_assert_eq(asked_get().offset, at);
		cr_assert(t.slot_taken);
		n = total - at < SLOT_BYTES ? (uint32_t)(total - at) :
		    SLOT_BYTES;
		for (i = 0; i < n; i++)
			t.mem[i] = (unsigned char)((at + i) % 251);
		cr_assert_eq(get_done(200, total, n), 0);
		at += n;
	}
	cr_assert_eq(t.asked, 3);
	cr_assert_eq(t.taken, 1);
	head = (size_t)(strstr(out(), "\r\n\r\n") + 4 - out());
	cr_assert_eq(t.nout - head, total);
	for (i = 0; i < total; i++)
		cr_assert_eq(t.out[head + i], i % 251);
	cr_assert_eq(t.c.state, CONN_IDLE);
	finish();
}

Test(conn, believes_no_object_that_changes_between_two_pieces)
{
	static const struct {
		uint64_t total;
		uint32_t length;
	} bad[] = {
		{ 100001, 34464 }, { 99999, 34463 }, { 65536, 0 },
		{ 65535, 1 }, { 0, 0 }, { 100000, 34465 }, { 100000, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(false);
		feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H
		    "\r\n");
		cr_assert_eq(step(), CONN_WAIT);
		cr_assert_eq(get_done(200, 100000, 65536), 0);
		cr_assert_eq(get_done(200, bad[i].total, bad[i].length),
		    ERR_FORMAT);
		finish();
	}
}

Test(conn, asks_the_store_for_a_head_once)
{
	start(false);
	feed_str("HEAD /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(get_done(200, 150000, 65536), 0);
	cr_assert(says("Content-Length: 150000\r\n"));
	cr_assert_eq(t.nout, (size_t)(strstr(out(), "\r\n\r\n") + 4 - out()));
	cr_assert_eq(t.asked, 1);
	finish();
}

Test(conn, ends_where_an_object_goes_while_it_is_sent)
{
	start(false);
	feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(get_done(200, 100000, 65536), 0);
	cr_assert_eq(get_done(404, 0, 0), 0);
	cr_assert(t.gone);
	finish();
}

Test(conn, believes_no_answer_that_cannot_be)
{
	static const struct {
		uint16_t status;
		uint64_t total;
		uint32_t length;
	} bad[] = {
		{ 200, 10, 11 }, { 200, 100000, SLOT_BYTES + 1 },
		{ 200, 10, 0 }, { 302, 0, 0 }, { 0, 0, 0 }, { 201, 1, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(false);
		feed_str("GET /log/tile/0/000 HTTP/1.1\r\n" H "\r\n");
		cr_assert_eq(step(), CONN_WAIT);
		cr_assert_eq(get_done(bad[i].status, bad[i].total,
		    bad[i].length), ERR_FORMAT);
		cr_assert_eq(put_done(201, ""), ERR_FORMAT);
		finish();
	}
	start(false);
	cr_assert_eq(put_done(201, ""), ERR_FORMAT, "nothing was asked");
	make_parcel("");
	feed_str(post_head);
	cr_assert_eq(step(), CONN_READ);
	cr_assert_eq(put_done(201, ""), ERR_FORMAT, "it is not whole yet");
	finish();
	start(false);
	post_parcel("");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(get_done(200, 1, 1), ERR_FORMAT);
	cr_assert_eq(put_done(404, ""), ERR_FORMAT);
	finish();
}

/* --- the end of a connection ---------------------------------------------------------------- */

Test(conn, closes_when_it_is_asked_to)
{
	start(false);
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H
	    "Connection: close\r\n\r\n"), 200);
	cr_assert(says("Connection: close\r\n"));
	cr_assert(t.bye);
	cr_assert_eq(t.c.state, CONN_DRAIN);
	t.end = true;
	cr_assert_eq(step(), CONN_OVER);
	finish();
}

Test(conn, drains_a_bounded_number_of_bytes_after_a_refusal)
{
	const size_t n = CONN_DRAIN_BYTES * 2;
	unsigned char *body = calloc(1, n);

	cr_assert_not_null(body);
	start(false);
	feed_str("POST /parcels HTTP/1.1\r\n" H
	    "Content-Length: 900000\r\n\r\n");
	feed(body, n);
	cr_assert_eq(step(), CONN_OVER);
	cr_assert_eq(status(), 413);
	cr_assert_geq(t.drained, CONN_DRAIN_BYTES);
	cr_assert_lt(t.drained, CONN_DRAIN_BYTES + 1001);
	free(body);
	finish();
}

Test(conn, answers_nothing_after_a_body_it_did_not_take)
{
	start(false);
	cr_assert_eq(ask_for("POST /policy HTTP/1.1\r\n" H
	    "Content-Length: 38\r\n\r\n"
	    "GET /policy HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
	cr_assert(says("Connection: close"));
	cr_assert_not(says("{\"v\":1}"));
	finish();
}

Test(conn, answers_nothing_after_a_refusal)
{
	start(false);
	cr_assert_eq(ask_for("GET / HTTP/1.0\r\n\r\n"
	    "GET /policy HTTP/1.1\r\n" H "\r\n"), 505);
	cr_assert_not(says("{\"v\":1}"));
	cr_assert(t.bye);
	finish();
}

Test(conn, takes_an_end_between_requests_for_a_farewell)
{
	start(false);
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	t.nout = 0;
	t.end = true;
	cr_assert_eq(step(), CONN_OVER);
	cr_assert(t.bye);
	cr_assert_eq(t.nout, 0);
	finish();
}

Test(conn, refuses_half_a_head)
{
	start(false);
	feed_str("GET /policy HT");
	t.end = true;
	cr_assert_eq(step(), CONN_OVER);
	cr_assert_eq(status(), 400);
	finish();
}

/* --- deadlines ------------------------------------------------------------------------------ */

static uint64_t
left_ms(void)
{
	return conn_deadline(&t.c) - t.world.now;
}

static enum conn_want
wait_out(void)
{
	t.world.now = conn_deadline(&t.c);
	return obey(conn_expire(&t.c));
}

Test(conn, ends_a_silent_connection_without_a_word)
{
	start(false);
	cr_assert_eq(left_ms(), 10000, "handshake");
	cr_assert_eq(step(), CONN_READ);
	cr_assert_eq(left_ms(), 15000, "first head");
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(t.nout, 0);
	cr_assert(t.bye);
	finish();
}

Test(conn, ends_an_idle_connection)
{
	start(false);
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_eq(left_ms(), 30000);
	t.nout = 0;
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(t.nout, 0);
	cr_assert(t.bye);
	finish();
}

Test(conn, is_not_kept_alive_by_a_trickling_head)
{
	uint64_t deadline;
	int i;

	start(false);
	feed_str("GET /policy HTTP/1.1\r\n" H "X: ");
	(void)step();
	deadline = conn_deadline(&t.c);
	for (i = 0; i < 14; i++) {
		t.world.now += 1000;
		feed_str("a");
		cr_assert_eq(step(), CONN_READ);
		cr_assert_eq(conn_deadline(&t.c), deadline);
	}
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(status(), 408);
	finish();
}

Test(conn, is_not_kept_alive_by_a_trickling_body)
{
	uint64_t deadline;
	int i;

	start(false);
	make_parcel("");
	feed_str(post_head);
	(void)step();
	cr_assert_eq(left_ms(), 90000);
	deadline = conn_deadline(&t.c);
	for (i = 0; i < 89; i++) {
		t.world.now += 1000;
		feed(parcel + i, 1);
		cr_assert_eq(step(), CONN_READ);
		cr_assert_eq(conn_deadline(&t.c), deadline);
	}
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(status(), 408);
	cr_assert_not(t.slot_taken);
	finish();
}

Test(conn, gives_who_is_late_no_second_long_deadline)
{
	start(false);
	make_parcel("");
	feed_str(post_head);
	(void)step();
	t.room = 10;
	t.world.now = conn_deadline(&t.c);
	cr_assert_eq(obey(conn_expire(&t.c)), CONN_WRITE);
	cr_assert_leq(left_ms(), CONN_BYE_SECS * 1000);
	cr_assert_eq(wait_out(), CONN_OVER);
	finish();
}

Test(conn, ends_a_reader_that_does_not_read)
{
	start(false);
	t.room = 10;
	feed_str("GET /policy HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WRITE);
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(t.held, 0);
	finish();
}

Test(conn, does_not_cut_off_who_reads_at_a_least_rate)
{
	static unsigned char big[300000];
	uint64_t end;

	start(false);
	t.c.life_end = UINT64_MAX;
	t.objects[PUB_REPLIES] = rd_from(big, sizeof(big));
	t.room = 0;
	feed_str("GET /replies HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WRITE);
	end = conn_deadline(&t.c);
	t.world.now += 80000;
	t.room = 60000;
	cr_assert_eq(step(), CONN_WRITE);
	cr_assert_eq(conn_deadline(&t.c), end, "too slow so far");
	t.room = 60000;
	cr_assert_eq(step(), CONN_WRITE);
	cr_assert_eq(conn_deadline(&t.c), end + 80000);
	t.world.now += 80000;
	t.room = 10000;
	cr_assert_eq(step(), CONN_WRITE);
	cr_assert_eq(conn_deadline(&t.c), end + 80000);
	finish();
}

Test(conn, says_nothing_more_where_half_an_answer_is_out)
{
	start(false);
	feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(get_done(200, 100000, 65536), 0);
	t.nout = 0;
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(t.nout, 0);
	finish();
}

Test(conn, does_not_wait_for_the_store_for_ever)
{
	start(false);
	post_parcel("");
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(left_ms(), CONN_STORE_SECS * 1000);
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(status(), 503);
	finish();
}

Test(conn, has_an_end_of_life_whatever_it_does)
{
	int i;

	start(false);
	for (i = 0; i < 1000 && !t.bye; i++) {
		cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"),
		    200);
		t.world.now += 7000;
	}
	cr_assert_eq(i, 10, "past half its life an answer is the last");
	cr_assert(says("Connection: close"));
	finish();

	start(false);
	make_parcel("");
	(void)step();
	t.world.now += 14000;
	feed_str(post_head);
	(void)step();
	t.c.phase_end = UINT64_MAX;
	cr_assert_eq(conn_deadline(&t.c), 1000000 + 120000);
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert(t.bye);
	cr_assert_eq(t.nout, 0, "the end is the end");
	finish();
}

/* --- stopping ------------------------------------------------------------------------------- */

Test(conn, stops_at_once_between_requests)
{
	start(false);
	cr_assert_eq(ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	t.world.stopping = true;
	(void)obey(conn_stop(&t.c));
	cr_assert(t.bye);
	finish();
}

Test(conn, finishes_what_was_accepted_before_it_stops)
{
	start(false);
	make_parcel("");
	feed_str(post_head);
	feed(parcel, 30000);
	cr_assert_eq(step(), CONN_READ);
	t.world.stopping = true;
	cr_assert_eq(obey(conn_stop(&t.c)), CONN_READ);
	cr_assert_leq(left_ms(), CONN_STOP_SECS * 1000);
	feed(parcel + 30000, PARCEL_BYTES - 30000);
	cr_assert_eq(step(), CONN_WAIT);
	cr_assert_eq(put_done(201, "receipt"), 0);
	cr_assert_eq(status(), 201);
	cr_assert(says("Connection: close"));
	cr_assert(t.bye);
	finish();
}
