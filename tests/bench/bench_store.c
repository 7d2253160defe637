/* SPDX-License-Identifier: ISC */
/*
 * bench_store.c - parcels a second that the store commits, without fronts,
 * beside what the disk takes in a file that was written before.
 *
 * usage: bench_store FOLDER [ROUNDS]
 *
 * Three ways, one after the other in each round, 64 parcels a commit; the
 * medians, their ratios and the processor time of a parcel are printed:
 *   disk     pwrite and fdatasync, nothing else
 *   pending  encrypted into the epoch's file and committed
 *   store    checked, hashed, encrypted, committed, receipts signed
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/receipt.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "server/datadir.h"
#include "server/logkey.h"
#include "server/pending.h"

#define BATCH	64u
#define BATCHES	8u			/* a round */
#define ROUNDS	7u
#define ROUNDS_MAX	64u
#define BYTES	65536u			/* a parcel's pages */

static unsigned char (*parcels)[PARCEL_BYTES];
static struct logkey key;
static struct pending *p;
static int raw;
static uint32_t taken;

static void
fail(const char *what)
{
	fprintf(stderr, "bench_store: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Parcels that differ from all before, in a place that no check minds. */
static void
renew(void)
{
	size_t i;

	for (i = 0; i < BATCH; i++)
		memcpy(parcels[i] + PARCEL_BYTES - 64, &taken, sizeof(taken));
	taken++;
}

static void
disk_batch(uint32_t n)
{
	size_t i;

	for (i = 0; i < BATCH; i++)
		if (pwrite(raw, parcels[i], PARCEL_BYTES, (off_t)
		    ((n * BATCH + i) * (size_t)BYTES)) != PARCEL_BYTES)
			fail("pwrite");
	if (fdatasync(raw) == -1)
		fail("fdatasync");
}

static void
pending_batch(uint32_t n)
{
	unsigned char digest[HASH_BYTES];
	size_t i;

	(void)n;
	if (pending_begin(p) != 0)
		fail("begin");
	for (i = 0; i < BATCH; i++) {
		randombytes_buf(digest, sizeof(digest));
		if (pending_put(p, parcels[i], digest) != 0)
			fail("put");
	}
	if (pending_commit(p) != 0)
		fail("commit");
}

static void
store_batch(uint32_t n)
{
	static unsigned char body[PARCEL_BYTES], digest[BATCH][HASH_BYTES];
	unsigned char buf[RECEIPT_MAX_BYTES];
	struct receipt rc = { .close = pending_head(p)->close };
	struct wr w;
	size_t i;

	(void)n;
	if (pending_begin(p) != 0)
		fail("begin");
	for (i = 0; i < BATCH; i++) {
		memcpy(body, parcels[i], PARCEL_BYTES);
		if (parcel_check(rd_from(body, PARCEL_BYTES)) != 0)
			fail("check");
		sha256(digest[i], body, PARCEL_BYTES);
		if (pending_put(p, body, digest[i]) != 0)
			fail("put");
	}
	if (pending_commit(p) != 0)
		fail("commit");
	for (i = 0; i < BATCH; i++) {
		w = wr_from(buf, sizeof(buf));
		memcpy(rc.digest, digest[i], HASH_BYTES);
		if (receipt_sign(&w, &rc, &key.vk, key.sk) != 0)
			fail("sign");
	}
}

static const struct {
	const char *name;
	void (*batch)(uint32_t n);
} ways[] = {
	{ "disk", disk_batch }, { "pending", pending_batch },
	{ "store", store_batch }
};
#define WAYS	(sizeof(ways) / sizeof(ways[0]))

/* What a parcel took, in seconds. */
struct cost {
	double wall, cpu;
};

static struct cost
once(size_t way, uint32_t round)
{
	struct cost c = { 0, 0 };
	double wall, cpu;
	uint32_t i;

	for (i = 0; i < BATCHES; i++) {
		renew();
		wall = now(CLOCK_MONOTONIC);
		cpu = now(CLOCK_PROCESS_CPUTIME_ID);
		ways[way].batch(round * BATCHES + i);
		c.wall += (now(CLOCK_MONOTONIC) - wall) / (BATCH * BATCHES);
		c.cpu += (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) /
		    (BATCH * BATCHES);
	}
	return c;
}

static int
compare(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

/* Each member by itself. */
static struct cost
median(const struct cost *c, size_t n)
{
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
	size_t i;

	for (i = 0; i < n; i++) {
		wall[i] = c[i].wall;
		cpu[i] = c[i].cpu;
	}
	qsort(wall, n, sizeof(wall[0]), compare);
	qsort(cpu, n, sizeof(cpu[0]), compare);
	return (struct cost){ wall[n / 2], cpu[n / 2] };
}

static void
set_up(const char *folder, uint32_t rounds)
{
	uint32_t n = rounds * BATCHES * BATCH, i;
	struct prepare *x;
	bool done = false;

	if (secret_init() != 0 || chdir(folder) == -1 ||
	    datadir_create("bench-data", "bench/log") != 0 ||
	    chdir("bench-data") == -1 || logkey_load(&key, AT_FDCWD) != 0 ||
	    prepare_new(&x, 2 * n, 1) != 0)
		fail(folder);
	while (!done)
		if (prepare_step(x, &done) != 0)
			fail("prepare");
	if (pending_create(&p, x, 1000000) != 0)
		fail("pending");
	if ((parcels = malloc(BATCH * sizeof(*parcels))) == NULL ||
	    (raw = open("raw", O_RDWR | O_CREAT | O_EXCL, 0600)) == -1)
		fail("raw");
	for (i = 0; i < BATCH; i++)
		if (parcel_cover(parcels[i]) != 0)
			fail("cover");
	for (i = 0; i < rounds * BATCHES; i++)
		disk_batch(i);
}

int
main(int argc, char **argv)
{
	uint32_t rounds = argc > 2 ? (uint32_t)atoi(argv[2]) : ROUNDS, r;
	static struct cost cost[WAYS][ROUNDS_MAX];
	struct cost m, disk = { 0, 0 };
	size_t i;

	if (argc < 2 || rounds == 0 || rounds > ROUNDS_MAX) {
		fputs("usage: bench_store FOLDER [ROUNDS]\n", stderr);
		return 64;
	}
	set_up(argv[1], rounds);
	for (r = 0; r < rounds; r++)
		for (i = 0; i < WAYS; i++)
			cost[i][r] = once(i, r);
	for (i = 0; i < WAYS; i++) {
		m = median(cost[i], rounds);
		if (i == 0)
			disk = m;
		printf("%-8s %8.0f parcels/s   %.2f of disk   "
		    "%6.1f us of CPU a parcel\n", ways[i].name, 1 / m.wall,
		    disk.wall / m.wall, m.cpu * 1e6);
	}
	free(parcels);
	pending_close(p);
	logkey_wipe(&key);
	return 0;
}
