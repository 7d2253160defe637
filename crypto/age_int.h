/* SPDX-License-Identifier: ISC */
/*
 * age_int.h - what age_head.c, age_seal.c and age_open.c share; theirs alone.
 *
 * The header is judged from its bytes, before any key is used: a verdict of
 * ERR_FORMAT does not depend on whose file it is.
 */
#ifndef ECR_AGE_INT_H
#define ECR_AGE_INT_H

#include <stdbool.h>

#include "crypto/age.h"
#include "crypto/chapoly.h"

#define AGE_VERSION_LINE	"age-encryption.org/v1"
#define AGE_SHARE_BYTES		32
#define AGE_MAC_BYTES		32
#define AGE_BODY_BYTES		(AGE_FILE_KEY_BYTES + CHAPOLY_TAGBYTES)
#define AGE_SEALED_BYTES	(AGE_CHUNK_BYTES + CHAPOLY_TAGBYTES)

enum age_type { AGE_TYPE_OTHER, AGE_TYPE_HYBRID, AGE_TYPE_X25519,
	AGE_TYPE_SCRYPT };

enum age_want { AGE_WANT_VERSION, AGE_WANT_STANZA, AGE_WANT_BODY,
	AGE_WANT_NOTHING };

/*
 * A header as far as it was read.  Set all to zero to begin; it points
 * nowhere, and every call gets the same bytes again, or more of them.
 */
struct age_head {
	enum age_want want;
	size_t at;			/* whole lines, judged */
	size_t seen;			/* no LF between at and here */
	size_t mac_end;			/* what the MAC covers */
	size_t stanzas;
	size_t scrypts;
	enum age_type type;		/* of the stanza being read */
	size_t body;			/* bytes of it so far */
	unsigned char mac[AGE_MAC_BYTES];
};

/*
 * age_head_scan - go on reading.
 * have    the file's bytes so far, from its first
 * Returns 1 when the header is complete (it is the first h->at bytes), 0
 * when it is good so far but not all there, else ERR_FORMAT or ERR_LIMIT.
 */
MUST_USE int age_head_scan(struct age_head *h, struct rd have);

/*
 * age_head_unwrap - find the file key of a complete header and check the MAC.
 * Errors: ERR_NOMATCH, ERR_AUTH; file_key is wiped then.
 */
MUST_USE int age_head_unwrap(const struct age_head *h, struct rd have,
    const struct age_identity *ids, size_t nids,
    unsigned char file_key[static AGE_FILE_KEY_BYTES], size_t *which);

/* The MAC over a header's bytes up to and with its "---". */
void age_head_mac(unsigned char mac[static AGE_MAC_BYTES],
    const unsigned char file_key[static AGE_FILE_KEY_BYTES], struct rd head);

/* Is the MAC of a complete header this file key's?  ERR_AUTH. */
MUST_USE int age_head_check(const struct age_head *h, struct rd have,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES]);

/* The payload's cipher.  NULL: out of memory. */
struct chapoly *age_payload(
    const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const unsigned char nonce[static AGE_NONCE_BYTES]);

/* The nonce of chunk number i. */
void age_chunk_nonce(unsigned char nonce[static CHAPOLY_NONCEBYTES],
    uint64_t i, bool last);

#endif
