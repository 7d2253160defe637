/* SPDX-License-Identifier: ISC */
/*
 * test_post.c - an outbox cut into what one POST carries.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/courier/post.h"
#include "crypto/statement.h"
#include "tests/unit/mailroom.h"

static unsigned char box[1 << 20];
static struct wr w;

static void
setup(void)
{
	mailroom_open();
	w = wr_from(box, sizeof(box));
}

TestSuite(post, .init = setup, .fini = mailroom_close);

/* One more record; returns its bytes. */
static size_t
record(uint64_t sequence, size_t replies)
{
	const struct mailroom_note *m;
	size_t before = w.n;

	mailroom_put_noise(replies);
	m = &mailroom_note[mailroom_state(ROLE_OFFICE, sequence, NULL)];
	outbox_write(&w, rd_from(m->bytes, m->n), rd_str(""));
	wr_bytes(&w, mailroom_reply[m->first], replies * REPLY_BYTES);
	cr_assert(wr_ok(&w));
	return w.n - before;
}

Test(post, as_many_records_as_fit_and_at_least_one)
{
	size_t a = record(1, 4), b = record(2, 4), c = record(3, 8), n;
	struct rd all = wr_rd(&w), cut;

	cr_assert_eq(post_cut(&all, a + b + c, &cut, &n), 0);
	cr_assert_eq(n, 3);
	cr_assert_eq(cut.n, a + b + c);
	cr_assert_eq(all.n, 0);
	all = wr_rd(&w);
	cr_assert_eq(post_cut(&all, a + b + c - 1, &cut, &n), 0);
	cr_assert_eq(n, 2);
	cr_assert_eq(cut.n, a + b);
	cr_assert_eq(post_cut(&all, c, &cut, &n), 0);
	cr_assert_eq(cut.p, box + a + b);
	cr_assert_eq(cut.n, c);
	cr_assert_eq(all.n, 0);
}

Test(post, a_record_over_the_limit_is_refused)
{
	size_t a = record(1, 4), n;
	struct rd all, cut;

	record(2, 16);
	all = wr_rd(&w);
	cr_assert_eq(post_cut(&all, a, &cut, &n), 0);
	cr_assert_eq(n, 1);
	cr_assert_eq(post_cut(&all, a, &cut, &n), ERR_LIMIT);
	cr_assert_eq(all.p, box + a, "nothing was taken");
}

Test(post, cut_off_anywhere_it_is_no_outbox)
{
	size_t a, i, n;
	struct rd all, cut;

	a = record(1, 4);
	record(2, 4);
	for (i = 0; i < w.n; i += 61) {
		all = rd_from(box, i);
		if (i >= a) {
			cr_assert_eq(post_cut(&all, a, &cut, &n), 0);
			cr_assert_eq(cut.n, a);
		}
		if (i != a)
			cr_assert_eq(post_cut(&all, sizeof(box), &cut, &n),
			    ERR_FORMAT, "%zu", i);
	}
}
