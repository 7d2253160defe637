/* SPDX-License-Identifier: ISC */
/*
 * test_order.c - what the files of the store tell of the order of arrival.
 *
 * 2,000 parcels come one by one, some to each commit, and their epoch closes.  Then the file of drop/ is read page by page, live pages and
 * left-over ones, and so is what the file system would still have of
 * pending/.  Made-up parcels are the same in every run; only cover differs.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <lmdb.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sha256.h"
#include "tests/unit/pages.h"
#include "tests/unit/store_help.h"

#define N	2000u			/* come in the epoch that is looked at */
#define MORE	300u			/* and in the one after it */
#define NOW	1000003u
#define CLOSE	1000010u
#define MOST	0.1

static struct logkey key;
static unsigned char parcel[PARCEL_BYTES];
static unsigned char digests[N][HASH_BYTES];

/* --- whose digest is it? --------------------------------------------------- */

struct known {
	unsigned char digest[HASH_BYTES];
	uint32_t arrival;
};
static struct known sorted[N];

static int
compare(const void *x, const void *y)
{
	const struct known *a = x, *b = y;

	return memcmp(a->digest, b->digest, HASH_BYTES);
}

static void
make_digests(void)
{
	uint32_t i;

	for (i = 0; i < N; i++) {
		help_parcel(parcel, digests[i], i);
		memcpy(sorted[i].digest, digests[i], HASH_BYTES);
		sorted[i].arrival = i;
	}
	qsort(sorted, N, sizeof(sorted[0]), compare);
}

/* -1: none of the N */
static double
arrival_of(const unsigned char *digest)
{
	const struct known *k;
	struct known want;

	memcpy(want.digest, digest, HASH_BYTES);
	k = bsearch(&want, sorted, N, sizeof(sorted[0]), compare);
	return k == NULL ? -1.0 : (double)k->arrival;
}

/* --- correlation --------------------------------------------------------------- */

struct sums {
	double n, x, y, xx, yy, xy;
};

static void
add(struct sums *s, double x, double y)
{
	s->n++;
	s->x += x;
	s->y += y;
	s->xx += x * x;
	s->yy += y * y;
	s->xy += x * y;
}

/* The square root; the unit tests are not linked with libm. */
static double
root(double v)
{
	double r = v > 1 ? v : 1;
	int i;

	for (i = 0; i < 100; i++)
		r = (r + v / r) / 2;
	return r;
}

static double
correlation(const struct sums *s)
{
	double xx = s->xx - s->x * s->x / s->n;
	double yy = s->yy - s->y * s->y / s->n;

	cr_assert_gt(s->n, 1);
	if (xx <= 0 || yy <= 0)
		return 0;
	return (s->xy - s->x * s->y / s->n) / root(xx * yy);
}

/* What stands in one page, in physical order. */
struct spot {
	unsigned offset;
	double arrival;
};

struct look {
	const struct pages *pages;
	struct sums across[2];		/* place in the file; [1]: left over */
	struct sums within[2];		/* place in the page */
	struct sums bodies;		/* the body's first page */
	struct sums ours;		/* page of ours (1) and of cover (0) */
	size_t page;
	struct spot spot[PAGES_BYTES / 8];
	unsigned nspot;
	bool live;
};

static int
by_offset(const void *x, const void *y)
{
	const struct spot *a = x, *b = y;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Within a page: each node's place and arrival less the page's means. */
static void
finish_page(struct look *l)
{
	double place = (double)(l->nspot - 1) / 2, mean = 0;
	unsigned i;

	qsort(l->spot, l->nspot, sizeof(l->spot[0]), by_offset);
	for (i = 0; i < l->nspot; i++)
		mean += l->spot[i].arrival / l->nspot;
	for (i = 0; i < l->nspot && l->nspot > 1; i++)
		add(&l->within[!l->live], i - place,
		    l->spot[i].arrival - mean);
	l->nspot = 0;
}

/* A digest stands in a key or, in an entry, at a value's end. */
static const unsigned char *
digest_in(const struct pages_node *n)
{
	if (n->key.n == HASH_BYTES)
		return n->key.p;
	if (n->value.n == ENTRY_BYTES)
		return n->value.p + ENTRY_BYTES - HASH_BYTES;
	return NULL;
}

static void
on_node(void *arg, const struct pages_node *n)
{
	const unsigned char *digest = digest_in(n);
	struct look *l = arg;
	double arrival;

	if (n->page != l->page)
		finish_page(l);
	l->page = n->page;
	l->live = n->live;
	if (digest == NULL)
		return;
	arrival = arrival_of(digest);
	if (n->run != 0 && n->live)
		add(&l->ours, (double)n->run, arrival >= 0);
	if (arrival < 0)
		return;
	add(&l->across[!n->live], (double)(n->page * PAGES_BYTES + n->offset),
	    arrival);
	if (n->run != 0 && n->live)
		add(&l->bodies, (double)n->run, arrival);
	l->spot[l->nspot].offset = n->offset;
	l->spot[l->nspot++].arrival = arrival;
}

static void
look_at(struct look *l, const struct pages *p)
{
	memset(l, 0, sizeof(*l));
	l->pages = p;
	pages_each(p, on_node, l);
	finish_page(l);
}

static void
assert_little(const char *what, const struct sums *s)
{
	double r = correlation(s);

	printf("%s: %+.3f over %.0f\n", what, r, s->n);
	cr_expect_lt(fabs(r), MOST, "%s: correlation %f", what, r);
}

/* Every place of the file where a digest or a body begins, page or not. */
static void
assert_no_other_places(const struct pages *p, size_t nodes)
{
	static uint32_t first[1 << 16];
	static uint32_t next[N + 1];
	const unsigned char *end = p->file + p->count * PAGES_BYTES, *at;
	struct sums all = { 0 };
	uint32_t i, h;

	memset(first, 0, sizeof(first));
	for (i = 0; i < N; i++) {
		h = (uint32_t)(digests[i][0] << 8 | digests[i][1]);
		next[i + 1] = first[h];
		first[h] = i + 1;
	}
	for (at = p->file; at + HASH_BYTES <= end; at++)
		for (i = first[at[0] << 8 | at[1]]; i != 0; i = next[i])
			if (memcmp(at, digests[i - 1], HASH_BYTES) == 0)
				add(&all, (double)(at - p->file), i);
	cr_assert_geq(all.n, (double)nodes);
	assert_little("every digest in the file, gaps too", &all);
}

/* --- drop/ --------------------------------------------------------------------- */

static void
start(struct epochs *e, uint64_t now)
{
	memset(e, 0, sizeof(*e));
	e->conf.seconds = 10;
	e->conf.batch = 64;		/* 128 cover at least is likely */
	e->conf.parcels = N;
	e->conf.drop_bytes = 512u << 20;
	e->key = &key;
	e->guard.dir = help_guard();
	cr_assert_eq(epochs_start(e, help_now(now)), 0);
}

/* Some to a commit, as under load. */
static void
fill(struct epochs *e, uint32_t first, uint32_t n)
{
	unsigned char digest[HASH_BYTES];
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (i % 5 == 0)
			cr_assert_eq(pending_begin(e->open), 0);
		help_parcel(parcel, digest, first + i);
		cr_assert_eq(pending_put(e->open, parcel, digest), 0);
		if (i % 5 == 4 || i == n - 1)
			cr_assert_eq(pending_commit(e->open), 0);
	}
}

static void
close_epoch(struct epochs *e, uint64_t now)
{
	cr_assert_eq(epochs_rotate(e, help_now(now)), 0);
	while (epochs_busy(e))
		cr_assert_eq(epochs_step(e), 0);
}

/* alone: besides the N there is only cover. */
static void
assert_no_order(const char *path, bool alone)
{
	unsigned char *file;
	struct pages p;
	struct look l;
	size_t n;

	file = help_slurp(path, &n);
	pages_open(&p, file, n);
	look_at(&l, &p);
	/* parcel, where and entry */
	cr_assert_eq(l.across[0].n, 3 * N, "%f nodes", l.across[0].n);
	cr_assert_eq(l.bodies.n, N);
	assert_little("pages of bodies", &l.bodies);
	if (alone)
		assert_little("ours among cover", &l.ours);
	assert_little("nodes across the file", &l.across[0]);
	assert_little("nodes within a page", &l.within[0]);
	if (l.across[1].n > 100) {
		assert_little("left-over nodes across", &l.across[1]);
		assert_little("left-over nodes within", &l.within[1]);
	}
	assert_no_other_places(&p, 3 * N);
	pages_wipe(&p);
	free(file);
}

/* Any of the parcels' or digests' bytes; samples of 8, at any offset. */
#define SAMPLES	5u
static const size_t sample_at[SAMPLES - 1] = {
	0, 5000, 32767, PARCEL_BYTES - 8
};

static int
compare_u64(const void *x, const void *y)
{
	uint64_t a, b;

	memcpy(&a, x, sizeof(a));
	memcpy(&b, y, sizeof(b));
	return a < b ? -1 : a > b;
}

static void
assert_nothing_clear(const unsigned char *file, size_t n)
{
	static uint64_t sample[N * SAMPLES];
	static unsigned char maybe[1 << 21];
	uint64_t v;
	size_t i, k, hits = 0;

	for (i = 0; i < N; i++) {
		help_parcel(parcel, digests[i], (uint32_t)i);
		memcpy(&sample[i * SAMPLES], digests[i], 8);
		for (k = 1; k < SAMPLES; k++)
			memcpy(&sample[i * SAMPLES + k],
			    parcel + sample_at[k - 1], 8);
	}
	memset(maybe, 0, sizeof(maybe));
	for (i = 0; i < N * SAMPLES; i++)
		maybe[(sample[i] & 0xffffff) >> 3] |=
		    (unsigned char)(1 << (sample[i] & 7));
	qsort(sample, N * SAMPLES, sizeof(sample[0]), compare_u64);
	for (i = 0; i + 8 <= n; i++) {
		memcpy(&v, file + i, 8);
		if ((maybe[(v & 0xffffff) >> 3] >> (v & 7) & 1) != 0 &&
		    bsearch(&v, sample, N * SAMPLES, sizeof(v),
		    compare_u64) != NULL)
			hits++;
	}
	cr_assert_eq(hits, 0, "%zu pieces stand in clear", hits);
}

/* Whatever was written there, heads too, is as even as chance. */
static void
assert_noise(const unsigned char *file, size_t n)
{
	static const unsigned char zeros[PAGES_BYTES];
	double count[256] = { 0 }, total = 0, chi = 0;
	size_t i, k, pages = 0;

	for (i = 0; i + PAGES_BYTES <= n; i += PAGES_BYTES) {
		if (memcmp(file + i, zeros, PAGES_BYTES) == 0)
			continue;	/* never used */
		pages++;
		for (k = 0; k < PAGES_BYTES; k++)
			count[file[i + k]]++;
		total += PAGES_BYTES;
	}
	cr_assert_geq(pages, 16 * (size_t)N);
	for (i = 0; i < 256; i++)
		chi += (count[i] - total / 256) * (count[i] - total / 256) /
		    (total / 256);
	printf("pending/: chi-square %.0f for 255 degrees of freedom\n", chi);
	cr_assert_lt(chi, 255 + 8 * 22.6);
}

static void
assert_overwritten(int fd)
{
	unsigned char b[PENDING_HEAD_BYTES + 1];
	size_t i;

	cr_assert_eq(pread(fd, b, sizeof(b), 0), PENDING_HEAD_BYTES);
	for (i = 0; i < PENDING_HEAD_BYTES; i++)
		cr_assert_eq(b[i], 0, "the key is overwritten");
	cr_assert_eq(close(fd), 0);
}

static void
assert_noise_alone(int fd)
{
	unsigned char *file;
	struct stat st;
	size_t n;

	cr_assert_eq(fstat(fd, &st), 0);
	n = (size_t)st.st_size;
	file = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
	cr_assert_neq(file, MAP_FAILED);
	assert_nothing_clear(file, n);
	assert_noise(file, n);
	cr_assert_eq(munmap(file, n), 0);
	cr_assert_eq(close(fd), 0);
}

Test(order, of_2000_parcels_no_file_tells_the_order, .timeout = 300)
{
	struct epochs e;
	int data, secret;

	help_enter();
	help_key(&key);
	make_digests();
	start(&e, NOW);
	fill(&e, 0, N);
	/* The file system forgets a name, not what stood there. */
	data = open("pending/1000010/parcels", O_RDONLY | O_CLOEXEC);
	secret = open("pending/1000010/key", O_RDONLY | O_CLOEXEC);
	cr_assert(data != -1 && secret != -1);
	close_epoch(&e, CLOSE);
	cr_assert_eq(access("pending/1000010", F_OK), -1);
	epochs_stop(&e);
	assert_no_order("drop/data.mdb", true);
	assert_overwritten(secret);
	assert_noise_alone(data);

	/* The next close moves nodes about and leaves old pages behind. */
	start(&e, CLOSE + 1);
	fill(&e, N, MORE);
	close_epoch(&e, CLOSE + 10);
	epochs_stop(&e);
	assert_no_order("drop/data.mdb", false);
}

/* --- the meter itself ---------------------------------------------------------- */

/* The same digests the way a store would take them that does not care. */
Test(order, a_careless_store_is_seen_through, .timeout = 120)
{
	unsigned char index[8];
	unsigned char *file;
	struct pages p;
	struct look l;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_val k, v;
	size_t n;
	uint32_t i;

	help_enter();
	make_digests();
	cr_assert_eq(mkdir("careless", 0700), 0);
	cr_assert_eq(mdb_env_create(&env), 0);
	cr_assert_eq(mdb_env_set_mapsize(env, 64u << 20), 0);
	cr_assert_eq(mdb_env_open(env, "careless", MDB_NOSYNC, 0600), 0);
	for (i = 0; i < N; i++) {
		cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
		cr_assert_eq(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
		k.mv_size = HASH_BYTES;
		k.mv_data = digests[i];
		v.mv_size = i % 4 == 0 ? 8192 : sizeof(index);
		v.mv_data = i % 4 == 0 ? parcel : index;
		cr_assert_eq(mdb_put(txn, dbi, &k, &v, 0), 0);
		cr_assert_eq(mdb_txn_commit(txn), 0);
	}
	mdb_env_close(env);
	file = help_slurp("careless/data.mdb", &n);
	pages_open(&p, file, n);
	look_at(&l, &p);
	cr_assert_eq(l.across[0].n, N);
	cr_assert_gt(correlation(&l.bodies), 0.99);
	/* Nodes are laid from a page's end downwards. */
	cr_assert_lt(correlation(&l.within[0]), -0.3, "%f",
	    correlation(&l.within[0]));
	cr_assert_gt(l.across[1].n, 100, "left-over nodes are seen");
	pages_wipe(&p);
	free(file);
}
