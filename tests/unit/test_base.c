/* SPDX-License-Identifier: ISC */
/*
 * test_base.c - hexadecimal and base64 take one spelling a value.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "crypto/base.h"

Test(base, hex_goes_there_and_back_for_every_byte)
{
	unsigned char all[256], back[256];
	char text[512];
	size_t i;

	for (i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	hex_encode(text, all, 256);
	cr_assert(memcmp(text, "000102", 6) == 0);
	cr_assert(memcmp(text + 506, "fdfeff", 6) == 0);
	cr_assert(hex_decode(back, 256, rd_from(text, 512)));
	cr_assert(memcmp(all, back, 256) == 0);
}

Test(base, hex_refuses_other_spellings)
{
	static const char *bad[] = { "0", "000", "00000", "0G00", "AB00",
		"aB00", "0x00", " 000", "00 0", "00\n0", "ab:c", "gg00" };
	unsigned char out[2];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not(hex_decode(out, 2, rd_str(bad[i])), "%s",
		    bad[i]);
	cr_assert(hex_decode(out, 0, rd_str("")));
	cr_assert_not(hex_decode(out, 0, rd_str("00")));
	cr_assert_not(hex_decode(out, SIZE_MAX, rd_str("00")));
}

Test(base, base64_goes_there_and_back_at_every_length)
{
	unsigned char in[100], back[100];
	char text[140];
	size_t n, i, got;
	int pad;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 73 + 5);
	for (n = 0; n <= sizeof(in); n++) {
		for (pad = 0; pad < 2; pad++) {
			b64_encode(text, in, n, pad);
			i = b64_length(n, pad);
			cr_assert(b64_decode(back, n, rd_from(text, i), pad));
			cr_assert(memcmp(in, back, n) == 0);
			cr_assert(b64_decode_some(back, sizeof(back), &got,
			    rd_from(text, i), pad) && got == n);
			cr_assert(n == 0 || !b64_decode_some(back, n - 1,
			    &got, rd_from(text, i), pad));
			cr_assert(n % 3 == 0 || !b64_decode(back, n,
			    rd_from(text, i), !pad));
		}
	}
}

Test(base, base64_knows_its_rfc_4648_answers)
{
	static const char *in[] = { "", "f", "fo", "foo", "foob", "fooba",
		"foobar" };
	static const char *out[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==",
		"Zm9vYmE=", "Zm9vYmFy" };
	char text[16];
	size_t i, n;

	for (i = 0; i < 7; i++) {
		n = b64_length(strlen(in[i]), true);
		b64_encode(text, in[i], strlen(in[i]), true);
		cr_assert(rd_eq(rd_from(text, n), rd_str(out[i])));
	}
}

Test(base, base64_refuses_other_spellings)
{
	static const char *bad[] = { "A", "Zh", "Zm9", "Zg=", "Zg==", "Z g",
		"Zg\n", "Z-", "Z_", "=", "Zm9vY", "Zm9v=", "\n", "Z!" };
	static const char *bad_padded[] = { "Zg", "Zg=", "Zg===", "Zh==",
		"Zm9=", "Zm8", "Zm9v=", "Zg==Zg==", "====", "Zg==\n" };
	unsigned char out[8];
	size_t i, n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not(b64_decode_some(out, 8, &n, rd_str(bad[i]),
		    false), "%s", bad[i]);
	for (i = 0; i < sizeof(bad_padded) / sizeof(bad_padded[0]); i++)
		cr_assert_not(b64_decode_some(out, 8, &n,
		    rd_str(bad_padded[i]), true), "%s", bad_padded[i]);
	cr_assert_not(b64_decode(out, 2, rd_str("Zg"), false));
	cr_assert_not(b64_decode(out, 0, rd_str("Zg"), false));
}

/* Spoiled texts, too: both must refuse the same ones. */
Test(base, base64_agrees_with_libsodium)
{
	static const char odd[] = "=A/+z-_Zab09 \n\r\x80";
	unsigned char in[60], a[64], b[64];
	char text[84], theirs[84];
	size_t n, len, x, y, at;
	bool mine, good;
	int round, pad, how, k;

	for (round = 0; round < 200000; round++) {
		n = randombytes_uniform(sizeof(in));
		pad = round % 2;
		how = pad ? sodium_base64_VARIANT_ORIGINAL :
		    sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
		len = b64_length(n, pad);
		randombytes_buf(in, n);
		b64_encode(text, in, n, pad);
		sodium_bin2base64(theirs, sizeof(theirs), in, n, how);
		cr_assert(rd_eq_str(rd_from(text, len), theirs));
		for (k = round / 2 % 4; k > 0 && len > 0; k--) {
			at = randombytes_uniform((uint32_t)len);
			text[at] = round % 3 == 0 ?
			    (char)randombytes_uniform(256) :
			    odd[randombytes_uniform(sizeof(odd) - 1)];
		}
		y = 0;
		good = (len == 0 || sodium_base642bin(b, sizeof(b), text, len,
		    NULL, &y, NULL, how) == 0) && b64_length(y, pad) == len;
		mine = b64_decode_some(a, sizeof(a), &x, rd_from(text, len),
		    pad);
		cr_assert_eq(mine, good, "%.*s", (int)len, text);
		cr_assert(!good || (x == y && memcmp(a, b, x) == 0));
	}
}
