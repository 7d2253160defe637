/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/report/policy.h"

#define GOOD	"{\"v\":1,\"origin\":\"o\",\"epoch_seconds\":21600," \
		"\"epoch_close\":1700000000,\"batch\":16," \
		"\"parcel_bytes\":65520,\"parcel_slots\":4,\"parts_max\":" \
		"4096,\"work_bits\":8,\"cosignatures\":0}"

static struct drop_policy p;

static int
parse(const char *s)
{
	return drop_policy_parse(&p, rd_str(s));
}

/* GOOD with the first `was` replaced. */
static int
changed(const char *was, const char *now)
{
	char text[1024];
	const char *at = strstr(GOOD, was);

	cr_assert_not_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - GOOD), GOOD, now,
	    at + strlen(was));
	return parse(text);
}

Test(drop_policy, a_good_one_is_read)
{
	cr_assert_eq(parse(GOOD), 0);
	cr_assert_eq(p.epoch_close, 1700000000);
	cr_assert_eq(p.epoch_seconds, 21600);
	cr_assert_eq(p.work_bits, 8);
	cr_assert_eq(changed("\"work_bits\":8", "\"work_bits\":0"), 0);
	cr_assert_eq(changed("\"work_bits\":8", "\"work_bits\":24"), 0);
	cr_assert_eq(changed("\"batch\"", "\"unknown\""), 0);
}

Test(drop_policy, another_version_is_told_apart_from_nonsense)
{
	cr_assert_eq(changed("\"v\":1", "\"v\":2"), ERR_CHANGED);
	cr_assert_eq(changed("65520", "65536"), ERR_CHANGED);
	cr_assert_eq(changed("\"parcel_slots\":4", "\"parcel_slots\":8"),
	    ERR_CHANGED);
	cr_assert_eq(changed("\"v\":1", "\"v\":\"1\""), ERR_FORMAT);
	cr_assert_eq(changed("\"v\":1,", ""), ERR_FORMAT);
	cr_assert_eq(changed("21600", "-1"), ERR_FORMAT);
	cr_assert_eq(changed("21600", "21600.0"), ERR_FORMAT);
	cr_assert_eq(changed("1700000000", "99999999999999999999"),
	    ERR_FORMAT);
	cr_assert_eq(parse(""), ERR_FORMAT);
	cr_assert_eq(parse("[]"), ERR_FORMAT);
	cr_assert_eq(parse("<html>"), ERR_FORMAT);
	cr_assert_eq(parse("{\"v\":1,\"v\":1}"), ERR_FORMAT);
}

Test(drop_policy, no_server_makes_us_work_for_ever)
{
	unsigned bits = 7;

	cr_assert_eq(changed("\"work_bits\":8", "\"work_bits\":25"),
	    ERR_FORMAT);
	cr_assert_eq(drop_policy_bits(&bits, rd_str("{\"bits\":12}")), 0);
	cr_assert_eq(bits, 12);
	cr_assert_eq(drop_policy_bits(&bits, rd_str("{\"bits\":64}")),
	    ERR_FORMAT);
	cr_assert_eq(drop_policy_bits(&bits, rd_str("{\"bits\":-1}")),
	    ERR_FORMAT);
	cr_assert_eq(drop_policy_bits(&bits, rd_str("{}")), ERR_FORMAT);
	cr_assert_eq(drop_policy_bits(&bits, rd_str("12")), ERR_FORMAT);
	cr_assert_eq(bits, 12, "a refusal changes nothing");
}

Test(drop_policy, an_epoch_that_never_closes_is_known)
{
	struct drop_policy far = { .epoch_close = 1700000000,
	    .epoch_seconds = 21600 };

	cr_assert_not(drop_policy_ahead(&far, 1700000000 - 21600));
	cr_assert_not(drop_policy_ahead(&far, 1700000000 - 21600 - 172800));
	cr_assert(drop_policy_ahead(&far, 1700000000 - 21600 - 172801));
	cr_assert_not(drop_policy_ahead(&far, 1900000000), "late is no lie");
	far.epoch_seconds = 604801;
	cr_assert(drop_policy_ahead(&far, 1700000000));
	far.epoch_seconds = 604800;
	far.epoch_close = INT64_MAX;
	cr_assert(drop_policy_ahead(&far, 1700000000));
}
