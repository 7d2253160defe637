/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/logfault.h"
#include "tests/unit/logdir.h"
#include "tests/unit/tmpdir.h"

#define SIZE	600
#define SAID_MAX	32

static struct mirror *m;
static struct logdir key;
static struct logfault said[SAID_MAX];
static size_t nsaid;

static void
setup(void)
{
	tmpdir_new();
	cr_assert_eq(mirror_open(&m, tmpdir_path("mirror"), true), 0);
	logdir_key(&key);
	logdir_write(&key, m, SIZE);
}

static void
teardown(void)
{
	mirror_close(m);
	tmpdir_remove();
}

TestSuite(logfault, .init = setup, .fini = teardown);

static int
on_fetch(void *arg, const struct tile *t, unsigned char **out)
{
	(void)arg;
	return logfault_mirror(m, t, out);
}

static void
on_say(void *arg, const struct logfault *f)
{
	(void)arg;
	cr_assert_lt(nsaid, SAID_MAX);
	said[nsaid++] = *f;
}

/* What is found under the checkpoint that lies there. */
static void
find(void)
{
	struct logfault_search s = { .fetch = on_fetch, .say = on_say };
	struct checkpoint c;
	unsigned char *p;
	struct note note;
	uint64_t found;
	size_t n;

	cr_assert_eq(mirror_read(m, "log/checkpoint", 4096, &p, &n), 0);
	cr_assert_eq(note_parse(&note, rd_from(p, n)), 0);
	cr_assert_eq(checkpoint_parse(&c, note.text), 0);
	s.size = c.size;
	s.root = c.root;
	nsaid = 0;
	cr_assert_eq(logfault_find(&s, &found), 0);
	cr_assert_eq(found, nsaid);
	file_free(p, n);
}

static void
is_said(size_t i, enum logfault_what what, const char *name)
{
	cr_assert_lt(i, nsaid, "%s is not named", name);
	cr_assert_str_eq(said[i].name, name);
	cr_assert_eq(said[i].what, what, "%s", name);
}

/* From here on, of one file, what is left after so many bytes. */
static void
cut(const char *name, size_t left)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(mirror_read(m, name, 65536, &p, &n), 0);
	cr_assert_lt(left, n);
	cr_assert_eq(mirror_write_lazy(m, name, rd_from(p, left)), 0);
	file_free(p, n);
}

Test(logfault, an_honest_log_has_none_at_any_size)
{
	static const uint64_t sizes[] = { 0, 1, 255, 256, 257, 512, 600 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		logdir_write(&key, m, sizes[i]);
		find();
		cr_assert_eq(nsaid, 0, "%s", said[0].name);
	}
}

Test(logfault, names_the_file_that_was_changed_and_no_other)
{
	static const struct {
		const char *name;
		long at;
		enum logfault_what what;
		uint64_t index;
	} bad[] = {
		{ "log/tile/0/000", 0, LOGFAULT_TILE, 0 },
		{ "log/tile/0/000", 8191, LOGFAULT_TILE, 0 },
		{ "log/tile/0/002.p/88", 100, LOGFAULT_TILE, 0 },
		{ "log/tile/1/000.p/2", 63, LOGFAULT_TILE, 0 },
		{ "log/tile/entries/000", 43 * 7 + 20, LOGFAULT_BUNDLE, 7 },
		{ "log/tile/entries/001", 42, LOGFAULT_BUNDLE, 256 },
		{ "log/tile/entries/002.p/88", 43 * 87 + 2, LOGFAULT_BUNDLE,
		    599 },
		{ "log/tile/entries/000", 0, LOGFAULT_LENGTH, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		logdir_flip(bad[i].name, bad[i].at);
		find();
		is_said(0, bad[i].what, bad[i].name);
		cr_assert_eq(said[0].index, bad[i].index);
		cr_assert_eq(nsaid, 1);
		logdir_flip(bad[i].name, bad[i].at);
	}
}

Test(logfault, names_what_is_missing_or_cut)
{
	static const char *const names[] = {
		"log/tile/0/001", "log/tile/1/000.p/2",
		"log/tile/entries/001", "log/tile/entries/002.p/88"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cut(names[i], 32);
		find();
		is_said(0, LOGFAULT_LENGTH, names[i]);
		cr_assert_eq(nsaid, 1);
		mirror_remove(m, names[i]);
		find();
		is_said(0, LOGFAULT_MISSING, names[i]);
		cr_assert_eq(nsaid, 1);
		logdir_write(&key, m, SIZE);
	}
}

Test(logfault, names_all_of_them)
{
	mirror_remove(m, "log/tile/entries/000");
	logdir_flip("log/tile/entries/001", 300);
	logdir_flip("log/tile/entries/002.p/88", 300);
	find();
	cr_assert_eq(nsaid, 3);
	is_said(0, LOGFAULT_MISSING, "log/tile/entries/000");
	is_said(1, LOGFAULT_BUNDLE, "log/tile/entries/001");
	is_said(2, LOGFAULT_BUNDLE, "log/tile/entries/002.p/88");
}

/* A tile that is wrong, too, vouches for no entry. */
Test(logfault, accuses_no_bundle_by_a_tile_that_is_wrong)
{
	logdir_flip("log/tile/entries/000", 300);
	logdir_flip("log/tile/0/001", 300);
	find();
	cr_assert_eq(nsaid, 2);
	is_said(0, LOGFAULT_BUNDLE, "log/tile/entries/000");
	is_said(1, LOGFAULT_TILE, "log/tile/0/001");
}

Test(logfault, another_logs_files_are_all_wrong)
{
	unsigned char *note;
	size_t n;

	cr_assert_eq(mirror_read(m, "log/checkpoint", 4096, &note, &n), 0);
	key.fork_at = 0;
	logdir_write(&key, m, SIZE);
	cr_assert_eq(mirror_write_lazy(m, "log/checkpoint",
	    rd_from(note, n)), 0);
	file_free(note, n);
	find();
	cr_assert_eq(nsaid, 1);
	is_said(0, LOGFAULT_ALL, "log/tile");
}

static int
no_file(void *arg, const struct tile *t, unsigned char **out)
{
	uint64_t *asked = arg;

	(void)t;
	(void)out;
	++*asked;
	return ERR_NOTFOUND;
}

static void
no_words(void *arg, const struct logfault *f)
{
	(void)arg;
	(void)f;
}

Test(logfault, a_size_that_no_log_has_ends_too, .timeout = 60)
{
	static const unsigned char root[HASH_BYTES];
	uint64_t asked = 0, found;
	struct logfault_search s = { .size = TREE_SIZE_MAX, .root = root,
	    .fetch = no_file, .say = no_words, .arg = &asked };

	cr_assert_eq(logfault_find(&s, &found), 0);
	cr_assert_eq(found, LOGFAULT_MAX);
	cr_assert_lt(asked, LOGFAULT_MAX + 100);
}

Test(logfault, a_partial_file_may_be_the_front_of_the_full_one)
{
	unsigned char *note;
	size_t n;

	logdir_write(&key, m, 300);
	cr_assert_eq(mirror_read(m, "log/checkpoint", 4096, &note, &n), 0);
	logdir_write(&key, m, 512);
	mirror_remove(m, "log/tile/0/001.p/44");
	mirror_remove(m, "log/tile/entries/001.p/44");
	cr_assert_eq(mirror_write_lazy(m, "log/checkpoint",
	    rd_from(note, n)), 0);
	file_free(note, n);
	find();
	cr_assert_eq(nsaid, 0, "%s", said[0].name);
}

/* What only the log's key can do is told apart from a bad stick. */
Test(logfault, an_entry_that_must_not_stand_there_is_the_logs_own)
{
	key.twice_at = 300;
	logdir_write(&key, m, SIZE);
	find();
	cr_assert_eq(nsaid, 1);
	is_said(0, LOGFAULT_ORDER, "log/tile/entries/001");
	cr_assert_eq(said[0].index, 300);
	cr_assert(logfault_is_signed(said[0].what));
	cr_assert_not(logfault_is_signed(LOGFAULT_BUNDLE));
}
