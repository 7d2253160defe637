/* SPDX-License-Identifier: ISC */
/*
 * filing.c - whole messages become cases, or join one.
 *
 * A follow-up joins a case only where mailbox and author are those of the
 * case and the signature holds; one that fits none is kept, for its report
 * may come later.  Who wrote it is kept beside it: to see that there is still
 * no case takes one look-up, not the whole message.
 *
 * Invariant: a message is filed, and counted, in one transaction with its
 * case; whoever repeats the work after a crash finds it done or undone.
 */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "client/common/say.h"
#include "client/desk/answer.h"
#include "client/desk/desk.h"
#include "client/desk/filing.h"
#include "client/desk/intake.h"
#include "client/desk/joined.h"
#include "client/desk/variants.h"

#define REF_PURPOSE	"ecrdesk/case-reference/v1\n"

struct filing {
	struct deskdb *db;
	const struct deskrec_keys *keys;
	struct state *st;
};

/* The reference follows from the message, so a repeated import gives it
 * again. */
static int
draw_reference(struct filing *f, struct caserec *c, const struct group *g)
{
	unsigned char hash[16];
	crypto_generichash_state h;
	uint64_t taken;
	unsigned char try;
	int r;

	for (try = 0; try < 255; try++) {
		crypto_generichash_init(&h, f->keys->index,
		    sizeof(f->keys->index), sizeof(hash));
		crypto_generichash_update(&h,
		    (const unsigned char *)REF_PURPOSE, strlen(REF_PURPOSE));
		crypto_generichash_update(&h, g->id, sizeof(g->id));
		crypto_generichash_update(&h, g->sha256, sizeof(g->sha256));
		crypto_generichash_update(&h, &try, 1);
		crypto_generichash_final(&h, hash, sizeof(hash));
		case_ref_make(c->ref, desk_day(c->from), hash);
		r = store_find_case(f->db, c->ref, &taken);
		if (r == ERR_NOTFOUND)
			return 0;
		if (r != 0)
			return r;
	}
	return ERR_FULL;
}

static void
copy_code(char out[static CODE_CHARS], const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	snprintf(out, CODE_CHARS, "%s", s == NULL ? "" : s);
}

static void
add_attachments(struct caserec *c, const json_t *o)
{
	const json_t *list = json_object_get(o, "attachments");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		c->attachments++;
		c->attachment_bytes += (uint64_t)json_integer_value(
		    json_object_get(json_array_get(list, i), "bytes"));
	}
}

/* The message becomes number c->messages + 1 of its case. */
static int
add_message(struct filing *f, uint64_t case_no, struct caserec *c,
    uint64_t no, struct group *g, const struct joined *j)
{
	struct caseentry e;
	int r;

	e.group_no = no;
	e.close = g->close;
	e.followup = j->followup;
	add_attachments(c, j->json);
	c->messages++;
	g->state = GROUP_FILED;
	g->case_no = case_no;
	if ((r = store_put_entry(f->db, case_no, c->messages, &e)) != 0 ||
	    (r = store_put_case(f->db, case_no, c)) != 0 ||
	    (r = store_put_group(f->db, no, g)) != 0)
		return r;
	return answer_due(f->db, case_no, c->messages);
}

static int
file_report(struct filing *f, uint64_t no, struct group *g,
    const struct joined *j)
{
	uint64_t case_no, other;
	struct caserec c;
	int r;

	memset(&c, 0, sizeof(c));
	snprintf(c.kind, sizeof(c.kind), "report");
	snprintf(c.status, sizeof(c.status), "received");
	copy_code(c.submission, j->json, "submission");
	copy_code(c.category, j->json, "category");
	copy_code(c.language, j->json, "language");
	c.from = g->from;
	c.close = g->close;
	memcpy(c.mailbox, j->mailbox, sizeof(c.mailbox));
	memcpy(c.author, j->author, sizeof(c.author));
	if ((r = draw_reference(f, &c, g)) != 0)
		return r;
	case_no = ++f->st->cases;
	f->st->since.cases++;
	if ((r = store_put_case_index(f->db, c.ref, case_no)) != 0)
		return r;
	/* Follow-ups go to the first report of a mailbox. */
	r = store_find_mailbox(f->db, c.mailbox, c.author, &other);
	if (r == ERR_NOTFOUND)
		r = store_put_mailbox(f->db, c.mailbox, c.author, case_no);
	return r != 0 ? r : add_message(f, case_no, &c, no, g, j);
}

static int
set_orphan(struct filing *f, uint64_t no, struct group *g,
    const struct joined *j)
{
	struct writer a;
	int r;

	memcpy(a.mailbox, j->mailbox, sizeof(a.mailbox));
	memcpy(a.author, j->author, sizeof(a.author));
	if ((r = store_put_orphan(f->db, no, &a)) != 0)
		return r;
	g->state = GROUP_ORPHAN;
	g->why = WHY_ORPHAN;
	return store_put_group(f->db, no, g);
}

/* An orphan's report may have come; one nobody knows is looked at anew. */
static int
find_report(struct filing *f, uint64_t no, bool *may)
{
	struct writer a;
	uint64_t case_no;
	int r;

	*may = true;
	if ((r = store_get_orphan(f->db, no, &a)) == 0)
		r = store_find_mailbox(f->db, a.mailbox, a.author, &case_no);
	else if (r == ERR_NOTFOUND)
		return 0;
	if (r != ERR_NOTFOUND)
		return r;
	*may = false;
	return 0;
}

static int
file_followup(struct filing *f, uint64_t no, struct group *g,
    const struct joined *j)
{
	struct caserec c;
	uint64_t case_no;
	int r;

	r = store_find_mailbox(f->db, j->mailbox, j->author, &case_no);
	if (r == ERR_NOTFOUND)
		return set_orphan(f, no, g, j);
	if (r != 0 || (r = store_get_case(f->db, case_no, &c)) != 0)
		return r;
	g->why = 0;
	f->st->since.followups++;
	return add_message(f, case_no, &c, no, g, j);
}

static int
set_hostile(struct filing *f, uint64_t no, struct group *g, int why)
{
	int r;

	g->state = GROUP_HOSTILE;
	g->why = (uint8_t)why;
	f->st->since.hostile++;
	if ((r = problem_note(f->db, f->st, (enum problem_why)why,
	    g->digest)) != 0)
		return r;
	return store_put_group(f->db, no, g);
}

/* Is this message whole, and can it be settled now? */
static int
is_ready(struct filing *f, uint64_t no, const struct group *g, bool followups,
    bool *ready)
{
	*ready = g->have == g->count && (g->state == GROUP_OPEN ||
	    (g->state == GROUP_ORPHAN && followups));
	if (!*ready || g->state == GROUP_OPEN)
		return 0;
	return find_report(f, no, ready);
}

/* One message, inside the transaction; *done: something was written. */
static int
file_one(struct filing *f, uint64_t no, bool followups, bool *done)
{
	struct joined j;
	struct group g;
	bool ready;
	int why, r;

	*done = false;
	if ((r = store_get_group(f->db, no, &g)) != 0 ||
	    (r = is_ready(f, no, &g, followups, &ready)) != 0 || !ready)
		return r;
	memset(&j, 0, sizeof(j));
	if (g.variants > 0 && (r = variants_settle(f->db, no, &g)) != 0)
		goto out;
	if ((r = joined_check(f->db, no, &g, &j, &why)) != 0)
		goto out;
	*done = true;
	/* If there is still no case for it, it is put anew. */
	r = store_del_orphan(f->db, no);
	if (r == ERR_NOTFOUND)
		r = 0;
	if (r != 0)
		goto out;
	if (why != 0)
		r = set_hostile(f, no, &g, why);
	else if (!j.followup)
		r = file_report(f, no, &g, &j);
	else if (followups)
		r = file_followup(f, no, &g, &j);
	else
		*done = false;
out:
	joined_wipe(&j);
	return r;
}

/* As many messages as one transaction should write, after *no. */
static int
file_slice(struct filing *f, bool followups, uint64_t *no)
{
	bool done, any = false;
	int r;

	if ((r = deskdb_begin(f->db, true)) != 0)
		return r;
	while (*no < f->st->groups && !deskdb_is_heavy(f->db)) {
		if ((r = file_one(f, ++*no, followups, &done)) != 0)
			return r;
		any = any || done;
	}
	if (!any) {
		deskdb_abort(f->db);
		return 0;
	}
	if ((r = store_put_state(f->db, f->st)) != 0)
		return r;
	return deskdb_commit(f->db);
}

static int
pass(struct filing *f, bool followups)
{
	uint64_t no = f->st->settled;
	int r = 0;

	while (r == 0 && no < f->st->groups)
		r = file_slice(f, followups, &no);
	return r;
}

/* Nobody need look again at what comes before the first unsettled one. */
static int
settle(struct filing *f)
{
	uint64_t was = f->st->settled;
	struct group g;
	int r;

	if ((r = deskdb_begin(f->db, true)) != 0)
		return r;
	while (f->st->settled < f->st->groups) {
		r = store_get_group(f->db, f->st->settled + 1, &g);
		if (r != 0)
			return r;
		if (g.state != GROUP_FILED && g.state != GROUP_HOSTILE)
			break;
		f->st->settled++;
	}
	if (f->st->settled == was) {
		deskdb_abort(f->db);
		return 0;
	}
	if ((r = store_put_state(f->db, f->st)) != 0)
		return r;
	return deskdb_commit(f->db);
}

/* see filing.h */
int
filing_run(struct deskdb *db, const struct deskrec_keys *keys,
    struct state *st)
{
	struct filing f = { db, keys, st };
	int r;

	if ((r = pass(&f, false)) != 0 || (r = pass(&f, true)) != 0)
		return r;
	return settle(&f);
}

/* see filing.h */
int
filing_next_open(struct deskdb *db, const struct state *st, uint64_t *no,
    struct group *g)
{
	int r;

	if (*no < st->settled)
		*no = st->settled;
	while (*no < st->groups) {
		if ((r = store_get_group(db, ++*no, g)) != 0)
			return r;
		if (g->state == GROUP_OPEN || g->state == GROUP_ORPHAN)
			return 0;
	}
	return ERR_NOTFOUND;
}
