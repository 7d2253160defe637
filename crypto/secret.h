/* SPDX-License-Identifier: ISC */
/*
 * secret.h - memory for keys that live long.
 *
 * secret_init() comes first in every program: it starts libsodium and tries
 * once whether memory can be locked.  A secret_new() block is locked, guarded
 * and wiped when freed; it costs several pages, so short-lived keys stay on
 * the stack and are wiped with sodium_memzero().
 */
#ifndef ECR_SECRET_H
#define ECR_SECRET_H

#include <stddef.h>

#include "crypto/err.h"

/*
 * Errors: ERR_ORDER (libsodium does not start), ERR_LIMIT (no memory can be
 * locked here: the limit on locked memory is too low).
 */
MUST_USE int secret_init(void);
void *secret_new(size_t n);		/* NULL: out of memory */
void secret_free(void *p);		/* wipes; NULL does nothing */

#endif
