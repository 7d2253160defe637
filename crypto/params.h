/* SPDX-License-Identifier: ISC */
/*
 * params.h - the sizes and constants that everybody shares.
 *
 * One place for every number that two programs must agree on.  The formats
 * behind them: docs/formats/.  Sizes are in bytes, integers on the wire are
 * big-endian.
 */
#ifndef ECR_PARAMS_H
#define ECR_PARAMS_H

/* A parcel: one age file, always this size and shape. */
#define PARCEL_BYTES		65520	/* 16 pages less LMDB's page header */
#define PARCEL_SLOTS		4	/* mlkem768x25519 stanzas */
#define PARCEL_PLAIN_BYTES	59190	/* PARCEL_BYTES - 102 - 1557 * 4 */
#define PARCEL_PARTS_MAX	4096	/* parts of one message */

/* A part: the plaintext of a parcel. */
#define PART_HEAD_BYTES		98
#define PART_DATA_BYTES		(PARCEL_PLAIN_BYTES - PART_HEAD_BYTES)

/* A reply: one age file to one mailbox. */
#define REPLY_BYTES		8176
#define REPLY_PLAIN_BYTES	6517
#define REPLY_HEAD_BYTES	66
#define REPLY_DATA_BYTES	(REPLY_PLAIN_BYTES - REPLY_HEAD_BYTES)

/* The log. */
#define ENTRY_BYTES		41	/* kind 1 | epoch close 8 | SHA-256 */

/* Everywhere. */
#define HASH_BYTES		32	/* SHA-256 */
#define SEED_BYTES		32	/* identity, Ed25519 seed, seal seed */
#define SIG_BYTES		64	/* Ed25519 */
#define MSG_ID_BYTES		16
#define CODENAME_BYTES		16
#define CODENAME_WORDS		12

/* Names: an office, a role, an origin, a key.  No space, no '+'. */
#define NAME_MAX_BYTES		255

/* Notes: how much of one is read at most. */
#define NOTE_MAX_BYTES		(512 * 1024)

#endif
