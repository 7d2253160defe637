/* SPDX-License-Identifier: ISC */
/*
 * cmd_import.c - `ecrdesk import MIRROR`: the work, and what to tell.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/filing.h"
#include "client/desk/import.h"
#include "client/desk/outstore.h"
#include "client/desk/print.h"
#include "crypto/base.h"

#define PREFIX_BYTES	8	/* of a digest, where people read it */

/* What is told: collected under one reading of the store. */
struct told {
	json_t *cases, *problems, *incomplete, *orphans;
	struct outstate out;
};

static void
told_init(struct told *t)
{
	t->cases = json_array();
	t->problems = json_array();
	t->incomplete = json_array();
	t->orphans = json_array();
}

static void
told_wipe(struct told *t)
{
	json_decref(t->cases);
	json_decref(t->problems);
	json_decref(t->incomplete);
	json_decref(t->orphans);
}

static json_t *
hex_of(const unsigned char digest[static HASH_BYTES])
{
	char hex[2 * HASH_BYTES + 1];

	hex_encode(hex, digest, HASH_BYTES);
	hex[2 * HASH_BYTES] = '\0';
	return json_string(hex);
}

static int
collect_cases(struct deskdb *db, const struct state *st, struct told *t)
{
	struct caserec c;
	uint64_t no;
	int r;

	for (no = st->cases_told + 1; no <= st->cases; no++) {
		r = store_get_case(db, no, &c);
		if (r == ERR_NOTFOUND)
			continue;		/* erased before it was told */
		if (r != 0)
			return r;
		if (json_array_append_new(t->cases, json_string(c.ref)) != 0)
			return ERR_NOMEM;
	}
	return 0;
}

/* What the digest is of. */
static const char *
problem_kind(enum problem_why why)
{
	return why == WHY_STATEMENT || why == WHY_REPLIES ? "statement" :
	    "parcel";
}

static int
collect_problems(struct deskdb *db, const struct state *st, struct told *t)
{
	struct problem p;
	uint64_t n;
	int r;

	for (n = 1; n <= st->problems && n <= PROBLEMS_MAX; n++) {
		if ((r = store_get_problem(db, n, &p)) != 0)
			return r;
		if (json_array_append_new(t->problems, json_pack("{s:o,s:s}",
		    problem_kind(p.why), hex_of(p.digest), "why",
		    problem_words(p.why))) != 0)
			return ERR_NOMEM;
	}
	return 0;
}

/* Messages that wait for parts, and follow-ups that wait for their report. */
static int
collect_open(struct deskdb *db, const struct state *st, struct told *t)
{
	uint64_t no = 0;
	struct group g;
	json_t *to;
	int r;

	while ((r = filing_next_open(db, st, &no, &g)) == 0) {
		to = g.state == GROUP_ORPHAN ? t->orphans : t->incomplete;
		if (json_array_append_new(to, json_pack("{s:o,s:i,s:i}",
		    "parcel", hex_of(g.digest), "have", (int)g.have, "parts",
		    (int)g.count)) != 0)
			return ERR_NOMEM;
	}
	return r == ERR_NOTFOUND ? 0 : r;
}

static int
collect(struct desk *d, const struct state *st, struct told *t)
{
	int r;

	told_init(t);
	if ((r = deskdb_begin(d->db, false)) == 0 &&
	    (r = outstore_get_state(d->db, &t->out)) == 0 &&
	    (r = collect_cases(d->db, st, t)) == 0 &&
	    (r = collect_problems(d->db, st, t)) == 0)
		r = collect_open(d->db, st, t);
	deskdb_abort(d->db);
	if (r != 0)
		return fail(exit_for(r), "the case store: %s", err_str(r));
	return 0;
}

/* What went wrong with more of them than are kept by name. */
static unsigned long long
problems_more(const struct state *st)
{
	return st->problems > PROBLEMS_MAX ? st->problems - PROBLEMS_MAX : 0;
}

/* --- for programs ------------------------------------------------------- */

static int
tell_json(const struct state *st, const struct told *t)
{
	const struct outtally *u = &t->out.since;
	const struct tally *n = &st->since;
	json_t *o;

	o = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,"
	    "s:O,s:I,s:O,s:O,s:O,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
	    "new_entries", (json_int_t)n->entries,
	    "new_parcels", (json_int_t)n->parcels,
	    "opened", (json_int_t)n->opened,
	    "unopened", (json_int_t)n->unopened,
	    "repeated", (json_int_t)n->repeated,
	    "malformed", (json_int_t)n->malformed,
	    "hostile", (json_int_t)n->hostile,
	    "sealed_to_others", (json_int_t)n->odd,
	    "new_cases", (json_int_t)n->cases,
	    "new_follow_ups", (json_int_t)n->followups,
	    "cases", t->cases, "problems_not_named",
	    (json_int_t)problems_more(st), "problems", t->problems,
	    "incomplete", t->incomplete, "orphans", t->orphans,
	    "acknowledgements", (json_int_t)u->acks,
	    "statements_logged", (json_int_t)u->own,
	    "statements_of_other_roles", (json_int_t)u->others,
	    "replies_logged", (json_int_t)u->replies,
	    "erased", (json_int_t)u->erased,
	    "erased_before", (json_int_t)u->before,
	    "foreign_statement", (json_int_t)t->out.foreign);
	return print_json(o);
}

/* --- for people --------------------------------------------------------- */

/* The start of a digest is enough to find the file. */
static void
tell_digest(const json_t *v)
{
	const json_t *parcel = json_object_get(v, "parcel");

	printf("  %s %.*s: ", parcel != NULL ? "parcel" : "statement",
	    2 * PREFIX_BYTES, json_string_value(parcel != NULL ? parcel :
	    json_object_get(v, "statement")));
}

static void
tell_list(const json_t *list, const char *title)
{
	const json_t *v, *why;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	printf("%s\n", title);
	for (i = 0; i < json_array_size(list); i++) {
		v = json_array_get(list, i);
		tell_digest(v);
		if ((why = json_object_get(v, "why")) != NULL)
			printf("%s\n", json_string_value(why));
		else
			printf("%lld of %lld parts are here\n",
			    (long long)json_integer_value(
			    json_object_get(v, "have")),
			    (long long)json_integer_value(
			    json_object_get(v, "parts")));
	}
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* What has come of this desk's own words. */
static void
tell_out(const struct outstate *o)
{
	const struct outtally *u = &o->since;

	if (u->acks > 0)
		printf("%llu acknowledgement%s written, to go out with the "
		    "next export\n", (unsigned long long)u->acks,
		    u->acks == 1 ? " was" : "s were");
	if (u->own > 0)
		printf("%llu statement%s of this desk %s in the log now\n",
		    (unsigned long long)u->own, plural(u->own),
		    u->own == 1 ? "is" : "are");
	if (u->others > 0)
		printf("%llu statement%s of other roles\n",
		    (unsigned long long)u->others, plural(u->others));
	if (u->erased > 0)
		printf("%llu parcel%s that this role had erased\n",
		    (unsigned long long)u->erased, plural(u->erased));
	if (u->before > 0)
		printf("%llu parcel%s erased before this desk saw %s, as the "
		    "other roles' statements say\n",
		    (unsigned long long)u->before, plural(u->before),
		    u->before == 1 ? "it" : "them");
}

/* It stops every export, and the officer must know why at once. */
static void
warn_foreign(const struct outstate *o)
{
	if (o->foreign > 0)
		warn("the log holds statement %llu of this role, and this "
		    "desk did not make it: the desk was restored from an "
		    "older backup, or somebody else has its signing key. No "
		    "export is made; see `ecrdesk recover`",
		    (unsigned long long)o->foreign);
}

static void
tell_people(const struct state *st, const struct told *t)
{
	const struct tally *n = &st->since;
	size_t i;

	printf("%llu new case%s, %llu new follow-up%s\n",
	    (unsigned long long)n->cases, plural(n->cases),
	    (unsigned long long)n->followups, plural(n->followups));
	for (i = 0; i < json_array_size(t->cases); i++)
		printf("  %s\n", json_string_value(
		    json_array_get(t->cases, i)));
	printf("%llu new parcel%s: %llu opened, %llu not for this desk, "
	    "%llu repeated, %llu malformed, %llu hostile\n",
	    (unsigned long long)n->parcels, plural(n->parcels),
	    (unsigned long long)n->opened, (unsigned long long)n->unopened,
	    (unsigned long long)n->repeated,
	    (unsigned long long)n->malformed,
	    (unsigned long long)n->hostile);
	tell_out(&t->out);
	tell_list(t->problems, "what is wrong:");
	if (problems_more(st) > 0)
		printf("  and %llu more\n", problems_more(st));
	tell_list(t->incomplete, "incomplete messages:");
	tell_list(t->orphans, "follow-ups to no case of this desk:");
}

/* see cmd.h */
int
cmd_import(const struct opts *o)
{
	struct told t = { .cases = NULL };
	struct desk *d = NULL;
	struct state st;
	int code;

	memset(&st, 0, sizeof(st));
	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	code = opts_on(o, "unwitnessed") ?
	    import_unwitnessed(d, o->argv[0], &st) :
	    import_mirror(d, o->argv[0], &st);
	if (code != 0 || (code = collect(d, &st, &t)) != 0)
		goto out;
	warn_foreign(&t.out);
	if (opts_on(o, "json"))
		code = tell_json(&st, &t);
	else if (!opts_on(o, "quiet"))
		tell_people(&st, &t);
	/* Only when it has been said is it not said again. */
	if (code == 0 && fflush(stdout) == 0)
		code = import_told(d, &st);
out:
	told_wipe(&t);
	desk_close(d);
	return code;
}
