/* SPDX-License-Identifier: ISC */
/*
 * test_logkey.c - the log key's file: strict, private, whole.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "server/file.h"
#include "server/logkey.h"
#include "tests/unit/store_help.h"

/* Seed 32 x 0x01: the key of formats/tlog.md. */
#define SEED	"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define GOOD	"ecrdrop/log-key/v1\ndrop.example/log1\n" SEED "\n"

TestSuite(logkey, .init = help_enter);

Test(logkey, a_known_seed_gives_the_known_key)
{
	struct logkey k;

	cr_assert_eq(logkey_parse(&k, rd_str(GOOD)), 0);
	cr_assert_eq(k.vk.id, 0x75a7ca5b);
	cr_assert_str_eq(k.vk.name, "drop.example/log1");
	logkey_wipe(&k);
	cr_assert_null(k.sk);
}

Test(logkey, anything_else_is_refused)
{
	static const char *const bad[] = {
		"", "ecrdrop/log-key/v1\n",
		"ecrdrop/log-key/v2\ndrop.example/log1\n" SEED "\n",
		"ecrdrop/log-key/v1\ndrop example\n" SEED "\n",
		"ecrdrop/log-key/v1\n\n" SEED "\n",
		"ecrdrop/log-key/v1\ndrop.example/log1\n" SEED,
		"ecrdrop/log-key/v1\ndrop.example/log1\n" SEED "\n\n",
		"ecrdrop/log-key/v1\ndrop.example/log1\n" SEED "\r\n",
		"ecrdrop/log-key/v1\ndrop.example/log1\nAQE=\n",
		" " GOOD,
	};
	struct logkey k;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(logkey_parse(&k, rd_str(bad[i])), ERR_FORMAT,
		    "case %zu", i);
		cr_assert_null(k.sk);
	}
}

Test(logkey, what_is_made_can_be_loaded_and_is_private)
{
	struct logkey k;
	unsigned char line[512], want[512];
	struct wr w = wr_from(want, sizeof(want));
	struct stat st;
	size_t n;

	cr_assert_eq(stat("log.key", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(logkey_load(&k, AT_FDCWD), 0);
	vkey_write(&w, &k.vk);
	wr_u8(&w, '\n');
	cr_assert_eq(file_slurp(AT_FDCWD, "log.vkey", line, sizeof(line), &n),
	    0);
	cr_assert(rd_eq(rd_from(line, n), wr_rd(&w)));
	logkey_wipe(&k);
	cr_assert_eq(access("log.key.new", F_OK), -1);
}

Test(logkey, an_old_key_is_never_overwritten)
{
	unsigned char before[LOGKEY_MAX_BYTES], after[LOGKEY_MAX_BYTES];
	size_t n, m;

	cr_assert_eq(file_slurp(AT_FDCWD, "log.key", before, sizeof(before),
	    &n), 0);
	cr_assert_eq(logkey_create(AT_FDCWD, rd_str("drop.example/log2")),
	    ERR_EXISTS);
	cr_assert_eq(file_slurp(AT_FDCWD, "log.key", after, sizeof(after), &m),
	    0);
	cr_assert(rd_eq(rd_from(before, n), rd_from(after, m)));
	cr_assert_eq(access("log.key.new", F_OK), -1);
}

Test(logkey, a_key_that_others_may_read_is_not_used)
{
	struct logkey k;

	cr_assert_eq(chmod("log.key", 0640), 0);
	cr_assert_eq(logkey_load(&k, AT_FDCWD), ERR_ORDER);
	cr_assert_eq(unlink("log.key"), 0);
	cr_assert_eq(logkey_load(&k, AT_FDCWD), ERR_NOTFOUND);
}
