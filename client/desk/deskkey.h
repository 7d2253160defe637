/* SPDX-License-Identifier: ISC */
/*
 * deskkey.h - one secret seed of the desk in one small file of its own.
 *
 *   "ecrdkey" LF | version 1 | kind 1 | from 4 | to 4 | salt 32 | nonce 24 |
 *   wrapped seed 48
 *
 * The wrapping key is BLAKE2b under the desk's wrap key over all before the
 * nonce, so it exists nowhere without the file's own random salt: whoever
 * overwrites the file has destroyed the seed, whatever else is kept.  The
 * codec is pure; see docs/formats/desk.md.
 */
#ifndef ECR_DESKKEY_H
#define ECR_DESKKEY_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/agekey.h"
#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define DESKKEY_BYTES	122
#define DESKKEY_VERSION	1
#define DESKKEYS_MAX	192	/* live sealing keys of one desk */

enum deskkey_kind { DESKKEY_SIGN = 1, DESKKEY_WEEK = 2, DESKKEY_STANDING = 3 };

struct deskkey {
	enum deskkey_kind kind;
	int32_t from, to;		/* days; 0 for the signing key */
	unsigned char seed[SEED_BYTES];	/* secret */
};

/* Draws salt and nonce.  ERR_FORMAT: kind or days are not possible. */
MUST_USE int deskkey_seal(unsigned char out[static DESKKEY_BYTES],
    const struct deskkey *k, const unsigned char wrap[static 32]);
/* Errors: ERR_FORMAT, ERR_AUTH.  Wipes k on error. */
MUST_USE int deskkey_open(struct deskkey *k, struct rd file,
    const unsigned char wrap[static 32]);

/* --- the folder DESK/keys ------------------------------------------------ */

/* A new seed, written durably; an existing file is never overwritten. */
MUST_USE int deskkey_make(struct deskkey *k, int dirfd,
    enum deskkey_kind kind, int32_t from, int32_t to,
    const unsigned char wrap[static 32]);

/* All of a desk's keys; lives in locked memory. */
struct deskkeys {
	struct deskkey sign;
	size_t n;			/* sealing keys, sorted by first day */
	struct deskkey key[DESKKEYS_MAX];
};

/*
 * deskkeys_load - the signing key and every sealing key that is still there.
 * *bad names the file that is not what it should be (static storage).
 * Errors: ERR_NOTFOUND (no signing key), ERR_FORMAT, ERR_AUTH, ERR_LIMIT,
 *         ERR_IO, ERR_NOMEM.
 * Owns:   the caller frees *out with deskkeys_free(), which wipes.
 */
MUST_USE int deskkeys_load(struct deskkeys **out, int dirfd,
    const unsigned char wrap[static 32], const char **bad);
void deskkeys_free(struct deskkeys *ks);

#endif
