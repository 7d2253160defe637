/* SPDX-License-Identifier: ISC */
/*
 * proofact.c - spoil a proof of disclosure in one way.
 *
 * usage: proofact list                    ACT <tab> exit code <tab> words
 *        proofact ACT PROOF OTHER KEYSET OUT
 *
 * PROOF is of at least two parts and OTHER of one, both whole and true;
 * KEYSET is the signed keyset of another office.  OUT is PROOF but for what
 * the act changed.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/disclosure.h"
#include "crypto/entry.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

#define FILE_MAX	(16u << 20)
#define PARTS_MAX	64

struct file {
	uint16_t parts;
	struct disclosure_part part[PARTS_MAX];
	struct disclosure_proof proof[PARTS_MAX];
	struct tlogproof t;		/* of proof 0 */
};

static struct file a, b;
static struct rd stranger;		/* KEYSET */
static unsigned char scratch[4][NOTE_MAX_BYTES];

static void
need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "proofact: %s\n", what);
	exit(2);
}

static struct rd
slurp(const char *path)
{
	unsigned char *p = malloc(FILE_MAX);
	FILE *f = fopen(path, "rb");
	size_t n;

	need(p != NULL && f != NULL, path);
	n = fread(p, 1, FILE_MAX, f);
	(void)fclose(f);
	return rd_from(p, n);
}

static void
load(struct file *f, const char *path)
{
	struct rd all = slurp(path);
	unsigned i;

	need(disclosure_head(&all, &f->parts) == 0 && f->parts <= PARTS_MAX,
	    "head");
	for (i = 0; i < f->parts; i++)
		need(disclosure_next_part(&all, i == 0, &f->part[i]) == 0,
		    "part");
	for (i = 0; i < f->parts; i++)
		need(disclosure_next_proof(&all, &f->proof[i]) == 0, "proof");
	need(tlogproof_parse(&f->t, f->proof[0].proof) == 0 && rd_done(&all),
	    "end");
}

/* A copy of r in scratch memory, to be changed. */
static unsigned char *
copy(int slot, struct rd *r)
{
	need(r->n <= sizeof(scratch[slot]), "scratch");
	memcpy(scratch[slot], r->p, r->n);
	r->p = scratch[slot];
	return scratch[slot];
}

/* Proof 0 again, out of a.t. */
static void
reproof(void)
{
	struct wr w = wr_from(scratch[3], sizeof(scratch[3]));

	tlogproof_write(&w, &a.t);
	need(wr_ok(&w), "proof");
	a.proof[0].proof = wr_rd(&w);
}

/* --- acts: what is sent ------------------------------------------------ */

static void
payload(void)
{
	copy(0, &a.part[0].parcel)[60000] ^= 1;
}

static void
header(void)
{
	unsigned char *p = copy(0, &a.part[0].parcel);

	p[6260] = p[6260] == 'A' ? 'B' : 'A';	/* base64, as before */
}

/* Another text for the same key, made just as the program makes one. */
static void
reseal(void)
{
	static unsigned char plain[PARCEL_PLAIN_BYTES];
	struct age_identity id = { .kind = AGE_HYBRID };
	struct age_recipient rc;
	struct parcel_random chance = { .file_key = a.part[0].file_key };
	size_t n;

	need(age_open_key(plain, sizeof(plain), &n, a.part[0].file_key,
	    a.part[0].parcel) == 0, "open");
	plain[PART_HEAD_BYTES + 40] ^= 1;
	randombytes_buf(id.seed, sizeof(id.seed));
	need(hpke_public(rc.pk, id.seed) == 0 && parcel_seal(scratch[0],
	    plain, &rc, 1, &chance) == 0, "seal");
	a.part[0].parcel.p = scratch[0];
}

/* And a receipt that names it, with the signature there was. */
static void
reseal_receipt(void)
{
	unsigned char hash[HASH_BYTES], *p;
	struct wr w;
	size_t at;

	reseal();
	sha256(hash, a.part[0].parcel.p, PARCEL_BYTES);
	p = copy(1, &a.part[0].receipt);
	for (at = 0; p[at] != '\n'; at++)
		;
	w = wr_from(p + at + 1, 64);
	wr_hex(&w, hash, sizeof(hash));
}

static void
receipt_other(void)
{
	a.part[0].receipt = b.part[0].receipt;
}

static void
receipt_later(void)
{
	unsigned char *p = copy(1, &a.part[0].receipt);
	struct rd left = a.part[0].receipt, line;

	need(rd_line(&left, &line) && rd_line(&left, &line) &&
	    rd_line(&left, &line), "receipt");
	p += line.p - a.part[0].receipt.p;
	p[line.n - 1] = p[line.n - 1] == '9' ? '8' : '9';
}

static void
file_key(void)
{
	a.part[0].file_key[7] ^= 4;
}

static void
file_key_other(void)
{
	memcpy(a.part[0].file_key, b.part[0].file_key, AGE_FILE_KEY_BYTES);
}

static void
keyset_bit(void)
{
	copy(1, &a.part[0].keyset)[a.part[0].keyset.n / 2] ^= 1;
}

static void
keyset_other(void)
{
	a.part[0].keyset = stranger;
}

static void
keyset_twice(void)
{
	a.part[1].keyset = a.part[0].keyset;
}

static void
parts_swapped(void)
{
	struct disclosure_part was = a.part[0];

	a.part[0] = a.part[1];
	a.part[1] = was;
	a.part[0].keyset = was.keyset;
	a.part[1].keyset.n = 0;
}

static void
part_other(void)
{
	a.part[1] = b.part[0];
	a.part[1].keyset.n = 0;
}

static void
part_less(void)
{
	a.parts--;
}

/* --- acts: what is logged ---------------------------------------------- */

static void
leaf_other(void)
{
	a.proof[0] = b.proof[0];
}

static void
leaf_next(void)
{
	a.t.index ^= 1;
	reproof();
}

static void
leaf_close(void)
{
	a.proof[0].close--;
}

static void
path_bit(void)
{
	a.t.path.hash[0][5] ^= 1;
	reproof();
}

static void
path_short(void)
{
	a.t.path.n--;
	reproof();
}

static void
proofs_swapped(void)
{
	struct disclosure_proof was = a.proof[0];

	a.proof[0] = a.proof[1];
	a.proof[1] = was;
}

/* A tree of the parcel alone, in the log's name, signed by a key of ours. */
static void
own_log(void)
{
	struct entry e = { .kind = ENTRY_PARCEL, .close = a.proof[0].close };
	unsigned char raw[ENTRY_BYTES], pk[32], sk[64], root[HASH_BYTES];
	struct wr w = wr_from(scratch[0], sizeof(scratch[0]));
	struct wr v = wr_from(scratch[1], sizeof(scratch[1]));
	struct sha256 *h = sha256_new();
	struct rd note = a.t.checkpoint, origin = { NULL, 0 };
	struct vkey k;

	need(h != NULL && rd_line(&note, &origin), "own log");
	sha256(e.digest, a.part[0].parcel.p, PARCEL_BYTES);
	entry_write(raw, &e);
	tree_leaf(h, root, rd_from(raw, sizeof(raw)));
	checkpoint_write(&w, origin, 1, root);
	need(crypto_sign_keypair(pk, sk) == 0 && vkey_make(&k, origin,
	    NOTE_ED25519, pk) == 0 && note_sign(&v, wr_rd(&w), &k, sk) == 0,
	    "sign");
	sha256_free(h);
	a.t.index = 0;
	a.t.path.n = 0;
	a.t.checkpoint = wr_rd(&v);
	reproof();
}

/* The text of the checkpoint, and no signature that holds. */
static void
unsigned_log(void)
{
	unsigned char *p = copy(1, &a.t.checkpoint);

	p[a.t.checkpoint.n - 10] = p[a.t.checkpoint.n - 10] == 'A' ?
	    'B' : 'A';
	reproof();
}

static void
checkpoint_root(void)
{
	unsigned char *p = copy(1, &a.t.checkpoint);
	struct rd left = a.t.checkpoint, line;

	need(rd_line(&left, &line) && rd_line(&left, &line) &&
	    rd_line(&left, &line), "checkpoint");
	p += line.p - a.t.checkpoint.p;
	p[3] = p[3] == 'A' ? 'B' : 'A';
	reproof();
}

static void
extra_line(void)
{
	a.t.untrusted_n = 3;
	reproof();
}

static const struct act {
	const char *name;
	int code;
	const char *words;
	void (*run)(void);
} acts[] = {
	{ "payload", 1, "the receipt is for another parcel", payload },
	{ "header", 1, "the receipt is for another parcel", header },
	{ "reseal", 1, "the receipt is for another parcel", reseal },
	{ "reseal-receipt", 1, "the receipt is not signed", reseal_receipt },
	{ "receipt-other", 1, "the receipt is for another", receipt_other },
	{ "receipt-later", 1, "the receipt is not signed", receipt_later },
	{ "file-key", 1, "the file key is not that of", file_key },
	{ "file-key-other", 1, "the file key is not that of",
	    file_key_other },
	{ "keyset-bit", 1, "the keyset is not signed by", keyset_bit },
	{ "keyset-other", 1, "the keyset is not signed by", keyset_other },
	{ "keyset-twice", 65, "no proof of disclosure", keyset_twice },
	{ "parts-swapped", 1, "does not belong to the others",
	    parts_swapped },
	{ "part-other", 1, "does not belong to the others", part_other },
	{ "part-less", 1, "does not belong to the others", part_less },
	{ "leaf-other", 1, "does not hold the parcel where", leaf_other },
	{ "leaf-next", 1, "does not hold the parcel where", leaf_next },
	{ "leaf-close", 1, "does not hold the parcel where", leaf_close },
	{ "path-bit", 1, "does not hold the parcel where", path_bit },
	{ "path-short", 1, "does not hold the parcel where", path_short },
	{ "proofs-swapped", 1, "does not hold the parcel where",
	    proofs_swapped },
	{ "own-log", 1, "checkpoint is not signed by the log", own_log },
	{ "unsigned-log", 1, "checkpoint is not signed by the log",
	    unsigned_log },
	{ "checkpoint-root", 1, "checkpoint is not signed by the log",
	    checkpoint_root },
	{ "extra-line", 1, "the log proof is malformed", extra_line },
};
#define ACTS	(sizeof(acts) / sizeof(acts[0]))

static int
list(void)
{
	size_t i;

	for (i = 0; i < ACTS; i++)
		printf("%s\t%d\t%s\n", acts[i].name, acts[i].code,
		    acts[i].words);
	return 0;
}

static void
save(const char *path)
{
	unsigned char *p = malloc(FILE_MAX);
	struct wr w = wr_from(p, FILE_MAX);
	FILE *f = fopen(path, "wb");
	unsigned i;

	disclosure_write_head(&w, a.parts);
	for (i = 0; i < a.parts; i++)
		disclosure_write_part(&w, &a.part[i]);
	for (i = 0; i < a.parts; i++)
		disclosure_write_proof(&w, &a.proof[i]);
	need(p != NULL && wr_ok(&w) && f != NULL &&
	    fwrite(p, 1, w.n, f) == w.n && fclose(f) == 0, path);
	free(p);
}

int
main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	need(argc == 6 && secret_init() != ERR_ORDER, "usage");
	load(&a, argv[2]);
	load(&b, argv[3]);
	need(a.parts >= 2 && b.parts == 1, "parts");
	stranger = slurp(argv[4]);
	for (i = 0; i < ACTS && strcmp(argv[1], acts[i].name) != 0; i++)
		;
	need(i < ACTS, "no such act");
	acts[i].run();
	save(argv[5]);
	return 0;
}
