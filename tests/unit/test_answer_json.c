/* SPDX-License-Identifier: ISC */
/*
 * test_answer_json.c - what an answer of the office may say.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/report/answer.h"
#include "crypto/keyset.h"

#define HEX	"00112233445566778899aabbccddeeff" \
		"00112233445566778899aabbccddeeff"
#define BIG	"00112233445566778899AABBCCDDEEFF" \
		"00112233445566778899AABBCCDDEEFF"
#define LODGED	"\"epoch\":1795320000,\"leaves\":[17,3],\"parcel\":\"" HEX \
		"\",\"proof\":\"c2sp.org/tlog-proof@v1\\n\""

static struct answer a;

static int
parse(const char *json)
{
	answer_wipe(&a);
	return answer_parse(&a, rd_str(json));
}

/* A key with a value, in an answer that is right but for it. */
static int
with(const char *member)
{
	static char json[1 << 16];

	snprintf(json, sizeof(json), "{\"v\":1,\"kind\":\"answer\",%s}",
	    member);
	return parse(json);
}

Test(answer, all_that_it_may_say_is_taken)
{
	int32_t day;

	cr_assert_eq(parse("{\"v\":1,\"kind\":\"acknowledgement\","
	    "\"case\":\"ECR-2026-K7QF\",\"date\":\"2026-11-22\","
	    "\"text\":\"Merci.\",\"questions\":[\"When?\",\"Where?\"],"
	    "\"status\":\"received\",\"next\":\"2026-11-29\","
	    "\"message\":\"" HEX "\"," LODGED ",\"later\":{\"x\":[1]}}"), 0);
	cr_assert_eq(a.kind, ANSWER_ACKNOWLEDGEMENT);
	cr_assert(rd_eq_str(a.ref, "ECR-2026-K7QF"));
	cr_assert(rd_eq_str(a.text, "Merci."));
	cr_assert(rd_eq_str(a.status, "received"));
	cr_assert(day_parse(&day, rd_str("2026-11-22")));
	cr_assert_eq(a.date, day);
	cr_assert_eq(a.next, day + 7);
	cr_assert_eq(a.nquestions, 2);
	cr_assert(rd_eq_str(a.question[1], "Where?"));
	cr_assert(a.has_message);
	cr_assert_eq(a.message[1], 0x11);
	cr_assert(a.has_lodged);
	cr_assert_eq(a.close, 1795320000);
	cr_assert_eq(a.leaf, 17);
	cr_assert_eq(a.nleaves, 2);
	cr_assert_eq(a.parcel[31], 0xff);
	answer_wipe(&a);
}

Test(answer, little_is_enough)
{
	cr_assert_eq(parse("{\"v\":1,\"kind\":\"answer\"}"), 0);
	cr_assert_eq(a.kind, ANSWER_WORDS);
	cr_assert_eq(a.date, -1);
	cr_assert_eq(a.next, -1);
	cr_assert(!a.has_lodged && !a.has_message);
	answer_wipe(&a);
}

Test(answer, another_version_or_kind_is_told_apart_from_nonsense)
{
	cr_assert_eq(parse("{\"v\":2,\"kind\":\"answer\"}"), ERR_CHANGED);
	cr_assert_eq(parse("{\"v\":1,\"kind\":\"song\"}"), ERR_CHANGED);
	cr_assert_eq(parse("{\"v\":1}"), ERR_FORMAT);
	cr_assert_eq(parse("{\"kind\":\"answer\"}"), ERR_FORMAT);
	cr_assert_eq(parse("[1]"), ERR_FORMAT);
	cr_assert_eq(parse(""), ERR_FORMAT);
	cr_assert_eq(parse("{\"v\":1,\"kind\":\"answer\"} "), 0);
	cr_assert_eq(parse("{\"v\":1,\"kind\":\"answer\"}x"), ERR_FORMAT);
	cr_assert_eq(parse("{\"v\":1,\"v\":1,\"kind\":\"answer\"}"),
	    ERR_FORMAT, "a key twice");
	answer_wipe(&a);
}

Test(answer, a_value_of_the_wrong_kind_is_refused)
{
	static const char *const bad[] = {
		"\"case\":1", "\"text\":[\"x\"]", "\"status\":true",
		"\"date\":\"2026-11-22T10:00:00Z\"", "\"date\":\"2026-11\"",
		"\"date\":\"2026-02-30\"", "\"date\":20261122",
		"\"next\":\"soon\"", "\"questions\":\"When?\"",
		"\"questions\":[1]", "\"message\":\"12\"",
		"\"message\":\"" BIG "\"",
		"\"text\":\"\\u0000\"", "\"text\":\"\xff\"",
	};
	size_t i;

	cr_assert_eq(with("\"text\":\"x\""), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(with(bad[i]), ERR_FORMAT, "%s", bad[i]);
	answer_wipe(&a);
}

Test(answer, what_is_lodged_is_whole_or_not_there)
{
	cr_assert_eq(with(LODGED), 0);
	cr_assert_eq(with("\"epoch\":1795320000"), ERR_FORMAT);
	cr_assert_eq(with("\"leaves\":[1]"), ERR_FORMAT);
	cr_assert_eq(with("\"proof\":\"x\""), ERR_FORMAT);
	cr_assert_eq(with("\"parcel\":\"" HEX "\""), ERR_FORMAT);
	cr_assert_eq(with("\"epoch\":-1,\"leaves\":[1],\"parcel\":\"" HEX
	    "\",\"proof\":\"x\""), ERR_FORMAT);
	cr_assert_eq(with("\"epoch\":1,\"leaves\":[],\"parcel\":\"" HEX
	    "\",\"proof\":\"x\""), ERR_FORMAT);
	cr_assert_eq(with("\"epoch\":1,\"leaves\":[1,-1],\"parcel\":\"" HEX
	    "\",\"proof\":\"x\""), ERR_FORMAT);
	cr_assert_eq(with("\"epoch\":1,\"leaves\":[1.5],\"parcel\":\"" HEX
	    "\",\"proof\":\"x\""), ERR_FORMAT);
	answer_wipe(&a);
}

Test(answer, limits_hold)
{
	static char deep[64], many[2048];
	size_t i;
	char *p;

	strcpy(deep, "\"x\":");
	memset(deep + 4, '[', 8);
	memset(deep + 12, ']', 8);
	cr_assert_eq(with(deep), ERR_LIMIT);
	cr_assert_eq(with("\"x\":[[[[[[[]]]]]]]"), 0, "as deep as may be");
	cr_assert_eq(with("\"text\":\"[[[[[[[[[[[[[[[{{{{{{\\\"[[\""), 0,
	    "brackets in words nest nothing");
	p = stpcpy(many, "\"questions\":[\"?\"");
	for (i = 1; i < ANSWER_QUESTIONS_MAX; i++)
		p = stpcpy(p, ",\"?\"");
	strcpy(p, "]");
	cr_assert_eq(with(many), 0);
	strcpy(p, ",\"?\"]");
	cr_assert_eq(with(many), ERR_FORMAT);
	memset(many, 'x', sizeof(many));
	p = stpcpy(many, "\"case\":\"");
	strcpy(p + ANSWER_CASE_MAX, "x\"");
	p[0] = 'x';
	cr_assert_eq(with(many), ERR_FORMAT);
	strcpy(p + ANSWER_CASE_MAX, "\"");
	cr_assert_eq(with(many), 0);
	answer_wipe(&a);
}
