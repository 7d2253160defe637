/* SPDX-License-Identifier: ISC */
/*
 * bench_audit.c - how fast an auditor verifies a whole log out of a mirror,
 * beside what SHA-256 alone takes for the same hashes.
 *
 * usage: bench_audit FOLDER [ENTRIES [ROUNDS]]
 *
 * A mirror of 1,000,000 entries, signed, is made in FOLDER.  Then, one after
 * the other in each round:
 *   hashes  every leaf and node of the tree, over bytes that lie ready, with
 *           the fastest calls that OpenSSL has for messages of these lengths
 *   verify  verify_run(): signature, files read, entries parsed, their order,
 *           tiles compared, root; just as `ecraudit verify MIRROR` does
 * The medians of the time that passes and of processor time (a second thread
 * reads files ahead), their ratios, and the most memory.  The files are in
 * the page cache: it is not the disk that is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define OPENSSL_API_COMPAT 10101	/* see crypto/sha256.c */
#include <openssl/sha.h>
#include <sodium.h>

#include "client/audit/verify.h"
#include "client/common/mirror.h"
#include "crypto/sha256.h"
#include "crypto/tilehash.h"
#include "crypto/wr.h"

#define ENTRIES		1000000u
#define ROUNDS		5u
#define ROUNDS_MAX	64u
#define AN_EPOCH	1024u		/* entries */

struct took {
	double wall, cpu;		/* seconds */
};

static struct mirror *m;
static struct sha256 *h;
static struct keys keys;
static unsigned char root[HASH_BYTES];
static unsigned char *ready;		/* any bytes, as many as the bundles */

static void
need(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "bench_audit: %s: %s\n", what, err_str(r));
	exit(EXIT_FAILURE);
}

static double
read_clock(clockid_t which)
{
	struct timespec t;

	(void)clock_gettime(which, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct took
now(void)
{
	struct took t = { read_clock(CLOCK_MONOTONIC),
	    read_clock(CLOCK_PROCESS_CPUTIME_ID) };

	return t;
}

static struct took
since(struct took began)
{
	struct took t = now();

	t.wall -= began.wall;
	t.cpu -= began.cpu;
	return t;
}

static void
entry_of(unsigned char out[static ENTRY_BYTES], uint64_t i)
{
	struct entry e = { .kind = ENTRY_PARCEL,
	    .close = 3600 * (1 + i / AN_EPOCH) };
	struct wr w = wr_from(e.digest, sizeof(e.digest));

	wr_u64(&w, i);			/* digests rise */
	entry_write(out, &e);
}

static void
put(int level, uint64_t index, unsigned width, struct rd bytes)
{
	struct tile t = { level, index, width };
	char name[80];

	mirror_tile_name(name, &t);
	need(mirror_write_lazy(m, name, bytes), name);
}

static void
put_bundles(uint64_t size, unsigned char (*leaf)[HASH_BYTES])
{
	unsigned char buf[TILE_WIDTH * (2 + ENTRY_BYTES)], e[ENTRY_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	uint64_t i;

	for (i = 0; i < size; i++) {
		entry_of(e, i);
		tree_leaf(h, leaf[i], rd_from(e, sizeof(e)));
		wr_u16(&w, ENTRY_BYTES);
		wr_bytes(&w, e, sizeof(e));
		if ((i + 1) % TILE_WIDTH != 0 && i + 1 < size)
			continue;
		put(TILE_ENTRIES, i / TILE_WIDTH,
		    (unsigned)(i % TILE_WIDTH) + 1, wr_rd(&w));
		w = wr_from(buf, sizeof(buf));
	}
}

/* One level's tiles; the hashes of the level above come in their place. */
static size_t
put_level(int level, unsigned char (*hash)[HASH_BYTES], size_t n)
{
	unsigned width;
	size_t at;

	for (at = 0; at < n; at += TILE_WIDTH) {
		width = n - at < TILE_WIDTH ? (unsigned)(n - at) : TILE_WIDTH;
		put(level, at / TILE_WIDTH, width,
		    rd_from(hash[at], (size_t)width * HASH_BYTES));
		if (width == TILE_WIDTH)
			tile_fold(hash[at / TILE_WIDTH], h,
			    (const unsigned char (*)[HASH_BYTES])hash + at,
			    width);
	}
	return n / TILE_WIDTH;
}

/* Signed by a key that is the same in every run. */
static void
put_checkpoint(uint64_t size)
{
	static const unsigned char seed[32] = { 1 };
	unsigned char pk[32], sk[64], text[512], note[1024];
	struct wr w = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));

	need(crypto_sign_seed_keypair(pk, sk, seed), "key");
	need(vkey_make(&keys.log, rd_str("drop.example/log1"), NOTE_ED25519,
	    pk), "key");
	keys.has_log = true;
	checkpoint_write(&w, rd_str(keys.log.name), size, root);
	need(note_sign(&n, wr_rd(&w), &keys.log, sk), "checkpoint");
	need(mirror_write(m, "log/checkpoint", wr_rd(&n)), "checkpoint");
}

static void
make_mirror(uint64_t size)
{
	unsigned char (*hash)[HASH_BYTES] = malloc((size_t)size * HASH_BYTES);
	struct tree t;
	uint64_t i;
	size_t n;
	int level;

	need(hash == NULL ? ERR_NOMEM : 0, "hashes");
	put_bundles(size, hash);
	tree_init(&t);
	for (i = 0; i < size; i++)
		need(tree_append(&t, h, hash[i]), "tree");
	tree_root(&t, h, root);
	for (level = 0, n = (size_t)size; n > 0; level++)
		n = put_level(level, hash, n);
	put_checkpoint(size);
	free(hash);
}

static void
one_hash(const void *p, size_t n)
{
	unsigned char out[HASH_BYTES];
	SHA256_CTX c;

	if (SHA256_Init(&c) != 1 || SHA256_Update(&c, p, n) != 1 ||
	    SHA256_Final(out, &c) != 1)
		need(ERR_IO, "OpenSSL");
}

/*
 * Leaves of 42 bytes and one node less, of 65: what a tree is made of.  The
 * bytes lie ready, and no hash waits for the one before it.
 */
static struct took
hash_alone(uint64_t size)
{
	struct took began = now();
	uint64_t i;

	for (i = 0; i < size; i++)
		one_hash(ready + i * BUNDLE_UNIT, 1 + ENTRY_BYTES);
	for (i = 1; i < size; i++)
		one_hash(ready + i * BUNDLE_UNIT / 2, 1 + 2 * HASH_BYTES);
	return since(began);
}

static uint64_t
no_clock(void)
{
	return 0;
}

static struct took
verify_all(const char *path, uint64_t size)
{
	struct source_how how = { .tries = 1 };
	struct verify v = { .keys = &keys, .clock = no_clock };
	struct verify_result res;
	struct took began = now();

	need(source_open(&v.src, path, &how), path);
	if (verify_run(&v, &res) != 0 || res.parcels != size)
		need(ERR_AUTH, "verify");
	source_close(v.src);
	return since(began);
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

static long
peak_kib(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static unsigned long
argument(int argc, char **argv, int i, unsigned long least, unsigned long most,
    unsigned long otherwise)
{
	unsigned long n = argc > i ? strtoul(argv[i], NULL, 10) : otherwise;

	if (n >= least && n <= most)
		return n;
	fprintf(stderr, "usage: bench_audit FOLDER [ENTRIES [ROUNDS]]\n");
	exit(64);
}

/* Sorted apart: the median of each time, and the best. */
static struct took
middle(const struct took *t, size_t n, struct took *best)
{
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
	struct took m2;
	size_t i;

	for (i = 0; i < n; i++) {
		wall[i] = t[i].wall;
		cpu[i] = t[i].cpu;
	}
	m2.wall = median(wall, n);
	m2.cpu = median(cpu, n);
	best->wall = wall[0];
	best->cpu = cpu[0];
	return m2;
}

int
main(int argc, char **argv)
{
	struct took a[ROUNDS_MAX], b[ROUNDS_MAX], x, y, bx, by;
	unsigned long size = argument(argc, argv, 2, 1, 1ul << 26, ENTRIES);
	unsigned long rounds = argument(argc, argv, 3, 1, ROUNDS_MAX, ROUNDS);
	long before;
	size_t i;

	if (argc < 2)
		(void)argument(0, NULL, 0, 1, 0, 0);
	need((h = sha256_new()) == NULL ? ERR_NOMEM : 0, "sha256");
	need(mirror_open(&m, argv[1], true), argv[1]);
	make_mirror(size);
	ready = malloc((size_t)size * BUNDLE_UNIT + 2 * HASH_BYTES);
	need(ready == NULL ? ERR_NOMEM : 0, "bytes");
	memset(ready, 0x5a, (size_t)size * BUNDLE_UNIT + 2 * HASH_BYTES);
	before = peak_kib();
	for (i = 0; i < rounds; i++) {
		a[i] = hash_alone(size);
		b[i] = verify_all(argv[1], size);
	}
	x = middle(a, rounds, &bx);
	y = middle(b, rounds, &by);
	printf("audit of %lu entries, medians of %lu rounds\n"
	    "hashes  %.4f s  %.4f s of a processor  %.2f M entries/s\n"
	    "verify  %.4f s  %.4f s of a processor  %.2f M entries/s\n"
	    "ratio   %.3f    %.3f of a processor\n"
	    "best    %.3f    %.3f of a processor\n"
	    "memory  %ld KiB more than the making of the mirror took\n",
	    size, rounds, x.wall, x.cpu, (double)size / x.wall / 1e6, y.wall,
	    y.cpu, (double)size / y.wall / 1e6, y.wall / x.wall,
	    y.cpu / x.cpu, by.wall / bx.wall, by.cpu / bx.cpu,
	    peak_kib() - before);
	mirror_close(m);
	sha256_free(h);
	free(ready);
	return 0;
}
