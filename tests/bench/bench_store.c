/* SPDX-License-Identifier: ISC */
/*
 * bench_store.c - parcels a second that the store commits, without fronts,
 * beside what the disk takes in a file that was written before.
 *
 * usage: bench_store FOLDER [ROUNDS]
 *
 * Three ways, one after the other in each round, 64 parcels a commit; the
 * medians and their ratios are printed:
 *   disk     pwrite and fdatasync, nothing else
 *   pending  encrypted into LMDB and committed
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
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
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

static double
once(size_t way, uint32_t round)
{
	double begun = now(), paused = 0, t;
	uint32_t i;

	for (i = 0; i < BATCHES; i++) {
		t = now();
		renew();
		paused += now() - t;
		ways[way].batch(round * BATCHES + i);
	}
	return BATCH * BATCHES / (now() - begun - paused);
}

static int
compare(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
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
	double (*rate)[WAYS], column[64], median[WAYS];
	size_t i;

	if (argc < 2 || rounds == 0 || rounds > 64) {
		fputs("usage: bench_store FOLDER [ROUNDS]\n", stderr);
		return 64;
	}
	set_up(argv[1], rounds);
	if ((rate = calloc(rounds, sizeof(*rate))) == NULL)
		fail("memory");
	for (r = 0; r < rounds; r++)
		for (i = 0; i < WAYS; i++)
			rate[r][i] = once(i, r);
	for (i = 0; i < WAYS; i++) {
		for (r = 0; r < rounds; r++)
			column[r] = rate[r][i];
		qsort(column, rounds, sizeof(column[0]), compare);
		median[i] = column[rounds / 2];
		printf("%-8s %8.0f parcels/s   %.2f of disk\n", ways[i].name,
		    median[i], median[i] / median[0]);
	}
	free(rate);
	free(parcels);
	pending_close(p);
	logkey_wipe(&key);
	return 0;
}
