/* SPDX-License-Identifier: ISC */
/*
 * quorum.h - how many of our witnesses cosigned a checkpoint (C2SP
 * tlog-cosignature, Ed25519).
 */
#ifndef ECR_QUORUM_H
#define ECR_QUORUM_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"

/*
 * quorum_count - *n: witnesses with at least one line that holds.  A line
 * with a witness's name and key id that does not hold is passed over: it
 * says nothing about the witness.
 * Errors: ERR_FORMAT (the bytes are not a note).
 */
MUST_USE int quorum_count(size_t *n, struct rd checkpoint,
    const struct vkey *witness, size_t nwitnesses);

#endif
