/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "client/audit/bodies.h"
#include "client/common/say.h"
#include "crypto/sha256.h"
#include "tests/unit/logdir.h"
#include "tests/unit/tmpdir.h"

static struct mirror *m;
static struct logdir log_key;
static struct source *src;
static struct keys keys;
static struct bodies b;
static unsigned char sk[64];

static void
setup(void)
{
	static const unsigned char seed[32] = { 7 };
	struct source_how how = { .tries = 1 };
	unsigned char pk[32];

	tmpdir_new();
	cr_assert_eq(mirror_open(&m, tmpdir_path("mirror"), true), 0);
	cr_assert_eq(source_open(&src, tmpdir_path("mirror"), &how), 0);
	logdir_key(&log_key);
	crypto_sign_seed_keypair(pk, sk, seed);
	keys.log = log_key.key;
	keys.has_office = true;
	strcpy(keys.office.name, "office.example");
	keys.office.has[ROLE_OFFICE] = true;
	cr_assert_eq(vkey_make(&keys.office.key[ROLE_OFFICE],
	    rd_str("office.example/office"), NOTE_ED25519, pk), 0);
	b.src = src;
	b.keys = &keys;
}

static void
teardown(void)
{
	bodies_wipe(&b);
	source_close(src);
	mirror_close(m);
	tmpdir_remove();
}

TestSuite(bodies, .init = setup, .fini = teardown);

/* A note by the office's key, as a statement that the log names. */
static int
try_note(const char *text)
{
	struct entry e = { .kind = ENTRY_STATEMENT, .close = 1000 };
	unsigned char note[2048];
	struct wr w = wr_from(note, sizeof(note));
	char name[80];

	cr_assert_eq(note_sign(&w, rd_str(text),
	    &keys.office.key[ROLE_OFFICE], sk), 0);
	sha256(e.digest, note, w.n);
	mirror_name(name, "statements", e.digest);
	cr_assert_eq(mirror_write(m, name, wr_rd(&w)), 0);
	return body_check(&b, &e);
}

#define HEAD	"office.example/statement/office\n"
#define REST	"\n" LOGDIR_ORIGIN "\n300\n"

Test(bodies, statements_of_a_role_rise)
{
	cr_assert_eq(try_note(HEAD "1" REST), EXIT_DONE);
	cr_assert_eq(try_note(HEAD "2" REST), EXIT_DONE);
	cr_assert_eq(try_note(HEAD "7" REST), EXIT_DONE);
}

Test(bodies, an_old_statement_is_not_said_again)
{
	cr_assert_eq(try_note(HEAD "2" REST), EXIT_DONE);
	cr_assert_eq(try_note(HEAD "2" REST), EXIT_CLAIM);
	cr_assert_eq(try_note(HEAD "1" REST), EXIT_CLAIM);
}

Test(bodies, what_a_role_signs_otherwise_is_no_statement)
{
	static const char *const bad[] = {
		"office.example/keyset/office\n1" REST,
		"office.example/reply\n1" REST,
		"office.example/statement/alternate\n1" REST,
		"other.example/statement/office\n1" REST,
		HEAD "0" REST, HEAD "01" REST, HEAD "x" REST, HEAD "1\n",
		HEAD "1\ndrop.example/log2\n300\n"
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(try_note(bad[i]), EXIT_CLAIM, "%s", bad[i]);
		cr_assert_str_eq(b.says,
		    "is no statement of the office to this log");
		cr_assert_not_null(b.bytes, "it is evidence");
		bodies_wipe(&b);
	}
}

Test(bodies, what_nobody_signed_is_a_claim_only_with_keys)
{
	cr_assert_eq(try_note(HEAD "1" REST), EXIT_DONE);
	keys.office.has[ROLE_OFFICE] = false;
	cr_assert_eq(try_note(HEAD "2" REST), EXIT_CLAIM);
	bodies_wipe(&b);
	keys.has_office = false;
	cr_assert_eq(try_note(HEAD "2" REST), EXIT_DONE);
}

Test(bodies, what_is_not_there_is_named)
{
	struct entry e = { ENTRY_STATEMENT, 1000, { 5 } };
	char name[80];

	mirror_name(name, "statements", e.digest);
	cr_assert_eq(body_check(&b, &e), EXIT_CLAIM);
	cr_assert_str_eq(b.name, name);
	cr_assert_null(b.bytes);
	e.kind = ENTRY_PARCEL;
	cr_assert_eq(body_check(&b, &e), EXIT_DONE);
	b.parcels = true;
	cr_assert_eq(body_check(&b, &e), EXIT_CLAIM);
}
