/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "crypto/receipt.h"
#include "tests/unit/own.h"

static void
own_receipt(const struct own *v)
{
	unsigned char digest[HASH_BYTES], pk[32], sk[64], seed[32], buf[1024];
	struct wr w = wr_from(buf, sizeof(buf));
	struct receipt rc;
	struct vkey k;

	cr_assert_eq(vkey_parse(&k, own_get(v, "vkey")), 0);
	cr_assert_eq(receipt_open(&rc, v->body, &k), own_expect(v), "%s",
	    v->name);
	if (own_expect(v) != 0)
		return;
	own_hex(v, "digest", digest, sizeof(digest));
	cr_assert_arr_eq(rc.digest, digest, sizeof(digest));
	cr_assert_eq(rc.close, own_number(v, "close"));
	memset(seed, 1, sizeof(seed));		/* the log key of all vectors */
	crypto_sign_seed_keypair(pk, sk, seed);
	cr_assert_eq(receipt_sign(&w, &rc, &k, sk), 0);
	cr_assert(rd_eq(wr_rd(&w), v->body), "%s", v->name);
}

Test(receipt, own_vectors)
{
	cr_assert_geq(sodium_init(), 0);
	own_each("receipt", 12, own_receipt);
}

/* A receipt by the longest origin there may be. */
static size_t
longest(unsigned char *buf, size_t cap, struct vkey *k)
{
	struct receipt rc = { { 0xff }, INT64_MAX };
	unsigned char pk[32], sk[64], name[NAME_MAX_BYTES];
	struct wr w = wr_from(buf, cap);

	cr_assert_geq(sodium_init(), 0);
	crypto_sign_keypair(pk, sk);
	memset(name, 'o', sizeof(name));
	cr_assert_eq(vkey_make(k, rd_from(name, sizeof(name)), NOTE_ED25519,
	    pk), 0);
	cr_assert_eq(receipt_sign(&w, &rc, k, sk), 0);
	return w.n;
}

Test(receipt, of_the_longest_origin_is_within_the_limit)
{
	unsigned char buf[RECEIPT_MAX_BYTES];
	struct vkey k;
	struct receipt rc;
	size_t n = longest(buf, sizeof(buf), &k);

	cr_assert_eq(receipt_open(&rc, rd_from(buf, n), &k), 0);
	cr_assert_eq(rc.close, INT64_MAX);
}

Test(receipt, every_cut_is_refused)
{
	unsigned char buf[RECEIPT_MAX_BYTES];
	struct vkey k;
	struct receipt rc;
	size_t cut, n = longest(buf, sizeof(buf), &k);

	for (cut = 0; cut < n; cut++)
		cr_assert_eq(receipt_open(&rc, rd_from(buf, cut), &k),
		    ERR_FORMAT);
}

Test(receipt, sign_refuses_a_close_past_the_largest)
{
	struct receipt rc = { { 0 }, (uint64_t)INT64_MAX + 1 };
	unsigned char buf[RECEIPT_MAX_BYTES], pk[32], sk[64];
	struct wr w = wr_from(buf, sizeof(buf));
	struct vkey k;

	crypto_sign_keypair(pk, sk);
	cr_assert_eq(vkey_make(&k, rd_str("o"), NOTE_ED25519, pk), 0);
	cr_assert_eq(receipt_sign(&w, &rc, &k, sk), ERR_FORMAT);
}

Test(receipt, several_in_a_row_come_apart)
{
	static const char a[] = "a\n\n\xe2\x80\x94 k AA==\n";
	static const char two[] = "a\n\n\xe2\x80\x94 k AA==\n\n"
	    "b\n\n\xe2\x80\x94 k AA==\n";
	static const char *const bad[] = { "", "a\n", "\xe2\x80\x94 k AA==",
	    "a\n\n\xe2\x80\x94 k AA==\nb\n", "a\n\n\xe2\x80\x94 k AA==\n\n" };
	struct rd all = rd_str(two), note;
	size_t i;

	cr_assert_eq(receipt_next(&all, &note), 0);
	cr_assert(rd_eq_str(note, a));
	cr_assert_eq(receipt_next(&all, &note), 0);
	cr_assert(rd_eq_str(note, two + sizeof(a)));
	cr_assert(rd_done(&all));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		all = rd_str(bad[i]);
		cr_assert_eq(receipt_next(&all, &note), ERR_FORMAT, "%zu", i);
	}
}
