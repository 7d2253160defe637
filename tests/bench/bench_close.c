/* SPDX-License-Identifier: ISC */
/*
 * bench_close.c - the close of an epoch with many pending parcels, and how
 * many entries a second are sequenced in it.
 *
 * usage: bench_close FOLDER [PARCELS [ROUNDS]]
 *
 * In each round so many parcels (10,000) are put into an epoch, whose close
 * is then done step by step, as the store does it: cover is sealed, bodies
 * are moved into drop/, one transaction takes all entries, tiles and the
 * signed checkpoint, what is on disk is read back, the guard moves on, the
 * epoch's file is destroyed.  Medians: the whole close; the step that
 * sequences alone.  The log grows from round to round.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "server/datadir.h"
#include "server/epoch.h"
#include "server/logkey.h"

#define PARCELS		10000u
#define PARCELS_MAX	60000u
#define ROUNDS		3u
#define ROUNDS_MAX	16u
#define EPOCH_SECS	3600u
#define COMMIT		64u

static struct epochs e;
static struct logkey key;
static struct clock_now at = { .real = 1000000, .boot = 1000 };

static void
need(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "bench_close: %s: %s\n", what, err_str(r));
	exit(EXIT_FAILURE);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
enter(const char *folder, uint32_t parcels)
{
	need(secret_init(), "secrets");
	need(chdir(folder) == 0 ? 0 : ERR_IO, folder);
	need(datadir_create("data", "drop.example/log1"), "data");
	need(chdir("data") == 0 ? 0 : ERR_IO, "data");
	need(logkey_load(&key, AT_FDCWD), "log key");
	e.conf.seconds = EPOCH_SECS;
	e.conf.batch = 16;
	e.conf.parcels = parcels + 256;
	e.conf.drop_bytes = UINT64_C(16) << 30;
	e.conf.work_bits = 8;
	e.key = &key;
	e.guard.dir = open("../data.guard", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	need(epochs_start(&e, at), "epochs");
}

static void
fill(uint32_t n)
{
	static unsigned char parcel[PARCEL_BYTES];
	static uint64_t number;
	unsigned char digest[HASH_BYTES];
	uint32_t i;

	for (i = 0; i < n; i++, number++) {
		memcpy(parcel, &number, sizeof(number));
		sha256(digest, parcel, sizeof(parcel));
		if (i % COMMIT == 0)
			need(pending_begin(e.open), "pending");
		need(pending_put(e.open, parcel, digest), "pending");
		if (i % COMMIT == COMMIT - 1 || i == n - 1)
			need(pending_commit(e.open), "pending");
	}
	while (!e.next_done)
		need(epochs_prepare(&e), "the next epoch's file");
}

/* All of it; *sequence: the step that signs. */
static double
close_epoch(double *sequence)
{
	double began, step;
	enum epoch_step which;

	at.real += EPOCH_SECS;
	at.boot += EPOCH_SECS;
	*sequence = 0;
	began = now();
	need(epochs_rotate(&e, at), "rotate");
	while (epochs_busy(&e)) {
		which = e.step;
		step = now();
		need(epochs_step(&e), "close");
		if (which == STEP_APPEND)
			*sequence += now() - step;
	}
	return now() - began;
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

static unsigned long
argument(int argc, char **argv, int i, unsigned long most,
    unsigned long otherwise)
{
	unsigned long n = argc > i ? strtoul(argv[i], NULL, 10) : otherwise;

	if (n >= 1 && n <= most)
		return n;
	fprintf(stderr, "usage: bench_close FOLDER [PARCELS [ROUNDS]]\n");
	exit(64);
}

int
main(int argc, char **argv)
{
	double whole[ROUNDS_MAX], sequence[ROUNDS_MAX], w, s;
	unsigned long n = argument(argc, argv, 2, PARCELS_MAX, PARCELS);
	unsigned long rounds = argument(argc, argv, 3, ROUNDS_MAX, ROUNDS);
	uint64_t before;
	size_t i;

	if (argc < 2)
		(void)argument(0, NULL, 0, 0, 0);
	enter(argv[1], (uint32_t)n);
	before = drop_size(e.drop);
	for (i = 0; i < rounds; i++) {
		fill((uint32_t)n);
		whole[i] = close_epoch(&sequence[i]);
	}
	w = median(whole, rounds);
	s = median(sequence, rounds);
	n = (unsigned long)((drop_size(e.drop) - before) / rounds);
	printf("close of %lu entries, medians of %lu rounds\n"
	    "whole     %.3f s  %.0f entries/s\n"
	    "sequence  %.3f s  %.0f entries/s\n", n, rounds, w,
	    (double)n / w, s, (double)n / s);
	epochs_stop(&e);
	return 0;
}
