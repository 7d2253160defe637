/* SPDX-License-Identifier: ISC */
/*
 * deskkey.h - one secret seed of the desk in one small file of its own.
 *
 *   "ecrdkey" LF | version 1 | kind 1 | from 4 | to 4 | issue 2 | salt 32 |
 *   nonce 24 | wrapped seed 48
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

#define DESKKEY_BYTES	124
#define DESKKEY_VERSION	2
#define DESKKEY_NAME_CHARS 64
#define DESKKEYS_MAX	512	/* live sealing keys of one desk */

enum deskkey_kind { DESKKEY_SIGN = 1, DESKKEY_WEEK = 2, DESKKEY_STANDING = 3 };

struct deskkey {
	enum deskkey_kind kind;
	int32_t from, to;		/* days; 0 for the signing key */
	uint16_t issue;			/* of these days the n-th, from 1 */
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

/* The same as the next issue, where these days have a key already. */
MUST_USE int deskkey_make_next(struct deskkey *k, int dirfd,
    enum deskkey_kind kind, int32_t from, int32_t to,
    const unsigned char wrap[static 32]);

/* Its file's name: "sign", "week-2026-11-16", "week-2026-11-16-2". */
void deskkey_name(char out[static DESKKEY_NAME_CHARS],
    const struct deskkey *k);

/*
 * deskkey_destroy - overwrite its file, sync, unlink, sync the folder; the
 * seed in k is the caller's to wipe.  Killed at any point, the file is whole,
 * or is gone after the desk was opened again.  Gone already is no error.
 * Errors: ERR_IO (errno is kept).
 */
MUST_USE int deskkey_destroy(int dirfd, const struct deskkey *k);

/* All of a desk's keys; lives in locked memory. */
struct deskkeys {
	struct deskkey sign;
	size_t n;			/* sealing keys, by first day, issue */
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
