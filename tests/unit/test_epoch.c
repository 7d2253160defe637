/* SPDX-License-Identifier: ISC */
/*
 * test_epoch.c - closes: cover, order, tiles, and being killed anywhere.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sha256.h"
#include "server/epoch.h"
#include "tests/unit/store_help.h"

#define NOW	1000003u		/* the first close: 1000010 */
#define CLOSE	1000010u

static unsigned char parcel[PARCEL_BYTES], digest[HASH_BYTES];
static struct logkey key;

static void
setup(void)
{
	help_enter();
	help_key(&key);
}

TestSuite(epoch, .init = setup);

static void
finish_close(struct epochs *e)
{
	while (epochs_busy(e))
		cr_assert_eq(epochs_step(e), 0);
}

/* Is it logged, as of this close? */
static void
assert_logged(struct epochs *e, uint32_t number, uint64_t close)
{
	static unsigned char back[PARCEL_BYTES];
	uint64_t total;
	struct entry en;
	size_t n;

	help_parcel(parcel, digest, number);
	cr_assert_eq(drop_where(e->drop, &en, digest), 0);
	cr_assert_eq(en.close, close);
	cr_assert_eq(en.kind, ENTRY_PARCEL);
	cr_assert_eq(drop_get_body(e->drop, ENTRY_PARCEL, digest, 0, back,
	    sizeof(back), &n, &total), 0);
	cr_assert_eq(n, PARCEL_BYTES);
	cr_assert_arr_eq(back, parcel, PARCEL_BYTES);
}

Test(epoch, a_new_directory_opens_an_epoch_on_the_grid)
{
	struct epochs e;

	help_epochs(&e, &key, NOW);
	cr_assert_eq(pending_head(e.open)->close, CLOSE);
	cr_assert_eq(e.previous, CLOSE - 10);
	cr_assert_null(e.closing);
	cr_assert_not(epochs_due(&e, help_now(CLOSE - 1)));
	cr_assert(epochs_due(&e, help_now(CLOSE)));
	epochs_stop(&e);
}

Test(epoch, a_close_logs_what_came_and_cover_to_whole_batches)
{
	struct epochs e;
	uint32_t i, want;

	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 7);
	want = pending_cover_target(7, pending_head(e.open)->noise, 4);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	cr_assert_eq(pending_head(e.open)->close, CLOSE + 10);
	cr_assert_eq(e.previous, CLOSE);
	finish_close(&e);
	cr_assert_eq(drop_size(e.drop), want);
	cr_assert_eq(want % 4, 0);
	cr_assert_eq(drop_last_close(e.drop), CLOSE);
	for (i = 1; i <= 7; i++)
		assert_logged(&e, i, CLOSE);
	cr_assert_eq(drop_verify(e.drop, &key.vk), 0);
	cr_assert_eq(access("pending/1000010", F_OK), -1);
	epochs_stop(&e);
}

Test(epoch, an_empty_epoch_is_all_cover)
{
	struct epochs e;
	uint32_t want;

	help_epochs(&e, &key, NOW);
	want = pending_cover_target(0, pending_head(e.open)->noise, 4);
	cr_assert_geq(want, 4);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	finish_close(&e);
	cr_assert_eq(drop_size(e.drop), want);
	epochs_stop(&e);
}

Test(epoch, what_comes_during_a_close_belongs_to_the_next)
{
	struct epochs e;
	uint64_t close;

	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 3);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	help_parcel(parcel, digest, 2);
	cr_assert_eq(epochs_find(&e, digest, &close), 0);
	cr_assert_eq(close, CLOSE, "a repeat keeps its receipt");
	help_fill(&e, 4, 2);
	cr_assert_eq(epochs_step(&e), 0);
	help_parcel(parcel, digest, 5);
	cr_assert_eq(epochs_find(&e, digest, &close), 0);
	cr_assert_eq(close, CLOSE + 10);
	finish_close(&e);
	help_parcel(parcel, digest, 2);
	cr_assert_eq(epochs_find(&e, digest, &close), 0);
	cr_assert_eq(close, CLOSE);
	help_parcel(parcel, digest, 99);
	cr_assert_eq(epochs_find(&e, digest, &close), ERR_NOTFOUND);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE + 10)), 0);
	finish_close(&e);
	assert_logged(&e, 5, CLOSE + 10);
	assert_logged(&e, 2, CLOSE);
	epochs_stop(&e);
}

/*
 * Stops before step number stop (counted in slices), starts again, finishes:
 * the log must hold all, once, whatever was half-done.
 */
static bool
restart_at(unsigned stop)
{
	struct epochs e;
	uint32_t i, want;
	uint64_t size;
	bool more;

	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 9);
	want = pending_cover_target(9, pending_head(e.open)->noise, 4);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	for (i = 0; i < stop && e.closing != NULL; i++)
		cr_assert_eq(epochs_step(&e), 0);
	more = e.closing != NULL;
	epochs_stop(&e);

	help_epochs(&e, &key, CLOSE + 1);
	cr_assert_eq(pending_head(e.open)->close, CLOSE + 10);
	cr_assert_eq(e.closing != NULL, more);
	help_fill(&e, 100, 1);
	finish_close(&e);
	size = drop_size(e.drop);
	cr_assert_eq(size, want, "stopped at %u: %u, not %u", stop,
	    (unsigned)size, want);
	for (i = 1; i <= 9; i++)
		assert_logged(&e, i, CLOSE);
	cr_assert_eq(drop_verify(e.drop, &key.vk), 0);
	cr_assert_eq(access("pending/1000010", F_OK), -1);
	cr_assert_eq(pending_count(e.open), 1);
	epochs_stop(&e);
	/* And once more, with nothing left to do. */
	help_epochs(&e, &key, CLOSE + 2);
	cr_assert_null(e.closing);
	cr_assert_eq(drop_size(e.drop), want);
	epochs_stop(&e);
	return more;
}

Test(epoch, killed_at_any_step_a_restart_finishes_the_close, .timeout = 120)
{
	unsigned stop;
	bool more = true;

	for (stop = 0; more; stop++) {
		cr_assert_lt(stop, 50);
		cr_assert_eq(chdir(".."), 0);
		if (stop > 0)
			cr_assert_eq(system("rm -rf data data.guard && "
			    "cp -a fresh data && "
			    "cp -a fresh.guard data.guard"), 0);
		else
			cr_assert_eq(system("cp -a data fresh && "
			    "cp -a data.guard fresh.guard"), 0);
		cr_assert_eq(chdir("data"), 0);
		more = restart_at(stop);
	}
	cr_assert_geq(stop, STEP_COUNT);
}

/*
 * A limit on file sizes makes writes fail, as a full disk does: at each slice
 * in turn, once.
 */
Test(epoch, a_close_on_a_full_disk_is_tried_again_and_loses_nothing)
{
	struct rlimit was, none;
	struct epochs e;
	unsigned failed = 0;
	uint32_t i, want;
	int r;

	(void)signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	none = was;
	none.rlim_cur = 1;
	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 9);
	want = pending_cover_target(9, pending_head(e.open)->noise, 4);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	while (e.closing != NULL && e.step < STEP_DESTROY) {
		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
		r = epochs_step(&e);
		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
		cr_assert_leq(drop_last_close(e.drop), CLOSE);
		cr_assert_eq(drop_verify(e.drop, &key.vk), 0);
		if (r == 0)
			continue;	/* it had nothing to write */
		failed++;
		cr_assert_eq(epochs_step(&e), 0);
	}
	cr_assert_geq(failed, 4, "size, cover, bodies, append");
	finish_close(&e);
	cr_assert_eq(drop_size(e.drop), want);
	for (i = 1; i <= 9; i++)
		assert_logged(&e, i, CLOSE);
	epochs_stop(&e);
	help_epochs(&e, &key, CLOSE + 1);
	cr_assert_eq(drop_size(e.drop), want);
	epochs_stop(&e);
}

Test(epoch, a_folder_whose_key_is_gone_is_removed_only_if_logged)
{
	struct epochs e;

	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 2);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	while (e.step != STEP_DESTROY)
		cr_assert_eq(epochs_step(&e), 0);
	epochs_stop(&e);
	cr_assert_eq(unlink("pending/1000010/key"), 0);
	help_epochs(&e, &key, CLOSE + 1);
	cr_assert_null(e.closing);
	cr_assert_eq(access("pending/1000010", F_OK), -1);
	epochs_stop(&e);
	cr_assert_eq(unlink("pending/1000020/key"), 0);
	cr_assert_eq(epochs_start(&e, help_now(CLOSE + 2)), ERR_CHANGED);
	epochs_stop(&e);
}

Test(epoch, three_folders_are_closed_one_after_the_other)
{
	struct epochs e;
	uint64_t close;

	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 2);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	help_fill(&e, 3, 2);
	/* As errors and kills may leave it: a third beside the two. */
	pending_close(e.closing);
	e.closing = NULL;
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE + 10)), 0);
	epochs_stop(&e);
	help_epochs(&e, &key, CLOSE + 11);
	cr_assert_eq(e.nlater, 1);
	cr_assert_eq(pending_head(e.open)->close, CLOSE + 20);
	cr_assert_eq(e.previous, CLOSE + 10);
	help_parcel(parcel, digest, 3);
	cr_assert_eq(epochs_find(&e, digest, &close), 0);
	cr_assert_eq(close, CLOSE + 10);
	while (epochs_busy(&e)) {
		cr_assert_not(epochs_due(&e, help_now(CLOSE + 20)));
		cr_assert_eq(epochs_step(&e), 0);
	}
	assert_logged(&e, 1, CLOSE);
	assert_logged(&e, 3, CLOSE + 10);
	cr_assert(epochs_due(&e, help_now(CLOSE + 20)));
	epochs_stop(&e);
}

Test(epoch, a_folder_that_cannot_go_yet_goes_later)
{
	struct epochs e;

	help_epochs(&e, &key, NOW);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	cr_assert_eq(mkdir("pending/1000010/strange", 0700), 0);
	while (epochs_step(&e) == 0)
		cr_assert(epochs_busy(&e));
	cr_assert_null(e.closing);
	cr_assert(epochs_busy(&e));
	cr_assert_neq(epochs_step(&e), 0);
	cr_assert_not(epochs_due(&e, help_now(CLOSE + 10)));
	cr_assert_eq(access("pending/1000010/key", F_OK), -1);
	cr_assert_eq(rmdir("pending/1000010/strange"), 0);
	cr_assert_eq(epochs_step(&e), 0);
	cr_assert_not(epochs_busy(&e));
	cr_assert_eq(access("pending/1000010", F_OK), -1);
	epochs_stop(&e);
}

Test(epoch, a_next_folder_that_was_cut_short_is_made_anew)
{
	struct epochs e;
	struct stat st;
	int fd;

	help_epochs(&e, &key, NOW);
	cr_assert_eq(epochs_prepare(&e), 0);
	epochs_stop(&e);
	/* Killed after the key was written, before the folder had its name. */
	fd = open("pending/next/key", O_WRONLY | O_CREAT, 0600);
	cr_assert_eq(write(fd, "secret", 6), 6);
	close(fd);
	help_epochs(&e, &key, NOW + 1);
	while (!e.next_done)
		cr_assert_eq(epochs_prepare(&e), 0);
	cr_assert_eq(access("pending/next/key", F_OK), -1);
	cr_assert_eq(stat("pending/next/parcels", &st), 0);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	finish_close(&e);
	epochs_stop(&e);
}

Test(epoch, an_overdue_epoch_closes_late_under_its_own_time)
{
	struct epochs e;

	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 2);
	epochs_stop(&e);
	help_epochs(&e, &key, CLOSE + 35);
	cr_assert_eq(pending_head(e.open)->close, CLOSE);
	cr_assert(epochs_due(&e, help_now(CLOSE + 35)));
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE + 35)), 0);
	cr_assert_eq(pending_head(e.open)->close, CLOSE + 40, "missed: none");
	finish_close(&e);
	assert_logged(&e, 1, CLOSE);
	epochs_stop(&e);
}

Test(epoch, bodies_without_an_entry_are_swept_at_the_start)
{
	unsigned char *room;
	struct epochs e;
	uint64_t close, before;

	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, 2);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	finish_close(&e);
	before = drop_size(e.drop);
	help_parcel(parcel, digest, 50);
	cr_assert_eq(drop_move_begin(e.drop), 0);
	cr_assert_eq(drop_move_put(e.drop, digest, &room), 0);
	memcpy(room, parcel, PARCEL_BYTES);
	cr_assert_eq(drop_move_commit(e.drop), 0);
	cr_assert_eq(epochs_find(&e, digest, &close), ERR_NOTFOUND);
	epochs_stop(&e);
	help_epochs(&e, &key, CLOSE + 1);
	cr_assert_eq(drop_size(e.drop), before);
	cr_assert_eq(drop_move_begin(e.drop), 0);
	cr_assert_eq(drop_move_put(e.drop, digest, &room), 0);
	cr_assert_not_null(room, "it was gone");
	drop_move_abort(e.drop);
	epochs_stop(&e);
}

Test(epoch, without_room_nothing_more_is_taken)
{
	struct epochs e;

	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	/* 1024 + 1/16 are spare; 20 and 30 parcels fit beside. */
	e.conf.drop_bytes = (1024 + 50 * 17 + 1024 / 16 + 80) * 4096ull;
	e.key = &key;
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(NOW)), 0);
	cr_assert(epochs_have_room(&e));
	help_fill(&e, 1, 20);
	cr_assert(epochs_have_room(&e));
	help_fill(&e, 21, 12);
	cr_assert_not(epochs_have_room(&e), "drop/ could not hold the cover");
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	finish_close(&e);
	assert_logged(&e, 32, CLOSE);
	epochs_stop(&e);
}

/* Empty closes until the log stops growing; each must go well. */
static uint32_t
close_empty(struct epochs *e, uint64_t *close)
{
	uint64_t size;
	uint32_t n = 0;

	do {
		size = drop_size(e->drop);
		cr_assert_eq(epochs_rotate(e, help_now(*close)), 0);
		*close += 10;
		finish_close(e);
		cr_assert_lt(++n, 1000);
	} while (drop_size(e->drop) > size);
	return n;
}

/*
 * Cover of empty epochs may fill drop/, but not so far that a close fails:
 * when nobody could hand in anything, there is nothing to hide.
 */
Test(epoch, when_drop_is_full_empty_epochs_close_for_ever, .timeout = 120)
{
	uint64_t close = CLOSE, size;
	struct epochs e;
	struct stat st;
	unsigned i;
	off_t bytes;

	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 16u << 20;
	e.key = &key;
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(NOW)), 0);
	cr_assert(epochs_have_room(&e));
	cr_assert_geq(close_empty(&e, &close), 5);
	cr_assert_not(epochs_have_room(&e));
	cr_assert(epochs_nearly_full(&e));
	size = drop_size(e.drop);
	cr_assert_eq(stat("drop/data.mdb", &st), 0);
	bytes = st.st_size;
	for (i = 0; i < 120; i++) {
		cr_assert_eq(epochs_rotate(&e, help_now(close)), 0);
		if (i % 40 == 20) {	/* killed within, or after */
			epochs_stop(&e);
			cr_assert_eq(epochs_start(&e, help_now(close)), 0);
		}
		finish_close(&e);
		cr_assert_eq(drop_last_close(e.drop), close);
		close += 10;
	}
	cr_assert_eq(drop_size(e.drop), size, "no cover");
	cr_assert_eq(stat("drop/data.mdb", &st), 0);
	cr_assert_leq(st.st_size, bytes + 64 * 4096, "it does not grow");
	cr_assert_eq(drop_verify(e.drop, &key.vk), 0);
	epochs_stop(&e);

	/* More room, and it goes on as before. */
	e.conf.drop_bytes = 64u << 20;
	cr_assert_eq(epochs_start(&e, help_now(close - 5)), 0);
	cr_assert(epochs_have_room(&e));
	help_fill(&e, 1, 3);
	cr_assert_eq(epochs_rotate(&e, help_now(close)), 0);
	finish_close(&e);
	assert_logged(&e, 3, close);
	cr_assert_geq(drop_size(e.drop), size + 4);
	epochs_stop(&e);
}

/* While one parcel could have come, an empty epoch looks like any other. */
Test(epoch, an_empty_epoch_has_cover_while_there_was_room)
{
	uint64_t close = CLOSE, size;
	struct epochs e;
	bool room;

	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 16u << 20;
	e.key = &key;
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(NOW)), 0);
	do {
		room = epochs_have_room(&e);
		size = drop_size(e.drop);
		cr_assert_eq(epochs_rotate(&e, help_now(close)), 0);
		close += 10;
		finish_close(&e);
		cr_assert_eq(drop_size(e.drop) > size, room);
	} while (room);
	epochs_stop(&e);
}

Test(epoch, what_was_closed_shows_at_one_moment_whatever_came)
{
	struct epochs e;
	unsigned i;

	memset(&e, 0, sizeof(e));
	e.conf.seconds = 600;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 64u << 20;
	e.key = &key;
	e.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&e, help_now(1000003)), 0);
	cr_assert_eq(pending_head(e.open)->close, 1000200);
	cr_assert_eq(epochs_rotate(&e, help_now(1000200)), 0);
	for (i = 0; !epochs_hold(&e, help_now(1000200)); i++) {
		cr_assert_lt(i, 50);
		cr_assert_eq(epochs_step(&e), 0);
	}
	cr_assert_eq(e.step, STEP_APPEND, "all but the log");
	cr_assert_eq(drop_size(e.drop), 0);
	cr_assert(epochs_hold(&e, help_now(1000209)));
	cr_assert_not(epochs_hold(&e, help_now(1000210)));
	cr_assert_not(epochs_hold(&e, help_now(1000199)), "set back");
	finish_close(&e);
	cr_assert_gt(drop_size(e.drop), 0);
	epochs_stop(&e);
}

Test(epoch, an_epoch_takes_no_more_than_its_parcels_and_bits_rise)
{
	struct epochs e;

	help_epochs(&e, &key, NOW);
	cr_assert_eq(epochs_bits(&e), 2);
	help_fill(&e, 1, 32);
	cr_assert_eq(epochs_bits(&e), 2);
	help_fill(&e, 33, 16);
	cr_assert_eq(epochs_bits(&e), 10);
	help_fill(&e, 49, 15);
	cr_assert(epochs_have_room(&e));
	cr_assert_eq(epochs_bits(&e), 17);
	help_fill(&e, 64, 1);
	cr_assert_not(epochs_have_room(&e));
	cr_assert_eq(epochs_bits(&e), 18);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	cr_assert_eq(epochs_bits(&e), 2, "and fall again");
	epochs_stop(&e);
}
