/* SPDX-License-Identifier: ISC */
/*
 * test_letters.c - statements and their replies, as a server shows them.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/letters.h"
#include "tests/unit/mailroom.h"

static struct letters l;
static struct rd bytes;

TestSuite(letters, .init = mailroom_open, .fini = mailroom_close);

static int
look(void)
{
	int r;

	letters_wipe(&l);
	free((void *)(uintptr_t)bytes.p);
	bytes = mailroom_serve();
	if ((r = letters_open(&l, &mailroom, bytes)) == 0)
		r = letters_match(&l);
	return r;
}

static void
done(void)
{
	letters_wipe(&l);
	free((void *)(uintptr_t)bytes.p);
	bytes = rd_from(NULL, 0);
}

/* Sequences 1 to n of the office, four replies each. */
static void
say_all(uint64_t n)
{
	uint64_t i;

	for (i = 1; i <= n; i++) {
		mailroom_put_noise(4);
		mailroom_state(ROLE_OFFICE, i, NULL);
	}
}

/* The server leaves a statement out, with its replies. */
static void
leave_out(size_t i)
{
	mailroom_notes--;
	memmove(&mailroom_note[i], &mailroom_note[i + 1],
	    (mailroom_notes - i) * sizeof(mailroom_note[0]));
}

Test(letters, nothing_at_all_is_no_statement)
{
	cr_assert_eq(letters_open(&l, &mailroom, rd_str("")), 0);
	cr_assert_eq(letters_match(&l), 0);
	cr_assert_eq(l.nstatements + l.nreplies + l.withheld, 0);
	cr_assert_null(letters_newest(&l, ROLE_OFFICE));
	letters_wipe(&l);
}

Test(letters, statements_of_both_roles_with_their_replies_in_order)
{
	size_t i;

	say_all(2);
	mailroom_put_noise(8);
	mailroom_state(ROLE_ALTERNATE, 1, NULL);
	mailroom_put_noise(4);
	mailroom_state(ROLE_OFFICE, 3, NULL);
	cr_assert_eq(look(), 0);
	cr_assert_eq(l.nstatements, 4);
	cr_assert_eq(l.nreplies, 20);
	cr_assert_eq(l.withheld, 0);
	for (i = 0; i < l.nreplies; i++) {
		cr_assert_eq(l.reply[i].bytes.n, REPLY_BYTES);
		cr_assert_arr_eq(l.reply[i].bytes.p, mailroom_reply[i],
		    REPLY_BYTES);
	}
	cr_assert_eq(letters_newest(&l, ROLE_OFFICE)->sequence, 3);
	cr_assert_eq(letters_newest(&l, ROLE_ALTERNATE)->sequence, 1);
	cr_assert_eq(l.reply[8].statement, 2);
	done();
}

Test(letters, a_role_that_is_not_pinned_is_passed_over)
{
	mailroom.has[ROLE_ALTERNATE] = false;
	mailroom_put_noise(4);
	mailroom_state(ROLE_ALTERNATE, 1, NULL);
	say_all(1);
	cr_assert_eq(look(), 0);
	cr_assert_eq(l.strangers, 1);
	cr_assert_eq(l.nreplies, 4);
	cr_assert_arr_eq(l.reply[0].bytes.p, mailroom_reply[4], REPLY_BYTES);
	done();
}

Test(letters, a_statement_that_another_key_signed_is_refused)
{
	say_all(1);
	mailroom_put_noise(4);
	mailroom_state_as(ROLE_OFFICE, 2, NULL, &mailroom_other,
	    mailroom_other_sk);
	cr_assert_eq(look(), ERR_NOMATCH);
	done();
}

Test(letters, an_altered_statement_is_refused)
{
	say_all(1);
	/* Its sequence. */
	mailroom_note[0].bytes[strlen(MAILROOM_OFFICE "/statement/office\n")]
	    = '2';
	cr_assert_eq(look(), ERR_AUTH);
	done();
}

Test(letters, a_statement_that_is_left_out_is_noticed)
{
	say_all(4);
	leave_out(1);
	cr_assert_eq(look(), ERR_ORDER);
	done();
}

Test(letters, statements_out_of_order_or_twice_are_refused)
{
	static struct mailroom_note m;

	say_all(3);
	m = mailroom_note[0];
	mailroom_note[0] = mailroom_note[1];
	mailroom_note[1] = m;
	cr_assert_eq(look(), ERR_ORDER);
	mailroom_note[0] = m;
	mailroom_note[1] = m;
	cr_assert_eq(look(), ERR_ORDER);
	done();
}

Test(letters, what_was_signed_is_there_to_be_read_beside_any_fault)
{
	static struct mailroom_note m;

	say_all(2);
	mailroom_put_noise(4);
	mailroom_state_as(ROLE_OFFICE, 3, NULL, &mailroom_other,
	    mailroom_other_sk);
	mailroom_put_noise(4);
	mailroom_state(ROLE_OFFICE, 3, NULL);
	cr_assert_eq(look(), ERR_NOMATCH);
	cr_assert_eq(letters_match(&l), 0);
	cr_assert_eq(l.nstatements, 3);
	cr_assert_eq(l.nreplies, 12);
	cr_assert_eq(l.withheld, 0, "each reply is its statement's");
	leave_out(2);
	m = mailroom_note[0];
	mailroom_note[0] = mailroom_note[2];
	mailroom_note[2] = m;
	cr_assert_eq(look(), ERR_ORDER);
	cr_assert_eq(letters_match(&l), 0);
	cr_assert_eq(l.nstatements, 3);
	cr_assert_eq(l.withheld, 0, "they are all there");
	done();
}

/* A signature takes time to check, and a server can send 65,536 of them. */
Test(letters, behind_dozens_of_forged_statements_nobody_reads_on)
{
	size_t i;

	for (i = 0; i < 64; i++)
		mailroom_state_as(ROLE_OFFICE, i + 1, NULL, &mailroom_other,
		    mailroom_other_sk);
	say_all(1);
	cr_assert_eq(look(), ERR_NOMATCH);
	cr_assert_eq(l.nstatements, 0);
	leave_out(0);
	cr_assert_eq(look(), ERR_NOMATCH);
	cr_assert_eq(l.nstatements, 1, "63 are passed over");
	done();
}

Test(letters, the_oldest_left_out_count_as_withheld)
{
	say_all(4);
	leave_out(0);
	leave_out(0);
	cr_assert_eq(look(), 0);
	cr_assert_eq(l.withheld, 2, "one for each statement at least");
	done();
}

Test(letters, what_the_role_dropped_is_not_withheld)
{
	struct statement s;

	say_all(3);
	memset(&s, 0, sizeof(s));
	s.drop = 3;
	mailroom_put_noise(4);
	mailroom_state(ROLE_OFFICE, 4, &s);
	leave_out(0);
	mailroom_note[0].dropped = true;	/* the second */
	cr_assert_eq(look(), 0);
	cr_assert_eq(l.withheld, 0);
	cr_assert_eq(l.nstatements, 3);
	cr_assert(l.statement[0].dropped);
	mailroom_note[1].dropped = true;	/* the third: not dropped */
	cr_assert_eq(look(), 0);
	cr_assert_eq(l.withheld, 4);
	done();
}

Test(letters, a_reply_that_is_not_what_was_named_is_withheld)
{
	say_all(3);
	mailroom_reply[5][100] ^= 1;
	memcpy(mailroom_reply[7], mailroom_reply[6], REPLY_BYTES);
	cr_assert_eq(look(), 0);
	cr_assert_eq(l.withheld, 2);
	cr_assert_eq(l.reply[5].bytes.n, 0);
	cr_assert_eq(l.reply[6].bytes.n, REPLY_BYTES);
	cr_assert_eq(l.reply[7].bytes.n, 0);
	done();
}

Test(letters, cut_anywhere_it_is_refused)
{
	struct rd cut;
	size_t i;

	say_all(2);
	bytes = mailroom_serve();
	for (i = 1; i < bytes.n; i += i < 3000 ? 1 : 997) {
		cut = rd_from(bytes.p, i);
		cr_assert_neq(letters_open(&l, &mailroom, cut), 0, "%zu", i);
		letters_wipe(&l);
	}
	done();
}
