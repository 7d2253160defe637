/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/common/deadline.h"
#include "client/common/domain.h"
#include "client/desk/acktext.h"
#include "crypto/keyset.h"
#include "crypto/utf8.h"

static int32_t
day(const char *date)
{
	int32_t d;

	cr_assert(day_parse(&d, rd_str(date)), "%s", date);
	return d;
}

/* --- deadlines ---------------------------------------------------------- */

Test(deadline, months_clamp_to_the_months_end)
{
	cr_assert_eq(deadline_add_months(day("2026-11-30"), 3),
	    day("2027-02-28"));
	cr_assert_eq(deadline_add_months(day("2027-11-30"), 3),
	    day("2028-02-29"));
	cr_assert_eq(deadline_add_months(day("2026-12-31"), 2),
	    day("2027-02-28"));
	cr_assert_eq(deadline_add_months(day("2026-08-31"), 3),
	    day("2026-11-30"));
	cr_assert_eq(deadline_add_months(day("2026-10-15"), 3),
	    day("2027-01-15"));
	cr_assert_eq(deadline_add_months(day("2026-01-15"), 24),
	    day("2028-01-15"));
	cr_assert_eq(deadline_add_months(day("9999-12-01"), 3),
	    day("9999-12-01"), "no later day can be said");
}

Test(deadline, clocks_are_those_of_the_procedures)
{
	cr_assert_eq(deadline_day(DEADLINE_ACK, day("2026-12-28")),
	    day("2027-01-04"));
	cr_assert_eq(deadline_day(DEADLINE_REVIEW, day("2026-11-22")),
	    day("2026-12-22"));
	cr_assert_eq(deadline_day(DEADLINE_FEEDBACK, day("2026-11-22")),
	    day("2027-02-22"));
}

Test(deadline, feedback_is_never_later_than_the_true_day)
{
	const int32_t got = day("2026-11-10");

	cr_assert_eq(deadline_feedback(got, got), day("2027-02-10"));
	cr_assert_eq(deadline_feedback(got, day("2026-11-13")),
	    day("2027-02-13"));
	cr_assert_eq(deadline_feedback(got, day("2026-12-31")),
	    day("2027-02-17"), "from receipt and seven days");
	cr_assert_eq(deadline_feedback(got, day("2020-01-01")),
	    day("2027-02-10"), "a clock that is wrong");
}

Test(deadline, no_day_that_a_server_may_stamp_is_too_late_to_be_said)
{
	const int32_t last = day("9999-12-31");

	cr_assert_eq(deadline_day(DEADLINE_ACK, last), last);
	cr_assert_eq(deadline_day(DEADLINE_REVIEW, last - 3), last);
	cr_assert_eq(deadline_day(DEADLINE_ACK, INT32_MAX), last);
	cr_assert_eq(deadline_feedback(last, last), last);
	cr_assert_eq(deadline_day(DEADLINE_ACK, -5), 7);
}

/* --- words -------------------------------------------------------------- */

static char text[8192];
static bool alternate;

static const char *
words(const char *submission, const char *language, bool followup,
    const char *received, const char *today)
{
	const struct acktext a = {
		submission, language, followup, alternate, "ECR-2026-K7QF",
		day(received), day(today)
	};
	struct wr w = wr_from(text, sizeof(text));

	acktext_write(&w, &a);
	cr_assert(wr_cstr(&w));
	return text;
}

Test(acktext, every_kind_in_every_language_is_whole)
{
	size_t i, j;

	for (i = 0; i < domain_submission.n; i++)
		for (j = 0; j < domain_language.n; j++) {
			const char *kind = domain_submission.row[i].code;
			const char *s = words(kind,
			    domain_language.row[j].code, false, "2026-11-20",
			    "2026-11-22");

			cr_assert(utf8_ok(rd_str(s)), "%s", kind);
			cr_assert_null(strpbrk(s, "{}"), "%s", s);
			cr_assert_not_null(strstr(s, "ECR-2026-K7QF"));
			cr_assert_not_null(strstr(s, "2026-11-27"), "%s", s);
			cr_assert_not_null(strstr(s, "2027-02-22"), "%s", s);
		}
}

Test(acktext, a_follow_up_and_a_request_have_words_of_their_own)
{
	cr_assert_not_null(strstr(words("retaliation", "en", false,
	    "2026-11-20", "2026-11-22"), "2026-12-20"));
	cr_assert_not_null(strstr(words("retaliation", "en", true,
	    "2026-11-20", "2026-11-22"), "What you have added"));
	cr_assert_not_null(strstr(words("advice", "es", false, "2026-11-20",
	    "2026-11-22"), "pregunta"));
}

/* Who wrote about the office must not read that the office has it. */
Test(acktext, the_alternate_speaks_for_itself)
{
	size_t i, j;

	alternate = true;
	for (i = 0; i < domain_submission.n; i++)
		for (j = 0; j < domain_language.n; j++) {
			const char *s = words(domain_submission.row[i].code,
			    domain_language.row[j].code, false, "2026-11-20",
			    "2026-11-22");

			cr_assert(utf8_ok(rd_str(s)));
			cr_assert_null(strpbrk(s, "{}"), "%s", s);
			cr_assert_not_null(strstr(s, "2027-02-22"), "%s", s);
		}
	cr_assert_not_null(strstr(words("misconduct", "en", false,
	    "2026-11-20", "2026-11-22"), "reached the alternate"));
	cr_assert_not_null(strstr(words("misconduct", "en", true,
	    "2026-11-20", "2026-11-22"), "office can neither"));
	cr_assert_null(strstr(text, "ethics officer"));
}

Test(acktext, what_is_unknown_is_a_report_in_english)
{
	cr_assert_not_null(strstr(words("espionage", "tlh", false,
	    "2026-11-20", "2026-11-22"), "Your report has reached"));
}

Test(acktext, what_comes_late_says_so)
{
	struct acktext a = { "advice", "en", false, false, "x", day("2026-11-20"),
	    day("2026-11-27") };

	cr_assert_null(strstr(words("advice", "en", false, "2026-11-20",
	    "2026-11-27"), "is late"));
	cr_assert_eq(acktext_next(&a), day("2026-11-27"));
	cr_assert_not_null(strstr(words("advice", "en", false, "2026-11-20",
	    "2026-11-28"), "2026-11-27 has passed"));
	a.today = day("2026-11-28");
	cr_assert_eq(acktext_next(&a), day("2027-02-27"));
	cr_assert_str_eq(acktext_status(&a),
	    "received, not yet read");
}
