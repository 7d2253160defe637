/* SPDX-License-Identifier: ISC */
/*
 * hpke.h - HPKE base mode (RFC 9180), one message, the one suite age uses:
 * KEM 0x647a (X-Wing), KDF HKDF-SHA-256, AEAD ChaCha20-Poly1305.
 *
 * An identity is the 32-byte X-Wing seed; nothing else of it is stored.
 */
#ifndef ECR_HPKE_H
#define ECR_HPKE_H

#include <stddef.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

#define HPKE_PK_BYTES		1216
#define HPKE_ENC_BYTES		1120
#define HPKE_ESEED_BYTES	64	/* encapsulation randomness */
#define HPKE_TAG_BYTES		16
#define HPKE_SS_BYTES		32

/* The public key of a seed. */
MUST_USE int hpke_public(unsigned char pk[static HPKE_PK_BYTES],
    const unsigned char seed[static SEED_BYTES]);

/* Is this a key that encapsulation accepts?  (FIPS 203's key check.) */
MUST_USE int hpke_check_public(const unsigned char pk[static HPKE_PK_BYTES]);

/*
 * Can this be somebody's encapsulation?  ERR_FORMAT where its X25519 half is
 * a point of low order, so that every key would get zero from it: said from
 * the bytes alone, whoever they are for.  hpke_check_share() asks it of 32
 * bytes of X25519.
 */
MUST_USE int hpke_check_enc(const unsigned char enc[static HPKE_ENC_BYTES]);
MUST_USE int hpke_check_share(const unsigned char share[static 32]);

/*
 * hpke_seal - SealBase: enc and the sealed pt (pt.n + HPKE_TAG_BYTES in ct).
 * eseed   HPKE_ESEED_BYTES of encapsulation randomness; NULL draws it
 * Errors: ERR_FORMAT (not a usable public key), ERR_NOMEM.
 */
MUST_USE int hpke_seal(unsigned char enc[static HPKE_ENC_BYTES],
    unsigned char *ct, const unsigned char pk[static HPKE_PK_BYTES],
    struct rd info, struct rd aad, struct rd pt, const unsigned char *eseed);

/*
 * hpke_open - OpenBase into pt (ct.n - HPKE_TAG_BYTES).
 * Errors: ERR_FORMAT (enc cannot be, e.g. a low-order X25519 half),
 *         ERR_NOMATCH (well formed, not for this key), ERR_NOMEM.
 * Wipes:  all intermediate secrets, and pt on error.
 */
MUST_USE int hpke_open(unsigned char *pt,
    const unsigned char enc[static HPKE_ENC_BYTES],
    const unsigned char seed[static SEED_BYTES], struct rd info,
    struct rd aad, struct rd ct);

/*
 * struct hpke_key - an identity made ready for many openings, the work that
 * does not depend on enc done once.  Some 4 KiB; allocate it with
 * hpke_key_new(), which keeps it in locked memory.
 * Errors of hpke_key_open(): as hpke_open(), and it gives the same bytes.
 */
struct hpke_key;
struct hpke_key *hpke_key_new(const unsigned char seed[static SEED_BYTES]);
void hpke_key_free(struct hpke_key *k);		/* wipes */
MUST_USE int hpke_key_open(unsigned char *pt,
    const unsigned char enc[static HPKE_ENC_BYTES], const struct hpke_key *k,
    struct rd info, struct rd aad, struct rd ct);

/* The key schedule alone, for known answers. */
void hpke_schedule(unsigned char key[static 32], unsigned char nonce[static 12],
    const unsigned char ss[static HPKE_SS_BYTES], struct rd info);

#endif
