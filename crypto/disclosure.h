/* SPDX-License-Identifier: ISC */
/*
 * disclosure.h - what a reporter may keep to show a third party, offline, that
 * this text was lodged by that epoch, sealed so that that role could open it.
 *
 *   "ecrdrop/proof/v1" | parts 2
 *   parts times:  length 4 | keyset (length 0: the one before) |
 *                 file key 16 | length 2 | receipt | parcel
 *   nothing more until the log proves it; then
 *   parts times:  close of the entry 8 | length 4 | tlog-proof
 *
 * Parts stand in their order, so that a file grows while a message is sent
 * and is checked piece by piece, one part in memory.  The file opens the
 * message to whoever has it.  Refuses a second way to write it: a keyset that
 * is the one before, a proof for some parts and not for others, bytes at its
 * end.  See docs/formats/disclosure.md.
 */
#ifndef ECR_DISCLOSURE_H
#define ECR_DISCLOSURE_H

#include <stdint.h>

#include "crypto/age.h"
#include "crypto/err.h"
#include "crypto/keyset.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/parcel.h"
#include "crypto/part.h"
#include "crypto/rd.h"
#include "crypto/receipt.h"
#include "crypto/tlogproof.h"
#include "crypto/wr.h"

#define DISCLOSURE_HEAD_BYTES	18
#define DISCLOSURE_PROOF_MAX	65536	/* one tlog-proof */
/* The most that one part, or one proof, takes. */
#define DISCLOSURE_PART_MAX	(4 + NOTE_MAX_BYTES + AGE_FILE_KEY_BYTES + \
				    2 + RECEIPT_MAX_BYTES + PARCEL_BYTES)
#define DISCLOSURE_LATE_DAYS	28	/* a week's secret lives so long */
#define DISCLOSURE_LATE_STANDING 365	/* a standing one */

/* --- the file ---------------------------------------------------------- */

struct disclosure_part {
	struct rd keyset;		/* n 0: that of the part before */
	unsigned char file_key[AGE_FILE_KEY_BYTES];	/* secret */
	struct rd receipt, parcel;
};

struct disclosure_proof {
	uint64_t close;			/* of the entry */
	struct rd proof;		/* a tlog-proof */
};

/* parts: 1 to PARCEL_PARTS_MAX, else w overflows; so do lengths over limits. */
void disclosure_write_head(struct wr *w, uint16_t parts);
void disclosure_write_part(struct wr *w, const struct disclosure_part *p);
void disclosure_write_proof(struct wr *w, const struct disclosure_proof *p);

/*
 * Each takes one piece off *all, which must hold the whole of it; views point
 * there.  first: the first part, which has a keyset.
 * Errors: ERR_FORMAT (also where bytes are missing), ERR_LIMIT; nothing is
 *         taken then.
 */
MUST_USE int disclosure_head(struct rd *all, uint16_t *parts);
MUST_USE int disclosure_next_part(struct rd *all, bool first,
    struct disclosure_part *p);
MUST_USE int disclosure_next_proof(struct rd *all, struct disclosure_proof *p);

/* --- what it shows ----------------------------------------------------- */

/* What does not hold. */
enum disclosure_fault {
	DISCLOSURE_FINE,
	DISCLOSURE_PARCEL,	/* it is no parcel */
	DISCLOSURE_RECEIPT,	/* not signed by the log */
	DISCLOSURE_OTHER,	/* a receipt for another parcel */
	DISCLOSURE_FILE_KEY,	/* does not open the parcel */
	DISCLOSURE_PART_FORM,	/* what it opens to is no part */
	DISCLOSURE_STRANGER,	/* sealed to no key of the keyset */
	DISCLOSURE_PASSED,	/* its key had passed long before the close */
	DISCLOSURE_TREE,	/* the checkpoint is not the log's, or no proof */
	DISCLOSURE_QUORUM,	/* too few witnesses */
	DISCLOSURE_LEAF,	/* the log does not hold it there */
	DISCLOSURE_LATE,	/* logged later than the receipt promised */
	DISCLOSURE_MEMORY	/* no finding */
};

/* Plain words; a static string. */
const char *disclosure_words(enum disclosure_fault f);

/* One part, opened and believed. */
struct disclosure_shown {
	unsigned char digest[HASH_BYTES];	/* of the parcel */
	struct receipt receipt;
	struct part part;			/* data points into plain */
	int slot[PARCEL_SLOTS];			/* SLOT_DECOY, SLOT_UNKNOWN,
						 * 0 or more: a key's */
	unsigned unknown;			/* stanzas to nobody we know */
	bool standing;				/* its key's kind */
	int32_t from, to;			/* days of the key */
};

/*
 * disclosure_open - one part: the receipt is the log's and for this parcel,
 * the file key opens it, and a stanza is for a key of the keyset that the
 * role still had at the receipt's close.
 *
 * log     the log's key
 * ks      the role's keyset, opened
 * plain   wiped unless all holds
 */
MUST_USE enum disclosure_fault disclosure_open(struct disclosure_shown *s,
    unsigned char plain[static PARCEL_PLAIN_BYTES],
    const struct disclosure_part *p, const struct keyset *ks,
    const struct vkey *log);

/*
 * disclosure_logged - the log holds the parcel at the place that the proof
 * says, in an epoch no later than the receipt's.
 *
 * policy  the log whose receipt it is, alone, and its witnesses
 * *c, *who as tlogproof_verify(); *index is the leaf's
 */
MUST_USE enum disclosure_fault disclosure_logged(
    const struct disclosure_shown *s, const struct disclosure_proof *p,
    const struct tlogpolicy *policy, uint64_t *index, struct checkpoint *c,
    struct cosigners *who);

#endif
