/* SPDX-License-Identifier: ISC */
/*
 * test_lodged.c - the log proof that comes with an acknowledgement.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "client/report/lodged.h"
#include "crypto/cosign.h"
#include "crypto/entry.h"
#include "crypto/tlogproof.h"
#include "tests/unit/logtree.h"

#define ORIGIN	"o.example/log"
#define SIZE	40
#define INDEX	23
#define CLOSE	1795320000

static struct logtree *tree;
static struct keyset ks;
static unsigned char lsk[64], wsk[2][64];
static unsigned char note[4096], text[16384];
static struct answer a;

static void
key(struct vkey *k, unsigned char *sk, const char *name, uint8_t type,
    unsigned char fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	cr_assert_eq(vkey_make(k, rd_str(name), type, pk), 0);
}

/* The entry at INDEX is the answer's parcel; the others are whatever. */
static void
grow_tree(void)
{
	unsigned char leaves[SIZE * HASH_BYTES], bytes[ENTRY_BYTES];
	struct entry e = { .kind = ENTRY_PARCEL, .close = CLOSE };
	struct sha256 *h = sha256_new();

	cr_assert_not_null(h);
	randombytes_buf(leaves, sizeof(leaves));
	memcpy(e.digest, a.parcel, HASH_BYTES);
	entry_write(bytes, &e);
	tree_leaf(h, leaves + INDEX * HASH_BYTES,
	    rd_from(bytes, sizeof(bytes)));
	tree = logtree_of(leaves, SIZE);
	sha256_free(h);
}

/* The proof, with so many witnesses' cosignatures. */
static void
prove(int witnesses)
{
	unsigned char line[200], root[HASH_BYTES];
	struct wr t = wr_from(line, sizeof(line));
	struct wr w = wr_from(note, sizeof(note));
	struct wr f = wr_from(text, sizeof(text));
	static struct tlogproof p;
	int i;

	logtree_root(tree, root, 0, SIZE);
	checkpoint_write(&t, rd_str(ORIGIN), SIZE, root);
	cr_assert_eq(note_sign(&w, wr_rd(&t), &ks.log, lsk), 0);
	for (i = 0; i < witnesses; i++)
		cr_assert_eq(cosign_write(&w, wr_rd(&t), CLOSE,
		    &ks.witness[i], wsk[i]), 0);
	memset(&p, 0, sizeof(p));
	p.index = INDEX;
	cr_assert_eq(proof_make_inclusion(&p.path, tree->h, &tree->source,
	    INDEX, SIZE), 0);
	p.checkpoint = wr_rd(&w);
	tlogproof_write(&f, &p);
	cr_assert(wr_ok(&f));
	a.proof = wr_rd(&f);
}

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
	memset(&ks, 0, sizeof(ks));
	ks.has_log = true;
	ks.nwitnesses = 2;
	ks.quorum = 1;
	key(&ks.log, lsk, ORIGIN, NOTE_ED25519, 1);
	key(&ks.witness[0], wsk[0], "w.example/1", NOTE_COSIG, 2);
	key(&ks.witness[1], wsk[1], "w.example/2", NOTE_COSIG, 3);
	memset(&a, 0, sizeof(a));
	randombytes_buf(a.parcel, sizeof(a.parcel));
	a.has_lodged = true;
	a.close = CLOSE;
	a.leaf = INDEX;
	a.nleaves = 1;
	grow_tree();
	prove(1);
}

static void
teardown(void)
{
	logtree_free(tree);
}

TestSuite(lodged, .init = setup, .fini = teardown);

static enum lodged
check(const struct keyset *k)
{
	enum lodged l;

	cr_assert_eq(lodged_check(&l, &a, k), 0);
	return l;
}

Test(lodged, a_true_proof_holds)
{
	cr_assert_eq(check(&ks), LODGED_HOLDS);
}

Test(lodged, nothing_said_or_no_keys_is_no_verdict)
{
	cr_assert_eq(check(NULL), LODGED_UNCHECKED);
	ks.has_log = false;
	cr_assert_eq(check(&ks), LODGED_UNCHECKED);
	a.has_lodged = false;
	cr_assert_eq(check(&ks), LODGED_NOT_SAID);
}

Test(lodged, another_parcel_epoch_or_place_is_broken)
{
	a.parcel[5] ^= 1;
	cr_assert_eq(check(&ks), LODGED_BROKEN);
	a.parcel[5] ^= 1;
	a.close++;
	cr_assert_eq(check(&ks), LODGED_BROKEN);
	a.close = UINT64_MAX;
	cr_assert_eq(check(&ks), LODGED_BROKEN);
	a.close = CLOSE;
	a.leaf++;
	cr_assert_eq(check(&ks), LODGED_BROKEN);
	a.leaf = INDEX;
	a.proof.n--;
	cr_assert_neq(check(&ks), LODGED_HOLDS);
	a.proof = rd_str("no proof");
	cr_assert_eq(check(&ks), LODGED_BROKEN);
}

Test(lodged, no_byte_of_the_proof_can_change)
{
	size_t i;

	for (i = 0; i < a.proof.n; i++) {
		text[i] ^= 1;
		cr_assert_neq(check(&ks), LODGED_HOLDS, "byte %zu", i);
		text[i] ^= 1;
	}
	cr_assert_eq(check(&ks), LODGED_HOLDS);
}

Test(lodged, too_few_witnesses_are_told_apart)
{
	prove(0);
	cr_assert_eq(check(&ks), LODGED_UNWITNESSED);
	ks.quorum = 0;
	cr_assert_eq(check(&ks), LODGED_HOLDS);
	ks.quorum = 2;
	prove(1);
	cr_assert_eq(check(&ks), LODGED_UNWITNESSED);
	prove(2);
	cr_assert_eq(check(&ks), LODGED_HOLDS);
}

Test(lodged, a_log_that_the_keys_do_not_name)
{
	unsigned char unused[64];

	key(&ks.log, unused, ORIGIN, NOTE_ED25519, 9);
	cr_assert_eq(check(&ks), LODGED_OTHER_LOG);
	key(&ks.log, unused, "o.example/log2", NOTE_ED25519, 1);
	cr_assert_eq(check(&ks), LODGED_OTHER_LOG);
}
