/* SPDX-License-Identifier: ISC */
/*
 * test_office.c - outboxes: taken whole or refused whole, found again after a
 * restart, logged by the close, and what they give up.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/sha256.h"
#include "server/drop_int.h"
#include "server/epoch.h"
#include "tests/unit/said_help.h"
#include "tests/unit/store_help.h"
#include "tests/unit/trace.h"

#define FIRST	1000010u		/* the first close */
#define DELAY	25u			/* between two and three epochs */

static struct logkey key;
static struct keys keys;
static struct epochs e;
static struct said_role office, alternate;
static unsigned char replies[STATEMENT_REPLIES_MAX * REPLY_BYTES];
static unsigned char body[2 * OUTBOX_BYTES_MAX];
static struct wr out;
static struct statement s;
static uint64_t next;

static void
start(uint64_t now)
{
	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 256u << 20;
	e.conf.erase_delay = DELAY;
	e.key = &key;
	e.keys = &keys;
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(now)), 0);
}

static void
add_role(struct wr *w, const struct said_role *r)
{
	vkey_write(w, &r->k);
	wr_u8(w, '\n');
}

static void
roles(bool both)
{
	unsigned char text[1024];
	struct wr w = wr_from(text, sizeof(text));

	add_role(&w, &office);
	if (both)
		add_role(&w, &alternate);
	cr_assert_eq(keys_parse_roles(&keys, wr_rd(&w)), 0);
}

static void
setup(void)
{
	if (access("/dev/shm", W_OK) == 0)
		cr_assert_eq(setenv("TMPDIR", "/dev/shm", 1), 0);
	help_enter();
	help_key(&key);
	said_role_new(&office, "office.example/office", &key.vk);
	said_role_new(&alternate, "office.example/alternate", &key.vk);
	roles(false);
	start(FIRST - 5);
	out = wr_from(body, sizeof(body));
}

static void
teardown(void)
{
	epochs_stop(&e);
	keys_wipe(&keys);
}

TestSuite(office, .init = setup, .fini = teardown, .timeout = 120);

static uint64_t
open_close(void)
{
	return pending_head(e.open)->close;
}

static void
finish(void)
{
	while (epochs_busy(&e))
		cr_assert_eq(epochs_step(&e), 0);
}

static void
close_epoch(void)
{
	cr_assert_eq(epochs_rotate(&e, help_now(open_close())), 0);
	finish();
}

/* The tree as it is signed. */
static void
imported(struct statement *st)
{
	struct checkpoint c;
	struct note n;

	cr_assert_eq(note_parse(&n, drop_checkpoint(e.drop)), 0);
	cr_assert_eq(checkpoint_parse(&c, n.text), 0);
	st->size = c.size;
	memcpy(st->root, c.root, HASH_BYTES);
}

/* A good one with four new replies, in s and replies. */
static void
make(const struct said_role *r, uint64_t sequence)
{
	said_init(&s, r, HELP_ORIGIN, sequence);
	imported(&s);
	said_replies(&s, replies, 4);
}

static void
record(const struct said_role *r, bool keyset)
{
	said_record(&out, r, &s, replies, keyset);
}

static enum office_verdict
post(void)
{
	enum office_verdict v;

	cr_assert_eq(office_take(&e.office, wr_rd(&out), open_close(), &v,
	    &next), 0);
	out = wr_from(body, sizeof(body));
	return v;
}

/* One good statement, logged. */
static void
say(const struct said_role *r, uint64_t sequence, uint64_t erase,
    uint64_t drop)
{
	make(r, sequence);
	s.erase = erase;
	s.drop = drop;
	record(r, sequence == 1);
	cr_assert_eq(post(), OFFICE_NEW, "%llu", (unsigned long long)sequence);
}

static uint64_t
newest(const struct said_role *r)
{
	static struct drop_role role;

	cr_assert_eq(drop_role_get(e.drop, r->k.name, &role), 0);
	return role.sequence;
}

static void
assert_served(size_t statements, size_t bytes_of_replies)
{
	struct replies_view v;
	unsigned char *p;
	size_t n;

	cr_assert_eq(drop_replies(e.drop, &p, &n), 0);
	cr_assert_eq(replies_parse(&v, rd_from(p, n)), 0);
	cr_assert_eq(v.count, statements, "%u", v.count);
	cr_assert_eq(v.replies.n, bytes_of_replies * REPLY_BYTES);
	free(p);
}

/* --- taken --------------------------------------------------------------- */

Test(office, a_statement_is_taken_logged_and_served)
{
	struct entry found;
	unsigned char *p;
	size_t n, i;

	make(&office, 1);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	cr_assert_eq(access("pending/1000010/outbox-0", F_OK), 0);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_HELD);
	assert_served(0, 0);
	close_epoch();
	cr_assert_eq(access("pending/1000010", F_OK), -1);
	cr_assert_eq(e.office.nsaid, 0);
	assert_served(1, 4);
	for (i = 0; i < 4; i++) {
		cr_assert_eq(drop_where(e.drop, &found, s.reply[i]), 0);
		cr_assert_eq(found.kind, ENTRY_REPLY);
		cr_assert_eq(found.close, FIRST);
	}
	cr_assert_eq(drop_keyset(e.drop, s.keyset, &p, &n), 0);
	cr_assert(rd_eq(rd_from(p, n), rd_from(office.keyset,
	    office.nkeyset)));
	free(p);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_HELD);
	make(&office, 2);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEW);
}

Test(office, several_records_are_taken_in_order_and_held_ones_skipped)
{
	uint64_t i;

	for (i = 1; i <= 3; i++) {
		make(&office, i);
		record(&office, i == 1);
	}
	cr_assert_eq(post(), OFFICE_NEW);
	cr_assert_eq(e.office.nsaid, 3);
	close_epoch();
	cr_assert_eq(newest(&office), 3);
	assert_served(3, 12);
}

Test(office, what_is_held_may_lead_a_body_that_goes_on)
{
	struct wr first;

	make(&office, 1);
	record(&office, true);
	first = out;
	cr_assert_eq(post(), OFFICE_NEW);
	out = first;
	make(&office, 2);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEW);
	cr_assert_eq(e.office.nsaid, 2);
	/* Only what is new is kept. */
	cr_assert_eq(e.office.said[1].file, 1);
	close_epoch();
	cr_assert_eq(newest(&office), 2);
}

Test(office, the_configurations_keyset_counts_until_the_first_statement)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(keys_add_note(&keys, rd_from(office.keyset,
	    office.nkeyset)), 0);
	make(&office, 1);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEW);
	close_epoch();
	/* And from then on it is ours. */
	cr_assert_eq(drop_keyset(e.drop, s.keyset, &p, &n), 0);
	free(p);
	said_keyset(&office, &key.vk, 2);
	make(&office, 2);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	close_epoch();
	cr_assert_eq(drop_keyset(e.drop, s.keyset, &p, &n), 0);
	free(p);
}

/* --- refused ------------------------------------------------------------- */

/* What is wrong with a record, before it is signed and after. */
static void
spoil(unsigned how)
{
	switch (how) {
	case 0:
		s.root[3] ^= 1;
		break;
	case 1:
		s.size += 1;
		break;
	case 2:
		s.size -= 1;
		break;
	case 3:
		strcpy(s.origin, "drop.example/log2");
		break;
	case 4:
		s.erase = 1;		/* the one before had imported 0 */
		break;
	case 5:
		s.keyset[0] ^= 1;
		break;
	case 6:
		s.reply[2][0] ^= 1;
		break;
	case 7:
		memcpy(s.reply[3], s.reply[2], HASH_BYTES);
		s.reply[3][31] ^= 1;
		break;
	default:
		break;
	}
}

Test(office, whatever_is_wrong_is_refused_and_nothing_is_kept)
{
	unsigned how;

	make(&office, 1);
	s.size = 0;
	sha256(s.root, "", 0);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	close_epoch();
	for (how = 0; how < 8; how++) {
		make(&office, 2);
		spoil(how);
		record(&office, how == 5);
		cr_assert_eq(post(), OFFICE_BAD, "%u", how);
		cr_assert_eq(e.office.nsaid, 0);
	}
	cr_assert_eq(access("pending/1000020/outbox-0", F_OK), -1);
	make(&office, 2);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEW);
}

Test(office, a_changed_missing_or_spare_byte_is_refused)
{
	const size_t ends[] = { 0, 3, 100, 5000, 20000 };
	size_t i, n;

	make(&office, 1);
	record(&office, true);
	n = out.n;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		out.p = body;
		out.n = ends[i];
		cr_assert_eq(post(), OFFICE_BAD, "cut at %zu", ends[i]);
	}
	out.n = n + 1;
	body[n] = 0;
	cr_assert_eq(post(), OFFICE_BAD, "a byte too many");
	for (i = 5; i < n; i += 997) {
		body[i] ^= 4;
		out.n = n;
		cr_assert_eq(post(), OFFICE_BAD, "byte %zu", i);
		body[i] ^= 4;
	}
	cr_assert_eq(e.office.nsaid, 0);
	out.n = n;
	cr_assert_eq(post(), OFFICE_NEW);
}

Test(office, another_sequence_is_told_which_is_the_next)
{
	make(&office, 2);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEXT);
	cr_assert_eq(next, 1);
	make(&office, 1);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	/* Another of the same number is not the one that is held. */
	make(&office, 1);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEXT);
	cr_assert_eq(next, 2);
	close_epoch();
	make(&office, 3);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEXT);
	cr_assert_eq(next, 2);
}

Test(office, all_of_a_body_or_nothing)
{
	make(&office, 1);
	record(&office, true);
	make(&office, 2);
	s.root[0] ^= 1;
	record(&office, false);
	cr_assert_eq(post(), OFFICE_BAD);
	cr_assert_eq(e.office.nsaid, 0);
	make(&office, 1);
	record(&office, true);
	make(&office, 3);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEXT);
	cr_assert_eq(e.office.nsaid, 0);
	cr_assert_eq(next, 2);
}

Test(office, a_stranger_is_nobody_and_a_role_is_itself_alone)
{
	struct said_role stranger;

	said_role_new(&stranger, "office.example/office", &key.vk);
	make(&stranger, 1);
	record(&stranger, true);
	cr_assert_eq(post(), OFFICE_BAD, "the same name");
	make(&alternate, 1);
	record(&alternate, true);
	cr_assert_eq(post(), OFFICE_BAD, "not of this office");
	roles(true);
	make(&alternate, 1);
	record(&office, true);		/* signed by the other one */
	cr_assert_eq(post(), OFFICE_BAD);
	make(&alternate, 1);
	record(&alternate, true);
	cr_assert_eq(post(), OFFICE_NEW);
	make(&office, 1);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	close_epoch();
	cr_assert_eq(newest(&office), 1);
	cr_assert_eq(newest(&alternate), 1);
}

Test(office, keysets_of_others_and_for_others_are_refused)
{
	struct vkey other;
	struct said_role r = office;

	make(&office, 1);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_BAD, "none");
	r.k = alternate.k;
	memcpy(r.keyset, alternate.keyset, sizeof(r.keyset));
	r.nkeyset = alternate.nkeyset;
	r.k = office.k;
	make(&r, 1);
	record(&r, true);
	cr_assert_eq(post(), OFFICE_BAD, "the other role's");
	r = office;
	said_keyset(&r, NULL, 1);
	make(&r, 1);
	record(&r, true);
	cr_assert_eq(post(), OFFICE_BAD, "it names no log");
	other = key.vk;
	cr_assert_eq(vkey_make(&other, rd_str(HELP_ORIGIN), NOTE_ED25519,
	    alternate.k.pk), 0);
	said_keyset(&r, &other, 1);
	make(&r, 1);
	record(&r, true);
	cr_assert_eq(post(), OFFICE_BAD, "another log's key");
}

Test(office, a_reply_that_was_there_before_is_refused)
{
	static unsigned char old[4 * REPLY_BYTES];
	unsigned char digest[HASH_BYTES];

	make(&office, 1);
	record(&office, true);
	memcpy(old, replies, sizeof(old));
	memcpy(digest, s.reply[1], sizeof(digest));
	cr_assert_eq(post(), OFFICE_NEW);
	make(&office, 2);
	memcpy(replies, old + REPLY_BYTES, REPLY_BYTES);
	memcpy(s.reply[0], digest, sizeof(digest));
	record(&office, false);
	cr_assert_eq(post(), OFFICE_BAD, "it waits");
	close_epoch();
	make(&office, 2);
	memcpy(replies, old + REPLY_BYTES, REPLY_BYTES);
	memcpy(s.reply[0], digest, sizeof(digest));
	record(&office, false);
	cr_assert_eq(post(), OFFICE_BAD, "it is logged");
	make(&office, 2);
	record(&office, false);
	make(&office, 3);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEW);
}

Test(office, an_epoch_takes_so_many_outboxes_and_no_more)
{
	uint64_t i;

	for (i = 1; i <= OFFICE_OUTBOXES_MAX; i++)
		say(&office, i, 0, 0);
	make(&office, i);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_FULL);
	cr_assert_eq(e.office.nsaid, OFFICE_OUTBOXES_MAX);
	close_epoch();
	make(&office, i);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEW);
	assert_served(OFFICE_OUTBOXES_MAX, 4 * OFFICE_OUTBOXES_MAX);
}

/* Else nothing would ever say which of them may go. */
Test(office, what_lets_go_has_room_where_replies_have_none)
{
	say(&office, 1, 0, 0);
	close_epoch();
	e.drop->head.replies = OFFICE_REPLIES_MAX - 1;
	said_init(&s, &office, HELP_ORIGIN, 2);
	imported(&s);
	said_replies(&s, replies, OFFICE_REPLIES_FEW + 4);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_FULL);
	say(&office, 2, 0, 2);
	e.drop->head.replies = OFFICE_REPLIES_MAX + OFFICE_REPLIES_SPARE - 4;
	make(&office, 3);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_FULL);
	cr_assert_eq(e.office.nsaid, 1);
	e.drop->head.replies = 4;
}

/* The one before the last is named again by the last. */
Test(office, a_keyset_that_comes_back_in_one_epoch_is_there)
{
	struct said_role was = office;
	unsigned char *p;
	size_t n;

	say(&office, 1, 0, 0);
	close_epoch();
	said_keyset(&office, &key.vk, 2);
	make(&office, 2);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	make(&was, 3);
	record(&was, true);
	cr_assert_eq(post(), OFFICE_NEW);
	close_epoch();
	cr_assert_eq(drop_keyset(e.drop, s.keyset, &p, &n), 0);
	cr_assert(rd_eq(rd_from(p, n), rd_from(was.keyset, was.nkeyset)));
	free(p);
	make(&office, 4);
	cr_assert_eq(drop_keyset(e.drop, s.keyset, &p, &n), ERR_NOTFOUND);
}

/* --- after a restart ----------------------------------------------------- */

Test(office, what_was_taken_is_found_again_in_a_smaller_drop)
{
	said_init(&s, &office, HELP_ORIGIN, 1);
	imported(&s);
	said_replies(&s, replies, 240);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	epochs_stop(&e);
	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 5u << 20;
	e.key = &key;
	e.keys = &keys;
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(FIRST - 4)), 0);
	cr_assert_eq(e.office.nsaid, 1);
	/* It was held; but nothing comes beside it. */
	make(&office, 2);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_FULL);
}

Test(office, what_was_taken_is_found_again)
{
	make(&office, 1);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	make(&office, 2);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_NEW);
	epochs_stop(&e);
	start(FIRST - 4);
	cr_assert_eq(e.office.nsaid, 2);
	close_epoch();
	cr_assert_eq(newest(&office), 2);
	assert_served(2, 8);
}

Test(office, an_outbox_that_was_altered_is_noticed)
{
	size_t n;
	unsigned char *b;
	int fd;

	make(&office, 1);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	epochs_stop(&e);
	b = help_slurp("pending/1000010/outbox-0", &n);
	b[n - 7] ^= 1;
	fd = open("pending/1000010/outbox-0", O_WRONLY);
	cr_assert_eq(write(fd, b, n), (ssize_t)n);
	close(fd);
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(FIRST - 4)), ERR_CHANGED);
	epochs_stop(&e);
	b[n - 7] ^= 1;
	fd = open("pending/1000010/outbox-0", O_WRONLY);
	cr_assert_eq(write(fd, b, n), (ssize_t)n);
	close(fd);
	free(b);
	start(FIRST - 4);
	/* While it runs, too. */
	cr_assert_eq(truncate("pending/1000010/outbox-0", (off_t)n - 1), 0);
	cr_assert_eq(epochs_rotate(&e, help_now(FIRST)), 0);
	while (e.step != STEP_OUTBOX)
		cr_assert_eq(epochs_step(&e), 0);
	cr_assert_eq(epochs_step(&e), ERR_CHANGED);
	cr_assert_eq(drop_last_close(e.drop), 0);
}

/* --- erasure ------------------------------------------------------------- */

/* How many parcels are here. */
static unsigned
bodies(uint32_t number, uint32_t n)
{
	static unsigned char parcel[PARCEL_BYTES];
	unsigned char digest[HASH_BYTES];
	unsigned there = 0;
	uint64_t total;
	struct entry found;
	size_t got;
	int r;

	for (; n > 0; n--, number++) {
		help_parcel(parcel, digest, number);
		cr_assert_eq(drop_where(e.drop, &found, digest), 0);
		r = drop_get_body(e.drop, ENTRY_PARCEL, digest, 0, parcel,
		    sizeof(parcel), &got, &total);
		cr_assert(r == 0 || r == ERR_NOTFOUND);
		there += r == 0;
	}
	return there;
}

static struct trace *
traces(uint32_t number, uint32_t n)
{
	static unsigned char parcel[PARCEL_BYTES];
	unsigned char digest[HASH_BYTES];
	struct trace *t = trace_new();

	for (; n > 0; n--, number++) {
		help_parcel(parcel, digest, number);
		trace_add(t, parcel, sizeof(parcel));
	}
	return t;
}

Test(office, parcels_go_after_the_delay_and_no_trace_is_left)
{
	struct trace *t = traces(1, 5), *stay = traces(50, 5);
	uint64_t size, close;

	help_fill(&e, 1, 5);
	close_epoch();
	size = drop_size(e.drop);
	help_fill(&e, 50, 5);
	say(&office, 1, 0, 0);
	close_epoch();
	say(&office, 2, size, 0);
	close_epoch();			/* logged at 30; in force from 55 on */
	cr_assert_geq(trace_count_tree(t, "."), 5);
	close_epoch();
	close_epoch();
	cr_assert_eq(bodies(1, 5), 5);
	close_epoch();
	cr_assert_eq(bodies(1, 5), 0);
	cr_assert_eq(bodies(50, 5), 5);
	cr_assert_eq(trace_count_tree(t, "."), 0);
	cr_assert_geq(trace_count_tree(stay, "."), 5);
	/* It is not taken again, and its receipt stays what it was. */
	{
		static unsigned char parcel[PARCEL_BYTES];
		unsigned char digest[HASH_BYTES];

		help_parcel(parcel, digest, 1);
		cr_assert_eq(epochs_find(&e, digest, &close), 0);
		cr_assert_eq(close, FIRST);
	}
	cr_assert_eq(drop_verify_from(e.drop, &key.vk, 0), 0);
	epochs_stop(&e);
	start(FIRST + 60);
	cr_assert_eq(bodies(50, 5), 5);
	trace_free(t);
	trace_free(stay);
}

Test(office, every_role_must_have_said_so)
{
	uint64_t size, i;

	roles(true);
	help_fill(&e, 1, 3);
	close_epoch();
	size = drop_size(e.drop);
	say(&office, 1, 0, 0);
	close_epoch();
	say(&office, 2, size, 0);
	for (i = 0; i < 5; i++)
		close_epoch();
	cr_assert_eq(bodies(1, 3), 3, "the other one has said nothing");
	say(&alternate, 1, 0, 0);
	close_epoch();
	say(&alternate, 2, size - 1, 0);
	close_epoch();
	close_epoch();
	close_epoch();
	cr_assert_eq(bodies(1, 3), 3, "not long enough ago");
	close_epoch();
	cr_assert_leq(bodies(1, 3), 1, "all but the last, the lesser of two");
}

Test(office, what_a_later_statement_takes_back_stays)
{
	uint64_t size, i;

	help_fill(&e, 1, 3);
	close_epoch();
	size = drop_size(e.drop);
	say(&office, 1, 0, 0);
	close_epoch();
	say(&office, 2, size, 0);
	close_epoch();
	close_epoch();
	say(&office, 3, 0, 0);
	for (i = 0; i < 6; i++)
		close_epoch();
	cr_assert_eq(bodies(1, 3), 3);
	say(&office, 4, size, 0);
	for (i = 0; i < 4; i++)
		close_epoch();
	cr_assert_eq(bodies(1, 3), 0);
}

static void
trace_replies(struct trace *t)
{
	size_t i;

	for (i = 0; i < 4; i++)
		trace_add(t, replies + i * REPLY_BYTES, REPLY_BYTES);
}

Test(office, a_role_drops_its_own_replies_alone)
{
	struct trace *t = trace_new(), *stay = trace_new();
	uint64_t i;

	roles(true);
	say(&office, 1, 0, 0);
	trace_replies(t);
	say(&alternate, 1, 0, 0);
	trace_replies(stay);
	close_epoch();
	assert_served(2, 8);
	say(&office, 2, 0, 2);
	trace_replies(stay);
	for (i = 0; i < 3; i++)
		close_epoch();
	assert_served(3, 12);
	cr_assert_gt(trace_count_tree(t, "."), 0);
	close_epoch();
	assert_served(2, 8);
	cr_assert_eq(trace_count_tree(t, "."), 0);
	cr_assert_gt(trace_count_tree(stay, "."), 0);
	epochs_stop(&e);
	start(FIRST + 60);
	assert_served(2, 8);
	trace_free(t);
	trace_free(stay);
}

Test(office, replies_of_an_old_statement_are_not_taken_again)
{
	static unsigned char old[4 * REPLY_BYTES];
	struct statement was;
	uint64_t i;

	say(&office, 1, 0, 0);
	was = s;
	memcpy(old, replies, sizeof(old));
	close_epoch();
	say(&office, 2, 0, 2);
	for (i = 0; i < 5; i++)
		close_epoch();
	assert_served(1, 4);
	said_record(&out, &office, &was, old, true);
	cr_assert_eq(post(), OFFICE_HELD, "it was logged");
	make(&office, 3);
	memcpy(replies, old, REPLY_BYTES);
	memcpy(s.reply[0], was.reply[0], HASH_BYTES);
	record(&office, false);
	cr_assert_eq(post(), OFFICE_BAD);
}

/* A close that was cut short leaves bodies nobody names: these go, too. */
Test(office, zeroing_finds_what_other_lives_left)
{
	struct trace *t;
	uint64_t size, i;

	help_fill(&e, 1, 4);
	t = traces(1, 4);
	cr_assert_eq(epochs_rotate(&e, help_now(FIRST)), 0);
	while (e.step != STEP_OUTBOX)
		cr_assert_eq(epochs_step(&e), 0);
	epochs_stop(&e);		/* as good as killed */
	start(FIRST + 1);
	finish();
	size = drop_size(e.drop);
	say(&office, 1, 0, 0);
	close_epoch();
	say(&office, 2, size, 0);
	for (i = 0; i < 4; i++)
		close_epoch();
	cr_assert_eq(bodies(1, 4), 0);
	cr_assert_eq(trace_count_tree(t, "."), 0);
	trace_free(t);
}

/* Else nobody could ever make room in it. */
Test(office, a_full_drop_hears_the_office_and_has_room_again)
{
	uint32_t number = 1;
	uint64_t size, i;

	epochs_stop(&e);
	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 16u << 20;
	e.key = &key;
	e.keys = &keys;
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(FIRST - 4)), 0);
	while (epochs_have_room(&e)) {
		for (i = 0; i < 30 && epochs_have_room(&e); i++)
			help_fill(&e, number++, 1);
		close_epoch();
	}
	cr_assert_geq(number, 100);
	size = drop_size(e.drop);
	/* More than is left for parcels. */
	said_init(&s, &office, HELP_ORIGIN, 1);
	imported(&s);
	said_replies(&s, replies, 120);
	record(&office, true);
	cr_assert_eq(post(), OFFICE_NEW);
	close_epoch();
	cr_assert_eq(newest(&office), 1);
	cr_assert_not(epochs_have_room(&e));
	say(&office, 2, size, 0);	/* erase_delay is 0 here */
	close_epoch();
	cr_assert_eq(bodies(1, number - 1), 0);
	cr_assert(epochs_have_room(&e));
	help_fill(&e, 1000, 5);
	close_epoch();
	cr_assert_eq(bodies(1000, 5), 5);
}

/* --- a disk that rots ---------------------------------------------------- */

static void
flip_role(size_t part)
{
	char name[] = "role office.example/office";
	unsigned char copy[512];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_val k = { sizeof(name) - 1, name }, v;

	cr_assert_eq(mdb_env_create(&env), 0);
	cr_assert_eq(mdb_env_set_maxdbs(env, 16), 0);
	cr_assert_eq(mdb_env_set_mapsize(env, 256u << 20), 0);
	cr_assert_eq(mdb_env_open(env, "drop", MDB_NOLOCK, 0600), 0);
	cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	cr_assert_eq(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
	cr_assert_eq(mdb_get(txn, dbi, &k, &v), 0);
	cr_assert_leq(v.mv_size, sizeof(copy));
	memcpy(copy, v.mv_data, v.mv_size);
	copy[v.mv_size * part / 16] ^= 0x10;
	v.mv_data = copy;
	cr_assert_eq(mdb_put(txn, dbi, &k, &v, 0), 0);
	cr_assert_eq(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

Test(office, a_flipped_bit_in_what_a_role_said_is_noticed)
{
	size_t part;

	say(&office, 1, 0, 0);
	close_epoch();
	say(&office, 2, 0, 1);
	close_epoch();
	for (part = 0; part < 16; part++) {
		epochs_stop(&e);
		flip_role(part);
		e.guard.dir = help_guard();
		cr_assert_eq(epochs_start(&e, help_now(FIRST + 15)),
		    ERR_FORMAT, "part %zu", part);
		epochs_stop(&e);
		flip_role(part);
		start(FIRST + 15);
	}
	cr_assert_eq(newest(&office), 2);
}

/* --- terms --------------------------------------------------------------- */

Test(office, terms_hold_the_least_of_what_came_later)
{
	static struct drop_role r;
	uint64_t erase, drop;

	r.nterm = 3;
	r.term[0] = (struct drop_term){ 100, 5, 1 };
	r.term[1] = (struct drop_term){ 110, 7, 1 };
	r.term[2] = (struct drop_term){ 120, 9, 4 };
	cr_assert_not(drop_role_term(&r, 124, 25, &erase, &drop));
	cr_assert_eq(erase + drop, 0);
	cr_assert(drop_role_term(&r, 125, 25, &erase, &drop));
	cr_assert_eq(erase, 5);
	cr_assert(drop_role_term(&r, 144, 25, &erase, &drop));
	cr_assert_eq(erase, 7);
	cr_assert(drop_role_term(&r, 145, 25, &erase, &drop));
	cr_assert_eq(erase, 9);
	cr_assert_eq(drop, 4);
	cr_assert_not(drop_role_term(&r, 20, 25, &erase, &drop), "no wrap");
}
