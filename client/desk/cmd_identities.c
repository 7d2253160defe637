/* SPDX-License-Identifier: ISC */
/*
 * cmd_identities.c - `ecrdesk identities -o FILE`: the live sealing secrets as
 * an age identity file, so that nobody depends on this program to open what
 * is theirs: `age -d -i FILE` opens a parcel.
 *
 * The one command that writes secrets in clear; it says so.
 */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/desk.h"
#include "client/desk/desklog.h"
#include "client/common/outfile.h"
#include "crypto/secret.h"

#define LINES_MAX	256	/* characters for one key and its comment */

static void
write_key(struct wr *w, const struct deskfile *head, const struct deskkey *k)
{
	struct age_identity id;

	wr_str(w, "# ");
	wr_str(w, head->office);
	wr_str(w, "/");
	wr_str(w, head->role);
	wr_str(w, k->kind == DESKKEY_WEEK ? ", week " : ", standing ");
	day_write(w, k->from);
	wr_str(w, " to ");
	day_write(w, k->to);
	wr_str(w, "\n");
	id.kind = AGE_HYBRID;
	memcpy(id.seed, k->seed, sizeof(id.seed));
	age_identity_write(w, &id);
	wr_str(w, "\n");
	sodium_memzero(&id, sizeof(id));
}

static int
put(const char *path, struct rd text)
{
	struct outfile out;
	int r;

	if (strcmp(path, "-") != 0)
		return file_write(path, text, 0600, false);
	if ((r = outfile_open(&out, path)) != 0)
		return r;
	if ((r = outfile_write(&out, text.p, text.n)) != 0) {
		outfile_drop(&out);
		return r;
	}
	return outfile_keep(&out);
}

static int
write_all(const struct desk *d, const struct deskkeys *keys, const char *path)
{
	const size_t cap = (keys->n + 1) *
	    (LINES_MAX + sizeof(d->head.office));
	char *text;
	struct wr w;
	size_t i;
	int r;

	if ((text = secret_new(cap)) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	w = wr_from(text, cap);
	for (i = 0; i < keys->n; i++)
		write_key(&w, &d->head, &keys->key[i]);
	r = wr_ok(&w) ? put(path, wr_rd(&w)) : ERR_LIMIT;
	secret_free(text);
	if (r == ERR_EXISTS)
		return fail(EXIT_CANTCREATE, "%s exists and is not "
		    "overwritten", path);
	if (r != 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path, r == ERR_IO ?
		    strerror(errno) : err_str(r));
	warn("whoever has these %zu keys opens every report sealed to them; "
	    "destroy the file when you are done", keys->n);
	return 0;
}

static int
log_it(const struct desk *d, const struct deskkeys *keys)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	int r;

	deskact_put_number(&w, keys->n);
	r = desklog_record(d->db, DESKACT_IDENTITIES, wr_rd(&w));
	if (r != 0)
		return fail(exit_for(r), "the desk log cannot be written, and "
		    "without it no key leaves the desk: %s", err_str(r));
	return 0;
}

/* see cmd.h */
int
cmd_identities(const struct opts *o)
{
	struct deskkeys *keys = NULL;
	struct desk *d = NULL;
	int code;

	if (opts_get(o, "output") == NULL)
		return opts_wrong(o, "identities needs -o FILE");
	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if ((code = desk_keys(&keys, d)) == 0 &&
	    (code = log_it(d, keys)) == 0)
		code = write_all(d, keys, opts_get(o, "output"));
	deskkeys_free(keys);
	desk_close(d);
	return code;
}
