/* SPDX-License-Identifier: ISC */
/*
 * test_officekeys.c - OFFICE.vkey, and the keysets that count.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/office.h"
#include "crypto/sha256.h"
#include "crypto/wr.h"
#include "tests/unit/mailroom.h"

static struct vkey key[2], other;
static unsigned char sk[2][64];
static char line[2][512], file[2048];
static unsigned char note[8192], all[32768];
static struct office o;
static struct keyset ks;

static void
make_key(struct vkey *k, unsigned char *secret, const char *name,
    unsigned char fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	crypto_sign_seed_keypair(pk, secret, seed);
	cr_assert_eq(vkey_make(k, rd_str(name), NOTE_ED25519, pk), 0);
}

static void
write_key(char *out, const struct vkey *k)
{
	struct wr w = wr_from(out, 512);

	vkey_write(&w, k);
	cr_assert(wr_cstr(&w));
}

static void
setup(void)
{
	unsigned char unused[64];

	cr_assert_geq(sodium_init(), 0);
	make_key(&key[0], sk[0], "o.example/office", 1);
	make_key(&key[1], sk[1], "o.example/alternate", 2);
	make_key(&other, unused, "p.example/alternate", 3);
	write_key(line[0], &key[0]);
	write_key(line[1], &key[1]);
}

TestSuite(officekeys, .init = setup);

static int
parse(const char *text)
{
	return office_parse(&o, rd_str(text));
}

Test(officekeys, one_role_or_both_in_any_order)
{
	snprintf(file, sizeof(file), "# poster\n\n%s\n", line[0]);
	cr_assert_eq(parse(file), 0);
	cr_assert_str_eq(o.name, "o.example");
	cr_assert(o.has[ROLE_OFFICE] && !o.has[ROLE_ALTERNATE]);
	snprintf(file, sizeof(file), "%s\n%s", line[1], line[0]);
	cr_assert_eq(parse(file), 0, "the last line may lack its end");
	cr_assert(o.has[ROLE_OFFICE] && o.has[ROLE_ALTERNATE]);
	cr_assert(vkey_eq(&o.key[ROLE_ALTERNATE], &key[1]));
}

Test(officekeys, what_is_not_an_office_is_refused)
{
	char more[512];
	unsigned char pk[32], unused[64];
	struct vkey k;

	cr_assert_eq(parse(""), ERR_FORMAT);
	cr_assert_eq(parse("# nothing\n"), ERR_FORMAT);
	snprintf(file, sizeof(file), "%s\n", line[1]);
	cr_assert_eq(parse(file), ERR_FORMAT, "the office itself is missing");
	snprintf(file, sizeof(file), "%s\n%s\n", line[0], line[0]);
	cr_assert_eq(parse(file), ERR_FORMAT, "a role twice");
	write_key(more, &other);
	snprintf(file, sizeof(file), "%s\n%s\n", line[0], more);
	cr_assert_eq(parse(file), ERR_FORMAT, "two offices");
	make_key(&k, unused, "o.example/third", 4);
	write_key(more, &k);
	snprintf(file, sizeof(file), "%s\n%s\n", line[0], more);
	cr_assert_eq(parse(file), ERR_FORMAT, "an unknown role");
	make_key(&k, unused, "office", 4);
	write_key(more, &k);
	cr_assert_eq(parse(more), ERR_FORMAT, "no role");
	memcpy(pk, key[0].pk, 32);
	cr_assert_eq(vkey_make(&k, rd_str("o.example/office"), NOTE_COSIG,
	    pk), 0);
	write_key(more, &k);
	cr_assert_eq(parse(more), ERR_FORMAT, "a witness's key");
	snprintf(file, sizeof(file), "%s \n", line[0]);
	cr_assert_eq(parse(file), ERR_FORMAT, "a space behind it");
	line[0][strlen(line[0]) - 1] ^= 1;
	cr_assert_eq(parse(line[0]), ERR_FORMAT, "its id is wrong");
}

/* A role's keyset note of this sequence, signed. */
static size_t
keyset_note(unsigned char *out, size_t cap, int role, uint64_t sequence)
{
	static const unsigned char entropy[CODENAME_BYTES] = { 9 };
	static unsigned char text[8192];
	struct wr w = wr_from(text, sizeof(text)), n = wr_from(out, cap);
	struct codename_keys keys;
	struct keyset_key week;

	cr_assert_eq(codename_derive(&keys, entropy, rd_str("o.example")), 0);
	memset(&ks, 0, sizeof(ks));
	strcpy(ks.office, "o.example");
	strcpy(ks.role, role_name((enum codename_role)role));
	ks.sequence = sequence;
	week.from = 20000;
	week.to = 20006;
	week.rc = keys.mailbox;
	ks.key = &week;
	ks.nkeys = 1;
	keyset_write(&w, &ks);
	cr_assert(wr_ok(&w));
	cr_assert_eq(note_sign(&n, wr_rd(&w), &key[role], sk[role]), 0);
	return n.n;
}

static struct rd
both(uint64_t sequence)
{
	struct wr w = wr_from(all, sizeof(all));

	wr_bytes(&w, note, keyset_note(note, sizeof(note), 0, sequence));
	wr_str(&w, "\n====\n");
	wr_bytes(&w, note, keyset_note(note, sizeof(note), 1, sequence));
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

static void
know_both(void)
{
	snprintf(file, sizeof(file), "%s\n%s\n", line[0], line[1]);
	cr_assert_eq(parse(file), 0);
}

Test(officekeys, the_role_asked_for_is_found_among_all)
{
	know_both();
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, both(1),
	    rd_str("")), 0);
	cr_assert_str_eq(ks.role, "office");
	keyset_wipe(&ks);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_ALTERNATE, both(1),
	    rd_str("")), 0);
	cr_assert_str_eq(ks.role, "alternate");
	keyset_wipe(&ks);
}

Test(officekeys, a_role_that_is_not_pinned_or_not_served_is_not_there)
{
	cr_assert_eq(parse(line[0]), 0);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_ALTERNATE, both(1),
	    rd_str("")), ERR_NOTFOUND);
	know_both();
	cr_assert_eq(office_keyset(&ks, &o, ROLE_ALTERNATE, rd_from(note,
	    keyset_note(note, sizeof(note), 0, 1)), rd_str("")),
	    ERR_NOTFOUND);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, rd_str(""),
	    rd_str("")), ERR_NOTFOUND);
}

Test(officekeys, a_later_keyset_needs_a_statement_that_names_it)
{
	know_both();
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, both(2),
	    rd_str("")), ERR_CHANGED);
	cr_assert_neq(office_keyset(&ks, &o, ROLE_OFFICE, both(1),
	    rd_str("some statement")), 0);
}

/* Statements of both roles; each names this keyset. */
static struct rd
state(const unsigned char *office, const unsigned char *alternate)
{
	struct statement s;

	memset(&s, 0, sizeof(s));
	memcpy(s.keyset, office, HASH_BYTES);
	mailroom_put_noise(4);
	mailroom_state(ROLE_OFFICE, mailroom_notes + 1, &s);
	if (alternate != NULL) {
		memcpy(s.keyset, alternate, HASH_BYTES);
		mailroom_state(ROLE_ALTERNATE, 1, &s);
	}
	return mailroom_serve();
}

Test(officekeys, the_newest_statement_of_the_role_names_the_keyset)
{
	unsigned char was[HASH_BYTES], now[HASH_BYTES];
	struct rd served;
	size_t n;

	know_both();
	mailroom_open();
	n = keyset_note(note, sizeof(note), 0, 1);
	sha256(was, note, n);
	n = keyset_note(note, sizeof(note), 0, 2);
	sha256(now, note, n);
	served = state(was, NULL);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, both(2), served),
	    ERR_CHANGED);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, both(1), served), 0);
	keyset_wipe(&ks);
	free((void *)(uintptr_t)served.p);
	served = state(now, was);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, both(2), served), 0);
	keyset_wipe(&ks);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, both(1), served),
	    ERR_CHANGED, "an older one");
	cr_assert_eq(office_keyset(&ks, &o, ROLE_ALTERNATE, both(1), served),
	    ERR_CHANGED, "each role names its own");
	free((void *)(uintptr_t)served.p);
	mailroom_close();
}

Test(officekeys, an_altered_keyset_is_refused)
{
	size_t n, i;
	int r;

	know_both();
	n = keyset_note(note, sizeof(note), 0, 1);
	for (i = 0; i < n; i += 37) {
		note[i] ^= 1;
		r = office_keyset(&ks, &o, ROLE_OFFICE, rd_from(note, n),
		    rd_str(""));
		cr_assert(r == ERR_FORMAT || r == ERR_AUTH ||
		    r == ERR_NOTFOUND || r == ERR_NOMATCH, "byte %zu: %d", i,
		    r);
		note[i] ^= 1;
	}
	for (i = 1; i < n; i += 101)
		cr_assert_neq(office_keyset(&ks, &o, ROLE_OFFICE,
		    rd_from(note, i), rd_str("")), 0);
}
