/* SPDX-License-Identifier: ISC */
/*
 * test_disclosed.c - whole proofs of disclosure, of one part and of many, and
 * those that a reporter may make by hand: everything in them is signed and
 * logged, and yet they do not show what they should.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/disclosed.h"
#include "client/common/file.h"
#include "client/common/say.h"
#include "crypto/base.h"
#include "crypto/entry.h"
#include "crypto/message.h"
#include "crypto/secret.h"
#include "tests/unit/logtree.h"
#include "tests/unit/tmpdir.h"

#define DAY		20000
#define CLOSE		((uint64_t)(DAY + 2) * 86400)
#define PARTS_MAX	8
#define SEVEN		7		/* leaves before ours */

/* What is made, and what is wrong with it. */
struct plan {
	size_t attached;		/* bytes of the first attachment */
	size_t renewed;			/* a second keyset from this part on */
	const char *json;		/* in place of the one made */
	bool wrong_author, wrong_sha256, wrong_attachment, short_attachment;
	bool other_role, other_log, same_keyset, unproved, more;
	bool foreign;			/* the last part is of another message */
	bool unwitnessed;
};

static struct vkey log_key, log2_key, role[2], witness;
static unsigned char log_sk[64], log2_sk[64], role_sk[2][64], author_sk[64];
static unsigned char witness_sk[64], author_pk[32];
static struct age_recipient week[2], mailbox;
static struct office office;
static unsigned char note[2][65536];
static struct rd keyset[2];
static unsigned char message[1 << 20];
static uint64_t message_n;
static unsigned char parcel[PARTS_MAX][PARCEL_BYTES];
static unsigned char receipt[PARTS_MAX][RECEIPT_MAX_BYTES];
static struct disclosure_part part[PARTS_MAX];
static unsigned char digest[PARTS_MAX][HASH_BYTES];
static struct disclosed d;

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
setup(void)
{
	unsigned char seed[32];
	int i;

	cr_assert_neq(secret_init(), ERR_ORDER);
	say_quiet(true);
	make_key(&log_key, log_sk, "drop.example/log1", NOTE_ED25519, 1);
	make_key(&log2_key, log2_sk, "drop.example/log2", NOTE_ED25519, 2);
	make_key(&role[0], role_sk[0], "o.example/office", NOTE_ED25519, 3);
	make_key(&role[1], role_sk[1], "o.example/alternate", NOTE_ED25519,
	    4);
	make_key(&witness, witness_sk, "w.example/w", NOTE_COSIG, 5);
	memset(seed, 6, sizeof(seed));
	cr_assert_eq(crypto_sign_seed_keypair(author_pk, author_sk, seed), 0);
	for (i = 0; i < 3; i++) {
		memset(seed, 10 + i, sizeof(seed));
		cr_assert_eq(hpke_public(i == 2 ? mailbox.pk : week[i].pk,
		    seed), 0);
	}
	(void)strcpy(office.name, "o.example");
	office.has[0] = office.has[1] = true;
	office.key[0] = role[0];
	office.key[1] = role[1];
	(void)tmpdir_new();
	cr_assert(freopen(tmpdir_path("err"), "w+", stderr) != NULL);
}

static void
teardown(void)
{
	disclosed_close(&d);
	tmpdir_remove();
}

TestSuite(disclosed, .init = setup, .fini = teardown);

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
	ks.log = i == 1 && p->other_log ? log2_key : log_key;
	ks.nwitnesses = 1;
	ks.witness[0] = witness;
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
	cr_assert_eq(receipt_sign(&w, &rc, &log_key, log_sk), 0);
	part[i].receipt = wr_rd(&w);
	part[i].parcel = rd_from(parcel[i], PARCEL_BYTES);
	part[i].keyset = i == 0 ? keyset[0] : i == p->renewed ? keyset[1] :
	    rd_from(NULL, 0);
}

/* The proofs of all parts, in a log of some leaves more. */
static void
add_proofs(struct wr *w, size_t n, const struct plan *p)
{
	static unsigned char leaf[SEVEN + PARTS_MAX][HASH_BYTES], cp[8192];
	static unsigned char text[DISCLOSURE_PROOF_MAX];
	unsigned char raw[ENTRY_BYTES], root[HASH_BYTES], head[256];
	struct entry e = { .kind = ENTRY_PARCEL, .close = CLOSE };
	struct disclosure_proof made = { .close = CLOSE };
	static struct tlogproof t;
	struct wr v, c;
	struct logtree *tree;
	struct sha256 *h = sha256_new();
	size_t i;

	memset(leaf, 3, sizeof(leaf));
	for (i = 0; i < n; i++) {
		memcpy(e.digest, digest[i], HASH_BYTES);
		entry_write(raw, &e);
		tree_leaf(h, leaf[SEVEN + i], rd_from(raw, sizeof(raw)));
	}
	tree = logtree_of(leaf[0], SEVEN + n);
	logtree_root(tree, root, 0, SEVEN + n);
	c = wr_from(head, sizeof(head));
	checkpoint_write(&c, rd_str(log_key.name), SEVEN + n, root);
	v = wr_from(cp, sizeof(cp));
	cr_assert_eq(note_sign(&v, wr_rd(&c), &log_key, log_sk), 0);
	if (!p->unwitnessed)
		cr_assert_eq(cosign_write(&v, wr_rd(&c), CLOSE + 9, &witness,
		    witness_sk), 0);
	t.untrusted_n = 0;
	t.checkpoint = wr_rd(&v);
	for (i = 0; i < n; i++) {
		struct wr x = wr_from(text, sizeof(text));

		t.index = SEVEN + i;
		cr_assert_eq(proof_make_inclusion(&t.path, h, &tree->source,
		    t.index, SEVEN + n), 0);
		tlogproof_write(&x, &t);
		made.proof = wr_rd(&x);
		disclosure_write_proof(w, &made);
	}
	logtree_free(tree);
	sha256_free(h);
}

static const char *
make(const struct plan *p)
{
	static unsigned char all[PARTS_MAX * 200000];
	struct wr w = wr_from(all, sizeof(all));
	size_t i, n;

	make_keyset(0, p);
	make_keyset(1, p);
	make_message(p);
	n = part_count(message_n);
	cr_assert(n > 0 && n <= PARTS_MAX);
	disclosure_write_head(&w, (uint16_t)n);
	for (i = 0; i < n; i++) {
		make_part(i, p);
		disclosure_write_part(&w, &part[i]);
	}
	if (!p->unproved)
		add_proofs(&w, n, p);
	if (p->more)
		wr_u8(&w, 0);
	cr_assert(wr_ok(&w));
	cr_assert_eq(file_write(tmpdir_path("p"), wr_rd(&w), 0600, true), 0);
	return tmpdir_path("p");
}

static int
look(const struct plan *p)
{
	struct disclosed_how how = { .office = &office };

	disclosed_close(&d);
	return disclosed_open(&d, make(p), &how);
}

/* It is refused with this code and these words. */
static void
refused(const struct plan *p, int code, const char *words)
{
	unsigned char *err;
	size_t n;

	cr_assert(freopen(tmpdir_path("err"), "w+", stderr) != NULL);
	cr_assert_eq(look(p), code, "%s", words);
	fflush(stderr);
	cr_assert_eq(file_read(&err, &n, tmpdir_path("err"), 65536), 0);
	cr_assert(strstr((char *)err, words) != NULL, "it says: %s", err);
	file_free(err, n);
}

/* --- what holds -------------------------------------------------------- */

Test(disclosed, one_part_shows_everything)
{
	struct plan p = { .attached = 100 };

	cr_assert_eq(look(&p), 0);
	cr_assert(d.parts == 1 && d.proved && d.role == ROLE_OFFICE);
	cr_assert(d.sequence == 1 && d.from == DAY && d.to == DAY + 6);
	cr_assert(d.leaf[0].close == CLOSE && d.leaf[0].index == SEVEN);
	cr_assert(d.cosigned == 1 && d.quorum == 1 && d.has_time &&
	    d.time == CLOSE + 9 && d.size == SEVEN + 1);
	cr_assert_str_eq(json_string_value(json_object_get(d.message,
	    "text")), "May I?");
}

Test(disclosed, many_parts_and_a_keyset_renewed_between_them)
{
	static const size_t at[] = { 0, 1, 2, 4 };
	struct plan p = { .attached = 5 * PART_DATA_BYTES - 3000 };
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		p.renewed = at[i];
		cr_assert_eq(look(&p), 0, "renewed at %zu", at[i]);
		cr_assert(d.parts == 5 && d.sequence == (at[i] > 0 ? 2 : 1));
		cr_assert_eq(d.leaf[4].index, SEVEN + 4);
	}
}

Test(disclosed, attachments_may_end_anywhere)
{
	size_t n;
	struct plan p = { 0 };

	for (n = 0; n < 3; n++) {
		/* The signature moves over the edge between two parts. */
		p.attached = PART_DATA_BYTES - 2440 + 40 * n;
		cr_assert_eq(look(&p), 0, "%zu", p.attached);
	}
	p.attached = 0;
	cr_assert_eq(look(&p), 0);
}

Test(disclosed, without_its_log_proofs_it_is_not_whole)
{
	struct plan p = { .attached = 10, .unproved = true };
	struct disclosed_how how = { .office = &office, .unproved = true };

	refused(&p, EXIT_DATA, "ecrdrop prove");
	disclosed_close(&d);
	cr_assert_eq(disclosed_open(&d, make(&p), &how), 0);
	cr_assert(!d.proved && d.parts == 1);
}

/* --- what does not ----------------------------------------------------- */

Test(disclosed, signed_by_another_author)
{
	struct plan p = { .attached = 10, .wrong_author = true };

	refused(&p, EXIT_CLAIM, "not signed by the author");
}

Test(disclosed, parts_that_name_another_message)
{
	struct plan p = { .attached = 10, .wrong_sha256 = true };

	refused(&p, EXIT_CLAIM, "no message of the digest");
}

Test(disclosed, parts_of_two_messages)
{
	struct plan p = { .attached = 100000, .foreign = true };

	refused(&p, EXIT_CLAIM, "part 2 of 2 does not belong");
}

Test(disclosed, attachments_that_are_not_what_is_said_of_them)
{
	struct plan p = { .attached = 100000, .wrong_attachment = true };

	refused(&p, EXIT_CLAIM, "an attachment is not");
	p.wrong_attachment = false;
	p.short_attachment = true;
	refused(&p, EXIT_CLAIM, "an attachment is not");
}

Test(disclosed, message_that_is_none)
{
	struct plan p = { .json = "{\"v\":1}" };

	refused(&p, EXIT_CLAIM, "the message is malformed");
	p.json = "nothing";
	refused(&p, EXIT_CLAIM, "the message is malformed");
}

Test(disclosed, keysets_that_disagree)
{
	struct plan p = { .attached = 100000, .renewed = 1 };
	struct plan q = p, r = p;

	p.other_role = true;
	refused(&p, EXIT_CLAIM, "two roles");
	q.other_log = true;
	refused(&q, EXIT_CLAIM, "two logs");
	r.same_keyset = true;
	refused(&r, EXIT_DATA, "no proof of disclosure");
}

Test(disclosed, bytes_at_its_end)
{
	struct plan p = { .attached = 10, .more = true };

	refused(&p, EXIT_DATA, "no proof of disclosure");
	p.unproved = true;
	refused(&p, EXIT_DATA, "no proof of disclosure");
}

Test(disclosed, too_few_witnesses)
{
	struct plan p = { .attached = 10, .unwitnessed = true };

	refused(&p, EXIT_CLAIM, "too few witnesses");
}

Test(disclosed, keys_that_the_reader_pins)
{
	struct plan p = { .attached = 10 };
	struct disclosed_how how = { .office = &office, .log = &log2_key };

	cr_assert_eq(disclosed_open(&d, make(&p), &how), EXIT_CLAIM);
	disclosed_close(&d);
	how.log = &log_key;
	cr_assert_eq(disclosed_open(&d, tmpdir_path("p"), &how), 0);
	disclosed_close(&d);
	how.witness = &witness;
	how.nwitnesses = how.quorum = 1;
	cr_assert_eq(disclosed_open(&d, tmpdir_path("p"), &how), 0);
	disclosed_close(&d);
	office.has[0] = false;
	cr_assert_eq(disclosed_open(&d, tmpdir_path("p"), &how), EXIT_CLAIM);
}

Test(disclosed, what_is_no_plain_file)
{
	struct disclosed_how how = { .office = &office };

	cr_assert_eq(disclosed_open(&d, tmpdir_path("none"), &how),
	    EXIT_NOINPUT);
	disclosed_close(&d);
	cr_assert_eq(disclosed_open(&d, tmpdir_path("."), &how),
	    EXIT_NOINPUT);
}
