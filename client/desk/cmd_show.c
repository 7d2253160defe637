/* SPDX-License-Identifier: ISC */
/*
 * cmd_show.c - `ecrdesk show CASE`: the whole thread of a case.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/common/domain.h"
#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/desklog.h"
#include "client/desk/lookup.h"
#include "client/desk/print.h"
#include "client/desk/report.h"
#include "client/desk/thread.h"
#include "crypto/base.h"

/* --- for programs ------------------------------------------------------- */

/* Which leaves of the log a message came in. */
static json_t *
parts_json(struct desk *d, const struct lookup_message *m)
{
	char hex[2 * HASH_BYTES + 1];
	json_t *list = json_array();
	struct part_rec p;
	uint16_t i;

	for (i = 0; list != NULL && i < m->group.count; i++) {
		if (store_get_part(d->db, m->group_no, i, 0, &p) != 0)
			break;
		hex_encode(hex, p.digest, HASH_BYTES);
		hex[2 * HASH_BYTES] = '\0';
		if (json_array_append_new(list, json_pack("{s:I,s:s,s:I}",
		    "leaf", (json_int_t)p.leaf, "parcel", hex,
		    "epoch_close", (json_int_t)p.close)) != 0)
			break;
	}
	return list;
}

static json_t *
message_json(struct desk *d, const struct lookup_message *m)
{
	char hex[2 * HASH_BYTES + 1], date[DATE_CHARS];

	hex_encode(hex, m->group.sha256, HASH_BYTES);
	hex[2 * HASH_BYTES] = '\0';
	print_date(date, m->group.from);
	return json_pack("{s:s,s:s,s:I,s:s,s:b,s:o,s:O}",
	    "kind", m->entry.followup ? "follow-up" : "report",
	    "received", date, "epoch_close", (json_int_t)m->group.close,
	    "sha256", hex, "sealed_to_others", m->group.odd,
	    "parts", parts_json(d, m), "message", m->joined.json);
}

static json_t *
case_json(const struct caserec *c, json_t *messages, json_t *answers)
{
	char date[DATE_CHARS];

	print_date(date, c->from);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:o,s:o}",
	    "case", c->ref, "kind", c->kind, "submission", c->submission,
	    "category", c->category, "status", c->status, "received", date,
	    "language", c->language, "epoch_start", (json_int_t)c->from,
	    "epoch_close", (json_int_t)c->close, "messages", messages,
	    "answers", answers);
}

/* --- for people --------------------------------------------------------- */

static void
print_label(const char *name, const struct domain_table *t, const char *code)
{
	const struct domain_row *row = domain_find(t, rd_str(code));

	if (code[0] == '\0')
		return;
	if (row == NULL)
		printf("%-11s %s\n", name, code);
	else
		printf("%-11s %s (%s)\n", name, domain_label(row, LANG_EN),
		    code);
}

static void
print_head(const struct caserec *c)
{
	char date[DATE_CHARS];

	print_date(date, c->from);
	printf("%-11s %s\n", "case", c->ref);
	print_label("submission", &domain_submission, c->submission);
	print_label("category", &domain_category, c->category);
	print_label("language", &domain_language, c->language);
	printf("%-11s %s\n", "status", c->status);
	printf("%-11s %s (UTC, the start of its epoch)\n", "received", date);
	printf("%-11s %u\n", "messages", (unsigned)c->messages);
	if (c->attachments > 0)
		printf("%-11s %u, %llu bytes\n", "attachments",
		    (unsigned)c->attachments,
		    (unsigned long long)c->attachment_bytes);
}

static void
print_message(const struct lookup_message *m, uint32_t n, uint32_t of)
{
	char date[DATE_CHARS];

	print_date(date, m->group.from);
	printf("\n=== message %u of %u: %s, received %s, %u part%s ===\n",
	    (unsigned)n, (unsigned)of,
	    m->entry.followup ? "follow-up" : "report", date,
	    (unsigned)m->group.count, m->group.count == 1 ? "" : "s");
	if (m->group.odd)
		printf("note: a part of it was sealed to a key, too, that "
		    "this desk does not know\n");
	report_print(stdout, m->joined.json);
}

/* --- both --------------------------------------------------------------- */

static int
show_messages(struct desk *d, uint64_t no, const struct caserec *c,
    json_t *list)
{
	struct lookup_message m;
	uint32_t n;
	int code = 0;

	for (n = 1; code == 0 && n <= c->messages; n++) {
		code = lookup_message(d, no, n, &m);
		if (code == 0 && list == NULL)
			print_message(&m, n, c->messages);
		else if (code == 0 && json_array_append_new(list,
		    message_json(d, &m)) != 0)
			code = fail(EXIT_SYSTEM, "out of memory");
		joined_wipe(&m.joined);
	}
	return code;
}

/* Finds the case, and writes down that it was opened before it is. */
static int
open_case(struct desk *d, const char *typed, uint64_t *no, struct caserec *c)
{
	int code, r;

	if (deskdb_begin(d->db, false) != 0)
		return fail(EXIT_SYSTEM, "the case store cannot be read");
	code = lookup_case(d, typed, no, c);
	deskdb_abort(d->db);
	if (code == 0 && (r = desklog_record_case(d->db, DESKACT_OPEN, c->ref,
	    false, 0)) != 0)
		code = fail(exit_for(r), "the desk log cannot be written, and "
		    "without it no case is opened: %s", err_str(r));
	if (code == 0 && deskdb_begin(d->db, false) != 0)
		code = fail(EXIT_SYSTEM, "the case store cannot be read");
	return code;
}

static int
show_case(struct desk *d, const char *typed, bool json)
{
	json_t *list, *answers;
	struct caserec c;
	uint64_t no;
	int code;

	if ((code = open_case(d, typed, &no, &c)) != 0)
		return code;
	if (!json) {
		print_head(&c);
		if ((code = show_messages(d, no, &c, NULL)) != 0)
			return code;
		return thread_show(d, no, NULL);
	}
	list = json_array();
	answers = json_array();
	if ((code = show_messages(d, no, &c, list)) != 0 ||
	    (code = thread_show(d, no, answers)) != 0) {
		json_decref(list);
		json_decref(answers);
		return code;
	}
	return print_json(case_json(&c, list, answers));
}

/* see cmd.h */
int
cmd_show(const struct opts *o)
{
	struct desk *d = NULL;
	int code;

	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	code = show_case(d, o->argv[0], opts_on(o, "json"));
	desk_close(d);
	return code;
}
