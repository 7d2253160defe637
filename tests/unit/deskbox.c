/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/jsonwipe.h"
#include "client/desk/answer.h"
#include "client/desk/import.h"
#include "crypto/secret.h"
#include "tests/unit/deskbox.h"
#include "tests/unit/tmpdir.h"

#define DAY	86400
#define OUTBOX_READ_MAX	((size_t)200 << 20)

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
	snprintf(x->out, sizeof(x->out), "%s", tmpdir_path("out"));
	x->day = 20000;
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

/* --- a day in its life ------------------------------------------------- */

void
deskbox_epoch(struct deskbox *x)
{
	box_cover(&x->b, 1);
	box_epoch(&x->b, x->day++ * DAY, 0);
}

void
deskbox_take(struct deskbox *x)
{
	cr_assert_eq(deskbox_import(x), 0);
	cr_assert_eq(import_told(x->d, &x->st), 0);
}

void
deskbox_report(struct deskbox *x)
{
	box_message(&x->b, 1, 1, false, DESKBOX_REPORT, NULL, 0, BOX_GOOD);
	deskbox_epoch(x);
	deskbox_take(x);
}

struct outstate
deskbox_outstate(struct deskbox *x)
{
	struct outstate os;

	cr_assert_eq(deskdb_begin(x->d->db, false), 0);
	cr_assert_eq(outstore_get_state(x->d->db, &os), 0);
	deskdb_abort(x->d->db);
	return os;
}

void
deskbox_reply(struct deskbox *x, size_t n)
{
	struct answer_voice v;
	struct age_recipient to;
	char *text = malloc(n + 1);
	uint64_t no;
	json_t *o;

	cr_assert_not_null(text);
	memset(text, 'x', n);
	text[n] = '\0';
	o = json_pack("{s:s}", "text", text);
	cr_assert_eq(answer_speak(&v, x->d), 0);
	cr_assert_eq(deskdb_begin(x->d->db, true), 0);
	cr_assert_eq(answer_mailbox(x->d->db, 1, &to), 0);
	cr_assert_eq(answer_add(x->d->db, 1, 1, 20000, o, &to, &v, &no), 0);
	cr_assert_eq(deskdb_commit(x->d->db), 0);
	json_decref(o);
	free(text);
	answer_hush(&v);
}

int
deskbox_export(struct deskbox *x, struct statements_made *made)
{
	uint64_t n, bytes;
	int code;

	if ((code = statements_make(x->d, made)) != 0)
		return code;
	return statements_write(x->d, x->out, &n, &bytes);
}

uint64_t
deskbox_exported(struct deskbox *x)
{
	struct statements_made made;

	cr_assert_eq(deskbox_export(x, &made), 0);
	return made.statements;
}

struct rd
deskbox_outbox(struct deskbox *x)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_read(&p, &n, x->out, OUTBOX_READ_MAX), 0);
	return rd_from(p, n);
}

void
deskbox_logged(struct deskbox *x)
{
	struct rd r = deskbox_outbox(x);

	box_outbox(&x->b, r);
	free((void *)(uintptr_t)r.p);
	deskbox_epoch(x);
}
