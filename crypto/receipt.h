/* SPDX-License-Identifier: ISC */
/*
 * receipt.h - the log's signed promise for one parcel.
 *
 * Text: "<origin>/receipt" LF, the parcel's SHA-256 in hexadecimal LF, the
 * close of its epoch in Unix seconds LF.  See docs/formats/receipt.md.
 */
#ifndef ECR_RECEIPT_H
#define ECR_RECEIPT_H

#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"

#define RECEIPT_MAX_BYTES	1024

struct receipt {
	unsigned char digest[HASH_BYTES];
	uint64_t close;
};

/* Signed by the log key k, whose name is the origin; not verified again. */
MUST_USE int receipt_sign(struct wr *w, const struct receipt *rc,
    const struct vkey *k, const unsigned char sk[static 64]);
/* Errors: ERR_FORMAT, ERR_AUTH, ERR_NOMATCH. */
MUST_USE int receipt_open(struct receipt *rc, struct rd bytes,
    const struct vkey *k);
/*
 * receipt_next - receipts in a row, divided by an empty line, as reporters
 * keep those of a long report: takes the next one off *all.
 * Errors: ERR_FORMAT.
 */
MUST_USE int receipt_next(struct rd *all, struct rd *note);

#endif
