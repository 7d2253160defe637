/* SPDX-License-Identifier: ISC */
/*
 * cmd_export.c - `ecrdesk export OUTBOX`, and `ecrdesk outgoing`: what waits
 * and how far it has come.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/common/say.h"
#include "client/desk/answer.h"
#include "client/desk/cmd.h"
#include "client/desk/print.h"
#include "client/desk/statements.h"
#include "client/desk/thread.h"

/* --- export ------------------------------------------------------------ */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static int
tell_export(const struct opts *o, const struct statements_made *made,
    uint64_t n, uint64_t bytes)
{
	if (strcmp(o->argv[0], "-") == 0)
		return 0;		/* the outbox itself went there */
	if (opts_on(o, "json"))
		return print_json(json_pack("{s:I,s:I,s:I,s:I}",
		    "new_statements", (json_int_t)made->statements,
		    "answers", (json_int_t)made->answers,
		    "statements", (json_int_t)n,
		    "bytes", (json_int_t)bytes));
	if (opts_on(o, "quiet"))
		return 0;
	printf("%llu new statement%s with %llu answer%s\n",
	    (unsigned long long)made->statements, plural(made->statements),
	    (unsigned long long)made->answers, plural(made->answers));
	printf("%s holds %llu statement%s, %llu bytes: ecrcourier post\n",
	    o->argv[0], (unsigned long long)n, plural(n),
	    (unsigned long long)bytes);
	return 0;
}

/* see cmd.h */
int
cmd_export(const struct opts *o)
{
	struct statements_made made;
	struct desk *d = NULL;
	uint64_t n = 0, bytes = 0;
	int code;

	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if ((code = statements_make(d, &made)) == 0 &&
	    (code = statements_write(d, o->argv[0], &n, &bytes)) == 0)
		code = tell_export(o, &made, n, bytes);
	desk_close(d);
	return code;
}

/* --- what waits -------------------------------------------------------- */

static json_t *
answer_json(const char *ref, const struct answer *a, const char *state)
{
	char date[DATE_CHARS] = "";

	if (a->day > 0)
		print_day(date, a->day);
	return json_pack("{s:s,s:s,s:s,s:s,s:I}", "case", ref, "kind",
	    answer_kind_name(a->kind), "date", date, "state", state,
	    "statement", (json_int_t)a->sequence);
}

static int
add_row(struct desk *d, const struct answer *a, json_t *rows)
{
	struct caserec c;
	bool logged;
	int r;

	r = store_get_case(d->db, a->case_no, &c);
	if (r == ERR_NOTFOUND)
		return 0;		/* the case was erased */
	if (r != 0 || (r = thread_logged(d->db, a, &logged)) != 0)
		return r;
	if (logged)
		return 0;
	return json_array_append_new(rows, answer_json(c.ref, a,
	    answer_state_name(a->state))) == 0 ? 0 : ERR_NOMEM;
}

/* Answers that the log does not have yet, and the counters. */
static int
collect(struct desk *d, struct outstate *os, json_t *rows)
{
	struct answer a;
	uint64_t no;
	int r;

	if ((r = outstore_get_state(d->db, os)) != 0)
		return r;
	for (no = 1; no <= os->answers; no++)
		if ((r = outstore_get_answer(d->db, no, &a)) != 0 ||
		    (r = add_row(d, &a, rows)) != 0)
			return r;
	return 0;
}

static void
print_row(const json_t *row)
{
	printf("%-14s %-16s %-11s %s\n",
	    json_string_value(json_object_get(row, "case")),
	    json_string_value(json_object_get(row, "kind")),
	    json_string_value(json_object_get(row, "date")),
	    json_string_value(json_object_get(row, "state")));
}

static int
tell_outgoing(const struct opts *o, const struct outstate *os, json_t *rows)
{
	size_t i;

	if (opts_on(o, "json"))
		return print_json(json_pack("{s:O,s:I,s:I,s:I}", "answers",
		    rows, "last_statement", (json_int_t)os->sequence,
		    "logged_through", (json_int_t)os->logged,
		    "foreign_statement", (json_int_t)os->foreign));
	printf("%-14s %-16s %-11s %s\n", "case", "kind", "date", "state");
	for (i = 0; i < json_array_size(rows); i++)
		print_row(json_array_get(rows, i));
	printf("statements: %llu made, all up to %llu in the log\n",
	    (unsigned long long)os->sequence, (unsigned long long)os->logged);
	if (os->foreign > 0)
		warn("the log holds statement %llu of this role, which this "
		    "desk did not make; export refuses",
		    (unsigned long long)os->foreign);
	return 0;
}

/* see cmd.h */
int
cmd_outgoing(const struct opts *o)
{
	struct desk *d = NULL;
	struct outstate os;
	json_t *rows;
	int code, r;

	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	rows = json_array();
	if ((r = deskdb_begin(d->db, false)) == 0)
		r = collect(d, &os, rows);
	deskdb_abort(d->db);
	code = r == 0 ? tell_outgoing(o, &os, rows) :
	    fail(exit_for(r), "the case store: %s", err_str(r));
	json_decref(rows);
	desk_close(d);
	return code;
}
