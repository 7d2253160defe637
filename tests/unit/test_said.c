/* SPDX-License-Identifier: ISC */
/*
 * test_said.c - an audit of what the office says: statements, replies and
 * erasure in a small log of our own, honest and not.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/audit/verify.h"
#include "client/common/file.h"
#include "client/common/say.h"
#include "crypto/hpke.h"
#include "crypto/parcel.h"
#include "crypto/reply.h"
#include "tests/unit/logdir.h"
#include "tests/unit/tmpdir.h"

#define DAY	UINT64_C(86400)
#define OFFICE	"office.example"
#define MOST	200

static struct mirror *m;
static struct logdir log_key;
static struct keys keys;
static struct source *src;
static struct verify v;
static struct verify_result res;
static unsigned char sk[OFFICE_ROLES][64], keyset_sha[HASH_BYTES];

/* The log that is being made, and what /replies serves. */
static struct entry entry[MOST];
static size_t nentries;
static struct tree tree;
static struct sha256 *h;
static unsigned char served[1 << 20], bodies[1 << 20];
static struct wr ws, wb;
static uint32_t nserved;

static void
role_keys(size_t i, const char *name)
{
	unsigned char seed[32] = { 7 }, pk[32];

	seed[1] = (unsigned char)i;
	crypto_sign_seed_keypair(pk, sk[i], seed);
	keys.office.has[i] = true;
	cr_assert_eq(vkey_make(&keys.office.key[i], rd_str(name),
	    NOTE_ED25519, pk), 0);
}

static void
put_keyset(void)
{
	static const unsigned char seed[32] = { 9 };
	struct keyset_key week = { .from = 20000, .to = 20006 };
	static struct keyset ks;
	static unsigned char text[4096], note[8192];
	struct wr w = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));

	cr_assert_eq(hpke_public(week.rc.pk, seed), 0);
	ks.nkeys = 1;
	ks.key = &week;
	strcpy(ks.office, OFFICE);
	strcpy(ks.role, "office");
	ks.sequence = 1;
	ks.has_log = true;
	ks.log = log_key.key;
	keyset_write(&w, &ks);
	cr_assert_eq(note_sign(&n, wr_rd(&w), &keys.office.key[ROLE_OFFICE],
	    sk[ROLE_OFFICE]), 0);
	cr_assert_eq(mirror_write(m, "keyset", wr_rd(&n)), 0);
	sha256(keyset_sha, note, n.n);
}

static uint64_t
clock_now(void)
{
	return 1000 * DAY;
}

static void
setup(void)
{
	struct source_how how = { .tries = 1 };

	cr_assert(sodium_init() >= 0);
	say_quiet(true);
	tmpdir_new();
	cr_assert_eq(mirror_open(&m, tmpdir_path("mirror"), true), 0);
	cr_assert_eq(source_open(&src, tmpdir_path("mirror"), &how), 0);
	logdir_key(&log_key);
	keys.log = log_key.key;
	keys.has_log = keys.has_office = true;
	strcpy(keys.office.name, OFFICE);
	role_keys(ROLE_OFFICE, OFFICE "/office");
	put_keyset();
	h = sha256_new();
	tree_init(&tree);
	nentries = 0;
	ws = wr_from(served, sizeof(served));
	wb = wr_from(bodies, sizeof(bodies));
	nserved = 0;
	v.src = src;
	v.keys = &keys;
	v.delay = SAID_DELAY_SECS;
	v.clock = clock_now;
}

static void
teardown(void)
{
	sha256_free(h);
	audit_keys_wipe(&keys);
	source_close(src);
	mirror_close(m);
	tmpdir_remove();
}

TestSuite(said, .init = setup, .fini = teardown);

/* --- making it ----------------------------------------------------------- */

static void
add(enum entry_kind kind, uint64_t close,
    const unsigned char digest[static HASH_BYTES])
{
	struct entry *e = &entry[nentries++];

	cr_assert(nentries <= MOST);
	e->kind = kind;
	e->close = close;
	memcpy(e->digest, digest, HASH_BYTES);
}

/* Four parcels of one epoch; the first of them there, or none. */
static void
parcels(uint64_t close, unsigned there)
{
	static unsigned char parcel[PARCEL_BYTES],
	    plain[PARCEL_PLAIN_BYTES];
	unsigned char digest[4][HASH_BYTES];
	char name[80];
	unsigned i;

	for (i = 0; i < 4; i++) {
		memset(digest[i], (int)(64 * i), HASH_BYTES);
		if (i < there) {
			randombytes_buf(plain, sizeof(plain));
			do {
				cr_assert_eq(parcel_seal(parcel, plain, NULL,
				    0, NULL), 0);
				sha256(digest[i], parcel, sizeof(parcel));
			} while (digest[i][0] / 64 != i);
			mirror_name(name, "parcels", digest[i]);
			cr_assert_eq(mirror_write(m, name, rd_from(parcel,
			    sizeof(parcel))), 0);
		}
		add(ENTRY_PARCEL, close, digest[i]);
	}
}

/* The log as it was before something that is not to stay. */
static struct {
	size_t nentries;
	uint32_t nserved;
	struct wr ws, wb;
} was;

static void
mark(void)
{
	was.nentries = nentries;
	was.nserved = nserved;
	was.ws = ws;
	was.wb = wb;
}

static void
back(void)
{
	nentries = was.nentries;
	nserved = was.nserved;
	ws = was.ws;
	wb = was.wb;
}

/* What the tree is that has these entries so far. */
static void
tree_now(struct tree *t)
{
	unsigned char bytes[ENTRY_BYTES], leaf[HASH_BYTES];
	size_t i;

	tree_init(t);
	for (i = 0; i < nentries; i++) {
		entry_write(bytes, &entry[i]);
		tree_leaf(h, leaf, rd_from(bytes, sizeof(bytes)));
		cr_assert_eq(tree_append(t, h, leaf), 0);
	}
}

static struct statement
statement_of(size_t role, uint64_t sequence)
{
	struct statement s = { .sequence = sequence, .size = nentries };
	struct tree t;

	strcpy(s.office, OFFICE);
	strcpy(s.role, role_name((enum codename_role)role));
	strcpy(s.origin, LOGDIR_ORIGIN);
	memcpy(s.keyset, keyset_sha, HASH_BYTES);
	tree_now(&t);
	tree_root(&t, h, s.root);
	return s;
}

#define SERVE	1u		/* in /replies */
#define LOG	2u
#define REPLY	4u		/* one, named */
#define ORPHAN	8u		/* named, and not logged */
#define STRAY	16u		/* logged, and not named */
#define NOBODY	32u		/* named, and not in /replies */

/* A statement in its epoch, with a reply or two. */
static void
say_it(struct statement *s, size_t role, uint64_t close, unsigned how)
{
	static unsigned char text[STATEMENT_MAX_BYTES],
	    note[STATEMENT_MAX_BYTES];
	struct wr w = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));
	unsigned char reply[REPLY_BYTES], digest[HASH_BYTES];
	char name[80];

	memset(reply, (int)s->sequence, sizeof(reply));
	reply[0] = (unsigned char)role;
	sha256(digest, reply, sizeof(reply));
	if (how & (REPLY | ORPHAN))
		memcpy(s->reply[s->nreplies++], digest, HASH_BYTES);
	if (how & (REPLY | STRAY))
		add(ENTRY_REPLY, close, digest);
	statement_write(&w, s);
	cr_assert(wr_ok(&w));
	cr_assert_eq(note_sign(&n, wr_rd(&w), &keys.office.key[role],
	    sk[role]), 0);
	sha256(digest, note, n.n);
	mirror_name(name, "statements", digest);
	if (how & LOG) {
		cr_assert_eq(mirror_write(m, name, wr_rd(&n)), 0);
		add(ENTRY_STATEMENT, close, digest);
	}
	if (how & SERVE) {
		nserved++;
		wr_u32(&ws, (uint32_t)n.n);
		wr_bytes(&ws, note, n.n);
		if (s->nreplies > 0 && !(how & NOBODY))
			wr_bytes(&wb, reply, sizeof(reply));
	}
}

/* The next statement of a role, all as it should be. */
static void
say_next(size_t role, uint64_t sequence, uint64_t close, uint64_t erase)
{
	struct statement s = statement_of(role, sequence);

	s.erase = erase;
	parcels(close, 0);
	say_it(&s, role, close, SERVE | LOG | REPLY);
}

static void
publish(void)
{
	static unsigned char all[1 << 21], hashes[MOST][HASH_BYTES];
	unsigned char bundle[MOST * BUNDLE_UNIT], raw[ENTRY_BYTES],
	    root[HASH_BYTES], note[2048], text[1024];
	struct tile t = { TILE_ENTRIES, 0, (unsigned)nentries };
	struct wr w = wr_from(bundle, sizeof(bundle)), a, n;
	struct tree now;
	char name[80];
	size_t i;

	for (i = 0; i < nentries; i++) {
		entry_write(raw, &entry[i]);
		bundle_write(&w, raw);
		tree_leaf(h, hashes[i], rd_from(raw, sizeof(raw)));
	}
	mirror_tile_name(name, &t);
	cr_assert_eq(mirror_write(m, name, wr_rd(&w)), 0);
	t.level = 0;
	mirror_tile_name(name, &t);
	cr_assert_eq(mirror_write(m, name, rd_from(hashes[0],
	    nentries * HASH_BYTES)), 0);
	a = wr_from(all, sizeof(all));
	if (nserved > 0) {
		wr_u32(&a, nserved);
		wr_bytes(&a, served, ws.n);
		wr_bytes(&a, bodies, wb.n);
	}
	cr_assert_eq(mirror_write(m, "replies", wr_rd(&a)), 0);
	tree_now(&now);
	tree_root(&now, h, root);
	w = wr_from(text, sizeof(text));
	n = wr_from(note, sizeof(note));
	checkpoint_write(&w, rd_str(LOGDIR_ORIGIN), now.size, root);
	cr_assert_eq(note_sign(&n, wr_rd(&w), &log_key.key, log_key.sk), 0);
	cr_assert_eq(mirror_write(m, "log/checkpoint", wr_rd(&n)), 0);
}

/* EXIT_CLAIM, and the evidence says so. */
static void
refused(const char *says)
{
	const char *path = tmpdir_path("evidence");
	unsigned char *p;
	size_t n;

	publish();
	(void)unlink(path);
	v.evidence = path;
	cr_assert_eq(verify_run(&v, &res), EXIT_CLAIM, "%s", says);
	cr_assert_eq(file_read(&p, &n, path, 1 << 24), 0);
	cr_assert_not_null(strstr((char *)p, says), "%s, not %s", p, says);
	file_free(p, n);
}

static void
taken(void)
{
	publish();
	cr_assert_eq(verify_run(&v, &res), EXIT_DONE);
}

/* --- what is said -------------------------------------------------------- */

Test(said, an_office_that_keeps_to_the_rules)
{
	parcels(DAY, 0);
	say_next(ROLE_OFFICE, 1, 2 * DAY, 0);
	say_next(ROLE_OFFICE, 2, 3 * DAY, 4);
	say_next(ROLE_OFFICE, 3, 4 * DAY, 0);
	taken();
	cr_assert(res.statements == 3 && res.replies == 3);
}

Test(said, two_statements_of_two_roles_in_one_epoch)
{
	struct statement a, b;

	role_keys(ROLE_ALTERNATE, OFFICE "/alternate");
	parcels(DAY, 0);
	a = statement_of(ROLE_OFFICE, 1);
	b = statement_of(ROLE_ALTERNATE, 1);
	say_it(&a, ROLE_OFFICE, DAY * 2, SERVE | LOG);
	say_it(&b, ROLE_ALTERNATE, DAY * 2, SERVE | LOG);
	if (memcmp(entry[4].digest, entry[5].digest, HASH_BYTES) > 0) {
		struct entry e = entry[4];

		entry[4] = entry[5];
		entry[5] = e;
	}
	taken();
}

/* In a close entries stand by digest, and so in either order. */
Test(said, two_statements_of_one_role_in_one_epoch)
{
	struct statement a, b;
	struct entry e;
	int turn;

	for (turn = 0; turn < 2; turn++) {
		nentries = 0;
		nserved = 0;
		ws = wr_from(served, sizeof(served));
		parcels(DAY, 0);
		a = statement_of(ROLE_OFFICE, 1);
		b = statement_of(ROLE_OFFICE, 2);
		b.drop = 0;
		/* Their digests decide; another commitment turns them. */
		do {
			nentries = 4;
			nserved = 0;
			ws = wr_from(served, sizeof(served));
			a.desklog[0]++;
			say_it(&a, ROLE_OFFICE, 2 * DAY, SERVE | LOG);
			say_it(&b, ROLE_OFFICE, 2 * DAY, SERVE | LOG);
		} while ((memcmp(entry[4].digest, entry[5].digest,
		    HASH_BYTES) < 0) != (turn == 0));
		if (turn == 1) {
			e = entry[4];
			entry[4] = entry[5];
			entry[5] = e;
		}
		taken();
	}
}

Test(said, sequences_have_no_gap_and_none_twice)
{
	struct statement s;

	parcels(DAY, 0);
	say_next(ROLE_OFFICE, 1, 2 * DAY, 0);
	mark();
	s = statement_of(ROLE_OFFICE, 3);
	say_it(&s, ROLE_OFFICE, 3 * DAY, LOG);
	refused("one is missing");
	back();
	s = statement_of(ROLE_OFFICE, 1);
	say_it(&s, ROLE_OFFICE, 3 * DAY, LOG);
	refused("not newer");
	back();
	s = statement_of(ROLE_OFFICE, 3);
	say_it(&s, ROLE_OFFICE, 3 * DAY, SERVE);
	refused("do not fit");
}

Test(said, the_first_is_number_one)
{
	parcels(DAY, 0);
	say_next(ROLE_OFFICE, 2, 2 * DAY, 0);
	refused("one is missing");
}

Test(said, a_root_that_the_log_never_had)
{
	struct statement s;

	parcels(DAY, 0);
	s = statement_of(ROLE_OFFICE, 1);
	s.root[31] ^= 1;
	parcels(2 * DAY, 0);
	say_it(&s, ROLE_OFFICE, 2 * DAY, SERVE | LOG);
	refused("shown another log");
}

Test(said, a_root_of_every_size_before_it)
{
	struct statement s;
	uint64_t size;

	for (size = 0; size <= 12; size++) {
		nentries = 0;
		nserved = 0;
		ws = wr_from(served, sizeof(served));
		parcels(DAY, 0);
		parcels(2 * DAY, 0);
		parcels(3 * DAY, 0);
		nentries = size;
		s = statement_of(ROLE_OFFICE, 1);
		nentries = 12;
		say_it(&s, ROLE_OFFICE, 4 * DAY, SERVE | LOG);
		taken();
	}
}

Test(said, entries_that_were_not_there_yet)
{
	struct statement s;

	parcels(DAY, 0);
	parcels(2 * DAY, 0);
	s = statement_of(ROLE_OFFICE, 1);
	say_it(&s, ROLE_OFFICE, 2 * DAY, SERVE | LOG);
	refused("did not have yet");
}

Test(said, nothing_goes_that_was_not_imported_before)
{
	parcels(DAY, 0);
	say_next(ROLE_OFFICE, 1, 2 * DAY, 1);
	refused("had not imported");
}

Test(said, nor_a_statement_later)
{
	parcels(DAY, 0);
	say_next(ROLE_OFFICE, 1, 2 * DAY, 0);
	say_next(ROLE_OFFICE, 2, 3 * DAY, 5);
	refused("had not imported");
}

Test(said, another_log_or_another_key)
{
	struct statement s;

	parcels(DAY, 0);
	s = statement_of(ROLE_OFFICE, 1);
	strcpy(s.origin, "drop.example/log2");
	say_it(&s, ROLE_OFFICE, 2 * DAY, LOG);
	refused("to another log");
	nentries--;
	s = statement_of(ROLE_OFFICE, 1);
	say_it(&s, ROLE_OFFICE, 2 * DAY, LOG);
	keys.office.key[ROLE_OFFICE].pk[0] ^= 1;
	publish();
	v.evidence = NULL;
	cr_assert_eq(verify_run(&v, &res), EXIT_CLAIM);
}

Test(said, a_note_that_is_no_statement)
{
	unsigned char note[1024], digest[HASH_BYTES];
	struct wr w = wr_from(note, sizeof(note));
	char name[80];

	parcels(DAY, 0);
	cr_assert_eq(note_sign(&w, rd_str(OFFICE "/keyset/office\n1\n"),
	    &keys.office.key[ROLE_OFFICE], sk[ROLE_OFFICE]), 0);
	sha256(digest, note, w.n);
	mirror_name(name, "statements", digest);
	cr_assert_eq(mirror_write(m, name, wr_rd(&w)), 0);
	add(ENTRY_STATEMENT, DAY, digest);
	refused("no statement of the office");
	keys.has_office = false;	/* its digest is all one can tell */
	taken();
	keys.has_office = true;
	note[5] ^= 1;
	cr_assert_eq(mirror_write(m, name, wr_rd(&w)), 0);
	refused("not what the log's entry says");
	mirror_remove(m, name);
	refused("is not there");
}

/* --- replies ------------------------------------------------------------- */

Test(said, a_reply_that_nobody_named)
{
	struct statement s;

	parcels(DAY, 0);
	s = statement_of(ROLE_OFFICE, 1);
	say_it(&s, ROLE_OFFICE, 2 * DAY, SERVE | LOG | STRAY);
	parcels(3 * DAY, 0);
	refused("no statement beside it");
}

Test(said, also_in_the_newest_epoch)
{
	parcels(DAY, 0);
	add(ENTRY_REPLY, DAY, keyset_sha);
	refused("no statement beside it");
}

Test(said, a_reply_that_is_not_logged)
{
	struct statement s;

	parcels(DAY, 0);
	s = statement_of(ROLE_OFFICE, 1);
	say_it(&s, ROLE_OFFICE, 2 * DAY, SERVE | LOG | ORPHAN);
	refused("not logged with it");
}

Test(said, what_is_served_lacks_a_reply)
{
	struct statement s;

	parcels(DAY, 0);
	say_next(ROLE_OFFICE, 1, 2 * DAY, 0);
	taken();
	s = statement_of(ROLE_OFFICE, 2);
	say_it(&s, ROLE_OFFICE, 3 * DAY, SERVE | LOG | REPLY | NOBODY);
	publish();
	v.evidence = NULL;
	cr_assert_eq(verify_run(&v, &res), EXIT_CLAIM);
	wr_zeros(&wb, REPLY_BYTES);	/* another in its place */
	refused("lacks replies");
}

Test(said, what_is_served_lacks_the_newest_statement)
{
	struct statement s;

	parcels(DAY, 0);
	say_next(ROLE_OFFICE, 1, 2 * DAY, 0);
	s = statement_of(ROLE_OFFICE, 2);
	say_it(&s, ROLE_OFFICE, 3 * DAY, LOG | REPLY);
	refused("lacks the newest statement");
}

/* --- erasure ------------------------------------------------------------- */

static void
erasing(uint64_t erase, uint64_t last)
{
	struct statement s;

	v.parcels = true;
	parcels(DAY, 0);		/* 0 to 3: gone */
	s = statement_of(ROLE_OFFICE, 1);
	say_it(&s, ROLE_OFFICE, 2 * DAY, SERVE | LOG);
	s = statement_of(ROLE_OFFICE, 2);
	s.erase = erase;
	say_it(&s, ROLE_OFFICE, 3 * DAY, SERVE | LOG);
	mark();
	parcels(last, 4);
}

Test(said, what_was_let_go_long_ago_may_be_gone)
{
	erasing(4, 17 * DAY);
	taken();
	cr_assert(res.gone == 4 && res.bodies == 4);
}

Test(said, what_was_let_go_just_now_may_not)
{
	erasing(4, 17 * DAY - 1);
	refused("has not let it go");
	v.delay = 14 * DAY - 1;
	taken();
}

Test(said, what_was_not_let_go_may_not)
{
	erasing(3, 17 * DAY);
	refused("has not let it go");
}

Test(said, all_roles_must_let_go)
{
	struct statement s;

	role_keys(ROLE_ALTERNATE, OFFICE "/alternate");
	erasing(4, 4 * DAY);
	s = statement_of(ROLE_ALTERNATE, 1);
	say_it(&s, ROLE_ALTERNATE, 5 * DAY, SERVE | LOG);
	parcels(17 * DAY, 4);
	refused("has not let it go");
	s = statement_of(ROLE_ALTERNATE, 2);
	s.erase = 4;
	say_it(&s, ROLE_ALTERNATE, 19 * DAY, SERVE | LOG);
	parcels(32 * DAY, 4);
	refused("has not let it go");
	parcels(33 * DAY, 4);
	taken();
}

/* A role that joins later has no word in what went before. */
Test(said, a_role_counts_from_its_first_statement_on)
{
	struct statement s;

	role_keys(ROLE_ALTERNATE, OFFICE "/alternate");
	erasing(4, 17 * DAY);
	taken();
	s = statement_of(ROLE_ALTERNATE, 1);
	say_it(&s, ROLE_ALTERNATE, 18 * DAY, SERVE | LOG);
	parcels(19 * DAY, 4);
	taken();
	cr_assert_eq(res.gone, 4);
}

/* And the office was there from the start. */
Test(said, the_office_always_counts)
{
	struct statement s;

	role_keys(ROLE_ALTERNATE, OFFICE "/alternate");
	v.parcels = true;
	parcels(DAY, 0);
	s = statement_of(ROLE_ALTERNATE, 1);
	say_it(&s, ROLE_ALTERNATE, 2 * DAY, SERVE | LOG);
	s = statement_of(ROLE_ALTERNATE, 2);
	s.erase = 4;
	say_it(&s, ROLE_ALTERNATE, 3 * DAY, SERVE | LOG);
	parcels(18 * DAY, 4);
	refused("has not let it go");
}

/* What is gone stays gone; what was not yet due is kept. */
Test(said, taking_back_counts_before_it_is_due)
{
	struct statement s;

	erasing(4, 17 * DAY);
	s = statement_of(ROLE_OFFICE, 3);
	say_it(&s, ROLE_OFFICE, 18 * DAY, SERVE | LOG);
	taken();
	back();
	s = statement_of(ROLE_OFFICE, 3);
	say_it(&s, ROLE_OFFICE, 16 * DAY, SERVE | LOG);
	parcels(20 * DAY, 4);
	refused("has not let it go");
}

Test(said, without_the_offices_keys_nothing_may_be_gone)
{
	erasing(4, 17 * DAY);
	keys.has_office = false;
	refused("is not there");
}

/* --- visit by visit ------------------------------------------------------ */

Test(said, a_state_goes_on_where_it_was)
{
	struct statement s;

	v.state = tmpdir_path("state");
	erasing(4, 4 * DAY);
	v.parcels = false;
	taken();
	s = statement_of(ROLE_OFFICE, 3);
	s.erase = 4;
	say_it(&s, ROLE_OFFICE, 17 * DAY, SERVE | LOG);
	taken();
	cr_assert(res.from == 10 && res.size == 11);
	mark();
	s = statement_of(ROLE_OFFICE, 5);
	say_it(&s, ROLE_OFFICE, 18 * DAY, LOG);
	refused("one is missing");
	back();
	s = statement_of(ROLE_OFFICE, 4);
	say_it(&s, ROLE_OFFICE, 18 * DAY, SERVE | LOG);
	taken();
	cr_assert(res.from == 11 && res.statements == 1);
	/* Without what was said till then, all is read again. */
	cr_assert_eq(unlink(tmpdir_path("state.said")), 0);
	taken();
	cr_assert(res.from == 0 && res.statements == 4);
	taken();
	cr_assert(res.from == 12 && res.close == 18 * DAY);
}

/* What was let go and is gone is known at the next visit, too. */
Test(said, erasure_goes_on_in_a_state)
{
	struct statement s;

	v.state = tmpdir_path("state");
	v.parcels = true;
	parcels(DAY, 4);
	s = statement_of(ROLE_OFFICE, 1);
	say_it(&s, ROLE_OFFICE, 2 * DAY, SERVE | LOG);
	s = statement_of(ROLE_OFFICE, 2);
	s.erase = 4;
	say_it(&s, ROLE_OFFICE, 3 * DAY, SERVE | LOG);
	taken();
	parcels(17 * DAY, 4);
	taken();
	cr_assert(res.gone == 0 && res.from == 6);
	parcels(18 * DAY, 0);
	refused("has not let it go");
}

Test(said, a_file_of_what_was_said_is_read_as_written)
{
	static struct said a, b;
	static unsigned char text[SAID_FILE_MAX];
	struct wr w = wr_from(text, sizeof(text));
	size_t i, cut;

	a.size = 99;
	a.erased = 7;
	for (i = 0; i < OFFICE_ROLES; i++) {
		a.role[i].sequence = 5 + i;
		a.role[i].size = 70;
		memset(a.role[i].digest, 3, HASH_BYTES);
		for (; a.role[i].nterm < 3 + i; a.role[i].nterm++) {
			a.role[i].term[a.role[i].nterm].logged = 1000;
			a.role[i].term[a.role[i].nterm].erase = i;
		}
	}
	said_write(&w, &a);
	cr_assert(wr_ok(&w));
	cr_assert_eq(said_parse(&b, wr_rd(&w)), 0);
	cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0);
	for (cut = 0; cut < w.n; cut++)
		if (text[cut] != '\n' && cut + 1 < w.n)
			cr_assert(said_parse(&b, rd_from(text, cut)) != 0 ||
			    text[cut - 1] == '\n', "cut at %d", (int)cut);
	cr_assert_neq(said_parse(&b, rd_str("x\n")), 0);
}

Test(said, the_largest_file_fits)
{
	static struct said a;
	static unsigned char text[SAID_FILE_MAX];
	struct wr w = wr_from(text, sizeof(text));
	size_t i, k;

	a.size = a.erased = INT64_MAX;
	for (i = 0; i < OFFICE_ROLES; i++) {
		a.role[i].sequence = a.role[i].size = INT64_MAX;
		a.role[i].nterm = SAID_TERMS_MAX;
		for (k = 0; k < SAID_TERMS_MAX; k++)
			a.role[i].term[k].logged = a.role[i].term[k].erase =
			    INT64_MAX;
	}
	said_write(&w, &a);
	cr_assert(wr_ok(&w));
}

/* --- age ----------------------------------------------------------------- */

Test(said, a_log_that_stands_still)
{
	struct age a;

	age_of(&a, src, 0, 1000);
	cr_assert_not(a.stale || a.ahead);
	age_of(&a, src, 1000, 1000 + 12 * 3600);
	cr_assert_not(a.stale || a.ahead);
	age_of(&a, src, 1000, 1000 + 12 * 3600 + 2);
	cr_assert(a.stale && a.secs == 12 * 3600 + 2);
	age_of(&a, src, 1000000, 1000000 - 6 * 3600);
	cr_assert_not(a.stale || a.ahead);
	age_of(&a, src, 1000000, 1000000 - 6 * 3600 - 1);
	cr_assert(a.ahead && !a.stale);
}

Test(said, the_policy_says_how_long_an_epoch_is)
{
	static const char *const none[] = { "{", "[]", "{}",
	    "{\"epoch_seconds\":0}", "{\"epoch_seconds\":-5}",
	    "{\"epoch_seconds\":\"60\"}", "{\"epoch_seconds\":9999999}" };
	struct age a;
	size_t i;

	cr_assert_eq(mirror_write(m, "policy",
	    rd_str("{\"epoch_seconds\":60}")), 0);
	age_of(&a, src, 1000, 1122);
	cr_assert(a.stale && a.epoch == 60);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		cr_assert_eq(mirror_write(m, "policy", rd_str(none[i])), 0);
		age_of(&a, src, 1000, 1122);
		cr_assert(!a.stale && a.epoch == AGE_EPOCH_SECS, "%s",
		    none[i]);
	}
}

/* A log may hold any number that nobody named: an auditor's memory ends. */
Test(said, an_epoch_of_replies_without_end_is_refused)
{
	static struct said_epoch e;
	struct entry reply = { .kind = ENTRY_REPLY, .close = 1 };
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i <= SAID_REPLIES_MAX; i++)
		r = said_reply(&e, &reply);
	cr_assert_eq(r, ERR_LIMIT);
	cr_assert_eq(e.n, SAID_REPLIES_MAX);
	said_epoch_wipe(&e);
}
