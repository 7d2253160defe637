/* SPDX-License-Identifier: ISC */
/*
 * test_conn.c - a connection: what is fetched, and the end of it.
 */
#include "crypto/sha256.h"
#include "tests/unit/conn_help.h"

/* --- what everyone fetches ---------------------------- */

static const char policy_answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    "Content-Length: 8\r\nCache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Access-Control-Allow-Origin: *\r\n\r\n{\"v\":1}\n";

Test(conn, serves_what_is_published)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_str_eq(ct_out(), policy_answer);
	cr_assert_eq(ct.held, 0, "and lets go of it");
	cr_assert_eq(ct.c.state, CONN_IDLE);
	cr_assert_null(ct.c.in, "an idle connection keeps no buffer");
	ct_finish();
}

Test(conn, serves_byte_by_byte)
{
	ct_start(false);
	ct.chunk = ct.step = 1;
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_str_eq(ct_out(), policy_answer);
	ct_finish();
}

Test(conn, waits_where_a_request_is_split_and_where_there_is_no_room)
{
	static const char req[] = "GET /policy HTTP/1.1\r\n" H "\r\n";
	size_t cut;

	for (cut = 1; cut < sizeof(req) - 1; cut++) {
		ct_start(false);
		ct_feed(req, cut);
		cr_assert_eq(ct_step(), CONN_READ);
		cr_assert_eq(ct.nout, 0);
		ct.room = cut % (sizeof(policy_answer) - 1);
		ct_feed(req + cut, sizeof(req) - 1 - cut);
		cr_assert_eq(ct_step(), CONN_WRITE);
		ct.room = SIZE_MAX;
		cr_assert_eq(ct_step(), CONN_READ);
		cr_assert_str_eq(ct_out(), policy_answer);
		ct_finish();
	}
}

Test(conn, answers_pipelined_requests_in_order)
{
	int i;

	ct_start(false);
	for (i = 0; i < 100; i++) {
		ct_feed_str("GET /policy HTTP/1.1\r\n" H "\r\n");
		ct_feed_str("GET /nothing HTTP/1.1\r\n" H "\r\n");
	}
	cr_assert_eq(ct_step(), CONN_READ);
	for (i = 0; i < 100; i++) {
		cr_assert(strncmp(ct_out(), policy_answer,
		    sizeof(policy_answer) - 1) == 0);
		memmove(ct.out, ct.out + sizeof(policy_answer) - 1,
		    OUT_MAX - sizeof(policy_answer));
		cr_assert_eq(ct_status(), 404);
		memmove(ct.out, strstr(ct_out(), "Not Found\n") + 10,
		    OUT_MAX / 2);
	}
	ct_finish();
}

Test(conn, gives_others_their_turn)
{
	int i;

	ct_start(false);
	for (i = 0; i < 100; i++)
		ct_feed_str("GET /policy HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(conn_step(&ct.c), CONN_AGAIN);
	cr_assert_lt(ct.nout, 60 * sizeof(policy_answer));
	ct_finish();
}

Test(conn, writes_large_objects_in_pieces)
{
	const size_t n = 300000;
	unsigned char *big = malloc(n);
	size_t i, at;

	cr_assert_not_null(big);
	for (i = 0; i < n; i++)
		big[i] = (unsigned char)(i * 7 >> 3);
	ct_start(false);
	ct.objects[PUB_REPLIES] = rd_from(big, n);
	ct.room = 100000;
	ct_feed_str("GET /replies HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_eq(ct.held, 1, "what is being read stays");
	ct.room = SIZE_MAX;
	cr_assert_eq(ct_step(), CONN_READ);
	cr_assert_eq(ct.held, 0);
	cr_assert(ct_says("Content-Length: 300000\r\n"));
	cr_assert(ct_says("application/octet-stream"));
	at = (size_t)(strstr(ct_out(), "\r\n\r\n") + 4 - ct_out());
	cr_assert_eq(ct.nout - at, n);
	cr_assert_eq(memcmp(ct.out + at, big, n), 0);
	free(big);
	ct_finish();
}

Test(conn, gives_heads_without_bodies)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("HEAD /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert(ct_says("Content-Length: 8\r\n"));
	cr_assert(ct_says("\r\n\r\n"));
	cr_assert_not(ct_says("{\"v\":1}"));
	cr_assert_eq(ct_ask_for("HEAD /nothing HTTP/1.1\r\n" H "\r\n"), 404);
	cr_assert_not(ct_says("Not Found\n"));
	ct_finish();
}

Test(conn, has_nothing_before_the_store_has_published)
{
	ct_start(false);
	ct.nothing = true;
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 503);
	cr_assert(ct_says("Retry-After"));
	ct_finish();
}

/* --- routes ---------------------------- */

Test(conn, has_health_where_it_is_local_alone)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 404);
	cr_assert_eq(ct_ask_for("POST /health HTTP/1.1\r\n" H "\r\n"), 404);
	ct_finish();
	ct_start(true);
	cr_assert_eq(ct_ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert(ct_says("\r\n\r\nok\n"));
	cr_assert_not(ct_says("Access-Control"));
	ct.world.state.health = HEALTH_CLOCK_BEHIND;
	cr_assert_eq(ct_ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 503);
	cr_assert(ct_says("clock"));
	ct.world.state.health = 99;
	cr_assert_eq(ct_ask_for("GET /health HTTP/1.1\r\n" H "\r\n"), 503);
	ct_finish();
}

Test(conn, knows_which_methods_a_path_has)
{
	ct_start(true);
	cr_assert_eq(ct_ask_for("POST /policy HTTP/1.1\r\n" H "\r\n"), 405);
	cr_assert(ct_says("Allow: GET, HEAD, OPTIONS\r\n"));
	cr_assert_eq(ct_ask_for("GET /parcels HTTP/1.1\r\n" H "\r\n"), 405);
	cr_assert(ct_says("Allow: POST, OPTIONS\r\n"));
	cr_assert_eq(ct_ask_for("DELETE /parcels/" HEX32 " HTTP/1.1\r\n" H
	    "\r\n"), 405);
	cr_assert(ct_says("Allow: GET, HEAD\r\n"));
	cr_assert_not(ct_says("Access-Control"));
	cr_assert_eq(ct_ask_for("OPTIONS /health HTTP/1.1\r\n" H "\r\n"), 405);
	cr_assert_eq(ct_ask_for("OPTIONS /nothing HTTP/1.1\r\n" H "\r\n"), 404);
	cr_assert_eq(ct_ask_for("OPTIONS /parcels HTTP/1.1\r\n" H "\r\n"), 204);
	cr_assert(ct_says("Access-Control-Allow-Headers"));
	cr_assert_eq(ct_ask_for("get /policy HTTP/1.1\r\n" H "\r\n"), 405);
	ct_finish();
}

Test(conn, does_not_let_one_answer_colour_the_next)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_eq(ct_ask_for("HEAD /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_eq(ct_ask_for("garbage\r\n\r\n"), 400);
	cr_assert_not(ct_says("Access-Control"));
	cr_assert(ct_says("Bad Request\n"));
	ct_finish();
}

/* --- what the store is asked for ---------------------------- */

Test(conn, asks_for_a_token_before_it_asks_the_store)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /parcels/" HEX32 " HTTP/1.1\r\n" H "\r\n"),
	    401);
	cr_assert(ct_says("WWW-Authenticate: Bearer\r\n"));
	cr_assert_eq(ct.taken, 0);
	ct_finish();
}

Test(conn, gives_the_store_the_hash_of_a_token)
{
	unsigned char want[HASH_BYTES];
	struct ipc_get g;

	ct_start(false);
	ct_feed_str("GET /parcels/" HEX32 " HTTP/1.1\r\n" H
	    "Authorization: Bearer xyz\r\n\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	sha256(want, "xyz", 3);
	g = ct_asked_get();
	cr_assert(g.kind == GET_PARCEL && g.flags == IPC_HAS_TOKEN);
	cr_assert_arr_eq(g.token, want, HASH_BYTES);
	cr_assert(g.key.n == HASH_BYTES && g.key.p[31] == 31);
	memcpy(ct.mem, "parcel", 6);
	cr_assert_eq(ct_get_done(200, 6, 6), 0);
	cr_assert_eq(ct_status(), 200);
	cr_assert(ct_says("\r\n\r\nparcel"));
	cr_assert(ct_says("no-store"));
	cr_assert_not(ct_says("Access-Control"));
	ct_finish();
}

/* What lay in the buffer's memory behind what is left. */
Test(conn, wipes_a_token_from_where_it_lay)
{
	static const char rest[] = "GET /po";
	size_t i;

	ct_start(false);
	ct_feed_str("GET /parcels/" HEX32 " HTTP/1.1\r\n" H
	    "Authorization: Bearer tokentokentoken\r\n\r\n");
	ct_feed_str(rest);
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct.c.nin, sizeof(rest) - 1);
	for (i = ct.c.nin; i < ct.nin; i++)
		cr_assert_eq(ct.c.in[i], 0);
	cr_assert_eq(ct_get_done(404, 0, 0), 0);
	cr_assert_not(ct.c.head.has_token);
	for (i = 0; i < HASH_BYTES; i++)
		cr_assert_eq(ct.c.head.token[i], 0);
	ct_finish();
}

Test(conn, passes_on_that_the_store_has_it_not)
{
	static const unsigned codes[] = { 401, 404, 503 };
	size_t i;

	for (i = 0; i < 3; i++) {
		ct_start(false);
		ct_feed_str("GET /parcels/" HEX32 " HTTP/1.1\r\n" H
		    "Authorization: Bearer xyz\r\n\r\n");
		cr_assert_eq(ct_step(), CONN_WAIT);
		cr_assert_eq(ct_get_done((uint16_t)codes[i], 0, 0), 0);
		cr_assert_eq(ct_status(), codes[i]);
		cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"),
		    200);
		ct_finish();
	}
}

Test(conn, lets_a_cache_keep_a_tile_but_not_its_absence)
{
	ct_start(false);
	ct_feed_str("GET /log/tile/0/000.p/5 HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert(ct_asked_get().kind == GET_TILE && ct_asked_get().key.n == 11);
	cr_assert_eq(ct_get_done(200, 160, 160), 0);
	cr_assert_not(ct.slot_taken, "who does not read keeps no slot");
	cr_assert(ct_says("Cache-Control: public, max-age=604800, immutable"));
	ct.nout = 0;
	ct_feed_str("GET /log/tile/0/000.p/6 HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_get_done(404, 0, 0), 0);
	cr_assert(ct_says("Cache-Control: no-store"));
	ct_finish();
}

Test(conn, sends_an_object_larger_than_a_slot_in_pieces)
{
	const uint64_t total = 150000;
	uint64_t at = 0;
	uint32_t n;
	size_t i, head;

	ct_start(false);
	ct_feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	while (at < total) {
		cr_assert_eq(ct_step(), CONN_WAIT);
		cr_assert_eq(ct_asked_get().offset, at);
		cr_assert(ct.slot_taken);
		n = total - at < SLOT_BYTES ? (uint32_t)(total - at) :
		    SLOT_BYTES;
		for (i = 0; i < n; i++)
			ct.mem[i] = (unsigned char)((at + i) % 251);
		cr_assert_eq(ct_get_done(200, total, n), 0);
		at += n;
	}
	cr_assert_eq(ct.asked, 3);
	cr_assert_eq(ct.taken, 1);
	head = (size_t)(strstr(ct_out(), "\r\n\r\n") + 4 - ct_out());
	cr_assert_eq(ct.nout - head, total);
	for (i = 0; i < total; i++)
		cr_assert_eq(ct.out[head + i], i % 251);
	cr_assert_eq(ct.c.state, CONN_IDLE);
	ct_finish();
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
		ct_start(false);
		ct_feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H
		    "\r\n");
		cr_assert_eq(ct_step(), CONN_WAIT);
		cr_assert_eq(ct_get_done(200, 100000, 65536), 0);
		cr_assert_eq(ct_get_done(200, bad[i].total, bad[i].length),
		    ERR_FORMAT);
		ct_finish();
	}
}

Test(conn, asks_the_store_for_a_head_once)
{
	ct_start(false);
	ct_feed_str("HEAD /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_get_done(200, 150000, 65536), 0);
	cr_assert(ct_says("Content-Length: 150000\r\n"));
	cr_assert_eq(ct.nout,
	    (size_t)(strstr(ct_out(), "\r\n\r\n") + 4 - ct_out()));
	cr_assert_eq(ct.asked, 1);
	ct_finish();
}

Test(conn, ends_where_an_object_goes_while_it_is_sent)
{
	ct_start(false);
	ct_feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_get_done(200, 100000, 65536), 0);
	cr_assert_eq(ct_get_done(404, 0, 0), 0);
	cr_assert(ct.gone);
	ct_finish();
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
		ct_start(false);
		ct_feed_str("GET /log/tile/0/000 HTTP/1.1\r\n" H "\r\n");
		cr_assert_eq(ct_step(), CONN_WAIT);
		cr_assert_eq(ct_get_done(bad[i].status, bad[i].total,
		    bad[i].length), ERR_FORMAT);
		cr_assert_eq(ct_put_done(201, ""), ERR_FORMAT);
		ct_finish();
	}
	ct_start(false);
	cr_assert_eq(ct_put_done(201, ""), ERR_FORMAT, "nothing was asked");
	ct_make_parcel("");
	ct_feed_str(ct_post_head);
	cr_assert_eq(ct_step(), CONN_READ);
	cr_assert_eq(ct_put_done(201, ""), ERR_FORMAT, "it is not whole yet");
	ct_finish();
	ct_start(false);
	ct_post_parcel("");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_get_done(200, 1, 1), ERR_FORMAT);
	cr_assert_eq(ct_put_done(404, ""), ERR_FORMAT);
	ct_finish();
}

/* --- the end of a connection ---------------------------- */

Test(conn, closes_when_it_is_asked_to)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H
	    "Connection: close\r\n\r\n"), 200);
	cr_assert(ct_says("Connection: close\r\n"));
	cr_assert(ct.bye);
	cr_assert_eq(ct.c.state, CONN_DRAIN);
	ct.end = true;
	cr_assert_eq(ct_step(), CONN_OVER);
	ct_finish();
}

Test(conn, drains_a_bounded_number_of_bytes_after_a_refusal)
{
	const size_t n = CONN_DRAIN_BYTES * 2;
	unsigned char *body = calloc(1, n);

	cr_assert_not_null(body);
	ct_start(false);
	ct_feed_str("POST /parcels HTTP/1.1\r\n" H
	    "Content-Length: 900000\r\n\r\n");
	ct_feed(body, n);
	cr_assert_eq(ct_step(), CONN_OVER);
	cr_assert_eq(ct_status(), 413);
	cr_assert_geq(ct.drained, CONN_DRAIN_BYTES);
	cr_assert_lt(ct.drained, CONN_DRAIN_BYTES + 1001);
	free(body);
	ct_finish();
}

Test(conn, answers_nothing_after_a_body_it_did_not_take)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("POST /policy HTTP/1.1\r\n" H
	    "Content-Length: 38\r\n\r\n"
	    "GET /policy HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
	cr_assert(ct_says("Connection: close"));
	cr_assert_not(ct_says("{\"v\":1}"));
	ct_finish();
}

Test(conn, answers_nothing_after_a_refusal)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET / HTTP/1.0\r\n\r\n"
	    "GET /policy HTTP/1.1\r\n" H "\r\n"), 505);
	cr_assert_not(ct_says("{\"v\":1}"));
	cr_assert(ct.bye);
	ct_finish();
}

Test(conn, takes_an_end_between_requests_for_a_farewell)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	ct.nout = 0;
	ct.end = true;
	cr_assert_eq(ct_step(), CONN_OVER);
	cr_assert(ct.bye);
	cr_assert_eq(ct.nout, 0);
	ct_finish();
}

Test(conn, refuses_half_a_head)
{
	ct_start(false);
	ct_feed_str("GET /policy HT");
	ct.end = true;
	cr_assert_eq(ct_step(), CONN_OVER);
	cr_assert_eq(ct_status(), 400);
	ct_finish();
}
