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

Test(tiles, pruning_takes_the_old_partial_tiles_and_no_others)
{
	logdir_write(&key, m, 300);
	logdir_write(&key, m, 600);
	cr_assert(mirror_has(m, "log/tile/0/001.p/44"));
	tiles_prune(m, 300, 600);
	cr_assert_not(mirror_has(m, "log/tile/0/001.p/44"));
	cr_assert_not(mirror_has(m, "log/tile/entries/001.p/44"));
	cr_assert_not(mirror_has(m, "log/tile/1/000.p/1"));
	tiles_prune(m, 600, 600);
	cr_assert(mirror_has(m, "log/tile/0/002.p/88"));
	cr_assert(mirror_has(m, "log/tile/0/001"));
	cr_assert(mirror_has(m, "log/tile/1/000.p/2"));
}
