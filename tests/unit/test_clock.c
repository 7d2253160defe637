/* SPDX-License-Identifier: ISC */
/*
 * test_clock.c - when an epoch may close.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "server/clock.h"
#include "tests/unit/store_help.h"

#define EPOCH	21600u
#define LAST	(EPOCH * 1000000ull)
#define DAY	86400u

static struct clock_state c;

static struct clock_now
at(uint64_t real, uint64_t boot)
{
	struct clock_now n = { .real = real, .boot = boot };

	return n;
}

Test(clock, closes_are_on_the_grid_and_after_everything)
{
	cr_assert_eq(clock_next_close(0, 0, 10), 10);
	cr_assert_eq(clock_next_close(9, 0, 10), 10);
	cr_assert_eq(clock_next_close(10, 0, 10), 20);
	cr_assert_eq(clock_next_close(10, 40, 10), 50);
	cr_assert_eq(clock_next_close(95, 40, 10), 100, "missed: skipped");
	cr_assert_eq(clock_next_close(95, 43, 10), 100);
	cr_assert_eq(clock_next_close(41, 43, 10), 50, "another grid before");
}

Test(clock, a_clock_that_runs_on_is_well)
{
	uint64_t s;

	clock_init(&c, LAST, EPOCH, 0, 0, at(LAST, 5));
	for (s = 0; s < 6 * DAY; s += 60)
		cr_assert_eq(clock_look(&c, at(LAST + s, 5 + s)), HEALTH_OK);
}

Test(clock, behind_the_last_close_is_behind)
{
	clock_init(&c, LAST, EPOCH, 0, 0, at(LAST - 1, 5));
	cr_assert_eq(clock_look(&c, at(LAST - 1, 5)), HEALTH_CLOCK_BEHIND);
	cr_assert_eq(clock_look(&c, at(LAST, 6)), HEALTH_OK);
}

Test(clock, seven_days_after_the_last_close_it_is_not_believed)
{
	clock_init(&c, LAST, EPOCH, 0, 0, at(LAST + 7 * DAY, 5));
	cr_assert_eq(clock_look(&c, at(LAST + 7 * DAY, 5)), HEALTH_OK);
	cr_assert_eq(clock_look(&c, at(LAST + 7 * DAY + 1, 6)),
	    HEALTH_CLOCK_AHEAD);
	clock_closed(&c, LAST + DAY);
	cr_assert_eq(clock_look(&c, at(LAST + 7 * DAY + 2, 7)), HEALTH_OK);
}

Test(clock, before_the_first_close_there_is_nothing_to_be_ahead_of)
{
	clock_init(&c, 0, EPOCH, 0, 0, at(LAST, 5));
	cr_assert_eq(clock_look(&c, at(LAST, 5)), HEALTH_OK);
}

Test(clock, an_epoch_of_a_week_can_close)
{
	clock_init(&c, LAST, 7 * DAY, 0, 0, at(LAST, 5));
	cr_assert_eq(clock_look(&c, at(LAST + 8 * DAY, 5)), HEALTH_OK);
	cr_assert_eq(clock_look(&c, at(LAST + 14 * DAY + 1, 5 + 6 * DAY + 1)),
	    HEALTH_CLOCK_AHEAD);
}

Test(clock, a_step_either_way_is_noticed_and_stays_until_confirmed)
{
	static const int64_t step[] = { 61, -61, 100000, -100000 };
	size_t i;

	for (i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		uint64_t now = LAST + 2 * DAY, s = (uint64_t)step[i];

		clock_init(&c, LAST, EPOCH, 0, 0, at(now, 1000));
		cr_assert_eq(clock_look(&c, at(now, 1000)), HEALTH_OK);
		cr_assert_eq(clock_look(&c, at(now + 1 + s, 1001)),
		    HEALTH_CLOCK_AHEAD, "case %zu", i);
		cr_assert_eq(clock_look(&c, at(now + 2 + s, 1002)),
		    HEALTH_CLOCK_AHEAD);
		clock_confirm_at(&c, now + 3 + s, at(now + 3 + s, 1003));
		cr_assert_eq(clock_look(&c, at(now + 4 + s, 1004)), HEALTH_OK);
	}
}

Test(clock, small_corrections_are_no_step)
{
	uint64_t now = LAST + DAY;

	clock_init(&c, LAST, EPOCH, 0, 0, at(now, 1000));
	cr_assert_eq(clock_look(&c, at(now, 1000)), HEALTH_OK);
	cr_assert_eq(clock_look(&c, at(now + 60, 1010)), HEALTH_OK);
	cr_assert_eq(clock_look(&c, at(now + 10, 1020)), HEALTH_OK);
}

Test(clock, a_confirmation_is_for_now_and_counts_once)
{
	uint64_t now = LAST + 30 * DAY;

	clock_init(&c, LAST, EPOCH, 0, 0, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_CLOCK_AHEAD);
	clock_confirm_at(&c, now - CLOCK_FRESH_SECS - 1, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_CLOCK_AHEAD, "stale");
	clock_confirm_at(&c, now + CLOCK_FRESH_SECS + 1, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_CLOCK_AHEAD, "later");
	clock_confirm_at(&c, now - 5, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_OK);
	/* A step after it asks again; the old word does not count twice. */
	cr_assert_eq(clock_look(&c, at(now + 200, 6)), HEALTH_CLOCK_AHEAD);
	clock_confirm_at(&c, now - 5, at(now + 200, 6));
	cr_assert_eq(clock_look(&c, at(now + 200, 6)), HEALTH_CLOCK_AHEAD);
	clock_confirm_at(&c, now + 200, at(now + 200, 6));
	cr_assert_eq(clock_look(&c, at(now + 200, 6)), HEALTH_OK);
}

Test(clock, a_confirmation_outlives_a_restart_but_not_a_later_step)
{
	uint64_t now = LAST + 30 * DAY;

	clock_init(&c, LAST, EPOCH, now - DAY, 0, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_OK);
	cr_assert_eq(clock_look(&c, at(now + 6 * DAY + 1, 6 + 6 * DAY)),
	    HEALTH_CLOCK_AHEAD, "seven days after the confirmation");
	clock_init(&c, LAST, EPOCH, now + DAY, 0, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_CLOCK_AHEAD,
	    "a word from the future says nothing");
}

Test(clock, a_doubt_outlives_a_restart_until_it_is_confirmed)
{
	uint64_t now = LAST + DAY;

	clock_init(&c, LAST, EPOCH, 0, now - 50, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_CLOCK_AHEAD);
	clock_confirm_at(&c, now, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_OK);
	/* Confirmed before the doubt arose: says nothing of it. */
	clock_init(&c, LAST, EPOCH, now - 60, now - 50, at(now, 5));
	clock_confirm_at(&c, now - 60, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_CLOCK_AHEAD);
	/* Confirmed while the server was down. */
	clock_init(&c, LAST, EPOCH, now - 40, now - 50, at(now, 5));
	clock_confirm_at(&c, now - 40, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_OK);
}

Test(clock, a_doubt_is_kept_in_a_file, .init = help_enter)
{
	cr_assert_eq(clock_doubted(AT_FDCWD), 0);
	cr_assert_eq(clock_doubt(AT_FDCWD, true), 0);
	cr_assert_neq(clock_doubted(AT_FDCWD), 0);
	cr_assert_eq(clock_doubt(AT_FDCWD, false), 0);
	cr_assert_eq(clock_doubted(AT_FDCWD), 0);
}

/* The clock was far ahead, was set right, and the server is down. */
Test(clock, confirming_ends_a_doubt_of_the_future, .init = help_enter)
{
	const char *ahead = "ecrdrop/clock/v1\n4102444800\n";
	struct clock_now now = clock_now();
	int fd = open(CLOCK_DOUBT_FILE, O_WRONLY | O_CREAT, 0600);

	cr_assert_eq(write(fd, ahead, strlen(ahead)), (ssize_t)strlen(ahead));
	cr_assert_eq(close(fd), 0);
	clock_init(&c, now.real - 1, EPOCH, clock_confirmed(AT_FDCWD),
	    clock_doubted(AT_FDCWD), now);
	cr_assert_eq(clock_look(&c, now), HEALTH_CLOCK_AHEAD);
	cr_assert_eq(clock_confirm(AT_FDCWD), 0);
	cr_assert_eq(clock_doubted(AT_FDCWD), 0);
	clock_init(&c, now.real - 1, EPOCH, clock_confirmed(AT_FDCWD),
	    clock_doubted(AT_FDCWD), now);
	cr_assert_eq(clock_look(&c, now), HEALTH_OK);
}

Test(clock, a_word_given_when_the_clock_was_ahead_does_not_drown_the_next)
{
	uint64_t now = LAST + DAY;

	clock_init(&c, LAST, EPOCH, now + 30 * DAY, 0, at(now, 5));
	cr_assert_eq(clock_look(&c, at(now, 5)), HEALTH_OK);
	cr_assert_eq(clock_look(&c, at(now + 900, 6)), HEALTH_CLOCK_AHEAD);
	clock_confirm_at(&c, now + 900, at(now + 900, 6));
	cr_assert_eq(clock_look(&c, at(now + 901, 7)), HEALTH_OK);
}

Test(clock, its_file_is_strict)
{
	uint64_t when;

	cr_assert_eq(clock_file_parse(&when,
	    rd_str("ecrdrop/clock/v1\n1795299340\n")), 0);
	cr_assert_eq(when, 1795299340);
	cr_assert_eq(clock_file_parse(&when,
	    rd_str("ecrdrop/clock/v1\n1795299340")), ERR_FORMAT);
	cr_assert_eq(clock_file_parse(&when,
	    rd_str("ecrdrop/clock/v1\n01\n")), ERR_FORMAT);
	cr_assert_eq(clock_file_parse(&when,
	    rd_str("ecrdrop/clock/v2\n1\n")), ERR_FORMAT);
	cr_assert_eq(clock_file_parse(&when,
	    rd_str("ecrdrop/clock/v1\n1\n\n")), ERR_FORMAT);
}

Test(clock, confirming_writes_now, .init = help_enter)
{
	uint64_t before = clock_now().real, when;

	cr_assert_eq(clock_confirmed(AT_FDCWD), 0);
	cr_assert_eq(clock_confirm(AT_FDCWD), 0);
	when = clock_confirmed(AT_FDCWD);
	cr_assert_geq(when, before);
	cr_assert_leq(when, before + 60);
}
