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
 * quorum_count - *n: witnesses whose line holds, each key and each name once.
 * A line of one of them that does not hold refuses the checkpoint.
 * Errors: ERR_FORMAT (not a note, or a key that is no cosigner's), ERR_AUTH
 *         (such a line), ERR_LIMIT.
 */
MUST_USE int quorum_count(size_t *n, struct rd checkpoint,
    const struct vkey *witness, size_t nwitnesses);

#endif
