/* SPDX-License-Identifier: ISC */
/*
 * test_witness.c - what an answer of a witness means, and what is shown.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/cosign.h"
#include "server/witness.h"

#define NOW	1700000000u

static struct vkey log_key;
static unsigned char log_sk[64], sk[4][64];
static struct conf_witness who[4];	/* the last one is nobody's */
static struct witness_state s;
static unsigned char buf[WITNESS_WIRE_MAX];

/* The checkpoint of a made-up tree. */
static struct rd
note_of(uint64_t size)
{
	static unsigned char text[512], note[1024];
	unsigned char root[HASH_BYTES];
	struct wr t = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));

	memset(root, (int)size, sizeof(root));
	checkpoint_write(&t, rd_str(log_key.name), size, root);
	cr_assert_eq(note_sign(&n, wr_rd(&t), &log_key, log_sk), 0);
	return wr_rd(&n);
}

static struct rd
text_of(uint64_t size)
{
	struct note n;

	cr_assert_eq(note_parse(&n, note_of(size)), 0);
	return n.text;
}

static void
setup(void)
{
	unsigned char seed[32], pk[32];
	char name[32] = "witness.example/w0";
	int i;

	cr_assert_geq(sodium_init(), 0);
	memset(seed, 9, sizeof(seed));
	crypto_sign_seed_keypair(pk, log_sk, seed);
	cr_assert_eq(vkey_make(&log_key, rd_str("drop.example/log"),
	    NOTE_ED25519, pk), 0);
	for (i = 0; i < 4; i++) {
		memset(seed, 20 + i, sizeof(seed));
		name[17] = (char)('0' + i);
		crypto_sign_seed_keypair(pk, sk[i], seed);
		cr_assert_eq(vkey_make(&who[i].key, rd_str(name), NOTE_COSIG,
		    pk), 0);
	}
	cr_assert_eq(witness_init(&s, &log_key, who, 3, 2, note_of(10)), 0);
}

TestSuite(witness, .init = setup);

static void
add_line(struct wr *w, int i, uint64_t size, uint64_t time)
{
	cr_assert_eq(cosign_write(w, text_of(size), time, &who[i].key, sk[i]),
	    0);
}

/* Witness i answers with the lines in w. */
static enum witness_verdict
answers(size_t i, uint16_t status, struct rd body)
{
	struct witness_answer a = { .status = status, .body = body };

	return witness_judge(&s, i, &a, NOW, s.newest.size);
}

static enum witness_verdict
says_size(size_t i, const char *text)
{
	struct witness_answer a = { .status = 409, .is_size = true,
	    .body = rd_str(text) };

	return witness_judge(&s, i, &a, NOW, s.newest.size);
}

static enum witness_verdict
cosigns(int i)
{
	struct wr w = wr_from(buf, sizeof(buf));

	add_line(&w, i, s.newest.size, NOW);
	return answers((size_t)i, 200, wr_rd(&w));
}

/* --- answers ------------------------------------------------------------- */

Test(witness, a_cosignature_counts_once)
{
	cr_assert_eq(cosigns(0), WITNESS_COSIGNED);
	cr_assert_eq(s.peer[0].size, 10);
	cr_assert_eq(witness_count(&s.newest), 1);
	cr_assert_eq(cosigns(0), WITNESS_COSIGNED);
	cr_assert_eq(witness_count(&s.newest), 1);
	cr_assert_not(witness_has_quorum(&s));
	cr_assert_eq(cosigns(2), WITNESS_COSIGNED);
	cr_assert(witness_has_quorum(&s));
	cr_assert_not(witness_has_all(&s));
	cr_assert_eq(cosigns(1), WITNESS_COSIGNED);
	cr_assert(witness_has_all(&s));
}

Test(witness, lines_of_others_are_passed_over)
{
	struct wr w = wr_from(buf, sizeof(buf));
	struct note own;

	cr_assert_eq(note_parse(&own, note_of(10)), 0);
	add_line(&w, 3, 10, NOW);
	wr_rdr(&w, own.sigs);
	add_line(&w, 1, 10, NOW);
	cr_assert_eq(answers(0, 200, wr_rd(&w)), WITNESS_REFUSED,
	    "another witness's line is not this one's");
	cr_assert_eq(s.newest.cosigned, 0);
	add_line(&w, 0, 11, NOW);	/* of another tree */
	add_line(&w, 0, 10, NOW);
	add_line(&w, 0, 10, NOW - 3);
	cr_assert_eq(answers(0, 200, wr_rd(&w)), WITNESS_COSIGNED);
	cr_assert_eq(s.newest.cosigned, 1);
	cr_assert_eq(note_parse(&own, rd_from(s.newest.bytes, s.newest.n)), 0);
	cr_assert_eq(note_sigs(&own), 2, "our line and its, no more");
}

Test(witness, a_line_that_does_not_hold_is_refused)
{
	struct wr w = wr_from(buf, sizeof(buf));
	size_t i;

	add_line(&w, 0, 10, NOW);
	for (i = 0; i < w.n; i++) {
		buf[i] ^= 1;
		cr_assert_neq(answers(0, 200, wr_rd(&w)), WITNESS_COSIGNED,
		    "byte %zu", i);
		cr_assert_neq(answers(0, 200, rd_from(buf, i)),
		    WITNESS_COSIGNED, "cut at %zu", i);
		buf[i] ^= 1;
	}
	cr_assert_eq(s.newest.cosigned, 0);
	cr_assert_eq(answers(0, 200, wr_rd(&w)), WITNESS_COSIGNED);
}

Test(witness, another_tree_or_another_time_is_refused)
{
	const uint64_t bad[] = { 0, 1, NOW - 3601, NOW + 3601, INT64_MAX };
	const uint64_t good[] = { NOW - 3600, NOW + 3600 };
	struct wr w = wr_from(buf, sizeof(buf));
	size_t i;

	add_line(&w, 0, 9, NOW);
	cr_assert_eq(answers(0, 200, wr_rd(&w)), WITNESS_REFUSED);
	for (i = 0; i < 5; i++) {
		w = wr_from(buf, sizeof(buf));
		add_line(&w, 0, 10, bad[i]);
		cr_assert_eq(answers(0, 200, wr_rd(&w)), WITNESS_REFUSED);
	}
	for (i = 0; i < 2; i++) {
		w = wr_from(buf, sizeof(buf));
		add_line(&w, 0, 10, good[i]);
		cr_assert_eq(answers(0, 200, wr_rd(&w)), WITNESS_COSIGNED);
	}
}

Test(witness, a_conflict_teaches_a_size_up_to_ours)
{
	cr_assert_eq(says_size(0, "7\n"), WITNESS_AGAIN);
	cr_assert_eq(s.peer[0].size, 7);
	cr_assert_eq(says_size(0, "7\n"), WITNESS_LATER, "as it was told");
	cr_assert_eq(says_size(0, "10"), WITNESS_AGAIN, "without its LF");
	cr_assert_eq(says_size(0, "0\n"), WITNESS_AGAIN, "it forgot");
	cr_assert_eq(s.peer[0].ahead, 0);
}

Test(witness, a_conflict_without_a_size_teaches_nothing)
{
	static const char *const odd[] = { "", "\n", "007\n", "+7\n", "7\n\n",
	    " 7\n", "1e1\n", "7 \n", "0x7\n", "-1\n",
	    "9223372036854775808\n", "99999999999999999999999999\n" };
	struct witness_answer a = { .status = 409, .body = rd_str("7\n") };
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		cr_assert_eq(says_size(0, odd[i]), WITNESS_LATER, "%s",
		    odd[i]);
	cr_assert_eq(witness_judge(&s, 0, &a, NOW, 10), WITNESS_LATER,
	    "of another type");
	cr_assert_eq(s.peer[0].size, 0);
	cr_assert_eq(s.peer[0].ahead, 0);
}

Test(witness, more_than_was_signed_is_an_alarm)
{
	struct witness_answer a = { .status = 409, .is_size = true,
	    .body = rd_str("11\n") };

	/* A later close may be signed and not yet the newest here. */
	cr_assert_eq(witness_judge(&s, 0, &a, NOW, 11), WITNESS_LATER);
	cr_assert_eq(witness_ahead(&s), 0);
	cr_assert_eq(says_size(0, "11\n"), WITNESS_AHEAD);
	cr_assert_eq(says_size(1, "9223372036854775807\n"), WITNESS_AHEAD);
	cr_assert_eq(witness_ahead(&s), INT64_MAX);
	cr_assert_eq(says_size(0, "12\n"), WITNESS_AHEAD);
	cr_assert_eq(s.peer[0].ahead, 12);
}

Test(witness, other_statuses_are_for_later_or_a_refusal)
{
	static const struct {
		uint16_t status;
		enum witness_verdict want;
	} all[] = {
		{ 0, WITNESS_LATER }, { 408, WITNESS_LATER },
		{ 429, WITNESS_LATER }, { 500, WITNESS_LATER },
		{ 503, WITNESS_LATER }, { 204, WITNESS_REFUSED },
		{ 301, WITNESS_REFUSED }, { 307, WITNESS_REFUSED },
		{ 400, WITNESS_REFUSED }, { 403, WITNESS_REFUSED },
		{ 404, WITNESS_REFUSED }, { 422, WITNESS_REFUSED },
		{ 200, WITNESS_REFUSED },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		cr_assert_eq(answers(0, all[i].status, rd_from(NULL, 0)),
		    all[i].want, "%u", all[i].status);
}

Test(witness, a_request_is_what_the_protocol_says)
{
	static struct proof p;
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd in;

	cr_assert_eq(cosigns(0), WITNESS_COSIGNED);
	s.peer[1].size = 3;
	p.n = 2;
	cr_assert_eq(witness_request(&w, &s, 1, &p), 0);
	in = wr_rd(&w);
	cr_assert(rd_lit(&in, "old 3\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"));
	cr_assert(rd_eq(in, note_of(10)), "no cosignature of another");
}

/* --- what is shown ------------------------------------------------------- */

static bool
shows(uint64_t size, size_t cosigners)
{
	return s.shown.size == size && witness_count(&s.shown) == cosigners;
}

static void
close_at(uint64_t size, int cosigners)
{
	int i;

	cr_assert_eq(witness_begin(&s, note_of(size)), 0);
	for (i = 0; i < cosigners; i++)
		cr_assert_eq(cosigns(i), WITNESS_COSIGNED);
}

Test(witness, a_new_log_is_shown_as_it_is)
{
	cr_assert(shows(10, 0));
	cr_assert_not(witness_settle(&s, true));
}

Test(witness, what_has_its_quorum_is_shown)
{
	close_at(20, 1);
	cr_assert_not(witness_settle(&s, false), "still waiting");
	cr_assert(shows(10, 0));
	cr_assert_eq(cosigns(1), WITNESS_COSIGNED);
	cr_assert(witness_settle(&s, false));
	cr_assert(shows(20, 2));
	cr_assert_eq(cosigns(2), WITNESS_COSIGNED);
	cr_assert(witness_settle(&s, true), "a late one");
	cr_assert(shows(20, 3));
	cr_assert_not(witness_settle(&s, true));
}

Test(witness, without_a_quorum_the_older_stays_for_one_close)
{
	close_at(20, 2);
	cr_assert(witness_settle(&s, true));
	close_at(30, 1);
	cr_assert_not(witness_settle(&s, true));
	cr_assert(shows(20, 2));
	close_at(40, 1);
	cr_assert_not(witness_settle(&s, false));
	cr_assert(shows(20, 2), "while the next one is waited for");
	cr_assert(witness_settle(&s, true));
	cr_assert(shows(40, 1));
	close_at(50, 0);
	cr_assert(witness_settle(&s, true));
	cr_assert(shows(50, 0));
	cr_assert_eq(cosigns(0), WITNESS_COSIGNED);
	cr_assert(witness_settle(&s, true), "each one is shown now");
	cr_assert(shows(50, 1));
	close_at(60, 2);
	cr_assert(witness_settle(&s, true));
	close_at(70, 0);
	cr_assert_not(witness_settle(&s, true));
	cr_assert(shows(60, 2), "counted anew");
}

Test(witness, a_late_quorum_is_shown)
{
	close_at(20, 2);
	cr_assert(witness_settle(&s, true));
	close_at(30, 0);
	cr_assert_not(witness_settle(&s, true));
	cr_assert_eq(cosigns(2), WITNESS_COSIGNED);
	cr_assert_not(witness_settle(&s, true));
	cr_assert_eq(cosigns(1), WITNESS_COSIGNED);
	cr_assert(witness_settle(&s, true));
	cr_assert(shows(30, 2));
}

Test(witness, a_quorum_of_none_waits_for_nobody)
{
	s.quorum = 0;
	close_at(20, 0);
	cr_assert(witness_settle(&s, false));
	cr_assert(shows(20, 0));
}

Test(witness, the_same_close_again_changes_nothing)
{
	close_at(20, 2);
	cr_assert_eq(witness_begin(&s, note_of(20)), 0);
	cr_assert_eq(witness_count(&s.newest), 2);
	cr_assert_eq(s.missed, 3);
}

/* --- the file ------------------------------------------------------------ */

static unsigned char file[WITNESS_FILE_MAX];

static struct rd
written(void)
{
	struct wr w = wr_from(file, sizeof(file));

	witness_write(&w, &s);
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

Test(witness, what_is_written_is_read)
{
	static struct witness_state t;
	struct rd in;

	close_at(20, 3);
	cr_assert(witness_settle(&s, true));
	close_at(30, 1);
	cr_assert_not(witness_settle(&s, true));
	cr_assert_eq(says_size(2, "31\n"), WITNESS_AHEAD);
	in = written();
	cr_assert_eq(witness_init(&t, &log_key, who, 3, 2, note_of(1)), 0);
	cr_assert_eq(witness_read(&t, in), 0);
	cr_assert_eq(memcmp(t.peer, s.peer, sizeof(t.peer)), 0);
	cr_assert_eq(t.missed, 1);
	cr_assert_eq(t.shown.own, s.shown.own);
	cr_assert_eq(t.newest.cosigned, 1);
	cr_assert(rd_eq(rd_from(t.shown.bytes, t.shown.n),
	    rd_from(s.shown.bytes, s.shown.n)));
	cr_assert(rd_eq(rd_from(t.newest.bytes, t.newest.n),
	    rd_from(s.newest.bytes, s.newest.n)));
}

Test(witness, who_is_not_asked_any_more_is_forgotten)
{
	static struct witness_state t;
	uint64_t ahead;
	struct rd in;

	close_at(20, 3);
	cr_assert_eq(says_size(2, "31\n"), WITNESS_AHEAD);
	in = written();
	cr_assert_eq(witness_init(&t, &log_key, who, 2, 2, note_of(1)), 0);
	cr_assert_eq(witness_read(&t, in), 0);
	cr_assert_eq(witness_ahead(&t), 0);
	cr_assert_eq(witness_count(&t.newest), 2);
	cr_assert_eq(witness_file_ahead(in, &ahead), 0);
	cr_assert_eq(ahead, 31, "a restore does not forget");
}

Test(witness, a_file_that_was_cut_or_altered_is_refused)
{
	static struct witness_state t;
	struct rd in;
	size_t i;

	close_at(20, 2);
	in = written();
	for (i = 0; i < in.n; i++) {
		t = s;
		cr_assert_neq(witness_read(&t, rd_from(in.p, i)), 0, "%zu",
		    i);
	}
	/* From the notes on, every byte is signed, or ends the note. */
	for (i = 21 + 2 + 3 * 48 + 2; i < in.n; i++) {
		file[i] ^= 1;
		t = s;
		cr_assert(witness_read(&t, in) != 0 ||
		    witness_count(&t.newest) < 2, "byte %zu", i);
		file[i] ^= 1;
	}
	t = s;
	cr_assert_eq(witness_read(&t, in), 0);
}

Test(witness, another_logs_note_is_refused)
{
	struct rd in = written();
	struct vkey k = log_key;

	k.pk[0] ^= 1;
	s.log = &k;
	cr_assert_eq(witness_read(&s, in), ERR_AUTH);
	cr_assert_eq(witness_begin(&s, note_of(20)), ERR_AUTH);
}

/* --- datagrams ----------------------------------------------------------- */

Test(witness_wire, an_ask_is_read_as_written)
{
	struct witness_ask a = { .seconds = 30, .body = rd_str("old 0\n") }, b;
	struct wr w = wr_from(buf, sizeof(buf));
	size_t i;

	memset(a.pk, 5, sizeof(a.pk));
	witness_write_ask(&w, &a);
	cr_assert_eq(witness_parse_ask(&b, wr_rd(&w)), 0);
	cr_assert_eq(b.seconds, 30);
	cr_assert(rd_eq(a.body, b.body));
	for (i = 0; i < w.n - 5; i++)
		cr_assert_eq(witness_parse_ask(&b, rd_from(buf, i)),
		    i > 35 ? 0 : ERR_FORMAT, "%zu", i);
	a.seconds = 0;
	w = wr_from(buf, sizeof(buf));
	witness_write_ask(&w, &a);
	cr_assert_eq(witness_parse_ask(&b, wr_rd(&w)), ERR_FORMAT);
}

Test(witness_wire, an_answer_is_read_as_written)
{
	struct witness_answer a = { .status = 409, .is_size = true,
	    .retry_after = 7, .body = rd_str("12\n") }, b;
	struct wr w = wr_from(buf, sizeof(buf));

	witness_write_answer(&w, &a);
	cr_assert_eq(witness_parse_answer(&b, wr_rd(&w)), 0);
	cr_assert_eq(b.status, 409);
	cr_assert(b.is_size);
	cr_assert_eq(b.retry_after, 7);
	cr_assert(rd_eq(a.body, b.body));
	buf[35] = 2;
	cr_assert_eq(witness_parse_answer(&b, wr_rd(&w)), ERR_FORMAT);
	w = wr_from(buf, sizeof(buf));
	a.status = 0;
	witness_write_answer(&w, &a);
	cr_assert_eq(witness_parse_answer(&b, wr_rd(&w)), ERR_FORMAT,
	    "nothing came, and something is said of it");
}

Test(witness_wire, an_end_is_handed_over)
{
	int way[2], pair[2], got = -1;
	char c = 0;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, way), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	cr_assert_eq(witness_hand_over(way[0], pair[1]), 0);
	close(pair[1]);
	cr_assert_eq(witness_take_over(way[1], &got), 0);
	cr_assert_eq(write(got, "x", 1), 1);
	cr_assert_eq(read(pair[0], &c, 1), 1);
	cr_assert_eq(c, 'x');
	/* no descriptor; another kind of one */
	cr_assert_eq(send(way[0], "W", 1, 0), 1);
	cr_assert_eq(witness_take_over(way[1], &got), ERR_FORMAT);
	cr_assert_eq(witness_hand_over(way[0], way[0]), 0);
	cr_assert_eq(witness_take_over(way[1], &got), ERR_FORMAT);
	cr_assert_eq(got, -1);
	close(way[1]);
	cr_assert_eq(witness_hand_over(way[0], pair[0]), ERR_IO);
}
