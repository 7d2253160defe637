/* SPDX-License-Identifier: ISC */
/*
 * subkeys.h - what follows from a desk's master key: one key a purpose.
 */
#ifndef ECR_SUBKEYS_H
#define ECR_SUBKEYS_H

#include "client/desk/desk.h"

void subkeys_derive(struct desk_secret *s,
    const unsigned char master[static DESK_MASTER_BYTES]);

#endif
