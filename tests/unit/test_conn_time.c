/* SPDX-License-Identifier: ISC */
/*
 * test_conn_time.c - deadlines of a connection, and how it stops.
 */
#include "tests/unit/conn_help.h"

/* --- deadlines ---------------------------- */

static uint64_t
left_ms(void)
{
	return conn_deadline(&ct.c) - ct.world.now;
}

static enum conn_want
wait_out(void)
{
	ct.world.now = conn_deadline(&ct.c);
	return ct_obey(conn_expire(&ct.c));
}

Test(conn_time, ends_a_silent_connection_without_a_word)
{
	ct_start(false);
	cr_assert_eq(left_ms(), 10000, "handshake");
	cr_assert_eq(ct_step(), CONN_READ);
	cr_assert_eq(left_ms(), 15000, "first head");
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(ct.nout, 0);
	cr_assert(ct.bye);
	ct_finish();
}

Test(conn_time, ends_an_idle_connection)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	cr_assert_eq(left_ms(), 30000);
	ct.nout = 0;
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(ct.nout, 0);
	cr_assert(ct.bye);
	ct_finish();
}

Test(conn_time, is_not_kept_alive_by_a_trickling_head)
{
	uint64_t deadline;
	int i;

	ct_start(false);
	ct_feed_str("GET /policy HTTP/1.1\r\n" H "X: ");
	(void)ct_step();
	deadline = conn_deadline(&ct.c);
	for (i = 0; i < 14; i++) {
		ct.world.now += 1000;
		ct_feed_str("a");
		cr_assert_eq(ct_step(), CONN_READ);
		cr_assert_eq(conn_deadline(&ct.c), deadline);
	}
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(ct_status(), 408);
	ct_finish();
}

Test(conn_time, is_not_kept_alive_by_a_trickling_body)
{
	uint64_t deadline;
	int i;

	ct_start(false);
	ct_make_parcel("");
	ct_feed_str(ct_post_head);
	(void)ct_step();
	cr_assert_eq(left_ms(), 90000);
	deadline = conn_deadline(&ct.c);
	for (i = 0; i < 89; i++) {
		ct.world.now += 1000;
		ct_feed(ct_parcel + i, 1);
		cr_assert_eq(ct_step(), CONN_READ);
		cr_assert_eq(conn_deadline(&ct.c), deadline);
	}
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(ct_status(), 408);
	cr_assert_not(ct.slot_taken);
	ct_finish();
}

Test(conn_time, gives_who_is_late_no_second_long_deadline)
{
	ct_start(false);
	ct_make_parcel("");
	ct_feed_str(ct_post_head);
	(void)ct_step();
	ct.room = 10;
	ct.world.now = conn_deadline(&ct.c);
	cr_assert_eq(ct_obey(conn_expire(&ct.c)), CONN_WRITE);
	cr_assert_leq(left_ms(), CONN_BYE_SECS * 1000);
	cr_assert_eq(wait_out(), CONN_OVER);
	ct_finish();
}

Test(conn_time, ends_a_reader_that_does_not_read)
{
	ct_start(false);
	ct.room = 10;
	ct_feed_str("GET /policy HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(ct.held, 0);
	ct_finish();
}

Test(conn_time, does_not_cut_off_who_reads_at_a_least_rate)
{
	static unsigned char big[300000];
	uint64_t end;

	ct_start(false);
	ct.c.life_end = UINT64_MAX;
	ct.objects[PUB_REPLIES] = rd_from(big, sizeof(big));
	ct.room = 0;
	ct_feed_str("GET /replies HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WRITE);
	end = conn_deadline(&ct.c);
	ct.world.now += 80000;
	ct.room = 60000;
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_eq(conn_deadline(&ct.c), end, "too slow so far");
	ct.room = 60000;
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_eq(conn_deadline(&ct.c), end + 80000);
	ct.world.now += 80000;
	ct.room = 10000;
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_eq(conn_deadline(&ct.c), end + 80000);
	ct_finish();
}

/* Everybody must be able to fetch the replies, through Tor, too. */
Test(conn_time, gives_a_long_answer_its_time)
{
	static unsigned char big[8u << 20];

	ct_start(false);
	ct.objects[PUB_REPLIES] = rd_from(big, sizeof(big));
	ct.room = 0;
	ct_feed_str("GET /replies HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_gt(ct.c.life_end - ct.world.now, 1000 * 1000);
	cr_assert_lt(ct.c.life_end - ct.world.now, 1025 * 1000);
	cr_assert_leq(left_ms(), 90000, "who does not read at all ends soon");
	ct_finish();
	ct_start(false);
	ct.objects[PUB_REPLIES] = rd_from(big, SIZE_MAX / 4);
	ct.room = 0;
	ct_feed_str("GET /replies HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_eq(ct.c.life_end - ct.world.now, CONN_LONG_SECS * 1000);
	ct_finish();
	ct_start(false);
	ct.objects[PUB_REPLIES] = rd_from(big, sizeof(big));
	ct.room = 0;
	ct_feed_str("HEAD /replies HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WRITE);
	cr_assert_leq(ct.c.life_end - ct.world.now, 120000, "nothing long");
	ct_finish();
}

Test(conn_time, says_nothing_more_where_half_an_answer_is_out)
{
	ct_start(false);
	ct_feed_str("GET /statements/" HEX32 " HTTP/1.1\r\n" H "\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_get_done(200, 100000, 65536), 0);
	ct.nout = 0;
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(ct.nout, 0);
	ct_finish();
}

Test(conn_time, does_not_wait_for_the_store_for_ever)
{
	ct_start(false);
	ct_post_parcel("");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(left_ms(), CONN_STORE_SECS * 1000);
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert_eq(ct_status(), 503);
	ct_finish();
}

Test(conn_time, has_an_end_of_life_whatever_it_does)
{
	int i;

	ct_start(false);
	for (i = 0; i < 1000 && !ct.bye; i++) {
		cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"),
		    200);
		ct.world.now += 7000;
	}
	cr_assert_eq(i, 10, "past half its life an answer is the last");
	cr_assert(ct_says("Connection: close"));
	ct_finish();

	ct_start(false);
	ct_make_parcel("");
	(void)ct_step();
	ct.world.now += 14000;
	ct_feed_str(ct_post_head);
	(void)ct_step();
	ct.c.phase_end = UINT64_MAX;
	cr_assert_eq(conn_deadline(&ct.c), 1000000 + 120000);
	cr_assert_eq(wait_out(), CONN_OVER);
	cr_assert(ct.bye);
	cr_assert_eq(ct.nout, 0, "the end is the end");
	ct_finish();
}

/* --- stopping ---------------------------- */

Test(conn_time, stops_at_once_between_requests)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	ct.world.stopping = true;
	(void)ct_obey(conn_stop(&ct.c));
	cr_assert(ct.bye);
	ct_finish();
}

Test(conn_time, answers_what_had_come_before_it_stops)
{
	ct_start(false);
	cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"), 200);
	ct.nout = 0;
	ct_feed_str("GET /nothing HTTP/1.1\r\n" H "\r\n");
	ct.world.stopping = true;
	(void)ct_obey(conn_stop(&ct.c));
	cr_assert_eq(ct_status(), 404);
	cr_assert(ct_says("Connection: close"));
	cr_assert(ct.bye);
	ct_finish();
}

Test(conn_time, does_not_idle_when_an_answer_is_out_and_it_stops)
{
	ct_start(false);
	ct.room = 20;
	(void)ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n");
	ct.world.stopping = true;
	cr_assert_eq(ct_obey(conn_stop(&ct.c)), CONN_WRITE);
	ct.room = SIZE_MAX;
	(void)ct_step();
	cr_assert_eq(ct_status(), 200);
	cr_assert(ct.bye);
	ct_finish();
}

Test(conn_time, finishes_what_was_accepted_before_it_stops)
{
	ct_start(false);
	ct_make_parcel("");
	ct_feed_str(ct_post_head);
	ct_feed(ct_parcel, 30000);
	cr_assert_eq(ct_step(), CONN_READ);
	ct.world.stopping = true;
	cr_assert_eq(ct_obey(conn_stop(&ct.c)), CONN_READ);
	cr_assert_leq(left_ms(), CONN_STOP_SECS * 1000);
	ct_feed(ct_parcel + 30000, PARCEL_BYTES - 30000);
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_put_done(201, "receipt"), 0);
	cr_assert_eq(ct_status(), 201);
	cr_assert(ct_says("Connection: close"));
	cr_assert(ct.bye);
	ct_finish();
}
