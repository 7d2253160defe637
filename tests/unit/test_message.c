/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/message.h"
#include "crypto/wr.h"
#include "tests/unit/own.h"

static struct message_reader *m;
static struct message_view view;

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
}

TestSuite(message, .init = setup);

/* Reads all in pieces of n bytes; 0 or the first error. */
static int
read_pieces(struct rd all, size_t n)
{
	struct rd piece;
	int r;

	message_reader_free(m);
	if ((r = message_reader_new(&m, all.n)) != 0)
		return r;
	while (!rd_done(&all)) {
		cr_assert(rd_take(&all, &piece, n < all.n ? n : all.n));
		if ((r = message_reader_push(m, piece)) != 0)
			return r;
	}
	return message_reader_finish(m, &view);
}

static void
own_message(const struct own *v)
{
	unsigned char id[MSG_ID_BYTES], pk[32], body[HASH_BYTES], whole[32];
	size_t n;
	int r;

	own_hex(v, "id", id, sizeof(id));
	own_hex(v, "author", pk, sizeof(pk));
	if ((r = read_pieces(v->body, v->body.n)) == 0)
		r = message_verify(view.sig, id, view.body, pk);
	cr_assert_eq(r, own_expect(v), "%s: %d", v->name, r);
	if (r != 0)
		return;
	cr_assert_eq(view.json.n, own_number(v, "json-bytes"));
	cr_assert_eq(view.attachments_at, 4 + view.json.n);
	cr_assert_eq(view.attachments_bytes,
	    own_number(v, "attachments-bytes"));
	sha256(body, v->body.p, v->body.n - SIG_BYTES);
	sha256(whole, v->body.p, v->body.n);
	for (n = 1; n < v->body.n; n++) {
		cr_assert_eq(read_pieces(v->body, n), 0);
		cr_assert_arr_eq(view.body, body, sizeof(body), "%zu", n);
		cr_assert_arr_eq(view.whole, whole, sizeof(whole), "%zu", n);
		cr_assert(rd_eq(view.json, rd_from(v->body.p + 4,
		    view.json.n)));
		cr_assert_arr_eq(view.sig, v->body.p + v->body.n - SIG_BYTES,
		    SIG_BYTES);
	}
}

Test(message, own_vectors_whole_and_in_pieces_of_every_size)
{
	own_each("message", 6, own_message);
	message_reader_free(m);
}

/* A message of this much JSON and attachments, not signed. */
static struct rd
frame(unsigned char *buf, size_t cap, uint32_t json, size_t attachments)
{
	struct wr w = wr_from(buf, cap);

	wr_u32(&w, json);
	wr_zeros(&w, json + attachments + SIG_BYTES);
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

Test(message, split_at_each_point_gives_the_same)
{
	unsigned char buf[200];
	struct rd all = frame(buf, sizeof(buf), 10, 20), a, b;
	size_t at;

	for (at = 0; at <= all.n; at++) {
		b = all;
		cr_assert(rd_take(&b, &a, at));
		cr_assert_eq(message_reader_new(&m, all.n), 0);
		cr_assert_eq(message_reader_push(m, a), 0);
		cr_assert_eq(message_reader_push(m, b), 0);
		cr_assert_eq(message_reader_finish(m, &view), 0);
		cr_assert_eq(view.json.n, 10);
		cr_assert_eq(view.attachments_bytes, 20);
		message_reader_free(m);
	}
}

Test(message, every_cut_is_refused_at_the_end)
{
	unsigned char buf[200];
	struct rd all = frame(buf, sizeof(buf), 10, 20);
	size_t cut;

	for (cut = 0; cut < all.n; cut++) {
		cr_assert_eq(message_reader_new(&m, all.n), 0);
		cr_assert_eq(message_reader_push(m, rd_from(buf, cut)), 0);
		cr_assert_eq(message_reader_finish(m, &view), ERR_FORMAT);
		message_reader_free(m);
	}
}

Test(message, a_byte_more_than_was_said_is_refused_and_stays_so)
{
	unsigned char buf[200];
	struct rd all = frame(buf, sizeof(buf), 10, 20);

	cr_assert_eq(message_reader_new(&m, all.n), 0);
	cr_assert_eq(message_reader_push(m, all), 0);
	cr_assert_eq(message_reader_push(m, rd_from("x", 1)), ERR_FORMAT);
	cr_assert_eq(message_reader_finish(m, &view), ERR_FORMAT);
	message_reader_free(m);
}

Test(message, finish_twice_is_out_of_order)
{
	unsigned char buf[200];
	struct rd all = frame(buf, sizeof(buf), 1, 0);

	cr_assert_eq(message_reader_new(&m, all.n), 0);
	cr_assert_eq(message_reader_push(m, all), 0);
	cr_assert_eq(message_reader_finish(m, &view), 0);
	cr_assert_eq(message_reader_finish(m, &view), ERR_ORDER);
	message_reader_free(m);
}

Test(message, json_is_bounded)
{
	static unsigned char buf[MESSAGE_JSON_MAX + 100];

	cr_assert_eq(read_pieces(frame(buf, sizeof(buf), MESSAGE_JSON_MAX, 0),
	    4096), 0);
	cr_assert_eq(view.json.n, MESSAGE_JSON_MAX);
	cr_assert_eq(read_pieces(frame(buf, sizeof(buf), MESSAGE_JSON_MAX + 1,
	    0), 4096), ERR_FORMAT);
	message_reader_free(m);
}

Test(message, new_refuses_lengths_that_no_message_has)
{
	cr_assert_eq(message_reader_new(&m, MESSAGE_BYTES_MAX + 1),
	    ERR_LIMIT);
	cr_assert_null(m);
	cr_assert_eq(message_reader_new(&m, 68), ERR_FORMAT);
	cr_assert_eq(message_reader_new(&m, 0), ERR_FORMAT);
	cr_assert_eq(message_reader_new(&m, MESSAGE_BYTES_MAX), 0);
	message_reader_free(m);
	message_reader_free(NULL);
}

Test(message, bytes_adds_up_and_knows_its_limits)
{
	uint64_t most = MESSAGE_BYTES_MAX - 4 - 100 - SIG_BYTES;

	cr_assert_eq(message_bytes(1, 0), 69);
	cr_assert_eq(message_bytes(100, 50), 218);
	cr_assert_eq(message_bytes(0, 50), 0);
	cr_assert_eq(message_bytes(MESSAGE_JSON_MAX, 0),
	    68 + (uint64_t)MESSAGE_JSON_MAX);
	cr_assert_eq(message_bytes(MESSAGE_JSON_MAX + 1, 0), 0);
	cr_assert_eq(message_bytes(100, most), MESSAGE_BYTES_MAX);
	cr_assert_eq(message_bytes(100, most + 1), 0);
	cr_assert_eq(message_bytes(100, UINT64_MAX), 0);
	cr_assert_eq(message_bytes(UINT64_MAX, 0), 0);
}

Test(message, a_signature_holds_for_its_id_body_and_author_only)
{
	unsigned char pk[32], sk[64], sig[SIG_BYTES];
	unsigned char id[MSG_ID_BYTES] = { 1 }, body[HASH_BYTES] = { 2 };

	crypto_sign_keypair(pk, sk);
	message_sign(sig, id, body, sk);
	cr_assert_eq(message_verify(sig, id, body, pk), 0);
	id[15] ^= 1;
	cr_assert_eq(message_verify(sig, id, body, pk), ERR_AUTH);
	id[15] ^= 1;
	body[31] ^= 1;
	cr_assert_eq(message_verify(sig, id, body, pk), ERR_AUTH);
	body[31] ^= 1;
	pk[0] ^= 1;
	cr_assert_eq(message_verify(sig, id, body, pk), ERR_AUTH);
	pk[0] ^= 1;
	sig[0] ^= 1;
	cr_assert_eq(message_verify(sig, id, body, pk), ERR_AUTH);
}
