/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/jsonwipe.h"
#include "client/desk/import.h"
#include "crypto/secret.h"
#include "tests/unit/deskbox.h"
#include "tests/unit/tmpdir.h"

static void
set_trust(struct deskbox *x)
{
	struct trust t;

	memset(&t, 0, sizeof(t));
	t.has_log = true;
	t.log = x->b.log;
	cr_assert_eq(deskdb_begin(x->d->db, true), 0);
	cr_assert_eq(store_put_trust(x->d->db, &t, NULL), 0);
	cr_assert_eq(deskdb_commit(x->d->db), 0);
}

void
deskbox_open(struct deskbox *x)
{
	char keyset[DESKBOX_PATH + 100], vkey[DESKBOX_PATH + 100];

	memset(x, 0, sizeof(*x));
	cr_assert_eq(secret_init(), 0);
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
	json_wipe_memory();
	tmpdir_new();
	snprintf(x->desk, sizeof(x->desk), "%s", tmpdir_path("desk"));
	snprintf(x->mirror, sizeof(x->mirror), "%s", tmpdir_path("mirror"));
	snprintf(x->pass, sizeof(x->pass), "%s", tmpdir_path("pass"));
	cr_assert_eq(file_write(x->pass, rd_str("a passphrase\n"), 0600,
	    true), 0);
	cr_assert_eq(desk_create(x->desk, "ecr.example.org", "office",
	    DESK_KDF_MIB_MIN, "a passphrase"), 0);
	snprintf(keyset, sizeof(keyset), "%s/public/keyset", x->desk);
	snprintf(vkey, sizeof(vkey), "%s/public/office.vkey", x->desk);
	box_open(&x->b, x->mirror, keyset, vkey);
	cr_assert_eq(desk_open(&x->d, x->desk, x->pass), 0);
	set_trust(x);
}

void
deskbox_close(struct deskbox *x)
{
	desk_close(x->d);
	box_close(&x->b);
	tmpdir_remove();
}

void
deskbox_again(struct deskbox *x)
{
	char path[DESKBOX_PATH + 100];

	deskdb_close(x->d->db);
	snprintf(path, sizeof(path), "%s/cases", x->desk);
	cr_assert_eq(deskdb_open(&x->d->db, path, &x->d->secret->rec), 0);
}

void
deskbox_fresh(struct deskbox *x)
{
	char path[DESKBOX_PATH + 100];

	snprintf(path, sizeof(path), "%s/cases/data.mdb", x->desk);
	cr_assert_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/cases/lock.mdb", x->desk);
	cr_assert_eq(unlink(path), 0);
	deskbox_again(x);
	set_trust(x);
}

int
deskbox_import(struct deskbox *x)
{
	memset(&x->st, 0, sizeof(x->st));
	return import_mirror(x->d, x->mirror, &x->st);
}
