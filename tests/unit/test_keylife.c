/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/desklog.h"
#include "client/desk/import.h"
#include "client/desk/keylife.h"
#include "client/desk/leftover.h"
#include "client/desk/outstore.h"
#include "client/desk/store.h"
#include "crypto/base.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "tests/unit/box.h"
#include "tests/unit/tmpdir.h"

#define REPORT	"{\"submission\":\"advice\",\"text\":\"a question\"}"
#define DAY	86400
#define MONDAY	20605			/* 2026-06-01 */
#define T0	((time_t)MONDAY * DAY + 9 * 3600)
/* The first week is over by a clock from here on. */
#define OVER	((time_t)(MONDAY + 7 + KEYLIFE_GRACE_DAYS) * DAY)
#define FIRST	"week-2026-06-01"

/* This machine's clock, in this program. */
static time_t now;

time_t
time(time_t *t)
{
	if (t != NULL)
		*t = now;
	return now;
}

static struct box b;
static struct desk *d;
static struct state st;
static char desk[4200], mirror[4200], pass[4200];
static unsigned char first[DESKKEY_BYTES];	/* the first week's file */

static void
open_desk(void)
{
	cr_assert_eq(desk_open(&d, desk, pass), 0);
}

static void
read_file(const char *name, unsigned char *out, size_t n)
{
	unsigned char *p = NULL;
	char path[8400];
	size_t got;

	snprintf(path, sizeof(path), "%s/%s", desk, name);
	cr_assert_eq(file_read(&p, &got, path, 1 << 20), 0, "%s", path);
	cr_assert_leq(n, got);
	memcpy(out, p, n);
	file_free(p, got);
}

static void
setup(void)
{
	char keyset[4300], vkey[4300];
	struct trust t;

	now = T0;
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
	open_desk();
	read_file("keys/" FIRST, first, sizeof(first));
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

TestSuite(keylife, .init = setup, .fini = teardown);

static int
import(void)
{
	memset(&st, 0, sizeof(st));
	return import_mirror(d, mirror, &st);
}

static bool
has_key(const char *name)
{
	char path[8400];

	snprintf(path, sizeof(path), "%s/keys/%s", desk, name);
	return access(path, F_OK) == 0;
}

/* The last act of this kind; false where there is none. */
static bool
has_act(enum deskact act)
{
	struct desklog_head h;
	struct deskact_leaf l;
	struct rd data;
	bool found = false;
	uint64_t i;

	cr_assert_eq(deskdb_begin(d->db, false), 0);
	cr_assert_eq(desklog_head(d->db, &h), 0);
	for (i = 0; i < h.tree.size; i++) {
		cr_assert_eq(desklog_entry(d->db, 0, i, &data), 0);
		cr_assert_eq(deskact_parse(&l, data), 0);
		found |= l.act == act;
	}
	deskdb_abort(d->db);
	return found;
}

/* --- made ------------------------------------------------------------------ */

static unsigned
make(int32_t today, int32_t log_day)
{
	struct deskkeys *keys = NULL;
	unsigned made = 0;
	int fd;

	cr_assert_eq(desk_keys(&keys, d), 0);
	cr_assert_geq(fd = dir_open_at(d->dirfd, "keys", false), 0);
	cr_assert_eq(keylife_make(fd, d->secret->wrap, keys, today, log_day,
	    &made), 0);
	close(fd);
	deskkeys_free(keys);
	return made;
}

Test(keylife, twelve_weeks_ahead_and_no_secret_twice)
{
	cr_assert_eq(make(MONDAY, 0), 0, "they are there");
	cr_assert_eq(make(MONDAY + 6, 0), 0, "it is the same week");
	cr_assert_eq(make(MONDAY + 7, 0), 1);
	cr_assert_eq(make(MONDAY + 7 + 5 * 7, 0), 5);
	cr_assert(has_key("week-2026-09-28"));
}

Test(keylife, a_standing_key_is_renewed_twelve_weeks_before_its_end)
{
	const int32_t end = MONDAY + DESK_STANDING_DAYS - 1;

	(void)make(end - KEYLIFE_RENEW_DAYS, 0);
	cr_assert_not(has_key("standing-2028-03-08"));
	(void)make(end - KEYLIFE_RENEW_DAYS + 1, 0);
	cr_assert(has_key("standing-2028-03-08"));
	cr_assert(has_key("standing-2026-06-01"), "both live for a while");
}

/* Whichever of two clocks is wrong, the right weeks are among them. */
Test(keylife, weeks_are_made_for_the_log_s_day_too)
{
	cr_assert_eq(make(MONDAY, MONDAY + 20 * 7), 12);
	cr_assert_eq(make(MONDAY, MONDAY + 400), 0, "not for any lie");
	cr_assert_eq(make(MONDAY, MONDAY - 400), 0);
}

/* --- published -------------------------------------------------------------- */

static void
published(struct keyset *ks)
{
	static unsigned char note[256 * 1024];
	struct deskkeys *keys = NULL;
	unsigned char sk[64], *p = NULL;
	char path[8400];
	struct vkey k;
	size_t n;

	cr_assert_eq(desk_keys(&keys, d), 0);
	cr_assert_eq(desk_vkey(&k, sk, &d->head, keys), 0);
	deskkeys_free(keys);
	snprintf(path, sizeof(path), "%s/public/keyset", desk);
	cr_assert_eq(file_read(&p, &n, path, sizeof(note)), 0);
	memcpy(note, p, n);
	file_free(p, n);
	cr_assert_eq(keyset_open(ks, rd_from(note, n), &k), 0);
}

static void
publish(void)
{
	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(keylife_publish(d), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
}

/* As an export does it; gives the sequence. */
static uint64_t
export(bool *changed)
{
	struct published p;
	struct outstate os;
	struct stmt s;
	uint64_t sequence;

	cr_assert_eq(deskdb_begin(d->db, true), 0);
	cr_assert_eq(keylife_export(d, &p, changed), 0);
	cr_assert_eq(outstore_get_state(d->db, &os), 0);
	memset(&s, 0, sizeof(s));
	s.state = STMT_MADE;
	s.sequence = ++os.sequence;
	memcpy(s.keyset, p.sha256, sizeof(s.keyset));
	cr_assert_eq(outstore_put_stmt(d->db, &s), 0);
	cr_assert_eq(outstore_put_state(d->db, &os), 0);
	cr_assert_eq(deskdb_commit(d->db), 0);
	sequence = p.sequence;
	published_wipe(&p);
	return sequence;
}

Test(keylife, a_keyset_s_sequence_rises_with_its_text_alone)
{
	bool changed;

	cr_assert_eq(export(&changed), 1);
	cr_assert(changed, "there was no statement that named it");
	cr_assert_eq(export(&changed), 1);
	cr_assert_not(changed);
	now = T0 + 7 * DAY;
	cr_assert_eq(export(&changed), 2);
	cr_assert(changed);
	cr_assert_eq(export(&changed), 2);
	cr_assert_not(changed);
}

/* Whatever is published between two exports is one step. */
Test(keylife, between_two_exports_there_is_one_step)
{
	struct keyset ks;
	bool changed;

	publish();
	published(&ks);
	cr_assert_eq(ks.sequence, 1);
	keyset_wipe(&ks);
	cr_assert_eq(export(&changed), 1);
	now = T0 + 7 * DAY;
	publish();
	now = T0 + 14 * DAY;
	publish();
	published(&ks);
	cr_assert_eq(ks.sequence, 2);
	keyset_wipe(&ks);
	cr_assert_eq(export(&changed), 2);
}

Test(keylife, no_week_that_has_passed_is_published)
{
	struct keyset ks;

	now = T0 + 7 * DAY;
	publish();
	published(&ks);
	cr_assert_eq(ks.nkeys, 12);
	cr_assert_eq(ks.key[0].from, MONDAY + 7);
	keyset_wipe(&ks);
}

/* A desk whose clock runs a year ahead still publishes this week. */
Test(keylife, a_clock_ahead_does_not_take_this_week_away)
{
	const struct keyset_key *k;
	struct keyset ks;

	box_cover(&b, 1);
	box_epoch(&b, (uint64_t)T0 + DAY, 0);
	cr_assert_eq(import(), 0);
	now = T0 + 364 * (time_t)DAY;
	publish();
	published(&ks);
	cr_assert_eq(keyset_pick(&ks, MONDAY + 2, &k), KEYSET_WEEK);
	cr_assert_eq(keyset_pick(&ks, MONDAY + 364 + 2, &k), KEYSET_WEEK);
	keyset_wipe(&ks);
}

Test(keylife, a_clock_behind_does_not_keep_this_week_back)
{
	const struct keyset_key *k;
	struct keyset ks;

	box_cover(&b, 1);
	box_epoch(&b, (uint64_t)T0 + 200 * DAY, 0);
	cr_assert_eq(import(), 0);
	publish();
	published(&ks);
	cr_assert_eq(keyset_pick(&ks, MONDAY + 200, &k), KEYSET_WEEK);
	keyset_wipe(&ks);
}

/* --- replaced --------------------------------------------------------------- */

Test(keylife, new_keys_at_once_and_the_old_ones_still_open)
{
	struct keyset before, after;
	size_t i;

	publish();
	published(&before);
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, (uint64_t)T0 + 60, 0);
	cr_assert_eq(keylife_rotate(d, "the desk was left open"), 0);
	cr_assert_eq(keylife_rotate(d, "twice in one week"), 0);
	published(&after);
	cr_assert_eq(after.nkeys, 12);
	for (i = 0; i < 12; i++) {
		cr_assert_eq(after.key[i].from, before.key[i].from);
		cr_assert_neq(memcmp(after.key[i].rc.pk, before.key[i].rc.pk,
		    sizeof(after.key[i].rc.pk)), 0);
	}
	cr_assert_neq(memcmp(after.standing.rc.pk, before.standing.rc.pk,
	    sizeof(after.standing.rc.pk)), 0);
	keyset_wipe(&before);
	keyset_wipe(&after);
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.opened, 1);
	cr_assert(has_key(FIRST) && has_key(FIRST "-2") && has_key(FIRST "-3"));
	cr_assert(has_act(DESKACT_ROTATE));
}

/* --- destroyed -------------------------------------------------------------- */

Test(keylife, both_clocks_must_have_passed_the_end_by_four_weeks)
{
	const uint64_t end = (uint64_t)OVER;
	struct deskkey k = { .kind = DESKKEY_WEEK, .from = MONDAY,
	    .to = MONDAY + 6, .issue = 1 };

	cr_assert(keylife_is_over(&k, end, end));
	cr_assert_not(keylife_is_over(&k, end - 1, end));
	cr_assert_not(keylife_is_over(&k, end, end - 1));
	k.kind = DESKKEY_SIGN;
	cr_assert_not(keylife_is_over(&k, end * 2, end * 2));
	k.kind = DESKKEY_STANDING;
	k.to = MONDAY + 729;
	cr_assert_not(keylife_is_over(&k, (uint64_t)(MONDAY + 730 + 364) * DAY,
	    UINT64_MAX));
	cr_assert(keylife_is_over(&k, (uint64_t)(MONDAY + 730 + 365) * DAY,
	    UINT64_MAX));
}

/* Does any file of the desk hold these bytes? */
static bool
desk_holds(const char *folder, const unsigned char *p, size_t n)
{
	char path[8400];
	unsigned char *f;
	struct dirent *e;
	bool found = false;
	size_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", desk, folder);
	cr_assert_not_null(dir = opendir(path));
	while ((e = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s/%s", desk, folder,
		    e->d_name);
		if (file_read(&f, &len, path, 64 << 20) != 0)
			continue;
		found |= memmem(f, len, p, n) != NULL;
		file_free(f, len);
	}
	closedir(dir);
	return found;
}

static bool
desk_holds_key(const unsigned char file[static DESKKEY_BYTES])
{
	static const char *const folder[] = { ".", "keys", "cases",
		"public" };
	size_t i, at;

	for (i = 0; i < sizeof(folder) / sizeof(folder[0]); i++)
		for (at = 20; at + 16 <= DESKKEY_BYTES; at += 16)
			if (desk_holds(folder[i], file + at, 16))
				return true;
	return false;
}

/* Another name of the same file shows what became of its blocks. */
static void
hold(const char *held)
{
	char path[8400];

	snprintf(path, sizeof(path), "%s/keys/" FIRST, desk);
	cr_assert_eq(link(path, held), 0);
}

Test(keylife, what_was_sealed_to_a_destroyed_week_opens_for_nobody)
{
	const char *held = tmpdir_path("held");
	unsigned char *p;
	size_t n, i;

	cr_assert(desk_holds_key(first), "else this test tests nothing");
	hold(held);
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, (uint64_t)T0 + DAY, 0);
	box_cover(&b, 1);
	box_epoch(&b, (uint64_t)OVER + 60, 0);
	now = OVER + 3600;
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.cases, 1);
	cr_assert_not(has_key(FIRST));
	cr_assert(has_key("week-2026-06-08"));
	cr_assert(has_act(DESKACT_DESTROY));
	cr_assert_not(desk_holds_key(first));
	cr_assert_eq(file_read(&p, &n, held, 4096), 0);
	cr_assert_eq(n, DESKKEY_BYTES);
	for (i = 20; i + 8 <= n; i++)
		cr_assert_neq(memcmp(p + i, first + i, 8), 0, "not overwritten");
	file_free(p, n);
	/* The same week's key again, with all that the desk is. */
	box_message(&b, 2, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, (uint64_t)OVER + 120, 0);
	desk_close(d);
	open_desk();
	cr_assert_eq(import_told(d, &st), 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.opened, 0);
	cr_assert_eq(st.since.unopened, 1);
}

/* Imports a report sealed to the first week, closed at this time. */
static void
late_report(uint64_t close)
{
	box_message(&b, 9, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, close, 0);
	cr_assert_eq(import_told(d, &st), 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.cases, 1, "it cannot be read any more");
}

Test(keylife, a_server_that_stamps_the_future_destroys_nothing)
{
	box_cover(&b, 2);
	box_epoch(&b, (uint64_t)OVER + 900 * DAY, 0);
	now = T0 + DAY;
	cr_assert_eq(import(), 0);
	cr_assert(has_key(FIRST));
	late_report((uint64_t)OVER + 901 * DAY);
}

Test(keylife, a_clock_that_runs_ahead_destroys_nothing)
{
	box_cover(&b, 2);
	box_epoch(&b, (uint64_t)T0 + DAY, 0);
	now = OVER + 900 * (time_t)DAY;
	cr_assert_eq(import(), 0);
	cr_assert(has_key(FIRST));
	late_report((uint64_t)T0 + 2 * DAY);
}

Test(keylife, a_clock_that_stands_still_destroys_nothing)
{
	box_cover(&b, 2);
	box_epoch(&b, (uint64_t)OVER + DAY, 0);
	now = 3600;		/* 1970: its battery is empty */
	cr_assert_eq(import(), 0);
	cr_assert(has_key(FIRST));
	now = OVER + DAY;
	late_report((uint64_t)OVER + 2 * DAY);
}

/* It was tried, and is named; a key does not wait for it for ever. */
Test(keylife, a_garbage_parcel_keeps_no_key_alive)
{
	box_garbage(&b);
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_PAYLOAD);
	box_message(&b, 2, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, (uint64_t)T0 + DAY, 0);
	box_cover(&b, 1);
	box_epoch(&b, (uint64_t)OVER, 0);
	now = OVER;
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.cases, 1);
	cr_assert_eq(st.problems, 2);
	cr_assert_not(has_key(FIRST));
}

/* The name of some body that is in the mirror. */
static void
some_body(char out[static 8400])
{
	char path[8400];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/parcels", mirror);
	cr_assert_not_null(dir = opendir(path));
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			snprintf(out, 8400, "%s/parcels/%s", mirror,
			    e->d_name);
	closedir(dir);
}

Test(keylife, a_body_that_is_missing_keeps_every_key)
{
	char body[8400], away[8450];

	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, (uint64_t)T0 + DAY, 0);
	some_body(body);
	snprintf(away, sizeof(away), "%s.away", body);
	cr_assert_eq(rename(body, away), 0);
	box_cover(&b, 1);
	box_epoch(&b, (uint64_t)OVER + DAY, 0);
	now = OVER + DAY;
	cr_assert_eq(import(), EXIT_CLAIM);
	cr_assert(has_key(FIRST));
	/* Months later it is found. */
	now = OVER + 200 * (time_t)DAY;
	cr_assert_eq(import(), EXIT_CLAIM);
	cr_assert(has_key(FIRST));
	cr_assert_eq(rename(away, body), 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.cases, 1);
	cr_assert_not(has_key(FIRST));
}

/* Sealed on the week's last day, sent two weeks later, closed a week after
 * that, brought to the desk at last. */
Test(keylife, a_slow_client_is_read)
{
	box_cover(&b, 1);
	box_epoch(&b, (uint64_t)(MONDAY + 7 + 14) * DAY, 0);
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, (uint64_t)(MONDAY + 7 + 21) * DAY, 0);
	box_cover(&b, 1);
	box_epoch(&b, (uint64_t)OVER + 300 * DAY, 0);
	now = OVER + 300 * (time_t)DAY;
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.cases, 1);
	cr_assert_not(has_key(FIRST));
}

/* Nobody imported for a year: not one secret is gone before. */
Test(keylife, an_unread_report_keeps_its_key)
{
	int week;

	for (week = 0; week < 52; week++) {
		now = T0 + (time_t)week * 7 * DAY;
		publish();
		cr_assert_eq(keylife_destroy(d), 0);
	}
	cr_assert(has_key(FIRST));
	box_message(&b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_epoch(&b, (uint64_t)T0 + DAY, 0);
	cr_assert_eq(import(), 0);
	cr_assert_eq(st.since.cases, 1);
}

/* Killed after its key was doomed: the next start ends what was begun. */
Test(keylife, a_destruction_that_was_cut_short_is_ended)
{
	char path[8400], doomed[8450];

	snprintf(path, sizeof(path), "%s/keys/" FIRST, desk);
	cr_assert_eq(leftover_name(doomed, sizeof(doomed), path), 0);
	cr_assert_eq(rename(path, doomed), 0);
	desk_close(d);
	open_desk();
	cr_assert_neq(access(doomed, F_OK), 0);
	cr_assert_not(desk_holds_key(first));
}
