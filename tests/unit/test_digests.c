/* SPDX-License-Identifier: ISC */
/*
 * test_digests.c - the in-memory index of an epoch.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "crypto/sha256.h"
#include "server/digests.h"

static unsigned char h[HASH_BYTES];

static const unsigned char *
digest(uint32_t i)
{
	sha256(h, &i, sizeof(i));
	return h;
}

Test(digests, what_was_added_is_found_and_nothing_else)
{
	struct digests *x = digests_new(1000);
	uint32_t i;

	for (i = 0; i < 1000; i++)
		cr_assert_eq(digests_add(x, digest(i), 2 * i), 0);
	cr_assert_eq(digests_count(x), 1000);
	for (i = 0; i < 1000; i++) {
		cr_assert_eq(digests_find(x, digest(i))->sequence, 2 * i);
		cr_assert_eq(digests_at(x, i)->sequence, 2 * i);
	}
	for (; i < 2000; i++)
		cr_assert_null(digests_find(x, digest(i)));
	digests_free(x);
}

Test(digests, a_repeat_and_one_too_many_are_refused)
{
	struct digests *x = digests_new(2);

	cr_assert_eq(digests_add(x, digest(1), 1), 0);
	cr_assert_eq(digests_add(x, digest(1), 2), ERR_EXISTS);
	cr_assert_eq(digests_add(x, digest(2), 2), 0);
	cr_assert_eq(digests_add(x, digest(3), 3), ERR_FULL);
	cr_assert_eq(digests_add(x, digest(2), 3), ERR_EXISTS);
	digests_free(x);
}

/* Against a plain list: any order of adding and taking back. */
Test(digests, taking_back_leaves_exactly_what_was_before)
{
	struct digests *x = digests_new(500);
	uint32_t round, i, n = 0, to;

	for (round = 0; round < 300; round++) {
		to = randombytes_uniform(501);
		if (to < n)
			digests_truncate(x, to);
		else
			for (i = n; i < to; i++)
				cr_assert_eq(digests_add(x, digest(i), i), 0);
		n = to;
		cr_assert_eq(digests_count(x), n);
		for (i = 0; i < 500; i++)
			cr_assert_eq(digests_find(x, digest(i)) != NULL,
			    i < n);
	}
	digests_free(x);
}

Test(digests, an_empty_one_finds_nothing)
{
	struct digests *x = digests_new(0);

	cr_assert_null(digests_find(x, digest(0)));
	cr_assert_eq(digests_add(x, digest(0), 0), ERR_FULL);
	digests_free(x);
}
