/* SPDX-License-Identifier: ISC */
/*
 * cmd_reply.c - `ecrdesk reply CASE`: words to a reporter, queued for the
 * next export.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/answer.h"
#include "client/desk/cmd.h"
#include "client/desk/lookup.h"
#include "client/desk/print.h"
#include "client/desk/textin.h"
#include "crypto/base.h"

#define QUESTIONS_MAX	32

struct words {
	unsigned char *text;		/* owned */
	size_t n;
	const char *status;		/* NULL: not said */
	const char *next;
};

/* --- what was typed ---------------------------------------------------- */

static int
check_line(const struct opts *o, const char *name, const char *s)
{
	int r = s == NULL ? 0 : textin_line(s);

	if (r == 0)
		return 0;
	if (r == ERR_LIMIT)
		return opts_wrong(o, "--%s takes at most %d bytes", name,
		    TEXTIN_LINE_MAX);
	if (r == ERR_NOTFOUND)
		return opts_wrong(o, "--%s is empty", name);
	return opts_wrong(o, "--%s is one line of UTF-8 text", name);
}

static int
check_next(const struct opts *o, const char *s)
{
	int32_t day;

	if (s == NULL)
		return 0;
	if (!day_parse(&day, rd_str(s)))
		return opts_wrong(o, "--next is a date, YYYY-MM-DD");
	if (day < desk_today())
		return opts_wrong(o, "--next %s has passed", s);
	return 0;
}

/* Everything but the text itself: before the passphrase is asked for. */
static int
check_options(const struct opts *o)
{
	const char *file = opts_get(o, "file"), *q;
	const char *pass = opts_get(o, "passphrase-file");
	size_t i;
	int code;

	for (i = 0; (q = opts_nth(o, "question", i)) != NULL; i++) {
		if (i == QUESTIONS_MAX)
			return opts_wrong(o, "at most %d questions",
			    QUESTIONS_MAX);
		if ((code = check_line(o, "question", q)) != 0)
			return code;
	}
	if (file != NULL && pass != NULL && strcmp(file, "-") == 0 &&
	    strcmp(pass, "-") == 0)
		return opts_wrong(o, "passphrase and text cannot both come "
		    "from standard input");
	if ((code = check_line(o, "status", opts_get(o, "status"))) != 0)
		return code;
	return check_next(o, opts_get(o, "next"));
}

/* --- the answer -------------------------------------------------------- */

static bool
set(json_t *o, const char *key, json_t *v)
{
	return json_object_set_new(o, key, v) == 0;
}

static bool
set_questions(const struct opts *opt, json_t *o)
{
	json_t *list;
	const char *q;
	size_t i;

	if (opts_nth(opt, "question", 0) == NULL)
		return true;
	if (!set(o, "questions", json_array()))
		return false;
	list = json_object_get(o, "questions");
	for (i = 0; (q = opts_nth(opt, "question", i)) != NULL; i++)
		if (json_array_append_new(list, json_string(q)) != 0)
			return false;
	return true;
}

static json_t *
compose(const struct opts *opt, const struct words *w,
    const struct caserec *c, const struct group *g)
{
	char date[DATE_CHARS], hex[2 * HASH_BYTES + 1];
	struct wr d = wr_from(date, sizeof(date));
	json_t *o = json_object();

	day_write(&d, desk_today());
	hex_encode(hex, g->sha256, HASH_BYTES);
	hex[2 * HASH_BYTES] = '\0';
	if (wr_cstr(&d) && set(o, "v", json_integer(1)) &&
	    set(o, "kind", json_string("answer")) &&
	    set(o, "case", json_string(c->ref)) &&
	    set(o, "date", json_string(date)) &&
	    set(o, "text", json_stringn((const char *)w->text, w->n)) &&
	    set_questions(opt, o) && (w->status == NULL ||
	    set(o, "status", json_string(w->status))) && (w->next == NULL ||
	    set(o, "next", json_string(w->next))) &&
	    set(o, "message", json_string(hex)))
		return o;
	json_decref(o);
	return NULL;
}

/* In a writing transaction: the newest message of the case is answered. */
static int
queue(struct desk *d, const struct opts *o, const struct words *w,
    const struct answer_voice *v, uint64_t case_no, const struct caserec *c)
{
	struct age_recipient to;
	struct caseentry e;
	struct group g;
	json_t *j = NULL;
	uint64_t no;
	int r;

	if ((r = store_get_entry(d->db, case_no, c->messages, &e)) != 0 ||
	    (r = store_get_group(d->db, e.group_no, &g)) != 0 ||
	    (r = answer_mailbox(d->db, case_no, &to)) != 0)
		goto out;
	r = ERR_NOMEM;
	if ((j = compose(o, w, c, &g)) == NULL)
		goto out;
	if ((r = answer_add(d->db, case_no, c->messages, desk_today(), j, &to,
	    v, &no)) == 0)
		r = deskdb_commit(d->db);
out:
	json_decref(j);
	if (r == ERR_LIMIT)
		return fail(EXIT_DATA, "the answer is too long; send it in "
		    "two");
	if (r != 0)
		return fail(exit_for(r), "the answer was not queued: %s",
		    err_str(r));
	return 0;
}

/* The case must be there, and answerable, before anybody writes a word. */
static int
look(struct desk *d, const char *typed, uint64_t *no, struct caserec *c)
{
	struct age_recipient to;
	int code, r;

	if (deskdb_begin(d->db, false) != 0)
		return fail(EXIT_SYSTEM, "the case store cannot be read");
	if ((code = lookup_case(d, typed, no, c)) == 0 &&
	    (r = answer_mailbox(d->db, *no, &to)) != 0)
		code = r == ERR_FORMAT ? fail(EXIT_DATA, "%s cannot be "
		    "answered: the mailbox that it names is no usable key",
		    c->ref) : fail(exit_for(r), "the case store: %s",
		    err_str(r));
	deskdb_abort(d->db);
	return code;
}

static int
tell(const struct opts *o, const struct caserec *c)
{
	if (opts_on(o, "json"))
		return print_json(json_pack("{s:s,s:s}", "case", c->ref,
		    "state", "queued"));
	say("the answer to %s waits for the next export", c->ref);
	return 0;
}

/* see cmd.h */
int
cmd_reply(const struct opts *o)
{
	struct words w = { NULL, 0, opts_get(o, "status"),
	    opts_get(o, "next") };
	struct answer_voice v;
	struct desk *d = NULL;
	struct caserec c;
	uint64_t no;
	int code;

	memset(&v, 0, sizeof(v));
	if ((code = check_options(o)) != 0)
		return code;
	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if ((code = look(d, o->argv[0], &no, &c)) != 0 ||
	    (code = textin_read(&w.text, &w.n, opts_get(o, "file"))) != 0 ||
	    (code = answer_speak(&v, d)) != 0)
		goto out;
	if (deskdb_begin(d->db, true) != 0)
		code = fail(EXIT_SYSTEM, "the case store cannot be written");
	else if ((code = queue(d, o, &w, &v, no, &c)) == 0)
		code = tell(o, &c);
out:
	file_free(w.text, w.text == NULL ? 0 : w.n);
	answer_hush(&v);
	desk_close(d);
	return code;
}
