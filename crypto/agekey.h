/* SPDX-License-Identifier: ISC */
/*
 * agekey.h - age identities and recipients as strings and files.
 *
 * Hybrid (mlkem768x25519) is what ecrdrop seals to; X25519 is there only so
 * that the age tool opens what others sealed.
 */
#ifndef ECR_AGEKEY_H
#define ECR_AGEKEY_H

#include <stddef.h>

#include "crypto/err.h"
#include "crypto/hpke.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define AGE_RECIPIENT_CHARS	1959	/* age1pq1... */
#define AGE_IDENTITY_CHARS	77	/* AGE-SECRET-KEY-PQ-1... */

enum age_kind { AGE_HYBRID = 1, AGE_X25519 };

struct age_identity {
	enum age_kind kind;
	unsigned char seed[SEED_BYTES];	/* hybrid seed or X25519 scalar */
};

struct age_recipient {
	unsigned char pk[HPKE_PK_BYTES];	/* always hybrid */
};

/* ERR_FORMAT where the text is not exactly one usable key of a known kind. */
MUST_USE int age_identity_parse(struct age_identity *id, struct rd text);
MUST_USE int age_recipient_parse(struct age_recipient *rc, struct rd text);
void age_identity_write(struct wr *w, const struct age_identity *id);
void age_recipient_write(struct wr *w, const struct age_recipient *rc);

/*
 * A file: '#' comments, empty lines, one key a line; an optional CR before
 * LF is refused.  At most cap keys; *n says how many.
 * Errors: ERR_FORMAT (*line says where), ERR_LIMIT.  ids is wiped on error.
 */
MUST_USE int age_identities_parse(struct age_identity *ids, size_t cap,
    size_t *n, struct rd file, size_t *line);
MUST_USE int age_recipients_parse(struct age_recipient *rcs, size_t cap,
    size_t *n, struct rd file, size_t *line);

#endif
