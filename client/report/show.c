/* SPDX-License-Identifier: ISC */
/*
 * show.c - a conversation on the screen, or as JSON.
 *
 * What is printed passes through a buffer of ours that is wiped.  Of JSON only
 * ASCII leaves, so that no text in it moves a cursor.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "client/common/say.h"
#include "client/common/wrap.h"
#include "client/report/show.h"

#define DAY_SECS	86400
#define DAY_CHARS	16

static const char *
day_text(char out[static DAY_CHARS], int32_t day)
{
	struct wr w = wr_from(out, DAY_CHARS);

	day_write(&w, day);
	return wr_cstr(&w) ? out : "";
}

/* The last day on which a message of this epoch can have come. */
static int32_t
close_day(uint64_t close)
{
	uint64_t day = close == 0 ? 0 : (close - 1) / DAY_SECS;

	return day > 2932896 ? 2932896 : (int32_t)day;
}

/* --- on the screen -------------------------------------------------------- */

/*
 * A title, and words that are broken to fit behind it.  Lines at the margin
 * are ours: what we have checked cannot be said in the office's words.
 */
static void
line(const char *title, struct rd text)
{
	unsigned col = (unsigned)strlen(title);

	while (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;		/* one end is ours */
	if (text.n == 0)
		return;
	printf("%s", title);
	wrap_text(stdout, text, col, col, wrap_columns(stdout));
	putchar('\n');
}

static void
questions(const struct answer *a)
{
	char number[32];
	size_t i;

	if (a->nquestions > 0)
		printf("\nThe office asks you:\n");
	for (i = 0; i < a->nquestions; i++) {
		snprintf(number, sizeof(number), " %2zu. ", i + 1);
		line(number, a->question[i]);
	}
}

static void
lodged(const struct answer *a, enum lodged l)
{
	char day[DAY_CHARS];

	if (l == LODGED_NOT_SAID)
		return;
	if (l == LODGED_BROKEN) {
		printf("Lodged: THE PROOF DOES NOT HOLD; see the warning\n");
		return;
	}
	printf("Lodged: by %s; the public log has it at index %llu",
	    day_text(day, close_day(a->close)), (unsigned long long)a->leaf);
	if (a->nleaves > 1)
		printf(" (the first of %zu parts)", a->nleaves);
	printf("\n        (%s)\n", l == LODGED_HOLDS ?
	    "the proof that came with this answer holds" :
	    l == LODGED_UNWITNESSED ?
	    "the log signed the proof, but too few witnesses did" :
	    l == LODGED_OTHER_LOG ?
	    "proved by a log that the office's keys do not name today" :
	    "not checked, as there are no keys to do it with");
}

static void
one_answer(const struct show *s, size_t i)
{
	const struct answer *a = &s->mailbox->answer[i];
	char day[DAY_CHARS];

	printf("--- %s, %s%s", a->date < 0 ? "no date" :
	    day_text(day, a->date), a->kind == ANSWER_ACKNOWLEDGEMENT ?
	    "acknowledgement" : "answer", a->ref.n > 0 ? ", case " : "");
	say_clean(stdout, a->ref, false);
	printf(" ---\n\n");
	line("  ", a->text);
	questions(a);
	if (a->text.n > 0 || a->nquestions > 0)
		putchar('\n');
	line("Status: ", a->status);
	if (a->next >= 0)
		printf("Next:   by %s\n", day_text(day, a->next));
	lodged(a, s->lodged[i]);
	putchar('\n');
}

static void
nothing(const struct show *s)
{
	if (s->letters->nstatements == 0) {
		printf("The office %s has not answered anybody here yet.\n",
		    s->office->name);
		return;
	}
	printf("No answer from %s for this codename yet.\n\n"
	    "The words belong together, so they were hardly mistyped.  If "
	    "they are this\noffice's, wait: it means to acknowledge every "
	    "report within 7 days, and answers\narrive only when its courier "
	    "comes by.  If you reported to another office, take\nthat "
	    "office's keys.\n", s->office->name);
}

static char show_screen[8192];	/* of stdio */

static void
screen_open(void)
{
	(void)setvbuf(stdout, show_screen, _IOFBF, sizeof(show_screen));
}

static void
screen_close(void)
{
	(void)fflush(stdout);		/* program_run() asks how it went */
	sodium_memzero(show_screen, sizeof(show_screen));
}

/* see show.h */
void
show_plain(const struct show *s)
{
	size_t i;

	screen_open();
	if (s->mailbox->n == 0)
		nothing(s);
	else
		printf("From %s%s\n\n", s->office->name,
		    s->role == ROLE_ALTERNATE ? ", its alternate" : "");
	for (i = 0; i < s->mailbox->n; i++)
		one_answer(s, i);
	if (s->mailbox->n > 0)
		printf("You can write back with \"ecrdrop follow-up\" and the "
		    "same words.  Close this\nwindow when you have read this, "
		    "so that it does not stay on the screen.\n");
	screen_close();
}

/* --- as JSON ---------------------------------------------------------------- */

/* Takes the reference; false also where there is none to take. */
static bool
put(json_t *o, const char *key, json_t *v)
{
	return json_object_set_new(o, key, v) == 0;
}

static bool
put_count(json_t *o, const char *key, uint64_t n)
{
	return put(o, key, json_integer((json_int_t)n));
}

static bool
put_text(json_t *o, const char *key, struct rd s)
{
	return s.n == 0 ||
	    put(o, key, json_stringn((const char *)s.p, s.n));
}

static bool
put_day(json_t *o, const char *key, int32_t day)
{
	char text[DAY_CHARS];

	return day < 0 || put(o, key, json_string(day_text(text, day)));
}

static json_t *
json_questions(const struct answer *a)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < a->nquestions; i++)
		if (json_array_append_new(list, json_stringn(
		    (const char *)a->question[i].p, a->question[i].n)) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
json_lodged(const struct answer *a, enum lodged l)
{
	json_t *o = json_object();

	if (put_day(o, "by", close_day(a->close)) &&
	    put_count(o, "index", a->leaf) &&
	    put_count(o, "parts", a->nleaves) &&
	    put(o, "proof", json_string(lodged_word(l))))
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
json_answer(const struct answer *a, enum lodged l)
{
	json_t *o = json_object();

	if (put(o, "kind", json_string(a->kind == ANSWER_ACKNOWLEDGEMENT ?
	    "acknowledgement" : "answer")) &&
	    put_text(o, "case", a->ref) && put_day(o, "date", a->date) &&
	    put_text(o, "text", a->text) &&
	    put(o, "questions", json_questions(a)) &&
	    put_text(o, "status", a->status) &&
	    put_day(o, "next", a->next) &&
	    (l == LODGED_NOT_SAID || put(o, "lodged", json_lodged(a, l))))
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
json_all(const struct show *s)
{
	const struct mailbox *m = s->mailbox;
	json_t *o = json_object(), *list = json_array();
	bool ok = list != NULL;
	size_t i;

	for (i = 0; i < m->n && ok; i++)
		ok = json_array_append_new(list, json_answer(&m->answer[i],
		    s->lodged[i])) == 0;
	if (ok && put(o, "office", json_string(s->office->name)) &&
	    put(o, "role", json_string(role_name(s->role))) &&
	    json_object_set(o, "answers", list) == 0 &&
	    put_count(o, "replies", s->letters->nreplies) &&
	    put_count(o, "withheld", s->letters->withheld) &&
	    put_count(o, "incomplete", m->incomplete) &&
	    put_count(o, "refused", m->foreign + m->unread)) {
		json_decref(list);
		return o;
	}
	json_decref(list);
	json_decref(o);
	return NULL;
}

/* see show.h */
int
show_json(const struct show *s)
{
	json_t *o = json_all(s);
	int r = -1;

	screen_open();
	if (o != NULL)
		r = json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(o);
	putchar('\n');
	screen_close();
	return r == 0 ? 0 : fail(EXIT_SYSTEM, "the answer could not be "
	    "written");
}
