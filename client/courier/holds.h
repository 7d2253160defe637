/* SPDX-License-Identifier: ISC */
/*
 * holds.h - does the log that lies in a mirror hold?
 */
#ifndef ECR_COURIER_HOLDS_H
#define ECR_COURIER_HOLDS_H

#include <stdbool.h>

#include "client/common/mirror.h"
#include "crypto/err.h"
#include "crypto/tree.h"

/*
 * holds_log - the entries up to the old size (0: none was seen) have the old
 * root, all of them the new one, they stand in order, and every hash tile
 * follows from them.
 *
 * aloud  say on stderr what does not hold, each file by its name
 *
 * Errors: ERR_CHANGED; ERR_NOMEM and ERR_IO, which are no finding.
 */
MUST_USE int holds_log(struct mirror *m, const struct checkpoint *old,
    const struct checkpoint *now, bool aloud);

#endif
