/* SPDX-License-Identifier: ISC */
/*
 * cmd_erase.c - `ecrdesk erase`: let the server erase what this desk has
 * imported, or remove a case from this desk.
 *
 * What would be done is shown first, and nothing is done without a yes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/confirm.h"
#include "client/desk/desk.h"
#include "client/desk/desklog.h"
#include "client/desk/dispose.h"
#include "client/desk/erase.h"
#include "client/desk/lookup.h"
#include "client/desk/print.h"

#define SECONDS_A_DAY	86400

static int
store_failed(int r)
{
	return fail(exit_for(r), "the case store: %s", r == ERR_IO ?
	    strerror(errno) : err_str(r));
}

/* --- at the server -------------------------------------------------------- */

/* What is asked for; -1 and NULL where it is not. */
struct asked {
	const char *below;
	int32_t closed, replies;	/* before these days */
};

struct plan {
	struct erase_wish now, then;
	struct erase_limit limit;
};

static bool
read_day(const struct opts *o, const char *name, int32_t *day)
{
	const char *s = opts_get(o, name);

	*day = -1;
	return s == NULL || day_parse(day, rd_str(s));
}

/* The retention rule, by the earlier of two clocks. */
static int
read_rule(struct desk *d, struct asked *a)
{
	int32_t day = desk_today(), log_day;
	struct state st;
	int r;

	if ((r = store_get_state(d->db, &st)) != 0)
		return r;
	if ((log_day = desk_day(st.last_close)) < day)
		day = log_day;
	a->closed = day > ERASE_PARCEL_DAYS ? day - ERASE_PARCEL_DAYS : 0;
	a->replies = day > ERASE_REPLY_DAYS ? day - ERASE_REPLY_DAYS : 0;
	return 0;
}

/* A date never takes back; a number may. */
static int
make_plan(struct desk *d, const struct asked *a, struct plan *p, bool *bad)
{
	uint64_t v = 0;
	int r;

	*bad = false;
	if ((r = erase_get(d->db, &p->now)) != 0 ||
	    (r = erase_limits(d->db, &p->limit)) != 0)
		return r;
	p->then = p->now;
	if (a->below != NULL) {
		*bad = !rd_dec(rd_str(a->below), TREE_SIZE_MAX, &v) ||
		    v > p->limit.below;
		p->then.below = v;
	}
	if (a->closed >= 0) {
		if ((r = erase_closed_before(d->db, a->closed, &v)) != 0)
			return r;
		if (v > p->then.below)
			p->then.below = v;
	}
	if (a->replies >= 0) {
		if ((r = erase_logged_before(d->db, a->replies, &v)) != 0)
			return r;
		if (v > p->then.drop)
			p->then.drop = v;
	}
	return 0;
}

static void
show_plan(const struct plan *p)
{
	printf("parcels at the server: those below leaf %llu of the log may "
	    "be erased", (unsigned long long)p->then.below);
	if (p->then.below != p->now.below)
		printf(" (until now: below leaf %llu)",
		    (unsigned long long)p->now.below);
	printf("; at most %llu, what the last statement had imported\n",
	    (unsigned long long)p->limit.below);
	printf("replies at the server: those of statements before number %llu "
	    "may be dropped", (unsigned long long)p->then.drop);
	if (p->then.drop != p->now.drop)
		printf(" (until now: before %llu)",
		    (unsigned long long)p->now.drop);
	printf("\nThe next export says so; the server erases 14 days after "
	    "that is in the log, and parcels only where every role's desk "
	    "says so. The log keeps their entries, and this desk its cases.\n");
}

static int
show_plan_json(const struct plan *p, bool done)
{
	return print_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:b}",
	    "erase_below", (json_int_t)p->then.below,
	    "erase_below_before", (json_int_t)p->now.below,
	    "erase_below_most", (json_int_t)p->limit.below,
	    "drop_below", (json_int_t)p->then.drop,
	    "drop_below_before", (json_int_t)p->now.drop,
	    "recorded", done));
}

static int
record(struct desk *d, const struct plan *p, const char *reason)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	int r;

	deskact_put_number(&w, p->then.below);
	deskact_put_number(&w, p->then.drop);
	deskact_put_str(&w, reason);
	if ((r = deskdb_begin(d->db, true)) == 0 &&
	    (r = erase_put(d->db, &p->then)) == 0 &&
	    (r = desklog_add(d->db, DESKACT_ERASE, wr_rd(&w))) == 0)
		r = deskdb_commit(d->db);
	deskdb_abort(d->db);
	return r == 0 ? 0 : store_failed(r);
}

static int
read_asked(struct desk *d, const struct opts *o, struct asked *a,
    struct plan *p)
{
	bool bad;
	int r;

	if (!read_day(o, "closed-before", &a->closed) ||
	    !read_day(o, "replies-before", &a->replies))
		return opts_wrong(o, "a date is YYYY-MM-DD");
	a->below = opts_get(o, "below");
	if ((r = deskdb_begin(d->db, false)) == 0 &&
	    opts_on(o, "retention"))
		r = read_rule(d, a);
	if (r == 0)
		r = make_plan(d, a, p, &bad);
	deskdb_abort(d->db);
	if (r != 0)
		return store_failed(r);
	if (bad)
		return fail(EXIT_USAGE, "--below takes a leaf of the log up "
		    "to %llu: what the last statement of this desk had "
		    "imported", (unsigned long long)p->limit.below);
	return 0;
}

static int
erase_server(struct desk *d, const struct opts *o, const char *reason)
{
	const bool json = opts_on(o, "json");
	struct asked a;
	struct plan p;
	int code;

	if ((code = read_asked(d, o, &a, &p)) != 0)
		return code;
	if (!json)
		show_plan(&p);
	if (p.then.below == p.now.below && p.then.drop == p.now.drop) {
		say("nothing changes");
		return json ? show_plan_json(&p, false) : 0;
	}
	(void)fflush(stdout);		/* main() asks about it at the end */
	if ((code = confirm_word(opts_on(o, "yes"), "erase")) != 0 ||
	    (code = record(d, &p, reason)) != 0)
		return code;
	return json ? show_plan_json(&p, true) : 0;
}

/* --- at the desk ---------------------------------------------------------- */

static int
remove_case(struct desk *d, uint64_t no, const struct caserec *c,
    const char *reason)
{
	int r;

	if ((r = deskdb_begin(d->db, true)) == 0 &&
	    (r = dispose_case(d->db, no, c, reason)) == 0)
		r = deskdb_commit(d->db);
	deskdb_abort(d->db);
	if (r != 0)
		return store_failed(r);
	if ((r = dispose_finish(d->db)) != 0)
		return fail(exit_for(r), "%s is gone from the records, but "
		    "its bytes still lie in the store's file: %s. Make room; "
		    "the next command ends it", c->ref, r == ERR_IO ?
		    strerror(errno) : err_str(r));
	say("%s is erased at this desk; the desk log keeps that, and why",
	    c->ref);
	return 0;
}

static int
erase_case(struct desk *d, const struct opts *o, const char *reason)
{
	struct caserec c;
	uint64_t no;
	int code;

	if (deskdb_begin(d->db, false) != 0)
		return fail(EXIT_SYSTEM, "the case store cannot be read");
	code = lookup_case(d, o->argv[0], &no, &c);
	deskdb_abort(d->db);
	if (code != 0)
		return code;
	say("%s: %u message%s, %u attachment%s, and every answer: gone from "
	    "this desk, for ever", c.ref, (unsigned)c.messages,
	    c.messages == 1 ? "" : "s", (unsigned)c.attachments,
	    c.attachments == 1 ? "" : "s");
	if ((code = confirm_word(opts_on(o, "yes"), c.ref)) != 0)
		return code;
	return remove_case(d, no, &c, reason);
}

static int
compact(struct desk *d)
{
	int r = dispose_finish(d->db);

	if (r == 0) {
		say("the store is written anew, without what was removed");
		return 0;
	}
	return store_failed(r);
}

/* --- both ----------------------------------------------------------------- */

static bool
asks_server(const struct opts *o)
{
	return opts_on(o, "below") || opts_on(o, "closed-before") ||
	    opts_on(o, "replies-before") || opts_on(o, "retention");
}

/* see cmd.h */
int
cmd_erase(const struct opts *o)
{
	const char *reason = opts_get(o, "reason");
	const bool server = asks_server(o), tidy = opts_on(o, "compact");
	struct desk *d = NULL;
	int code;

	if (o->argc > 1 || (o->argc == 1) + server + tidy != 1)
		return opts_wrong(o, "erase takes a CASE, or --below, "
		    "--closed-before, --replies-before or --retention");
	if (!tidy && (reason == NULL || reason[0] == '\0'))
		return opts_wrong(o, "erase needs --reason TEXT");
	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if (tidy)
		code = compact(d);
	else
		code = server ? erase_server(d, o, reason) :
		    erase_case(d, o, reason);
	desk_close(d);
	return code;
}
