/* SPDX-License-Identifier: ISC */
/*
 * test_wr.c - the bounds-checked writer.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/wr.h"

Test(wr, what_is_written_reads_back)
{
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd r;
	uint8_t a;
	uint16_t b;
	uint32_t c;
	uint64_t d;

	wr_u8(&w, 0x12);
	wr_u16(&w, 0x3456);
	wr_u32(&w, 0x789abcde);
	wr_u64(&w, 0xf0123456789abcdeull);
	cr_assert(wr_ok(&w) && w.n == 15);
	r = wr_rd(&w);
	cr_assert(rd_u8(&r, &a) && rd_u16(&r, &b) && rd_u32(&r, &c) &&
	    rd_u64(&r, &d) && rd_done(&r));
	cr_assert(a == 0x12 && b == 0x3456 && c == 0x789abcde &&
	    d == 0xf0123456789abcdeull);
}

Test(wr, texts_come_out_as_they_should)
{
	unsigned char buf[128];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_str(&w, "n=");
	wr_dec(&w, 0);
	wr_u8(&w, ' ');
	wr_dec(&w, UINT64_MAX);
	wr_u8(&w, ' ');
	wr_hex(&w, "\x01\xaf", 2);
	wr_u8(&w, ' ');
	wr_b64(&w, "\xff\xff", 2, true);
	wr_b64(&w, "\xff\xff", 2, false);
	wr_rdr(&w, rd_str("."));
	wr_zeros(&w, 2);
	cr_assert(rd_eq(wr_rd(&w), rd_from(
	    "n=0 18446744073709551615 01af //8=//8.\0\0", 40)));
}

/* Each writer into one byte less than it wants. */
Test(wr, an_overflow_writes_nothing_and_stays)
{
	unsigned char buf[16];
	struct wr w;
	int i;

	for (i = 0; i < 10; i++) {
		memset(buf, 0xaa, sizeof(buf));
		w = wr_from(buf, 0);
		switch (i) {
		case 0: wr_u8(&w, 1); break;
		case 1: w.cap = 1; wr_u16(&w, 1); break;
		case 2: w.cap = 3; wr_u32(&w, 1); break;
		case 3: w.cap = 7; wr_u64(&w, 1); break;
		case 4: w.cap = 2; wr_bytes(&w, "abc", 3); break;
		case 5: w.cap = 2; wr_zeros(&w, 3); break;
		case 6: w.cap = 2; wr_dec(&w, 123); break;
		case 7: w.cap = 3; wr_hex(&w, "ab", 2); break;
		case 8: w.cap = 3; wr_b64(&w, "a", 1, true); break;
		default: w.cap = 2; wr_str(&w, "abc"); break;
		}
		cr_assert(!wr_ok(&w), "%d", i);
		cr_assert_eq(w.n, 0, "%d", i);
		cr_assert_eq(buf[0], 0xaa, "%d", i);
		wr_bytes(&w, "", 0);
		cr_assert(!wr_ok(&w), "%d: the flag stays", i);
		cr_assert_not(wr_cstr(&w));
	}
}

Test(wr, lengths_that_would_wrap_are_refused)
{
	unsigned char buf[4];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_hex(&w, buf, SIZE_MAX / 2 + 1);
	cr_assert(!wr_ok(&w));
	w = wr_from(buf, sizeof(buf));
	wr_b64(&w, buf, SIZE_MAX, false);
	cr_assert(!wr_ok(&w));
	w = wr_from(buf, sizeof(buf));
	wr_u8(&w, 1);
	wr_zeros(&w, SIZE_MAX);
	cr_assert(!wr_ok(&w) && w.n == 1);
}

Test(wr, cstr_ends_a_string_without_counting)
{
	char buf[3];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_str(&w, "ab");
	cr_assert(wr_cstr(&w) && strcmp(buf, "ab") == 0 && w.n == 2);
	wr_str(&w, "c");
	cr_assert(wr_ok(&w));
	cr_assert_not(wr_cstr(&w), "no room for the NUL");
}
