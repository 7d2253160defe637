/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/cosign.h"
#include "crypto/tree.h"
#include "tests/unit/logtree.h"
#include "tests/unit/vec.h"

#define TEXT	"drop.example/log1\n1000\n" \
		"yJ+vM5XQNKd8EsdtY225Y1jW0oOcPGj2MpoHIx6C/OI=\n"
#define DASH	"\xe2\x80\x94 "
#define T0	UINT64_C(1700001000)

static struct vkey log_key, w[3];
static unsigned char log_sk[64], sk[3][64];
static unsigned char buf[NOTE_MAX_BYTES];

static void
key(struct vkey *k, unsigned char *secret, const char *name, uint8_t type,
    unsigned char fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	crypto_sign_seed_keypair(pk, secret, seed);
	cr_assert_eq(vkey_make(k, rd_str(name), type, pk), 0);
}

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
	key(&log_key, log_sk, "drop.example/log1", NOTE_ED25519, 1);
	key(&w[0], sk[0], "witness.example/w1", NOTE_COSIG, 2);
	key(&w[1], sk[1], "witness.example/w2", NOTE_COSIG, 3);
	key(&w[2], sk[2], "witness.example/w3", NOTE_COSIG, 4);
}

TestSuite(cosign, .init = setup);

/* The signed checkpoint; cosignatures are appended to what it returns. */
static struct wr
signed_text(void)
{
	struct wr o = wr_from(buf, sizeof(buf));

	cr_assert_eq(note_sign(&o, rd_str(TEXT), &log_key, log_sk), 0);
	return o;
}

static void
add(struct wr *o, int i, uint64_t time)
{
	cr_assert_eq(cosign_write(o, rd_str(TEXT), time, &w[i], sk[i]), 0);
}

static int
check(const struct wr *o, struct cosigners *c)
{
	struct note n;

	cr_assert_eq(note_parse(&n, wr_rd(o)), 0);
	return cosign_check(&n, w, 3, c);
}

Test(cosign, each_that_cosigned_is_in_the_set_with_its_time)
{
	struct wr o = signed_text();
	struct cosigners c;

	cr_assert_eq(check(&o, &c), 0);
	cr_assert(c.set == 0 && cosign_count(&c) == 0);
	add(&o, 2, T0 + 5);
	add(&o, 0, T0);
	cr_assert_eq(check(&o, &c), 0);
	cr_assert(c.set == 5 && cosign_count(&c) == 2);
	cr_assert(c.time[0] == T0 && c.time[2] == T0 + 5);
}

Test(cosign, a_second_line_of_a_key_counts_nothing)
{
	struct wr o = signed_text();
	struct cosigners c;

	add(&o, 1, T0);
	add(&o, 1, T0 + 9);
	cr_assert_eq(check(&o, &c), 0);
	cr_assert(c.set == 2 && c.time[1] == T0);
}

Test(cosign, two_names_for_one_key_are_one_witness)
{
	struct wr o = signed_text();
	struct cosigners c;
	struct vkey alias[2];
	struct note n;

	alias[0] = w[0];
	key(&alias[1], sk[1], "witness.example/other", NOTE_COSIG, 2);
	add(&o, 0, T0);
	cr_assert_eq(cosign_write(&o, rd_str(TEXT), T0, &alias[1], sk[1]), 0);
	cr_assert_eq(note_parse(&n, wr_rd(&o)), 0);
	cr_assert_eq(cosign_check(&n, alias, 2, &c), 0);
	cr_assert_eq(c.set, 1);
	cr_assert_eq(cosign_check(&n, alias + 1, 1, &c), 0);
	cr_assert_eq(c.set, 1, "alone it is a witness");
}

Test(cosign, two_keys_of_one_name_are_one_witness)
{
	struct wr o = signed_text();
	struct cosigners c;
	struct vkey two[2];
	struct note n;

	two[0] = w[0];
	key(&two[1], sk[1], w[0].name, NOTE_COSIG, 3);
	add(&o, 0, T0);
	cr_assert_eq(cosign_write(&o, rd_str(TEXT), T0, &two[1], sk[1]), 0);
	cr_assert_eq(note_parse(&n, wr_rd(&o)), 0);
	cr_assert_eq(cosign_check(&n, two, 2, &c), 0);
	cr_assert_eq(c.set, 1);
}

/* A line of type 0x06, as another key of the same witness writes it. */
Test(cosign, a_post_quantum_line_is_passed_over)
{
	static unsigned char sig[8 + 2420];
	struct wr o = signed_text();
	struct vkey pq = w[0];
	struct cosigners c;

	pq.id ^= 0xffff;
	memset(sig, 0x5a, sizeof(sig));
	note_sig_write(&o, &pq, rd_from(sig, sizeof(sig)));
	cr_assert_eq(check(&o, &c), 0);
	cr_assert_eq(c.set, 0);
	add(&o, 0, T0);
	cr_assert_eq(check(&o, &c), 0);
	cr_assert_eq(c.set, 1);
}

Test(cosign, a_known_line_with_any_byte_changed_refuses_the_note)
{
	unsigned char sig[COSIGN_BYTES];
	struct wr o = signed_text();
	size_t before = o.n, i;
	struct cosigners c;
	struct note_sig s;
	struct rd sigs;

	add(&o, 0, T0);
	sigs = rd_from(buf + before, o.n - before);
	cr_assert(note_sig_next(&sigs, &s) && s.n == COSIGN_BYTES);
	for (i = 0; i < COSIGN_BYTES; i++) {
		memcpy(sig, s.b, sizeof(sig));
		sig[i] ^= 0x04;
		o.n = before;
		note_sig_write(&o, &w[0], rd_from(sig, sizeof(sig)));
		add(&o, 1, T0);
		cr_assert_eq(check(&o, &c), ERR_AUTH, "byte %zu", i);
		cr_assert_eq(c.set, 0);
	}
	o.n = before;
	note_sig_write(&o, &w[0], rd_from(s.b, COSIGN_BYTES - 1));
	cr_assert_eq(check(&o, &c), ERR_AUTH);
	o.n = before;
	s.b[COSIGN_BYTES] = 0;
	note_sig_write(&o, &w[0], rd_from(s.b, COSIGN_BYTES + 1));
	cr_assert_eq(check(&o, &c), ERR_AUTH);
	o.n = before;
	note_sig_write(&o, &w[0], rd_from(s.b + 8, SIG_BYTES));
	cr_assert_eq(check(&o, &c), ERR_AUTH, "no time");
}

Test(cosign, it_is_bound_to_the_whole_text)
{
	struct wr o = signed_text();
	struct cosigners c;
	struct note n;
	size_t i;

	add(&o, 0, T0);
	for (i = 0; i < strlen(TEXT) - 1; i++) {
		buf[i] ^= 0x01;
		if (note_parse(&n, wr_rd(&o)) == 0)
			cr_assert_eq(cosign_check(&n, w, 3, &c), ERR_AUTH);
		buf[i] ^= 0x01;
	}
	cr_assert_eq(check(&o, &c), 0);
}

Test(cosign, a_plain_signature_of_the_same_key_is_no_cosignature)
{
	struct wr o = wr_from(buf, sizeof(buf));
	struct vkey plain;
	struct note n;
	uint64_t t;

	key(&plain, sk[0], w[0].name, NOTE_ED25519, 2);
	cr_assert_eq(note_sign(&o, rd_str(TEXT), &plain, sk[0]), 0);
	cr_assert_eq(note_parse(&n, wr_rd(&o)), 0);
	cr_assert_eq(cosign_verify(&n, &w[0], &t), ERR_NOMATCH);
	cr_assert_eq(cosign_verify(&n, &plain, &t), ERR_FORMAT);
}

Test(cosign, nothing_but_a_checkpoint_is_cosigned)
{
	struct wr o = wr_from(buf, sizeof(buf));

	cr_assert_eq(cosign_write(&o, rd_str("A line.\n"), T0, &w[0], sk[0]),
	    ERR_FORMAT);
	cr_assert_eq(cosign_write(&o, rd_str(TEXT), (uint64_t)INT64_MAX + 1,
	    &w[0], sk[0]), ERR_FORMAT);
	cr_assert_eq(cosign_write(&o, rd_str(TEXT), T0, &log_key, log_sk),
	    ERR_FORMAT);
	cr_assert_eq(cosign_write(&o, rd_str(TEXT), T0, &w[0], sk[1]),
	    ERR_AUTH);
	cr_assert_eq(o.n, 0);
	o.cap = 100;
	cr_assert_eq(cosign_write(&o, rd_str(TEXT), T0, &w[0], sk[0]),
	    ERR_LIMIT);
}

Test(cosign, more_keys_than_the_set_holds_are_refused)
{
	static struct vkey many[COSIGN_KEYS_MAX + 1];
	struct wr o = signed_text();
	struct cosigners c;
	struct note n;

	cr_assert_eq(note_parse(&n, wr_rd(&o)), 0);
	cr_assert_eq(cosign_check(&n, many, COSIGN_KEYS_MAX + 1, &c),
	    ERR_LIMIT);
}

Test(cosign, a_text_over_the_limit_is_refused_not_cut)
{
	static char text[COSIGN_TEXT_MAX + 100];
	struct wr o = wr_from(buf, sizeof(buf));
	unsigned char sig[COSIGN_BYTES] = { 0 };
	struct note n;
	uint64_t t;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 2] = '\n';
	wr_str(&o, text);
	wr_u8(&o, '\n');
	note_sig_write(&o, &w[0], rd_from(sig, sizeof(sig)));
	cr_assert_eq(note_parse(&n, wr_rd(&o)), 0);
	cr_assert_eq(cosign_verify(&n, &w[0], &t), ERR_LIMIT);
}

/* --- vectors of others ------------------------------------------------- */

Test(cosign, a_witness_and_a_mirror_of_sunlights_hold)
{
	static const char *const who[] = { "witness", "witness2", "mirror" };
	char path[60];
	json_t *o;
	struct vec v;
	struct vkey k;
	struct note n;
	uint64_t t = 0;
	size_t i;

	if (!vec_need("tlog/cosigned"))
		return;
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "tlog/cosigned/%s.v0.json",
		    who[i]);
		o = vec_json(path);
		cr_assert_eq(vkey_parse(&k, rd_str(json_string_value(
		    json_array_get(json_object_get(o, "verifier_keys"), 0)))),
		    0);
		cr_assert_eq(k.type, NOTE_COSIG);
		(void)snprintf(path, sizeof(path),
		    "tlog/cosigned/%s-checkpoint.txt", who[i]);
		v = vec_load(path);
		cr_assert_eq(note_parse(&n, vec_rd(&v)), 0);
		cr_assert_eq(cosign_verify(&n, &k, &t), 0, "%s", who[i]);
		cr_assert_eq(t, 0x69546780);
		v.p[0] ^= 1;
		cr_assert_eq(cosign_verify(&n, &k, &t), ERR_AUTH);
		vec_free(&v);
		json_decref(o);
	}
	vec_ran("cosigned, verified", i);
}

#define NOTES	"tlog/own/notes.json"

/* One line of the vectors: made byte for byte, and found again. */
static void
known_line(const json_t *e, const char *text, const struct note *n)
{
	struct wr o = wr_from(buf, sizeof(buf));
	const char *name = vec_str(e, "witness");
	int i = strcmp(name, w[0].name) == 0 ? 0 : 1;
	uint64_t t = 0;

	cr_assert_str_eq(name, w[i].name);
	cr_assert_eq(cosign_write(&o, rd_str(text), vec_int(e, "time"), &w[i],
	    sk[i]), 0);
	cr_assert(rd_eq_str(wr_rd(&o), vec_str(e, "line")));
	cr_assert_eq(cosign_verify(n, &w[i], &t), 0);
	cr_assert_eq(t, vec_int(e, "time"));
}

Test(cosign, the_known_cosignatures_are_ours_byte_for_byte)
{
	json_t *o, *e, *l;
	struct cosigners c;
	struct note n;
	size_t i, k, lines = 0;

	if (!vec_need(NOTES))
		return;
	o = vec_json(NOTES);
	json_array_foreach(json_object_get(o, "checkpoints"), i, e) {
		cr_assert_eq(note_parse(&n, rd_str(vec_str(e, "cosigned"))),
		    0);
		json_array_foreach(json_object_get(e, "cosignatures"), k, l) {
			known_line(l, vec_str(e, "text"), &n);
			lines++;
		}
		cr_assert_eq(cosign_check(&n, w, 3, &c), 0);
		cr_assert_eq(c.set, 3);
	}
	vec_ran("own/notes, cosignatures", lines);
	json_decref(o);
}

/* The bodies that a witness is sent: the proofs made, the text the same. */
Test(cosign, the_known_requests_are_ours_byte_for_byte)
{
	static unsigned char out[16384];
	struct logtree *t;
	const char *at;
	uint64_t old, new;
	struct proof p;
	json_t *o, *e;
	struct wr q;
	size_t i;

	if (!vec_need(NOTES))
		return;
	t = logtree_new(70000);
	o = vec_json(NOTES);
	json_array_foreach(json_object_get(o, "add_checkpoint_requests"), i,
	    e) {
		old = vec_int(e, "old");
		new = vec_int(e, "new");
		p.n = 0;
		if (old > 0)
			cr_assert_eq(proof_make_consistency(&p, t->h,
			    &t->source, old, new), 0);
		at = strstr(vec_str(e, "body"), "\n\n");
		cr_assert_not_null(at);
		q = wr_from(out, sizeof(out));
		cosign_request(&q, old, &p, rd_str(at + 2));
		cr_assert(rd_eq_str(wr_rd(&q), vec_str(e, "body")), "%d to %d",
		    (int)old, (int)new);
	}
	vec_ran("own/notes, requests", i);
	json_decref(o);
	logtree_free(t);
}
