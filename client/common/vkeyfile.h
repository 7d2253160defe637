/* SPDX-License-Identifier: ISC */
/*
 * vkeyfile.h - a verifier key in a file of its own.
 */
#ifndef ECR_VKEYFILE_H
#define ECR_VKEYFILE_H

#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"

/*
 * vkeyfile_load - the one key in a file, of this type (NOTE_ED25519,
 * NOTE_COSIG); comments ('#') and empty lines are passed over.  Says what is
 * wrong with the file; returns an exit code.
 */
MUST_USE int vkeyfile_load(struct vkey *k, const char *path, uint8_t type);

#endif
