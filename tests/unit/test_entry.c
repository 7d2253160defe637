/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "crypto/entry.h"
#include "tests/unit/own.h"

static void
own_entry(const struct own *v)
{
	unsigned char again[ENTRY_BYTES];
	struct entry e;

	cr_assert_eq(entry_parse(&e, v->body), own_expect(v), "%s", v->name);
	if (own_expect(v) != 0)
		return;
	cr_assert_eq(e.kind, own_number(v, "kind"));
	cr_assert_eq(e.close, own_number(v, "close"));
	entry_write(again, &e);
	cr_assert(rd_eq(rd_from(again, sizeof(again)), v->body));
}

Test(entry, own_vectors)
{
	own_each("entry", 10, own_entry);
}

Test(entry, every_cut_is_refused)
{
	struct entry e = { ENTRY_REPLY, 1700006400, { 1, 2, 3 } };
	unsigned char b[ENTRY_BYTES];
	size_t cut;

	entry_write(b, &e);
	for (cut = 0; cut < sizeof(b); cut++)
		cr_assert_eq(entry_parse(&e, rd_from(b, cut)), ERR_FORMAT);
	cr_assert_eq(entry_parse(&e, rd_from(b, cut)), 0);
}

Test(entry, closes_kinds_and_digests_rise)
{
	struct entry a = { ENTRY_PARCEL, 1000, { 5 } }, b;

	b = a;
	cr_assert_not(entry_follows(&a, &b));		/* twice */
	b.digest[31] = 1;
	cr_assert(entry_follows(&a, &b));
	cr_assert_not(entry_follows(&b, &a));
	b = a;
	b.kind = ENTRY_STATEMENT;
	b.digest[0] = 0;
	cr_assert(entry_follows(&a, &b));
	cr_assert_not(entry_follows(&b, &a));
	b.close = 1001;
	b.kind = ENTRY_PARCEL;
	cr_assert(entry_follows(&a, &b));
	cr_assert_not(entry_follows(&b, &a));
}
