/* SPDX-License-Identifier: ISC */
/*
 * part.h - the plaintext of a parcel, one part of a message.
 *
 *   version 1 | kind 1 | index 2 | count 2 | message id 16 |
 *   message SHA-256 32 | message bytes 8 | this part's bytes 4 |
 *   seal seed 32 | bytes | zeros            (PARCEL_PLAIN_BYTES in all)
 *
 * All parts but the last are full.  See docs/formats/part.md.
 */
#ifndef ECR_PART_H
#define ECR_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

#define PART_VERSION	1
#define PART_MESSAGE	1		/* the only kind */

struct part {
	uint16_t index, count;
	unsigned char id[MSG_ID_BYTES];
	unsigned char sha256[HASH_BYTES];	/* of the whole message */
	uint64_t bytes;				/* of the whole message */
	unsigned char seed[SEED_BYTES];		/* secret: the seal seed */
	struct rd data;
};

/*
 * Bytes cut into pieces of which all but the last are full, as messages and
 * answers are: how many pieces (0: none, or more bytes than max), and how
 * many bytes piece index has (0: there is none).
 */
uint16_t cut_count(uint64_t bytes, uint32_t full, uint64_t max);
uint32_t cut_bytes(uint64_t bytes, uint32_t full, uint64_t max,
    uint16_t index);

/* How many parts a message of so many bytes has; 0: too long or empty. */
uint16_t part_count(uint64_t bytes);
/* How many bytes part index of such a message carries. */
uint32_t part_bytes(uint64_t bytes, uint16_t index);

/* data must have part_bytes() bytes.  ERR_FORMAT where the head is wrong. */
MUST_USE int part_write(unsigned char out[static PARCEL_PLAIN_BYTES],
    const struct part *p);
/* data points into plain. */
MUST_USE int part_parse(struct part *p, struct rd plain);

#endif
