/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/tlogproof.h"
#include "tests/unit/logtree.h"
#include "tests/unit/vec.h"

#define ORIGIN	"drop.example/log1"
#define SIZE	300

static struct logtree *tree;
static struct tlogpolicy policy;
static struct tlogproof proof;
static struct vkey lk, wk[2];
static unsigned char lsk[64], wsk[2][64];
static unsigned char policy_text[2048], note[4096], file[16384];

static void
key(struct vkey *k, unsigned char *sk, const char *name, uint8_t type,
    unsigned char fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	cr_assert_eq(vkey_make(k, rd_str(name), type, pk), 0);
}

static void
use_policy(unsigned need)
{
	struct wr w = wr_from(policy_text, sizeof(policy_text));
	unsigned line;

	cr_assert_eq(tlogpolicy_write(&w, &lk, NULL, wk, 2, need), 0);
	cr_assert_eq(tlogpolicy_parse(&policy, wr_rd(&w), &line), 0);
}

/* A cosigned checkpoint of the tree, into note. */
static struct rd
checkpoint(void)
{
	unsigned char text[200], root[32];
	struct wr t = wr_from(text, sizeof(text));
	struct wr w = wr_from(note, sizeof(note));
	int i;

	logtree_root(tree, root, 0, SIZE);
	checkpoint_write(&t, rd_str(ORIGIN), SIZE, root);
	cr_assert_eq(note_sign(&w, wr_rd(&t), &lk, lsk), 0);
	for (i = 0; i < 2; i++)
		cr_assert_eq(cosign_write(&w, wr_rd(&t), 1700000000, &wk[i],
		    wsk[i]), 0);
	return wr_rd(&w);
}

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
	key(&lk, lsk, ORIGIN, NOTE_ED25519, 1);
	key(&wk[0], wsk[0], "witness.example/w1", NOTE_COSIG, 2);
	key(&wk[1], wsk[1], "witness.example/w2", NOTE_COSIG, 3);
	use_policy(2);
	tree = logtree_new(SIZE);
	memset(&proof, 0, sizeof(proof));
	proof.index = 77;
	cr_assert_eq(proof_make_inclusion(&proof.path, tree->h,
	    &tree->source, 77, SIZE), 0);
	proof.checkpoint = checkpoint();
}

static void
teardown(void)
{
	logtree_free(tree);
}

TestSuite(tlogproof, .init = setup, .fini = teardown);

static int
verify(const struct tlogproof *p, uint64_t leaf, const char *origin)
{
	struct cosigners who;
	struct checkpoint c;

	return tlogproof_verify(p, tree->h, tree->level[0] + leaf * 32,
	    rd_str(origin), &policy, &c, &who);
}

static struct rd
written(void)
{
	struct wr w = wr_from(file, sizeof(file));

	tlogproof_write(&w, &proof);
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

Test(tlogproof, what_is_written_is_read_and_holds)
{
	static struct tlogproof got;

	cr_assert_eq(tlogproof_parse(&got, written()), 0);
	cr_assert(got.index == 77 && got.untrusted_n == 0);
	cr_assert_eq(verify(&got, 77, ORIGIN), 0);
	cr_assert_eq(verify(&got, 77, ""), 0, "any log of the policy");
	memcpy(proof.untrusted_extra, "abc", 3);
	proof.untrusted_n = 3;
	cr_assert_eq(tlogproof_parse(&got, written()), 0);
	cr_assert(got.untrusted_n == 3 &&
	    memcmp(got.untrusted_extra, "abc", 3) == 0);
	cr_assert_eq(verify(&got, 77, ORIGIN), 0);
}

Test(tlogproof, every_part_of_it_is_needed)
{
	cr_assert_eq(verify(&proof, 78, ORIGIN), ERR_AUTH, "another leaf");
	cr_assert_eq(verify(&proof, 77, "other.example/log"), ERR_CHANGED);
	proof.index = 78;
	cr_assert_eq(verify(&proof, 77, ORIGIN), ERR_AUTH);
	proof.index = SIZE;
	cr_assert_eq(verify(&proof, 77, ORIGIN), ERR_FORMAT);
	proof.index = 77;
	proof.path.n--;
	cr_assert_eq(verify(&proof, 77, ORIGIN), ERR_FORMAT);
	proof.path.n++;
	proof.path.hash[2][3] ^= 4;
	cr_assert_eq(verify(&proof, 77, ORIGIN), ERR_AUTH);
	proof.path.hash[2][3] ^= 4;
	cr_assert_eq(verify(&proof, 77, ORIGIN), 0);
}

Test(tlogproof, it_is_no_better_than_its_checkpoint)
{
	struct tlogproof p = proof;
	struct note n;
	struct rd sigs, first;

	cr_assert_eq(note_parse(&n, proof.checkpoint), 0);
	sigs = n.sigs;
	cr_assert(rd_line(&sigs, &first));
	p.checkpoint.n -= sigs.n / 2;		/* one cosignature less */
	cr_assert_eq(verify(&p, 77, ORIGIN), ERR_ORDER);
	use_policy(1);
	cr_assert_eq(verify(&p, 77, ORIGIN), 0);
	note[0] ^= 1;
	cr_assert_eq(verify(&proof, 77, ORIGIN), ERR_AUTH);
	note[0] ^= 1;
	key(&lk, lsk, ORIGIN, NOTE_ED25519, 8);
	use_policy(1);
	cr_assert_eq(verify(&proof, 77, ORIGIN), ERR_NOMATCH);
}

Test(tlogproof, any_bit_flipped_in_the_file_is_refused)
{
	static struct tlogproof got;
	struct rd f = written();
	size_t i;

	for (i = 0; i < f.n; i++) {
		file[i] ^= (unsigned char)(1u << i % 8);
		if (tlogproof_parse(&got, f) == 0)
			cr_assert_neq(verify(&got, 77, ORIGIN), 0, "byte %zu",
			    i);
		file[i] ^= (unsigned char)(1u << i % 8);
	}
	for (i = 0; i < f.n; i++)
		if (tlogproof_parse(&got, rd_from(f.p, i)) == 0)
			cr_assert_neq(verify(&got, 77, ORIGIN), 0, "cut %zu",
			    i);
}

Test(tlogproof, a_second_spelling_is_refused)
{
#define M	"c2sp.org/tlog-proof@v1\n"
	static const char *const bad[] = {
		"", M, "c2sp.org/tlog-proof@v2\nindex 1\n\nx",
		"index 1\n\nx",			/* torchwood's older form */
		M "index 1\n\n", M "index 1\n", M "index 1\nx\n\nx",
		M "index 01\n\nx", M "index  1\n\nx", M "index -1\n\nx",
		M "index 9223372036854775807\n\nx", M "index\n\nx",
		M "extra \nindex 1\n\nx", M "extra\nindex 1\n\nx",
		M "extra YQ\nindex 1\n\nx", M "extra YR==\nindex 1\n\nx",
		M "extra YQ==\nextra YQ==\nindex 1\n\nx",
		M "index 1\nextra YQ==\n\nx", M "index 1\r\n\nx",
	};
	static struct tlogproof got;
	unsigned char *big;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(tlogproof_parse(&got, rd_str(bad[i])),
		    ERR_FORMAT, "taken: %s", bad[i]);
	cr_assert_eq(tlogproof_parse(&got, rd_str(M "extra YQ==\n"
	    "index 9223372036854775806\n\nx")), 0);
	big = calloc(1, NOTE_MAX_BYTES + 1);
	cr_assert_not_null(big);
	cr_assert_eq(tlogproof_parse(&got, rd_from(big, NOTE_MAX_BYTES + 1)),
	    ERR_LIMIT);
	free(big);
}

#define NOTES	"tlog/own/notes.json"

/* Each file: read, verified whole, written back byte for byte. */
Test(tlogproof, the_known_files_hold_and_are_ours_byte_for_byte)
{
	unsigned char leaf[32];
	struct cosigners who;
	struct checkpoint c;
	struct tlogproof p;
	struct vec data;
	json_t *o, *e;
	struct wr w;
	size_t i;

	if (!vec_need(NOTES))
		return;
	o = vec_json(NOTES);
	json_array_foreach(json_object_get(o, "tlog_proofs"), i, e) {
		cr_assert_eq(tlogproof_parse(&p, rd_str(vec_str(e,
		    "proof"))), 0);
		cr_assert_eq(p.index, vec_int(e, "index"));
		data = vec_hex_of(e, "leaf_data_hex");
		tree_leaf(tree->h, leaf, vec_rd(&data));
		vec_free(&data);
		cr_assert_eq(tlogproof_verify(&p, tree->h, leaf,
		    rd_str(ORIGIN), &policy, &c, &who), 0);
		cr_assert(c.size == vec_int(e, "size") && who.set == 3);
		leaf[9] ^= 1;
		cr_assert_eq(tlogproof_verify(&p, tree->h, leaf,
		    rd_str(ORIGIN), &policy, &c, &who), ERR_AUTH);
		w = wr_from(file, sizeof(file));
		tlogproof_write(&w, &p);
		cr_assert(rd_eq_str(wr_rd(&w), vec_str(e, "proof")));
	}
	vec_ran("own/notes, tlog-proof", i);
	json_decref(o);
}
