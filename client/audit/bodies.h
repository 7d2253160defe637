/* SPDX-License-Identifier: ISC */
/*
 * bodies.h - what an entry stands for: a parcel's bytes, a statement's
 * signature.
 */
#ifndef ECR_AUDIT_BODIES_H
#define ECR_AUDIT_BODIES_H

#include <stdbool.h>
#include <stdint.h>

#include "client/audit/keys.h"
#include "client/audit/source.h"
#include "crypto/entry.h"

/*
 * body_check - a statement's digest always, its signature where the office's
 * keys are known, a parcel's digest if asked for.  *checked counts parcels.
 * Says what does not hold or cannot be had; an exit code.
 */
MUST_USE int body_check(struct source *src, const struct keys *k,
    const struct entry *e, bool parcels, uint64_t *checked);

#endif
