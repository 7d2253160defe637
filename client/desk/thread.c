/* SPDX-License-Identifier: ISC */
/*
 * thread.c - the office's side of a case's conversation.
 */
#include <stdio.h>
#include <string.h>

#include "client/common/say.h"
#include "client/desk/answer.h"
#include "client/desk/print.h"
#include "client/desk/thread.h"
#include "client/desk/wrap.h"

/* see thread.h */
int
thread_logged(struct deskdb *db, const struct answer *a, bool *logged)
{
	struct stmt s;
	int r;

	*logged = false;
	if (a->state != ANSWER_STATED)
		return 0;
	if ((r = outstore_get_stmt(db, a->sequence, &s)) == 0)
		*logged = s.state != STMT_MADE;
	return r;
}

/* The n-th answer of a case, and where it stands. */
static int
nth(struct deskdb *db, uint64_t case_no, uint64_t n, uint64_t *no,
    struct answer *a, bool *logged)
{
	int r;

	if ((r = outstore_case_answer(db, case_no, n, no)) != 0 ||
	    (r = outstore_get_answer(db, *no, a)) != 0)
		return r;
	return thread_logged(db, a, logged);
}

/* see thread.h */
int
thread_count(struct deskdb *db, uint64_t case_no, struct thread_count *c)
{
	struct answer a;
	uint64_t i, n, no;
	bool logged;
	int r;

	memset(c, 0, sizeof(*c));
	if ((r = outstore_case_answers(db, case_no, &n)) != 0)
		return r;
	for (i = 1; i <= n; i++) {
		if ((r = nth(db, case_no, i, &no, &a, &logged)) != 0)
			return r;
		c->answers++;
		if (!logged)
			c->waiting++;
		if (a.kind == ANSWER_ANSWER && a.state == ANSWER_STATED)
			c->answered = true;
	}
	return 0;
}

/* --- showing ----------------------------------------------------------- */

static struct rd
text_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_string(v))
		return rd_from("", 0);
	return rd_from(json_string_value(v), json_string_length(v));
}

static void
print_field(const json_t *o, const char *key, const char *label)
{
	const struct rd text = text_of(o, key);

	if (text.n == 0)
		return;
	printf("%s: ", label);
	say_clean(stdout, text, false);
	putchar('\n');
}

static void
print_questions(const json_t *o)
{
	const json_t *list = json_object_get(o, "questions");
	const json_t *q;
	size_t i;

	if (json_array_size(list) > 0)
		printf("questions:\n");
	for (i = 0; i < json_array_size(list); i++) {
		q = json_array_get(list, i);
		printf("  %zu. ", i + 1);
		say_clean(stdout, rd_from(json_string_value(q),
		    json_string_length(q)), false);
		putchar('\n');
	}
}

static void
print_answer(const struct answer *a, const char *state, const json_t *o)
{
	char date[DATE_CHARS];

	print_day(date, a->day);
	printf("\n=== %s to message %u", answer_kind_name(a->kind),
	    (unsigned)a->entry);
	if (a->day > 0)
		printf(", %s", date);
	printf(": %s ===\n", state);
	if (o == NULL)
		return;
	wrap_print(stdout, text_of(o, "text"), "    ", wrap_width(stdout));
	print_questions(o);
	print_field(o, "status", "status");
	print_field(o, "next", "next");
}

static int
add_row(const struct answer *a, const char *state, json_t *o, json_t *rows)
{
	json_t *row = json_pack("{s:s,s:i,s:s,s:I}", "kind",
	    answer_kind_name(a->kind), "to_message", (int)a->entry, "state",
	    state, "statement", (json_int_t)a->sequence);

	if (row != NULL && o != NULL &&
	    json_object_set(row, "reply", o) != 0) {
		json_decref(row);
		row = NULL;
	}
	return json_array_append_new(rows, row) == 0 ? 0 : ERR_NOMEM;
}

static int
show_one(struct desk *d, uint64_t no, const struct answer *a, bool logged,
    json_t *rows)
{
	struct answer_note n;
	json_t *o = NULL;
	int r = 0;

	memset(&n, 0, sizeof(n));
	if (a->bytes > 0) {
		if ((r = answer_load(d->db, no, a, &n)) != 0)
			goto out;
		o = json_loadb((const char *)n.json.p, n.json.n, 0, NULL);
	}
	if (rows != NULL)
		r = add_row(a, logged ? "logged" :
		    answer_state_name(a->state), o, rows);
	else
		print_answer(a, logged ? "delivered to the server" :
		    answer_state_words(a->state), o);
out:
	json_decref(o);
	answer_note_wipe(&n);
	return r;
}

/* see thread.h */
int
thread_show(struct desk *d, uint64_t case_no, json_t *rows)
{
	struct answer a;
	uint64_t i, n, no;
	bool logged;
	int r;

	r = outstore_case_answers(d->db, case_no, &n);
	for (i = 1; r == 0 && i <= n; i++)
		if ((r = nth(d->db, case_no, i, &no, &a, &logged)) == 0)
			r = show_one(d, no, &a, logged, rows);
	return r == 0 ? 0 : fail(exit_for(r), "the case store: %s",
	    err_str(r));
}
