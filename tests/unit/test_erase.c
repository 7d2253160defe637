/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/desk/desklog.h"
#include "client/desk/dispose.h"
#include "client/desk/erase.h"
#include "client/desk/filing.h"
#include "client/desk/import.h"
#include "client/desk/outstore.h"
#include "crypto/secret.h"
#include "tests/unit/box.h"
#include "tests/unit/tmpdir.h"

#define REPORT	"{\"submission\":\"advice\",\"text\":\"a question\"}"
#define FOLLOW	"{\"text\":\"and another\"}"
#define DAY	86400

static struct box b;
static struct desk *d;
static struct state st;
static char desk[4200], mirror[4200], pass[4200];

static void
setup(void)
{
	char keyset[4300], vkey[4300];
	struct trust t;

	cr_assert_eq(secret_init(), 0);
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
	tmpdir_new();
	snprintf(desk, sizeof(desk), "%s", tmpdir_path("desk"));
	snprintf(mirror, sizeof(mirror), "%s", tmpdir_path("mirror"));
	snprintf(pass, sizeof(pass), "%s", tmpdir_path("pass"));
	cr_assert_eq(file_write(pass, rd_str("a passphrase\n"), 0600, true),
	    0);
	cr_assert_eq(desk_create(desk, "ecr.example.org", "office",
	    DESK_KDF_MIB_MIN, "a passphrase"), 0);
	snprintf(keyset, sizeof(keyset), "%s/public/keyset", desk);
	snprintf(vkey, sizeof(vkey), "%s/public/office.vkey", desk);
	box_open(&b, mirror, keyset, vkey);
	cr_assert_eq(desk_open(&d, desk, pass), 0);
	memset(&t, 0, sizeof(t));
	t.has_log = true;
	t.log = b.log;
	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(store_put_trust(d->db, &t, NULL), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
}

static void
teardown(void)
{
	desk_close(d);
	box_close(&b);
	tmpdir_remove();
}

TestSuite(erase, .init = setup, .fini = teardown);

static void
import(void)
{
	memset(&st, 0, sizeof(st));
	cr_assert_eq(import_mirror(d, mirror, &st), 0);
}

/* As an export leaves it: a statement that had imported so much. */
static void
state(uint64_t sequence, enum stmt_state is, uint64_t size, uint64_t close)
{
	struct outstate os;
	struct stmt s;

	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(outstore_get_state(d->db, &os), 0);
	memset(&s, 0, sizeof(s));
	s.state = is;
	s.sequence = os.sequence = sequence;
	s.size = size;
	s.close = close;
	cr_assert_eq(outstore_put_stmt(d->db, &s), 0);
	cr_assert_eq(outstore_put_state(d->db, &os), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
}

static void
wish(uint64_t below, uint64_t drop)
{
	struct erase_wish e;

	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(erase_get(d->db, &e), 0);
	e.below = below;
	e.drop = drop;
	cr_assert_eq(erase_put(d->db, &e), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
}

static void
plan(uint64_t *below, uint64_t *drop)
{
	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq(erase_plan(d->db, below, drop), 0);
	deskdb_abort(d->db);
}

static uint64_t
before(int32_t day, bool replies)
{
	uint64_t v;

	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq((replies ? erase_logged_before : erase_closed_before)
	    (d->db, day, &v), 0);
	deskdb_abort(d->db);
	return v;
}

/* --- at the server ---------------------------------------------------------- */

Test(erase, a_statement_never_says_more_than_the_one_before_had_imported)
{
	uint64_t below, drop;

	wish(1000, 1000);
	plan(&below, &drop);
	cr_assert_eq(below, 0, "there was none");
	cr_assert_eq(drop, 0);
	state(1, STMT_MADE, 40, 0);
	plan(&below, &drop);
	cr_assert_eq(below, 40);
	cr_assert_eq(drop, 1, "the newest statement keeps its replies");
	state(2, STMT_MADE, 55, 0);
	plan(&below, &drop);
	cr_assert_eq(below, 55);
	wish(7, 1);
	plan(&below, &drop);
	cr_assert_eq(below, 7, "a wish can be taken back");
	cr_assert_eq(drop, 1);
}

Test(erase, a_day_means_the_epochs_that_closed_before_it)
{
	box_cover(&b, 3);
	box_epoch(&b, 100 * DAY + 5, 0);
	box_cover(&b, 2);
	box_epoch(&b, 101 * DAY - 1, 0);
	box_cover(&b, 4);
	box_epoch(&b, 101 * DAY, 0);
	import();
	box_cover(&b, 1);
	box_epoch(&b, 300 * DAY, 0);
	import();
	cr_assert_eq(before(400, false), 0, "nothing was said yet");
	state(1, STMT_LOGGED, 9, 0);
	cr_assert_eq(before(100, false), 0);
	cr_assert_eq(before(101, false), 5);
	cr_assert_eq(before(102, false), 9);
	cr_assert_eq(before(400, false), 9, "the tenth was not stated");
	state(2, STMT_LOGGED, 10, 0);
	cr_assert_eq(before(400, false), 10);
}

/* Closes of an honest log never fall; the first that is too young counts. */
Test(erase, a_close_that_falls_back_lets_nothing_more_go)
{
	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(erase_epoch(d->db, 200 * DAY, 0), 0);
	cr_assert_eq(erase_epoch(d->db, 100 * DAY, 3), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
	state(1, STMT_LOGGED, 6, 0);
	cr_assert_eq(before(150, false), 0);
}

Test(erase, replies_go_by_the_day_their_statement_was_logged)
{
	state(1, STMT_LOGGED, 0, 100 * DAY);
	state(2, STMT_LOGGED, 0, 110 * DAY);
	state(3, STMT_MADE, 0, 0);
	cr_assert_eq(before(100, true), 0);
	cr_assert_eq(before(101, true), 2);
	cr_assert_eq(before(111, true), 3);
	cr_assert_eq(before(9999, true), 3, "what is not logged stays");
	state(3, STMT_LOGGED, 0, 120 * DAY);
	cr_assert_eq(before(9999, true), 3, "and so does the newest");
}

/* --- at the desk ------------------------------------------------------------- */

static void
dispose(uint64_t no)
{
	struct caserec c;

	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(store_get_case(d->db, no, &c), 0);
	cr_assert_eq(dispose_case(d->db, no, &c, "a reason"), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
}

Test(erase, a_case_is_gone_and_the_others_are_whole)
{
	struct part_rec p;
	struct caserec c, other;
	struct group g;
	uint64_t no, gone, found;

	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_message(&b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_message(&b, 2, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, DAY, 0);
	import();
	cr_assert_eq(st.cases, 2);
	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq(store_get_case(d->db, 1, &c), 0);
	gone = c.messages == 2 ? 1 : 2;
	cr_assert_eq(store_get_case(d->db, gone, &c), 0);
	deskdb_abort(d->db);
	dispose(gone);
	cr_assert_eq(deskdb_rewrite(d->db), 0);
	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq(store_get_case(d->db, gone, &other), ERR_NOTFOUND);
	cr_assert_eq(store_find_case(d->db, c.ref, &found), ERR_NOTFOUND);
	cr_assert_eq(store_find_mailbox(d->db, c.mailbox, c.author, &found),
	    ERR_NOTFOUND);
	cr_assert_eq(store_get_case(d->db, 3 - gone, &other), 0);
	cr_assert_eq(store_find_mailbox(d->db, other.mailbox, other.author,
	    &found), 0);
	for (no = 1; no <= 3; no++) {
		cr_assert_eq(store_get_group(d->db, no, &g), 0);
		cr_assert_eq(g.state, GROUP_FILED);
		cr_assert_eq(store_get_part(d->db, no, 0, 0, &p),
		    g.have == 0 ? ERR_NOTFOUND : 0);
	}
	deskdb_abort(d->db);
}

/* Its author writes again: nobody knows of what, and nothing breaks. */
Test(erase, a_follow_up_to_what_was_erased_waits_for_ever)
{
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, DAY, 0);
	import();
	dispose(1);
	box_message(&b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_message(&b, 3, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, 2 * DAY, 0);
	import();
	cr_assert_eq(st.cases, 2);
	cr_assert_eq(st.since.followups, 0);
	import();
	cr_assert_eq(st.cases, 2);
}

/* Whoever lodges the same once more is heard once more. */
Test(erase, the_same_message_again_is_a_new_case)
{
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, DAY, 0);
	import();
	dispose(1);
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, 2 * DAY, 0);
	import();
	cr_assert_eq(st.cases, 2);
}

Test(erase, answers_to_an_erased_case_are_said_no_more)
{
	struct outstate os;
	struct answer a;
	unsigned char blob[64];

	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, DAY, 0);
	import();
	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq(outstore_get_state(d->db, &os), 0);
	cr_assert_eq(os.answers, 1, "its acknowledgement");
	cr_assert_eq(outstore_get_answer(d->db, 1, &a), 0);
	cr_assert_gt(a.bytes, 0);
	deskdb_abort(d->db);
	dispose(1);
	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq(outstore_get_answer(d->db, 1, &a), 0);
	cr_assert_eq(a.state, ANSWER_DEAD);
	cr_assert_eq(outstore_get_blob(d->db, OUTBLOB_ANSWER, 1, blob, 1),
	    ERR_NOTFOUND);
	deskdb_abort(d->db);
}

/* An abort in the middle: nothing of it happened. */
Test(erase, half_of_it_is_nothing)
{
	struct caserec c;

	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, DAY, 0);
	import();
	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(store_get_case(d->db, 1, &c), 0);
	cr_assert_eq(dispose_case(d->db, 1, &c, "a reason"), 0);
	deskdb_abort(d->db);
	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq(store_get_case(d->db, 1, &c), 0);
	deskdb_abort(d->db);
}

static unsigned char *
store_file(size_t *n)
{
	unsigned char *p = NULL;
	char path[8400];

	snprintf(path, sizeof(path), "%s/cases/data.mdb", desk);
	cr_assert_eq(file_read(&p, n, path, 64 << 20), 0);
	return p;
}

/* Sixteen bytes of every page of the old file that the new one has. */
static size_t
pages_left(const unsigned char *old, size_t n, const unsigned char *now,
    size_t m)
{
	size_t i, left = 0;

	for (i = 0; i + 4096 <= n; i += 4096)
		if (memmem(now, m, old + i + 2048, 16) != NULL)
			left++;
	return left;
}

/* The case with an attachment. */
static uint64_t
big_case(void)
{
	struct caserec c;
	uint64_t no;

	cr_assert_eq(deskdb_begin(d->db, false), 0);
	for (no = 1; no <= st.cases; no++) {
		cr_assert_eq(store_get_case(d->db, no, &c), 0);
		if (c.attachments > 0)
			break;
	}
	deskdb_abort(d->db);
	return no;
}

Test(erase, the_store_is_written_anew_without_its_bytes)
{
	unsigned char *old, *now, *big;
	struct box_file f = { "a.bin", "application/octet-stream", NULL,
	    400000 };
	size_t n, m, before_it, left;

	cr_assert_not_null(big = calloc(1, f.n));
	f.p = big;
	box_message(&b, 1, 1, false, REPORT, &f, 1, BOX_GOOD);
	box_message(&b, 2, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, DAY, 0);
	import();
	old = store_file(&n);
	dispose(big_case());
	now = store_file(&m);
	before_it = pages_left(old, n, now, m);
	file_free(now, m);
	cr_assert_eq(deskdb_rewrite(d->db), 0);
	now = store_file(&m);
	left = pages_left(old, n, now, m);
	cr_assert_lt(m, n);
	/* Seven parts of fifteen pages, which deleting alone leaves there. */
	cr_assert_leq(left + 7 * 15, before_it);
	import();
	file_free(now, m);
	file_free(old, n);
	free(big);
}
