/* SPDX-License-Identifier: ISC */
/*
 * store_help.c - a data directory of its own for each test of the store.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "server/datadir.h"
#include "tests/unit/store_help.h"
#include "tests/unit/tmpdir.h"

/* see store_help.h */
void
help_enter(void)
{
	cr_assert_eq(secret_init(), 0);
	cr_assert_eq(chdir(tmpdir_new()), 0);
	cr_assert_eq(atexit(tmpdir_remove), 0);
	cr_assert_eq(datadir_create("data", HELP_ORIGIN), 0);
	cr_assert_eq(chdir("data"), 0);
}

/* see store_help.h */
void
help_key(struct logkey *k)
{
	cr_assert_eq(logkey_load(k, AT_FDCWD), 0);
}

/* see store_help.h */
struct clock_now
help_now(uint64_t now)
{
	struct clock_now n = { .real = now, .boot = now - 1000 };

	return n;
}

/* see store_help.h */
int
help_guard(void)
{
	static int fd = -1;

	if (fd != -1)
		close(fd);
	fd = open("../data.guard", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_neq(fd, -1);
	return fd;
}

/* see store_help.h */
void
help_epochs(struct epochs *e, const struct logkey *k, uint64_t now)
{
	memset(e, 0, sizeof(*e));
	e->conf.seconds = 10;
	e->conf.batch = 4;
	e->conf.parcels = 64;
	e->conf.drop_bytes = 256u << 20;
	e->conf.work_bits = 2;
	e->key = k;
	e->guard.dir = help_guard();
	cr_assert_eq(epochs_start(e, help_now(now)), 0);
}

/* see store_help.h */
void
help_parcel(unsigned char out[static PARCEL_BYTES],
    unsigned char digest[static HASH_BYTES], uint32_t number)
{
	unsigned char seed[randombytes_SEEDBYTES] = { 0 };

	memcpy(seed, &number, sizeof(number));
	randombytes_buf_deterministic(out, PARCEL_BYTES, seed);
	sha256(digest, out, PARCEL_BYTES);
}

/* see store_help.h */
void
help_fill(struct epochs *e, uint32_t number, uint32_t n)
{
	static unsigned char parcel[PARCEL_BYTES];
	unsigned char digest[HASH_BYTES];

	for (; n > 0; n--, number++) {
		help_parcel(parcel, digest, number);
		cr_assert_eq(pending_begin(e->open), 0);
		cr_assert_eq(pending_put(e->open, parcel, digest), 0);
		cr_assert_eq(pending_commit(e->open), 0);
	}
}

/* see store_help.h */
size_t
help_next_body(const unsigned char *file, size_t n, size_t at)
{
	uint16_t flags;
	uint32_t pages;

	/* Page number 8, unused 2, flags 2, pages of the run 4. */
	for (; at + 16 * 4096 <= n; at += 4096) {
		memcpy(&flags, file + at + 10, sizeof(flags));
		memcpy(&pages, file + at + 12, sizeof(pages));
		if (flags == 4 && pages == 16)
			return at;
	}
	return n;
}

/* see store_help.h */
unsigned char *
help_slurp(const char *path, size_t *n)
{
	struct stat st;
	unsigned char *b;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_neq(fd, -1);
	cr_assert_eq(fstat(fd, &st), 0);
	*n = (size_t)st.st_size;
	b = malloc(*n);
	cr_assert_not_null(b);
	cr_assert_eq(read(fd, b, *n), (ssize_t)*n);
	close(fd);
	return b;
}
