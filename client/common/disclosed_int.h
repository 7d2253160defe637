/* SPDX-License-Identifier: ISC */
/*
 * disclosed_int.h - what disclosed.c and its parts share; theirs alone.
 *
 * Invariant: buf holds the whole of the next piece, or all there is left.
 */
#ifndef ECR_DISCLOSED_INT_H
#define ECR_DISCLOSED_INT_H

#include "client/common/disclosed.h"
#include "crypto/message.h"

#define READING_BYTES	(2 * (size_t)DISCLOSURE_PART_MAX)

/* One run through the file. */
struct reading {
	struct disclosed *d;
	const struct disclosed_how *how;
	unsigned char *buf;		/* secret */
	size_t n;			/* in it */
	struct rd have;			/* not yet taken of it */
	bool end;			/* nothing behind it in the file */
	uint64_t at;			/* bytes taken so far */
	unsigned char plain[PARCEL_PLAIN_BYTES];	/* secret */
	struct keyset ks;
	struct tlogpolicy policy;
	char policy_text[DISCLOSED_POLICY_MAX];
	struct disclosure_shown first;	/* less its data */
	struct message_reader *message;
	struct message_view view;
};

/* Each says what is wrong and returns an exit code. */
/* From the beginning: how many parts there are. */
int reading_restart(struct reading *g, uint16_t *parts);
/* Bytes enough for one more piece, or all. */
int reading_fill(struct reading *g);
int reading_part(struct reading *g, size_t i, struct disclosure_part *p);
/* This is no such file: EXIT_DATA. */
int reading_malformed(const struct reading *g);

/* Every attachment is what the message says of it; reads all parts again. */
int reading_attached(struct reading *g);

#endif
