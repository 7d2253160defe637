/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/desk/deskkey.h"
#include "crypto/secret.h"
#include "tests/unit/tmpdir.h"

static const unsigned char wrap[32] = { 5 };

static void
setup(void)
{
	cr_assert_eq(secret_init(), 0);
}

TestSuite(deskkey, .init = setup);

static struct deskkey
week(int32_t from)
{
	struct deskkey k;

	k.kind = DESKKEY_WEEK;
	k.from = from;
	k.to = from + 6;
	k.issue = 1;
	memset(k.seed, 42, sizeof(k.seed));
	return k;
}

Test(deskkey, gives_the_seed_back)
{
	struct deskkey k = week(20000), got;
	unsigned char f[DESKKEY_BYTES];

	cr_assert_eq(deskkey_seal(f, &k, wrap), 0);
	cr_assert_eq(deskkey_open(&got, rd_from(f, sizeof(f)), wrap), 0);
	cr_assert_eq(got.kind, DESKKEY_WEEK);
	cr_assert_eq(got.from, 20000);
	cr_assert_eq(got.to, 20006);
	cr_assert_arr_eq(got.seed, k.seed, sizeof(k.seed));
}

Test(deskkey, opens_only_as_it_was_written_and_wipes)
{
	struct deskkey k = week(20000), got;
	unsigned char f[DESKKEY_BYTES];
	size_t i;

	cr_assert_eq(deskkey_seal(f, &k, wrap), 0);
	for (i = 0; i < sizeof(f); i++) {
		f[i] ^= 1;
		cr_assert_neq(deskkey_open(&got, rd_from(f, sizeof(f)),
		    wrap), 0, "byte %zu", i);
		cr_assert(sodium_is_zero(got.seed, sizeof(got.seed)));
		f[i] ^= 1;
	}
	for (i = 0; i < sizeof(f); i++)
		cr_assert_eq(deskkey_open(&got, rd_from(f, i), wrap),
		    ERR_FORMAT);
}

/* The promise behind destroying a week: the file's salt is the key. */
Test(deskkey, cannot_be_opened_once_its_salt_is_overwritten)
{
	struct deskkey k = week(20000), got;
	unsigned char f[DESKKEY_BYTES];

	cr_assert_eq(deskkey_seal(f, &k, wrap), 0);
	sodium_memzero(f + 20, 32);
	cr_assert_eq(deskkey_open(&got, rd_from(f, sizeof(f)), wrap),
	    ERR_AUTH);
}

Test(deskkey, refuses_days_that_a_kind_cannot_have)
{
	struct deskkey k = week(20000);
	unsigned char f[DESKKEY_BYTES];

	k.to = k.from - 1;
	cr_assert_eq(deskkey_seal(f, &k, wrap), ERR_FORMAT);
	k = week(0);
	cr_assert_eq(deskkey_seal(f, &k, wrap), ERR_FORMAT);
	k = week(20000);
	k.kind = DESKKEY_SIGN;
	cr_assert_eq(deskkey_seal(f, &k, wrap), ERR_FORMAT);
}

Test(deskkey, loads_a_folder_in_order_and_passes_over_what_is_not_ours)
{
	int fd = dir_open(tmpdir_new(), false);
	struct deskkeys *ks = NULL;
	struct deskkey k;
	const char *bad;

	cr_assert_geq(fd, 0);
	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_SIGN, 0, 0, wrap), 0);
	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_WEEK, 20014, 20020, wrap),
	    0);
	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_WEEK, 20000, 20006, wrap),
	    0);
	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_STANDING, 20003, 20733,
	    wrap), 0);
	cr_assert_eq(file_write_at(fd, "notes.txt", rd_str("x"), 0600, true),
	    0);
	cr_assert_eq(deskkeys_load(&ks, fd, wrap, &bad), 0);
	cr_assert_eq(ks->n, 3);
	cr_assert_eq(ks->key[0].from, 20000);
	cr_assert_eq(ks->key[1].kind, DESKKEY_STANDING);
	cr_assert_eq(ks->key[2].from, 20014);
	deskkeys_free(ks);
	close(fd);
	tmpdir_remove();
}

Test(deskkey, never_overwrites_a_secret)
{
	int fd = dir_open(tmpdir_new(), false);
	struct deskkey k;

	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_WEEK, 20000, 20006, wrap),
	    0);
	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_WEEK, 20000, 20006, wrap),
	    ERR_EXISTS);
	close(fd);
	tmpdir_remove();
}

Test(deskkey, refuses_a_file_under_the_name_of_another)
{
	int fd = dir_open(tmpdir_new(), false);
	struct deskkeys *ks;
	struct deskkey k;
	const char *bad;

	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_SIGN, 0, 0, wrap), 0);
	cr_assert_eq(deskkey_make(&k, fd, DESKKEY_WEEK, 20000, 20006, wrap),
	    0);
	cr_assert_eq(renameat(fd, "week-2024-10-04", fd, "week-2024-10-11"),
	    0);
	cr_assert_eq(deskkeys_load(&ks, fd, wrap, &bad), ERR_FORMAT);
	cr_assert_str_eq(bad, "week-2024-10-11");
	cr_assert_eq(unlinkat(fd, "week-2024-10-11", 0), 0);
	cr_assert_eq(unlinkat(fd, "sign", 0), 0);
	cr_assert_eq(deskkeys_load(&ks, fd, wrap, &bad), ERR_NOTFOUND);
	close(fd);
	tmpdir_remove();
}
