/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "client/desk/desk.h"
#include "client/desk/desklog.h"
#include "client/desk/outstore.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "tests/unit/tmpdir.h"

static const struct deskrec_keys keys = { { 1 }, { 2 } };
static struct deskdb *db;
static struct vkey key;
static unsigned char sk[64];
static char bad[DESKLOG_BAD_CHARS];

static void
setup(void)
{
	static const unsigned char seed[32] = { 4 };
	unsigned char pk[32];

	cr_assert_eq(secret_init(), 0);
	crypto_sign_seed_keypair(pk, sk, seed);
	cr_assert_eq(vkey_make(&key, rd_str("x.example/office"), NOTE_ED25519,
	    pk), 0);
	cr_assert_eq(deskdb_open(&db, tmpdir_new(), &keys), 0);
}

static void
teardown(void)
{
	deskdb_close(db);
	tmpdir_remove();
}

TestSuite(desklog, .init = setup, .fini = teardown);

static void
act(const char *ref)
{
	cr_assert_eq(desklog_record_case(db, DESKACT_OPEN, ref, false, 0), 0);
}

static void
commit(unsigned char c[static HASH_BYTES])
{
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(desklog_commit(db, &key, sk, c), 0);
	cr_assert_eq(deskdb_commit(db), 0);
}

static void
check(void)
{
	cr_assert_eq(deskdb_begin(db, false), 0);
	cr_assert_eq(desklog_check(db, &key, bad), 0);
	deskdb_abort(db);
}

/* A log of five acts, with checkpoints after the second and the fifth. */
static void
five(unsigned char c[2][HASH_BYTES])
{
	act("ECR-2026-AAAA");
	act("ECR-2026-BBBB");
	commit(c[0]);
	act("ECR-2026-AAAA");
	act("ECR-2026-AAAA");
	act("ECR-2026-CCCC");
	commit(c[1]);
}

Test(desklog, holds_what_was_done)
{
	unsigned char c[2][HASH_BYTES];
	struct desklog_head h;

	five(c);
	check();
	cr_assert_str_eq(bad, "");
	cr_assert_neq(memcmp(c[0], c[1], HASH_BYTES), 0);
	cr_assert_eq(deskdb_begin(db, false), 0);
	cr_assert_eq(desklog_head(db, &h), 0);
	deskdb_abort(db);
	cr_assert_eq(h.tree.size, 5);
	cr_assert_eq(h.commits, 2);
}

Test(desklog, an_act_that_is_not_committed_leaves_nothing)
{
	struct desklog_head h;
	unsigned char detail[16];
	struct wr w = wr_from(detail, sizeof(detail));

	deskact_put_str(&w, "x");
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(desklog_add(db, DESKACT_OPEN, wr_rd(&w)), 0);
	deskdb_abort(db);
	cr_assert_eq(deskdb_begin(db, false), 0);
	cr_assert_eq(desklog_head(db, &h), 0);
	deskdb_abort(db);
	cr_assert_eq(h.tree.size, 0);
}

Test(desklog, refuses_details_that_are_not_the_act_s)
{
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(desklog_add(db, DESKACT_OPEN, rd_str("x")), ERR_FORMAT);
	deskdb_abort(db);
}

/* The same act twice: without salt one could be known from the other. */
Test(desklog, the_same_act_twice_has_two_leaves)
{
	unsigned char a[DESKACT_LEAF_MAX];
	struct rd data;
	size_t n;

	act("ECR-2026-AAAA");
	act("ECR-2026-AAAA");
	cr_assert_eq(deskdb_begin(db, false), 0);
	cr_assert_eq(desklog_entry(db, 0, 0, &data), 0);
	n = data.n;
	memcpy(a, data.p, n);
	cr_assert_eq(desklog_entry(db, 0, 1, &data), 0);
	cr_assert_eq(data.n, n);
	cr_assert_neq(memcmp(a, data.p, n), 0);
	deskdb_abort(db);
}

/* Somebody who has the keys of the store puts another entry in its place. */
static void
forge(uint64_t index, const char *ref)
{
	unsigned char bytes[DESKACT_LEAF_MAX], detail[64], name[16];
	struct wr w = wr_from(bytes, sizeof(bytes));
	struct wr d = wr_from(detail, sizeof(detail));
	struct wr n = wr_from(name, sizeof(name));
	struct deskact_leaf l;

	deskact_put_str(&d, ref);
	memset(&l, 0, sizeof(l));
	l.act = DESKACT_OPEN;
	l.detail = wr_rd(&d);
	deskact_write(&w, &l);
	wr_u64(&n, 0);
	wr_u64(&n, index);
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(deskdb_put(db, REC_LOG_ENTRY, wr_rd(&n), wr_rd(&w)), 0);
	cr_assert_eq(deskdb_commit(db), 0);
}

Test(desklog, finds_an_act_that_was_rewritten)
{
	unsigned char c[2][HASH_BYTES];

	five(c);
	forge(3, "ECR-2026-AAAB");
	check();
	cr_assert_str_eq(bad, "checkpoint 1 of generation 0");
}

Test(desklog, finds_an_act_that_was_rewritten_after_the_last_checkpoint)
{
	unsigned char c[2][HASH_BYTES];

	five(c);
	act("ECR-2026-DDDD");
	forge(5, "ECR-2026-EEEE");
	check();
	cr_assert_str_eq(bad, "the end, act 6 of generation 0");
}

Test(desklog, finds_an_act_that_was_removed)
{
	unsigned char c[2][HASH_BYTES], name[16];
	struct wr n = wr_from(name, sizeof(name));

	five(c);
	wr_u64(&n, 0);
	wr_u64(&n, 1);
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(deskdb_del(db, REC_LOG_ENTRY, wr_rd(&n)), 0);
	cr_assert_eq(deskdb_commit(db), 0);
	check();
	cr_assert_str_eq(bad, "act 1 of generation 0");
}

/* Whoever rewrites it all still cannot make the old checkpoint anew. */
Test(desklog, finds_a_checkpoint_that_another_key_signed)
{
	unsigned char c[2][HASH_BYTES], pk[32];
	struct vkey other;

	five(c);
	memset(pk, 0, sizeof(pk));
	crypto_sign_keypair(pk, sk);
	cr_assert_eq(vkey_make(&other, rd_str("x.example/office"),
	    NOTE_ED25519, pk), 0);
	key = other;
	check();
	cr_assert_str_eq(bad, "checkpoint 0 of generation 0");
}

static void
state(uint64_t sequence, enum stmt_state is, const unsigned char *commitment)
{
	struct outstate os;
	struct stmt s;

	memset(&s, 0, sizeof(s));
	s.state = is;
	s.sequence = sequence;
	memcpy(s.desklog, commitment, sizeof(s.desklog));
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(outstore_get_state(db, &os), 0);
	os.sequence = sequence;
	cr_assert_eq(outstore_put_stmt(db, &s), 0);
	cr_assert_eq(outstore_put_state(db, &os), 0);
	cr_assert_eq(deskdb_commit(db), 0);
}

/* Whoever has the desk's keys can sign it all anew, but not what was said. */
Test(desklog, finds_a_log_that_was_written_anew)
{
	static const unsigned char lost[HASH_BYTES] = { 1 };
	unsigned char c[2][HASH_BYTES];

	five(c);
	state(1, STMT_LOGGED, c[0]);
	state(2, STMT_FOREIGN, lost);
	state(3, STMT_MADE, c[1]);
	check();
	cr_assert_str_eq(bad, "");
	c[1][0] ^= 1;
	state(4, STMT_MADE, c[1]);
	check();
	cr_assert_str_eq(bad, "what statement 4 commits to");
	state(4, STMT_MADE, c[0]);
	check();
	cr_assert_str_eq(bad, "what statement 4 commits to", "one each");
}

static int
show(uint64_t generation, uint64_t index, struct deskact_shown *s,
    uint64_t *got)
{
	static unsigned char file[65536];
	struct wr w = wr_from(file, sizeof(file));
	int r;

	cr_assert_eq(deskdb_begin(db, false), 0);
	r = desklog_show(db, &w, generation, index);
	deskdb_abort(db);
	return r != 0 ? r : deskact_check(s, got, wr_rd(&w), &key);
}

Test(desklog, shows_each_act_under_the_first_checkpoint_that_has_it)
{
	unsigned char c[2][HASH_BYTES];
	struct deskact_shown s;
	uint64_t i, g;

	five(c);
	act("ECR-2026-DDDD");
	for (i = 0; i < 5; i++) {
		cr_assert_eq(show(0, i, &s, &g), 0);
		cr_assert_eq(s.index, i);
		cr_assert_arr_eq(s.commitment, c[i < 2 ? 0 : 1], HASH_BYTES);
	}
	cr_assert_eq(show(0, 5, &s, &g), ERR_ORDER, "no checkpoint has it");
	cr_assert_eq(show(0, 6, &s, &g), ERR_NOTFOUND);
	cr_assert_eq(show(1, 0, &s, &g), ERR_NOTFOUND);
}

Test(desklog, a_restored_desk_goes_on_in_a_generation_of_its_own)
{
	unsigned char c[2][HASH_BYTES], after[HASH_BYTES];
	struct deskact_shown s;
	struct desklog_head h;
	uint64_t g;

	five(c);
	act("ECR-2026-DDDD");
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(desklog_open_generation(db, 0, 9, c[1]), ERR_ORDER);
	cr_assert_eq(desklog_open_generation(db, 17, 900, c[1]), 0);
	cr_assert_eq(deskdb_commit(db), 0);
	act("ECR-2026-EEEE");
	commit(after);
	check();
	cr_assert_str_eq(bad, "");
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(desklog_open_generation(db, 17, 900, c[1]), ERR_ORDER,
	    "a generation has one beginning");
	cr_assert_eq(desklog_head(db, &h), 0);
	deskdb_abort(db);
	cr_assert_eq(h.generation, 17);
	cr_assert_eq(h.generations, 1);
	cr_assert_eq(h.tree.size, 2);
	cr_assert_arr_eq(h.previous, c[1], HASH_BYTES);
	cr_assert_eq(show(17, 0, &s, &g), 0);
	cr_assert_eq(g, 17);
	cr_assert_eq(s.leaf.act, DESKACT_RECOVER);
	cr_assert_arr_eq(s.commitment, after, HASH_BYTES);
	cr_assert_eq(show(0, 4, &s, &g), 0, "the old one can be shown still");
	forge(2, "ECR-2026-AAAB");
	check();
	cr_assert_str_eq(bad, "checkpoint 1 of generation 0");
}
