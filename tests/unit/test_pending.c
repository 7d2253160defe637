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

	cr_assert_eq(stat("pending/1000000/parcels", &before), 0);
	cr_assert_eq(before.st_mode & 0777, 0600);
	cr_assert_geq(before.st_blocks * 512, before.st_size, "no holes");
	for (i = 0; i < 84; i++)	/* 64, and the most cover */
		put_alone(p, i);
	cr_assert_eq(stat("pending/1000000/parcels", &after), 0);
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

/* What stands at this place of the file now. */
static unsigned char *
slot_at(size_t at)
{
	static unsigned char slot[PARCEL_BYTES];
	int fd = open("pending/1000000/parcels", O_RDONLY | O_CLOEXEC);

	cr_assert_eq(pread(fd, slot, sizeof(slot), (off_t)at),
	    (ssize_t)sizeof(slot));
	close(fd);
	return slot;
}

static void
write_at(size_t at, const void *bytes, size_t n)
{
	int fd = open("pending/1000000/parcels", O_WRONLY | O_CLOEXEC);

	cr_assert_eq(pwrite(fd, bytes, n, (off_t)at), (ssize_t)n);
	close(fd);
}

/* A place may be written again; a key stream may not serve again. */
Test(pending, no_key_stream_serves_two_contents, .init = help_enter)
{
	static unsigned char first[2 * PARCEL_BYTES];
	static const unsigned char torn[512];
	struct pending *p = make(64);
	unsigned char *second;
	size_t i, same = 0;

	put_alone(p, 1);
	memcpy(first, slot_at(4096), PARCEL_BYTES);
	memcpy(first + PARCEL_BYTES, parcel, PARCEL_BYTES);
	pending_close(p);
	write_at(4096 + 512, torn, sizeof(torn));
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 0, "as if it had never come");
	put_alone(p, 2);
	second = slot_at(4096);
	for (i = 0; i < PARCEL_BYTES; i++)
		same += (first[i] ^ second[i]) ==
		    (first[PARCEL_BYTES + i] ^ parcel[i]);
	cr_assert_lt(same, PARCEL_BYTES / 100);
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
	file = help_slurp("pending/1000000/parcels", &n);
	for (i = 0; i < 8; i++) {
		help_parcel(parcel, digest, i);
		cr_assert_null(memmem(file, n, digest, 16));
		for (at = 0; at + 16 <= PARCEL_BYTES; at += 4096)
			cr_assert_null(memmem(file, n, parcel + at, 16));
	}
	free(file);
	pending_close(p);
}

#define BATCH_OF(n)	(4096 + (size_t)65536 * (n))

/* Three batches of one parcel, and one byte of them is another. */
static void
damage(size_t at)
{
	struct pending *p = make(64);
	unsigned char *slot;
	uint32_t i;

	for (i = 1; i <= 3; i++)
		put_alone(p, i);
	pending_close(p);
	slot = slot_at(at);
	slot[0] ^= 1;
	write_at(at, slot, 1);
}

Test(pending, a_damaged_body_is_noticed, .init = help_enter)
{
	struct pending *p;

	damage(BATCH_OF(1) + 4096 + 30000);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 3);
	cr_assert_eq(pending_read(p, digests_at(pending_digests(p), 0),
	    parcel), 0);
	cr_assert_eq(pending_read(p, digests_at(pending_digests(p), 1),
	    parcel), ERR_CHANGED);
	pending_close(p);
}

Test(pending, a_damaged_head_before_another_is_noticed, .init = help_enter)
{
	struct pending *p;

	damage(BATCH_OF(1) + 100);
	cr_assert_eq(pending_open(&p, CLOSE), ERR_CHANGED);
	cr_assert_null(p);
}

Test(pending, a_last_head_that_is_not_there_never_was, .init = help_enter)
{
	struct pending *p;

	damage(2 * BATCH_OF(1));
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 2);
	pending_close(p);
}

/*
 * The power goes while a batch of three is written: any of its sectors may
 * be on disk or not.  All three are there afterwards, or none.
 */
Test(pending, a_batch_is_there_whole_or_not_at_all, .init = help_enter)
{
	static unsigned char sector[512];
	struct pending *p = make(64);
	unsigned char *all;
	size_t n, at, k, lost;
	int round;

	put_alone(p, 1);
	cr_assert_eq(pending_begin(p), 0);
	put(p, 2);
	put(p, 3);
	put(p, 4);
	cr_assert_eq(pending_commit(p), 0);
	pending_close(p);
	all = help_slurp("pending/1000000/parcels", &n);
	for (round = 0; round < 60; round++) {
		at = BATCH_OF(1);
		write_at(at, all + at, BATCH_OF(3));
		/* One sector, many, or all but some at the front. */
		for (k = lost = 0; k < BATCH_OF(3) / 512; k++, at += 512)
			if (round < 20 ? k == (size_t)round * 19 :
			    round < 40 ? (k * 7 + (size_t)round) % 5 == 0 :
			    k > (size_t)round - 40) {
				write_at(at, sector, sizeof(sector));
				lost++;
			}
		cr_assert_gt(lost, 0);
		cr_assert_eq(pending_open(&p, CLOSE), 0);
		cr_assert_eq(pending_count(p), 1);
		pending_close(p);
	}
	write_at(BATCH_OF(1), all + BATCH_OF(1), BATCH_OF(3));
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 4);
	put_alone(p, 5);
	pending_close(p);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 5);
	pending_close(p);
	free(all);
}

/* What was given up leaves a head behind where nothing begins any more. */
Test(pending, a_batch_that_was_given_up_does_not_come_back, .init = help_enter)
{
	static unsigned char kept[BATCH_OF(1)];
	struct pending *p = make(64);
	unsigned char *all;
	size_t n;

	put_alone(p, 1);
	put_alone(p, 2);
	all = help_slurp("pending/1000000/parcels", &n);
	memcpy(kept, all + BATCH_OF(1), sizeof(kept));
	free(all);
	pending_close(p);
	/* Another first batch; the second one names the former. */
	memset(parcel, 0, sizeof(parcel));
	write_at(0, parcel, 4096);
	write_at(BATCH_OF(1), parcel, 4096);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 0);
	put_alone(p, 3);
	pending_close(p);
	write_at(BATCH_OF(1), kept, sizeof(kept));
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), 1);
	help_parcel(parcel, digest, 2);
	cr_assert_null(digests_find(pending_digests(p), digest));
	pending_close(p);
}

Test(pending, a_full_batch_goes_there_and_back, .init = help_enter)
{
	struct pending *p = make(200);
	uint32_t i;

	cr_assert_eq(pending_begin(p), 0);
	for (i = 0; i < PENDING_BATCH_MAX; i++)
		put(p, i);
	cr_assert_eq(pending_commit(p), 0);
	put_alone(p, i);
	pending_close(p);
	cr_assert_eq(pending_open(&p, CLOSE), 0);
	cr_assert_eq(pending_count(p), PENDING_BATCH_MAX + 1);
	for (i = 0; i <= PENDING_BATCH_MAX; i++)
		cr_assert_eq(pending_read(p, digests_at(pending_digests(p),
		    i), parcel), 0);
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
	cr_assert_eq(utimensat(AT_FDCWD, "pending/1000000/parcels", old, 0),
	    0);
	cr_assert_eq(pending_touch(p), 0);
	cr_assert_eq(stat("pending/1000000/key", &st), 0);
	cr_assert_gt(st.st_mtim.tv_sec, 1000);
	cr_assert_eq(stat("pending/1000000/parcels", &st), 0);
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
