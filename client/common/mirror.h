/* SPDX-License-Identifier: ISC */
/*
 * mirror.h - a plain folder with the same names as the server's URLs.
 *
 *   log/checkpoint  log/tile/...  parcels/<hex>  replies  statements/<hex>
 *   keyset  policy
 *
 * Written so that it can be resumed and is never half true: bodies first,
 * log/checkpoint last.  Whoever reads a mirror trusts nothing in it.
 */
#ifndef ECR_MIRROR_H
#define ECR_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/entry.h"
#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/tree.h"

struct mirror;

/* make: create the folders.  Errors: ERR_NOTFOUND, ERR_IO, ERR_NOMEM. */
MUST_USE int mirror_open(struct mirror **out, const char *path, bool make);
void mirror_close(struct mirror *m);

/*
 * By name ("log/checkpoint", "parcels/<hex>", ...); names that leave the
 * mirror are refused.  *out is freed with file_free().
 */
MUST_USE int mirror_read(struct mirror *m, const char *name, size_t max,
    unsigned char **out, size_t *n);
MUST_USE int mirror_write(struct mirror *m, const char *name, struct rd bytes);
bool mirror_has(struct mirror *m, const char *name);

/* "parcels/<hex>" and the like, for a digest. */
void mirror_name(char out[static 80], const char *folder,
    const unsigned char digest[static HASH_BYTES]);

/*
 * The log as it lies here: the checkpoint's signature, every entry bundle
 * up to its size, and the root recomputed from the entries.
 */
struct mirror_log {
	uint64_t size;
	unsigned char root[HASH_BYTES];
	unsigned char *entries;		/* size * ENTRY_BYTES, owned */
};
/*
 * mirror_log_read - all entries, checked against the signed root.
 * old: the size and root seen before (old->size 0: none): entries below it
 * must still have that root.
 * Errors: ERR_NOTFOUND (no checkpoint, or a bundle missing), ERR_AUTH
 *         (signature or root), ERR_CHANGED (not an extension of old),
 *         ERR_FORMAT, ERR_NOMEM.
 */
MUST_USE int mirror_log_read(struct mirror_log *log, struct mirror *m,
    const struct vkey *key, const struct tree *old);
void mirror_log_wipe(struct mirror_log *log);

#endif
