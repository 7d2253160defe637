/* SPDX-License-Identifier: ISC */
/*
 * tiles.h - do the hash tiles of a mirror follow from its entries?
 */
#ifndef ECR_COURIER_TILES_H
#define ECR_COURIER_TILES_H

#include <stddef.h>
#include <stdint.h>

#include "client/common/mirror.h"
#include "crypto/err.h"

/*
 * tiles_check - every hash of every tile at this size is recomputed from the
 * level below, level 0 from the entries.  *wrong names the first that is not.
 * Errors: ERR_CHANGED, ERR_NOTFOUND, ERR_FORMAT, ERR_NOMEM.
 */
MUST_USE int tiles_check(struct mirror *m, uint64_t size,
    char wrong[static 80]);

/* The exact length of a tile or entry bundle. */
size_t tiles_bytes(const struct tile *t);

/* Remove the tiles and bundles of this size that were not there at keep. */
void tiles_forget(struct mirror *m, uint64_t size, uint64_t keep);

/* The partial tiles of an older size, once a newer one is complete. */
void tiles_prune(struct mirror *m, uint64_t old, uint64_t size);

#endif
