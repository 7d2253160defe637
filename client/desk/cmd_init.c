/* SPDX-License-Identifier: ISC */
/*
 * cmd_init.c - `ecrdesk init` and `ecrdesk trust`.
 */
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/common/secretin.h"
#include "client/common/vkeyfile.h"
#include "client/desk/cmd.h"
#include "client/desk/desk.h"
#include "client/desk/desklog.h"
#include "client/desk/keylife.h"
#include "client/desk/peers.h"
#include "client/desk/store.h"
#include "crypto/codename.h"
#include "crypto/secret.h"

#define PASS_SHORT	12	/* characters; below, we say something */
#define ORIGIN_TAIL	25	/* "/desk/" and a number: the desk log's */

/* --- init --------------------------------------------------------------- */

/* "<office>/<role>" must be a key's name. */
static bool
names_ok(const char *office, const char *role)
{
	const size_t n = strlen(office) + 1 + strlen(role) + ORIGIN_TAIL;

	return note_name_ok(rd_str(office)) && n <= NAME_MAX_BYTES &&
	    (strcmp(role, role_name(ROLE_OFFICE)) == 0 ||
	    strcmp(role, role_name(ROLE_ALTERNATE)) == 0);
}

/* Reads --kdf-memory; false where it is no number that we take. */
static bool
kdf_memory(const struct opts *o, uint32_t *mib)
{
	const char *s = opts_get(o, "kdf-memory");
	uint64_t v;

	*mib = DESK_KDF_MIB;
	if (s == NULL)
		return true;
	if (!rd_dec(rd_str(s), DESK_KDF_MIB_MAX, &v) || v < DESK_KDF_MIB_MIN)
		return false;
	*mib = (uint32_t)v;
	return true;
}

/* see cmd.h */
int
cmd_init(const struct opts *o)
{
	const char *office = opts_get(o, "office");
	const char *role = opts_get(o, "role");
	const char *path = opts_get(o, "desk");
	char *pass = NULL;
	uint32_t mib;
	int code, r;

	if (office == NULL)
		return opts_wrong(o, "init needs -o OFFICE");
	if (role == NULL)
		role = role_name(ROLE_OFFICE);
	if (!names_ok(office, role))
		return opts_wrong(o, "an office's name has no space and no "
		    "'+', and a role is 'office' or 'alternate'");
	if (!kdf_memory(o, &mib))
		return opts_wrong(o, "--kdf-memory is a number of MiB from "
		    "%d to %d", DESK_KDF_MIB_MIN, DESK_KDF_MIB_MAX);
	r = secretin_read(&pass, opts_get(o, "passphrase-file"),
	    "New passphrase of the desk: ", true);
	if (r != 0)
		return desk_no_passphrase(opts_get(o, "passphrase-file"), r);
	if (pass[0] == '\0') {
		secret_free(pass);
		return fail(EXIT_USAGE, "the passphrase is empty");
	}
	if (strlen(pass) < PASS_SHORT)
		say("this passphrase is short; six random words are good");
	code = desk_create(path, office, role, mib, pass);
	secret_free(pass);
	if (code != 0)
		return code;
	say("a desk for %s/%s stands in %s", office, role, path);
	say("publish %s/public/office.vkey, and give %s/public/keyset to the "
	    "server", path, path);
	say("next: ecrdesk -d %s trust -l LOG.vkey", path);
	return 0;
}

/* --- trust -------------------------------------------------------------- */

/* All witnesses of the command line; *n says how many. */
static int
load_witnesses(const struct opts *o, struct vkey *w, size_t *n)
{
	const char *path;
	size_t i;
	int code;

	for (*n = 0; (path = opts_nth(o, "witness", *n)) != NULL; (*n)++) {
		if (*n == KEYSET_WITNESSES_MAX)
			return fail(EXIT_USAGE, "more than %d witnesses",
			    KEYSET_WITNESSES_MAX);
		if ((code = vkeyfile_load(&w[*n], path, NOTE_COSIG)) != 0)
			return code;
		for (i = 0; i < *n; i++)
			if (strcmp(w[i].name, w[*n].name) == 0)
				return fail(EXIT_USAGE,
				    "%s: this witness is named twice", path);
	}
	return 0;
}

/* More than half of the witnesses, where the officer does not say. */
static bool
quorum_of(const struct opts *o, size_t nwitnesses, unsigned *quorum)
{
	const char *s = opts_get(o, "quorum");
	uint64_t v = nwitnesses == 0 ? 0 : nwitnesses / 2 + 1;

	if (s != NULL && !rd_dec(rd_str(s), nwitnesses, &v))
		return false;
	*quorum = (unsigned)v;
	return true;
}

/*
 * Inside a transaction that the caller commits.  Another log than the one
 * imported from would be another history.
 */
static int
pin(struct desk *d, const struct trust *t, const struct vkey *witness)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	struct trust old;
	struct tree tree;
	int r;

	if ((r = deskdb_begin(d->db, true)) != 0 ||
	    (r = store_get_trust(d->db, &old)) != 0 ||
	    (r = store_get_tree(d->db, &tree)) != 0)
		return fail(exit_for(r), "the case store: %s", err_str(r));
	if (tree.size > 0 && old.has_log && !vkey_eq(&old.log, &t->log))
		return fail(EXIT_CONFIG, "this desk has imported from the log "
		    "%s and cannot change to another", old.log.name);
	deskact_put_str(&w, t->log.name);
	wr_bytes(&w, t->log.pk, sizeof(t->log.pk));
	deskact_put_number(&w, t->nwitnesses);
	deskact_put_number(&w, t->quorum);
	if ((r = store_put_trust(d->db, t, witness)) != 0 ||
	    (r = desklog_add(d->db, DESKACT_TRUST, wr_rd(&w))) != 0)
		return fail(exit_for(r), "the case store: %s", err_str(r));
	return 0;
}

/* see cmd.h */
int
cmd_trust(const struct opts *o)
{
	struct vkey witness[KEYSET_WITNESSES_MAX];
	const char *joint = opts_get(o, "office-vkey");
	struct desk *d = NULL;
	struct office peers;
	struct trust t;
	int code, r;

	memset(&t, 0, sizeof(t));
	if (opts_get(o, "log") == NULL)
		return opts_wrong(o, "trust needs -l LOG.vkey");
	if ((code = vkeyfile_load(&t.log, opts_get(o, "log"),
	    NOTE_ED25519)) != 0 ||
	    (code = load_witnesses(o, witness, &t.nwitnesses)) != 0)
		return code;
	t.has_log = true;
	if (joint != NULL && office_load(&peers, joint) != 0)
		return EXIT_DATA;
	if (!quorum_of(o, t.nwitnesses, &t.quorum))
		return opts_wrong(o, "-q is a number from 0 to that of the "
		    "witnesses");
	code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"));
	if (code == 0 && (code = pin(d, &t, witness)) == 0 && joint != NULL)
		code = peers_pin(d, &peers, joint);
	if (code == 0)
		code = keylife_publish(d);
	/* A keyset that readers would refuse is pinned nowhere. */
	if (code == 0 && (r = deskdb_commit(d->db)) != 0)
		code = fail(exit_for(r), "the case store: %s", err_str(r));
	if (code == 0 && t.quorum > 0)
		warn("from now on a mirror without cosignatures of %u "
		    "witnesses is refused; a server that asks none of them "
		    "never has any (-q 0 goes without)", t.quorum);
	if (code == 0)
		say("trusting the log %s, %u of %zu witnesses; the keyset in "
		    "%s/public is signed anew", t.log.name, t.quorum,
		    t.nwitnesses, opts_get(o, "desk"));
	desk_close(d);
	return code;
}
