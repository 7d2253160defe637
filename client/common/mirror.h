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
/* The same folder once more.  Errors: ERR_IO, ERR_NOMEM. */
MUST_USE int mirror_twin(struct mirror **out, const struct mirror *m);

/*
 * By name ("log/checkpoint", "parcels/<hex>", ...); names that leave the
 * mirror are refused.  *out is freed with file_free().
 */
MUST_USE int mirror_read(struct mirror *m, const char *name, size_t max,
    unsigned char **out, size_t *n);
/* Into memory that is there already: *n of max bytes. */
MUST_USE int mirror_read_into(struct mirror *m, const char *name,
    unsigned char *p, size_t max, size_t *n);
MUST_USE int mirror_write(struct mirror *m, const char *name, struct rd bytes);
bool mirror_has(struct mirror *m, const char *name);

/* "parcels/<hex>" and the like, for a digest. */
void mirror_name(char out[static 80], const char *folder,
    const unsigned char digest[static HASH_BYTES]);

/* A body of the mirror's own bookkeeping: written without waiting for disk. */
MUST_USE int mirror_write_lazy(struct mirror *m, const char *name,
    struct rd bytes);
/* Everything written so far is on disk. */
MUST_USE int mirror_sync(struct mirror *m);
/* Bytes of a file, or -1 where there is none. */
int64_t mirror_size(struct mirror *m, const char *name);
void mirror_remove(struct mirror *m, const char *name);

/* The bytes of a tile or bundle of this width. */
size_t mirror_tile_bytes(const struct tile *t);
/* "log/" and a tile's path. */
void mirror_tile_name(char out[static 80], const struct tile *t);

/* One entry, in order; returns 0 or the error that ends the walk. */
typedef int mirror_visit(void *arg, uint64_t index,
    const unsigned char entry[static ENTRY_BYTES]);

/*
 * mirror_walk - append the entries from tree->size to size to *tree, out of
 * the entry bundles that lie here; visit (may be NULL) sees each of them.
 * What was appended is worth as much as the root it leads to: the caller
 * compares that with a signed one.
 * *missing receives the bundle's name on ERR_NOTFOUND and ERR_FORMAT.
 */
MUST_USE int mirror_walk(struct mirror *m, struct tree *tree, uint64_t size,
    mirror_visit *visit, void *arg, char missing[static 80]);

/* The log as it lies here, from old's size on. */
struct mirror_log {
	struct tree tree;		/* at the signed size */
	unsigned char root[HASH_BYTES];
	uint64_t first;			/* index of the first of these */
	size_t count;
	unsigned char *entries;		/* count * ENTRY_BYTES, owned */
	unsigned char *note;		/* the checkpoint's bytes, owned */
	size_t note_bytes;
	char missing[80];		/* which file, where one is wrong */
};
/*
 * mirror_log_read - the entries that are new since old (NULL: all), checked:
 * the checkpoint is signed by key, and old's tree with these entries has the
 * signed root, so what is signed now extends what was seen then.
 * Errors: ERR_NOTFOUND (log->missing is not there), ERR_AUTH, ERR_NOMATCH
 *         (the checkpoint's signature), ERR_CHANGED (the signed tree is
 *         smaller than old, or not old and these entries), ERR_FORMAT,
 *         ERR_NOMEM.
 */
MUST_USE int mirror_log_read(struct mirror_log *log, struct mirror *m,
    const struct vkey *key, const struct tree *old);
void mirror_log_wipe(struct mirror_log *log);

#endif
