/* SPDX-License-Identifier: ISC */
/*
 * wizard_take.c - from what was typed to an answer in the report's JSON.
 *
 * Invariant: what is set here passes msgjson_check(); what does not is
 * refused on the spot, with a word on what is wanted.
 */
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "client/report/metadata_file.h"
#include "client/report/wizard_int.h"
#include "crypto/utf8.h"

/* see wizard_int.h */
void
wiz_say(struct wiz *w, enum wiz_word what)
{
	fputs(wiz_word(what, w->lang), w->out);
}

/* see wizard_int.h */
bool
wiz_typed(const struct wiz *w, const char *s)
{
	return strcmp(w->line, s) == 0;
}

static bool
shows(struct rd line)
{
	uint32_t c;

	while (utf8_next(&line, &c))
		if (utf8_is_control(c) && c != '\t')
			return false;
	return rd_done(&line);
}

/* see wizard_int.h */
int
wiz_prompt(struct wiz *w, const char *text)
{
	int r;

	fputs(text, w->out);
	fflush(w->out);
	w->n = 0;
	w->line[0] = '\0';
	r = w->read(w->arg, w->line, &w->n);
	if (r == ERR_LIMIT) {
		wiz_say(w, W_CUT_LINE);
		return WIZ_AGAIN;
	}
	if (r != 0)
		return r;
	if (!shows(rd_from(w->line, w->n))) {
		wiz_say(w, W_BAD_TEXT);
		return WIZ_AGAIN;
	}
	while (w->n > 0 && strchr(" \t\r", w->line[w->n - 1]) != NULL)
		w->line[--w->n] = '\0';
	return 0;
}

/* see wizard_int.h */
json_t *
wiz_get(const struct wiz_question *q, const json_t *o)
{
	if (q->object != NULL)
		o = json_object_get(o, q->object);
	return json_object_get(o, q->key);
}

/* see wizard_int.h */
int
wiz_set(const struct wiz_question *q, json_t *o, json_t *v)
{
	json_t *in = o;

	if (q->object != NULL) {
		in = json_object_get(o, q->object);
		if (in == NULL && v != NULL) {
			in = json_object();
			if (json_object_set_new(o, q->object, in) != 0) {
				json_decref(v);
				return ERR_NOMEM;
			}
		}
	}
	if (v != NULL)
		return json_object_set_new(in, q->key, v) == 0 ? 0 :
		    ERR_NOMEM;
	(void)json_object_del(in, q->key);	/* may not be there */
	if (q->object != NULL && json_object_size(in) == 0)
		(void)json_object_del(o, q->object);
	return 0;
}

static int
set_string(const struct wiz_question *q, json_t *o, const char *s, size_t n)
{
	json_t *v = json_stringn(s, n);

	return v == NULL ? ERR_NOMEM : wiz_set(q, o, v);
}

static int
again(struct wiz *w, enum wiz_word why)
{
	wiz_say(w, why);
	return WIZ_AGAIN;
}

/* The row whose number is typed, counted from 1. */
static const struct domain_row *
numbered(const struct domain_table *t, struct rd typed)
{
	uint64_t i;

	if (!rd_dec(typed, t->n, &i) || i == 0)
		return NULL;
	return &t->row[i - 1];
}

static int
take_choice(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	const struct domain_row *row;

	row = numbered(q->table, rd_from(w->line, w->n));
	if (row != NULL)
		return set_string(q, o, row->code, strlen(row->code));
	if (q->type == WIZ_CHOICE)
		return again(w, W_BAD_NUMBER);
	return set_string(q, o, w->line, w->n);
}

/* "1 3" or "1,3"; each row once, in the table's order. */
static int
take_several(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	bool on[64] = { false };
	const struct domain_row *row;
	struct rd left = rd_from(w->line, w->n), word;
	json_t *list;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->line[i] == ',' || w->line[i] == '\t')
			w->line[i] = ' ';
	while (left.n > 0) {
		if (!rd_until(&left, ' ', &word)) {
			word = left;
			left = rd_from(left.p, 0);
		}
		if (word.n == 0)
			continue;
		row = numbered(q->table, word);
		if (row == NULL || row - q->table->row >= 64)
			return again(w, W_BAD_NUMBER);
		on[row - q->table->row] = true;
	}
	if ((list = json_array()) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < q->table->n && i < 64; i++)
		if (on[i] && json_array_append_new(list,
		    json_string(q->table->row[i].code)) != 0) {
			json_decref(list);
			return ERR_NOMEM;
		}
	return wiz_set(q, o, list);
}

/* The desk's own check says what a date is. */
static int
take_date(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	char why[160];
	json_t *probe;
	int r;

	probe = json_pack("{s:s, s:s, s:{s:s%}}", "submission", "advice",
	    "text", "", "when", "from", w->line, w->n);
	if (probe == NULL)
		return ERR_NOMEM;
	r = msgjson_check(probe, MSGJSON_REPORT_FILE, why, sizeof(why));
	json_decref(probe);
	return r != 0 ? again(w, W_BAD_DATE) :
	    set_string(q, o, w->line, w->n);
}

/* The one question of this kind is whether to shut the office out. */
static int
take_yesno(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	if (wiz_typed(w, "1") && !w->alternate)
		return again(w, W_NO_ALTERNATE);
	if (wiz_typed(w, "1"))
		return wiz_set(q, o, json_true());
	if (wiz_typed(w, "2"))
		return wiz_set(q, o, NULL);
	return again(w, W_BAD_NUMBER);
}

/* --- many lines ----------------------------------------------------------- */

struct text {
	char *p;		/* secret */
	size_t n, cap;
};

static int
text_add(struct text *t, const char *line, size_t n)
{
	char *bigger;
	size_t cap = t->cap;

	if (n + 1 > MSGJSON_TEXT_MAX - t->n)
		return ERR_LIMIT;
	while (cap < t->n + n + 1)
		cap = cap == 0 ? WIZ_LINE_MAX : cap * 2;
	if (cap != t->cap) {
		if ((bigger = malloc(cap)) == NULL)
			return ERR_NOMEM;
		if (t->n > 0)
			memcpy(bigger, t->p, t->n);
		file_free((unsigned char *)t->p, t->n);
		t->p = bigger;
		t->cap = cap;
	}
	memcpy(t->p + t->n, line, n);
	t->p[t->n + n] = '\n';
	t->n += n + 1;
	return 0;
}

/* The first line is there already; "." or the end of input ends it. */
static int
take_text(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	struct text t = { NULL, 0, 0 };
	int r = 0;

	if (wiz_typed(w, "."))
		return q->required ? again(w, W_REQUIRED) : 0;
	while (r == 0 && !wiz_typed(w, ".")) {
		if ((r = text_add(&t, w->line, w->n)) != 0)
			break;
		while ((r = wiz_prompt(w, "> ")) == WIZ_AGAIN)
			continue;
	}
	if (r == ERR_LIMIT)
		wiz_say(w, W_TOO_LONG);
	if (r == ERR_LIMIT || r == ERR_ORDER)
		r = 0;		/* who leaves here is asked once more */
	while (t.n > 0 && t.p[t.n - 1] == '\n')
		t.n--;
	if (r == 0 && t.n > 0)
		r = set_string(q, o, t.p, t.n);
	file_free((unsigned char *)t.p, t.cap);
	return r;
}

/* --- lists ---------------------------------------------------------------- */

/* One object: its first field stands in w->line. */
static int
take_item(struct wiz *w, const struct wiz_question *q, json_t *list)
{
	const struct wiz_question *f;
	json_t *item = json_object();
	int r;

	if (item == NULL)
		return ERR_NOMEM;
	r = wiz_take(w, q->fields, item);
	for (f = q->fields + 1; r == 0 && f->key != NULL; f++)
		r = wiz_ask(w, f, item);
	if (r == 0 && json_array_append(list, item) != 0)
		r = ERR_NOMEM;
	json_decref(item);
	return r;
}

/* The first field of one more item, or an empty line. */
static int
ask_more(struct wiz *w, const struct wiz_question *q, bool more)
{
	const char *cue = q->fields->table == NULL ? "> " :
	    wiz_word(W_NUMBER, w->lang);
	int r;

	fputc('\n', w->out);
	if (more)
		wiz_say(w, W_MORE);
	wiz_menu(w, q->fields);
	while ((r = wiz_prompt(w, cue)) == WIZ_AGAIN)
		continue;
	return r == 0 && wiz_typed(w, "<") ? WIZ_BACK : r;
}

/*
 * Anew: what was there before is replaced when the list is complete.  Going
 * back from within an item drops that item.
 */
static int
take_list(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	json_t *list = json_array();
	int r, set;

	if (list == NULL)
		return ERR_NOMEM;
	do {
		r = take_item(w, q, list);
		if (r < 0)
			break;
		r = ask_more(w, q, r == 0);
	} while (r == 0 && w->n > 0 &&
	    json_array_size(list) < MSGJSON_ITEMS_MAX);
	if (r >= 0 && json_array_size(list) > 0) {
		set = wiz_set(q, o, list);
		return set != 0 ? set : r;	/* r: perhaps back */
	}
	json_decref(list);
	return r;
}

/* --- files ---------------------------------------------------------------- */

/* What a terminal makes of a dragged file: quotes around it. */
static char *
unquoted(struct wiz *w)
{
	char c = w->line[0];

	if (w->n >= 2 && (c == '\'' || c == '"') && w->line[w->n - 1] == c) {
		w->line[w->n - 1] = '\0';
		return w->line + 1;
	}
	return w->line;
}

static bool
tell_risk(struct wiz *w, const struct attach *a)
{
	const char *risk = metadata_file_risk(a->fd);

	if (risk == NULL)
		return false;
	wiz_say(w, W_FILE_RISK);
	if (w->lang == LANG_EN)
		fprintf(w->out, "\n%s", risk);
	fputs(".\n", w->out);
	return true;
}

/* A name can tell as much as a file: it may be changed. */
static int
rename_file(struct wiz *w, struct attach *a)
{
	char *name;
	int r;

	for (;;) {
		fputs("  ", w->out);
		say_clean(w->out, rd_str(a->name), false);
		fputc('\n', w->out);
		r = wiz_prompt(w, wiz_word(W_FILE_NAME, w->lang));
		if (r == 0 && w->n == 0)
			return 0;
		if (r == 0 && w->n <= MSGJSON_NAME_MAX)
			break;
		if (r != 0 && r != WIZ_AGAIN)
			return r;
		if (r == 0)
			wiz_say(w, W_TOO_LONG);
	}
	if ((name = strdup(w->line)) == NULL)
		return ERR_NOMEM;
	free(a->name);
	a->name = name;
	return 0;
}

/* see wizard_int.h */
int
wiz_take_files(struct wiz *w)
{
	bool risk = false;
	int r;

	while (w->n > 0) {
		if (attach_add(w->list, unquoted(w), NULL) != 0) {
			wiz_say(w, W_FILE_BAD);
		} else {
			if (tell_risk(w, &w->list->item[w->list->n - 1]))
				risk = true;
			if ((r = rename_file(w,
			    &w->list->item[w->list->n - 1])) != 0)
				return r;
		}
		while ((r = wiz_prompt(w, wiz_word(W_FILES_HOW, w->lang))) ==
		    WIZ_AGAIN)
			continue;
		if (r != 0)
			return r;
	}
	if (!risk || w->strip)
		return 0;
	fputc('\n', w->out);
	wiz_say(w, W_STRIP);
	fprintf(w->out, "\n  1  %s\n  2  %s\n", wiz_word(W_YES, w->lang),
	    wiz_word(W_NO, w->lang));
	do {
		r = wiz_prompt(w, wiz_word(W_NUMBER, w->lang));
	} while (r == WIZ_AGAIN || (r == 0 && !wiz_typed(w, "1") &&
	    !wiz_typed(w, "2") && w->n > 0));
	if (r == 0 && wiz_typed(w, "1"))
		w->strip = true;
	return r;
}

/* see wizard_int.h */
int
wiz_take(struct wiz *w, const struct wiz_question *q, json_t *o)
{
	switch (q->type) {
	case WIZ_CHOICE:
	case WIZ_PLACE:
		return take_choice(w, q, o);
	case WIZ_SEVERAL:
		return take_several(w, q, o);
	case WIZ_LINE:
		return set_string(q, o, w->line, w->n);
	case WIZ_TEXT:
		return take_text(w, q, o);
	case WIZ_DATE:
		return take_date(w, q, o);
	case WIZ_YESNO:
		return take_yesno(w, q, o);
	case WIZ_LIST:
		return take_list(w, q, o);
	case WIZ_FILES:
		return wiz_take_files(w);
	}
	return ERR_FORMAT;
}
