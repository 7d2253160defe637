/* SPDX-License-Identifier: ISC */
/*
 * test_disclosed.c - whole proofs of disclosure, of one part and of many, and
 * those that a reporter may make by hand: everything in them is signed and
 * logged, and yet they do not show what they should.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/common/disclosed.h"
#include "client/common/file.h"
#include "client/common/say.h"
#include "tests/unit/proofbox.h"
#include "tests/unit/tmpdir.h"

static struct disclosed d;

static void
setup(void)
{
	say_quiet(true);
	proofbox_init();
	cr_assert(freopen(tmpdir_path("err"), "w+", stderr) != NULL);
}

static void
teardown(void)
{
	disclosed_close(&d);
	tmpdir_remove();
}

TestSuite(disclosed, .init = setup, .fini = teardown);

static int
look(const struct plan *p)
{
	struct disclosed_how how = { .office = &proofbox_office };

	disclosed_close(&d);
	return disclosed_open(&d, proofbox_make(p), &how);
}

/* It is refused with this code and these words. */
static void
refused(const struct plan *p, int code, const char *words)
{
	unsigned char *err;
	size_t n;

	cr_assert(freopen(tmpdir_path("err"), "w+", stderr) != NULL);
	cr_assert_eq(look(p), code, "%s", words);
	fflush(stderr);
	cr_assert_eq(file_read(&err, &n, tmpdir_path("err"), 65536), 0);
	cr_assert(strstr((char *)err, words) != NULL, "it says: %s", err);
	file_free(err, n);
}

/* --- what holds -------------------------------------------------------- */

Test(disclosed, one_part_shows_everything)
{
	struct plan p = { .attached = 100 };

	cr_assert_eq(look(&p), 0);
	cr_assert(d.parts == 1 && d.proved && d.role == ROLE_OFFICE);
	cr_assert(d.sequence == 1 && d.from == DAY && d.to == DAY + 6);
	cr_assert(d.leaf[0].close == CLOSE && d.leaf[0].index == SEVEN);
	cr_assert(d.cosigned == 1 && d.quorum == 1 && d.has_time &&
	    d.time == CLOSE + 9 && d.size == SEVEN + 1);
	cr_assert_str_eq(json_string_value(json_object_get(d.message,
	    "text")), "May I?");
}

Test(disclosed, many_parts_and_a_keyset_renewed_between_them)
{
	static const size_t at[] = { 0, 1, 2, 4 };
	struct plan p = { .attached = 5 * PART_DATA_BYTES - 3000 };
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		p.renewed = at[i];
		cr_assert_eq(look(&p), 0, "renewed at %zu", at[i]);
		cr_assert(d.parts == 5 && d.sequence == (at[i] > 0 ? 2 : 1));
		cr_assert_eq(d.leaf[4].index, SEVEN + 4);
	}
}

Test(disclosed, attachments_may_end_anywhere)
{
	size_t n;
	struct plan p = { 0 };

	for (n = 0; n < 3; n++) {
		/* The signature moves over the edge between two parts. */
		p.attached = PART_DATA_BYTES - 2440 + 40 * n;
		cr_assert_eq(look(&p), 0, "%zu", p.attached);
	}
	p.attached = 0;
	cr_assert_eq(look(&p), 0);
}

Test(disclosed, without_its_log_proofs_it_is_not_whole)
{
	struct plan p = { .attached = 10, .unproved = true };
	struct disclosed_how how = { .office = &proofbox_office,
	    .unproved = true };

	refused(&p, EXIT_DATA, "ecrdrop prove");
	disclosed_close(&d);
	cr_assert_eq(disclosed_open(&d, proofbox_make(&p), &how), 0);
	cr_assert(!d.proved && d.parts == 1);
}

/* --- what does not ----------------------------------------------------- */

Test(disclosed, signed_by_another_author)
{
	struct plan p = { .attached = 10, .wrong_author = true };

	refused(&p, EXIT_CLAIM, "not signed by the author");
}

Test(disclosed, parts_that_name_another_message)
{
	struct plan p = { .attached = 10, .wrong_sha256 = true };

	refused(&p, EXIT_CLAIM, "no message of the digest");
}

Test(disclosed, parts_of_two_messages)
{
	struct plan p = { .attached = 100000, .foreign = true };

	refused(&p, EXIT_CLAIM, "part 2 of 2 does not belong");
}

Test(disclosed, attachments_that_are_not_what_is_said_of_them)
{
	struct plan p = { .attached = 100000, .wrong_attachment = true };

	refused(&p, EXIT_CLAIM, "an attachment is not");
	p.wrong_attachment = false;
	p.short_attachment = true;
	refused(&p, EXIT_CLAIM, "an attachment is not");
}

Test(disclosed, message_that_is_none)
{
	struct plan p = { .json = "{\"v\":1}" };

	refused(&p, EXIT_CLAIM, "the message is malformed");
	p.json = "nothing";
	refused(&p, EXIT_CLAIM, "the message is malformed");
}

Test(disclosed, keysets_that_disagree)
{
	struct plan p = { .attached = 100000, .renewed = 1 };
	struct plan q = p, r = p;

	p.other_role = true;
	refused(&p, EXIT_CLAIM, "two roles");
	q.other_log = true;
	refused(&q, EXIT_CLAIM, "two logs");
	r.same_keyset = true;
	refused(&r, EXIT_DATA, "no proof of disclosure");
}

Test(disclosed, bytes_at_its_end)
{
	struct plan p = { .attached = 10, .more = true };

	refused(&p, EXIT_DATA, "no proof of disclosure");
	p.unproved = true;
	refused(&p, EXIT_DATA, "no proof of disclosure");
}

Test(disclosed, too_few_witnesses)
{
	struct plan p = { .attached = 10, .unwitnessed = true };

	refused(&p, EXIT_CLAIM, "too few witnesses");
}

Test(disclosed, keys_that_the_reader_pins)
{
	struct plan p = { .attached = 10 };
	struct disclosed_how how = { .office = &proofbox_office,
	    .log = &proofbox_log2 };

	cr_assert_eq(disclosed_open(&d, proofbox_make(&p), &how), EXIT_CLAIM);
	disclosed_close(&d);
	how.log = &proofbox_log;
	cr_assert_eq(disclosed_open(&d, tmpdir_path("p"), &how), 0);
	disclosed_close(&d);
	how.witness = &proofbox_witness;
	how.nwitnesses = how.quorum = 1;
	cr_assert_eq(disclosed_open(&d, tmpdir_path("p"), &how), 0);
	disclosed_close(&d);
	proofbox_office.has[0] = false;
	cr_assert_eq(disclosed_open(&d, tmpdir_path("p"), &how), EXIT_CLAIM);
}

Test(disclosed, what_is_no_plain_file)
{
	struct disclosed_how how = { .office = &proofbox_office };

	cr_assert_eq(disclosed_open(&d, tmpdir_path("none"), &how),
	    EXIT_NOINPUT);
	disclosed_close(&d);
	cr_assert_eq(disclosed_open(&d, tmpdir_path("."), &how),
	    EXIT_NOINPUT);
}
