/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "client/courier/tiles.h"
#include "tests/unit/logdir.h"
#include "tests/unit/tmpdir.h"

static struct mirror *m;
static struct logdir key;

static void
setup(void)
{
	tmpdir_new();
	cr_assert_eq(mirror_open(&m, tmpdir_path("mirror"), true), 0);
	logdir_key(&key);
}

static void
teardown(void)
{
	mirror_close(m);
	tmpdir_remove();
}

TestSuite(tiles, .init = setup, .fini = teardown);

Test(tiles, honest_tiles_hold_at_every_size)
{
	static const uint64_t sizes[] = { 0, 1, 256, 300, 600 };
	char wrong[80];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		logdir_write(&key, m, sizes[i]);
		cr_assert_eq(tiles_check(m, sizes[i], wrong), 0, "%s", wrong);
	}
}

Test(tiles, a_flipped_byte_is_named_with_its_tile)
{
	static const struct { const char *name; long at; } bad[] = {
		{ "log/tile/0/000", 0 }, { "log/tile/0/000", 8191 },
		{ "log/tile/0/001", 4000 }, { "log/tile/0/002.p/88", 100 },
		{ "log/tile/1/000.p/2", 0 }, { "log/tile/1/000.p/2", 63 }
	};
	char wrong[80];
	size_t i;

	logdir_write(&key, m, 600);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		logdir_flip(bad[i].name, bad[i].at);
		cr_assert_eq(tiles_check(m, 600, wrong), ERR_CHANGED);
		cr_assert_str_eq(wrong, bad[i].name);
		logdir_flip(bad[i].name, bad[i].at);
	}
	mirror_remove(m, "log/tile/0/001");
	cr_assert_eq(tiles_check(m, 600, wrong), ERR_NOTFOUND);
	cr_assert_str_eq(wrong, "log/tile/0/001");
}

Test(tiles, pruning_takes_the_old_partial_tiles_and_no_others)
{
	char wrong[80];

	logdir_write(&key, m, 300);
	logdir_write(&key, m, 600);
	cr_assert(mirror_has(m, "log/tile/0/001.p/44"));
	tiles_prune(m, 300, 600);
	cr_assert_not(mirror_has(m, "log/tile/0/001.p/44"));
	cr_assert_not(mirror_has(m, "log/tile/entries/001.p/44"));
	cr_assert_not(mirror_has(m, "log/tile/1/000.p/1"));
	cr_assert_eq(tiles_check(m, 600, wrong), 0, "%s", wrong);
	tiles_prune(m, 600, 600);
	cr_assert_eq(tiles_check(m, 600, wrong), 0, "%s", wrong);
}
