/* SPDX-License-Identifier: ISC */
/*
 * tiles.h - which tiles and bundles a mirror has, and which it has no more.
 */
#ifndef ECR_COURIER_TILES_H
#define ECR_COURIER_TILES_H

#include <stdint.h>

#include "client/common/mirror.h"
#include "crypto/err.h"

/* Remove the tiles and bundles of this size that were not there at keep. */
void tiles_forget(struct mirror *m, uint64_t size, uint64_t keep);

/* The partial tiles of an older size, once a newer one is complete. */
void tiles_prune(struct mirror *m, uint64_t old, uint64_t size);

#endif
