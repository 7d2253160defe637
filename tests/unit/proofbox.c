/* SPDX-License-Identifier: ISC */
/*
 * proofbox.c - whole proofs of disclosure, made and spoilt.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "crypto/base.h"
#include "crypto/cosign.h"
#include "crypto/disclosure.h"
#include "crypto/message.h"
#include "crypto/secret.h"
#include "tests/unit/logtree.h"
#include "tests/unit/proofbox.h"
#include "tests/unit/tmpdir.h"

struct vkey proofbox_log, proofbox_log2, proofbox_witness;
static struct vkey role[2];
struct office proofbox_office;
unsigned char proofbox_entry[SEVEN + PARTS_MAX][ENTRY_BYTES];

static unsigned char log_sk[64], log2_sk[64], role_sk[2][64], author_sk[64];
static unsigned char witness_sk[64], author_pk[32];
static struct age_recipient week[2], mailbox;
static unsigned char note[2][65536];
static struct rd keyset[2];
static unsigned char message[1 << 20];
static uint64_t message_n;
static unsigned char parcel[PARTS_MAX][PARCEL_BYTES];
static unsigned char receipt[PARTS_MAX][RECEIPT_MAX_BYTES];
static struct disclosure_part part[PARTS_MAX];
static unsigned char digest[PARTS_MAX][HASH_BYTES];
static size_t nparts;
static bool lost;
static uint64_t later;	/* seconds after CLOSE */

static void
make_key(struct vkey *k, unsigned char *sk, const char *name, uint8_t type,
    int fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	cr_assert_eq(crypto_sign_seed_keypair(pk, sk, seed), 0);
	cr_assert_eq(vkey_make(k, rd_str(name), type, pk), 0);
}

/* see proofbox.h */
void
proofbox_init(void)
{
	unsigned char seed[32];
	int i;

	cr_assert_neq(secret_init(), ERR_ORDER);
	make_key(&proofbox_log, log_sk, "drop.example/log1", NOTE_ED25519, 1);
	make_key(&proofbox_log2, log2_sk, "drop.example/log2", NOTE_ED25519, 2);
	make_key(&role[0], role_sk[0], "o.example/office", NOTE_ED25519, 3);
	make_key(&role[1], role_sk[1], "o.example/alternate", NOTE_ED25519,
	    4);
	make_key(&proofbox_witness, witness_sk, "w.example/w", NOTE_COSIG, 5);
	memset(seed, 6, sizeof(seed));
	cr_assert_eq(crypto_sign_seed_keypair(author_pk, author_sk, seed), 0);
	for (i = 0; i < 3; i++) {
		memset(seed, 10 + i, sizeof(seed));
		cr_assert_eq(hpke_public(i == 2 ? mailbox.pk : week[i].pk,
		    seed), 0);
	}
	(void)strcpy(proofbox_office.name, "o.example");
	proofbox_office.has[0] = proofbox_office.has[1] = true;
	proofbox_office.key[0] = role[0];
	proofbox_office.key[1] = role[1];
	(void)tmpdir_new();
}

/* --- making one -------------------------------------------------------- */

static void
make_keyset(int i, const struct plan *p)
{
	static struct keyset ks;
	struct keyset_key k = { DAY, DAY + 6, week[i] };
	static unsigned char text[32768];
	struct wr w = wr_from(text, sizeof(text));
	struct wr v = wr_from(note[i], sizeof(note[i]));
	int r = i == 1 && p->other_role ? 1 : 0;

	memset(&ks, 0, sizeof(ks));
	(void)strcpy(ks.office, "o.example");
	(void)strcpy(ks.role, r == 0 ? "office" : "alternate");
	ks.sequence = (uint64_t)i + 1;
	ks.has_log = true;
	ks.log = i == 1 && p->other_log ? proofbox_log2 : proofbox_log;
	ks.nwitnesses = 1;
	ks.witness[0] = proofbox_witness;
	ks.quorum = 1;
	ks.nkeys = 1;
	ks.key = &k;
	keyset_write(&w, &ks);
	cr_assert_eq(note_sign(&v, wr_rd(&w), &role[r], role_sk[r]), 0);
	keyset[i] = i == 1 && p->same_keyset ? keyset[0] : wr_rd(&v);
}

/* JSON, two attachments (the second empty), signature. */
static void
make_message(const struct plan *p)
{
	static unsigned char attached[1 << 19];
	char hex[65] = "", none[65] = "", author[45] = "", box[2000] = "";
	unsigned char hash[HASH_BYTES], id[MSG_ID_BYTES];
	static char json[8192];
	struct wr w = wr_from(message, sizeof(message)), v;

	memset(attached, 'a', sizeof(attached));
	sha256(hash, attached, p->attached);
	hash[0] ^= p->wrong_attachment ? 1 : 0;
	hex_encode(hex, hash, sizeof(hash));
	sha256(hash, attached, 0);
	hex_encode(none, hash, sizeof(hash));
	b64_encode(author, author_pk, sizeof(author_pk), true);
	v = wr_from(box, sizeof(box) - 1);
	age_recipient_write(&v, &mailbox);
	(void)snprintf(json, sizeof(json), "{\"v\":1,\"kind\":\"report\","
	    "\"mailbox\":\"%s\",\"author\":\"%s\",\"language\":\"en\","
	    "\"submission\":\"advice\",\"text\":\"May I?\",\"attachments\":["
	    "{\"name\":\"a\",\"type\":\"x/y\",\"bytes\":%zu,\"sha256\":\"%s\"},"
	    "{\"name\":\"b\",\"type\":\"x/y\",\"bytes\":0,\"sha256\":\"%s\"}]}",
	    box, author, p->attached - (p->short_attachment ? 1 : 0), hex,
	    none);
	if (p->json != NULL)
		(void)snprintf(json, sizeof(json), "%s", p->json);
	wr_u32(&w, (uint32_t)strlen(json));
	wr_str(&w, json);
	wr_bytes(&w, attached, p->attached);
	sha256(hash, message, w.n);
	memset(id, 7, sizeof(id));
	hash[0] ^= p->wrong_author ? 1 : 0;
	message_sign(message + w.n, id, hash, author_sk);
	message_n = w.n + SIG_BYTES;
}

static void
make_part(size_t i, const struct plan *p)
{
	static unsigned char plain[PARCEL_PLAIN_BYTES];
	struct parcel_random chance = { .file_key = part[i].file_key };
	struct part q = { .index = (uint16_t)i, .bytes = message_n,
	    .count = part_count(message_n) };
	int k = p->renewed > 0 && i >= p->renewed;
	struct receipt rc = { .close = CLOSE };
	struct wr w = wr_from(receipt[i], sizeof(receipt[i]));

	memset(q.id, p->foreign && i > 0 ? 8 : 7, sizeof(q.id));
	sha256(q.sha256, message, message_n);
	q.sha256[0] ^= p->wrong_sha256 ? 1 : 0;
	randombytes_buf(q.seed, sizeof(q.seed));
	q.data = rd_from(message + i * PART_DATA_BYTES, part_bytes(message_n,
	    q.index));
	cr_assert_eq(part_write(plain, &q), 0);
	randombytes_buf(part[i].file_key, sizeof(part[i].file_key));
	cr_assert_eq(parcel_seal(parcel[i], plain, &week[k], 1, &chance), 0);
	sha256(digest[i], parcel[i], PARCEL_BYTES);
	memcpy(rc.digest, digest[i], HASH_BYTES);
	cr_assert_eq(receipt_sign(&w, &rc, &proofbox_log, log_sk), 0);
	part[i].receipt = wr_rd(&w);
	part[i].parcel = rd_from(parcel[i], PARCEL_BYTES);
	part[i].keyset = i == 0 ? keyset[0] : i == p->renewed ? keyset[1] :
	    rd_from(NULL, 0);
}

/* Entries before ours, then ours. */
static void
log_parts(size_t n)
{
	struct entry e = { .kind = ENTRY_PARCEL };
	size_t i;

	for (i = 0; i < SEVEN + n; i++) {
		e.close = i < SEVEN ? CLOSE - 3600 : CLOSE + later;
		sha256(e.digest, &i, sizeof(i));
		if (i >= SEVEN && !lost)
			memcpy(e.digest, digest[i - SEVEN], HASH_BYTES);
		entry_write(proofbox_entry[i], &e);
	}
}

static struct logtree *
tree_of(uint64_t size)
{
	static unsigned char leaf[SEVEN + PARTS_MAX][HASH_BYTES];
	struct sha256 *h = sha256_new();
	size_t i;

	cr_assert(h != NULL && size <= SEVEN + PARTS_MAX);
	for (i = 0; i < size; i++)
		tree_leaf(h, leaf[i], rd_from(proofbox_entry[i], ENTRY_BYTES));
	sha256_free(h);
	return logtree_of(leaf[0], size);
}

/* see proofbox.h */
void
proofbox_checkpoint(struct wr *w, uint64_t size, bool witnessed)
{
	struct logtree *tree = tree_of(size);
	unsigned char root[HASH_BYTES], head[256];
	struct wr c = wr_from(head, sizeof(head));

	logtree_root(tree, root, 0, size);
	logtree_free(tree);
	checkpoint_write(&c, rd_str(proofbox_log.name), size, root);
	cr_assert_eq(note_sign(w, wr_rd(&c), &proofbox_log, log_sk), 0);
	if (witnessed)
		cr_assert_eq(cosign_write(w, wr_rd(&c), CLOSE + 9, &proofbox_witness,
		    witness_sk), 0);
}

/* The proofs of all parts. */
static void
add_proofs(struct wr *w, size_t n, const struct plan *p)
{
	static unsigned char cp[8192], text[DISCLOSURE_PROOF_MAX];
	struct disclosure_proof made = { .close = CLOSE };
	struct logtree *tree = tree_of(SEVEN + n);
	struct wr v = wr_from(cp, sizeof(cp));
	static struct tlogproof t;
	size_t i;

	proofbox_checkpoint(&v, SEVEN + n, !p->unwitnessed);
	t.untrusted_n = 0;
	t.checkpoint = wr_rd(&v);
	for (i = 0; i < n; i++) {
		struct wr x = wr_from(text, sizeof(text));

		t.index = SEVEN + i;
		cr_assert_eq(proof_make_inclusion(&t.path, tree->h,
		    &tree->source, t.index, SEVEN + n), 0);
		tlogproof_write(&x, &t);
		made.proof = wr_rd(&x);
		disclosure_write_proof(w, &made);
	}
	logtree_free(tree);
}

/* see proofbox.h */
void
proofbox_lose(uint64_t after)
{
	lost = true;
	later = after;
}

/* see proofbox.h */
size_t
proofbox_parts(void)
{
	return nparts;
}

/* see proofbox.h */
const char *
proofbox_make(const struct plan *p)
{
	static unsigned char all[PARTS_MAX * 200000];
	struct wr w = wr_from(all, sizeof(all));
	size_t i, n;

	make_keyset(0, p);
	make_keyset(1, p);
	make_message(p);
	n = part_count(message_n);
	cr_assert(n > 0 && n <= PARTS_MAX);
	nparts = n;
	disclosure_write_head(&w, (uint16_t)n);
	for (i = 0; i < n; i++) {
		make_part(i, p);
		disclosure_write_part(&w, &part[i]);
	}
	log_parts(n);
	if (!p->unproved)
		add_proofs(&w, n, p);
	if (p->more)
		wr_u8(&w, 0);
	cr_assert(wr_ok(&w));
	cr_assert_eq(file_write(tmpdir_path("p"), wr_rd(&w), 0600, true), 0);
	return tmpdir_path("p");
}
