/* SPDX-License-Identifier: ISC */
/*
 * whole.h - is the log in a mirror, every file of it, what was signed?
 */
#ifndef ECR_DESK_WHOLE_H
#define ECR_DESK_WHOLE_H

#include "client/common/mirror.h"
#include "crypto/rd.h"

/*
 * whole_log - every entry bundle and hash tile against the root that the
 * checkpoint signs; its signature was checked before.
 *
 * path  the mirror's, for the words
 *
 * Returns an exit code: EXIT_CLAIM where something is missing or altered,
 * each file said by its name.  What a bad stick does is no evidence against
 * the log, and is not called so.
 */
MUST_USE int whole_log(struct mirror *m, struct rd checkpoint,
    const char *path);

#endif
