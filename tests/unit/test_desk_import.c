/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/filing.h"
#include "client/desk/import.h"
#include "client/desk/variants.h"
#include "crypto/sha256.h"
#include "tests/unit/deskbox.h"

#define REPORT	"{\"submission\":\"advice\",\"text\":\"a question\"}"
#define FOLLOW	"{\"text\":\"and another\"}"
#define DAY	86400

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

TestSuite(desk_import, .init = setup, .fini = teardown);

static int
import(void)
{
	return deskbox_import(&x);
}

static void
get_case(uint64_t no, struct caserec *c)
{
	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(store_get_case(x.d->db, no, c), 0);
	deskdb_abort(x.d->db);
}

Test(desk_import, files_a_report_on_the_day_its_epoch_began)
{
	struct caserec c;

	box_cover(&x.b, 3);
	box_epoch(&x.b, 100 * DAY + 5, 0);
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, 101 * DAY + 10, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.since.cases, 1);
	cr_assert_eq(x.st.since.opened, 1);
	cr_assert_eq(x.st.since.unopened, 3);
	get_case(1, &c);
	cr_assert_eq(c.from, 100 * DAY + 5, "the close before its own");
	cr_assert_eq(c.close, 101 * DAY + 10);
	cr_assert_str_eq(c.status, "received");
	cr_assert_str_eq(c.submission, "advice");
	cr_assert_str_eq(c.category, "");
}

Test(desk_import, finds_nothing_new_the_second_time)
{
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(import_told(x.d, &x.st), 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.since.entries, 0);
	cr_assert_eq(x.st.since.cases, 0);
	cr_assert_eq(x.st.cases, 1);
}

/* Not told is told again: the officer was never shown the first result. */
Test(desk_import, keeps_its_counts_until_they_were_told)
{
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	desk_close(x.d);
	cr_assert_eq(desk_open(&x.d, x.desk, x.pass), 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.since.cases, 1);
	cr_assert_eq(x.st.cases, 1);
	cr_assert_eq(x.st.cases_told, 0);
}

Test(desk_import, a_follow_up_needs_mailbox_and_author)
{
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_message(&x.b, 1, 3, true, FOLLOW, NULL, 0, BOX_AUTHOR);
	box_message(&x.b, 2, 1, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.since.cases, 1);
	cr_assert_eq(x.st.since.followups, 1);
	cr_assert_eq(x.st.since.hostile, 1);
}

Test(desk_import, an_orphan_finds_its_report_later)
{
	struct caserec c;

	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.cases, 0);
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, 2 * DAY, 0);
	cr_assert_eq(import(), 0);
	get_case(1, &c);
	cr_assert_eq(c.messages, 2);
}

/* Another part in the same place, as if the store had been written to. */
static void
spoil_part(uint64_t group)
{
	unsigned char wrong[4096] = { 0 };
	struct part_rec p;
	size_t n;

	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(store_get_part(x.d->db, group, 0, 0, &p), 0);
	n = p.data.n;
	cr_assert_leq(n, sizeof(wrong));
	p.data = rd_from(wrong, n);
	cr_assert_eq(store_put_part(x.d->db, group, 0, 0, &p), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
}

/* It may be 240 MB, and somebody may leave many. */
Test(desk_import, an_orphan_is_not_read_again_before_its_report_comes)
{
	struct writer a;
	struct group g;

	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	spoil_part(1);
	box_cover(&x.b, 1);
	box_message(&x.b, 2, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, 2 * DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.since.hostile, 0, "nobody looked");
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, 3 * DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.since.hostile, 1, "now it was read, and whole");
	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(store_get_group(x.d->db, 1, &g), 0);
	cr_assert_eq(g.state, GROUP_HOSTILE);
	cr_assert_eq(store_get_orphan(x.d->db, 1, &a), ERR_NOTFOUND);
	deskdb_abort(x.d->db);
}

/* As desks left them that kept no writers. */
Test(desk_import, an_orphan_of_an_unknown_writer_is_read_once_more)
{
	struct writer a;

	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(store_del_orphan(x.d->db, 1), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(store_get_orphan(x.d->db, 1, &a), 0);
	deskdb_abort(x.d->db);
}

Test(desk_import, names_so_many_problems_and_counts_the_others)
{
	struct problem p;

	box_litter(&x.b, PROBLEMS_MAX + 3);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.since.malformed, PROBLEMS_MAX + 3);
	cr_assert_eq(x.st.problems, PROBLEMS_MAX + 3);
	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(store_get_problem(x.d->db, PROBLEMS_MAX, &p), 0);
	cr_assert_eq(store_get_problem(x.d->db, PROBLEMS_MAX + 1, &p),
	    ERR_NOTFOUND);
	deskdb_abort(x.d->db);
}

Test(desk_import, parts_may_come_in_different_epochs)
{
	static unsigned char big[100000];
	const struct box_file f = { "x", "y", big, sizeof(big) };

	box_message(&x.b, 1, 1, false, REPORT, &f, 1, BOX_INCOMPLETE);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.cases, 0);
	box_message(&x.b, 1, 1, false, REPORT, &f, 1, BOX_GOOD);
	box_epoch(&x.b, 2 * DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.cases, 1);
	cr_assert_eq(x.st.since.repeated, 1);
}

/* Whichever of the two comes first. */
Test(desk_import, a_part_that_disagrees_harms_no_message)
{
	unsigned who;

	for (who = 1; who <= 8; who++)
		box_message(&x.b, who, 1, false, REPORT, NULL, 0,
		    BOX_DISAGREE);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.cases, 8);
	cr_assert_eq(x.st.since.hostile, 8);
}

Test(desk_import, a_disagreeing_part_that_came_first_is_overruled_later)
{
	struct group g;
	struct part_rec p;
	unsigned char wrong[4096] = { 0 }, h[HASH_BYTES];

	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.cases, 1);
	/* As if the lie had come first: it counts, the truth is a variant. */
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(store_get_group(x.d->db, 1, &g), 0);
	cr_assert_eq(store_get_part(x.d->db, 1, 0, 0, &p), 0);
	cr_assert_eq(store_put_part(x.d->db, 1, 0, 1, &p), 0);
	p.data = rd_from(wrong, g.bytes);
	cr_assert_eq(store_put_part(x.d->db, 1, 0, 0, &p), 0);
	cr_assert_eq(variants_settle(x.d->db, 1, &g), 0);
	cr_assert_eq(store_get_part(x.d->db, 1, 0, 0, &p), 0);
	sha256(h, p.data.p, p.data.n);
	cr_assert_arr_eq(h, g.sha256, HASH_BYTES);
	deskdb_abort(x.d->db);
}

Test(desk_import, takes_nothing_of_a_mirror_with_one_body_missing)
{
	char name[80];

	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_cover(&x.b, 1);
	mirror_name(name, "parcels", x.b.leaf[1].digest);
	box_epoch(&x.b, DAY, 0);
	mirror_remove(x.b.m, name);
	cr_assert_eq(import(), EXIT_CLAIM);
	cr_assert_eq(import(), EXIT_CLAIM);
	cr_assert_eq(x.st.groups, 0);
	cr_assert_eq(x.st.since.entries, 0);
}

Test(desk_import, takes_nothing_of_a_mirror_with_one_body_altered)
{
	unsigned char *p;
	char name[80];
	size_t n;

	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_cover(&x.b, 1);
	mirror_name(name, "parcels", x.b.leaf[1].digest);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(mirror_read(x.b.m, name, PARCEL_BYTES, &p, &n), 0);
	p[n - 1] ^= 1;
	cr_assert_eq(mirror_write(x.b.m, name, rd_from(p, n)), 0);
	cr_assert_eq(import(), EXIT_CLAIM);
	cr_assert_eq(x.st.since.entries, 0);
	p[n - 1] ^= 1;
	cr_assert_eq(mirror_write(x.b.m, name, rd_from(p, n)), 0);
	file_free(p, n);
	cr_assert_eq(import(), 0);
	cr_assert_eq(x.st.cases, 1);
}

/* Every kind of damage is counted and none ends the import. */
Test(desk_import, goes_on_after_each_kind_of_hostile_parcel)
{
	const struct box_file f = { "x", "y",
		(const unsigned char *)"bytes", 5 };
	int s;

	for (s = BOX_HASH; s < BOX_SPOILS; s++)
		box_message(&x.b, (unsigned)s, 1, false, REPORT, &f, 1,
		    (enum box_spoil)s);
	box_garbage(&x.b);
	box_message(&x.b, 200, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&x.b, DAY, 0);
	cr_assert_eq(import(), 0);
	/* garbage, payload, notpart */
	cr_assert_eq(x.st.since.malformed, 3);
	cr_assert_eq(x.st.since.odd, 1);
	/* hash, frame, json, author, attachment, trailing, disagree */
	cr_assert_eq(x.st.since.hostile, 7);
	/* twice, disagree, also and the last */
	cr_assert_eq(x.st.since.cases, 4);
	cr_assert_eq(x.st.settled, x.st.groups);
}

Test(desk_import, a_desk_takes_one_program_at_a_time)
{
	struct desk *second;

	cr_assert_eq(desk_open(&second, x.desk, x.pass), EXIT_SYSTEM);
	cr_assert_null(second);
}
