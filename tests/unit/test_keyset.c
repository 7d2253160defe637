/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/keyset.h"
#include "crypto/sha256.h"
#include "tests/unit/own.h"

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
}

TestSuite(keyset, .init = setup);
TestSuite(day, .init = setup);

static unsigned char buf[NOTE_MAX_BYTES];

#define REFUSED	(-99999)

/* --- days ------------------------------------------------------------------- */

static int32_t
day(const char *text)
{
	int32_t d;

	return day_parse(&d, rd_str(text)) ? d : REFUSED;
}

Test(day, known_days_have_their_numbers)
{
	cr_assert_eq(day("1970-01-01"), 0);
	cr_assert_eq(day("1970-12-31"), 364);
	cr_assert_eq(day("2000-02-29"), 11016);
	cr_assert_eq(day("2026-11-21"), 20778);
	cr_assert_eq(day("2100-03-01"), 47541);
	cr_assert_eq(day("9999-12-31"), 2932896);
}

Test(day, every_day_is_the_one_after_the_last_and_reads_back)
{
	char last[11] = "";
	struct wr w;
	int32_t d;

	for (d = 0; d <= 2932896; d++) {
		w = wr_from(buf, 11);
		day_write(&w, d);
		cr_assert(wr_cstr(&w) && w.n == 10);
		if (d % 97 == 0 || d < 1000)
			cr_assert_eq(day((char *)buf), d, "%s", (char *)buf);
		cr_assert_lt(strcmp(last, (char *)buf), 0);
		memcpy(last, buf, sizeof(last));
	}
}

Test(day, what_no_calendar_has_is_refused)
{
	static const char *const bad[] = {
		"1969-12-31", "1960-02-01", "2026-00-01", "2026-13-01", "2026-01-00",
		"2026-01-32", "2026-04-31", "2026-02-29", "2100-02-29",
		"2026-1-01", "2026-01-1", "26-01-01", "02026-01-01",
		"2026/01/01", "2026-01-01 ", " 2026-01-01", "2026-01-01T",
		"+026-01-01", "2026--1-01", "", "2026-01", "20260101"
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(day(bad[i]), REFUSED, "%s", bad[i]);
}

Test(day, write_refuses_what_has_no_text)
{
	struct wr w = wr_from(buf, 20);

	day_write(&w, -1);
	cr_assert_not(wr_ok(&w));
	w = wr_from(buf, 20);
	day_write(&w, 2932897);
	cr_assert_not(wr_ok(&w));
}

/* --- keysets ------------------------------------------------------------------- */

static void
own_keyset(const struct own *v)
{
	struct wr w = wr_from(buf, sizeof(buf));
	unsigned char hash[HASH_BYTES];
	struct keyset ks;
	struct note n;
	struct vkey k;

	cr_assert_eq(vkey_parse(&k, own_get(v, "vkey")), 0);
	cr_assert_eq(keyset_open(&ks, v->body, &k), own_expect(v), "%s",
	    v->name);
	if (own_expect(v) != 0) {
		cr_assert_null(ks.key);
		return;
	}
	cr_assert_str_eq(ks.office, "ethics.example");
	cr_assert_str_eq(ks.role, "office");
	cr_assert_eq(ks.sequence, own_number(v, "sequence"));
	cr_assert_eq(ks.nwitnesses, own_number(v, "witnesses"));
	cr_assert_eq(ks.quorum, own_number(v, "quorum"));
	cr_assert_eq(ks.nkeys, own_number(v, "keys"));
	sha256(hash, v->body.p, v->body.n);
	cr_assert_arr_eq(hash, ks.sha256, sizeof(hash));
	/* What was read is written the same. */
	keyset_write(&w, &ks);
	cr_assert_eq(note_parse(&n, v->body), 0);
	cr_assert(wr_ok(&w) && rd_eq(wr_rd(&w), n.text), "%s", v->name);
	keyset_wipe(&ks);
	keyset_wipe(&ks);			/* twice does no harm */
}

Test(keyset, own_vectors)
{
	own_each("keyset", 35, own_keyset);
}

/* A keyset as large as may be, and the key that signs it. */
struct office {
	struct vkey k;
	unsigned char sk[64];
	struct keyset ks;
	struct keyset_key key[KEYSET_KEYS_MAX];
};

static void
vkey_new(struct vkey *k, const char *name, uint8_t type, unsigned char *sk)
{
	unsigned char pk[32];

	crypto_sign_keypair(pk, sk);
	cr_assert_eq(vkey_make(k, rd_str(name), type, pk), 0);
}

static void
recipient_new(struct age_recipient *rc)
{
	unsigned char seed[SEED_BYTES];

	randombytes_buf(seed, sizeof(seed));
	cr_assert_eq(hpke_public(rc->pk, seed), 0);
}

static void
office_new(struct office *o, size_t nkeys, size_t nwitnesses)
{
	unsigned char sk[64];
	char name[32];
	size_t i;

	memset(o, 0, sizeof(*o));
	vkey_new(&o->k, "a/b/alternate", NOTE_ED25519, o->sk);
	strcpy(o->ks.office, "a/b");
	strcpy(o->ks.role, "alternate");
	o->ks.sequence = 1;
	for (i = 0; i < nwitnesses; i++) {
		(void)snprintf(name, sizeof(name), "w%zu", i);
		vkey_new(&o->ks.witness[i], name, NOTE_COSIG, sk);
	}
	o->ks.nwitnesses = nwitnesses;
	o->ks.key = o->key;
	for (i = 0; i < nkeys; i++) {
		recipient_new(&o->key[i].rc);
		o->key[i].from = (int32_t)(20000 + 7 * i);
		o->key[i].to = (int32_t)(20006 + 7 * i);
	}
	o->ks.nkeys = nkeys;
}

static struct rd
office_sign(const struct office *o)
{
	static unsigned char note[NOTE_MAX_BYTES];
	struct wr t = wr_from(buf, sizeof(buf));
	struct wr w = wr_from(note, sizeof(note));

	keyset_write(&t, &o->ks);
	cr_assert(wr_ok(&t));
	cr_assert_eq(note_sign(&w, wr_rd(&t), &o->k, o->sk), 0);
	return wr_rd(&w);
}

Test(keyset, as_many_keys_and_witnesses_as_there_may_be)
{
	static struct office o;
	struct keyset ks;

	office_new(&o, KEYSET_KEYS_MAX, KEYSET_WITNESSES_MAX);
	cr_assert_eq(keyset_open(&ks, office_sign(&o), &o.k), 0);
	cr_assert_eq(ks.nkeys, KEYSET_KEYS_MAX);
	cr_assert_eq(ks.nwitnesses, KEYSET_WITNESSES_MAX);
	cr_assert_str_eq(ks.office, "a/b");
	cr_assert_not(ks.has_log || ks.has_standing);
	keyset_wipe(&ks);
}

Test(keyset, one_key_too_many_is_refused)
{
	static struct office o;
	struct keyset ks;
	struct keyset_key all[KEYSET_KEYS_MAX + 1];

	office_new(&o, KEYSET_KEYS_MAX, 0);
	memcpy(all, o.key, sizeof(o.key));
	recipient_new(&all[KEYSET_KEYS_MAX].rc);
	all[KEYSET_KEYS_MAX].from = all[KEYSET_KEYS_MAX].to = 30000;
	o.ks.key = all;
	o.ks.nkeys++;
	cr_assert_eq(keyset_open(&ks, office_sign(&o), &o.k), ERR_FORMAT);
}

Test(keyset, one_witness_too_many_is_refused)
{
	static struct office o;
	static unsigned char more[NOTE_MAX_BYTES];
	struct wr t = wr_from(buf, sizeof(buf));
	struct wr w = wr_from(more, sizeof(more));
	struct keyset ks;
	struct rd text, head;
	struct vkey extra;
	unsigned char sk[64];

	office_new(&o, 1, KEYSET_WITNESSES_MAX);
	vkey_new(&extra, "extra", NOTE_COSIG, sk);
	keyset_write(&t, &o.ks);
	text = wr_rd(&t);
	/* It goes between the title and the other witnesses. */
	cr_assert(rd_take(&text, &head, strlen("a/b/keyset/alternate\n1\n")));
	wr_rdr(&w, head);
	wr_str(&w, "witness ");
	vkey_write(&w, &extra);
	wr_u8(&w, '\n');
	wr_rdr(&w, text);
	t = wr_from(buf, sizeof(buf));
	cr_assert_eq(note_sign(&t, wr_rd(&w), &o.k, o.sk), 0);
	cr_assert_eq(keyset_open(&ks, wr_rd(&t), &o.k), ERR_FORMAT);
}

Test(keyset, a_signing_key_without_a_role_in_its_name_opens_none)
{
	static struct office o;
	unsigned char sk[64];
	struct keyset ks;

	office_new(&o, 1, 0);
	vkey_new(&o.k, "office", NOTE_ED25519, sk);
	memcpy(o.sk, sk, sizeof(sk));
	cr_assert_eq(keyset_open(&ks, office_sign(&o), &o.k), ERR_FORMAT);
	vkey_new(&o.k, "office/", NOTE_ED25519, sk);
	strcpy(o.ks.office, "office");
	strcpy(o.ks.role, "");
	memcpy(o.sk, sk, sizeof(sk));
	cr_assert_eq(keyset_open(&ks, office_sign(&o), &o.k), ERR_FORMAT);
}

Test(keyset, every_cut_is_refused)
{
	static struct office o;
	struct keyset ks;
	struct rd note;
	size_t cut;

	office_new(&o, 1, 1);
	note = office_sign(&o);
	for (cut = 0; cut < note.n; cut += cut % 100 ? 1 : 7)
		cr_assert_neq(keyset_open(&ks, rd_from(note.p, cut), &o.k),
		    0);
}

/* --- several --------------------------------------------------------------------- */

Test(keyset, next_gives_the_notes_one_after_the_other)
{
	struct rd all = rd_str("a\n\nsig\n\n====\nb\n\nsig\n"), note;

	cr_assert_eq(keyset_next(&all, &note), 0);
	cr_assert(rd_eq_str(note, "a\n\nsig\n"));
	cr_assert_eq(keyset_next(&all, &note), 0);
	cr_assert(rd_eq_str(note, "b\n\nsig\n"));
	cr_assert(rd_done(&all));
	cr_assert_eq(keyset_next(&all, &note), ERR_FORMAT);
}

Test(keyset, next_refuses_a_divider_without_a_note_on_both_sides)
{
	static const char *const bad[] = {
		"", "a", "a\nb", "a\n\n====\n", "\n====\na\n",
		"\n\n====\n\n====\n"
	};
	struct rd all, note;
	size_t i, notes;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		all = rd_str(bad[i]);
		for (notes = 0; keyset_next(&all, &note) == 0; notes++)
			cr_assert(note.n > 0 && notes < 3);
		cr_assert_not(notes > 0 && i < 4, "%s", bad[i]);
	}
}

Test(keyset, next_divides_only_at_an_empty_line_and_four_signs)
{
	struct rd all = rd_str("a\n====\nb\n\n=====\nc\n\n\n===\n\nd\n====\ne\n");
	size_t was = all.n;
	struct rd note;

	cr_assert_eq(keyset_next(&all, &note), 0);
	cr_assert(rd_done(&all));
	cr_assert_eq(note.n, was);
}

/* --- picking ---------------------------------------------------------------------- */

Test(keyset, pick_takes_the_weeks_key_on_its_first_and_last_day)
{
	static struct office o;
	const struct keyset_key *k;

	office_new(&o, 3, 0);
	cr_assert_eq(keyset_pick(&o.ks, 20007, &k), KEYSET_WEEK);
	cr_assert_eq(k, &o.key[1]);
	cr_assert_eq(keyset_pick(&o.ks, 20013, &k), KEYSET_WEEK);
	cr_assert_eq(k, &o.key[1]);
	cr_assert_eq(keyset_pick(&o.ks, 20014, &k), KEYSET_WEEK);
	cr_assert_eq(k, &o.key[2]);
}

Test(keyset, pick_takes_the_standing_key_when_no_week_is_now)
{
	static struct office o;
	const struct keyset_key *k;

	office_new(&o, 3, 0);
	o.ks.has_standing = true;
	o.ks.standing.from = 19000;
	o.ks.standing.to = 21000;
	cr_assert_eq(keyset_pick(&o.ks, 20000, &k), KEYSET_WEEK);
	cr_assert_eq(keyset_pick(&o.ks, 20021, &k), KEYSET_STANDING);
	cr_assert_eq(k, &o.ks.standing);
	cr_assert_eq(keyset_pick(&o.ks, 19999, &k), KEYSET_STANDING);
	cr_assert_eq(keyset_pick(&o.ks, 21000, &k), KEYSET_STANDING);
	cr_assert_eq(keyset_pick(&o.ks, 21001, &k), KEYSET_NONE);
	cr_assert_null(k);
	cr_assert_eq(keyset_pick(&o.ks, 18999, &k), KEYSET_NONE);
}

Test(keyset, pick_never_takes_a_passed_week)
{
	static struct office o;
	const struct keyset_key *k;

	office_new(&o, 3, 0);
	cr_assert_eq(keyset_pick(&o.ks, 20021, &k), KEYSET_NONE);
	cr_assert_null(k);
}
