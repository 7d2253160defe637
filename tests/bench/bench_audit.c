/* SPDX-License-Identifier: ISC */
/*
 * bench_audit.c - how fast an auditor reads a whole log out of a mirror,
 * beside what SHA-256 alone takes for the same hashes.
 *
 * usage: bench_audit FOLDER [ENTRIES [ROUNDS]]
 *
 * A mirror of 1,048,576 entries is made in FOLDER.  Then, one after the other
 * in each round:
 *   hashes  every leaf and node of the tree, over buffers that lie ready
 *   walk    files read, entries parsed, order checked, tiles compared, root
 * The medians of processor time, their ratio, and what memory the walk needed at most.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define OPENSSL_API_COMPAT 10101	/* see crypto/sha256.c */
#include <openssl/sha.h>

#include "client/audit/walk.h"
#include "client/common/mirror.h"
#include "crypto/sha256.h"
#include "crypto/tilehash.h"
#include "crypto/wr.h"

#define ENTRIES		(1u << 20)
#define ROUNDS		5u
#define ROUNDS_MAX	64u
#define AN_EPOCH	1024u		/* entries */

static struct mirror *m;
static struct sha256 *h;
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

/* Of this process's own time: others on the machine do not count. */
static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
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
static double
hash_alone(uint64_t size)
{
	double began = now();
	uint64_t i;

	for (i = 0; i < size; i++)
		one_hash(ready + i * BUNDLE_UNIT, 1 + ENTRY_BYTES);
	for (i = 1; i < size; i++)
		one_hash(ready + i * BUNDLE_UNIT / 2, 1 + 2 * HASH_BYTES);
	return now() - began;
}

static double
walk_all(const char *path, uint64_t size)
{
	struct source_how how = { .tries = 1 };
	struct walk w = { .to = size, .to_root = root };
	struct walk_result res;
	double began;

	need(source_open(&w.src, path, &how), path);
	began = now();
	need(walk_run(&w, &res), res.name);
	began = now() - began;
	source_close(w.src);
	return began;
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

int
main(int argc, char **argv)
{
	double a[ROUNDS_MAX], b[ROUNDS_MAX], x, y;
	unsigned long size = argument(argc, argv, 2, 1, 1ul << 26, ENTRIES);
	unsigned long rounds = argument(argc, argv, 3, 1, ROUNDS_MAX, ROUNDS);
	size_t i;

	if (argc < 2)
		(void)argument(0, NULL, 0, 1, 0, 0);
	need((h = sha256_new()) == NULL ? ERR_NOMEM : 0, "sha256");
	need(mirror_open(&m, argv[1], true), argv[1]);
	make_mirror(size);
	ready = malloc((size_t)size * BUNDLE_UNIT + 2 * HASH_BYTES);
	need(ready == NULL ? ERR_NOMEM : 0, "bytes");
	memset(ready, 0x5a, (size_t)size * BUNDLE_UNIT + 2 * HASH_BYTES);
	for (i = 0; i < rounds; i++) {
		a[i] = hash_alone(size);
		b[i] = walk_all(argv[1], size);
	}
	x = median(a, rounds);
	y = median(b, rounds);
	printf("  audit of %lu entries, medians of %lu rounds\n"
	    "    hashes alone  %7.3f s   %.2f M entries/s\n"
	    "    whole walk    %7.3f s   %.2f M entries/s\n"
	    "    walk/hashes   %7.2f     (goal: at most 1.3)\n"
	    "    peak memory   %ld KiB, the making of the mirror included\n",
	    size, rounds, x, (double)size / x / 1e6, y,
	    (double)size / y / 1e6, y / x, peak_kib());
	mirror_close(m);
	sha256_free(h);
	free(ready);
	return 0;
}
