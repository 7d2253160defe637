/* SPDX-License-Identifier: ISC */
/*
 * entry.h - one leaf of the public log: kind 1 | epoch close 8 | SHA-256 32.
 */
#ifndef ECR_ENTRY_H
#define ECR_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

enum entry_kind { ENTRY_PARCEL = 1, ENTRY_REPLY = 2, ENTRY_STATEMENT = 3 };

struct entry {
	enum entry_kind kind;
	uint64_t close;				/* Unix seconds */
	unsigned char digest[HASH_BYTES];
};

void entry_write(unsigned char out[static ENTRY_BYTES], const struct entry *e);
/* Exactly ENTRY_BYTES, a known kind, close at most 2^63 - 1. */
MUST_USE int entry_parse(struct entry *e, struct rd r);

/*
 * May next stand right behind last?  Closes never fall; within a close
 * parcels, then replies, then statements; within these the digests rise, so
 * that none stands twice.
 */
bool entry_follows(const struct entry *last, const struct entry *next);

#endif
