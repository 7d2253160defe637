/* SPDX-License-Identifier: ISC */
/* The wizard's dialogue, held by lines from an array. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/common/msgjson.h"
#include "client/report/wizard_int.h"

static const char *const *script;
static struct wiz w;
static struct attach_list list;
static char *seen;
static size_t nseen;
static bool has_alternate = true, used_up;

/* "\1" stands for a line that the terminal cut. */
static int
next_line(void *arg, char line[static WIZ_LINE_MAX], size_t *n)
{
	const char *s = *script;

	(void)arg;
	if (s == NULL)
		return ERR_ORDER;
	script++;
	if (strcmp(s, "\1") == 0)
		return ERR_LIMIT;
	*n = strlen(s);
	memcpy(line, s, *n + 1);
	return 0;
}

static int
hold_in(enum domain_lang lang, const char *const *lines)
{
	int r;

	script = lines;
	attach_init(&list);
	memset(&w, 0, sizeof(w));
	w.out = open_memstream(&seen, &nseen);
	w.read = next_line;
	w.lang = lang;
	w.list = &list;
	w.alternate = has_alternate;
	w.said = json_object();
	r = wiz_talk(&w);
	fclose(w.out);
	used_up = *script == NULL;
	return r;
}

#define HOLD(...) hold_in(LANG_EN, (const char *const[]){ __VA_ARGS__, NULL })

static void
over(void)
{
	json_decref(w.said);
	attach_wipe(&list);
	free(seen);
}

/* It ends with "send", and this is what was said. */
static void
said(const char *json)
{
	json_t *want = json_loads(json, JSON_REJECT_DUPLICATES, NULL);

	cr_assert_not_null(want, "the test's own JSON");
	cr_assert(json_equal(w.said, want), "said: %s",
	    json_dumps(w.said, JSON_SORT_KEYS));
	json_decref(want);
}

/* kind, category, text, 3 x when, where, persons, known_by, reported_before,
 * managers, at_risk, relation, files, language, exclude, exclude_office */
#define SKIP_AFTER_TEXT	"", "", "", "", "", "", "", "", "", "", "", "", \
	"", ""

Test(wizard, two_answers_are_a_report)
{
	cr_assert_eq(HOLD("1", "", "It was so.", ".", SKIP_AFTER_TEXT, "s"),
	    0, "%s", seen);
	said("{\"submission\":\"misconduct\",\"text\":\"It was so.\"}");
	cr_assert(used_up, "every line was asked for");
	over();
}

Test(wizard, kind_and_text_cannot_be_skipped)
{
	cr_assert_eq(HOLD("", "-", "99", "0", "x", "3", "", "", ".", "-",
	    "Well.", ".", SKIP_AFTER_TEXT, "s"), 0);
	said("{\"submission\":\"advice\",\"text\":\"Well.\"}");
	over();
}

Test(wizard, every_answer_lands_in_its_place)
{
	cr_assert_eq(HOLD("1", "7", "One", "", "  three", ".", "2025",
	    "2025-11-30", "2", "12",
	    "A. Person", "Head", "Unit 4", "B.", "", "", "",
	    "3, 1", "My manager", "2025-12", "Nothing", "",
	    "3", "1", "4", "", "2", "An Officer", "Another", "", "2", "s"),
	    0, "%s", seen);
	said("{\"submission\":\"misconduct\",\"category\":\"gifts\","
	    "\"text\":\"One\\n\\n  three\",\"when\":{\"from\":\"2025\","
	    "\"to\":\"2025-11-30\",\"ongoing\":\"no\"},\"where\":\"Brussels\","
	    "\"persons\":[{\"name\":\"A. Person\",\"role\":\"Head\","
	    "\"unit\":\"Unit 4\"},{\"name\":\"B.\"}],"
	    "\"known_by\":[\"saw\",\"documents\"],"
	    "\"reported_before\":[{\"to\":\"My manager\",\"when\":\"2025-12\","
	    "\"outcome\":\"Nothing\"}],\"managers_involved\":\"unsure\","
	    "\"at_risk\":\"yes\",\"relation\":\"intern\",\"language\":\"fr\","
	    "\"exclude\":[{\"name\":\"An Officer\"},{\"name\":\"Another\"}]}");
	cr_assert_not_null(strstr(seen, "in danger now"));
	over();
}

Test(wizard, a_report_about_the_office_says_so)
{
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "", "", "", "", "",
	    "", "", "", "", "", "1", "s"), 0);
	said("{\"submission\":\"misconduct\",\"text\":\"x\","
	    "\"exclude_office\":true}");
	over();
}

Test(wizard, without_an_alternate_nobody_is_promised_one)
{
	has_alternate = false;
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "", "", "", "", "",
	    "", "", "", "", "", "1", "2", "s"), 0);
	said("{\"submission\":\"misconduct\",\"text\":\"x\"}");
	cr_assert_not_null(strstr(seen, "name nobody"));
	over();
}

Test(wizard, retaliation_brings_its_own_questions)
{
	cr_assert_eq(HOLD("2", "17", "They punish me.", ".", "", "", "", "",
	    "", "", "", "", "", "",
	    "1", "A fraud", ".", "The hotline", "2025-03",
	    "10", "Not renewed", ".", "2025-06-01", "The director",
	    "The letter", "7", "", "", "", "", "",
	    "The dates", ".", "", "A move", ".", "W. One", "1", "",
	    "", "", "", "", "s"), 0, "%s", seen);
	said("{\"submission\":\"retaliation\",\"category\":\"retaliation\","
	    "\"text\":\"They punish me.\",\"retaliation\":{"
	    "\"activity\":\"report\",\"activity_what\":\"A fraud\","
	    "\"activity_to\":\"The hotline\",\"activity_when\":\"2025-03\","
	    "\"acts\":[{\"code\":\"j\",\"what\":\"Not renewed\","
	    "\"when\":\"2025-06-01\",\"by\":\"The director\","
	    "\"evidence\":\"The letter\"},{\"code\":\"g\"}],"
	    "\"link\":\"The dates\",\"protection\":\"A move\","
	    "\"witnesses\":[{\"name\":\"W. One\",\"may_contact\":\"yes\"}]}}");
	over();
}

Test(wizard, another_kind_in_the_review_drops_and_brings_questions)
{
	/* from retaliation to advice: its answers are not sent */
	cr_assert_eq(HOLD("2", "", "x", ".", "", "", "", "", "", "", "", "",
	    "", "", "1", "", "", "", "", "", "", "", "", "", "", "", "",
	    "1", "3", "s"), 0);
	said("{\"submission\":\"advice\",\"text\":\"x\"}");
	over();
	/* and the other way: they are asked now */
	cr_assert_eq(HOLD("3", "", "x", ".", SKIP_AFTER_TEXT, "1", "2",
	    "2", "", "", "", "", "", "", "", "", "s"), 0);
	said("{\"submission\":\"retaliation\",\"text\":\"x\","
	    "\"retaliation\":{\"activity\":\"cooperation\"}}");
	over();
}

Test(wizard, one_can_go_back)
{
	cr_assert_eq(HOLD("<", "1", "3", "<", "<", "3", "", "Text", ".", "<",
	    "Other", ".", SKIP_AFTER_TEXT, "s"), 0, "%s", seen);
	said("{\"submission\":\"advice\",\"category\":\"asset-recovery\","
	    "\"text\":\"Other\"}");
	over();
}

Test(wizard, going_back_within_a_list_drops_the_item)
{
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "", "Wrong", "<",
	    "Right", "", "", "", "", "", "", "", "", "", "", "", "", "s"), 0,
	    "%s", seen);
	said("{\"submission\":\"misconduct\",\"text\":\"x\","
	    "\"persons\":[{\"name\":\"Right\"}]}");
	over();
}

Test(wizard, going_back_after_an_item_keeps_it)
{
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "", "A", "", "",
	    "<", "3", "", "", "", "", "", "", "", "", "", "", "s"), 0, "%s",
	    seen);
	cr_assert(used_up);
	said("{\"submission\":\"misconduct\",\"text\":\"x\","
	    "\"where\":\"Abidjan\",\"persons\":[{\"name\":\"A\"}]}");
	over();
}

Test(wizard, a_list_that_is_left_is_not_said)
{
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "", "A", "", "",
	    "B"), ERR_ORDER);
	said("{\"submission\":\"misconduct\",\"text\":\"x\"}");
	over();
}

Test(wizard, the_review_changes_keeps_and_removes)
{
	cr_assert_eq(HOLD("1", "3", "Old", ".", "2020", "", "", "", "", "",
	    "", "", "", "", "", "", "", "", "3", "New", ".", "2", "-", "4",
	    "", "77", "nonsense", "s"), 0, "%s", seen);
	said("{\"submission\":\"misconduct\",\"text\":\"New\","
	    "\"when\":{\"from\":\"2020\"}}");
	cr_assert_not_null(strstr(seen, "2020"), "the review shows answers");
	over();
}

Test(wizard, the_review_keeps_every_line_in_its_column)
{
	cr_assert_eq(HOLD("1", "", "One", "two\tx", "", "four", ".",
	    SKIP_AFTER_TEXT, "s"), 0);
	cr_assert_not_null(strstr(seen, "      One\n      two\tx\n      \n"
	    "      four\n"));
	over();
}

Test(wizard, one_can_leave_at_any_point)
{
	cr_assert_eq(HOLD("1", ""), ERR_ORDER);
	over();
	cr_assert_eq(HOLD("1", "", "x", ".", SKIP_AFTER_TEXT, "q", "n", "q",
	    "y"), ERR_ORDER);
	over();
	cr_assert_eq(hold_in(LANG_EN, (const char *const[]){ NULL }),
	    ERR_ORDER);
	over();
}

Test(wizard, dates_and_numbers_are_checked_on_the_spot)
{
	cr_assert_eq(HOLD("1", "19", "3x", "", "x", ".", "yesterday",
	    "2025-13", "25", "2025-1-1", "2025-01-01", "", "", "", "", "4",
	    "1 x", "2,,2", "", "", "", "", "", "", "", "", "s"), 0, "%s",
	    seen);
	said("{\"submission\":\"misconduct\",\"text\":\"x\","
	    "\"when\":{\"from\":\"2025-01-01\"},\"known_by\":[\"told\"]}");
	over();
}

Test(wizard, bad_bytes_and_cut_lines_are_asked_for_again)
{
	cr_assert_eq(HOLD("1", "", "caf\xe9", "\1", "a\033[2Jb", "caf\xc3\xa9",
	    "\xff", "\1", "second", ".", SKIP_AFTER_TEXT, "s"), 0);
	said("{\"submission\":\"misconduct\","
	    "\"text\":\"caf\\u00e9\\nsecond\"}");
	cr_assert_not_null(strstr(seen, "longer than a terminal"));
	over();
}

Test(wizard, a_place_may_be_typed)
{
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "On a train", "",
	    "", "", "", "", "", "", "", "", "", "s"), 0);
	said("{\"submission\":\"misconduct\",\"text\":\"x\","
	    "\"where\":\"On a train\"}");
	over();
}

Test(wizard, a_text_has_an_end)
{
	static char line[4001];
	const char *lines[256] = { "1", "", NULL };
	size_t i, n = 2;

	memset(line, 'a', 4000);
	for (i = 0; i < 140; i++)
		lines[n++] = line;	/* over 512 KiB */
	lines[n] = NULL;
	cr_assert_eq(hold_in(LANG_EN, lines), ERR_ORDER);
	cr_assert_not_null(strstr(seen, "longer than one answer"));
	cr_assert_leq(json_string_length(json_object_get(w.said, "text")),
	    MSGJSON_TEXT_MAX);
	over();
}

Test(wizard, files_are_attached_renamed_and_warned_about)
{
	char path[] = "/tmp/ecr-wizard-XXXXXX", quoted[64];
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "%PDF-1.4\n", 9), 9);
	close(fd);
	snprintf(quoted, sizeof(quoted), "'%s' ", path);
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "", "", "", "", "",
	    "", "", "/no/such/file", quoted, "letter.pdf", path, "", "",
	    "5", "1", "", "", "", "s"), 0, "%s", seen);
	cr_assert_eq(list.n, 2);
	cr_assert_str_eq(list.item[0].name, "letter.pdf");
	cr_assert_str_eq(list.item[0].type, "application/pdf");
	cr_assert_str_eq(list.item[1].name, path + 5);
	cr_assert(w.strip);
	cr_assert_not_null(strstr(seen, "may carry"));
	said("{\"submission\":\"misconduct\",\"text\":\"x\"}");
	over();
	/* "-" in the review takes them away again */
	cr_assert_eq(HOLD("1", "", "x", ".", "", "", "", "", "", "", "", "",
	    "", "", path, "", "", "2", "", "", "", "14", "-", "s"), 0, "%s",
	    seen);
	cr_assert_eq(list.n, 0);
	over();
	unlink(path);
}

Test(wizard, french_has_every_word)
{
	const struct wiz_question *q, *f;
	enum wiz_word i;

	for (i = 0; i < WIZ_WORDS; i++)
		cr_assert(wiz_word(i, LANG_EN) != NULL &&
		    wiz_word(i, LANG_FR) != NULL, "word %d", (int)i);
	for (q = wiz_questions; q->key != NULL; q++) {
		cr_assert(q->title[LANG_EN] && q->title[LANG_FR], "%s",
		    q->key);
		cr_assert(q->ask[LANG_EN] && q->ask[LANG_FR], "%s", q->key);
		for (f = q->fields; f != NULL && f->key != NULL; f++)
			cr_assert(f->title[LANG_FR] && (f == q->fields ||
			    f->ask[LANG_FR]), "%s.%s", q->key, f->key);
	}
	cr_assert_eq(hold_in(LANG_FR, (const char *const[]){ "1", "", "Oui.",
	    ".", SKIP_AFTER_TEXT, "e", NULL }), 0);
	cr_assert_not_null(strstr(seen, "Que s'est-il passé"));
	over();
	cr_assert_eq(hold_in(LANG_AR, (const char *const[]){ NULL }),
	    ERR_ORDER, "a language without words falls back to English");
	cr_assert_not_null(strstr(seen, "Do not collect"));
	over();
}

Test(wizard, the_environment_chooses_the_language)
{
	cr_assert_eq(wiz_language(NULL, NULL, NULL), LANG_EN);
	cr_assert_eq(wiz_language("fr_FR.UTF-8", NULL, "en_GB"), LANG_FR);
	cr_assert_eq(wiz_language("", "fr", NULL), LANG_FR);
	cr_assert_eq(wiz_language(NULL, NULL, "fr_CH"), LANG_FR);
	cr_assert_eq(wiz_language("C", "fr", "fr"), LANG_EN);
	cr_assert_eq(wiz_language("frp", NULL, NULL), LANG_EN);
}
