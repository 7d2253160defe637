/* SPDX-License-Identifier: ISC */
/*
 * test_mailbox.c - one codename's answers among everybody's replies.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/report/mailbox.h"
#include "crypto/sha256.h"
#include "tests/unit/mailroom.h"

#define SAYS(text)	"{\"v\":1,\"kind\":\"answer\",\"text\":\"" text "\"}"

static struct codename_keys me, you;
static struct letters l;
static struct mailbox m;
static struct rd bytes;

static void
setup(void)
{
	unsigned char entropy[CODENAME_BYTES];

	mailroom_open();
	cr_assert_eq(codename_new(entropy, rd_str(MAILROOM_OFFICE),
	    ROLE_OFFICE), 0);
	cr_assert_eq(codename_derive(&me, entropy, rd_str(MAILROOM_OFFICE)),
	    0);
	cr_assert_eq(codename_new(entropy, rd_str(MAILROOM_OFFICE),
	    ROLE_OFFICE), 0);
	cr_assert_eq(codename_derive(&you, entropy, rd_str(MAILROOM_OFFICE)),
	    0);
}

static void
teardown(void)
{
	mailbox_wipe(&m);
	letters_wipe(&l);
	free((void *)(uintptr_t)bytes.p);
	mailroom_close();
}

TestSuite(mailbox, .init = setup, .fini = teardown);

static void
look(void)
{
	bytes = mailroom_serve();
	cr_assert_eq(letters_open(&l, &mailroom, bytes), 0);
	cr_assert_eq(letters_match(&l), 0);
	cr_assert_eq(mailbox_read(&m, &l, &mailroom, &me, NULL), 0);
}

Test(mailbox, ours_are_found_among_all_and_in_order)
{
	mailroom_put_noise(3);
	mailroom_answer(ROLE_OFFICE, SAYS("one"), &me.mailbox);
	mailroom_answer(ROLE_OFFICE, SAYS("not mine"), &you.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	mailroom_answer(ROLE_OFFICE, SAYS("two"), &me.mailbox);
	mailroom_answer(ROLE_OFFICE, SAYS("three"), &me.mailbox);
	mailroom_put_noise(1);
	mailroom_state(ROLE_OFFICE, 2, NULL);
	look();
	cr_assert_eq(m.n, 3);
	cr_assert(rd_eq_str(m.answer[0].text, "one"));
	cr_assert(rd_eq_str(m.answer[1].text, "two"));
	cr_assert(rd_eq_str(m.answer[2].text, "three"));
	cr_assert_eq(m.tried, 8);
	cr_assert_eq(m.incomplete + m.foreign + m.unread, 0);
}

/* A text of so many letters. */
static char *
long_answer(size_t n, char letter)
{
	static const char head[] = "{\"v\":1,\"kind\":\"answer\",\"text\":\"";
	char *s = malloc(n + 64), *p;

	cr_assert_not_null(s);
	p = stpcpy(s, head);
	memset(p, letter, n);
	strcpy(p + n, "\"}");
	return s;
}

Test(mailbox, parts_in_any_order_and_in_two_statements_make_one_answer)
{
	static unsigned char swap[REPLY_BYTES];
	char *json = long_answer(20000, 'a');

	mailroom_answer(ROLE_OFFICE, json, &me.mailbox);
	cr_assert_eq(mailroom_replies, 4);
	memcpy(swap, mailroom_reply[0], REPLY_BYTES);
	memcpy(mailroom_reply[0], mailroom_reply[3], REPLY_BYTES);
	memcpy(mailroom_reply[3], swap, REPLY_BYTES);
	mailroom_replies = 2;
	mailroom_state(ROLE_OFFICE, 1, NULL);
	mailroom_replies = 4;
	mailroom_state(ROLE_OFFICE, 2, NULL);
	look();
	cr_assert_eq(m.n, 1);
	cr_assert_eq(m.answer[0].text.n, 20000);
	free(json);
}

Test(mailbox, a_missing_part_leaves_the_answer_out_and_says_so)
{
	char *json = long_answer(20000, 'a');

	mailroom_answer(ROLE_OFFICE, json, &me.mailbox);
	mailroom_replies--;
	mailroom_answer(ROLE_OFFICE, SAYS("whole"), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	look();
	cr_assert_eq(m.n, 1);
	cr_assert(rd_eq_str(m.answer[0].text, "whole"));
	cr_assert_eq(m.incomplete, 1);
	free(json);
}

Test(mailbox, what_others_signed_is_not_the_office_s)
{
	mailroom_answer_as(&mailroom_other, mailroom_other_sk,
	    SAYS("forged"), &me.mailbox, &me.mailbox);
	mailroom_answer(ROLE_OFFICE, SAYS("true"), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	look();
	cr_assert_eq(m.n, 1);
	cr_assert(rd_eq_str(m.answer[0].text, "true"));
	cr_assert_eq(m.foreign, 1);
}

Test(mailbox, what_was_written_to_another_mailbox_is_not_ours)
{
	mailroom_answer_as(&mailroom_key[0], mailroom_sk[0], SAYS("yours"),
	    &you.mailbox, &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	look();
	cr_assert_eq(m.n, 0);
	cr_assert_eq(m.foreign, 1);
}

Test(mailbox, one_role_does_not_answer_for_the_other)
{
	mailroom_answer(ROLE_ALTERNATE, SAYS("signed by it"), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	mailroom_answer(ROLE_OFFICE, SAYS("stated by it"), &me.mailbox);
	mailroom_state(ROLE_ALTERNATE, 1, NULL);
	look();
	cr_assert_eq(m.n, 0);
	cr_assert_eq(m.foreign, 2);
}

Test(mailbox, the_same_note_twice_is_one_answer)
{
	unsigned char mailbox[HASH_BYTES];
	static unsigned char note[4096];
	struct wr w = wr_from(note, sizeof(note));

	reply_mailbox_hash(mailbox, &me.mailbox);
	cr_assert_eq(reply_note_write(&w, rd_str(MAILROOM_OFFICE), mailbox,
	    rd_str(SAYS("once")), &mailroom_key[0], mailroom_sk[0]), 0);
	mailroom_seal(wr_rd(&w), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	mailroom_seal(wr_rd(&w), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 2, NULL);
	look();
	cr_assert_eq(m.n, 1);
	cr_assert_eq(m.foreign, 0);
}

Test(mailbox, what_is_not_understood_is_counted)
{
	mailroom_answer(ROLE_OFFICE, "{\"v\":2,\"kind\":\"answer\"}",
	    &me.mailbox);
	mailroom_answer(ROLE_OFFICE, "{\"v\":1,\"kind\":\"song\"}",
	    &me.mailbox);
	mailroom_answer(ROLE_OFFICE, "[]", &me.mailbox);
	mailroom_seal(rd_str("no note at all"), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	look();
	cr_assert_eq(m.n, 0);
	cr_assert_eq(m.unread, 3);
	cr_assert_eq(m.foreign, 1);
}

Test(mailbox, a_reply_that_is_withheld_is_not_tried)
{
	mailroom_answer(ROLE_OFFICE, SAYS("one"), &me.mailbox);
	mailroom_answer(ROLE_OFFICE, SAYS("two"), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	mailroom_reply[0][8000] ^= 1;
	look();
	cr_assert_eq(l.withheld, 1);
	cr_assert_eq(m.tried, 1);
	cr_assert_eq(m.n, 1);
}

Test(mailbox, a_signal_ends_it)
{
	static volatile sig_atomic_t stop = 1;

	mailroom_answer(ROLE_OFFICE, SAYS("one"), &me.mailbox);
	mailroom_state(ROLE_OFFICE, 1, NULL);
	bytes = mailroom_serve();
	cr_assert_eq(letters_open(&l, &mailroom, bytes), 0);
	cr_assert_eq(letters_match(&l), 0);
	cr_assert_eq(mailbox_read(&m, &l, &mailroom, &me, &stop), ERR_ORDER);
}
