/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "client/common/office.h"

struct signer {
	struct vkey key;
	unsigned char sk[64];
};

static void
signer_make(struct signer *s, const char *name, unsigned char seed_byte)
{
	unsigned char seed[32], pk[32];

	memset(seed, seed_byte, sizeof(seed));
	crypto_sign_seed_keypair(pk, s->sk, seed);
	cr_assert_eq(vkey_make(&s->key, rd_str(name), NOTE_ED25519, pk), 0);
}

static void
add_line(struct wr *w, const struct signer *s)
{
	vkey_write(w, &s->key);
	wr_u8(w, '\n');
}

/* A keyset note of this role and sequence. */
static void
add_keyset(struct wr *w, const struct signer *s, const char *role,
    uint64_t sequence)
{
	unsigned char seed[32] = { 7 };
	static unsigned char text[16384];
	struct keyset_key week;
	struct keyset ks;
	struct wr t = wr_from(text, sizeof(text));

	memset(&ks, 0, sizeof(ks));
	strcpy(ks.office, "ecr.example");
	strcpy(ks.role, role);
	ks.sequence = sequence;
	week.from = 20000;
	week.to = 20006;
	cr_assert_eq(hpke_public(week.rc.pk, seed), 0);
	ks.key = &week;
	ks.nkeys = 1;
	keyset_write(&t, &ks);
	cr_assert_eq(note_sign(w, wr_rd(&t), &s->key, s->sk), 0);
}

static struct signer office, alternate, foreign;
static char buf[32768];
static struct office o;

static void
setup(void)
{
	struct wr w = wr_from(buf, sizeof(buf));

	signer_make(&office, "ecr.example/office", 1);
	signer_make(&alternate, "ecr.example/alternate", 2);
	signer_make(&foreign, "ecr.example/office", 3);
	wr_str(&w, "# our office\n\n");
	add_line(&w, &office);
	add_line(&w, &alternate);
	cr_assert_eq(office_parse(&o, wr_rd(&w)), 0);
}

TestSuite(office, .init = setup);

Test(office, a_file_of_two_roles_is_read)
{
	cr_assert_str_eq(o.name, "ecr.example");
	cr_assert(o.has[ROLE_OFFICE] && o.has[ROLE_ALTERNATE]);
	cr_assert(vkey_eq(&o.key[ROLE_ALTERNATE], &alternate.key));
}

Test(office, files_that_name_anything_twice_or_wrongly_are_refused)
{
	struct wr w = wr_from(buf, sizeof(buf));
	struct signer s;
	struct office bad;

	cr_assert_eq(office_parse(&bad, rd_str("")), ERR_FORMAT);
	cr_assert_eq(office_parse(&bad, rd_str("nonsense\n")), ERR_FORMAT);
	add_line(&w, &alternate);
	cr_assert_eq(office_parse(&bad, wr_rd(&w)), ERR_FORMAT,
	    "the office itself is missing");
	add_line(&w, &office);
	cr_assert_eq(office_parse(&bad, wr_rd(&w)), 0);
	add_line(&w, &foreign);
	cr_assert_eq(office_parse(&bad, wr_rd(&w)), ERR_FORMAT, "twice");
	w = wr_from(buf, sizeof(buf));
	add_line(&w, &office);
	signer_make(&s, "other.example/alternate", 4);
	add_line(&w, &s);
	cr_assert_eq(office_parse(&bad, wr_rd(&w)), ERR_FORMAT,
	    "another office");
	w = wr_from(buf, sizeof(buf));
	signer_make(&s, "ecr.example/cook", 4);
	add_line(&w, &s);
	cr_assert_eq(office_parse(&bad, wr_rd(&w)), ERR_FORMAT,
	    "no such role");
}

Test(office, the_keyset_of_each_role_is_found)
{
	struct wr w = wr_from(buf, sizeof(buf));
	struct keyset ks;

	add_keyset(&w, &alternate, "alternate", 1);
	wr_str(&w, "\n====\n");
	add_keyset(&w, &office, "office", 1);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, wr_rd(&w),
	    rd_str("")), 0);
	cr_assert_str_eq(ks.role, "office");
	keyset_wipe(&ks);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_ALTERNATE, wr_rd(&w),
	    rd_str("")), 0);
	cr_assert_str_eq(ks.role, "alternate");
	keyset_wipe(&ks);
}

Test(office, a_keyset_that_nobody_pinned_or_stated_is_refused)
{
	struct wr w = wr_from(buf, sizeof(buf));
	struct keyset ks;

	add_keyset(&w, &foreign, "office", 1);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, wr_rd(&w),
	    rd_str("")), ERR_NOTFOUND);
	w = wr_from(buf, sizeof(buf));
	add_keyset(&w, &office, "office", 2);
	cr_assert_eq(office_keyset(&ks, &o, ROLE_OFFICE, wr_rd(&w),
	    rd_str("")), ERR_CHANGED, "a later keyset needs a statement");
	cr_assert_null(ks.key);
	/* The alternate's key may not speak for the office. */
	w = wr_from(buf, sizeof(buf));
	add_keyset(&w, &alternate, "office", 1);
	cr_assert_neq(office_keyset(&ks, &o, ROLE_OFFICE, wr_rd(&w),
	    rd_str("")), 0);
}
