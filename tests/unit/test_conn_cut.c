/* SPDX-License-Identifier: ISC */
/*
 * test_conn_cut.c - a connection that breaks at each byte, in and out.
 *
 * However it ends, the slot comes back (ct_finish() looks), the store hears
 * of no parcel that is not whole, and nothing is acknowledged.
 */
#include "tests/unit/conn_help.h"

#define TILE	"GET /log/tile/0/000 HTTP/1.1\r\n" H "\r\n"

enum how { BY_FIN, BY_RST, BY_SILENCE, WAYS };

/* Only so many bytes of a good POST come. */
static void
cut_in(size_t n, enum how how)
{
	size_t head = strlen(ct_post_head);

	ct_start(false);
	ct_feed(ct_post_head, n < head ? n : head);
	if (n > head)
		ct_feed(ct_parcel, n - head);
	ct.end = how == BY_FIN;
	ct.dead = how == BY_RST;
	(void)ct_step();
	if (how == BY_SILENCE) {
		cr_assert_not(ct.gone, "%zu", n);
		ct.world.now = conn_deadline(&ct.c);
		(void)ct_obey(conn_expire(&ct.c));
	}
	cr_assert(ct.gone, "%zu, %d", n, how);
	cr_assert_eq(ct.asked, 0, "%zu, %d", n, how);
	if (how == BY_RST || n == 0)
		cr_assert_eq(ct.nout, 0, "%zu, %d", n, how);
	else
		cr_assert_eq(ct_status(), how == BY_FIN ? 400 : 408,
		    "%zu, %d", n, how);
	cr_assert_eq(ct.bye, how != BY_RST, "%zu, %d", n, how);
	ct_finish();
}

Test(conn_cut, ends_well_at_each_byte_of_a_head)
{
	size_t n;
	int how;

	ct_make_parcel("ECRDrop-Work: 0123456789abcdef\r\n");
	for (n = 0; n < strlen(ct_post_head); n++)
		for (how = 0; how < WAYS; how++)
			cut_in(n, (enum how)how);
}

Test(conn_cut, ends_well_at_each_byte_of_a_body)
{
	size_t n, head;
	int how;

	ct_make_parcel("");
	head = strlen(ct_post_head);
	for (how = 0; how < WAYS; how++) {
		for (n = 0; n < 7000; n++)	/* the age header, and more */
			cut_in(head + n, (enum how)how);
		for (; n < PARCEL_BYTES - 300; n += 997)
			cut_in(head + n, (enum how)how);
		for (; n < PARCEL_BYTES; n++)
			cut_in(head + n, (enum how)how);
	}
}

/* The wire breaks when so many bytes are out; false: it never did. */
static bool
cut_out(const char *request, size_t n)
{
	bool whole;

	ct_start(false);
	ct.dead_out = n;
	if (request != NULL)
		ct_feed_str(request);
	else {
		ct_feed_str(ct_post_head);
		ct_feed(ct_parcel, PARCEL_BYTES);
	}
	(void)ct_step();
	if (!ct.gone && ct.asked > 0 && ct.asked_type == IPC_PUT)
		cr_assert_eq(ct_put_done(201, "receipt\n"), 0);
	else if (!ct.gone && ct.asked > 0)
		cr_assert_eq(ct_get_done(200, 8192, 8192), 0);
	cr_assert_leq(ct.nout, n);
	whole = !ct.gone;
	cr_assert(whole || ct.nout == n);
	cr_assert(whole || !ct.bye, "half an answer has no farewell");
	ct_finish();
	return !whole;
}

Test(conn_cut, ends_well_at_each_byte_of_an_answer)
{
	static const char *const requests[] = {
		NULL, "GET /policy HTTP/1.1\r\n" H "\r\n",
		"GET /nothing HTTP/1.1\r\n" H "\r\n", TILE
	};
	size_t i, n;

	ct_make_parcel("");
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		for (n = 0; cut_out(requests[i], n); n++)
			;
		cr_assert_gt(n, 100, "an answer");
	}
}

Test(conn_cut, ends_well_at_each_byte_of_go_on)
{
	size_t n;

	ct_make_parcel("Expect: 100-continue\r\n");
	for (n = 0; cut_out(ct_post_head, n); n++)
		;
	cr_assert_eq(n, strlen("HTTP/1.1 100 Continue\r\n\r\n"));
}
