/* SPDX-License-Identifier: ISC */
/*
 * test_export.c - statements: when one is made, what it carries, what an
 * import makes of them; and acknowledgements.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/ack.h"
#include "client/desk/answer.h"
#include "client/desk/import.h"
#include "client/desk/ownstmt.h"
#include "client/desk/recover.h"
#include "client/desk/statements.h"
#include "client/desk/thread.h"
#include "crypto/reply.h"
#include "crypto/statement.h"
#include "tests/unit/deskbox.h"
#include "tests/unit/tmpdir.h"

#define FOLLOW	"{\"text\":\"and another\"}"

static struct deskbox x;

static void
setup(void)
{
	deskbox_open(&x);
}

static void
teardown(void)
{
	deskbox_close(&x);
}

TestSuite(export, .init = setup, .fini = teardown, .timeout = 120);

static void
let_go(struct rd r)
{
	free((void *)(uintptr_t)r.p);
}

/* --- when there is one ------------------------------------------------- */

Test(export, nothing_is_said_before_trust_and_an_import)
{
	struct statements_made made;
	struct trust t;

	memset(&t, 0, sizeof(t));
	cr_assert_eq(deskbox_export(&x, &made), EXIT_CONFIG);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(store_put_trust(x.d->db, &t, NULL), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
	cr_assert_eq(deskbox_export(&x, &made), EXIT_CONFIG);
	cr_assert_eq(access(x.out, F_OK), -1);
	cr_assert_eq(deskbox_outstate(&x).sequence, 0);
}

Test(export, a_statement_is_made_only_where_there_is_news)
{
	struct rd a, b;

	deskbox_report(&x);
	cr_assert_eq(deskbox_exported(&x), 1);
	a = deskbox_outbox(&x);
	cr_assert_eq(deskbox_exported(&x), 0);
	b = deskbox_outbox(&x);
	cr_assert(rd_eq(a, b), "not the same again");
	let_go(b);
	deskbox_reply(&x, 10);
	cr_assert_eq(deskbox_exported(&x), 1);
	b = deskbox_outbox(&x);
	cr_assert_gt(b.n, a.n);
	cr_assert_eq(memcmp(a.p, b.p, a.n), 0, "what was said has changed");
	let_go(a);
	let_go(b);
	deskbox_epoch(&x);
	deskbox_take(&x);
	cr_assert_eq(deskbox_exported(&x), 1, "more of the log was imported");
	cr_assert_eq(deskbox_outstate(&x).sequence, 3);
}

Test(export, more_answers_than_a_statement_holds_make_several)
{
	struct outbox_record r;
	struct rd all, rest;
	size_t n = 0;
	int i;

	deskbox_report(&x);
	for (i = 0; i < 8; i++)
		deskbox_reply(&x, 70 * REPLY_DATA_BYTES - 1000);
	cr_assert_eq(deskbox_exported(&x), 2, "561 parts");
	rest = all = deskbox_outbox(&x);
	while (!rd_done(&rest)) {
		cr_assert_eq(outbox_next(&rest, &r), 0);
		cr_assert_leq(r.whole.n, OUTBOX_BYTES_MAX);
		n++;
	}
	cr_assert_eq(n, 2);
	let_go(all);
	cr_assert_eq(deskbox_exported(&x), 0);
}

/* --- what the log has -------------------------------------------------- */

Test(export, what_the_log_has_is_not_carried_again)
{
	struct thread_count n;
	struct rd piece;

	deskbox_report(&x);
	deskbox_reply(&x, 10);
	cr_assert_eq(deskbox_exported(&x), 1);
	deskbox_logged(&x);
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).logged, 1);
	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(thread_count(x.d->db, 1, &n), 0);
	cr_assert_eq(outstore_get_piece(x.d->db, OUTBLOB_REPLIES, 1, 0,
	    &piece), ERR_NOTFOUND, "the sealed replies are still here");
	deskdb_abort(x.d->db);
	cr_assert_eq(n.answers, 2);
	cr_assert_eq(n.waiting, 0);
	cr_assert(n.answered);
}

/* Leaves of one close are in order of digest, not of sequence. */
Test(export, two_of_one_epoch_may_stand_either_way_round)
{
	int i;

	deskbox_report(&x);
	for (i = 0; i < 6; i++) {
		deskbox_reply(&x, 10);
		cr_assert_eq(deskbox_exported(&x), 1);
		deskbox_reply(&x, 10);
		cr_assert_eq(deskbox_exported(&x), 1);
		deskbox_logged(&x);
		deskbox_take(&x);
		cr_assert_eq(deskbox_outstate(&x).logged, deskbox_outstate(&x).sequence);
	}
}

static void
copy(const char *from, const char *to)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_read(&p, &n, from, (size_t)200 << 20), 0);
	cr_assert_eq(file_write(to, rd_from(p, n), 0600, true), 0);
	file_free(p, n);
}

/* The store as it was at some time, as a backup brings it back. */
static void
backup(bool back)
{
	char db[DESKBOX_PATH + 100], kept[DESKBOX_PATH];

	snprintf(db, sizeof(db), "%s/cases/data.mdb", x.desk);
	snprintf(kept, sizeof(kept), "%s", tmpdir_path("kept"));
	copy(back ? kept : db, back ? db : kept);
	if (back)
		deskbox_again(&x);
}

Test(export, a_desk_from_a_backup_says_nothing_before_it_has_adopted)
{
	struct statements_made made;
	struct stmt newest;

	deskbox_report(&x);
	cr_assert_eq(deskbox_exported(&x), 1);
	backup(false);
	deskbox_reply(&x, 10);
	cr_assert_eq(deskbox_exported(&x), 1);
	deskbox_logged(&x);
	backup(true);
	deskbox_reply(&x, 20);			/* another second statement */
	cr_assert_eq(deskbox_exported(&x), 1);
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).foreign, 2);
	cr_assert_eq(deskbox_outstate(&x).logged, 1);
	cr_assert_eq(deskbox_export(&x, &made), EXIT_CONFIG);

	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(ownstmt_adopt(x.d->db, &newest), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
	cr_assert_eq(newest.sequence, 2);
	cr_assert_eq(deskbox_outstate(&x).foreign, 0);
	cr_assert_eq(deskbox_export(&x, &made), 0);
	cr_assert_eq(made.statements, 1);
	cr_assert_eq(made.answers, 1, "the superseded one's goes out again");
	cr_assert_eq(deskbox_outstate(&x).sequence, 3);
	deskbox_logged(&x);
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).logged, 3);
	cr_assert_eq(deskbox_outstate(&x).foreign, 0);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(ownstmt_adopt(x.d->db, &newest), ERR_NOTFOUND);
}

Test(export, what_is_no_statement_of_ours_is_named_and_not_believed)
{
	struct ownstmt o;
	struct rd all, rest;
	struct outbox_record r;
	char *p;

	deskbox_report(&x);
	cr_assert_eq(deskbox_exported(&x), 1);
	rest = all = deskbox_outbox(&x);
	cr_assert_eq(outbox_next(&rest, &r), 0);
	p = malloc(r.statement.n);
	memcpy(p, r.statement.p, r.statement.n);
	p[r.statement.n - 10] ^= 1;		/* in the signature */
	box_body(&x.b, ENTRY_STATEMENT, rd_from(p, r.statement.n));
	box_body(&x.b, ENTRY_STATEMENT, r.keyset);
	box_body(&x.b, ENTRY_STATEMENT, rd_str("words"));
	deskbox_epoch(&x);
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(x.st.problems, 3);
	cr_assert_eq(deskbox_outstate(&x).logged, 0);
	cr_assert_eq(deskbox_outstate(&x).foreign, 0);
	cr_assert_eq(ownstmt_read(&o, r.statement, &x.b.log), 0);
	cr_assert_eq(o.is, OWNSTMT_OTHER, "a key of another name");
	free(p);
	let_go(all);
}

/* A server takes the statement in and drops an answer: it is noticed. */
Test(export, replies_that_the_log_lacks_are_missed)
{
	struct outbox_record r;
	struct rd all, rest, one;

	deskbox_report(&x);
	cr_assert_eq(deskbox_exported(&x), 1);
	rest = all = deskbox_outbox(&x);
	cr_assert_eq(outbox_next(&rest, &r), 0);
	box_body(&x.b, ENTRY_STATEMENT, r.statement);
	cr_assert(rd_take(&r.replies, &one, REPLY_BYTES));
	while (rd_take(&r.replies, &one, REPLY_BYTES))
		box_body(&x.b, ENTRY_REPLY, one);
	let_go(all);
	deskbox_epoch(&x);
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(x.st.problems, 1);
	cr_assert_eq(deskbox_outstate(&x).logged, 1);
	cr_assert_eq(import_told(x.d, &x.st), 0);
	cr_assert_eq(deskbox_exported(&x), 1);
	deskbox_logged(&x);
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(x.st.problems, 0, "this one came whole");
}

/* --- erased, and met again --------------------------------------------- */

/* A statement in the name of this desk's key, that the desk never made. */
static void
say_erased(uint64_t sequence, uint64_t below)
{
	static unsigned char text[STATEMENT_MAX_BYTES];
	static unsigned char note[STATEMENT_MAX_BYTES];
	struct wr t = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));
	struct answer_voice v;
	static struct statement s;

	memset(&s, 0, sizeof(s));
	snprintf(s.office, sizeof(s.office), "%s", x.d->head.office);
	snprintf(s.role, sizeof(s.role), "%s", x.d->head.role);
	snprintf(s.origin, sizeof(s.origin), "%s", BOX_ORIGIN);
	s.sequence = sequence;
	s.size = s.erase = below;
	cr_assert_eq(answer_speak(&v, x.d), 0);
	statement_write(&t, &s);
	cr_assert_eq(note_sign(&n, wr_rd(&t), &v.key, v.sk), 0);
	box_body(&x.b, ENTRY_STATEMENT, wr_rd(&n));
	answer_hush(&v);
}

static void
lose_body(size_t leaf)
{
	struct mirror_log log;
	struct entry e;
	char name[80];

	cr_assert_eq(mirror_log_read(&log, x.b.m, &x.b.log, NULL), 0);
	cr_assert_eq(entry_parse(&e, rd_from(log.entries +
	    leaf * ENTRY_BYTES, ENTRY_BYTES)), 0);
	mirror_name(name, "parcels", e.digest);
	mirror_remove(x.b.m, name);
	mirror_log_wipe(&log);
}

Test(export, what_this_role_erased_may_be_missing_and_nothing_else)
{
	box_message(&x.b, 1, 1, false, DESKBOX_REPORT, NULL, 0, BOX_GOOD);
	deskbox_epoch(&x);
	deskbox_epoch(&x);
	say_erased(1, 2);
	deskbox_epoch(&x);
	lose_body(0);
	lose_body(1);
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(deskbox_outstate(&x).since.erased, 2);
	cr_assert_eq(x.st.cases, 0);

	deskbox_fresh(&x);
	lose_body(2);
	cr_assert_eq(deskbox_import(&x), EXIT_CLAIM);
}

/* Somebody else has the key: going back would say a number twice. */
Test(export, a_second_statement_of_a_number_is_never_adopted)
{
	struct statements_made made;
	struct recovery rc;
	struct stmt newest;

	deskbox_report(&x);
	cr_assert_eq(deskbox_exported(&x), 1);
	deskbox_logged(&x);
	deskbox_take(&x);
	deskbox_reply(&x, 10);
	cr_assert_eq(deskbox_exported(&x), 1);
	deskbox_logged(&x);
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).logged, 2);
	say_erased(1, 1);
	deskbox_epoch(&x);
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).foreign, 1);
	cr_assert_eq(deskbox_export(&x, &made), EXIT_CONFIG);
	cr_assert_eq(recover_look(&rc, x.d, x.b.m), EXIT_CLAIM);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(ownstmt_adopt(x.d->db, &newest), ERR_ORDER);
	deskdb_abort(x.d->db);
	cr_assert_eq(deskbox_outstate(&x).sequence, 2);
}

/* --- acknowledgements -------------------------------------------------- */

Test(export, every_message_is_acknowledged_once)
{
	box_message(&x.b, 1, 1, false, DESKBOX_REPORT, NULL, 0, BOX_GOOD);
	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_message(&x.b, 2, 1, true, FOLLOW, NULL, 0, BOX_GOOD);
	deskbox_epoch(&x);
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).answers, 2, "not the orphan");
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).answers, 2);
	box_message(&x.b, 2, 2, false, DESKBOX_REPORT, NULL, 0, BOX_GOOD);
	deskbox_epoch(&x);
	deskbox_take(&x);
	cr_assert_eq(deskbox_outstate(&x).answers, 4, "the orphan has a case now");
}

static struct answer
answer(uint64_t no)
{
	struct answer a;

	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(outstore_get_answer(x.d->db, no, &a), 0);
	deskdb_abort(x.d->db);
	return a;
}

/* As if nobody had written it yet. */
static void
make_due(uint64_t no)
{
	struct outstate os = deskbox_outstate(&x);
	struct answer a = answer(no);

	a.state = ANSWER_DUE;
	a.bytes = 0;
	a.day = 0;
	os.settled = 0;
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(outstore_put_answer(x.d->db, no, &a), 0);
	cr_assert_eq(outstore_put_state(x.d->db, &os), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
}

static uint64_t
acknowledge(void)
{
	struct logproof_source from = { x.b.m, NULL, &x.b.log, 1 };
	struct answer_voice v;
	struct mirror_log log;
	uint64_t waiting;
	char wrong[80];

	cr_assert_eq(mirror_log_read(&log, x.b.m, &x.b.log, NULL), 0);
	from.log = &log;
	cr_assert_eq(answer_speak(&v, x.d), 0);
	cr_assert_eq(ack_run(x.d->db, &from, &v, 20000, &waiting, wrong), 0);
	cr_assert_eq(waiting > 0, strncmp(wrong, "log/tile", 8) == 0);
	answer_hush(&v);
	mirror_log_wipe(&log);
	return waiting;
}

/* Reading a report must not depend on what only its proof needs. */
Test(export, an_acknowledgement_waits_for_good_tiles)
{
	const struct tile t = { 0, 0, 2 };
	unsigned char *tile;
	char name[80];
	size_t n;

	deskbox_report(&x);
	make_due(1);
	mirror_tile_name(name, &t);
	cr_assert_eq(mirror_read(x.b.m, name, TILE_BYTES, &tile, &n), 0);
	mirror_remove(x.b.m, name);
	cr_assert_eq(acknowledge(), 1);
	cr_assert_eq(answer(1).state, ANSWER_DUE);
	tile[n - 1] ^= 1;
	cr_assert_eq(mirror_write(x.b.m, name, rd_from(tile, n)), 0);
	cr_assert_eq(acknowledge(), 1, "an altered tile proves nothing");
	tile[n - 1] ^= 1;
	cr_assert_eq(mirror_write(x.b.m, name, rd_from(tile, n)), 0);
	cr_assert_eq(acknowledge(), 0);
	cr_assert_eq(answer(1).state, ANSWER_QUEUED);
	file_free(tile, n);
}

/* A server that adds lines would make every acknowledgement longer. */
Test(export, a_proof_has_the_lines_of_our_keys_alone)
{
	static unsigned char note[2048];
	struct wr w = wr_from(note, sizeof(note));
	struct answer_note an;
	unsigned char *p;
	struct answer a;
	size_t n;

	box_message(&x.b, 1, 1, false, DESKBOX_REPORT, NULL, 0, BOX_GOOD);
	deskbox_epoch(&x);
	cr_assert_eq(mirror_read(x.b.m, "log/checkpoint", 1024, &p, &n), 0);
	wr_bytes(&w, p, n);
	wr_str(&w, "\xe2\x80\x94 stranger.example ");
	wr_b64(&w, note, 68, true);
	wr_u8(&w, '\n');
	cr_assert_eq(mirror_write(x.b.m, "log/checkpoint", wr_rd(&w)), 0);
	file_free(p, n);
	deskbox_take(&x);
	a = answer(1);
	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(answer_load(x.d->db, 1, &a, &an), 0);
	deskdb_abort(x.d->db);
	cr_assert_not_null(memmem(an.json.p, an.json.n, BOX_ORIGIN " ",
	    strlen(BOX_ORIGIN " ")));
	cr_assert_null(memmem(an.json.p, an.json.n, "stranger", 8));
	answer_note_wipe(&an);
}
