/* SPDX-License-Identifier: ISC */
/*
 * message.h - the frame of a message: JSON bytes 4 | JSON | attachments one
 * after the other | signature 64.
 *
 * The author's Ed25519 signature is over "ecrdrop/message/v1" LF || message
 * id || SHA-256 of all before it.  What the JSON says is none of this
 * module's business.  See docs/formats/message.md.
 */
#ifndef ECR_MESSAGE_H
#define ECR_MESSAGE_H

#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/sha256.h"

#define MESSAGE_JSON_MAX	(1u << 20)	/* 1 MiB of JSON */
#define MESSAGE_BYTES_MAX	((uint64_t)PARCEL_PARTS_MAX * PART_DATA_BYTES)

/* The length of a message; 0: over a limit, or no JSON. */
uint64_t message_bytes(uint64_t json, uint64_t attachments);

/*
 * body: SHA-256 of all bytes before the signature.  The signature is checked
 * before it is given out; a key that is not a pair is a bug and aborts.
 */
void message_sign(unsigned char sig[static SIG_BYTES],
    const unsigned char id[static MSG_ID_BYTES],
    const unsigned char body[static HASH_BYTES],
    const unsigned char author_sk[static 64]);
MUST_USE int message_verify(const unsigned char sig[static SIG_BYTES],
    const unsigned char id[static MSG_ID_BYTES],
    const unsigned char body[static HASH_BYTES],
    const unsigned char author_pk[static 32]);

/*
 * A reader for messages that come in pieces.  It hashes everything, keeps
 * the JSON and the signature, and passes by the attachments.
 */
struct message_reader;
MUST_USE int message_reader_new(struct message_reader **out, uint64_t bytes);
MUST_USE int message_reader_push(struct message_reader *m, struct rd piece);
/*
 * All bytes were pushed: the JSON (a view that lives as long as m), where
 * the attachments begin and how many bytes they have, both hashes.
 */
struct message_view {
	struct rd json;
	uint64_t attachments_at, attachments_bytes;
	unsigned char body[HASH_BYTES];		/* before the signature */
	unsigned char whole[HASH_BYTES];	/* with it */
	unsigned char sig[SIG_BYTES];
};
MUST_USE int message_reader_finish(struct message_reader *m,
    struct message_view *v);
void message_reader_free(struct message_reader *m);

#endif
