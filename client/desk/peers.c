/* SPDX-License-Identifier: ISC */
/*
 * peers.c - the keys of the roles beside this one, pinned by the officer.
 *
 * Refuses a set of keys that this desk's own is not part of: a line left out
 * or mixed up would make the desk believe the wrong people.
 */
#include <string.h>

#include <sodium.h>

#include "client/common/say.h"
#include "client/desk/desklog.h"
#include "client/desk/peers.h"
#include "crypto/deskact.h"

#define NAME_BYTES	16
#define PEERS_BYTES	900		/* within a small record */

static struct rd
name_of(unsigned char b[static NAME_BYTES])
{
	struct wr w = wr_from(b, NAME_BYTES);

	wr_u64(&w, 0);
	wr_u64(&w, 0);
	return wr_rd(&w);
}

/* see peers.h */
int
peers_get(struct deskdb *db, struct office *o)
{
	unsigned char name[NAME_BYTES];
	struct rd r;
	int code;

	memset(o, 0, sizeof(*o));
	code = deskdb_get(db, REC_PEERS, name_of(name), &r);
	if (code == ERR_NOTFOUND)
		return 0;
	return code != 0 ? code : office_parse(o, r);
}

/* Is this desk's key the one of its role? */
static int
check_own(struct desk *d, const struct office *o, const char *path)
{
	struct deskkeys *keys = NULL;
	unsigned char sk[64];
	struct vkey own;
	int code, i, r;

	if ((code = desk_keys(&keys, d)) != 0)
		return code;
	r = desk_vkey(&own, sk, &d->head, keys);
	sodium_memzero(sk, sizeof(sk));
	deskkeys_free(keys);
	if (r != 0)
		return fail(exit_for(r), "this desk's key: %s", err_str(r));
	for (i = 0; i < OFFICE_ROLES; i++)
		if (o->has[i] && vkey_eq(&o->key[i], &own))
			return 0;
	return fail(EXIT_CONFIG, "%s: the key of this desk, %s, is not among "
	    "them", path, own.name);
}

static int
put(struct deskdb *db, const struct office *o)
{
	unsigned char name[NAME_BYTES], text[PEERS_BYTES];
	struct wr w = wr_from(text, sizeof(text));
	int i;

	for (i = 0; i < OFFICE_ROLES; i++)
		if (o->has[i]) {
			vkey_write(&w, &o->key[i]);
			wr_u8(&w, '\n');
		}
	if (!wr_ok(&w))
		return ERR_LIMIT;
	return deskdb_put(db, REC_PEERS, name_of(name), wr_rd(&w));
}

static int
write_down(struct desk *d, const struct vkey *k)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));

	deskact_put_str(&w, k->name);
	wr_bytes(&w, k->pk, 32);
	return desklog_add(d->db, DESKACT_PEER, wr_rd(&w));
}

/* see peers.h */
int
peers_pin(struct desk *d, const struct office *o, const char *path)
{
	int code, i, r;

	if ((code = check_own(d, o, path)) != 0)
		return code;
	r = put(d->db, o);
	for (i = 0; r == 0 && i < OFFICE_ROLES; i++)
		if (o->has[i] && strcmp(role_name((enum codename_role)i),
		    d->head.role) != 0)
			r = write_down(d, &o->key[i]);
	return r == 0 ? 0 : fail(exit_for(r), "the case store: %s",
	    err_str(r));
}
