/* SPDX-License-Identifier: ISC */
/*
 * deskrec.h - what one record of the case store looks like on the disk.
 *
 *   key    BLAKE2b-256 under the index key over purpose, type and name
 *   value  nonce 24 | XChaCha20-Poly1305 of (length 4 | bytes | zeros) | tag
 *
 * Type and key are authenticated with the value, so no record can stand in
 * another's place.  Each type has one padded size, and all types but parts
 * and the tree share it: lengths tell how many parts there are, nothing
 * else.  Pure: no files.  See docs/formats/desk.md.
 */
#ifndef ECR_DESKREC_H
#define ECR_DESKREC_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

#define DESKREC_KEY_BYTES	32
#define DESKREC_OVER_BYTES	(24 + 16)

/* What the store holds; the numbers are on the disk. */
enum deskrec_type {
	REC_STATE = 1,		/* counters */
	REC_TREE = 2,		/* the log imported through: a frontier */
	REC_TRUST = 3,		/* log key, witnesses, quorum */
	REC_GROUP = 4,		/* one message and which parts are here */
	REC_GROUP_INDEX = 5,	/* id, hash, bytes, count -> group */
	REC_PART = 6,		/* one part's bytes */
	REC_CASE = 7,
	REC_CASE_INDEX = 8,	/* reference -> case */
	REC_MAILBOX = 9,	/* mailbox and author -> case */
	REC_ENTRY = 10,		/* (case, n) -> the n-th message of it */
	REC_PROBLEM = 11,	/* what one import found wrong */
	REC_ORPHAN = 12,	/* group -> who wrote this follow-up */
	REC_OUTSTATE = 13,	/* counters of what goes out (outrec.h) */
	REC_ANSWER = 14,	/* one answer, and how far it has come */
	REC_CASE_ANSWER = 15,	/* (case, n) -> the n-th answer of it */
	REC_CHUNK = 16,		/* a piece of something long */
	REC_STATEMENT = 17,	/* one statement, and how far it has come */
	REC_LOG_HEAD = 20,	/* the desk log: one generation's tree */
	REC_LOG_ENTRY = 21,	/* (generation, n) -> one act */
	REC_LOG_ANCHOR = 22,	/* n -> a signed checkpoint and its random */
	REC_ERASE = 24,		/* what may be erased at the server */
	REC_EPOCH = 25,		/* n -> close and first leaf of an epoch */
	REC_PEERS = 26		/* the roles of this desk's office: their keys */
};

#define DESKREC_SMALL_BYTES	960	/* padded, four a page */
#define DESKREC_TREE_BYTES	2560
#define DESKREC_CHUNK_BYTES	12232	/* three pages; one sealed reply */
#define DESKREC_PART_BYTES	61384	/* 15 pages less LMDB's header */
#define DESKREC_MAX_BYTES	DESKREC_PART_BYTES

struct deskrec_keys {
	unsigned char seal[32];
	unsigned char index[32];
};

/* The padded size of a type's plaintext; a record holds 4 bytes less. */
size_t deskrec_bytes(enum deskrec_type type);

/* The key under which a record stands. */
void deskrec_key(unsigned char out[static DESKREC_KEY_BYTES],
    const struct deskrec_keys *k, enum deskrec_type type, struct rd name);

/*
 * deskrec_seal - the value; out holds deskrec_bytes(type) +
 * DESKREC_OVER_BYTES, and that is how long it is.
 * Errors: ERR_LIMIT (too long for its type).
 */
MUST_USE int deskrec_seal(unsigned char *out, const struct deskrec_keys *k,
    enum deskrec_type type, const unsigned char key[static DESKREC_KEY_BYTES],
    struct rd plain);

/*
 * deskrec_open - buf holds deskrec_bytes(type); *plain is a view into it.
 * Errors: ERR_FORMAT (size or padding), ERR_AUTH.
 */
MUST_USE int deskrec_open(unsigned char *buf, struct rd *plain,
    const struct deskrec_keys *k, enum deskrec_type type,
    const unsigned char key[static DESKREC_KEY_BYTES], struct rd value);

#endif
