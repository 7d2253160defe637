/* SPDX-License-Identifier: ISC */
/*
 * test_lend.c - whose each slot is.
 */
#include <criterion/criterion.h>

#include "server/lend.h"
#include "server/slots.h"

static int alice, bob;

static struct lend
lend(uint32_t count)
{
	struct lend l;

	cr_assert_eq(lend_init(&l, count), 0);
	return l;
}

Test(lend, gives_each_slot_once)
{
	struct lend l = lend(3);

	cr_assert_eq(lend_take(&l, &alice, false), 0);
	cr_assert_eq(lend_take(&l, &alice, false), 1);
	cr_assert_eq(lend_take(&l, &alice, false), 2);
	cr_assert_eq(lend_take(&l, &alice, false), LEND_NONE);
	lend_leave(&l, 1);
	cr_assert_eq(lend_take(&l, &alice, false), 1);
	lend_wipe(&l);
}

Test(lend, keeps_what_the_store_holds_until_it_answers)
{
	struct lend l = lend(1);
	uint32_t slot;
	uint64_t id;
	void *owner;

	slot = lend_take(&l, &alice, false);
	id = lend_ask(&l, slot);
	lend_leave(&l, slot);
	cr_assert_eq(lend_take(&l, &bob, false), LEND_NONE,
	    "the store may still read it");
	cr_assert_eq(lend_answer(&l, id, &slot, &owner), 0);
	cr_assert_null(owner);
	cr_assert_eq(lend_take(&l, &bob, false), 0);
	lend_wipe(&l);
}

Test(lend, finds_the_owner_of_an_answer)
{
	struct lend l = lend(4);
	uint32_t a = lend_take(&l, &alice, false);
	uint32_t b = lend_take(&l, &bob, true), slot;
	uint64_t ida = lend_ask(&l, a), idb = lend_ask(&l, b);
	void *owner;

	cr_assert_neq(ida, idb);
	cr_assert_eq(lend_answer(&l, idb, &slot, &owner), 0);
	cr_assert(slot == b && owner == &bob);
	cr_assert_eq(lend_answer(&l, ida, &slot, &owner), 0);
	cr_assert(slot == a && owner == &alice);
	lend_wipe(&l);
}

Test(lend, refuses_an_answer_to_no_question)
{
	struct lend l = lend(2);
	uint32_t slot = lend_take(&l, &alice, false);
	uint64_t id = lend_ask(&l, slot);
	void *owner;

	cr_assert_eq(lend_answer(&l, 0, &slot, &owner), ERR_NOTFOUND);
	cr_assert_eq(lend_answer(&l, id + 1, &slot, &owner), ERR_NOTFOUND);
	cr_assert_eq(lend_answer(&l, id + 2, &slot, &owner), ERR_NOTFOUND);
	cr_assert_eq(lend_answer(&l, id + SLOTS_MAX, &slot, &owner),
	    ERR_NOTFOUND);
	cr_assert_eq(lend_answer(&l, UINT64_MAX, &slot, &owner),
	    ERR_NOTFOUND);
	cr_assert_eq(lend_answer(&l, id, &slot, &owner), 0);
	cr_assert_eq(lend_answer(&l, id, &slot, &owner), ERR_NOTFOUND,
	    "nor twice");
	lend_wipe(&l);
}

Test(lend, never_uses_an_id_again)
{
	struct lend l = lend(1);
	uint32_t slot = lend_take(&l, &alice, false);
	uint64_t last = 0, id;
	void *owner;
	int i;

	for (i = 0; i < 1000; i++) {
		id = lend_ask(&l, slot);
		cr_assert_gt(id, last);
		last = id;
		if (i % 2 == 0)
			lend_unask(&l, slot);
		else
			cr_assert_eq(lend_answer(&l, id, &slot, &owner), 0);
	}
	lend_wipe(&l);
}

Test(lend, gives_downloads_half_and_at_least_one)
{
	struct lend l = lend(4);
	uint32_t a;

	a = lend_take(&l, &alice, true);
	cr_assert_neq(lend_take(&l, &alice, true), LEND_NONE);
	cr_assert_eq(lend_take(&l, &alice, true), LEND_NONE);
	cr_assert_neq(lend_take(&l, &alice, false), LEND_NONE);
	lend_leave(&l, a);
	cr_assert_neq(lend_take(&l, &alice, true), LEND_NONE);
	lend_wipe(&l);
	l = lend(1);
	cr_assert_neq(lend_take(&l, &alice, true), LEND_NONE);
	lend_wipe(&l);
}

Test(lend, refuses_counts_out_of_range)
{
	struct lend l;

	cr_assert_eq(lend_init(&l, 0), ERR_LIMIT);
	cr_assert_eq(lend_init(&l, SLOTS_MAX + 1), ERR_LIMIT);
}
