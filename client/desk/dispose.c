/* SPDX-License-Identifier: ISC */
/*
 * dispose.c - remove a case from the desk.
 *
 * Messages keep their numbers: in the place of one stands a record that says
 * nothing but that it is settled.
 *
 * Invariant: after the transaction no record but the desk log's has a word of
 * the case, its reference, or who wrote it.
 */
#include <string.h>

#include "client/desk/desklog.h"
#include "client/desk/dispose.h"
#include "client/desk/erase.h"
#include "client/desk/outstore.h"

static int
if_there(int r)
{
	return r == ERR_NOTFOUND ? 0 : r;
}

/* All parts, also those that others claimed to be. */
static int
remove_parts(struct deskdb *db, uint64_t no, const struct group *g)
{
	unsigned variant;
	uint16_t i;
	int r = 0;

	for (i = 0; r == 0 && i < g->count; i++)
		for (variant = 0; r == 0 && variant <= g->variants; variant++)
			r = if_there(store_del_part(db, no, i, variant));
	return r;
}

static int
remove_message(struct deskdb *db, uint64_t no)
{
	struct group g;
	int r;

	if ((r = store_get_group(db, no, &g)) != 0 ||
	    (r = remove_parts(db, no, &g)) != 0 ||
	    (r = if_there(store_del_group_index(db, &g))) != 0 ||
	    (r = if_there(store_del_orphan(db, no))) != 0)
		return r;
	memset(&g, 0, sizeof(g));
	g.bytes = 1;			/* the least that is a message */
	g.count = 1;
	g.state = GROUP_FILED;
	return store_put_group(db, no, &g);
}

static int
remove_messages(struct deskdb *db, uint64_t no, const struct caserec *c)
{
	struct caseentry e;
	uint32_t n;
	int r;

	for (n = 1; n <= c->messages; n++)
		if ((r = store_get_entry(db, no, n, &e)) != 0 ||
		    (r = remove_message(db, e.group_no)) != 0 ||
		    (r = store_del_entry(db, no, n)) != 0)
			return r;
	return 0;
}

/* What was said to the reporter; the answers keep their numbers. */
static int
remove_answers(struct deskdb *db, uint64_t case_no)
{
	struct answer a;
	uint64_t i, n, no;
	int r;

	if ((r = outstore_case_answers(db, case_no, &n)) != 0)
		return r;
	for (i = 1; i <= n; i++) {
		if ((r = outstore_case_answer(db, case_no, i, &no)) != 0 ||
		    (r = outstore_get_answer(db, no, &a)) != 0 ||
		    (r = outstore_del_blob(db, OUTBLOB_ANSWER, no,
		    (size_t)a.bytes)) != 0)
			return r;
		a.kind = ANSWER_ACK;
		a.state = ANSWER_DEAD;
		a.day = 0;
		a.bytes = a.sequence = 0;
		a.parts = 0;
		if ((r = outstore_put_answer(db, no, &a)) != 0)
			return r;
	}
	return 0;
}

/* Follow-ups find the case by these; another case may have them. */
static int
remove_indexes(struct deskdb *db, uint64_t no, const struct caserec *c)
{
	uint64_t other;
	int r;

	if ((r = if_there(store_del_case_index(db, c->ref))) != 0)
		return r;
	r = store_find_mailbox(db, c->mailbox, c->author, &other);
	if (r == 0 && other == no)
		r = store_del_mailbox(db, c->mailbox, c->author);
	return if_there(r);
}

static int
log_it(struct deskdb *db, const struct caserec *c, const char *reason)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));

	deskact_put_str(&w, c->ref);
	deskact_put_number(&w, c->messages);
	deskact_put_str(&w, reason);
	return desklog_add(db, DESKACT_DISPOSE, wr_rd(&w));
}

/* see dispose.h */
int
dispose_case(struct deskdb *db, uint64_t no, const struct caserec *c,
    const char *reason)
{
	int r;

	if ((r = log_it(db, c, reason)) != 0 ||
	    (r = erase_set_left(db, true)) != 0 ||
	    (r = remove_answers(db, no)) != 0 ||
	    (r = remove_messages(db, no, c)) != 0 ||
	    (r = remove_indexes(db, no, c)) != 0)
		return r;
	return store_del_case(db, no);
}

/* see dispose.h */
int
dispose_finish(struct deskdb *db)
{
	bool left;
	int r;

	if ((r = deskdb_rewrite(db)) != 0 ||
	    (r = deskdb_begin(db, true)) != 0)
		return r;
	if ((r = erase_left(db, &left)) == 0 && left &&
	    (r = erase_set_left(db, false)) == 0)
		r = deskdb_commit(db);
	deskdb_abort(db);
	return r;
}
