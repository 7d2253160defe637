/* SPDX-License-Identifier: ISC */
/*
 * cmd_list.c - `ecrdesk list`: every case, one a line.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/desk.h"
#include "client/desk/print.h"
#include "client/desk/store.h"
#include "client/desk/thread.h"

static json_t *
row_json(const struct caserec *c, const struct thread_count *n)
{
	char date[DATE_CHARS];

	print_date(date, c->from);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:I,"
	    "s:I,s:I,s:b}",
	    "case", c->ref, "kind", c->kind, "submission", c->submission,
	    "category", c->category, "status", c->status, "received", date,
	    "language", c->language, "messages", (int)c->messages,
	    "attachments", (int)c->attachments,
	    "attachment_bytes", (json_int_t)c->attachment_bytes,
	    "answers", (json_int_t)n->answers,
	    "answers_waiting", (json_int_t)n->waiting,
	    "answered", n->answered);
}

static const char *
dash(const char *s)
{
	return s[0] == '\0' ? "-" : s;
}

/* All fields are codes of our own tables by now. */
static void
row_print(const struct caserec *c, const struct thread_count *n)
{
	char date[DATE_CHARS];

	print_date(date, c->from);
	printf("%-14s %-7s %-12s %-21s %-13s %-11s %8u %5u %7llu %7llu  %s\n",
	    c->ref, c->kind, c->submission, dash(c->category), c->status,
	    date, (unsigned)c->messages, (unsigned)c->attachments,
	    (unsigned long long)n->answers, (unsigned long long)n->waiting,
	    n->answered ? "yes" : "no");
}

static int
each_case(struct desk *d, json_t *rows)
{
	struct thread_count n;
	struct state st;
	struct caserec c;
	uint64_t no;
	int r;

	if ((r = store_get_state(d->db, &st)) != 0)
		return r;
	for (no = 1; no <= st.cases; no++) {
		if ((r = store_get_case(d->db, no, &c)) == ERR_NOTFOUND)
			continue;		/* erased */
		if (r != 0 || (r = thread_count(d->db, no, &n)) != 0)
			return r;
		if (rows == NULL)
			row_print(&c, &n);
		else if (json_array_append_new(rows, row_json(&c, &n)) != 0)
			return ERR_NOMEM;
	}
	return 0;
}

/* see cmd.h */
int
cmd_list(const struct opts *o)
{
	struct desk *d = NULL;
	json_t *rows = NULL;
	int code, r;

	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if (opts_on(o, "json"))
		rows = json_array();
	else
		printf("%-14s %-7s %-12s %-21s %-13s %-11s %8s %5s %7s %7s  "
		    "%s\n", "case", "kind", "submission", "category",
		    "status", "received", "messages", "files", "answers",
		    "waiting", "by a person");
	if ((r = deskdb_begin(d->db, false)) == 0)
		r = each_case(d, rows);
	deskdb_abort(d->db);
	if (r != 0)
		code = fail(exit_for(r), "the case store: %s", err_str(r));
	else if (rows != NULL) {
		code = print_json(rows);
		rows = NULL;
	}
	json_decref(rows);
	desk_close(d);
	return code;
}
