/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/msgjson.h"
#include "crypto/codename.h"
#include "crypto/message.h"

static char why[160];
static char mailbox[AGE_RECIPIENT_CHARS + 1];

static int
check(struct rd text, enum msgjson_form form)
{
	json_t *o = NULL;
	int r;

	why[0] = '\0';
	r = msgjson_parse(&o, text, form, why, sizeof(why));
	cr_assert_eq(r == 0, o != NULL);
	cr_assert_eq(r == 0, why[0] == '\0', "%s", why);
	json_decref(o);
	return r;
}

static int
report(const char *text)
{
	return check(rd_str(text), MSGJSON_REPORT_FILE);
}

/* A report with one more member. */
static int
with(const char *more)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    "{\"submission\":\"misconduct\",\"text\":\"x\",%s}", more);
	return report(text);
}

static void
refuses(const char *more, const char *key)
{
	cr_assert_eq(with(more), ERR_FORMAT, "taken: %s", more);
	cr_assert_not_null(strstr(why, key), "%s, not %s", why, key);
}

Test(msgjson, two_members_are_a_report)
{
	cr_assert_eq(report("{\"submission\":\"advice\",\"text\":\"?\"}"), 0);
	cr_assert_eq(report("{\"submission\":\"advice\"}"), ERR_FORMAT);
	cr_assert_str_eq(why, "\"text\" is missing");
	cr_assert_eq(report("{\"text\":\"?\"}"), ERR_FORMAT);
	cr_assert_eq(report("[]"), ERR_FORMAT);
	cr_assert_eq(report("\"x\""), ERR_FORMAT);
	cr_assert_eq(report(""), ERR_FORMAT);
	cr_assert_eq(report("{\"submission\":\"advice\",\"text\":\"?\"} x"),
	    ERR_FORMAT);
}

Test(msgjson, every_field_of_a_report_is_taken)
{
	cr_assert_eq(with("\"category\":\"gifts\",\"when\":{\"from\":\"2025\","
	    "\"to\":\"2025-12-31\",\"ongoing\":\"unsure\"},\"where\":\"Lyon\","
	    "\"persons\":[{\"name\":\"A\",\"role\":\"B\",\"unit\":\"C\"},{}],"
	    "\"known_by\":[\"saw\",\"told\",\"documents\"],"
	    "\"reported_before\":[{\"to\":\"A\",\"when\":\"2025-02\","
	    "\"outcome\":\"none\"}],\"managers_involved\":\"yes\","
	    "\"at_risk\":\"no\",\"relation\":\"delegate\",\"language\":\"ar\","
	    "\"exclude\":[{\"name\":\"B\"}],\"exclude_office\":true,"
	    "\"retaliation\":{\"activity\":\"report\",\"activity_what\":\"a\","
	    "\"activity_to\":\"b\",\"activity_when\":\"2024\",\"acts\":[{"
	    "\"code\":\"o\",\"what\":\"w\",\"when\":\"2024-01-02\",\"by\":"
	    "\"c\",\"evidence\":\"d\"}],\"link\":\"l\",\"tried\":\"t\","
	    "\"protection\":\"p\",\"witnesses\":[{\"name\":\"W\","
	    "\"may_contact\":\"no\"}]}"), 0, "%s", why);
}

Test(msgjson, a_known_key_with_a_wrong_value_is_named)
{
	refuses("\"category\":\"gift\"", "category");
	refuses("\"category\":7", "category");
	refuses("\"when\":\"2025\"", "when");
	refuses("\"when\":{\"from\":\"2025-13\"}", "from");
	refuses("\"when\":{\"from\":\"2025-00\"}", "from");
	refuses("\"when\":{\"from\":\"2025-01-32\"}", "from");
	refuses("\"when\":{\"from\":\"25\"}", "from");
	refuses("\"when\":{\"from\":\"2025-1\"}", "from");
	refuses("\"when\":{\"from\":\"2025/01\"}", "from");
	refuses("\"when\":{\"from\":\"2025-01-01T00\"}", "from");
	refuses("\"when\":{\"ongoing\":true}", "ongoing");
	refuses("\"persons\":{}", "persons");
	refuses("\"persons\":[\"A\"]", "persons");
	refuses("\"persons\":[{\"name\":1}]", "name");
	refuses("\"known_by\":\"saw\"", "known_by");
	refuses("\"known_by\":[\"heard\"]", "known_by");
	refuses("\"managers_involved\":\"maybe\"", "managers_involved");
	refuses("\"relation\":\"\"", "relation");
	refuses("\"language\":\"de\"", "language");
	refuses("\"exclude\":[{}]", "name");
	refuses("\"exclude_office\":\"yes\"", "exclude_office");
	refuses("\"retaliation\":{\"acts\":[{\"code\":\"p\"}]}", "code");
	refuses("\"retaliation\":{\"witnesses\":[{\"may_contact\":1}]}",
	    "may_contact");
	cr_assert_eq(report("{\"submission\":\"gossip\",\"text\":\"x\"}"),
	    ERR_FORMAT);
	cr_assert_eq(report("{\"submission\":\"advice\",\"text\":null}"),
	    ERR_FORMAT);
}

Test(msgjson, an_error_never_repeats_what_was_said)
{
	refuses("\"category\":\"my-secret-word\"", "category");
	cr_assert_null(strstr(why, "my-secret-word"));
	cr_assert_eq(report("{\"text\": \"my-secret-word\" oops}"),
	    ERR_FORMAT);
	cr_assert_null(strstr(why, "my-secret-word"));
	cr_assert_not_null(strstr(why, "line 1"));
}

Test(msgjson, unknown_keys_are_kept)
{
	json_t *o = NULL;

	cr_assert_eq(msgjson_parse(&o, rd_str("{\"submission\":\"advice\","
	    "\"text\":\"x\",\"x-mood\":{\"a\":[1,2.5,null]}}"),
	    MSGJSON_REPORT_FILE, why, sizeof(why)), 0);
	cr_assert_not_null(json_object_get(o, "x-mood"));
	json_decref(o);
}

Test(msgjson, what_the_program_fills_in_may_not_be_said)
{
	refuses("\"v\":1", "v");
	refuses("\"kind\":\"report\"", "kind");
	refuses("\"mailbox\":\"age1pq1\"", "mailbox");
	refuses("\"author\":\"\"", "author");
	refuses("\"attachments\":[]", "attachments");
}

Test(msgjson, duplicate_keys_and_bad_utf8_are_refused)
{
	cr_assert_eq(report("{\"submission\":\"advice\",\"text\":\"x\","
	    "\"text\":\"y\"}"), ERR_FORMAT);
	cr_assert_eq(report("{\"submission\":\"advice\",\"text\":\"\xff\"}"),
	    ERR_FORMAT);
	cr_assert_eq(report("{\"submission\":\"advice\","
	    "\"text\":\"\xed\xa0\x80\"}"), ERR_FORMAT, "a surrogate");
	cr_assert_eq(report("{\"submission\":\"advice\","
	    "\"text\":\"\\ud800\"}"), ERR_FORMAT);
}

Test(msgjson, limits_hold_for_unknown_keys_too)
{
	char *text, *p;
	size_t i;

	cr_assert_eq(with("\"x\":[[[[[[1]]]]]]"), 0,
	    "the object is the first of eight, the number the last");
	cr_assert_eq(with("\"x\":[[[[[[[1]]]]]]]"), ERR_LIMIT);
	cr_assert_eq(with("\"x\":[[[[[[[[1]]]]]]]]"), ERR_LIMIT);
	cr_assert_eq(with("\"x\":\"[[[[[[[[[[[[\""), 0, "text nests nothing");
	cr_assert_eq(with("\"x\":\"\\\"[[[[[[[[[[[[\""), 0);
	/* one string over its limit; one array over its */
	text = malloc(MESSAGE_JSON_MAX + 2);
	cr_assert_not_null(text);
	p = text + sprintf(text, "{\"submission\":\"advice\",\"text\":\"");
	memset(p, 'a', MSGJSON_TEXT_MAX + 1);
	strcpy(p + MSGJSON_TEXT_MAX, "\"}");
	cr_assert_eq(report(text), 0);
	p[MSGJSON_TEXT_MAX] = 'a';
	strcpy(p + MSGJSON_TEXT_MAX + 1, "\"}");
	cr_assert_eq(report(text), ERR_LIMIT);
	p = text + sprintf(text, "{\"submission\":\"advice\",\"text\":\"\","
	    "\"x\":[0");
	for (i = 1; i < MSGJSON_ITEMS_MAX; i++)
		p += sprintf(p, ",0");
	strcpy(p, "]}");
	cr_assert_eq(report(text), 0);
	strcpy(p, ",0]}");
	cr_assert_eq(report(text), ERR_LIMIT);
	/* all of it */
	memset(text, ' ', MESSAGE_JSON_MAX + 1);
	memcpy(text, "{\"submission\":\"advice\",\"text\":\"\"}", 33);
	cr_assert_eq(check(rd_from(text, MESSAGE_JSON_MAX),
	    MSGJSON_REPORT_FILE), 0, "%s", why);
	cr_assert_eq(check(rd_from(text, MESSAGE_JSON_MAX + 1),
	    MSGJSON_REPORT_FILE), ERR_LIMIT);
	free(text);
}

static void
make_mailbox(void)
{
	static const unsigned char entropy[CODENAME_BYTES] = { 7 };
	struct codename_keys keys;
	struct wr w = wr_from(mailbox, sizeof(mailbox));

	cr_assert_geq(sodium_init(), 0);
	cr_assert_eq(codename_derive(&keys, entropy, rd_str("o.example")), 0);
	age_recipient_write(&w, &keys.mailbox);
	codename_keys_wipe(&keys);
	cr_assert(wr_cstr(&w));
}

#define AUTHOR	"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define DIGEST	"\"0123456789abcdef0123456789abcdef" \
		"0123456789abcdef0123456789abcdef\""

static int
message(const char *kind, const char *said, const char *attachments)
{
	static char text[8192];

	if (mailbox[0] == '\0')
		make_mailbox();
	snprintf(text, sizeof(text), "{\"v\":1,\"kind\":\"%s\",\"mailbox\":"
	    "\"%s\",\"author\":" AUTHOR ",%s\"attachments\":%s}", kind,
	    mailbox, said, attachments);
	return check(rd_str(text), MSGJSON_MESSAGE);
}

#define SAID	"\"submission\":\"advice\",\"text\":\"x\","

Test(msgjson, a_message_needs_what_the_program_fills_in)
{
	cr_assert_eq(message("report", SAID, "[]"), 0, "%s", why);
	cr_assert_eq(message("report", SAID, "[{\"name\":\"a\",\"type\":\"t\","
	    "\"bytes\":0,\"sha256\":" DIGEST "}]"), 0, "%s", why);
	cr_assert_eq(message("report", "\"text\":\"x\",", "[]"), ERR_FORMAT);
	cr_assert_eq(message("follow-up", "\"text\":\"x\",", "[]"), 0);
	cr_assert_eq(message("reply", SAID, "[]"), ERR_FORMAT);
	cr_assert_eq(report("{" SAID "\"x\":1}"), 0);
	cr_assert_eq(check(rd_str("{" SAID "\"x\":1}"), MSGJSON_MESSAGE),
	    ERR_FORMAT);
}

Test(msgjson, an_attachment_is_checked_field_by_field)
{
#define ATT(name, bytes, sha) message("report", SAID, "[{\"name\":" name \
	",\"type\":\"t\",\"bytes\":" bytes ",\"sha256\":" sha "}]")
	cr_assert_eq(ATT("\"\"", "1", DIGEST), ERR_FORMAT);
	cr_assert_eq(ATT("\"a\"", "-1", DIGEST), ERR_FORMAT);
	cr_assert_eq(ATT("\"a\"", "1.0", DIGEST), ERR_FORMAT);
	cr_assert_eq(ATT("\"a\"", "999999999999", DIGEST), ERR_FORMAT);
	cr_assert_eq(ATT("\"a\"", "1", "\"00\""), ERR_FORMAT);
	cr_assert_eq(message("report", SAID, "[{\"name\":\"a\"}]"),
	    ERR_FORMAT);
}

Test(msgjson, an_attachment_comes_back_as_it_was)
{
	struct msgjson_attachment a;
	json_t *o = json_loads("{\"attachments\":[{\"name\":\"n\",\"type\":"
	    "\"t\",\"bytes\":5,\"sha256\":" DIGEST "}]}", 0, NULL);

	cr_assert_eq(msgjson_attachments(o), 1);
	msgjson_attachment(o, 0, &a);
	cr_assert_str_eq(a.name, "n");
	cr_assert_str_eq(a.type, "t");
	cr_assert_eq(a.bytes, 5);
	cr_assert_eq(a.sha256[1], 0x23);
	json_decref(o);
}
