/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "client/desk/deskfile.h"

#define PASS	"correct horse battery staple"

static struct deskfile
made(const unsigned char master[static DESK_MASTER_BYTES])
{
	struct deskfile f;

	memset(&f, 0, sizeof(f));
	strcpy(f.office, "ecr.example.org");
	strcpy(f.role, "office");
	f.kdf_mib = DESK_KDF_MIB_MIN;
	f.kdf_passes = DESK_KDF_PASSES_MIN;
	cr_assert_eq(deskfile_lock(&f, master, PASS), 0);
	return f;
}

static size_t
bytes_of(unsigned char out[static DESKFILE_MAX_BYTES],
    const struct deskfile *f)
{
	struct wr w = wr_from(out, DESKFILE_MAX_BYTES);

	deskfile_write(&w, f);
	cr_assert(wr_ok(&w));
	return w.n;
}

Test(deskfile, gives_the_master_key_back_to_its_passphrase)
{
	unsigned char master[DESK_MASTER_BYTES] = { 1, 2, 3 };
	unsigned char got[DESK_MASTER_BYTES], b[DESKFILE_MAX_BYTES];
	struct deskfile f = made(master), again;
	size_t n = bytes_of(b, &f);

	cr_assert_eq(deskfile_parse(&again, rd_from(b, n)), 0);
	cr_assert_str_eq(again.office, "ecr.example.org");
	cr_assert_str_eq(again.role, "office");
	cr_assert_eq(deskfile_unlock(got, &again, PASS), 0);
	cr_assert_arr_eq(got, master, sizeof(master));
}

Test(deskfile, wipes_the_master_key_where_the_passphrase_is_wrong)
{
	unsigned char master[DESK_MASTER_BYTES] = { 1, 2, 3 };
	unsigned char got[DESK_MASTER_BYTES];
	struct deskfile f = made(master);

	memset(got, 7, sizeof(got));
	cr_assert_eq(deskfile_unlock(got, &f, "correct horse"), ERR_AUTH);
	cr_assert(sodium_is_zero(got, sizeof(got)));
	cr_assert_eq(deskfile_unlock(got, &f, ""), ERR_AUTH);
}

Test(deskfile, refuses_every_truncation_and_any_byte_behind_its_end)
{
	unsigned char master[DESK_MASTER_BYTES] = { 0 };
	unsigned char b[DESKFILE_MAX_BYTES] = { 0 };
	struct deskfile f = made(master), again;
	size_t n = bytes_of(b, &f), i;

	for (i = 0; i < n; i++)
		cr_assert_neq(deskfile_parse(&again, rd_from(b, i)), 0,
		    "%zu bytes", i);
	cr_assert_neq(deskfile_parse(&again, rd_from(b, n + 1)), 0);
}

/* One bit in each byte: it does not parse, or it does not open. */
Test(deskfile, opens_only_as_it_was_written)
{
	unsigned char master[DESK_MASTER_BYTES] = { 9 };
	unsigned char b[DESKFILE_MAX_BYTES], got[DESK_MASTER_BYTES];
	struct deskfile f = made(master), again;
	size_t n = bytes_of(b, &f), i;

	for (i = 0; i < n; i++) {
		b[i] ^= 1;
		if (deskfile_parse(&again, rd_from(b, n)) == 0 &&
		    again.kdf_mib <= 64)
			cr_assert_neq(deskfile_unlock(got, &again, PASS), 0,
			    "byte %zu", i);
		b[i] ^= 1;
	}
}

Test(deskfile, refuses_costs_that_we_would_not_have_written)
{
	unsigned char master[DESK_MASTER_BYTES] = { 0 };
	const uint32_t bad[][2] = {
		{ DESK_KDF_MIB_MIN - 1, DESK_KDF_PASSES_MIN },
		{ DESK_KDF_MIB_MAX + 1, DESK_KDF_PASSES_MIN },
		{ DESK_KDF_MIB, DESK_KDF_PASSES_MIN - 1 },
		{ DESK_KDF_MIB, DESK_KDF_PASSES_MAX + 1 },
		{ 0, 0 }, { UINT32_MAX, UINT32_MAX }
	};
	unsigned char b[DESKFILE_MAX_BYTES];
	struct deskfile f = made(master), again;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.kdf_mib = bad[i][0];
		f.kdf_passes = bad[i][1];
		cr_assert_eq(deskfile_parse(&again, rd_from(b, bytes_of(b,
		    &f))), ERR_FORMAT, "case %zu", i);
		cr_assert_eq(deskfile_lock(&f, master, PASS), ERR_FORMAT);
	}
}

Test(deskfile, spends_about_the_same_work_with_any_memory)
{
	cr_assert_eq(deskfile_passes(DESK_KDF_MIB), 16);
	cr_assert_eq(deskfile_passes(8), DESK_KDF_PASSES_MAX);
	cr_assert_eq(deskfile_passes(256), 3);
	cr_assert_eq(deskfile_passes(4096), DESK_KDF_PASSES_MIN);
	cr_assert_eq(deskfile_passes(0), DESK_KDF_PASSES_MAX);
}
