/* SPDX-License-Identifier: ISC */
/*
 * test_policy.c - /policy, read back with a real JSON library; and the
 * keysets that are served.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/hpke.h"
#include "crypto/keyset.h"
#include "server/keys.h"
#include "server/policy.h"

static unsigned char buf[POLICY_MAX_BYTES];

static struct vkey
vkey_of(const char *name)
{
	static const unsigned char pk[32] = { 7 };
	struct vkey k;

	cr_assert_eq(vkey_make(&k, rd_str(name), NOTE_ED25519, pk), 0);
	return k;
}

static json_int_t
number(json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);

	cr_assert(json_is_integer(v), "%s", name);
	return json_integer_value(v);
}

Test(policy, is_one_json_object_with_the_fields_of_the_design)
{
	struct vkey log = vkey_of("drop.example/\"log\\1"), role[2];
	struct policy p = { .log = &log, .role = role, .nrole = 2,
	    .epoch_seconds = 21600, .epoch_close = 1795305600, .batch = 16,
	    .work_bits = 8 };
	struct wr w = wr_from(buf, sizeof(buf));
	unsigned char line[512];
	struct wr v = wr_from(line, sizeof(line));
	json_t *o, *keys;

	role[0] = vkey_of("x/office");
	role[1] = vkey_of("x/alternate");
	cr_assert_eq(vkey_make(&role[0], rd_str("\xc3\x89thique/office"),
	    NOTE_ED25519, role[1].pk), 0);
	policy_write(&w, &p);
	cr_assert(wr_ok(&w));
	o = json_loadb((const char *)buf, w.n, JSON_REJECT_DUPLICATES, NULL);
	cr_assert_not_null(o);
	cr_assert_eq(json_object_size(o), 14);
	cr_assert_str_eq(json_string_value(json_object_get(o, "origin")),
	    log.name);
	vkey_write(&v, &log);
	cr_assert(wr_cstr(&v));
	cr_assert_str_eq(json_string_value(json_object_get(o, "log_vkey")),
	    (const char *)line);
	keys = json_object_get(o, "role_vkeys");
	cr_assert_eq(json_array_size(keys), 2);
	v = wr_from(line, sizeof(line));
	vkey_write(&v, &role[0]);
	cr_assert(wr_cstr(&v));
	cr_assert_str_eq(json_string_value(json_array_get(keys, 0)),
	    (const char *)line);
	cr_assert_eq(number(o, "v"), 1);
	cr_assert_eq(number(o, "epoch_seconds"), 21600);
	cr_assert_eq(number(o, "epoch_close"), 1795305600);
	cr_assert_eq(number(o, "batch"), 16);
	cr_assert_eq(number(o, "parcel_bytes"), 65520);
	cr_assert_eq(number(o, "parcel_slots"), 4);
	cr_assert_eq(number(o, "parts_max"), 4096);
	cr_assert_eq(number(o, "reply_bytes"), 8176);
	cr_assert_eq(number(o, "outbox_bytes_max"), 4194304);
	cr_assert_eq(number(o, "work_bits"), 8);
	cr_assert_eq(number(o, "cosignatures"), 0);
	json_decref(o);
}

/* --- keysets ------------------------------------------------------------- */

static unsigned char pk[32], sk[64], seed[32];

/* A role's signed keyset; returns its bytes. */
static size_t
keyset_of(unsigned char *out, size_t cap, const char *office,
    const char *role, struct vkey *k)
{
	static unsigned char text[8192];
	struct wr t = wr_from(text, sizeof(text)), w = wr_from(out, cap);
	struct keyset_key week = { .from = 20000, .to = 20006 };
	char name[256];
	struct keyset ks;

	memset(&ks, 0, sizeof(ks));
	cr_assert_eq(hpke_public(week.rc.pk, seed), 0);
	ks.key = &week;
	ks.nkeys = 1;
	(void)snprintf(ks.office, sizeof(ks.office), "%s", office);
	(void)snprintf(ks.role, sizeof(ks.role), "%s", role);
	(void)snprintf(name, sizeof(name), "%s/%s", office, role);
	ks.sequence = 1;
	seed[0]++;
	cr_assert_eq(crypto_sign_seed_keypair(pk, sk, seed), 0);
	cr_assert_eq(vkey_make(k, rd_str(name), NOTE_ED25519, pk), 0);
	keyset_write(&t, &ks);
	cr_assert(wr_ok(&t));
	cr_assert_eq(note_sign(&w, wr_rd(&t), k, sk), 0);
	return w.n;
}

Test(keys, keysets_of_known_roles_are_joined_as_clients_divide_them)
{
	static unsigned char a[8192], b[8192], roles[1024];
	struct wr w = wr_from(roles, sizeof(roles));
	struct keys k = { 0 };
	struct vkey ka, kb;
	struct rd all, note;
	size_t na = keyset_of(a, sizeof(a), "ecr.example", "office", &ka);
	size_t nb = keyset_of(b, sizeof(b), "ecr.example", "alternate", &kb);

	vkey_write(&w, &ka);
	wr_u8(&w, '\n');
	vkey_write(&w, &kb);
	wr_u8(&w, '\n');
	cr_assert_eq(keys_parse_roles(&k, wr_rd(&w)), 0);
	cr_assert_eq(k.nrole, 2);
	cr_assert_eq(keys_add_note(&k, rd_from(a, na)), 0);
	cr_assert_eq(keys_add_note(&k, rd_from(a, na)), ERR_EXISTS);
	cr_assert_eq(keys_add_note(&k, rd_from(b, nb)), 0);
	all = keys_notes(&k);
	cr_assert_eq(keyset_next(&all, &note), 0);
	cr_assert(rd_eq(note, rd_from(a, na)));
	cr_assert_eq(keyset_next(&all, &note), 0);
	cr_assert(rd_eq(note, rd_from(b, nb)));
	cr_assert(rd_done(&all));
	keys_wipe(&k);
}

Test(keys, a_stranger_s_or_changed_keyset_is_refused)
{
	static unsigned char a[8192], b[8192], roles[1024];
	struct wr w = wr_from(roles, sizeof(roles));
	struct keys k = { 0 };
	struct vkey ka, kb;
	size_t na = keyset_of(a, sizeof(a), "ecr.example", "office", &ka);
	size_t nb = keyset_of(b, sizeof(b), "other.example", "office", &kb);

	vkey_write(&w, &ka);
	wr_u8(&w, '\n');
	cr_assert_eq(keys_parse_roles(&k, wr_rd(&w)), 0);
	cr_assert_eq(keys_add_note(&k, rd_from(b, nb)), ERR_NOMATCH);
	a[na / 4] ^= 1;
	cr_assert_neq(keys_add_note(&k, rd_from(a, na)), 0);
	cr_assert_eq(keys_notes(&k).n, 0);
	keys_wipe(&k);
}

Test(keys, without_roles_only_the_form_counts)
{
	static unsigned char a[8192];
	struct keys k = { 0 };
	struct vkey ka;
	size_t na = keyset_of(a, sizeof(a), "ecr.example", "office", &ka);

	cr_assert_eq(keys_parse_roles(&k, rd_str("")), 0);
	cr_assert_eq(keys_add_note(&k, rd_from(a, na)), 0);
	cr_assert_eq(keys_add_note(&k, rd_str("no note\n")), ERR_FORMAT);
	keys_wipe(&k);
}

Test(keys, a_roles_file_is_strict)
{
	static unsigned char roles[4096];
	struct wr w = wr_from(roles, sizeof(roles));
	struct vkey a = vkey_of("x/office");
	struct keys k;

	vkey_write(&w, &a);
	cr_assert_eq(keys_parse_roles(&k, wr_rd(&w)), ERR_FORMAT, "no LF");
	wr_u8(&w, '\n');
	cr_assert_eq(keys_parse_roles(&k, wr_rd(&w)), 0);
	vkey_write(&w, &a);
	wr_u8(&w, '\n');
	cr_assert_eq(keys_parse_roles(&k, wr_rd(&w)), ERR_FORMAT, "twice");
	cr_assert_eq(keys_parse_roles(&k, rd_str("\n")), ERR_FORMAT);
}
