/* SPDX-License-Identifier: ISC */
/*
 * wizard_int.h - the parts of the wizard: the table of questions, the words
 * around them, and the dialogue, which talks through two callbacks so that a
 * test can hold it.
 */
#ifndef ECR_WIZARD_INT_H
#define ECR_WIZARD_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "client/common/domain.h"
#include "client/report/attach.h"
#include "crypto/err.h"

#define WIZ_LINE_MAX	4096	/* a terminal hands over no more */
#define WIZ_LANGS	2	/* English, French; else English */

/* --- the questions (wizard_questions.c) ----------------------------------- */

enum wiz_type {
	WIZ_CHOICE,	/* one row of table */
	WIZ_PLACE,	/* one row of table, or a line of one's own */
	WIZ_SEVERAL,	/* some rows of table */
	WIZ_LINE,
	WIZ_TEXT,	/* many lines */
	WIZ_DATE,
	WIZ_YESNO,	/* true, or nothing */
	WIZ_LIST,	/* of objects: fields, the first of them asked here */
	WIZ_FILES	/* attachments */
};

struct wiz_question {
	const char *object;	/* within this object of the report, or NULL */
	const char *key;	/* NULL ends a table */
	enum wiz_type type;
	const struct domain_table *table;
	bool required;
	bool retaliation;	/* asked for that kind alone */
	const struct wiz_question *fields;
	const char *title[WIZ_LANGS];	/* for the review */
	const char *ask[WIZ_LANGS];
};

extern const struct wiz_question wiz_questions[];
/* Into a case that is there already. */
extern const struct wiz_question wiz_followup_questions[];

/* --- the words around them (wizard_words.c) ------------------------------- */

enum wiz_word {
	W_INTRO, W_RULES, W_REQUIRED, W_NUMBER, W_NUMBERS, W_NUMBER_OR_TEXT,
	W_TEXT_HOW, W_DATE_HOW, W_KEEP, W_MORE, W_BAD_NUMBER, W_BAD_DATE,
	W_BAD_TEXT, W_CUT_LINE, W_TOO_LONG, W_YES, W_NO, W_FILES_HOW,
	W_FILE_NAME, W_FILE_BAD, W_FILE_RISK, W_STRIP, W_STRIP_YES, W_DANGER,
	W_RETALIATION, W_REVIEW, W_NOT_ANSWERED, W_REVIEW_ASK, W_LEAVE_ASK,
	W_REFUSED, W_NO_ALTERNATE, W_FOLLOWUP, WIZ_WORDS
};

const char *wiz_word(enum wiz_word w, enum domain_lang lang);
/* The language of the environment's LC_ALL, LC_MESSAGES or LANG. */
enum domain_lang wiz_language(const char *lc_all, const char *lc_messages,
    const char *lang);

/* --- the dialogue (wizard_talk.c, wizard_take.c) -------------------------- */

/*
 * One line of what the person types, without its end, NUL-terminated.
 * Errors: ERR_ORDER (no more: the person leaves), ERR_LIMIT (cut off; the
 *         rest is thrown away), ERR_IO.
 */
typedef int wiz_line(void *arg, char line[static WIZ_LINE_MAX], size_t *n);

struct wiz {
	FILE *out;
	wiz_line *read;
	void *arg;			/* of read */
	enum domain_lang lang;
	bool alternate, followup;	/* see wizard.h */
	json_t *said;			/* an object, filled here */
	struct attach_list *list;
	bool strip;
	/* its own */
	char line[WIZ_LINE_MAX];	/* secret: the last line typed */
	size_t n;
};

#define WIZ_BACK	1	/* to the question before */
#define WIZ_AGAIN	2	/* not taken; it was said why */

/*
 * wiz_talk - all questions, then the review, until the person sends (0) or
 * leaves (ERR_ORDER).  On 0 said passes msgjson_check() as a report's or a
 * follow-up's file.
 */
MUST_USE int wiz_talk(struct wiz *w);

/* One question about object o: 0, WIZ_BACK or an error. */
MUST_USE int wiz_ask(struct wiz *w, const struct wiz_question *q, json_t *o);
/* Shows words, asks for a line: 0 (w->line, w->n), WIZ_AGAIN or an error. */
MUST_USE int wiz_prompt(struct wiz *w, const char *words);
/* Takes w->line (and more lines, where it needs them) as the answer. */
MUST_USE int wiz_take(struct wiz *w, const struct wiz_question *q, json_t *o);
MUST_USE int wiz_take_files(struct wiz *w);
void wiz_menu(struct wiz *w, const struct wiz_question *q);
void wiz_show(struct wiz *w, const struct wiz_question *q);

void wiz_say(struct wiz *w, enum wiz_word what);
bool wiz_typed(const struct wiz *w, const char *s);
json_t *wiz_get(const struct wiz_question *q, const json_t *o);
/* Takes the reference to v; NULL removes the answer. */
MUST_USE int wiz_set(const struct wiz_question *q, json_t *o, json_t *v);
bool wiz_applies(const struct wiz *w, const struct wiz_question *q);

#endif
