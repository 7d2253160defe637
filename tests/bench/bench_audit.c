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

#include "client/audit/verify.h"
#include "crypto/bundle.h"
#include "tests/bench/logmade.h"

#define ENTRIES		1000000u
#define ROUNDS		5u
#define ROUNDS_MAX	64u

struct took {
	double wall, cpu;		/* seconds */
};

static struct keys keys;
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
	logmade_write(argv[1], size, &keys.log);
	keys.has_log = true;
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
	free(ready);
	return 0;
}
