/* SPDX-License-Identifier: ISC */
/*
 * test_bodies.c - which bodies may be gone, for a role that joins an office
 * at work: what the others' statements let go before it spoke, and no more.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/bodies.h"
#include "client/desk/peers.h"
#include "crypto/statement.h"
#include "tests/unit/deskbox.h"

#define DAY	UINT64_C(86400)
#define NAME	"ecr.example.org"

static struct deskbox x;
static struct office all;
static unsigned char sk[OFFICE_ROLES][64];
static struct mirror_log seen;
static struct bodies b;

static void
role_key(enum codename_role role)
{
	unsigned char seed[32] = { 3 }, pk[32];
	char name[80];

	seed[1] = (unsigned char)role;
	crypto_sign_seed_keypair(pk, sk[role], seed);
	snprintf(name, sizeof(name), NAME "/%s", role_name(role));
	all.has[role] = true;
	cr_assert_eq(vkey_make(&all.key[role], rd_str(name), NOTE_ED25519,
	    pk), 0);
}

static void
setup(void)
{
	deskbox_open(&x);
	memset(&all, 0, sizeof(all));
	strcpy(all.name, NAME);
	role_key(ROLE_OFFICE);
	role_key(ROLE_ALTERNATE);
	box_cover(&x.b, 8);		/* leaves 0 to 7 */
	box_epoch(&x.b, DAY, 0);
}

static void
teardown(void)
{
	mirror_log_wipe(&seen);
	deskbox_close(&x);
}

TestSuite(bodies, .init = setup, .fini = teardown);

/* A role's statement, signed by any key; in an epoch that closes that day. */
static void
say_as(enum codename_role role, enum codename_role by, uint64_t sequence,
    uint64_t erase, uint64_t day)
{
	static unsigned char text[STATEMENT_MAX_BYTES];
	static unsigned char note[STATEMENT_MAX_BYTES];
	struct wr t = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));
	static struct statement s;

	memset(&s, 0, sizeof(s));
	snprintf(s.office, sizeof(s.office), NAME);
	snprintf(s.role, sizeof(s.role), "%s", role_name(role));
	snprintf(s.origin, sizeof(s.origin), BOX_ORIGIN);
	s.sequence = sequence;
	s.size = 8;
	s.erase = erase;
	statement_write(&t, &s);
	cr_assert_eq(note_sign(&n, wr_rd(&t), &all.key[by], sk[by]), 0);
	box_body(&x.b, ENTRY_STATEMENT, wr_rd(&n));
	if (day > 0)
		box_epoch(&x.b, day * DAY, 0);
}

/* What may be gone, seen from this role's desk. */
static uint64_t
before(enum codename_role role, const struct office *known, bool silent)
{
	mirror_log_wipe(&seen);
	cr_assert_eq(mirror_log_read(&seen, x.b.m, &x.b.log, NULL), 0);
	cr_assert_eq(bodies_init(&b, x.b.m, &seen, &all.key[role], known,
	    silent), 0);
	return b.before;
}

Test(bodies, what_the_office_let_go_before_the_alternate_spoke)
{
	struct entry e = { .kind = ENTRY_PARCEL };

	cr_assert_eq(before(ROLE_ALTERNATE, &all, true), 0);
	say_as(ROLE_OFFICE, ROLE_OFFICE, 1, 0, 2);
	say_as(ROLE_OFFICE, ROLE_OFFICE, 2, 5, 3);
	cr_assert_eq(before(ROLE_ALTERNATE, &all, true), 5);
	cr_assert_eq(bodies_gone(&b, 4, &e), BODIES_BEFORE);
	cr_assert_eq(bodies_gone(&b, 5, &e), BODIES_HELD);
	e.kind = ENTRY_STATEMENT;
	cr_assert_eq(bodies_gone(&b, 4, &e), BODIES_HELD);
	/* Taken back, after it had gone. */
	say_as(ROLE_OFFICE, ROLE_OFFICE, 3, 2, 4);
	cr_assert_eq(before(ROLE_ALTERNATE, &all, true), 5);
}

Test(bodies, nothing_goes_without_it_once_it_has_spoken)
{
	say_as(ROLE_OFFICE, ROLE_OFFICE, 1, 3, 2);
	say_as(ROLE_ALTERNATE, ROLE_ALTERNATE, 1, 0, 3);
	say_as(ROLE_OFFICE, ROLE_OFFICE, 2, 8, 4);
	cr_assert_eq(before(ROLE_ALTERNATE, &all, true), 3);
	/* It has spoken in an earlier import. */
	cr_assert_eq(before(ROLE_ALTERNATE, &all, false), 0);
}

Test(bodies, what_stands_beside_its_first_statement_comes_too_late)
{
	say_as(ROLE_OFFICE, ROLE_OFFICE, 1, 8, 0);
	say_as(ROLE_ALTERNATE, ROLE_ALTERNATE, 1, 0, 2);
	cr_assert_eq(before(ROLE_ALTERNATE, &all, true), 0);
}

Test(bodies, only_the_offices_own_key_lets_go)
{
	static struct office none;

	say_as(ROLE_OFFICE, ROLE_ALTERNATE, 1, 8, 2);
	cr_assert_eq(before(ROLE_ALTERNATE, &all, true), 0);
	say_as(ROLE_OFFICE, ROLE_OFFICE, 1, 8, 3);
	cr_assert_eq(before(ROLE_ALTERNATE, &none, true), 0);
	cr_assert(b.joins, "it is told what would help");
	cr_assert_eq(before(ROLE_ALTERNATE, &all, true), 8);
	cr_assert_not(b.joins);
}

Test(bodies, the_office_was_there_from_the_start)
{
	static struct office none;

	say_as(ROLE_ALTERNATE, ROLE_ALTERNATE, 1, 8, 2);
	cr_assert_eq(before(ROLE_OFFICE, &all, true), 0);
	cr_assert_eq(before(ROLE_OFFICE, &none, true), 0);
	cr_assert_not(b.joins);
}

/* --- who the others are -------------------------------------------------- */

Test(bodies, the_roles_are_pinned_with_this_desk_among_them)
{
	unsigned char secret[64];
	struct deskkeys *keys;
	struct office got;

	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(peers_get(x.d->db, &got), 0);
	cr_assert_not(got.has[ROLE_OFFICE]);
	cr_assert_eq(peers_pin(x.d, &all, "file"), EXIT_CONFIG);
	cr_assert_eq(desk_keys(&keys, x.d), 0);
	cr_assert_eq(desk_vkey(&all.key[ROLE_OFFICE], secret, &x.d->head,
	    keys), 0);
	deskkeys_free(keys);
	cr_assert_eq(peers_pin(x.d, &all, "file"), 0);
	cr_assert_eq(peers_get(x.d->db, &got), 0);
	cr_assert(got.has[ROLE_OFFICE] && got.has[ROLE_ALTERNATE]);
	cr_assert(vkey_eq(&got.key[ROLE_ALTERNATE],
	    &all.key[ROLE_ALTERNATE]));
	deskdb_abort(x.d->db);
}

/* The longest names that a desk can have. */
Test(bodies, long_names_fit)
{
	unsigned char pk[32] = { 1 };
	struct office o, got;
	char name[NAME_MAX_BYTES + 1];
	struct deskkeys *keys;
	unsigned char secret[64];
	size_t n = NAME_MAX_BYTES - 10;

	memset(&o, 0, sizeof(o));
	memset(name, 'a', n);
	strcpy(name + n, "/alternate");
	cr_assert_eq(desk_keys(&keys, x.d), 0);
	cr_assert_eq(desk_vkey(&o.key[ROLE_OFFICE], secret, &x.d->head, keys),
	    0);
	deskkeys_free(keys);
	o.has[ROLE_OFFICE] = o.has[ROLE_ALTERNATE] = true;
	cr_assert_eq(vkey_make(&o.key[ROLE_ALTERNATE], rd_str(name),
	    NOTE_ED25519, pk), 0);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(peers_pin(x.d, &o, "file"), 0);
	cr_assert_eq(peers_get(x.d->db, &got), ERR_FORMAT, "two offices");
	deskdb_abort(x.d->db);
}
