/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/deskact.h"
#include "crypto/sha256.h"
#include "tests/unit/own.h"

static unsigned char detail[DESKACT_DETAIL_MAX], data[DESKACT_LEAF_MAX];

/* An act with every kind of field: "destroy" has text and days. */
static struct wr
destroy(const char *name, uint32_t from)
{
	struct wr w = wr_from(detail, sizeof(detail));

	deskact_put_str(&w, name);
	wr_u32(&w, from);
	wr_u32(&w, from + 6);
	return w;
}

static struct rd
leaf_of(enum deskact act, struct rd d)
{
	struct wr w = wr_from(data, sizeof(data));
	struct deskact_leaf l;

	memset(l.salt, 7, sizeof(l.salt));
	l.act = act;
	l.day = 20779;
	l.detail = d;
	deskact_write(&w, &l);
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

Test(deskact, gives_back_what_was_written)
{
	struct wr d = destroy("week-2026-11-16", 20774);
	struct rd bytes = leaf_of(DESKACT_DESTROY, wr_rd(&d));
	unsigned char again[DESKACT_LEAF_MAX];
	struct wr w = wr_from(again, sizeof(again));
	struct deskact_leaf l;

	cr_assert_eq(deskact_parse(&l, bytes), 0);
	cr_assert_eq(l.act, DESKACT_DESTROY);
	cr_assert_eq(l.day, 20779);
	deskact_write(&w, &l);
	cr_assert(wr_ok(&w));
	cr_assert(rd_eq(wr_rd(&w), bytes));
}

Test(deskact, says_its_fields_in_order)
{
	struct wr d = destroy("week-2026-11-16", 20773);
	struct rd bytes = leaf_of(DESKACT_DESTROY, wr_rd(&d));
	char words[256];
	struct wr w = wr_from(words, sizeof(words));
	struct deskact_leaf l;

	cr_assert_eq(deskact_parse(&l, bytes), 0);
	deskact_words(&w, &l);
	cr_assert(wr_cstr(&w));
	cr_assert_str_eq(words,
	    "key week-2026-11-16, from 2026-11-16, to 2026-11-22");
	cr_assert_str_eq(deskact_name(l.act), "destroy");
}

Test(deskact, refuses_every_cut_and_every_byte_more)
{
	struct wr d = destroy("sign", 1);
	struct rd bytes = leaf_of(DESKACT_DESTROY, wr_rd(&d));
	unsigned char more[DESKACT_LEAF_MAX + 1];
	struct deskact_leaf l;
	size_t i;

	for (i = 0; i < bytes.n; i++)
		cr_assert_eq(deskact_parse(&l, rd_from(bytes.p, i)),
		    ERR_FORMAT, "%zu bytes", i);
	memcpy(more, bytes.p, bytes.n);
	more[bytes.n] = 0;
	cr_assert_eq(deskact_parse(&l, rd_from(more, bytes.n + 1)),
	    ERR_FORMAT);
}

/* One reading only: the fields are those of the act, no more, no fewer. */
Test(deskact, refuses_details_of_another_act)
{
	struct wr d = destroy("week-2026-11-16", 1);
	struct wr w = wr_from(data, sizeof(data));
	struct deskact_leaf l;
	int act;

	memset(&l, 0, sizeof(l));
	l.detail = wr_rd(&d);
	for (act = -1; act <= DESKACT_LAST + 1; act++) {
		if (act == DESKACT_DESTROY || act == DESKACT_ATTACH)
			continue;	/* text and eight bytes, too */
		l.act = (enum deskact)act;
		w = wr_from(data, sizeof(data));
		deskact_write(&w, &l);
		cr_assert_not(wr_ok(&w), "act %d", act);
	}
}

Test(deskact, text_of_others_cannot_break_a_line_or_grow)
{
	char longer[2 * DESKACT_STR_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	struct rd r, s;

	deskact_put_str(&w, "a\nb\x1b\xff\xc3\xa9");
	r = wr_rd(&w);
	cr_assert(rd_take16(&r, &s) && rd_eq_str(s, "a?b??\xc3\xa9"));
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	w = wr_from(detail, sizeof(detail));
	deskact_put_str(&w, longer);
	cr_assert(wr_ok(&w));
	cr_assert(deskact_detail_ok(DESKACT_OPEN, wr_rd(&w)));
}

/* --- shown ---------------------------------------------------------------- */

static unsigned char hashes[3][HASH_BYTES], rnd[DESKACT_RANDOM_BYTES] = { 9 };
static unsigned char file[8192], note[1024];
static struct vkey key;
static unsigned char sk[64];

static int
at(void *arg, int level, uint64_t index, unsigned char out[static HASH_BYTES])
{
	struct sha256 *h = sha256_new();

	(void)arg;
	if (level == 0)
		memcpy(out, hashes[index], HASH_BYTES);
	else
		tree_node(h, out, hashes[2 * index], hashes[2 * index + 1]);
	sha256_free(h);
	return 0;
}

/* The second of three acts, in a file. */
static struct rd
show(const char *origin, struct rd *leaf)
{
	static const unsigned char seed[32] = { 3 };
	unsigned char pk[32], root[HASH_BYTES], text[512];
	struct hashes from = { at, NULL };
	struct wr d, t = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));
	struct wr f = wr_from(file, sizeof(file));
	struct sha256 *h = sha256_new();
	struct proof p;
	struct tree tr;
	size_t i;

	crypto_sign_seed_keypair(pk, sk, seed);
	cr_assert_eq(vkey_make(&key, rd_str("x.example/office"), NOTE_ED25519,
	    pk), 0);
	tree_init(&tr);
	for (i = 0; i < 3; i++) {
		d = destroy("week", (uint32_t)i + 1);
		*leaf = leaf_of(DESKACT_DESTROY, wr_rd(&d));
		tree_leaf(h, hashes[i], *leaf);
		cr_assert_eq(tree_append(&tr, h, hashes[i]), 0);
	}
	tree_root(&tr, h, root);
	checkpoint_write(&t, rd_str(origin), 3, root);
	cr_assert_eq(note_sign(&n, wr_rd(&t), &key, sk), 0);
	cr_assert_eq(proof_make_inclusion(&p, h, &from, 1, 3), 0);
	d = destroy("week", 2);
	*leaf = leaf_of(DESKACT_DESTROY, wr_rd(&d));
	cr_assert_eq(deskact_show(&f, rnd, *leaf, 1, &p, wr_rd(&n)), 0);
	sha256_free(h);
	return wr_rd(&f);
}

Test(deskact, a_shown_act_is_checked_against_the_role_s_signature)
{
	unsigned char both[DESKACT_RANDOM_BYTES + sizeof(note)];
	unsigned char want[HASH_BYTES];
	struct deskact_shown s;
	struct rd leaf, f = show("x.example/office/desk/4", &leaf);
	uint64_t generation;

	cr_assert_eq(deskact_check(&s, &generation, f, &key), 0);
	cr_assert_eq(generation, 4);
	cr_assert_eq(s.index, 1);
	cr_assert_eq(s.leaf.act, DESKACT_DESTROY);
	memcpy(both, rnd, sizeof(rnd));
	memcpy(both + sizeof(rnd), note, strlen((char *)note));
	sha256(want, both, sizeof(rnd) + strlen((char *)note));
	cr_assert_arr_eq(s.commitment, want, HASH_BYTES);
}

Test(deskact, a_shown_act_that_was_changed_is_refused)
{
	struct deskact_shown s;
	struct rd leaf, f = show("x.example/office/desk/0", &leaf);
	uint64_t generation;
	size_t i, held = 0;

	for (i = 0; i < f.n; i++) {
		file[i] ^= 1;
		if (deskact_check(&s, &generation, f, &key) == 0)
			held++;
		file[i] ^= 1;
	}
	/* The random alone is free: it changes what is committed to. */
	cr_assert_leq(held, (DESKACT_RANDOM_BYTES + 2) / 3 * 4);
	cr_assert_eq(deskact_check(&s, &generation, f, &key), 0);
}

Test(deskact, a_checkpoint_of_anything_else_is_refused)
{
	struct deskact_shown s;
	struct vkey other = { 0 };
	struct rd leaf, f = show("x.example/log", &leaf);
	uint64_t generation;

	cr_assert_eq(deskact_check(&s, &generation, f, &key), ERR_FORMAT);
	f = show("x.example/office/desk/07", &leaf);
	cr_assert_eq(deskact_check(&s, &generation, f, &key), ERR_FORMAT);
	f = show("x.example/office/desk/7", &leaf);
	cr_assert_eq(vkey_make(&other, rd_str("x.example/alternate"),
	    NOTE_ED25519, key.pk), 0);
	cr_assert_eq(deskact_check(&s, &generation, f, &other), ERR_NOMATCH);
}

/* --- our own vectors, which another program made --------------------------- */

static void
own_act(const struct own *v)
{
	unsigned char commitment[HASH_BYTES];
	struct deskact_shown s;
	uint64_t generation;
	struct vkey k;
	int r;

	cr_assert_eq(vkey_parse(&k, own_get(v, "vkey")), 0);
	r = deskact_check(&s, &generation, v->body, &k);
	cr_assert_eq(r, own_expect(v), "%s: %d", v->name, r);
	if (r != 0)
		return;
	cr_assert(rd_eq_str(own_get(v, "act"), deskact_name(s.leaf.act)),
	    "%s", v->name);
	cr_assert_eq(s.index, own_number(v, "index"));
	cr_assert_eq(generation, own_number(v, "generation"));
	own_hex(v, "commitment", commitment, sizeof(commitment));
	cr_assert_arr_eq(s.commitment, commitment, sizeof(commitment));
}

Test(deskact, own_vectors)
{
	own_each("deskact", 18, own_act);
}
