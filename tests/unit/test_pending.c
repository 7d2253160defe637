/* SPDX-License-Identifier: ISC */
/*
 * test_pending.c - one epoch's file: taking in, finding again, ending.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/pending.h"
#include "tests/unit/store_help.h"

#define CLOSE	1000000u

static unsigned char parcel[PARCEL_BYTES], digest[HASH_BYTES];

static struct pending *
make(uint32_t parcels)
{
	struct prepare *x;
	struct pending *p;
	bool done = false;

	cr_assert_eq(prepare_new(&x, parcels, 4), 0);
	while (!done)
		cr_assert_eq(prepare_step(x, &done), 0);
	cr_assert_eq(pending_create(&p, x, CLOSE), 0);
	return p;
}

static void
put(struct pending *p, uint32_t number)
{
	help_parcel(parcel, digest, number);
	cr_assert_eq(pending_put(p, parcel, digest), 0);
}

static void
put_alone(struct pending *p, uint32_t number)
{
	cr_assert_eq(pending_begin(p), 0);
	put(p, number);
	cr_assert_eq(pending_commit(p), 0);
}

Test(pending, an_unfinished_file_opens_no_epoch, .init = help_enter)
{
	struct prepare *x;
	struct pending *p;
	bool done;

	cr_assert_eq(prepare_new(&x, 64, 4), 0);
	cr_assert_eq(prepare_step(x, &done), 0);
	cr_assert_not(done, "more than one slice");
	cr_assert_eq(pending_create(&p, x, CLOSE), ERR_ORDER);
}

Test(pending, its_file_has_one_size_from_beginning_to_end, .init = help_enter)
{
	struct pending *p = make(64);
	struct stat before, after;
	uint32_t i;

	cr_assert_eq(stat("pending/1000000/data.mdb", &before), 0);
	cr_assert_eq(before.st_mode & 0777, 0600);
	cr_assert_geq(before.st_blocks * 512, before.st_size, "no holes");
	for (i = 0; i < 84; i++)	/* 64, and the most cover */
		put_alone(p, i);
	cr_assert_eq(stat("pending/1000000/data.mdb", &after), 0);
	cr_assert_eq(before.st_size, after.st_size);
	help_parcel(parcel, digest, 84);
	cr_assert_eq(pending_begin(p), 0);
	cr_assert_eq(pending_put(p, parcel, digest), ERR_FULL);
	pending_close(p);
}

Test(pending, what_was_committed_is_found_after_opening_again,
    .init = help_enter)
{
	static unsigned char back[PARCEL_BYTES];
	const struct digest_item *item;
	struct pending *p = make(64);
	uint32_t i, noise = pending_head(p)->noise;

	put_alone(p, 1);
	cr_assert_eq(pending_begin(p), 0);
	put(p, 2);
	put(p, 3);
	cr_assert_eq(pending_commit(p), 0);
	pending_close(p);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 3);
	cr_assert_eq(pending_head(p)->noise, noise);
	for (i = 1; i <= 3; i++) {
		help_parcel(parcel, digest, i);
		item = digests_find(pending_digests(p), digest);
		cr_assert_not_null(item);
		cr_assert_eq(pending_read(p, item, back), 0);
		cr_assert_arr_eq(back, parcel, PARCEL_BYTES);
	}
	put_alone(p, 4);
	pending_close(p);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 4);
	pending_close(p);
}

Test(pending, a_repeat_is_told_and_leaves_the_transaction_usable,
    .init = help_enter)
{
	struct pending *p = make(64);

	cr_assert_eq(pending_begin(p), 0);
	put(p, 1);
	cr_assert_eq(pending_put(p, parcel, digest), ERR_EXISTS);
	put(p, 2);
	cr_assert_eq(pending_commit(p), 0);
	cr_assert_eq(pending_count(p), 2);
	pending_close(p);
}

Test(pending, an_abort_forgets_what_was_put, .init = help_enter)
{
	struct pending *p = make(64);

	put_alone(p, 1);
	cr_assert_eq(pending_begin(p), 0);
	put(p, 2);
	pending_abort(p);
	cr_assert_eq(pending_count(p), 1);
	cr_assert_null(digests_find(pending_digests(p), digest));
	put_alone(p, 2);
	pending_close(p);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 2);
	pending_close(p);
}

Test(pending, no_number_serves_twice, .init = help_enter)
{
	const struct digest_item *item;
	struct pending *p = make(64);
	uint64_t aborted, after, again;

	cr_assert_eq(pending_begin(p), 0);
	put(p, 1);
	aborted = digests_find(pending_digests(p), digest)->sequence;
	pending_abort(p);
	put_alone(p, 2);
	after = digests_find(pending_digests(p), digest)->sequence;
	cr_assert_gt(after, aborted);
	pending_close(p);
	/* As if killed before anything came: the range is new all the same. */
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	pending_close(p);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	put_alone(p, 3);
	item = digests_find(pending_digests(p), digest);
	again = item->sequence;
	cr_assert_geq(again >> 32, (after >> 32) + 2);
	pending_close(p);
}

Test(pending, neither_body_nor_digest_stands_in_the_file, .init = help_enter)
{
	struct pending *p = make(64);
	unsigned char *file;
	uint32_t i;
	size_t n, at;

	for (i = 0; i < 8; i++)
		put_alone(p, i);
	file = help_slurp("pending/1000000/data.mdb", &n);
	for (i = 0; i < 8; i++) {
		help_parcel(parcel, digest, i);
		cr_assert_null(memmem(file, n, digest, 16));
		for (at = 0; at + 16 <= PARCEL_BYTES; at += 4096)
			cr_assert_null(memmem(file, n, parcel + at, 16));
	}
	free(file);
	pending_close(p);
}

Test(pending, a_damaged_body_is_noticed, .init = help_enter)
{
	struct pending *p = make(64);
	const struct digest_item *item;
	unsigned char *file;
	size_t n, at;
	int fd;

	put_alone(p, 1);
	pending_close(p);
	file = help_slurp("pending/1000000/data.mdb", &n);
	at = help_next_body(file, n, 0) + 30000;
	fd = open("pending/1000000/data.mdb", O_WRONLY | O_CLOEXEC);
	file[at] ^= 1;
	cr_assert_eq(pwrite(fd, file + at, 1, (off_t)at), 1);
	close(fd);
	free(file);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	item = digests_at(pending_digests(p), 0);
	cr_assert_eq(pending_read(p, item, parcel), ERR_CHANGED);
	pending_close(p);
}

Test(pending, size_is_fixed_once, .init = help_enter)
{
	struct pending *p = make(64);
	uint32_t size, i;

	for (i = 0; i < 5; i++)
		put_alone(p, i);
	cr_assert_eq(pending_size(p), 0);
	cr_assert_eq(pending_fix_size(p), 0);
	size = pending_size(p);
	cr_assert_eq(size, pending_cover_target(5, pending_head(p)->noise, 4));
	put_alone(p, 5);
	cr_assert_eq(pending_fix_size(p), 0);
	cr_assert_eq(pending_size(p), size);
	pending_close(p);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_size(p), size, "kept on disk");
	pending_close(p);
}

Test(pending, a_size_that_got_its_name_before_an_error_is_taken_up,
    .init = help_enter)
{
	struct pending *p = make(64);
	int fd = open("pending/1000000/size", O_WRONLY | O_CREAT, 0600);

	cr_assert_eq(write(fd, "20\n", 3), 3);
	close(fd);
	cr_assert_eq(pending_fix_size(p), 0);
	cr_assert_eq(pending_size(p), 20);
	pending_close(p);
}

Test(pending, the_end_leaves_nothing, .init = help_enter)
{
	struct pending *p = make(64);
	uint64_t closes[PENDING_LIST_MAX];
	size_t n;

	put_alone(p, 1);
	cr_assert_eq(pending_fix_size(p), 0);
	pending_close(p);
	cr_assert_eq(pending_list(closes, &n), 0);
	cr_assert_eq(n, 1);
	cr_assert_eq(closes[0], CLOSE);
	cr_assert_eq(pending_destroy(CLOSE), 0);
	cr_assert_eq(pending_list(closes, &n), 0);
	cr_assert_eq(n, 0);
	cr_assert_eq(access("pending/1000000", F_OK), -1);
	cr_assert_eq(pending_destroy(CLOSE), 0, "again does no harm");
}

Test(pending, an_overwritten_key_opens_nothing, .init = help_enter)
{
	static const unsigned char zeros[PENDING_HEAD_BYTES];
	struct pending *p = make(64);
	int fd;

	pending_close(p);
	fd = open("pending/1000000/key", O_WRONLY | O_CLOEXEC);
	cr_assert_eq(write(fd, zeros, sizeof(zeros)), (ssize_t)sizeof(zeros));
	close(fd);
	cr_assert_eq(pending_open(&p, CLOSE), ERR_FORMAT);
	cr_assert_eq(unlink("pending/1000000/key"), 0);
	cr_assert_eq(pending_open(&p, CLOSE), ERR_NOTFOUND);
}

Test(pending, touching_makes_all_times_now, .init = help_enter)
{
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct pending *p = make(64);
	struct stat st;

	cr_assert_eq(utimensat(AT_FDCWD, "pending/1000000/key", old, 0), 0);
	cr_assert_eq(utimensat(AT_FDCWD, "pending/1000000/data.mdb", old, 0),
	    0);
	cr_assert_eq(pending_touch(p), 0);
	cr_assert_eq(stat("pending/1000000/key", &st), 0);
	cr_assert_gt(st.st_mtim.tv_sec, 1000);
	cr_assert_eq(stat("pending/1000000/data.mdb", &st), 0);
	cr_assert_gt(st.st_mtim.tv_sec, 1000);
	pending_close(p);
}

/* --- the small files, as bytes ------------------------------------------- */

static size_t
head_bytes(unsigned char out[static PENDING_HEAD_BYTES])
{
	struct pending_head h = { .close = CLOSE, .parcels = 64, .batch = 4,
	    .noise = 15 };
	struct wr w = wr_from(out, PENDING_HEAD_BYTES);

	memset(h.key, 7, sizeof(h.key));
	pending_head_write(&w, &h);
	cr_assert(wr_ok(&w));
	return w.n;
}

Test(pending, the_key_file_goes_there_and_back)
{
	unsigned char b[PENDING_HEAD_BYTES];
	struct pending_head h;
	size_t n = head_bytes(b), i;

	cr_assert_eq(n, sizeof(b));
	cr_assert_eq(pending_head_parse(&h, rd_from(b, n)), 0);
	cr_assert_eq(h.close, CLOSE);
	cr_assert_eq(h.noise, 15);
	for (i = 0; i < n; i++)
		cr_assert_eq(pending_head_parse(&h, rd_from(b, i)),
		    ERR_FORMAT);
}

Test(pending, values_out_of_range_are_refused_in_the_key_file)
{
	static const struct {
		size_t at;
		unsigned char v;
	} bad[] = {
		{ 0, 'E' }, { 19, 0x80 }, { 27, 1 }, { 31, 1 }, { 38, 16 },
	};
	unsigned char b[PENDING_HEAD_BYTES];
	struct pending_head h;
	size_t i, n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = head_bytes(b);
		b[bad[i].at] = bad[i].v;
		cr_assert_eq(pending_head_parse(&h, rd_from(b, n)),
		    ERR_FORMAT, "case %zu", i);
	}
}

Test(pending, the_size_file_is_one_number)
{
	uint32_t v;

	cr_assert_eq(pending_size_parse(&v, rd_str("16\n")), 0);
	cr_assert_eq(v, 16);
	cr_assert_eq(pending_size_parse(&v, rd_str("16")), ERR_FORMAT);
	cr_assert_eq(pending_size_parse(&v, rd_str("0\n")), ERR_FORMAT);
	cr_assert_eq(pending_size_parse(&v, rd_str("016\n")), ERR_FORMAT);
	cr_assert_eq(pending_size_parse(&v, rd_str("16\n\n")), ERR_FORMAT);
	cr_assert_eq(pending_size_parse(&v, rd_str("")), ERR_FORMAT);
}

Test(pending, cover_fills_up_to_whole_batches)
{
	cr_assert_eq(pending_cover_target(0, 0, 16), 16);
	cr_assert_eq(pending_cover_target(0, 63, 16), 64);
	cr_assert_eq(pending_cover_target(1, 0, 16), 16);
	cr_assert_eq(pending_cover_target(16, 0, 16), 16);
	cr_assert_eq(pending_cover_target(16, 1, 16), 32);
	cr_assert_eq(pending_cover_target(7, 0, 1), 7);
}
