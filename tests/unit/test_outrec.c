/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <string.h>

#include "client/desk/outrec.h"
#include "crypto/reply.h"
#include "crypto/statement.h"

#define ROOM	512

/* Every cut, and one byte more, is refused. */
#define REFUSES_CUTS(parse, v, bytes, n) \
do { \
	size_t cut_; \
	for (cut_ = 0; cut_ < (n); cut_++) \
		cr_assert_eq(parse((v), rd_from((bytes), cut_)), ERR_FORMAT, \
		    "cut at %zu", cut_); \
	cr_assert_eq(parse((v), rd_from((bytes), (n) + 1)), ERR_FORMAT); \
} while (0)

static unsigned char b[ROOM];

static size_t
put_answer(const struct answer *a)
{
	struct wr w = wr_from(b, sizeof(b));

	memset(b, 0, sizeof(b));
	answer_rec_write(&w, a);
	cr_assert(wr_ok(&w));
	return w.n;
}

static const struct answer stated = {
	.kind = ANSWER_ANSWER, .state = ANSWER_STATED, .case_no = 3,
	.entry = 2, .day = 20000, .bytes = 4000, .parts = 1, .sequence = 7
};

Test(outrec, an_answer_comes_back_as_it_was)
{
	struct answer a, again;
	size_t n = put_answer(&stated);

	cr_assert_eq(answer_rec_parse(&a, rd_from(b, n)), 0);
	cr_assert_eq(a.case_no, 3);
	cr_assert_eq(a.sequence, 7);
	REFUSES_CUTS(answer_rec_parse, &again, b, n);
}

static int
parse_with(struct answer a)
{
	struct answer again;
	size_t n = put_answer(&a);

	return answer_rec_parse(&again, rd_from(b, n));
}

Test(outrec, an_answers_state_goes_with_the_rest)
{
	struct answer a = stated;

	a.sequence = 0;
	cr_assert_eq(parse_with(a), ERR_FORMAT, "stated nowhere");
	a = stated;
	a.parts = 0;
	cr_assert_eq(parse_with(a), ERR_FORMAT, "in no parts");
	a = stated;
	a.parts = REPLY_PARTS_MAX + 1;
	cr_assert_eq(parse_with(a), ERR_FORMAT);
	a = stated;
	a.state = ANSWER_QUEUED;
	cr_assert_eq(parse_with(a), ERR_FORMAT, "queued and stated");
	a.sequence = a.parts = 0;
	cr_assert_eq(parse_with(a), 0);
	a.bytes = 0;
	cr_assert_eq(parse_with(a), ERR_FORMAT, "queued without words");
	a.state = ANSWER_DUE;
	cr_assert_eq(parse_with(a), ERR_FORMAT, "only acknowledgements are due");
	a.kind = ANSWER_ACK;
	cr_assert_eq(parse_with(a), 0);
	a.case_no = 0;
	cr_assert_eq(parse_with(a), ERR_FORMAT, "of no case");
	a = stated;
	a.state = (enum answer_state)(ANSWER_DEAD + 1);
	cr_assert_eq(parse_with(a), ERR_FORMAT);
	a = stated;
	a.kind = (enum answer_kind)0;
	cr_assert_eq(parse_with(a), ERR_FORMAT);
}

Test(outrec, counters_come_back_and_fit_each_other)
{
	struct outstate s = { 9, 4, 3, 2, 0, { 1, 2, 3, 4, 5, 6 } }, again;
	struct wr w = wr_from(b, sizeof(b));
	size_t n;

	memset(b, 0, sizeof(b));
	outstate_write(&w, &s);
	n = w.n;
	cr_assert_eq(outstate_parse(&again, rd_from(b, n)), 0);
	cr_assert_eq(memcmp(&s, &again, sizeof(s)), 0);
	REFUSES_CUTS(outstate_parse, &again, b, n);
	s.settled = 10;
	w = wr_from(b, sizeof(b));
	outstate_write(&w, &s);
	cr_assert_eq(outstate_parse(&again, rd_from(b, n)), ERR_FORMAT);
	s.settled = 0;
	s.logged = 4;
	w = wr_from(b, sizeof(b));
	outstate_write(&w, &s);
	cr_assert_eq(outstate_parse(&again, rd_from(b, n)), ERR_FORMAT);
}

static int
parse_stmt(struct stmt s, struct stmt *again)
{
	struct wr w = wr_from(b, sizeof(b));

	stmt_write(&w, &s);
	cr_assert(wr_ok(&w));
	return stmt_parse(again, wr_rd(&w));
}

Test(outrec, a_statement_comes_back_and_its_numbers_fit)
{
	struct stmt s, again;
	struct wr w = wr_from(b, sizeof(b));

	memset(&s, 0, sizeof(s));
	memset(b, 0, sizeof(b));
	s.state = STMT_MADE;
	s.sequence = 2;
	s.size = 40;
	s.erase = 40;
	s.drop = 2;
	s.nreplies = STATEMENT_REPLIES_MAX;
	s.note_bytes = 1000;
	s.sha256[31] = 1;
	cr_assert_eq(parse_stmt(s, &again), 0);
	cr_assert_eq(again.sequence, 2);
	cr_assert_eq(again.sha256[31], 1);
	memset(b, 0, sizeof(b));
	stmt_write(&w, &s);
	REFUSES_CUTS(stmt_parse, &again, b, w.n);
	s.erase = 41;
	cr_assert_eq(parse_stmt(s, &again), ERR_FORMAT);
	s.erase = 0;
	s.drop = 3;
	cr_assert_eq(parse_stmt(s, &again), ERR_FORMAT);
	s.drop = 0;
	s.nreplies = STATEMENT_REPLIES_MAX + 1;
	cr_assert_eq(parse_stmt(s, &again), ERR_FORMAT);
	s.nreplies = 0;
	s.sequence = 0;
	cr_assert_eq(parse_stmt(s, &again), ERR_FORMAT);
	s.sequence = 1;
	s.note_bytes = STATEMENT_MAX_BYTES + 1;
	cr_assert_eq(parse_stmt(s, &again), ERR_FORMAT);
	s.note_bytes = 0;
	s.state = (enum stmt_state)(STMT_FOREIGN + 1);
	cr_assert_eq(parse_stmt(s, &again), ERR_FORMAT);
}
