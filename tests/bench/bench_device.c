/* SPDX-License-Identifier: ISC */
/*
 * bench_device.c - bytes that the disk is made to write for each byte of
 * parcel that is committed.
 *
 * usage: bench_device FOLDER BATCH [COMMITS [ROUNDS]]
 *
 * Prints one JSON object: "ratio", a number for each round, from the block
 * device's own counter (/sys/dev/block/M:N/stat), which counts what others
 * write, too: the least of the rounds is the nearest.  Where the folder lies
 * on no block device the object holds "why".
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/secret.h"
#include "server/datadir.h"
#include "server/pending.h"

#define SECTOR	512

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(71);
}

/* Sectors written so far; false: nobody counts them. */
static bool
written(const char *stat_path, uint64_t *sectors)
{
	unsigned long long v[7];
	FILE *f = fopen(stat_path, "re");
	bool ok;

	if (f == NULL)
		return false;
	ok = fscanf(f, "%llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1],
	    &v[2], &v[3], &v[4], &v[5], &v[6]) == 7;
	(void)fclose(f);
	*sectors = v[6];
	return ok;
}

static struct pending *
make_pending(uint32_t parcels)
{
	struct prepare *x;
	struct pending *p;
	bool done = false;

	need(datadir_create("data", "bench.example/log") == 0 &&
	    chdir("data") == 0 && prepare_new(&x, parcels, 1) == 0, "data");
	while (!done)
		need(prepare_step(x, &done) == 0, "prepare");
	need(pending_create(&p, x, 1000000) == 0, "pending");
	return p;
}

static void
commit(struct pending *p, unsigned char *parcel, uint32_t batch)
{
	unsigned char digest[HASH_BYTES];
	uint32_t i;

	need(pending_begin(p) == 0, "begin");
	for (i = 0; i < batch; i++) {
		randombytes_buf(digest, sizeof(digest));
		need(pending_put(p, parcel, digest) == 0, "put");
	}
	need(pending_commit(p) == 0, "commit");
}

int
main(int argc, char **argv)
{
	uint32_t batch = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;
	uint32_t commits = argc > 3 ? (uint32_t)atoi(argv[3]) : 32;
	uint32_t rounds = argc > 4 ? (uint32_t)atoi(argv[4]) : 5, r, i;
	static unsigned char parcel[PARCEL_BYTES];
	struct pending *p;
	char path[64];
	uint64_t before, after;
	struct stat st;

	if (batch == 0 || batch > 4096 || commits == 0 || commits > 4096 ||
	    rounds == 0 || rounds > 64 || secret_init() == ERR_ORDER)
		return 64;
	need(chdir(argv[1]) == 0 && stat(".", &st) == 0, argv[1]);
	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/stat",
	    major(st.st_dev), minor(st.st_dev));
	if (!written(path, &before)) {
		puts("{\"why\":\"the folder is on no block device\"}");
		return 0;
	}
	need(parcel_cover(parcel) == 0, "cover");
	p = make_pending(2 * batch * commits * rounds);
	sync();
	printf("{\"batch\":%u,\"ratio\":[", batch);
	for (r = 0; r < rounds; r++) {
		need(written(path, &before), path);
		for (i = 0; i < commits; i++)
			commit(p, parcel, batch);
		need(written(path, &after), path);
		printf("%s%.4f", r == 0 ? "" : ",", (double)(after - before) *
		    SECTOR / ((double)batch * commits * PARCEL_BYTES));
	}
	puts("]}");
	pending_close(p);
	return 0;
}
