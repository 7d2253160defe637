/* SPDX-License-Identifier: ISC */
/*
 * keyset.h - what reporters seal to: a role's signed note of weekly keys, a
 * standing key, and the log's key, witnesses and quorum.
 *
 * See docs/formats/keyset.md.  Dates are days: struct day counts days since
 * 1970-01-01 UTC.
 */
#ifndef ECR_KEYSET_H
#define ECR_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/agekey.h"
#include "crypto/err.h"
#include "crypto/note.h"

#define KEYSET_KEYS_MAX		128	/* weekly keys in one note */
#define KEYSET_WITNESSES_MAX	32
#define KEYSET_KEY_HASH		8	/* bytes shown to tell keys apart */

/* YYYY-MM-DD to days and back; years 1970 to 9999. */
MUST_USE bool day_parse(int32_t *day, struct rd text);
void day_write(struct wr *w, int32_t day);

struct keyset_key {
	int32_t from, to;		/* first and last day, both included */
	struct age_recipient rc;
};

struct keyset {
	char office[NAME_MAX_BYTES + 1];
	char role[32];
	uint64_t sequence;
	bool has_log;
	struct vkey log;
	size_t nwitnesses;
	struct vkey witness[KEYSET_WITNESSES_MAX];
	unsigned quorum;
	bool has_standing;
	struct keyset_key standing;
	size_t nkeys;			/* weekly, in order, not overlapping */
	struct keyset_key *key;		/* owned */
	unsigned char sha256[HASH_BYTES];	/* of the note's bytes */
};

/* The note's text, to be signed by the caller with note_sign(). */
void keyset_write(struct wr *w, const struct keyset *ks);

/*
 * keyset_open - one role's note.  k is the role's key, whose name is
 * "<office>/<role>"; the note must be signed by it and name the same.
 * Owns:   the caller frees ks with keyset_wipe().
 * Errors: ERR_FORMAT, ERR_AUTH, ERR_NOMATCH, ERR_NOMEM.
 */
MUST_USE int keyset_open(struct keyset *ks, struct rd note,
    const struct vkey *k);
void keyset_wipe(struct keyset *ks);

/*
 * keyset_next - notes of all roles as /keyset serves them: divided by an
 * empty line and "====".  Takes the next one off *all.
 */
MUST_USE int keyset_next(struct rd *all, struct rd *note);

/* Which key to seal to on this day. */
enum keyset_pick { KEYSET_NONE, KEYSET_WEEK, KEYSET_STANDING };
enum keyset_pick keyset_pick(const struct keyset *ks, int32_t today,
    const struct keyset_key **key);

#endif
