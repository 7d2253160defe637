/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "client/desk/deskdb.h"
#include "client/desk/records.h"
#include "crypto/secret.h"
#include "tests/unit/tmpdir.h"

static const struct deskrec_keys keys = { { 1 }, { 2 } };

static void
setup(void)
{
	cr_assert_eq(secret_init(), 0);
}

TestSuite(deskrec, .init = setup);
TestSuite(records, .init = setup);

struct sealed {
	unsigned char key[DESKREC_KEY_BYTES];
	unsigned char v[DESKREC_MAX_BYTES + DESKREC_OVER_BYTES];
	size_t n;
};

static void
seal(struct sealed *s, enum deskrec_type type, const char *name,
    const char *text)
{
	deskrec_key(s->key, &keys, type, rd_str(name));
	cr_assert_eq(deskrec_seal(s->v, &keys, type, s->key, rd_str(text)),
	    0);
	s->n = deskrec_bytes(type) + DESKREC_OVER_BYTES;
}

Test(deskrec, gives_a_record_back)
{
	static unsigned char buf[DESKREC_MAX_BYTES];
	static struct sealed s;
	struct rd got;

	seal(&s, REC_CASE, "one", "what the case says");
	cr_assert_eq(deskrec_open(buf, &got, &keys, REC_CASE, s.key,
	    rd_from(s.v, s.n)), 0);
	cr_assert(rd_eq_str(got, "what the case says"));
}

Test(deskrec, does_not_open_in_another_records_place_or_as_another_type)
{
	static unsigned char buf[DESKREC_MAX_BYTES];
	static struct sealed s, other;
	struct rd got;

	seal(&s, REC_CASE, "one", "x");
	seal(&other, REC_CASE, "two", "x");
	cr_assert_eq(deskrec_open(buf, &got, &keys, REC_CASE, other.key,
	    rd_from(s.v, s.n)), ERR_AUTH);
	cr_assert_eq(deskrec_open(buf, &got, &keys, REC_ENTRY, s.key,
	    rd_from(s.v, s.n)), ERR_AUTH);
	s.v[100] ^= 1;
	cr_assert_eq(deskrec_open(buf, &got, &keys, REC_CASE, s.key,
	    rd_from(s.v, s.n)), ERR_AUTH);
	cr_assert_eq(deskrec_open(buf, &got, &keys, REC_CASE, s.key,
	    rd_from(s.v, s.n - 1)), ERR_FORMAT);
}

Test(deskrec, tells_nothing_by_its_length)
{
	int t;

	for (t = REC_STATE; t <= REC_ORPHAN; t++)
		if (t != REC_PART && t != REC_TREE)
			cr_assert_eq(deskrec_bytes((enum deskrec_type)t),
			    DESKREC_SMALL_BYTES);
}

Test(deskrec, seals_the_same_twice_differently)
{
	static struct sealed a, b;

	seal(&a, REC_CASE, "one", "x");
	seal(&b, REC_CASE, "one", "x");
	cr_assert_arr_eq(a.key, b.key, sizeof(a.key));
	cr_assert_neq(memcmp(a.v, b.v, a.n), 0);
}

Test(deskrec, refuses_what_does_not_fit_its_type)
{
	static unsigned char big[DESKREC_SMALL_BYTES], out[2048];
	unsigned char key[DESKREC_KEY_BYTES] = { 0 };

	cr_assert_eq(deskrec_seal(out, &keys, REC_CASE, key, rd_from(big,
	    DESKREC_SMALL_BYTES - 4)), 0);
	cr_assert_eq(deskrec_seal(out, &keys, REC_CASE, key, rd_from(big,
	    DESKREC_SMALL_BYTES - 3)), ERR_LIMIT);
}

Test(deskrec, a_store_keeps_what_was_committed_and_only_that)
{
	const char *dir = tmpdir_new();
	struct deskdb *db;
	struct rd got;

	cr_assert_eq(deskdb_open(&db, dir, &keys), 0);
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(deskdb_put(db, REC_CASE, rd_str("a"), rd_str("1")), 0);
	cr_assert_eq(deskdb_commit(db), 0);
	cr_assert_eq(deskdb_begin(db, true), 0);
	cr_assert_eq(deskdb_put(db, REC_CASE, rd_str("b"), rd_str("2")), 0);
	deskdb_abort(db);
	deskdb_close(db);
	cr_assert_eq(deskdb_open(&db, dir, &keys), 0);
	cr_assert_eq(deskdb_begin(db, false), 0);
	cr_assert_eq(deskdb_get(db, REC_CASE, rd_str("a"), &got), 0);
	cr_assert(rd_eq_str(got, "1"));
	cr_assert_eq(deskdb_get(db, REC_CASE, rd_str("b"), &got),
	    ERR_NOTFOUND);
	cr_assert_eq(deskdb_get(db, REC_ENTRY, rd_str("a"), &got),
	    ERR_NOTFOUND);
	deskdb_close(db);
	tmpdir_remove();
}

/* --- what records say --------------------------------------------------- */

static struct group
some_group(void)
{
	struct group g;

	memset(&g, 0, sizeof(g));
	g.bytes = 3 * (uint64_t)PART_DATA_BYTES;
	g.count = 3;
	g.state = GROUP_OPEN;
	group_set(&g, 0);
	group_set(&g, 2);
	g.have = 2;
	return g;
}

Test(records, a_group_knows_which_parts_it_has)
{
	unsigned char b[DESKREC_SMALL_BYTES];
	struct wr w = wr_from(b, sizeof(b));
	struct group g = some_group(), again;

	group_write(&w, &g);
	cr_assert(wr_ok(&w));
	cr_assert_leq(w.n, DESKREC_SMALL_BYTES - 4, "it must fit its record");
	cr_assert_eq(group_parse(&again, wr_rd(&w)), 0);
	cr_assert(group_has(&again, 0) && !group_has(&again, 1) &&
	    group_has(&again, 2));
	cr_assert_eq(group_parse(&again, rd_from(b, w.n - 1)), ERR_FORMAT);
}

Test(records, refuses_a_group_whose_numbers_do_not_fit)
{
	unsigned char b[DESKREC_SMALL_BYTES];
	struct group g, again;
	struct wr w;
	int i;

	for (i = 0; i < 4; i++) {
		g = some_group();
		if (i == 0)
			g.have = 3;
		else if (i == 1)
			g.count = 2;
		else if (i == 2)
			group_set(&g, 3);
		else
			g.state = (enum group_state)9;
		w = wr_from(b, sizeof(b));
		group_write(&w, &g);
		cr_assert_eq(group_parse(&again, wr_rd(&w)), ERR_FORMAT,
		    "case %d", i);
	}
}

Test(records, the_largest_of_each_fits_its_record)
{
	unsigned char b[DESKREC_TREE_BYTES];
	struct wr w = wr_from(b, sizeof(b));
	struct trust t, t2;
	struct caserec c;
	struct state s;
	char name[NAME_MAX_BYTES + 1];
	unsigned char pk[32] = { 1 };

	memset(name, 'n', NAME_MAX_BYTES);
	name[NAME_MAX_BYTES] = '\0';
	memset(&t, 0, sizeof(t));
	t.has_log = true;
	cr_assert_eq(vkey_make(&t.log, rd_str(name), NOTE_ED25519, pk), 0);
	trust_write(&w, &t);
	cr_assert_leq(w.n, DESKREC_SMALL_BYTES - 4);
	cr_assert_eq(trust_parse(&t2, wr_rd(&w)), 0);
	cr_assert(vkey_eq(&t.log, &t2.log));

	memset(&c, 0, sizeof(c));
	memset(c.ref, 'x', CASE_REF_CHARS - 1);
	memset(c.kind, 'x', CODE_CHARS - 1);
	memset(c.submission, 'x', CODE_CHARS - 1);
	memset(c.category, 'x', CODE_CHARS - 1);
	memset(c.status, 'x', CODE_CHARS - 1);
	memset(c.language, 'x', CODE_CHARS - 1);
	w = wr_from(b, sizeof(b));
	caserec_write(&w, &c);
	cr_assert_leq(w.n, DESKREC_SMALL_BYTES - 4);

	memset(&s, 0, sizeof(s));
	w = wr_from(b, sizeof(b));
	state_write(&w, &s);
	cr_assert_leq(w.n, DESKREC_SMALL_BYTES - 4);
	cr_assert_eq(state_parse(&s, wr_rd(&w)), 0);
}

Test(records, a_reference_is_read_in_any_case_and_by_its_end)
{
	const unsigned char hash[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	char ref[CASE_REF_CHARS], got[CASE_REF_CHARS];
	char low[CASE_REF_CHARS];
	size_t i;

	case_ref_make(ref, 20454, hash);	/* 2026-01-01 */
	cr_assert_eq(strncmp(ref, "ECR-2026-", 9), 0);
	for (i = 0; i <= strlen(ref); i++)
		low[i] = (char)(ref[i] >= 'A' && ref[i] <= 'Z' ?
		    ref[i] + 32 : ref[i]);
	cr_assert(case_ref_read(got, low, 20454));
	cr_assert_str_eq(got, ref);
	cr_assert(case_ref_read(got, low + 4, 20000));
	cr_assert_str_eq(got, ref);
	cr_assert(case_ref_read(got, low + 9, 20454));
	cr_assert_str_eq(got, ref);
}

Test(records, what_cannot_be_a_reference_is_refused)
{
	static const char *const bad[] = {
		"", "1", "../..", "ECR-2026-AAAI", "ECR-2026-AAA",
		"ECR-2026-AAAAA", "ECR-2026-AAAAAAAAAAAAAAAAAAAAAAAAA", "    "
	};
	char got[CASE_REF_CHARS];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not(case_ref_read(got, bad[i], 20454), "%s",
		    bad[i]);
}
