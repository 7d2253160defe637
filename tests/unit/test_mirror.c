/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/mirror.h"
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

TestSuite(mirror, .init = setup, .fini = teardown);

Test(mirror, opening_a_folder_that_is_not_there_is_refused)
{
	struct mirror *no;

	cr_assert_eq(mirror_open(&no, tmpdir_path("none"), false),
	    ERR_NOTFOUND);
	cr_assert_null(no);
}

Test(mirror, gives_back_what_was_written)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(mirror_write(m, "log/tile/0/000", rd_str("abc")), 0);
	cr_assert_eq(mirror_write_lazy(m, "log/tile/0/000", rd_str("defg")),
	    0);
	cr_assert_eq(mirror_read(m, "log/tile/0/000", 4, &p, &n), 0);
	cr_assert_eq(n, 4);
	cr_assert_arr_eq(p, "defg", 4);
	file_free(p, n);
	cr_assert_eq(mirror_read(m, "log/tile/0/000", 3, &p, &n), ERR_LIMIT);
	cr_assert_eq(mirror_size(m, "log/tile/0/000"), 4);
	mirror_remove(m, "log/tile/0/000");
	cr_assert_not(mirror_has(m, "log/tile/0/000"));
}

Test(mirror, names_that_leave_it_are_refused)
{
	static const char *const bad[] = { "", "/etc/passwd", "../x", "a/../b",
	    "a//b", "a/", ".hidden", "a/.b", "A", "a b", "a\nb", "log/\xc3\xa9" };
	unsigned char *p;
	size_t i, n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(mirror_write(m, bad[i], rd_str("x")), ERR_FORMAT,
		    "%s", bad[i]);
		cr_assert_eq(mirror_write_lazy(m, bad[i], rd_str("x")),
		    ERR_FORMAT);
		cr_assert_eq(mirror_read(m, bad[i], 9, &p, &n), ERR_FORMAT);
		cr_assert_eq(mirror_size(m, bad[i]), -1);
	}
}

Test(mirror, reads_back_a_log_of_any_size)
{
	static const uint64_t sizes[] = { 0, 1, 255, 256, 257, 700 };
	unsigned char e[ENTRY_BYTES];
	struct mirror_log log;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		logdir_write(&key, m, sizes[i]);
		cr_assert_eq(mirror_log_read(&log, m, &key.key, NULL), 0);
		cr_assert_eq(log.tree.size, sizes[i]);
		cr_assert_eq(log.count, sizes[i]);
		if (sizes[i] > 0) {
			logdir_entry(e, sizes[i] - 1);
			cr_assert_arr_eq(log.entries + (sizes[i] - 1) *
			    ENTRY_BYTES, e, ENTRY_BYTES);
		}
		mirror_log_wipe(&log);
	}
}

Test(mirror, a_log_goes_on_where_the_last_visit_ended)
{
	unsigned char e[ENTRY_BYTES];
	struct mirror_log first, log;

	logdir_write(&key, m, 300);
	cr_assert_eq(mirror_log_read(&first, m, &key.key, NULL), 0);
	logdir_write(&key, m, 700);
	cr_assert_eq(mirror_log_read(&log, m, &key.key, &first.tree), 0);
	cr_assert_eq(log.first, 300);
	cr_assert_eq(log.count, 400);
	logdir_entry(e, 300);
	cr_assert_arr_eq(log.entries, e, ENTRY_BYTES);
	mirror_log_wipe(&log);
	/* Another past, a shorter log: not an extension. */
	first.tree.frontier[0][5] ^= 1;
	cr_assert_eq(mirror_log_read(&log, m, &key.key, &first.tree),
	    ERR_CHANGED);
	mirror_log_wipe(&log);
	first.tree.frontier[0][5] ^= 1;
	logdir_write(&key, m, 299);
	cr_assert_eq(mirror_log_read(&log, m, &key.key, &first.tree),
	    ERR_CHANGED);
	cr_assert_null(log.entries);
	mirror_log_wipe(&log);
	mirror_log_wipe(&first);
}

Test(mirror, every_flipped_byte_of_a_bundle_is_seen)
{
	struct mirror_log log;
	long i;
	int r;

	logdir_write(&key, m, 3);
	for (i = 0; i < 3 * (2 + ENTRY_BYTES); i++) {
		logdir_flip("log/tile/entries/000.p/3", i);
		r = mirror_log_read(&log, m, &key.key, NULL);
		cr_assert(r == ERR_CHANGED || r == ERR_FORMAT, "byte %ld", i);
		mirror_log_wipe(&log);
		logdir_flip("log/tile/entries/000.p/3", i);
	}
	cr_assert_eq(mirror_log_read(&log, m, &key.key, NULL), 0);
	mirror_log_wipe(&log);
}

Test(mirror, names_the_file_that_is_missing)
{
	struct mirror_log log;

	cr_assert_eq(mirror_log_read(&log, m, &key.key, NULL), ERR_NOTFOUND);
	cr_assert_str_eq(log.missing, "log/checkpoint");
	mirror_log_wipe(&log);
	logdir_write(&key, m, 600);
	mirror_remove(m, "log/tile/entries/001");
	cr_assert_eq(mirror_log_read(&log, m, &key.key, NULL), ERR_NOTFOUND);
	cr_assert_str_eq(log.missing, "log/tile/entries/001");
	mirror_log_wipe(&log);
}

Test(mirror, a_checkpoint_of_another_key_or_origin_is_refused)
{
	struct mirror_log log;
	struct logdir other;
	unsigned char pk[32], seed[32] = { 9 };

	logdir_write(&key, m, 5);
	other = key;
	cr_assert_eq(vkey_make(&other.key, rd_str("drop.example/other"),
	    NOTE_ED25519, key.key.pk), 0);
	cr_assert_eq(mirror_log_read(&log, m, &other.key, NULL), ERR_NOMATCH);
	mirror_log_wipe(&log);
	crypto_sign_seed_keypair(pk, other.sk, seed);
	cr_assert_eq(vkey_make(&other.key, rd_str(LOGDIR_ORIGIN),
	    NOTE_ED25519, pk), 0);
	cr_assert_eq(mirror_log_read(&log, m, &other.key, NULL), ERR_NOMATCH);
	mirror_log_wipe(&log);
	logdir_flip("log/checkpoint", 120);
	cr_assert_neq(mirror_log_read(&log, m, &key.key, NULL), 0);
	mirror_log_wipe(&log);
}

Test(mirror, a_full_bundle_stands_in_for_a_partial_one_that_has_gone)
{
	unsigned char root[HASH_BYTES], want[HASH_BYTES];
	struct sha256 *h = sha256_new();
	struct mirror_log log;
	struct tree t;
	char missing[80];

	logdir_write(&key, m, 100);
	cr_assert_eq(mirror_log_read(&log, m, &key.key, NULL), 0);
	memcpy(want, log.root, sizeof(want));
	mirror_log_wipe(&log);
	logdir_write(&key, m, 256);
	mirror_remove(m, "log/tile/entries/000.p/100");
	tree_init(&t);
	cr_assert_eq(mirror_walk(m, &t, 100, NULL, NULL, missing), 0);
	tree_root(&t, h, root);
	cr_assert_arr_eq(root, want, sizeof(want));
	sha256_free(h);
}
