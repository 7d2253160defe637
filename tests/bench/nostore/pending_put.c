/* SPDX-License-Identifier: ISC */
/*
 * pending_put.c - stands in for server/pending_put.c in ecrdropd-nostore,
 * the bench's anchor: the same server with storage switched off.
 *
 * Parcels are copied out, checked, hashed, looked up, signed for and
 * answered; they are neither encrypted nor written, so such a server must
 * never close an epoch.
 */
#include "server/pending_int.h"

/* see pending.h */
int
pending_begin(struct pending *p)
{
	(void)p;
	return 0;
}

/* see pending.h */
int
pending_put(struct pending *p, const unsigned char parcel[static PARCEL_BYTES],
    const unsigned char digest[static HASH_BYTES])
{
	(void)parcel;
	return digests_add(p->digests, digest, 0);
}

/* see pending.h */
int
pending_commit(struct pending *p)
{
	p->committed = digests_count(p->digests);
	return 0;
}

/* see pending.h */
void
pending_abort(struct pending *p)
{
	digests_truncate(p->digests, p->committed);
}
