/* SPDX-License-Identifier: ISC */
/*
 * test_guard.c - a log that went back in time, or went another way, is not
 * gone on with; one that a kill left ahead of its guard is.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/datadir.h"
#include "server/epoch.h"
#include "server/file.h"
#include "tests/unit/store_help.h"

#define NOW	1000003u		/* the first close: 1000010 */
#define CLOSE	1000010u

static struct logkey key;
static struct epochs e;

static void
setup(void)
{
	help_enter();
	help_key(&key);
}

TestSuite(guard, .init = setup);

/* One whole epoch, with these parcels. */
static void
close_one(uint64_t close, uint32_t number, uint32_t n)
{
	help_fill(&e, number, n);
	cr_assert_eq(epochs_rotate(&e, help_now(close)), 0);
	while (epochs_busy(&e))
		cr_assert_eq(epochs_step(&e), 0);
}

static int
try_start(uint64_t now)
{
	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 256u << 20;
	e.key = &key;
	e.guard.dir = help_guard();
	return epochs_start(&e, help_now(now));
}

static void
refused(enum guard_state state, int r)
{
	cr_assert_eq(try_start(CLOSE + 25), r);
	cr_assert_not_null(e.drop);
	cr_assert_eq(e.guard.state, state, "%s", guard_why(e.guard.state));
	cr_assert_null(e.open, "nothing is taken");
	epochs_stop(&e);
}

static void
run(const char *command)
{
	cr_assert_eq(system(command), 0, "%s", command);
}

static bool
guard_is(struct rd note)
{
	unsigned char *b;
	size_t n;
	bool same;

	b = help_slurp("../data.guard/" GUARD_FILE, &n);
	same = rd_eq(rd_from(b, n), note);
	free(b);
	return same;
}

Test(guard, a_new_log_has_one_that_holds_its_empty_checkpoint)
{
	struct stat st;

	cr_assert_eq(stat("../data.guard", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0700);
	cr_assert_eq(stat("../data.guard/" GUARD_FILE, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(try_start(NOW), 0);
	cr_assert_eq(e.guard.size, 0);
	cr_assert(guard_is(drop_checkpoint(e.drop)));
	epochs_stop(&e);
}

static unsigned shown;

static int
on_publish(void *arg)
{
	(void)arg;
	cr_assert(guard_is(drop_checkpoint(e.drop)), "shown before guarded");
	cr_assert(rd_eq(guard_note(&e.guard), drop_checkpoint(e.drop)));
	shown++;
	return 0;
}

Test(guard, it_moves_on_after_the_commit_and_before_anything_is_shown)
{
	uint64_t size;

	cr_assert_eq(try_start(NOW), 0);
	e.publish = on_publish;
	help_fill(&e, 1, 3);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	while (e.step != STEP_GUARD) {
		cr_assert_eq(e.guard.size, 0);
		cr_assert_eq(epochs_step(&e), 0);
	}
	size = drop_size(e.drop);
	cr_assert_gt(size, 0);
	cr_assert_eq(e.guard.size, 0);
	cr_assert_not(guard_is(drop_checkpoint(e.drop)));
	cr_assert_eq(epochs_step(&e), 0);
	cr_assert_eq(e.guard.size, size);
	while (epochs_busy(&e))
		cr_assert_eq(epochs_step(&e), 0);
	cr_assert_eq(shown, 1);
	epochs_stop(&e);
}

Test(guard, a_kill_between_commit_and_guard_is_the_ordinary_case)
{
	cr_assert_eq(try_start(NOW), 0);
	help_fill(&e, 1, 3);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	while (e.step != STEP_GUARD)
		cr_assert_eq(epochs_step(&e), 0);
	epochs_stop(&e);
	cr_assert_eq(try_start(CLOSE + 1), 0);
	cr_assert_eq(e.guard.size, drop_size(e.drop));
	cr_assert(guard_is(drop_checkpoint(e.drop)));
	epochs_stop(&e);
}

Test(guard, an_old_data_directory_is_refused)
{
	cr_assert_eq(try_start(NOW), 0);
	close_one(CLOSE, 1, 3);
	epochs_stop(&e);
	run("cp -a ../data ../old");
	cr_assert_eq(try_start(CLOSE + 1), 0);
	close_one(CLOSE + 10, 10, 2);
	epochs_stop(&e);
	cr_assert_eq(chdir(".."), 0);
	run("mv data new && mv old data && cp -a data as-it-was");
	cr_assert_eq(chdir("data"), 0);
	refused(GUARD_AHEAD, ERR_CHANGED);
	run("diff -r . ../as-it-was");
	/* And the newest one goes on. */
	cr_assert_eq(chdir(".."), 0);
	run("rm -rf data && mv new data");
	cr_assert_eq(chdir("data"), 0);
	cr_assert_eq(try_start(CLOSE + 12), 0);
	epochs_stop(&e);
}

/* A copy that ran on elsewhere, and is longer than what the guard has seen. */
Test(guard, a_copy_that_went_another_way_is_refused)
{
	uint64_t close = CLOSE, size;

	cr_assert_eq(try_start(NOW), 0);
	close_one(close, 1, 3);
	epochs_stop(&e);
	run("cp -a ../data ../copy && cp -a ../data.guard ../copy.guard");
	cr_assert_eq(try_start(close + 1), 0);
	close_one(close + 10, 10, 2);
	size = drop_size(e.drop);
	epochs_stop(&e);
	cr_assert_eq(chdir(".."), 0);
	run("mv data first && mv data.guard first.guard && mv copy data && "
	    "mv copy.guard data.guard");
	cr_assert_eq(chdir("data"), 0);
	cr_assert_eq(try_start(close + 1), 0);
	do {
		close += 10;
		close_one(close, (uint32_t)close, 4);
	} while (drop_size(e.drop) <= size);
	epochs_stop(&e);
	run("cp ../first.guard/* ../data.guard");
	refused(GUARD_FORK, ERR_CHANGED);
}

/* The same number of entries, but others. */
Test(guard, another_tree_of_the_same_size_is_refused)
{
	uint64_t size[2] = { 0, 1 };
	unsigned i, tries;

	for (tries = 0; size[0] != size[1]; tries++) {
		cr_assert_lt(tries, 200);
		for (i = 0; i < 2; i++) {
			cr_assert_eq(chdir(".."), 0);
			run(i == 0 && tries == 0 ? "cp -a data fresh && "
			    "cp -a data.guard fresh.guard" :
			    "rm -rf data data.guard && cp -a fresh data && "
			    "cp -a fresh.guard data.guard");
			cr_assert_eq(chdir("data"), 0);
			cr_assert_eq(try_start(NOW), 0);
			close_one(CLOSE, 100 * i + 1, 3);
			size[i] = drop_size(e.drop);
			epochs_stop(&e);
			if (i == 0)
				run("rm -rf ../seen && "
				    "cp -a ../data.guard ../seen");
		}
	}
	run("cp ../seen/* ../data.guard");
	refused(GUARD_FORK, ERR_CHANGED);
}

Test(guard, a_log_without_one_is_refused)
{
	run("rm ../data.guard/*");
	refused(GUARD_NONE, ERR_NOTFOUND);
	cr_assert_eq(access("../data.guard/" GUARD_FILE, F_OK), -1,
	    "none is made");
}

Test(guard, what_is_no_checkpoint_of_this_log_is_refused)
{
	unsigned char *b;
	size_t n, i;
	FILE *f;

	cr_assert_eq(try_start(NOW), 0);
	close_one(CLOSE, 1, 3);
	epochs_stop(&e);
	b = help_slurp("../data.guard/" GUARD_FILE, &n);
	for (i = 0; i < n; i += i + 1 < n && n - i > 7 ? 7 : 1) {
		b[i] ^= 1;
		f = fopen("../data.guard/" GUARD_FILE, "w");
		cr_assert_eq(fwrite(b, 1, n, f), n);
		cr_assert_eq(fclose(f), 0);
		refused(GUARD_FOREIGN, ERR_CHANGED);
		b[i] ^= 1;
	}
	free(b);
	run(": >../data.guard/" GUARD_FILE);
	refused(GUARD_FOREIGN, ERR_CHANGED);
	cr_assert_eq(chdir(".."), 0);
	cr_assert_eq(datadir_create("other", HELP_ORIGIN), 0);
	run("cp other.guard/* data.guard");
	cr_assert_eq(chdir("data"), 0);
	refused(GUARD_FOREIGN, ERR_CHANGED);
}

Test(guard, a_folder_that_cannot_be_read_is_refused)
{
	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 256u << 20;
	e.key = &key;
	e.guard.dir = -1;
	cr_assert_eq(epochs_start(&e, help_now(NOW)), ERR_IO);
	cr_assert_eq(e.guard.state, GUARD_UNREAD);
	epochs_stop(&e);
}

/* Somebody else writes there: a second server, or a hand. */
Test(guard, one_that_moved_without_us_ends_the_store)
{
	cr_assert_eq(try_start(NOW), 0);
	close_one(CLOSE, 1, 3);
	run("cp ../data.guard/* ../seen");
	help_fill(&e, 10, 3);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE + 10)), 0);
	run("rm ../data.guard/*");
	while (e.step != STEP_GUARD)
		cr_assert_eq(epochs_step(&e), 0);
	cr_assert_eq(epochs_step(&e), ERR_ORDER, "it is gone");
	cr_assert_eq(e.step, STEP_GUARD);
	run("echo x >>../seen && cp ../seen ../data.guard/" GUARD_FILE);
	cr_assert_eq(epochs_step(&e), ERR_ORDER, "it is another");
	epochs_stop(&e);
}

Test(guard, the_first_is_made_once_and_no_folder_is_taken_twice)
{
	int dir = help_guard();

	cr_assert_eq(guard_create(dir, rd_str("x")), ERR_EXISTS);
	cr_assert_eq(guard_create_at("../data.guard", rd_str("x")),
	    ERR_EXISTS);
	cr_assert_eq(access("../data.guard/" GUARD_FILE, F_OK), 0);
	cr_assert_eq(guard_create_at("none/such", rd_str("x")), ERR_IO);
	cr_assert_eq(mkdir("../empty", 0700), 0);
	cr_assert_eq(guard_create_at("../empty", rd_str("x")), 0);
	cr_assert_eq(datadir_create_with("../more", "../data.guard", "a/b"),
	    ERR_CHANGED);
	cr_assert_eq(access("../more", F_OK), -1, "nothing half-made");
	cr_assert_eq(datadir_create_with("../more", "../elsewhere", "a/b"),
	    0);
	cr_assert_eq(access("../elsewhere/" GUARD_FILE, F_OK), 0);
	cr_assert_eq(access("../more.guard", F_OK), -1);
}
