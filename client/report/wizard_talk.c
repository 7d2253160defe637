/* SPDX-License-Identifier: ISC */
/*
 * wizard_talk.c - the dialogue: question after question, then all of it once
 * more, and only then a yes.
 */
#include <string.h>

#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "client/report/wizard_int.h"

static const char *
in_lang(const char *const s[WIZ_LANGS], enum domain_lang lang)
{
	return s[lang < WIZ_LANGS ? lang : LANG_EN];
}

/* What is asked this time. */
static const struct wiz_question *
wiz_table(const struct wiz *w)
{
	return w->followup ? wiz_followup_questions : wiz_questions;
}

/* see wizard_int.h */
bool
wiz_applies(const struct wiz *w, const struct wiz_question *q)
{
	const char *kind;

	if (!q->retaliation)
		return true;
	kind = json_string_value(json_object_get(w->said, "submission"));
	return kind != NULL && strcmp(kind, "retaliation") == 0;
}

/* see wizard_int.h */
void
wiz_menu(struct wiz *w, const struct wiz_question *q)
{
	size_t i;

	if (q->type == WIZ_YESNO)
		fprintf(w->out, "  1  %s\n  2  %s\n", wiz_word(W_YES, w->lang),
		    wiz_word(W_NO, w->lang));
	for (i = 0; q->table != NULL && i < q->table->n; i++)
		fprintf(w->out, " %2zu  %s\n", i + 1,
		    domain_label(&q->table->row[i], w->lang));
}

/* What stands before the cursor. */
static const char *
cue(const struct wiz *w, const struct wiz_question *q)
{
	if (q->type == WIZ_LIST)
		q = q->fields;
	switch (q->type) {
	case WIZ_CHOICE:
	case WIZ_YESNO:
		return wiz_word(W_NUMBER, w->lang);
	case WIZ_PLACE:
		return wiz_word(W_NUMBER_OR_TEXT, w->lang);
	case WIZ_SEVERAL:
		return wiz_word(W_NUMBERS, w->lang);
	case WIZ_DATE:
		return wiz_word(W_DATE_HOW, w->lang);
	case WIZ_FILES:
		return wiz_word(W_FILES_HOW, w->lang);
	default:
		return "> ";
	}
}

static bool
has_answer(const struct wiz *w, const struct wiz_question *q, const json_t *o)
{
	return q->type == WIZ_FILES ? w->list->n > 0 : wiz_get(q, o) != NULL;
}

static int
forget(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	if (q->type != WIZ_FILES)
		return wiz_set(q, o, NULL);
	attach_wipe(w->list);
	attach_init(w->list);
	w->strip = false;
	return 0;
}

static void
pose(struct wiz *w, const struct wiz_question *q, const json_t *o)
{
	fprintf(w->out, "\n%s\n", in_lang(q->ask, w->lang));
	wiz_menu(w, q->type == WIZ_LIST ? q->fields : q);
	if (q->type == WIZ_TEXT)
		wiz_say(w, W_TEXT_HOW);
	if (has_answer(w, q, o)) {
		wiz_show(w, q);
		wiz_say(w, W_KEEP);
	}
}

/* see wizard_int.h */
int
wiz_ask(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	int r;

	pose(w, q, o);
	for (;;) {
		r = wiz_prompt(w, cue(w, q));
		if (r == WIZ_AGAIN)
			continue;
		if (r != 0)
			return r;
		if (wiz_typed(w, "<"))
			return WIZ_BACK;
		if (w->n == 0 && (!q->required || has_answer(w, q, o)))
			return 0;
		if (wiz_typed(w, "-") && !q->required)
			return forget(w, q, o);
		if (w->n == 0 || wiz_typed(w, "-")) {
			wiz_say(w, W_REQUIRED);
			continue;
		}
		if ((r = wiz_take(w, q, o)) != WIZ_AGAIN)
			return r;
	}
}

/* --- what was said -------------------------------------------------------- */

/* Line by line, each as far in as the first. */
static void
show_lines(struct wiz *w, struct rd s, int indent)
{
	struct rd line;

	while (rd_until(&s, '\n', &line)) {
		say_clean(w->out, line, true);
		fprintf(w->out, "\n%*s", indent, "");
	}
	say_clean(w->out, s, true);
}

static void
show_value(struct wiz *w, const struct domain_table *t, const json_t *v,
    int indent)
{
	struct rd s = rd_from(json_string_value(v), json_string_length(v));
	const struct domain_row *row = t == NULL ? NULL : domain_find(t, s);

	if (json_is_true(v))
		fputs(wiz_word(W_YES, w->lang), w->out);
	else if (row != NULL)
		fputs(domain_label(row, w->lang), w->out);
	else
		show_lines(w, s, indent);
}

static void
show_item(struct wiz *w, const struct wiz_question *fields, const json_t *item)
{
	const struct wiz_question *f;
	const json_t *v;

	for (f = fields; f->key != NULL; f++) {
		if ((v = json_object_get(item, f->key)) == NULL)
			continue;
		fprintf(w->out, "%s%s: ", f == fields ? "      " : "        ",
		    in_lang(f->title, w->lang));
		show_value(w, f->table, v, 10);
		fputc('\n', w->out);
	}
}

static void
show_files(struct wiz *w)
{
	size_t i;

	for (i = 0; i < w->list->n; i++) {
		fputs("      ", w->out);
		say_clean(w->out, rd_str(w->list->item[i].name), false);
		fprintf(w->out, " (%llu)\n",
		    (unsigned long long)w->list->item[i].bytes);
	}
	if (w->strip)
		fprintf(w->out, "      (%s)\n", wiz_word(W_STRIP_YES,
		    w->lang));
}

/* see wizard_int.h */
void
wiz_show(struct wiz *w, const struct wiz_question *q)
{
	const json_t *v = wiz_get(q, w->said);
	size_t i;

	if (q->type == WIZ_FILES) {
		show_files(w);
		return;
	}
	for (i = 0; i < json_array_size(v); i++) {
		if (q->type == WIZ_LIST) {
			show_item(w, q->fields, json_array_get(v, i));
			continue;
		}
		fputs("      ", w->out);
		show_value(w, q->table, json_array_get(v, i), 6);
		fputc('\n', w->out);
	}
	if (v != NULL && !json_is_array(v)) {
		fputs("      ", w->out);
		show_value(w, q->table, v, 6);
		fputc('\n', w->out);
	}
}

static void
show_all(struct wiz *w)
{
	const struct wiz_question *q;
	unsigned n = 0;

	wiz_say(w, W_REVIEW);
	for (q = wiz_table(w); q->key != NULL; q++) {
		if (!wiz_applies(w, q))
			continue;
		fprintf(w->out, " %2u  %s:%s%s\n", ++n,
		    in_lang(q->title, w->lang),
		    has_answer(w, q, w->said) ? "" : " ",
		    has_answer(w, q, w->said) ? "" :
		    wiz_word(W_NOT_ANSWERED, w->lang));
		wiz_show(w, q);
	}
}

/* --- the way through ------------------------------------------------------ */

static bool
retaliates(const struct wiz *w)
{
	static const struct wiz_question any = { .retaliation = true };

	return wiz_applies(w, &any);
}

/* The next question that is asked now, or the one before; NULL: none. */
static const struct wiz_question *
neighbour(const struct wiz *w, const struct wiz_question *q, bool alone,
    bool forward)
{
	while (forward || q > wiz_table(w)) {
		if (forward)
			q++;
		else
			q--;
		if (q->key == NULL)
			return NULL;
		if (wiz_applies(w, q) && (!alone || q->retaliation))
			return q;
	}
	return NULL;
}

/* Some answers call for a word at once. */
static void
comfort(struct wiz *w, const struct wiz_question *q)
{
	const char *s = json_string_value(wiz_get(q, w->said));

	if (strcmp(q->key, "at_risk") == 0 && s != NULL &&
	    strcmp(s, "yes") == 0)
		wiz_say(w, W_DANGER);
}

/* All questions, or those on retaliation alone, forth and back. */
static int
ask_range(struct wiz *w, bool alone)
{
	const struct wiz_question *q = wiz_table(w), *next;
	int r;

	if (alone)
		q = neighbour(w, q, true, true);
	while (q != NULL) {
		if (q->retaliation && !(q - 1)->retaliation)
			wiz_say(w, W_RETALIATION);
		if ((r = wiz_ask(w, q, w->said)) < 0)
			return r;
		if (r == 0)
			comfort(w, q);
		next = neighbour(w, q, alone, r == 0);
		if (next == NULL && r == 0)
			return 0;
		if (next != NULL)
			q = next;
	}
	return 0;
}

/* One question again; a new kind may bring new ones. */
static int
change(struct wiz *w, unsigned number)
{
	const struct wiz_question *q;
	bool before;
	unsigned n = 0;
	int r;

	for (q = wiz_table(w); q->key != NULL; q++)
		if (wiz_applies(w, q) && ++n == number)
			break;
	if (q->key == NULL) {
		wiz_say(w, W_BAD_NUMBER);
		return 0;
	}
	before = json_object_get(w->said, "retaliation") != NULL;
	r = wiz_ask(w, q, w->said);
	if (r == WIZ_BACK)
		r = 0;
	if (r == 0)
		comfort(w, q);
	if (r == 0 && q == wiz_table(w) && retaliates(w) && !before)
		r = ask_range(w, true);
	return r;
}

/* What belongs to another kind of message than this is not sent. */
static int
settle(struct wiz *w)
{
	char why[160];
	int r;

	if (!retaliates(w))
		(void)json_object_del(w->said, "retaliation");
	r = msgjson_check(w->said, w->followup ? MSGJSON_FOLLOWUP_FILE :
	    MSGJSON_REPORT_FILE, why, sizeof(why));
	if (r != 0)
		fprintf(w->out, "%s: %s\n", wiz_word(W_REFUSED, w->lang),
		    why);
	return r;
}

/* True: they mean it. */
static bool
leaves(struct wiz *w)
{
	int r = wiz_prompt(w, wiz_word(W_LEAVE_ASK, w->lang));

	return r < 0 || (r == 0 && (wiz_typed(w, "y") || wiz_typed(w, "o") ||
	    wiz_typed(w, "Y") || wiz_typed(w, "O")));
}

static bool
sends(const struct wiz *w)
{
	return wiz_typed(w, "s") || wiz_typed(w, "S") ||
	    (w->lang == LANG_FR && (wiz_typed(w, "e") || wiz_typed(w, "E")));
}

/* see wizard_int.h */
int
wiz_talk(struct wiz *w)
{
	uint64_t number;
	int r;

	wiz_say(w, w->followup ? W_FOLLOWUP : W_INTRO);
	fputc('\n', w->out);
	wiz_say(w, W_RULES);
	if ((r = ask_range(w, false)) != 0)
		return r;
	show_all(w);
	for (;;) {
		r = wiz_prompt(w, wiz_word(W_REVIEW_ASK, w->lang));
		if (r < 0)
			return r;
		if (r != 0)
			continue;
		if (sends(w)) {
			if (settle(w) == 0)
				return 0;
		} else if (wiz_typed(w, "q") || wiz_typed(w, "Q")) {
			if (leaves(w))
				return ERR_ORDER;
		} else if (rd_dec(rd_from(w->line, w->n), 99, &number)) {
			if ((r = change(w, (unsigned)number)) != 0)
				return r;
			show_all(w);
		} else {
			show_all(w);
		}
	}
}
