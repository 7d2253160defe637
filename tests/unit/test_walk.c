/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/audit/prove.h"
#include "client/audit/walk.h"
#include "client/common/file.h"
#include "tests/unit/logdir.h"
#include "tests/unit/tmpdir.h"

static struct mirror *m;
static struct logdir key;
static struct source *src;
static struct walk_result res;
static uint64_t seen;

static void
setup(void)
{
	struct source_how how = { .tries = 1 };

	tmpdir_new();
	cr_assert_eq(mirror_open(&m, tmpdir_path("mirror"), true), 0);
	logdir_key(&key);
	cr_assert_eq(source_open(&src, tmpdir_path("mirror"), &how), 0);
}

static void
teardown(void)
{
	source_close(src);
	mirror_close(m);
	tmpdir_remove();
}

TestSuite(walk, .init = setup, .fini = teardown);

/* The root that the mirror's checkpoint has. */
static void
root_now(unsigned char root[static HASH_BYTES])
{
	unsigned char *p;
	struct checkpoint c;
	struct note note;
	size_t n;

	cr_assert_eq(mirror_read(m, "log/checkpoint", NOTE_MAX_BYTES, &p,
	    &n), 0);
	cr_assert_eq(note_parse(&note, rd_from(p, n)), 0);
	cr_assert_eq(checkpoint_parse(&c, note.text), 0);
	memcpy(root, c.root, HASH_BYTES);
	file_free(p, n);
}

static int
count(void *arg, uint64_t index, const struct entry *e)
{
	(void)arg;
	(void)index;
	(void)e;
	seen++;
	return 0;
}

static int
walk(uint64_t from, const unsigned char *from_root, uint64_t to)
{
	unsigned char root[HASH_BYTES];
	struct walk w = { .src = src, .from = from, .from_root = from_root,
	    .to = to, .to_root = root, .visit = count };

	root_now(root);
	seen = 0;
	return walk_run(&w, &res);
}

Test(walk, an_honest_log_holds_at_every_size)
{
	static const uint64_t sizes[] = { 0, 1, 2, 255, 256, 257, 511, 600,
	    65536, 65537, 66000 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		logdir_write(&key, m, sizes[i]);
		cr_assert_eq(walk(0, NULL, sizes[i]), 0, "size %d: %s",
		    (int)sizes[i], res.name);
		cr_assert_eq(seen, sizes[i]);
	}
}

Test(walk, goes_on_from_every_older_size)
{
	static const uint64_t sizes[] = { 1, 2, 255, 256, 257, 511, 512, 600,
	    65536, 65537, 65792, 66000 };
	unsigned char old[HASH_BYTES];
	size_t i, j, n = sizeof(sizes) / sizeof(sizes[0]);

	for (i = 0; i < n; i++) {
		logdir_write(&key, m, sizes[i]);
		root_now(old);
		for (j = i; j < n; j++) {
			logdir_write(&key, m, sizes[j]);
			cr_assert_eq(walk(sizes[i], old, sizes[j]), 0,
			    "%d to %d: %s", (int)sizes[i], (int)sizes[j],
			    res.name);
			cr_assert_eq(seen, sizes[j] - sizes[i]);
		}
	}
}

Test(walk, every_byte_of_every_object_counts)
{
	static const struct { const char *name; long n; } files[] = {
		{ "log/tile/entries/000", 256 * 43 },
		{ "log/tile/entries/001", 256 * 43 },
		{ "log/tile/entries/002.p/88", 88 * 43 },
		{ "log/tile/0/000", 8192 }, { "log/tile/0/001", 8192 },
		{ "log/tile/0/002.p/88", 88 * 32 },
		{ "log/tile/1/000.p/2", 64 }
	};
	size_t i;
	long at;

	logdir_write(&key, m, 600);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		for (at = 0; at < files[i].n; at += files[i].n > 100 ? 13 : 1) {
			logdir_flip(files[i].name, at);
			cr_assert_eq(walk(0, NULL, 600), ERR_CHANGED,
			    "%s: byte %ld", files[i].name, at);
			cr_assert_neq(res.fault, WALK_FINE);
			if (i >= 3)
				cr_assert_str_eq(res.name, files[i].name);
			logdir_flip(files[i].name, at);
		}
	cr_assert_eq(walk(0, NULL, 600), 0);
}

Test(walk, what_is_missing_or_short_is_named)
{
	static const char *const names[] = { "log/tile/entries/001",
	    "log/tile/0/000", "log/tile/0/002.p/88", "log/tile/1/000.p/2" };
	unsigned char *p;
	size_t i, n;

	logdir_write(&key, m, 600);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cr_assert_eq(mirror_read(m, names[i], 65536, &p, &n), 0);
		mirror_remove(m, names[i]);
		cr_assert_eq(walk(0, NULL, 600), ERR_CHANGED);
		cr_assert_eq(res.fault, WALK_MISSING);
		cr_assert_str_eq(res.name, names[i]);
		cr_assert_eq(mirror_write(m, names[i], rd_from(p, n - 1)), 0);
		cr_assert_eq(walk(0, NULL, 600), ERR_CHANGED);
		cr_assert_eq(res.fault, WALK_LENGTH);
		cr_assert_str_eq(res.name, names[i]);
		cr_assert_eq(mirror_write(m, names[i], rd_from(p, n)), 0);
		file_free(p, n);
	}
	cr_assert_eq(walk(0, NULL, 600), 0);
}

/* A partial tile may go once the full one is there. */
Test(walk, the_full_tile_stands_for_the_partial_one)
{
	unsigned char old[HASH_BYTES];

	logdir_write(&key, m, 300);
	root_now(old);
	logdir_write(&key, m, 600);
	mirror_remove(m, "log/tile/entries/001.p/44");
	mirror_remove(m, "log/tile/0/001.p/44");
	cr_assert_eq(walk(300, old, 600), 0, "%s", res.name);
	cr_assert_eq(seen, 300);
}

/* So may any partial one, in a mirror, once there is a wider one. */
Test(walk, the_wider_tile_stands_for_the_partial_one)
{
	unsigned char old[HASH_BYTES];

	logdir_write(&key, m, 300);
	root_now(old);
	logdir_write(&key, m, 400);
	mirror_remove(m, "log/tile/entries/001.p/44");
	mirror_remove(m, "log/tile/0/001.p/44");
	cr_assert_eq(walk(300, old, 400), 0, "%s", res.name);
	cr_assert_eq(seen, 100);
}

Test(walk, another_past_is_seen)
{
	static const uint64_t sizes[] = { 1, 255, 256, 300, 512 };
	unsigned char old[HASH_BYTES];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		key.fork_at = UINT64_MAX;
		logdir_write(&key, m, sizes[i]);
		root_now(old);
		key.fork_at = sizes[i] - 1;
		logdir_write(&key, m, sizes[i]);
		logdir_write(&key, m, 600);
		cr_assert_eq(walk(0, NULL, 600), 0);
		cr_assert_eq(walk(sizes[i], old, 600), ERR_CHANGED);
		cr_assert_eq(res.fault, WALK_OLD);
	}
}

/*
 * The tiles of then are still served as they were, and those of now are in
 * themselves whole: only what stands twice, in both, tells.
 */
Test(walk, another_past_beside_the_old_tiles_is_seen)
{
	static const uint64_t sizes[] = { 2, 255, 300, 511, 65800 };
	unsigned char old[HASH_BYTES];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		key.fork_at = UINT64_MAX;
		logdir_write(&key, m, sizes[i]);
		root_now(old);
		key.fork_at = sizes[i] - 2;
		logdir_write(&key, m, sizes[i] + 300);
		cr_assert_eq(walk(0, NULL, sizes[i] + 300), 0);
		cr_assert_eq(walk(sizes[i], old, sizes[i] + 300),
		    ERR_CHANGED, "from %d", (int)sizes[i]);
		cr_assert_eq(res.fault, WALK_OLD);
	}
}

/* Signed, and out of order: also as the first of a bundle or of a visit. */
Test(walk, an_entry_that_stands_twice_is_seen)
{
	static const uint64_t places[] = { 1, 255, 256, 300, 511, 599 };
	unsigned char old[HASH_BYTES];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		key.twice_at = UINT64_MAX;
		logdir_write(&key, m, places[i]);
		root_now(old);
		key.twice_at = places[i];
		logdir_write(&key, m, 600);
		cr_assert_eq(walk(0, NULL, 600), ERR_CHANGED);
		cr_assert_eq(res.fault, WALK_ORDER);
		cr_assert_eq(res.index, places[i]);
		cr_assert_eq(walk(places[i], old, 600), ERR_CHANGED);
		cr_assert_eq(res.fault, WALK_ORDER);
		cr_assert_eq(res.index, places[i]);
	}
}

Test(walk, another_root_is_seen)
{
	unsigned char root[HASH_BYTES] = { 1 };
	struct walk w = { .src = src, .to = 600, .to_root = root };

	logdir_write(&key, m, 600);
	cr_assert_eq(walk_run(&w, &res), ERR_CHANGED);
	cr_assert_eq(res.fault, WALK_ROOT);
}

Test(walk, the_root_of_any_size_that_it_passes)
{
	static const uint64_t sizes[] = { 1, 2, 255, 256, 257, 300, 511, 512,
	    600, 65535, 65536, 65537, 65792, 66000 };
	static unsigned char want[14][HASH_BYTES];
	unsigned char root[HASH_BYTES];
	struct walk w = { .src = src, .to = 66000, .to_root = root };
	size_t i, j, n = sizeof(sizes) / sizeof(sizes[0]);

	for (i = 0; i < n; i++) {
		logdir_write(&key, m, sizes[i]);
		root_now(want[i]);
	}
	root_now(root);
	for (i = 0; i < n; i++) {
		w.at = sizes[i];
		w.from = 0;
		cr_assert_eq(walk_run(&w, &res), 0);
		cr_assert_arr_eq(res.at_root, want[i], HASH_BYTES);
		cr_assert_eq(res.close, 1000 + 65999 / 16);
		for (j = 0; j < i; j++) {
			w.from = sizes[j];
			w.from_root = want[j];
			cr_assert_eq(walk_run(&w, &res), 0);
			cr_assert_arr_eq(res.at_root, want[i], HASH_BYTES,
			    "%d from %d", (int)w.at, (int)w.from);
		}
	}
}

/* What lies before an older size in a bundle is looked at, too. */
Test(walk, the_front_of_a_bundle_counts)
{
	unsigned char old[HASH_BYTES];
	long at;

	logdir_write(&key, m, 300);
	root_now(old);
	logdir_write(&key, m, 400);
	for (at = 0; at < 44 * 43; at += 7) {
		logdir_flip("log/tile/entries/001.p/144", at);
		cr_assert_eq(walk(300, old, 400), ERR_CHANGED, "%ld", at);
		logdir_flip("log/tile/entries/001.p/144", at);
	}
	cr_assert_eq(walk(300, old, 400), 0);
}

/* In a log for which files are read ahead: what is wrong is named as ever. */
Test(walk, reading_ahead_changes_nothing)
{
	static const char *const names[] = { "log/tile/entries/000",
	    "log/tile/0/000", "log/tile/entries/011", "log/tile/0/011",
	    "log/tile/entries/019.p/136", "log/tile/0/019.p/136",
	    "log/tile/1/000.p/19" };
	unsigned char *p, old[HASH_BYTES];
	size_t i, n;

	logdir_write(&key, m, 2000);
	root_now(old);
	logdir_write(&key, m, 5000);
	cr_assert_eq(walk(0, NULL, 5000), 0);
	cr_assert_eq(seen, 5000);
	cr_assert_eq(walk(2000, old, 5000), 0);
	cr_assert_eq(seen, 3000);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cr_assert_eq(mirror_read(m, names[i], 65536, &p, &n), 0);
		logdir_flip(names[i], 55);
		cr_assert_eq(walk(0, NULL, 5000), ERR_CHANGED);
		logdir_flip(names[i], 55);
		cr_assert_eq(mirror_write(m, names[i], rd_from(p, n - 1)), 0);
		cr_assert_eq(walk(0, NULL, 5000), ERR_CHANGED);
		cr_assert_eq(res.fault, WALK_LENGTH);
		cr_assert_str_eq(res.name, names[i]);
		mirror_remove(m, names[i]);
		cr_assert_eq(walk(0, NULL, 5000), ERR_CHANGED);
		cr_assert_eq(res.fault, WALK_MISSING);
		cr_assert_str_eq(res.name, names[i]);
		cr_assert_eq(mirror_write(m, names[i], rd_from(p, n)), 0);
		file_free(p, n);
	}
	cr_assert_eq(walk(0, NULL, 5000), 0);
}

static int
stop_at(void *arg, uint64_t index, const struct entry *e)
{
	(void)e;
	return index == *(uint64_t *)arg ? ERR_FULL : 0;
}

/* Wherever a visitor ends it, the thread ends too. */
Test(walk, ends_where_its_visitor_says)
{
	unsigned char root[HASH_BYTES];
	uint64_t at;
	struct walk w = { .src = src, .to = 20000, .to_root = root,
	    .visit = stop_at, .arg = &at };

	logdir_write(&key, m, 20000);
	root_now(root);
	for (at = 0; at < 20000; at += 617)
		cr_assert_eq(walk_run(&w, &res), ERR_FULL);
}

Test(prove, the_root_at_every_size)
{
	unsigned char want[HASH_BYTES], got[HASH_BYTES];
	struct checkpoint c = { .size = 600 };
	struct roots roots = { .src = src, .c = &c };
	uint64_t size;

	setup();
	roots.src = src;
	for (size = 1; size <= 600; size += size < 250 ? 50 : 7) {
		logdir_write(&key, m, size);
		root_now(want);
		logdir_write(&key, m, 600);
		root_now(c.root);
		cr_assert_eq(prove_root(&roots, size, got), 0);
		cr_assert_arr_eq(got, want, HASH_BYTES, "%d", (int)size);
	}
	cr_assert_eq(prove_root(&roots, 0, got), 0);
	cr_assert_eq(prove_root(&roots, 601, got), ERR_NOTFOUND);
	prove_roots_wipe(&roots);
	logdir_flip("log/tile/0/001", 77);
	cr_assert_eq(prove_root(&roots, 300, got), ERR_AUTH);
	prove_roots_wipe(&roots);
	teardown();
}
