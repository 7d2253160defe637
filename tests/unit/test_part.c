/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/message.h"
#include "crypto/part.h"
#include "crypto/sha256.h"
#include "tests/unit/own.h"

static unsigned char plain[PARCEL_PLAIN_BYTES];

static void
own_part(const struct own *v)
{
	unsigned char hash[HASH_BYTES], want[HASH_BYTES];
	struct part p;

	cr_assert_eq(part_parse(&p, v->body), own_expect(v), "%s", v->name);
	if (own_expect(v) != 0)
		return;
	cr_assert_eq(p.index, own_number(v, "index"));
	cr_assert_eq(p.count, own_number(v, "count"));
	cr_assert_eq(p.bytes, own_number(v, "bytes"));
	own_hex(v, "data-sha256", want, sizeof(want));
	sha256(hash, p.data.p, p.data.n);
	cr_assert_arr_eq(hash, want, sizeof(want));
	cr_assert_eq(part_write(plain, &p), 0);
	cr_assert(rd_eq(rd_from(plain, sizeof(plain)), v->body), "%s",
	    v->name);
}

Test(part, own_vectors)
{
	own_each("part", 16, own_part);
}

Test(part, count_is_the_least_that_holds_the_message)
{
	cr_assert_eq(part_count(0), 0);
	cr_assert_eq(part_count(1), 1);
	cr_assert_eq(part_count(PART_DATA_BYTES), 1);
	cr_assert_eq(part_count(PART_DATA_BYTES + 1), 2);
	cr_assert_eq(part_count(MESSAGE_BYTES_MAX - PART_DATA_BYTES),
	    PARCEL_PARTS_MAX - 1);
	cr_assert_eq(part_count(MESSAGE_BYTES_MAX), PARCEL_PARTS_MAX);
	cr_assert_eq(part_count(MESSAGE_BYTES_MAX + 1), 0);
	cr_assert_eq(part_count(UINT64_MAX), 0);
}

Test(part, bytes_of_all_parts_sum_up_to_the_message)
{
	static const uint64_t sizes[] = {
		1, 100, PART_DATA_BYTES - 1, PART_DATA_BYTES,
		PART_DATA_BYTES + 1, 10 * PART_DATA_BYTES + 5,
		MESSAGE_BYTES_MAX
	};
	uint64_t sum;
	uint16_t k;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (sum = 0, k = 0; k < part_count(sizes[i]); k++) {
			cr_assert_gt(part_bytes(sizes[i], k), 0);
			sum += part_bytes(sizes[i], k);
		}
		cr_assert_eq(sum, sizes[i]);
		cr_assert_eq(part_bytes(sizes[i], k), 0, "past the last");
	}
	cr_assert_eq(part_bytes(MESSAGE_BYTES_MAX + 1, 0), 0);
}

Test(part, write_refuses_a_head_that_parse_would_refuse)
{
	struct part good = { 0 }, p;

	good.count = 1;
	good.bytes = 3;
	good.data = rd_str("abc");
	cr_assert_eq(part_write(plain, &good), 0);
	p = good;
	p.index = 1;
	cr_assert_eq(part_write(plain, &p), ERR_FORMAT);
	p = good;
	p.count = 2;
	cr_assert_eq(part_write(plain, &p), ERR_FORMAT);
	p = good;
	p.data = rd_str("ab");
	cr_assert_eq(part_write(plain, &p), ERR_FORMAT);
	p = good;
	p.bytes = 0;
	p.data = rd_str("");
	cr_assert_eq(part_write(plain, &p), ERR_FORMAT);
}

Test(part, parse_leaves_no_seed_behind_when_it_refuses)
{
	struct part p = { 0 };

	p.count = 1;
	p.bytes = 3;
	p.data = rd_str("abc");
	memset(p.seed, 0x55, sizeof(p.seed));
	cr_assert_eq(part_write(plain, &p), 0);
	plain[sizeof(plain) - 1] = 1;
	cr_assert_eq(part_parse(&p, rd_from(plain, sizeof(plain))),
	    ERR_FORMAT);
	cr_assert_eq(p.seed[0], 0);
}
