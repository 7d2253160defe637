/* SPDX-License-Identifier: ISC */
/*
 * test_review_crypto.c - limits of crypto/ that no other test held.
 *
 * Each test here was written because the code could be broken at that place
 * and every other test still passed.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/codename.h"
#include "crypto/keyset.h"
#include "crypto/message.h"
#include "crypto/parcel.h"
#include "crypto/receipt.h"
#include "crypto/secret.h"

static void
setup(void)
{
	cr_assert_eq(secret_init(), 0);
}

TestSuite(limits, .init = setup);

/* --- age ------------------------------------------------------------ */

Test(limits, a_bad_last_chunk_takes_the_good_ones_and_the_key_with_it)
{
	static unsigned char in[AGE_CHUNK_BYTES + 5], out[sizeof(in)];
	static unsigned char file[sizeof(in) + 2000];
	unsigned char key[AGE_FILE_KEY_BYTES];
	struct wr w = wr_from(file, sizeof(file));
	struct age_identity id = { AGE_HYBRID, { 7 } };
	struct age_recipient rc;
	size_t n = 9;

	cr_assert_eq(hpke_public(rc.pk, id.seed), 0);
	memset(in, 0x5a, sizeof(in));
	cr_assert_eq(age_seal(&w, &rc, 1, rd_from(in, sizeof(in)), NULL), 0);
	file[w.n - 1] ^= 1;
	memset(key, 0xff, sizeof(key));
	cr_assert_eq(age_open(out, sizeof(out), &n, &id, 1, wr_rd(&w), key,
	    NULL), ERR_PAYLOAD);
	cr_assert_eq(n, 0);
	cr_assert(sodium_is_zero(out, sizeof(out)));
	cr_assert(sodium_is_zero(key, sizeof(key)));
}

Test(limits, an_empty_file_opens_into_no_room_at_all)
{
	unsigned char file[2000];
	struct wr w = wr_from(file, sizeof(file));
	struct age_identity id = { AGE_HYBRID, { 7 } };
	struct age_recipient rc;
	size_t n = 9;

	cr_assert_eq(hpke_public(rc.pk, id.seed), 0);
	cr_assert_eq(age_seal(&w, &rc, 1, rd_from(NULL, 0), NULL), 0);
	cr_assert_eq(age_open(NULL, 0, &n, &id, 1, wr_rd(&w), NULL, NULL), 0);
	cr_assert_eq(n, 0);
}

/* --- writer ------------------------------------------------------------ */

Test(limits, what_would_fit_is_not_written_after_an_overflow)
{
	unsigned char buf[4] = { 0 };
	struct wr w = wr_from(buf, sizeof(buf));

	wr_str(&w, "ab");
	wr_str(&w, "cde");
	wr_u8(&w, 'f');
	cr_assert_not(wr_ok(&w));
	cr_assert_eq(w.n, 2);
	cr_assert_eq(buf[2], 0);
}

/* --- parcel ------------------------------------------------------------ */

Test(limits, any_two_stanzas_with_one_enc_are_refused)
{
	static unsigned char good[PARCEL_BYTES], bad[PARCEL_BYTES];
	size_t i, j;

	cr_assert_eq(parcel_cover(good), 0);
	cr_assert_eq(parcel_check(rd_from(good, sizeof(good))), 0);
	for (i = 0; i < PARCEL_SLOTS; i++)
		for (j = 0; j < PARCEL_SLOTS; j++) {
			memcpy(bad, good, sizeof(bad));
			memcpy(bad + 40 + i * AGE_STANZA_BYTES,
			    good + 40 + j * AGE_STANZA_BYTES, 1494);
			cr_assert_eq(parcel_check(rd_from(bad, sizeof(bad))),
			    i == j ? 0 : ERR_FORMAT, "%zu %zu", i, j);
		}
}

/* --- codename ------------------------------------------------------------ */

/* A codename in which z stands. */
static void
with_z(char *text, unsigned char *entropy)
{
	do {
		randombytes_buf(entropy, CODENAME_BYTES);
		codename_write(text, entropy);
	} while (strchr(text, 'z') == NULL);
}

Test(limits, every_capital_letter_counts_as_its_small_one)
{
	unsigned char entropy[CODENAME_BYTES], back[CODENAME_BYTES];
	char text[CODENAME_CHARS];
	unsigned word;
	size_t i;

	with_z(text, entropy);
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] != ' ')
			text[i] = (char)(text[i] - 'a' + 'A');
	cr_assert_eq(codename_parse(back, rd_str(text), &word), 0, "%s", text);
	cr_assert_arr_eq(back, entropy, sizeof(back));
}

Test(limits, a_refused_codename_gives_no_entropy)
{
	unsigned char entropy[CODENAME_BYTES] = { 1 }, back[CODENAME_BYTES];
	char text[CODENAME_CHARS];
	unsigned word;
	size_t i;

	memset(back, 0x77, sizeof(back));
	codename_write(text, entropy);
	/* The last word carries the checksum: some neighbour fails. */
	for (i = 0; i < 16; i++) {
		char *last = strrchr(text, ' ') + 1;

		memcpy(last, words_list[i], WORDS_MAXLEN + 1);
		if (codename_parse(back, rd_str(text), &word) == ERR_AUTH)
			break;
		memset(back, 0x77, sizeof(back));
	}
	cr_assert(i < 16);
	for (i = 0; i < sizeof(back); i++)
		cr_assert_eq(back[i], 0x77);
}

/* --- days, keysets ---------------------------------------------------- */

Test(limits, the_day_before_the_first_is_no_day)
{
	int32_t day = 12345;

	cr_assert_not(day_parse(&day, rd_str("1969-12-31")));
	cr_assert_eq(day, 12345);
}

Test(limits, a_divider_stands_right_behind_the_empty_line)
{
	struct rd all = rd_str("a\n\nsig\n====\nb\n"), note;

	cr_assert_eq(keyset_next(&all, &note), 0);
	cr_assert(rd_done(&all));
	cr_assert(rd_eq_str(note, "a\n\nsig\n====\nb\n"));
}

Test(limits, the_last_keyset_ends_in_a_line_feed)
{
	struct rd all = rd_str("a\n\n====\nb\nc"), note;

	cr_assert_eq(keyset_next(&all, &note), 0);
	cr_assert_eq(keyset_next(&all, &note), ERR_FORMAT);
}

/* A keyset of one key, by a key of its own; log and witness may be alike. */
static int
keyset_with(const char *witness, bool same_pk, uint64_t sequence)
{
	static unsigned char text[8192], buf[9000];
	struct wr t = wr_from(text, sizeof(text)), w = wr_from(buf,
	    sizeof(buf));
	unsigned char pk[3][32], sk[64], seed[SEED_BYTES] = { 3 };
	struct keyset_key key = { 10, 20, { { 0 } } };
	static struct keyset ks, got;
	struct vkey k;
	int r;

	memset(&ks, 0, sizeof(ks));
	crypto_sign_keypair(pk[2], sk);
	crypto_sign_keypair(pk[1], sk);
	crypto_sign_keypair(pk[0], sk);
	cr_assert_eq(vkey_make(&k, rd_str("o/office"), NOTE_ED25519, pk[0]),
	    0);
	cr_assert_eq(vkey_make(&ks.log, rd_str("log"), NOTE_ED25519, pk[1]),
	    0);
	cr_assert_eq(vkey_make(&ks.witness[0], rd_str(witness), NOTE_COSIG,
	    pk[same_pk ? 1 : 2]), 0);
	cr_assert_eq(hpke_public(key.rc.pk, seed), 0);
	memcpy(ks.office, "o", 2);
	memcpy(ks.role, "office", 7);
	ks.sequence = sequence;
	ks.has_log = true;
	ks.nwitnesses = 1;
	ks.key = &key;
	ks.nkeys = 1;
	keyset_write(&t, &ks);
	cr_assert_eq(note_sign(&w, wr_rd(&t), &k, sk), 0);
	r = keyset_open(&got, wr_rd(&w), &k);
	keyset_wipe(&got);
	return r;
}

Test(limits, the_log_is_no_witness_by_name_or_by_key)
{
	cr_assert_eq(keyset_with("w", false, 1), 0);
	cr_assert_eq(keyset_with("log", false, 1), ERR_FORMAT);
	cr_assert_eq(keyset_with("w", true, 1), ERR_FORMAT);
}

Test(limits, sequences_end_where_signed_numbers_do)
{
	cr_assert_eq(keyset_with("w", false, INT64_MAX), 0);
	cr_assert_eq(keyset_with("w", false, (uint64_t)INT64_MAX + 1),
	    ERR_FORMAT);
}

/* --- message ------------------------------------------------------------ */

Test(limits, the_json_is_the_same_however_its_length_is_cut)
{
	unsigned char buf[4 + 10 + 7 + SIG_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct message_reader *m;
	struct message_view v;
	struct rd all, piece;
	size_t n;

	wr_u32(&w, 10);
	wr_str(&w, "0123456789");
	wr_zeros(&w, 7 + SIG_BYTES);
	for (n = 1; n <= w.n; n++) {
		all = wr_rd(&w);
		cr_assert_eq(message_reader_new(&m, all.n), 0);
		while (!rd_done(&all)) {
			cr_assert(rd_take(&all, &piece, n < all.n ? n :
			    all.n));
			cr_assert_eq(message_reader_push(m, piece), 0);
		}
		cr_assert_eq(message_reader_finish(m, &v), 0);
		cr_assert(rd_eq_str(v.json, "0123456789"), "by %zu", n);
		cr_assert_eq(v.attachments_at, 14);
		cr_assert_eq(v.attachments_bytes, 7);
		message_reader_free(m);
	}
}

/* --- receipt ------------------------------------------------------------ */

Test(limits, a_receipt_that_is_signed_but_too_long_is_refused)
{
	static unsigned char text[2000], buf[3000];
	struct wr t = wr_from(text, sizeof(text)), w = wr_from(buf,
	    sizeof(buf));
	unsigned char pk[32], sk[64];
	struct receipt rc;
	struct vkey k;
	size_t i;

	crypto_sign_keypair(pk, sk);
	cr_assert_eq(vkey_make(&k, rd_str("o"), NOTE_ED25519, pk), 0);
	for (i = 0; i < 1100; i++)
		wr_u8(&t, 'x');
	wr_u8(&t, '\n');
	cr_assert_eq(note_sign(&w, wr_rd(&t), &k, sk), 0);
	/* Its length is judged before its signature. */
	buf[w.n - 9] = buf[w.n - 9] == 'A' ? 'B' : 'A';
	cr_assert_eq(receipt_open(&rc, wr_rd(&w), &k), ERR_FORMAT);
}
