/* SPDX-License-Identifier: ISC */
/*
 * chapoly.h - ChaCha20-Poly1305 (RFC 8439, no associated data), in bulk.
 *
 * OpenSSL's implementation, with one context a key so that the key schedule
 * and the fetch are paid once.
 */
#ifndef ECR_CHAPOLY_H
#define ECR_CHAPOLY_H

#include <stddef.h>

#include "crypto/err.h"

#define CHAPOLY_KEYBYTES	32
#define CHAPOLY_NONCEBYTES	12
#define CHAPOLY_TAGBYTES	16

struct chapoly;

/* NULL: out of memory.  chapoly_free() wipes. */
struct chapoly *chapoly_new(const unsigned char key[static CHAPOLY_KEYBYTES]);
void chapoly_free(struct chapoly *c);

/* out holds n + CHAPOLY_TAGBYTES; in and out may be the same. */
MUST_USE int chapoly_seal(struct chapoly *c, unsigned char *out,
    const unsigned char nonce[static CHAPOLY_NONCEBYTES],
    const unsigned char *in, size_t n);

/*
 * n counts the tag; out holds n - CHAPOLY_TAGBYTES and is wiped on error.
 * Errors: ERR_AUTH, ERR_FORMAT (shorter than a tag), ERR_NOMEM.
 */
MUST_USE int chapoly_open(struct chapoly *c, unsigned char *out,
    const unsigned char nonce[static CHAPOLY_NONCEBYTES],
    const unsigned char *in, size_t n);

#endif
