/* SPDX-License-Identifier: ISC */
/*
 * parcel.h - an age file of exactly PARCEL_BYTES with exactly PARCEL_SLOTS
 * hybrid stanzas and no chunk but one.
 *
 * Slots without a recipient go to a decoy key that nobody keeps.  All
 * encapsulation follows from the seal seed inside the plaintext, so whoever
 * opens a parcel sees to whom it was sealed.  See docs/formats/parcel.md.
 */
#ifndef ECR_PARCEL_H
#define ECR_PARCEL_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/age.h"
#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

/* Shape, checked as the bytes come. */
struct parcel_shape {
	size_t seen;			/* SIZE_MAX once refused */
};

void parcel_shape_init(struct parcel_shape *s);
/*
 * The next bytes, in any split.  ERR_FORMAT as soon as the parcel cannot be
 * one, and from then on.  Complete when s->seen is PARCEL_BYTES; more is
 * ERR_FORMAT.
 * What shows only in whole encs is refused by parcel_check().
 */
MUST_USE int parcel_shape_feed(struct parcel_shape *s, struct rd bytes);
/*
 * The whole of it: size, grammar, no two stanzas with the same enc, none
 * that every reader must refuse (an X25519 half of low order).
 */
MUST_USE int parcel_check(struct rd parcel);

/* What chance decides, so that vectors can pin it; NULL members are drawn. */
struct parcel_random {
	const unsigned char *file_key, *nonce;	/* 16 each */
	const unsigned char *order;		/* PARCEL_SLOTS: slot of
						 * recipient or decoy i */
};

/*
 * parcel_seal - seal a part's plaintext to 0 to PARCEL_SLOTS recipients; the
 * others are decoys.  The seal seed is read from the plaintext.
 *
 * Every call needs a part with a freshly drawn seed, also where the same
 * part is sealed anew: with the same plaintext the encapsulations repeat,
 * and anybody sees that two parcels belong together.
 */
MUST_USE int parcel_seal(unsigned char out[static PARCEL_BYTES],
    const unsigned char plain[static PARCEL_PLAIN_BYTES],
    const struct age_recipient *rcs, size_t nrcs,
    const struct parcel_random *chance);

/* A parcel that nobody can open: random plaintext, four decoys. */
MUST_USE int parcel_cover(unsigned char out[static PARCEL_BYTES]);

/*
 * parcel_open - errors as age_open(), and plain and file_key are wiped on each
 * of them.  file_key and which may be NULL.
 */
MUST_USE int parcel_open(unsigned char plain[static PARCEL_PLAIN_BYTES],
    const struct age_identity *ids, size_t nids, struct rd parcel,
    unsigned char *file_key, size_t *which);

/*
 * parcel_try - which of these opens one of the stanzas?  Each is tried on all
 * of them before the next one.  For whoever tries many parcels, of which few
 * are theirs: cheaper than parcel_open(), which alone says what a parcel
 * holds.  parcel_check() has passed it.
 * Errors: ERR_NOMATCH, ERR_FORMAT (no parcel), ERR_NOMEM.
 */
MUST_USE int parcel_try(struct hpke_key *const *keys, size_t n,
    struct rd parcel, size_t *which);

/* What a stanza turned out to be. */
enum parcel_slot { SLOT_UNKNOWN = -2, SLOT_DECOY = -1 /* 0..: recipient i */ };

/*
 * parcel_slots - re-encapsulate every stanza: to which of these recipients
 * was it sealed?  slots[i] is the recipient's index, SLOT_DECOY, or
 * SLOT_UNKNOWN (not made as the format says).
 */
MUST_USE int parcel_slots(int slots[static PARCEL_SLOTS],
    const unsigned char plain[static PARCEL_PLAIN_BYTES],
    const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const struct age_recipient *rcs, size_t nrcs, struct rd parcel);

#endif
