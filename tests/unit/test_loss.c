/* SPDX-License-Identifier: ISC */
/*
 * test_loss.c - a body rots under an open epoch: the close waits for the
 * operator's word, and then goes on without it alone.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/file.h"
#include "server/loss.h"
#include "tests/unit/store_help.h"

#define NOW	1000003u
#define CLOSE	1000010u
#define PARCELS	7u
#define ROTTEN	3u		/* the number of one of them, from 1 */
#define FILE_	"pending/1000010/parcels"
#define BATCH	(4096 + 65536)	/* of one parcel */

static unsigned char parcel[PARCEL_BYTES], digest[HASH_BYTES];
static struct logkey key;
static struct epochs e;

static void
setup(void)
{
	help_enter();
	help_key(&key);
	help_epochs(&e, &key, NOW);
	help_fill(&e, 1, PARCELS);
}

static void
teardown(void)
{
	epochs_stop(&e);
}

TestSuite(loss, .init = setup, .fini = teardown);

/* One bit of the body of a parcel. */
static void
rot(uint32_t number)
{
	off_t at = (off_t)(number - 1) * BATCH + 4096 + 30000;
	unsigned char c;
	int fd = open(FILE_, O_RDWR | O_CLOEXEC);

	cr_assert_neq(fd, -1);
	cr_assert_eq(pread(fd, &c, 1, at), 1);
	c ^= 1;
	cr_assert_eq(pwrite(fd, &c, 1, at), 1);
	cr_assert_eq(fsync(fd), 0);
	close(fd);
}

static void
word(const char *when)
{
	char text[64];

	snprintf(text, sizeof(text), "ecrdrop/loss/v1\n%s\n", when);
	cr_assert_eq(file_replace(AT_FDCWD, LOSS_FILE, rd_str(text), 0600),
	    0);
}

/* Steps until there is nothing to do, or one does not succeed. */
static int
step_on(void)
{
	int r = 0;

	while (r == 0 && epochs_busy(&e))
		r = epochs_step(&e);
	return r;
}

static void
begin(void)
{
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
}

static void
restart(void)
{
	epochs_stop(&e);
	help_epochs(&e, &key, CLOSE + 1);
}

/* All but the rotten ones are there, whole; nothing stands for these. */
static void
assert_rest(uint32_t n, const uint32_t *rotten)
{
	static unsigned char back[PARCEL_BYTES];
	uint64_t total, close;
	struct entry en;
	uint32_t i, j;
	size_t got;

	for (i = 1; i <= PARCELS; i++) {
		help_parcel(parcel, digest, i);
		for (j = 0; j < n && rotten[j] != i; j++)
			;
		if (j < n) {
			cr_assert_eq(drop_where(e.drop, &en, digest),
			    ERR_NOTFOUND);
			cr_assert_eq(epochs_find(&e, digest, &close),
			    ERR_NOTFOUND, "its sender may send it again");
			continue;
		}
		cr_assert_eq(drop_where(e.drop, &en, digest), 0);
		cr_assert_eq(en.close, CLOSE);
		cr_assert_eq(drop_get_body(e.drop, ENTRY_PARCEL, digest, 0,
		    back, sizeof(back), &got, &total), 0);
		cr_assert_arr_eq(back, parcel, PARCEL_BYTES);
	}
	cr_assert_eq(drop_verify(e.drop, &key.vk), 0);
	cr_assert_eq(drop_last_close(e.drop), CLOSE);
}

Test(loss, a_close_waits_where_a_body_cannot_be_read)
{
	int i;

	rot(ROTTEN);
	begin();
	for (i = 0; i < 3; i++) {
		cr_assert_eq(step_on(), ERR_CHANGED);
		cr_assert(e.unreadable);
		cr_assert_eq(drop_size(e.drop), 0, "nothing is signed");
	}
	restart();
	cr_assert_eq(step_on(), ERR_CHANGED);
	cr_assert(e.unreadable);
	rot(ROTTEN);			/* somebody mended the disk */
	cr_assert_eq(step_on(), 0);
	cr_assert_not(e.unreadable);
	assert_rest(0, NULL);
}

Test(loss, by_the_operators_word_it_closes_without_it)
{
	static const uint32_t rotten[] = { ROTTEN };
	uint32_t target = pending_cover_target(PARCELS,
	    pending_head(e.open)->noise, 4);

	rot(ROTTEN);
	begin();
	cr_assert_eq(step_on(), ERR_CHANGED);
	cr_assert_eq(loss_confirm(AT_FDCWD), 0);
	cr_assert_eq(step_on(), 0);
	cr_assert_not(e.unreadable);
	cr_assert_eq(e.lost, 1);
	cr_assert_eq(drop_size(e.drop), target - 1);
	assert_rest(1, rotten);
	/* The next epoch is none of that word's business. */
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE + 10)), 0);
	cr_assert_eq(step_on(), 0);
	cr_assert_eq(e.lost, 0);
}

Test(loss, a_word_for_an_earlier_close_does_not_count)
{
	static const char *const bad[] = {
		"1000009", "0", "-1", "01000011", "9999999999", "", "1 2"
	};
	size_t i;

	rot(1);
	begin();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		word(bad[i]);
		cr_assert_eq(step_on(), ERR_CHANGED, "%s", bad[i]);
		cr_assert(e.unreadable);
	}
	word("1000010");
	cr_assert_eq(step_on(), 0);
	cr_assert_eq(e.lost, 1);
}

Test(loss, all_of_them_may_be_lost)
{
	static const uint32_t rotten[] = { 1, 2, 3, 4, 5, 6, PARCELS };
	uint32_t i;

	for (i = 1; i <= PARCELS; i++)
		rot(i);
	begin();
	cr_assert_eq(step_on(), ERR_CHANGED);
	word("1000010");
	cr_assert_eq(step_on(), 0);
	cr_assert_eq(e.lost, PARCELS);
	assert_rest(PARCELS, rotten);
}

/* Killed after the log has the close and before pending/ is gone. */
Test(loss, a_restart_behind_the_close_leaves_the_same_out)
{
	static const uint32_t rotten[] = { 1, 5 };
	enum epoch_step at;

	rot(1);
	rot(5);
	begin();
	word("1000010");
	for (at = STEP_VERIFY; at < STEP_DESTROY; at++) {
		while (e.step < at)
			cr_assert_eq(epochs_step(&e), 0);
		restart();
		cr_assert_not_null(e.closing);
		cr_assert_eq(e.step, STEP_VERIFY);
	}
	cr_assert_eq(step_on(), 0);
	assert_rest(2, rotten);
	cr_assert_eq(access("pending/1000010", F_OK), -1);
}

/* What the log lacks is no loss while its body can be read. */
Test(loss, nothing_is_left_out_that_can_be_read)
{
	uint32_t order;

	begin();
	word("1000010");
	while (e.step != STEP_APPEND)
		cr_assert_eq(epochs_step(&e), 0);
	order = e.norder;
	e.norder--;			/* an entry is forgotten */
	cr_assert_eq(epochs_step(&e), 0);
	e.norder = order;
	cr_assert_eq(step_on(), ERR_CHANGED);
	cr_assert_eq(access(FILE_, F_OK), 0, "and nothing is destroyed");
}
