/* SPDX-License-Identifier: ISC */
/*
 * recover.c - go on from the newest statement in the public log.
 *
 * Refuses where the keyset that this statement names is not in the mirror:
 * its sequence could only be guessed, and reporters refuse a wrong one.
 *
 * Invariant: statements, keyset, erase index and the desk log's generation
 * are adopted together or not at all.
 */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/desklog.h"
#include "client/desk/erase.h"
#include "client/desk/ownstmt.h"
#include "client/desk/recover.h"
#include "client/desk/store.h"
#include "crypto/hpke.h"
#include "crypto/sha256.h"

#define KEYSETS_MAX	(4 * NOTE_MAX_BYTES)

static int
store_failed(int r)
{
	return fail(exit_for(r), "the case store: %s", r == ERR_IO ?
	    strerror(errno) : err_str(r));
}

/* --- look ----------------------------------------------------------------- */

static int
find_newest(struct recovery *rc, struct deskdb *db)
{
	struct outstate os;
	int r;

	if ((r = deskdb_begin(db, false)) == 0 &&
	    (r = outstore_get_state(db, &os)) == 0 && os.foreign > 0)
		r = outstore_get_foreign(db, os.foreign, &rc->newest);
	deskdb_abort(db);
	if (r != 0)
		return store_failed(r);
	if (os.foreign > 0 && os.foreign <= os.logged)
		return fail(EXIT_CLAIM, "the log holds two statements %llu of "
		    "this role, and this desk made one of them: no backup "
		    "does that. Somebody else has its signing key: nothing is "
		    "exported any more, and the operator and the auditors must "
		    "know", (unsigned long long)os.foreign);
	if (os.foreign == 0)
		return fail(EXIT_NOINPUT, "there is nothing to recover: this "
		    "desk has imported no statement of its role but its own. "
		    "Import the newest mirror first");
	return 0;
}

static bool
have_secret(const struct deskkeys *keys, const struct age_recipient *rc)
{
	unsigned char pk[sizeof(rc->pk)];
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (hpke_public(pk, keys->key[i].seed) == 0 &&
		    memcmp(pk, rc->pk, sizeof(pk)) == 0)
			return true;
	return false;
}

static void
note_lost(struct recovery *rc, const struct keyset_key *k)
{
	if (rc->lost == 0 || k->from < rc->lost_from)
		rc->lost_from = k->from;
	if (rc->lost == 0 || k->to > rc->lost_to)
		rc->lost_to = k->to;
	rc->lost++;
}

static void
compare_keys(struct recovery *rc, const struct keyset *ks,
    const struct deskkeys *keys)
{
	size_t i;

	for (i = 0; i < ks->nkeys; i++)
		if (!have_secret(keys, &ks->key[i].rc))
			note_lost(rc, &ks->key[i]);
	if (ks->has_standing && !have_secret(keys, &ks->standing.rc))
		note_lost(rc, &ks->standing);
}

/* The keyset with this digest among those of the mirror. */
static int
find_keyset(struct recovery *rc, struct rd all, const struct vkey *k,
    const struct deskkeys *keys)
{
	unsigned char digest[HASH_BYTES];
	struct keyset ks;
	struct rd note;
	int r;

	memset(&ks, 0, sizeof(ks));
	while (!rd_done(&all)) {
		if ((r = keyset_next(&all, &note)) != 0)
			return r;
		sha256(digest, note.p, note.n);
		if (memcmp(digest, rc->newest.keyset, sizeof(digest)) != 0)
			continue;
		if ((r = keyset_open(&ks, note, k)) == 0) {
			rc->keyset_sequence = ks.sequence;
			compare_keys(rc, &ks, keys);
		}
		keyset_wipe(&ks);
		return r;
	}
	return ERR_NOTFOUND;
}

static int
look_keyset(struct recovery *rc, struct desk *d, struct mirror *m)
{
	struct deskkeys *keys = NULL;
	unsigned char *p = NULL, sk[64];
	struct vkey k;
	size_t n = 0;
	int code, r;

	if ((code = desk_keys(&keys, d)) != 0)
		return code;
	if ((r = mirror_read(m, "keyset", KEYSETS_MAX, &p, &n)) == 0 &&
	    (r = desk_vkey(&k, sk, &d->head, keys)) == 0)
		r = find_keyset(rc, rd_from(p, n), &k, keys);
	sodium_memzero(sk, sizeof(sk));
	deskkeys_free(keys);
	file_free(p, n);
	if (r == 0)
		return 0;
	return fail(r == ERR_NOMEM ? EXIT_SYSTEM : EXIT_NOINPUT, "the mirror "
	    "does not have the keyset that statement %llu names (%s): fetch "
	    "again", (unsigned long long)rc->newest.sequence, err_str(r));
}

/* see recover.h */
int
recover_look(struct recovery *rc, struct desk *d, struct mirror *m)
{
	int code;

	memset(rc, 0, sizeof(*rc));
	if ((code = find_newest(rc, d->db)) != 0)
		return code;
	return look_keyset(rc, d, m);
}

/* --- adopt ---------------------------------------------------------------- */

static int
adopt(struct deskdb *db, const struct recovery *rc)
{
	struct erase_wish wish;
	struct state st;
	struct stmt s;
	int r;

	if ((r = ownstmt_adopt(db, &s)) != 0)
		return r;
	if (memcmp(s.sha256, rc->newest.sha256, HASH_BYTES) != 0)
		return ERR_CHANGED;
	if ((r = store_get_state(db, &st)) != 0 ||
	    (r = erase_get(db, &wish)) != 0)
		return r;
	st.keyset_sequence = rc->keyset_sequence;
	wish.below = s.erase;
	wish.drop = s.drop;
	if ((r = store_put_state(db, &st)) != 0 ||
	    (r = erase_put(db, &wish)) != 0)
		return r;
	return desklog_open_generation(db, s.sequence, s.size, s.desklog);
}

/* see recover.h */
int
recover_adopt(struct desk *d, const struct recovery *rc)
{
	int r;

	if ((r = deskdb_begin(d->db, true)) == 0 &&
	    (r = adopt(d->db, rc)) == 0)
		r = deskdb_commit(d->db);
	deskdb_abort(d->db);
	return r == 0 ? 0 : store_failed(r);
}
