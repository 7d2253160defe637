/* SPDX-License-Identifier: ISC */
/*
 * test_conn_post.c - a parcel comes in.
 */
#include "crypto/sha256.h"
#include "crypto/work.h"
#include "tests/unit/conn_help.h"

/* --- parcels ---------------------------- */

Test(conn_post, hands_a_parcel_to_the_store_and_gives_its_receipt)
{
	static const size_t chunks[] = { SIZE_MAX, 16384, 1000, 77, 1 };
	size_t i;

	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		ct_start(false);
		ct.chunk = chunks[i];
		ct_post_parcel("");
		cr_assert_eq(ct_step(), CONN_WAIT);
		cr_assert_eq(ct.asked, 1);
		cr_assert_eq(ct_asked_put().slot, 7);
		cr_assert_eq(ct_asked_put().flags, 0);
		cr_assert_eq(memcmp(ct.mem, ct_parcel, PARCEL_BYTES), 0);
		cr_assert_eq(ct_put_done(201, "a receipt\n"), 0);
		cr_assert_eq(ct_status(), 201);
		cr_assert(ct_says("text/plain; charset=utf-8"));
		cr_assert(ct_says("\r\n\r\na receipt\n"));
		cr_assert_not(ct.slot_taken);
		cr_assert_eq(ct_ask_for("GET /policy HTTP/1.1\r\n" H "\r\n"),
		    200, "the connection goes on");
		ct_finish();
	}
}

Test(conn_post, passes_on_what_the_store_says_of_a_parcel)
{
	static const unsigned codes[] = { 200, 201, 400, 503 };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		ct_start(false);
		ct_post_parcel("");
		cr_assert_eq(ct_step(), CONN_WAIT);
		cr_assert_eq(ct_put_done((uint16_t)codes[i], ""), 0);
		cr_assert_eq(ct_status(), codes[i]);
		ct_finish();
	}
}

Test(conn_post, passes_on_a_digest_that_was_claimed)
{
	ct_start(false);
	ct_post_parcel("ECRDrop-Digest: " HEX32 "\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_asked_put().flags, IPC_HAS_DIGEST);
	cr_assert_eq(ct_asked_put().digest[31], 31);
	cr_assert_eq(ct_put_done(400, ""), 0);
	cr_assert_eq(ct_status(), 400);
	ct_finish();
}

Test(conn_post, refuses_a_parcel_by_its_length)
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
		ct_start(false);
		(void)snprintf(req, sizeof(req),
		    "POST /parcels HTTP/1.1\r\n" H "%s\r\n", l[i].length);
		cr_assert_eq(ct_ask_for(req), l[i].status, "%s", l[i].length);
		cr_assert(ct_says("Connection: close\r\n"));
		cr_assert_eq(ct.taken, 0);
		ct_finish();
	}
}

static void
post_with_work(uint64_t close, unsigned bits, bool digest, int off)
{
	unsigned char d[HASH_BYTES];
	char more[256], hex[65];
	uint64_t nonce;
	size_t i;

	ct_make_parcel("");
	sha256(d, ct_parcel, sizeof(ct_parcel));
	nonce = work_find(rd_str(ORIGIN), close, d, bits);
	for (i = 0; i < HASH_BYTES; i++)
		(void)snprintf(hex + i * 2, 3, "%02x", d[i] ^ (i == 0 ? off : 0));
	(void)snprintf(more, sizeof(more), "%s%s%sECRDrop-Work: %016llx\r\n",
	    digest ? "ECRDrop-Digest: " : "", digest ? hex : "",
	    digest ? "\r\n" : "", (unsigned long long)nonce);
	(void)snprintf(ct_post_head, sizeof(ct_post_head),
	    "POST /parcels HTTP/1.1\r\n" H "Content-Length: %d\r\n%s\r\n",
	    PARCEL_BYTES, more);
	ct_feed_str(ct_post_head);
	ct_feed(ct_parcel, sizeof(ct_parcel));
}

Test(conn_post, takes_work_for_this_epoch_and_the_last)
{
	static const uint64_t closes[] = { 7200, 3600 };
	size_t i;

	for (i = 0; i < 2; i++) {
		ct_start(false);
		ct.world.state.bits = 10;
		post_with_work(closes[i], 10, true, 0);
		cr_assert_eq(ct_step(), CONN_WAIT);
		cr_assert_eq(ct.asked, 1);
		cr_assert_eq(ct_put_done(201, ""), 0);
		ct_finish();
	}
}

Test(conn_post, takes_no_work_for_an_epoch_that_never_was)
{
	ct_start(false);
	ct.world.state.bits = 16;
	ct.world.state.previous = 0;
	post_with_work(0, 16, true, 0);
	(void)ct_step();
	cr_assert_eq(ct_status(), 429);
	ct_finish();
}

Test(conn_post, asks_for_work_before_it_gives_a_slot)
{
	ct_start(false);
	ct.world.state.bits = 18;
	ct_post_parcel("");
	(void)ct_step();
	cr_assert_eq(ct_status(), 429);
	cr_assert(ct_says("application/json"));
	cr_assert(ct_says("\r\n\r\n{\"bits\":18}\n"));
	cr_assert(ct_says("Access-Control-Allow-Origin: *"));
	cr_assert_eq(ct.taken, 0);
	ct_finish();
}

Test(conn_post, refuses_work_that_is_not_for_this)
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
		ct_start(false);
		ct.world.state.bits = 16;
		post_with_work(w[i].close, 16, w[i].digest, w[i].off);
		(void)ct_step();
		cr_assert_eq(ct_status(), 429);
		cr_assert_eq(ct.taken, 0);
		ct_finish();
	}
}

Test(conn_post, refuses_a_body_at_its_first_wrong_byte)
{
	ct_start(false);
	ct_make_parcel("");
	ct_feed_str(ct_post_head);
	ct_parcel[30] ^= 1;
	ct_feed(ct_parcel, 100);
	(void)ct_step();
	cr_assert_eq(ct_status(), 400);
	cr_assert(ct_says("Connection: close"));
	cr_assert_eq(ct.taken, 1);
	cr_assert_not(ct.slot_taken);
	cr_assert_eq(ct.asked, 0);
	ct_finish();
}

Test(conn_post, refuses_a_truncated_body)
{
	static const size_t lengths[] = { 0, 1, 17, 6300, 65519 };
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ct_start(false);
		ct_make_parcel("");
		ct_feed_str(ct_post_head);
		ct_feed(ct_parcel, lengths[i]);
		ct.end = true;
		cr_assert_eq(ct_step(), CONN_OVER);
		cr_assert_eq(ct_status(), 400);
		cr_assert_eq(ct.asked, 0);
		ct_finish();
	}
}

Test(conn_post, says_go_on_to_who_waits_for_it)
{
	ct_start(false);
	ct_make_parcel("Expect: 100-continue\r\n");
	ct_feed_str(ct_post_head);
	cr_assert_eq(ct_step(), CONN_READ);
	cr_assert_str_eq(ct_out(), "HTTP/1.1 100 Continue\r\n\r\n");
	ct.nout = 0;
	ct_feed(ct_parcel, sizeof(ct_parcel));
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct_put_done(201, ""), 0);
	cr_assert_eq(ct_status(), 201);
	ct_finish();
}

Test(conn_post, does_not_say_go_on_to_who_has_gone_on)
{
	ct_start(false);
	ct_post_parcel("Expect: 100-continue\r\n");
	cr_assert_eq(ct_step(), CONN_WAIT);
	cr_assert_eq(ct.nout, 0);
	cr_assert_eq(ct_put_done(201, ""), 0);
	cr_assert_eq(ct_status(), 201);
	ct_finish();
}

Test(conn_post, does_not_say_go_on_to_who_is_refused)
{
	ct_start(false);
	ct.world.state.bits = 8;
	ct_make_parcel("Expect: 100-continue\r\n");
	ct_feed_str(ct_post_head);
	(void)ct_step();
	cr_assert_eq(ct_status(), 429);
	cr_assert_not(ct_says("100 Continue"));
	ct_finish();
}

Test(conn_post, says_503_without_a_slot)
{
	ct_start(false);
	ct.no_slot = true;
	ct_post_parcel("");
	(void)ct_step();
	cr_assert_eq(ct_status(), 503);
	cr_assert(ct_says("Retry-After: 5\r\n"));
	cr_assert(ct_says("Connection: close"));
	ct_finish();
}

Test(conn_post, says_503_where_the_store_takes_no_more)
{
	ct_start(false);
	ct.refuse_ask = true;
	ct_post_parcel("");
	(void)ct_step();
	cr_assert_eq(ct_status(), 503);
	cr_assert_not(ct.slot_taken);
	cr_assert_not(ct_says("Connection: close"), "the body has been read");
	ct_finish();
}

Test(conn_post, yields_its_slot_when_it_is_told_to)
{
	ct_start(false);
	ct_make_parcel("");
	ct_feed_str(ct_post_head);
	ct_feed(ct_parcel, 10000);
	cr_assert_eq(ct_step(), CONN_READ);
	cr_assert_eq(conn_rate(&ct.c), UINT64_MAX, "too young");
	ct.world.now += 10000;
	cr_assert_eq(conn_rate(&ct.c), 1000);
	conn_yield(&ct.c);
	cr_assert_not(ct.slot_taken);
	(void)ct_step();
	cr_assert_eq(ct_status(), 503);
	cr_assert_eq(conn_rate(&ct.c), UINT64_MAX);
	ct_finish();
}

Test(conn_post, leaves_its_slot_when_the_client_goes_while_the_store_reads)
{
	ct_start(false);
	ct_post_parcel("");
	cr_assert_eq(ct_step(), CONN_WAIT);
	conn_close(&ct.c);
	ct.gone = true;
	ct_finish();
}
