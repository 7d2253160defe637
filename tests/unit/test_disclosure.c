/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/disclosure.h"
#include "crypto/entry.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

#define WEEK_FROM	20000		/* a day */
#define CLOSE		((uint64_t)(WEEK_FROM + 3) * 86400)

static struct vkey log_key, witness;
static unsigned char log_sk[64], witness_sk[64];
static struct keyset ks;
static struct keyset_key weeks[3];
static unsigned char plain[PARCEL_PLAIN_BYTES], parcel[PARCEL_BYTES];
static unsigned char receipt[RECEIPT_MAX_BYTES], back[PARCEL_PLAIN_BYTES];
static struct disclosure_part made;
static struct disclosure_shown shown;

static void
make_key(struct vkey *k, unsigned char *sk, const char *name, uint8_t type,
    int fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	cr_assert_eq(crypto_sign_seed_keypair(pk, sk, seed), 0);
	cr_assert_eq(vkey_make(k, rd_str(name), type, pk), 0);
}

static void
recipient(struct age_recipient *rc, int fill)
{
	unsigned char seed[SEED_BYTES];

	memset(seed, fill, sizeof(seed));
	cr_assert_eq(hpke_public(rc->pk, seed), 0);
}

/* A receipt of these. */
static void
promise(const unsigned char *digest, uint64_t close)
{
	struct wr w = wr_from(receipt, sizeof(receipt));
	struct receipt rc = { .close = close };

	memcpy(rc.digest, digest, HASH_BYTES);
	cr_assert_eq(receipt_sign(&w, &rc, &log_key, log_sk), 0);
	made.receipt = wr_rd(&w);
}

/* One part, sealed to these, lodged by this close; all in made. */
static void
seal(const struct age_recipient *rcs, size_t n, uint64_t close)
{
	unsigned char digest[HASH_BYTES];
	struct parcel_random chance = { .file_key = made.file_key };
	struct part p = { .count = 1, .bytes = 5 };

	memset(p.id, 7, sizeof(p.id));
	memset(p.seed, 8, sizeof(p.seed));
	p.data = rd_str("hello");
	memset(made.file_key, 0x31, sizeof(made.file_key));
	cr_assert_eq(part_write(plain, &p), 0);
	cr_assert_eq(parcel_seal(parcel, plain, rcs, n, &chance), 0);
	sha256(digest, parcel, sizeof(parcel));
	promise(digest, close);
	made.parcel = rd_from(parcel, sizeof(parcel));
	made.keyset = rd_str("a keyset");
}

static void
setup(void)
{
	int i;

	cr_assert_neq(secret_init(), ERR_ORDER);
	make_key(&log_key, log_sk, "drop.example/log1", NOTE_ED25519, 1);
	make_key(&witness, witness_sk, "witness.example/w", NOTE_COSIG, 2);
	memset(&ks, 0, sizeof(ks));
	for (i = 0; i < 3; i++) {
		recipient(&weeks[i].rc, 20 + i);
		weeks[i].from = WEEK_FROM + 7 * i;
		weeks[i].to = weeks[i].from + 6;
	}
	ks.key = weeks;
	ks.nkeys = 3;
	ks.has_standing = true;
	recipient(&ks.standing.rc, 30);
	ks.standing.from = WEEK_FROM;
	ks.standing.to = WEEK_FROM + 730;
	seal(&weeks[0].rc, 1, CLOSE);
}

TestSuite(disclosure, .init = setup);

static enum disclosure_fault
open_it(void)
{
	return disclosure_open(&shown, back, &made, &ks, &log_key);
}

/* --- what one part shows ----------------------------------------------- */

Test(disclosure, shows_text_key_and_promise)
{
	cr_assert_eq(open_it(), DISCLOSURE_FINE);
	cr_assert_arr_eq(back, plain, sizeof(plain));
	cr_assert(rd_eq_str(shown.part.data, "hello"));
	cr_assert_eq(shown.receipt.close, CLOSE);
	cr_assert(!shown.standing && shown.from == weeks[0].from &&
	    shown.to == weeks[0].to && shown.unknown == 0);
}

static void
refused(enum disclosure_fault f)
{
	memset(back, 1, sizeof(back));
	cr_assert_eq(open_it(), f, "not: %s", disclosure_words(f));
	cr_assert(sodium_is_zero(back, sizeof(back)), "something is left");
	cr_assert(sodium_is_zero((void *)&shown, sizeof(shown)));
}

Test(disclosure, every_bit_of_the_file_key_counts)
{
	size_t i;

	for (i = 0; i < 8 * sizeof(made.file_key); i++) {
		made.file_key[i / 8] ^= (unsigned char)(1u << i % 8);
		refused(DISCLOSURE_FILE_KEY);
		made.file_key[i / 8] ^= (unsigned char)(1u << i % 8);
	}
}

Test(disclosure, every_byte_of_the_parcel_counts)
{
	size_t i;
	enum disclosure_fault f;

	for (i = 0; i < sizeof(parcel); i += i < 200 || i > 6200 ? 89 : 311) {
		parcel[i] ^= 1;
		f = open_it();
		cr_assert(f == DISCLOSURE_OTHER || f == DISCLOSURE_PARCEL);
		parcel[i] ^= 1;
	}
	made.parcel.n--;
	refused(DISCLOSURE_PARCEL);
}

Test(disclosure, another_payload_with_a_receipt_of_its_own_does_not_open)
{
	unsigned char digest[HASH_BYTES];
	static const size_t at[] = { 6260, 6300, 6320, 65000 };
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		parcel[at[i]] ^= at[i] == 6260 ? 3 : 1;
		sha256(digest, parcel, sizeof(parcel));
		promise(digest, CLOSE);
		refused(at[i] == 6260 && parcel_check(made.parcel) != 0 ?
		    DISCLOSURE_PARCEL : DISCLOSURE_FILE_KEY);
		parcel[at[i]] ^= at[i] == 6260 ? 3 : 1;
	}
}

Test(disclosure, receipt_is_the_logs_and_for_this_parcel)
{
	unsigned char digest[HASH_BYTES] = { 1 };

	receipt[70] ^= 1;
	refused(DISCLOSURE_RECEIPT);
	promise(digest, CLOSE);
	refused(DISCLOSURE_OTHER);
	log_key.pk[0] ^= 1;
	refused(DISCLOSURE_RECEIPT);
}

Test(disclosure, what_opens_must_be_a_part)
{
	struct parcel_random chance = { .file_key = made.file_key };
	unsigned char digest[HASH_BYTES];

	plain[0] = 2;
	cr_assert_eq(parcel_seal(parcel, plain, &weeks[0].rc, 1, &chance), 0);
	sha256(digest, parcel, sizeof(parcel));
	promise(digest, CLOSE);
	refused(DISCLOSURE_PART_FORM);
}

Test(disclosure, sealed_to_a_stranger_shows_nothing)
{
	struct age_recipient rc;

	recipient(&rc, 99);
	seal(&rc, 1, CLOSE);
	refused(DISCLOSURE_STRANGER);
	seal(NULL, 0, CLOSE);
	refused(DISCLOSURE_STRANGER);
}

Test(disclosure, a_stranger_beside_the_role_is_counted)
{
	struct age_recipient rcs[2];

	rcs[0] = weeks[1].rc;
	recipient(&rcs[1], 99);
	seal(rcs, 2, CLOSE);
	cr_assert_eq(open_it(), DISCLOSURE_FINE);
	cr_assert_eq(shown.unknown, 1);
	cr_assert_eq(shown.from, weeks[1].from);
}

Test(disclosure, seed_that_does_not_give_the_stanzas_shows_no_recipient)
{
	struct age_random rnd = { .file_key = made.file_key };
	struct age_recipient four[4];
	unsigned char digest[HASH_BYTES];
	struct wr w = wr_from(parcel, sizeof(parcel));
	size_t i;

	for (i = 0; i < 4; i++)
		four[i] = weeks[0].rc;
	cr_assert_eq(age_seal(&w, four, 4, rd_from(plain, sizeof(plain)),
	    &rnd), 0);
	sha256(digest, parcel, sizeof(parcel));
	promise(digest, CLOSE);
	refused(DISCLOSURE_STRANGER);
}

Test(disclosure, passed_keys_show_that_nobody_could_open_it)
{
	uint64_t last = (uint64_t)weeks[0].to + DISCLOSURE_LATE_DAYS;

	seal(&weeks[0].rc, 1, last * 86400 + 86399);
	cr_assert_eq(open_it(), DISCLOSURE_FINE);
	seal(&weeks[0].rc, 1, (last + 1) * 86400);
	refused(DISCLOSURE_PASSED);
	last = (uint64_t)ks.standing.to + DISCLOSURE_LATE_STANDING;
	seal(&ks.standing.rc, 1, last * 86400);
	cr_assert_eq(open_it(), DISCLOSURE_FINE);
	cr_assert(shown.standing);
	seal(&ks.standing.rc, 1, (last + 1) * 86400);
	refused(DISCLOSURE_PASSED);
	seal(&ks.standing.rc, 1, INT64_MAX);
	refused(DISCLOSURE_PASSED);
}

/* --- what the log shows ------------------------------------------------ */

static unsigned char text[DISCLOSURE_PROOF_MAX];
static char policy_text[4096];
static struct tlogpolicy policy;
static struct disclosure_proof proof;

/* The parcel's entry of this close in a log of two, cosigned or not. */
static void
log_it(uint64_t close, bool cosigned, unsigned quorum)
{
	static unsigned char note[4096];
	static struct tlogproof t;
	struct entry e = { .kind = ENTRY_PARCEL, .close = close };
	unsigned char raw[ENTRY_BYTES], leaf[2][HASH_BYTES], root[HASH_BYTES];
	struct wr c, w = wr_from(note, sizeof(note)), p;
	struct sha256 *h = sha256_new();
	unsigned char cp[256];
	unsigned line;

	memcpy(e.digest, shown.digest, HASH_BYTES);
	entry_write(raw, &e);
	tree_leaf(h, leaf[0], rd_from(raw, sizeof(raw)));
	memset(leaf[1], 9, HASH_BYTES);
	tree_node(h, root, leaf[0], leaf[1]);
	sha256_free(h);
	c = wr_from(cp, sizeof(cp));
	checkpoint_write(&c, rd_str(log_key.name), 2, root);
	cr_assert_eq(note_sign(&w, wr_rd(&c), &log_key, log_sk), 0);
	if (cosigned)
		cr_assert_eq(cosign_write(&w, wr_rd(&c), close + 10, &witness,
		    witness_sk), 0);
	t.untrusted_n = 0;
	t.index = 0;
	t.path.n = 1;
	memcpy(t.path.hash[0], leaf[1], HASH_BYTES);
	t.checkpoint = wr_rd(&w);
	p = wr_from(text, sizeof(text));
	tlogproof_write(&p, &t);
	proof.close = close;
	proof.proof = wr_rd(&p);
	p = wr_from(policy_text, sizeof(policy_text));
	cr_assert_eq(tlogpolicy_write(&p, &log_key, NULL, &witness, 1,
	    quorum), 0);
	cr_assert_eq(tlogpolicy_parse(&policy, wr_rd(&p), &line), 0);
}

static enum disclosure_fault
logged(void)
{
	struct checkpoint c;
	struct cosigners who;
	uint64_t index;

	return disclosure_logged(&shown, &proof, &policy, &index, &c, &who);
}

Test(disclosure, log_must_hold_it_in_good_time)
{
	cr_assert_eq(open_it(), DISCLOSURE_FINE);
	log_it(CLOSE, false, 0);
	cr_assert_eq(logged(), DISCLOSURE_FINE);
	proof.close++;
	cr_assert_eq(logged(), DISCLOSURE_LEAF);
	log_it(CLOSE - 100, false, 0);
	cr_assert_eq(logged(), DISCLOSURE_FINE, "it was there before");
	log_it(CLOSE + 1, false, 0);
	cr_assert_eq(logged(), DISCLOSURE_LATE);
	log_it(CLOSE, false, 0);
	shown.digest[0] ^= 1;
	cr_assert_eq(logged(), DISCLOSURE_LEAF);
}

Test(disclosure, log_must_have_its_witnesses)
{
	cr_assert_eq(open_it(), DISCLOSURE_FINE);
	log_it(CLOSE, false, 1);
	cr_assert_eq(logged(), DISCLOSURE_QUORUM);
	log_it(CLOSE, true, 1);
	cr_assert_eq(logged(), DISCLOSURE_FINE);
}

Test(disclosure, every_byte_of_the_log_proof_counts)
{
	size_t i;

	cr_assert_eq(open_it(), DISCLOSURE_FINE);
	log_it(CLOSE, false, 0);
	for (i = 0; i < proof.proof.n; i++) {
		text[i] ^= 1;
		cr_assert_neq(logged(), DISCLOSURE_FINE, "byte %zu", i);
		text[i] ^= 1;
	}
	for (i = proof.proof.n; i-- > 0;) {
		proof.proof.n = i;
		cr_assert_neq(logged(), DISCLOSURE_FINE, "cut at %zu", i);
	}
}

/* --- the file ---------------------------------------------------------- */

static unsigned char file[2 * DISCLOSURE_PART_MAX];

/* A head, made twice (the second without its keyset), two proofs. */
static struct rd
whole(void)
{
	struct wr w = wr_from(file, sizeof(file));
	struct disclosure_proof p = { .close = 5, .proof = rd_str("proof") };
	struct disclosure_part second = made;

	second.keyset.n = 0;
	disclosure_write_head(&w, 2);
	disclosure_write_part(&w, &made);
	disclosure_write_part(&w, &second);
	disclosure_write_proof(&w, &p);
	disclosure_write_proof(&w, &p);
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

Test(disclosure, file_is_read_back_as_written)
{
	struct rd all = whole();
	struct disclosure_part a, b;
	struct disclosure_proof p;
	uint16_t parts;

	cr_assert(disclosure_head(&all, &parts) == 0 && parts == 2);
	cr_assert_eq(disclosure_next_part(&all, true, &a), 0);
	cr_assert_eq(disclosure_next_part(&all, false, &b), 0);
	cr_assert(rd_eq_str(a.keyset, "a keyset") && b.keyset.n == 0);
	cr_assert(rd_eq(a.parcel, made.parcel) && rd_eq(b.receipt,
	    made.receipt));
	cr_assert_arr_eq(b.file_key, made.file_key, sizeof(b.file_key));
	cr_assert(disclosure_next_proof(&all, &p) == 0 && p.close == 5 &&
	    rd_eq_str(p.proof, "proof"));
	cr_assert(disclosure_next_proof(&all, &p) == 0 && rd_done(&all));
	cr_assert_eq(disclosure_next_proof(&all, &p), ERR_FORMAT);
}

Test(disclosure, every_cut_takes_nothing)
{
	struct rd all = whole(), rest, from;
	struct disclosure_part a;
	struct disclosure_proof p;
	uint16_t parts;
	size_t i, n;

	for (i = 0; i < DISCLOSURE_HEAD_BYTES; i++) {
		rest = rd_from(all.p, i);
		cr_assert_eq(disclosure_head(&rest, &parts), ERR_FORMAT);
		cr_assert_eq(rest.n, i);
	}
	from = all;
	cr_assert(rd_skip(&from, DISCLOSURE_HEAD_BYTES));
	rest = from;
	cr_assert_eq(disclosure_next_part(&rest, true, &a), 0);
	n = from.n - rest.n;
	for (i = 0; i < n; i += i < 1000 ? 1 : 101) {
		rest = rd_from(from.p, i);
		cr_assert_eq(disclosure_next_part(&rest, true, &a),
		    ERR_FORMAT);
		cr_assert_eq(rest.n, i);
	}
	for (i = 0; i < 8 + 4 + 5; i++) {
		rest = rd_from(all.p + all.n - 17, i);
		cr_assert_eq(disclosure_next_proof(&rest, &p), ERR_FORMAT);
		cr_assert_eq(rest.n, i);
	}
}

Test(disclosure, file_has_limits)
{
	struct wr w = wr_from(file, sizeof(file));
	struct disclosure_part a;
	struct disclosure_proof p;
	uint16_t parts;
	struct rd in;

	disclosure_write_head(&w, PARCEL_PARTS_MAX);
	file[16] = 0x10;
	file[17] = 1;
	in = rd_from(file, 18);
	cr_assert_eq(disclosure_head(&in, &parts), ERR_LIMIT);
	file[16] = file[17] = 0;
	cr_assert_eq(disclosure_head(&in, &parts), ERR_FORMAT);
	memset(file, 0, sizeof(file));
	in = rd_from(file, sizeof(file));
	cr_assert_eq(disclosure_next_part(&in, true, &a), ERR_FORMAT,
	    "the first has a keyset");
	cr_assert_eq(disclosure_next_part(&in, false, &a), ERR_FORMAT,
	    "and each a receipt");
	file[1] = 0x08;
	file[3] = 1;			/* 512 KiB and a byte */
	cr_assert_eq(disclosure_next_part(&in, true, &a), ERR_LIMIT);
	file[1] = file[3] = 0;
	file[20] = 4;
	file[21] = 1;			/* a receipt of 1,025 */
	cr_assert_eq(disclosure_next_part(&in, false, &a), ERR_LIMIT);
	memset(file, 0, 32);
	cr_assert_eq(disclosure_next_proof(&in, &p), ERR_FORMAT, "empty");
	file[9] = 1;
	file[11] = 1;
	cr_assert_eq(disclosure_next_proof(&in, &p), ERR_LIMIT);
	memset(file, 0xff, 8);
	cr_assert_eq(disclosure_next_proof(&in, &p), ERR_FORMAT, "the close");
}

Test(disclosure, write_overflows_on_what_could_not_be_read)
{
	struct disclosure_part p = made;
	struct disclosure_proof q = { .close = 1, .proof = rd_str("x") };
	static unsigned char big[NOTE_MAX_BYTES + 1];
	struct wr w;
	int i;

	for (i = 0; i < 8; i++) {
		w = wr_from(file, sizeof(file));
		p = made;
		q.close = 1;
		q.proof = rd_str("x");
		switch (i) {
		case 0: p.keyset = rd_from(big, sizeof(big)); break;
		case 1: p.receipt.n = 0; break;
		case 2: p.receipt = rd_from(big, RECEIPT_MAX_BYTES + 1); break;
		case 3: p.parcel.n--; break;
		case 4: q.close = UINT64_MAX; break;
		case 5: q.proof.n = 0; break;
		case 6: q.proof = rd_from(big, DISCLOSURE_PROOF_MAX + 1);
			break;
		default: disclosure_write_head(&w, 0);
		}
		if (i < 4)
			disclosure_write_part(&w, &p);
		else if (i < 7)
			disclosure_write_proof(&w, &q);
		cr_assert_not(wr_ok(&w), "%d", i);
	}
}
