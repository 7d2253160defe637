/* SPDX-License-Identifier: ISC */
/*
 * bench_log.c - how close the log's hashing comes to SHA-256 itself.
 *
 *	bench_log [ROUNDS]
 *
 * All of these hash the same: a log of 1,048,576 entries is as many leaves
 * of one block and one node less, of two blocks each.
 *
 *	sha256	OpenSSL's EVP alone, fetched once, over blocks that stand
 *		ready: what cannot be undercut
 *	direct	the same by its older SHA256_ functions, as crypto/ does
 *	stream	as many blocks as one long message: no hash begun or ended,
 *		so no log of single hashes can be as fast
 *	tree	tree_leaf() and tree_append() of each entry, and the root
 *	tiles	what an auditor does: parse bundles, hold each entry against
 *		the level-0 tile, fold each tile, hold it against the next
 *
 * ROUNDS rounds (5) with the ways in turn, and of each its median.  Then the
 * proofs in a log of 1,000,000.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OPENSSL_API_COMPAT 10101	/* see crypto/sha256.c */
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "crypto/bundle.h"
#include "crypto/proof.h"
#include "crypto/tilehash.h"

#define LEAVES	((uint64_t)1 << 20)
#define PROVED	UINT64_C(1000000)
#define ROUNDS	5
#define ROUNDS_MAX 101
#define PROOFS	1000
#define LEVELS	3			/* of tiles, in a log of 2^20 */

typedef unsigned char hash[HASH_BYTES];

static unsigned char *bundles;		/* the entries as they are served */
static hash *tiles[LEVELS];		/* the hash tiles of each level */
static hash root;
static struct sha256 *h;

static void
fail(const char *what)
{
	fprintf(stderr, "bench_log: %s\n", what);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	/* Our processor time alone; it never fails. */
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

static struct rd
entry_at(uint64_t i)
{
	return rd_from(bundles + i * BUNDLE_UNIT + 2, ENTRY_BYTES);
}

static struct rd
bundle_at(uint64_t i)
{
	return rd_from(bundles + i * BUNDLE_BYTES, BUNDLE_BYTES);
}

static const hash *
tile_at(int level, uint64_t i)
{
	return (const hash *)tiles[level] + i * TILE_WIDTH;
}

static void
set_up(void)
{
	unsigned char raw[ENTRY_BYTES];
	struct entry e = { ENTRY_PARCEL, 0, { 0 } };
	struct wr w, w2;
	uint64_t i, n;
	int l;

	bundles = malloc(LEAVES * BUNDLE_UNIT);
	h = sha256_new();
	if (bundles == NULL || h == NULL)
		fail("no memory");
	w = wr_from(bundles, LEAVES * BUNDLE_UNIT);
	for (i = 0; i < LEAVES; i++) {
		e.close = 1700000000 + i / 1024;
		w2 = wr_from(e.digest, sizeof(e.digest));
		wr_u64(&w2, i);			/* digests rise */
		entry_write(raw, &e);
		bundle_write(&w, raw);
	}
	for (l = 0, n = LEAVES; l < LEVELS; l++, n /= TILE_WIDTH)
		if ((tiles[l] = malloc(n * HASH_BYTES)) == NULL)
			fail("no memory");
	for (i = 0; i < LEAVES; i++)
		tree_leaf(h, tiles[0][i], entry_at(i));
	for (l = 1, n = LEAVES / TILE_WIDTH; l < LEVELS; l++, n /= TILE_WIDTH)
		for (i = 0; i < n; i++)
			tile_fold(tiles[l][i], h, tile_at(l - 1, i),
			    TILE_WIDTH);
	tile_fold(root, h, tile_at(LEVELS - 1, 0), LEAVES >> 16);
}

/* --- the ways ---------------------------------------------------------- */

static void
one_hash(EVP_MD_CTX *ctx, const EVP_MD *md, const void *p, size_t n)
{
	unsigned char out[HASH_BYTES];

	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, p, n) != 1 ||
	    EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		fail("OpenSSL");
}

static void
way_sha256(void)
{
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint64_t i;

	if (md == NULL || ctx == NULL)
		fail("OpenSSL");
	for (i = 0; i < LEAVES; i++)
		one_hash(ctx, md, bundles + i * BUNDLE_UNIT, 1 + ENTRY_BYTES);
	for (i = 0; i < LEAVES - 1; i++)
		one_hash(ctx, md, tiles[0][i / 2], 1 + 2 * HASH_BYTES);
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
}

static void
one_direct(const void *p, size_t n)
{
	unsigned char out[HASH_BYTES];
	SHA256_CTX c;

	if (SHA256_Init(&c) != 1 || SHA256_Update(&c, p, n) != 1 ||
	    SHA256_Final(out, &c) != 1)
		fail("OpenSSL");
}

static void
way_direct(void)
{
	uint64_t i;

	for (i = 0; i < LEAVES; i++)
		one_direct(bundles + i * BUNDLE_UNIT, 1 + ENTRY_BYTES);
	for (i = 0; i < LEAVES - 1; i++)
		one_direct(tiles[0][i / 2], 1 + 2 * HASH_BYTES);
}

static void
way_stream(void)
{
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t left = LEAVES * 3 * 64, n;

	if (md == NULL || ctx == NULL ||
	    EVP_DigestInit_ex2(ctx, md, NULL) != 1)
		fail("OpenSSL");
	for (; left > 0; left -= n) {
		n = left < LEAVES * HASH_BYTES ? left : LEAVES * HASH_BYTES;
		if (EVP_DigestUpdate(ctx, tiles[0], n) != 1)
			fail("OpenSSL");
	}
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
}

static void
way_tree(void)
{
	struct tree t;
	hash leaf, got;
	uint64_t i;

	tree_init(&t);
	for (i = 0; i < LEAVES; i++) {
		tree_leaf(h, leaf, entry_at(i));
		if (tree_append(&t, h, leaf) != 0)
			fail("the tree");
	}
	tree_root(&t, h, got);
	if (memcmp(got, root, sizeof(got)) != 0)
		fail("the tree has another root");
}

static void
way_tiles(void)
{
	uint64_t i, n = LEAVES / TILE_WIDTH;
	static hash leaf[TILE_WIDTH];
	static struct bundle b;
	bool any = false;
	struct entry last;
	unsigned at;
	hash got;
	int l;

	for (i = 0; i < n; i++) {
		if (bundle_parse(&b, bundle_at(i), TILE_WIDTH, &at) != 0 ||
		    bundle_order(&b, 0, any ? &last : NULL, &at) != 0)
			fail("a bundle does not hold");
		bundle_leaves(&b, h, leaf);
		if (memcmp(leaf, tile_at(0, i), sizeof(leaf)) != 0)
			fail("a bundle is not what its tile says");
		last = b.entry[TILE_WIDTH - 1];
		any = true;
	}
	for (l = 1; l < LEVELS; l++, n /= TILE_WIDTH)
		for (i = 0; i < n; i++) {
			tile_fold(got, h, tile_at(l - 1, i), TILE_WIDTH);
			if (memcmp(got, tiles[l][i], sizeof(got)) != 0)
				fail("a tile does not hold");
		}
	tile_fold(got, h, tile_at(LEVELS - 1, 0), LEAVES >> 16);
	if (memcmp(got, root, sizeof(got)) != 0)
		fail("the tiles have another root");
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{ "sha256", way_sha256 },
	{ "direct", way_direct },
	{ "stream", way_stream },
	{ "tree", way_tree },
	{ "tiles", way_tiles },
};
#define WAYS	(sizeof(ways) / sizeof(ways[0]))

/* --- proofs ------------------------------------------------------------ */

static int
fetch(void *arg, const struct tile *t, unsigned char out[static TILE_BYTES],
    size_t *n)
{
	unsigned long *asked = arg;

	++*asked;
	*n = t->width * (size_t)HASH_BYTES;
	memcpy(out, tile_at(t->level, t->index), *n);
	return 0;
}

static uint64_t
place(unsigned i)
{
	return i * UINT64_C(2654435761) % PROVED;
}

/* The root over the first PROVED leaves. */
static void
proved_root(hash out)
{
	struct tree t;
	uint64_t i;

	tree_init(&t);
	for (i = 0; i < PROVED; i++)
		if (tree_append(&t, h, tiles[0][i]) != 0)
			fail("the tree");
	tree_root(&t, h, out);
}

static void
open_tiles(struct tilehash *th, struct tilehash_slot *slots, const hash r,
    unsigned long *asked)
{
	if (tilehash_open(th, PROVED, r, h, slots, 8, fetch, asked) != 0)
		fail("the tiles do not open");
}

static void
show_proof(const char *name, size_t hashes, double made, double checked,
    unsigned long asked)
{
	printf("%s proof of at most %zu hashes, %zu bytes, in a log of %lu: "
	    "made in %.0f us, %.1f tiles verified first; checked in "
	    "%.1f us\n", name, hashes, hashes * HASH_BYTES,
	    (unsigned long)PROVED, made / PROOFS * 1e6,
	    (double)asked / PROOFS, checked / PROOFS * 1e6);
}

static void
inclusion(void)
{
	static struct tilehash_slot slots[8];
	static struct proof p[PROOFS];
	unsigned long asked = 0;
	size_t longest = 0;
	struct tilehash th;
	struct hashes src;
	double t0, t1, t2;
	unsigned i;
	hash r;

	proved_root(r);
	t0 = now();
	for (i = 0; i < PROOFS; i++) {
		open_tiles(&th, slots, r, &asked);
		src = tilehash_source(&th);
		if (proof_make_inclusion(&p[i], h, &src, place(i),
		    PROVED) != 0)
			fail("no proof");
	}
	t1 = now();
	for (i = 0; i < PROOFS; i++) {
		if (proof_inclusion(&p[i], h, tiles[0][place(i)], place(i),
		    PROVED, r) != 0)
			fail("a proof does not hold");
		longest = p[i].n > longest ? p[i].n : longest;
	}
	t2 = now();
	show_proof("inclusion", longest, t1 - t0, t2 - t1, asked);
}

/* From older sizes all over the log. */
static void
consistency(void)
{
	static struct tilehash_slot slots[8];
	static struct proof p[PROOFS];
	static hash old[PROOFS];
	unsigned long asked = 0;
	size_t longest = 0;
	struct tilehash th;
	struct hashes src;
	double t0, t1, t2;
	unsigned i;
	hash r;

	proved_root(r);
	open_tiles(&th, slots, r, &asked);
	src = tilehash_source(&th);
	for (i = 0; i < PROOFS; i++)
		if (proof_root(old[i], h, &src, 0, place(i) + 1) != 0)
			fail("no root");
	asked = 0;
	t0 = now();
	for (i = 0; i < PROOFS; i++) {
		open_tiles(&th, slots, r, &asked);
		src = tilehash_source(&th);
		if (proof_make_consistency(&p[i], h, &src, place(i) + 1,
		    PROVED) != 0)
			fail("no proof");
	}
	t1 = now();
	for (i = 0; i < PROOFS; i++) {
		if (proof_consistency(&p[i], h, place(i) + 1, old[i], PROVED,
		    r) != 0)
			fail("a proof does not hold");
		longest = p[i].n > longest ? p[i].n : longest;
	}
	t2 = now();
	show_proof("consistency", longest, t1 - t0, t2 - t1, asked);
}

int
main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS, r;
	static double took[WAYS][ROUNDS_MAX];
	double t, m, raw = 0;
	size_t i;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: bench_log [ROUNDS]\n", stderr);
		return 64;
	}
	set_up();
	for (r = 0; r < rounds; r++)
		for (i = 0; i < WAYS; i++) {
			t = now();
			ways[i].run();
			took[i][r] = now() - t;
		}
	for (i = 0; i < WAYS; i++) {
		m = median(took[i], (size_t)rounds);
		if (i == 0)
			raw = m;
		printf("%-8s %9.0f leaves/s   %.3f s   %.2f of sha256\n",
		    ways[i].name, (double)LEAVES / m, m, m / raw);
	}
	inclusion();
	consistency();
	return 0;
}
