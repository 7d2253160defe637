/* SPDX-License-Identifier: ISC */
/*
 * reply.h - an answer on its way to one mailbox: an age file of exactly
 * REPLY_BYTES with one hybrid stanza, whose plaintext is one part.
 *
 *   version 1 | kind 1 | index 2 | count 2 | message id 16 |
 *   message SHA-256 32 | message bytes 8 | this part's bytes 4 |
 *   bytes | zeros                            (REPLY_PLAIN_BYTES in all)
 *
 * All parts but the last are full.  The message is a signed note by the
 * role's key: "<office name>/reply", the hex SHA-256 of the mailbox string,
 * one line of JSON.  See docs/formats/reply.md.
 */
#ifndef ECR_REPLY_H
#define ECR_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/agekey.h"
#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define REPLY_VERSION	1
#define REPLY_MESSAGE	1		/* kind */
#define REPLY_COVER	2		/* kind; random bytes, nobody's key */
#define REPLY_PARTS_MAX	128
#define REPLY_MESSAGE_MAX	((uint64_t)REPLY_PARTS_MAX * REPLY_DATA_BYTES)

struct reply_part {
	uint8_t kind;
	uint16_t index, count;
	unsigned char id[MSG_ID_BYTES];
	unsigned char sha256[HASH_BYTES];	/* of the whole message */
	uint64_t bytes;				/* of the whole message */
	struct rd data;
};

/* How many parts so many bytes need; 0: none, or too many. */
uint16_t reply_part_count(uint64_t bytes);
uint32_t reply_part_bytes(uint64_t bytes, uint16_t index);

MUST_USE int reply_part_write(unsigned char out[static REPLY_PLAIN_BYTES],
    const struct reply_part *p);
/* data points into plain. */
MUST_USE int reply_part_parse(struct reply_part *p, struct rd plain);

/* Shape: the size, one hybrid stanza, one chunk.  Nothing is opened. */
MUST_USE int reply_check(struct rd reply);
MUST_USE int reply_seal(unsigned char out[static REPLY_BYTES],
    const unsigned char plain[static REPLY_PLAIN_BYTES],
    const struct age_recipient *to);
/* A reply that nobody can open. */
MUST_USE int reply_cover(unsigned char out[static REPLY_BYTES]);
/* Errors as age_open(); plain is wiped on each of them. */
MUST_USE int reply_open(unsigned char plain[static REPLY_PLAIN_BYTES],
    const struct age_identity *mailbox, struct rd reply);

/*
 * The same for many replies and one mailbox: the key is made ready once, and
 * a reply of somebody else's costs half.
 * reply_opener_new() gives NULL where memory is out or mailbox is not hybrid.
 */
struct reply_opener;
struct reply_opener *reply_opener_new(const struct age_identity *mailbox);
void reply_opener_free(struct reply_opener *o);	/* wipes */
MUST_USE int reply_opener_open(const struct reply_opener *o,
    unsigned char plain[static REPLY_PLAIN_BYTES], struct rd reply);

/* How many replies an export holds: 4 * max(1, ceil((n + r) / 4)), r < 16. */
size_t reply_padded(size_t n, unsigned r);

/* SHA-256 of the mailbox's recipient string, as notes and desk name it. */
void reply_mailbox_hash(unsigned char out[static HASH_BYTES],
    const struct age_recipient *mailbox);

/*
 * The message: json is one line without LF.  Signed by the role's key.
 * Errors: ERR_FORMAT (a control byte in json), ERR_LIMIT (w, or longer than
 *         NOTE_MAX_BYTES, the note in all), ERR_AUTH.
 */
MUST_USE int reply_note_write(struct wr *w, struct rd office,
    const unsigned char mailbox[static HASH_BYTES], struct rd json,
    const struct vkey *k, const unsigned char sk[static 64]);
/*
 * *json is a view into note.  The note must be signed by k alone, be a reply
 * of k's office, and be addressed to this mailbox.
 * Errors: ERR_FORMAT, ERR_AUTH, ERR_NOMATCH (another key's), ERR_CHANGED
 *         (another mailbox's).
 */
MUST_USE int reply_note_open(struct rd *json, struct rd note,
    const unsigned char mailbox[static HASH_BYTES], const struct vkey *k);

#endif
