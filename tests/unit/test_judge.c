/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "crypto/judge.h"

#define C	UINT64_C(1000000)		/* the close promised */
#define HOUR	UINT64_C(3600)
#define DAY	UINT64_C(86400)

static const struct receipt rc = { { 0 }, C };
static const struct judge_place nowhere = { false, 0, 0 };

static struct judgement
judged(const struct judge_place *at, const struct judge_view *v, size_t n)
{
	struct judgement j;

	cr_assert_eq(judge_receipt(&j, &rc, at, v, n), 0);
	return j;
}

static bool
is(struct judgement j, enum judge_verdict v, enum judge_reason r, size_t view)
{
	return j.verdict == v && j.reason == r && j.view == view;
}

Test(judge, logged_by_its_epoch_is_in_time)
{
	struct judge_place at = { true, 20, C };
	struct judge_view v[] = { { 16, C - 6 * HOUR, C - 6 * HOUR },
		{ 32, C, C + 100 }, { 48, C + 6 * HOUR, C + 30 * DAY } };

	cr_assert(is(judged(&at, v + 1, 1), JUDGE_IN_TIME, JUDGE_NO_REASON,
	    0));
	cr_assert(is(judged(&at, v, 3), JUDGE_IN_TIME, JUDGE_NO_REASON, 0));
	at.close = C - 6 * HOUR;
	at.index = 3;
	cr_assert(is(judged(&at, v, 3), JUDGE_IN_TIME, JUDGE_NO_REASON, 0),
	    "it was there already");
}

Test(judge, not_logged_with_nothing_against_it_is_not_due)
{
	struct judge_view v[] = { { 0, 0, 0 }, { 16, C - 6 * HOUR, C } };

	cr_assert(is(judged(&nowhere, v, 1), JUDGE_NOT_DUE, JUDGE_NO_REASON,
	    0));
	cr_assert(is(judged(&nowhere, v, 2), JUDGE_NOT_DUE, JUDGE_NO_REASON,
	    0));
}

Test(judge, a_checkpoint_of_its_own_epoch_without_it_is_not_yet_against_it)
{
	struct judge_view v = { 32, C, C + 60 };

	cr_assert(is(judged(&nowhere, &v, 1), JUDGE_NOT_DUE, JUDGE_NO_REASON,
	    0));
}

Test(judge, a_later_close_without_it_breaks_the_promise)
{
	struct judge_view v[] = { { 48, C + 6 * HOUR, 0 },
		{ 16, C - 6 * HOUR, 0 }, { 32, C + 1, 0 } };

	cr_assert(is(judged(&nowhere, v, 1), JUDGE_BROKEN, JUDGE_BY_CLOSE,
	    0));
	cr_assert(is(judged(&nowhere, v, 3), JUDGE_BROKEN, JUDGE_BY_CLOSE, 2),
	    "the smallest that shows it");
}

Test(judge, a_day_without_it_breaks_the_promise_and_no_second_less)
{
	struct judge_view v = { 16, C - 6 * HOUR, C + DAY };

	cr_assert(is(judged(&nowhere, &v, 1), JUDGE_NOT_DUE, JUDGE_NO_REASON,
	    0));
	v.time++;
	cr_assert(is(judged(&nowhere, &v, 1), JUDGE_BROKEN, JUDGE_BY_TIME,
	    0));
	v.size = 0;
	v.latest = 0;
	cr_assert(is(judged(&nowhere, &v, 1), JUDGE_BROKEN, JUDGE_BY_TIME,
	    0), "an empty log stands still, too");
}

Test(judge, without_witnesses_no_time_convicts)
{
	struct judge_view v = { 16, C, 0 };

	cr_assert(is(judged(&nowhere, &v, 1), JUDGE_NOT_DUE, JUDGE_NO_REASON,
	    0));
}

Test(judge, what_came_later_stays_broken_if_a_checkpoint_shows_it)
{
	struct judge_place at = { true, 50, C + 12 * HOUR };
	struct judge_view v[] = { { 64, C + 12 * HOUR, 0 },
		{ 48, C + 6 * HOUR, 0 } };

	cr_assert(is(judged(&at, v, 2), JUDGE_BROKEN, JUDGE_BY_CLOSE, 1));
	cr_assert(is(judged(&at, v, 1), JUDGE_LATE, JUDGE_BY_CLOSE, 0),
	    "nobody kept the one that shows it");
}

Test(judge, an_epoch_closed_hours_after_its_close_is_late)
{
	struct judge_place at = { true, 20, C };
	struct judge_view v[] = { { 32, C, C + 5 * HOUR },
		{ 16, C - 6 * HOUR, C + HOUR } };

	cr_assert(is(judged(&at, v, 2), JUDGE_IN_TIME, JUDGE_NO_REASON, 0),
	    "an hour is the close's own");
	v[1].time++;
	cr_assert(is(judged(&at, v, 2), JUDGE_LATE, JUDGE_BY_TIME, 1));
	v[1].time = C + DAY + 1;
	cr_assert(is(judged(&at, v, 2), JUDGE_BROKEN, JUDGE_BY_TIME, 1));
}

Test(judge, an_entry_just_past_a_checkpoints_end_is_not_held_by_it)
{
	struct judge_place at = { true, 16, C };
	struct judge_view v[] = { { 17, C, 0 },
		{ 16, C - 6 * HOUR, C + 2 * DAY } };

	cr_assert(is(judged(&at, v, 2), JUDGE_BROKEN, JUDGE_BY_TIME, 1));
	at.index = 15;
	at.close = C - 6 * HOUR;
	cr_assert(is(judged(&at, v, 2), JUDGE_IN_TIME, JUDGE_NO_REASON, 0));
}

/* What cannot be one log is a mistake of the caller's, never a verdict. */
Test(judge, contradictions_are_refused)
{
	struct judge_place at = { true, 20, C };
	struct judgement j;
	struct judge_view v[2] = { { 32, C, 0 }, { 48, C + 1, 0 } };

	cr_assert_eq(judge_receipt(&j, &rc, &at, v, 2), 0);
	cr_assert_eq(judge_receipt(&j, &rc, &at, v, 0), ERR_FORMAT);
	at.index = 48;
	cr_assert_eq(judge_receipt(&j, &rc, &at, v, 2), ERR_FORMAT,
	    "past every view");
	at.index = 47;
	cr_assert_eq(judge_receipt(&j, &rc, &at, v, 2), 0);
	at.index = 20;
	at.close = C + 1;
	cr_assert_eq(judge_receipt(&j, &rc, &at, v, 2), ERR_FORMAT,
	    "held, and yet no close as late");
	at.close = C;
	v[1].latest = C - 1;
	cr_assert_eq(judge_receipt(&j, &rc, &nowhere, v, 2), ERR_FORMAT,
	    "a close that falls");
	v[1].size = 32;
	cr_assert_eq(judge_receipt(&j, &rc, &nowhere, v, 2), ERR_FORMAT,
	    "one size, two closes");
	v[0].size = 0;
	cr_assert_eq(judge_receipt(&j, &rc, &nowhere, v, 1), ERR_FORMAT,
	    "an empty log has no close");
	v[0].size = 1;
	v[0].time = (uint64_t)INT64_MAX + 1;
	cr_assert_eq(judge_receipt(&j, &rc, &nowhere, v, 1), ERR_FORMAT);
}
