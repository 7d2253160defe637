/* SPDX-License-Identifier: ISC */
/*
 * test_conn_outbox.c - POST /outbox: what is asked of the store, when, and
 * what is left when it breaks off.
 */
#include "crypto/statement.h"
#include "tests/unit/conn_help.h"

#define TOKEN	"Authorization: Bearer abc\r\n"
#define LENGTH	(SLOT_BYTES + 1000u)

TestSuite(conn_outbox, .timeout = 30);

static void
post(unsigned long length, const char *more)
{
	char head[512];

	(void)snprintf(head, sizeof(head), "POST /outbox HTTP/1.1\r\n" H TOKEN
	    "Content-Length: %lu\r\n%s\r\n", length, more);
	ct_feed_str(head);
}

static void
send(size_t n)
{
	static unsigned char zeros[LENGTH];
	size_t i;

	for (i = 0; i < sizeof(zeros); i++)
		zeros[i] = (unsigned char)(i / 100);
	cr_assert_leq(n, sizeof(zeros));
	ct_feed(zeros, n);
}

static void
assert_box(uint32_t total, uint32_t offset, uint32_t length)
{
	struct ipc_box b = ct_asked_box();

	cr_assert_eq(b.slot, 7);
	cr_assert_eq(b.total, total);
	cr_assert_eq(b.offset, offset);
	cr_assert_eq(b.length, length);
}

Test(conn_outbox, is_handed_over_by_pieces_once_the_store_agreed)
{
	static const size_t chunks[] = { SIZE_MAX, 1000, 7 };
	size_t i;

	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		ct_start(false);
		ct.chunk = chunks[i];
		post(LENGTH, "");
		cr_assert_eq(ct_step(), CONN_WAIT);
		assert_box(LENGTH, 0, 0);
		send(LENGTH);
		cr_assert_eq(ct_box_done(100, 0), 0);
		assert_box(LENGTH, 0, SLOT_BYTES);
		cr_assert_eq(ct.mem[200], 2);
		cr_assert_eq(ct_box_done(100, 0), 0);
		assert_box(LENGTH, SLOT_BYTES, 1000);
		cr_assert_eq(ct_box_done(201, 0), 0);
		cr_assert_eq(ct_status(), 201);
		cr_assert(ct_says("\r\n\r\nheld\n"));
		cr_assert_not(ct_says("Access-Control"));
		cr_assert_eq(ct.box_gone, 0);
		cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"),
		    200, "the connection goes on");
		ct_finish();
	}
}

Test(conn_outbox, is_refused_on_its_head)
{
	static const struct {
		const char *head;
		unsigned status;
	} t[] = {
		{ "Content-Length: 5\r\n", 401 },
		{ "Authorization: Basic abc\r\nContent-Length: 5\r\n", 401 },
		{ "Content-Length: 5000000\r\n", 401 },
		{ TOKEN, 411 },
		{ TOKEN "Content-Length: 4194305\r\n", 413 },
		{ TOKEN "Content-Length: 0\r\n", 400 },
	};
	char request[512];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ct_start(false);
		(void)snprintf(request, sizeof(request),
		    "POST /outbox HTTP/1.1\r\n" H "%s\r\n", t[i].head);
		cr_assert_eq(ct_ask_for(request), t[i].status, "%zu", i);
		cr_assert_eq(ct.asked, 0);
		ct_finish();
	}
}

Test(conn_outbox, a_client_that_waits_is_told_when_the_store_agreed)
{
	ct_start(false);
	post(10, "Expect: 100-continue\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct.nout, 0, "not before");
	cr_assert_eq(ct_box_done(100, 0), 0);
	cr_assert(ct_says("HTTP/1.1 100 Continue\r\n\r\n"));
	send(10);
	(void)ct_step();
	assert_box(10, 0, 10);
	cr_assert_eq(ct_box_done(200, 0), 0);
	cr_assert(ct_says("HTTP/1.1 200 OK\r\n"));
	ct_finish();
}

Test(conn_outbox, passes_on_what_the_store_says)
{
	static const uint16_t early[] = { 401, 503 };
	static const uint16_t late[] = { 200, 201, 400, 503 };
	size_t i;

	for (i = 0; i < sizeof(early) / sizeof(early[0]); i++) {
		ct_start(false);
		post(10, "Expect: 100-continue\r\n");
		(void)ct_step();
		cr_assert_eq(ct_box_done(early[i], 0), 0);
		cr_assert_eq(ct_status(), early[i]);
		cr_assert(ct_says("Connection: close"));
		cr_assert_eq(ct.box_gone, 0);
		ct_finish();
	}
	for (i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
		ct_start(false);
		post(10, "");
		(void)ct_step();
		send(10);
		cr_assert_eq(ct_box_done(100, 0), 0);
		cr_assert_eq(ct_box_done(late[i], 0), 0);
		cr_assert_eq(ct_status(), late[i]);
		cr_assert_not(ct_says("Connection: close"));
		ct_finish();
	}
	ct_start(false);
	post(10, "");
	(void)ct_step();
	send(10);
	cr_assert_eq(ct_box_done(100, 0), 0);
	cr_assert_eq(ct_box_done(409, 12), 0);
	cr_assert_eq(ct_status(), 409);
	cr_assert(ct_says("application/json"));
	cr_assert(ct_says("\r\n\r\n{\"next\":12}\n"));
	ct_finish();
}

Test(conn_outbox, an_answer_out_of_turn_is_a_broken_store)
{
	ct_start(false);
	post(10, "");
	(void)ct_step();
	cr_assert_eq(ct_box_done(201, 0), ERR_FORMAT, "nothing was sent");
	ct_finish();
	ct_start(false);
	post(10, "");
	(void)ct_step();
	cr_assert_eq(ct_put_done(201, "receipt"), ERR_FORMAT);
	cr_assert_eq(ct_get_done(200, 1, 1), ERR_FORMAT);
	send(10);
	cr_assert_eq(ct_box_done(100, 0), 0);
	cr_assert_eq(ct_box_done(100, 0), ERR_FORMAT, "all was sent");
	ct_finish();
	ct_start(false);
	ct_post_parcel("");
	(void)ct_step();
	cr_assert_eq(ct_box_done(201, 0), ERR_FORMAT, "not an outbox");
	ct_finish();
}

/* Whoever breaks off, and wherever: the store hears of it once. */
Test(conn_outbox, the_store_hears_when_the_rest_will_not_come)
{
	/* closed while the store is asked, while bytes come; cut; late */
	ct_start(false);
	post(10, "");
	(void)ct_step();
	conn_close(&ct.c);
	ct.gone = true;
	cr_assert_eq(ct.box_gone, 1);
	ct_finish();

	ct_start(false);
	post(10, "");
	(void)ct_step();
	cr_assert_eq(ct_box_done(100, 0), 0);
	send(3);
	(void)ct_step();
	conn_close(&ct.c);
	ct.gone = true;
	cr_assert_eq(ct.box_gone, 1);
	ct_finish();

	ct_start(false);
	post(10, "");
	(void)ct_step();
	cr_assert_eq(ct_box_done(100, 0), 0);
	send(3);
	ct.end = true;
	(void)ct_step();
	cr_assert_eq(ct_status(), 400);
	cr_assert_eq(ct.box_gone, 1);
	ct_finish();

	ct_start(false);
	post(10, "");
	(void)ct_step();
	cr_assert_eq(ct_box_done(100, 0), 0);
	ct.world.now = conn_deadline(&ct.c);
	(void)ct_obey(conn_expire(&ct.c));
	cr_assert_eq(ct_status(), 408);
	cr_assert_eq(ct.box_gone, 1);
	ct_finish();

	ct_start(false);
	post(10, "");
	(void)ct_step();
	ct.world.now = conn_deadline(&ct.c);
	(void)ct_obey(conn_expire(&ct.c));
	cr_assert_eq(ct_status(), 503);
	cr_assert_eq(ct.box_gone, 1);
	ct_finish();
}

Test(conn_outbox, each_piece_has_its_own_deadline_and_never_yields)
{
	uint64_t end;

	ct_start(false);
	post(LENGTH, "");
	(void)ct_step();
	cr_assert_eq(ct_box_done(100, 0), 0);
	end = conn_deadline(&ct.c);
	cr_assert_eq(conn_rate(&ct.c), UINT64_MAX);
	ct.world.now += 20000;
	send(SLOT_BYTES);
	(void)ct_step();
	cr_assert_eq(ct_box_done(100, 0), 0);
	cr_assert_gt(conn_deadline(&ct.c), end);
	cr_assert_leq(conn_deadline(&ct.c), ct.c.life_end);
	ct_finish();
}

/* A stranger, as far as anybody knows: no reporter's upload makes room. */
Test(conn_outbox, nobody_yields_to_it)
{
	ct_start(false);
	post(LENGTH, "");
	(void)ct_step();
	cr_assert(ct.slot_taken);
	cr_assert(ct.download);
	ct_finish();
}

Test(conn_outbox, a_courier_has_time_for_all_of_it_and_a_stranger_has_not)
{
	uint64_t life;

	ct_start(false);
	post(OUTBOX_BYTES_MAX, "");
	(void)ct_step();
	life = ct.c.life_end;
	cr_assert_eq(ct_box_done(100, 0), 0);
	cr_assert_geq(ct.c.life_end, ct.world.now +
	    (uint64_t)OUTBOX_BYTES_MAX * 1000 / CONN_RATE);
	cr_assert_gt(ct.c.life_end, life);
	ct_finish();

	ct_start(false);
	post(OUTBOX_BYTES_MAX, "");
	(void)ct_step();
	life = ct.c.life_end;
	ct.world.stopping = true;
	cr_assert_eq(ct_box_done(100, 0), 0);
	cr_assert_eq(ct.c.life_end, life, "not while we stop");
	ct_finish();
}

Test(conn_outbox, no_slot_or_no_store_is_503)
{
	ct_start(false);
	ct.no_slot = true;
	post(10, "");
	(void)ct_step();
	cr_assert_eq(ct_status(), 503);
	ct_finish();
	ct_start(false);
	ct.refuse_ask = true;
	post(10, "");
	(void)ct_step();
	cr_assert_eq(ct_status(), 503);
	cr_assert_eq(ct.box_gone, 0);
	ct_finish();
}

Test(conn_outbox, other_methods_are_405_and_no_page_may_ask)
{
	static const char *const methods[] = { "GET", "HEAD", "OPTIONS",
	    "PUT" };
	char request[256];
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		ct_start(false);
		(void)snprintf(request, sizeof(request),
		    "%s /outbox HTTP/1.1\r\n" H "\r\n", methods[i]);
		cr_assert_eq(ct_ask_for(request), 405);
		cr_assert(ct_says("Allow: POST\r\n"));
		cr_assert_not(ct_says("Access-Control"));
		ct_finish();
	}
}
