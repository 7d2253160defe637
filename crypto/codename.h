/* SPDX-License-Identifier: ISC */
/*
 * codename.h - twelve words that are all a reporter keeps.
 *
 * 128 random bits and a 4-bit checksum, eleven bits a word, from
 * crypto/words.txt.  Keys follow from the entropy by HKDF with the office's
 * name as salt.  See docs/formats/codename.md.
 */
#ifndef ECR_CODENAME_H
#define ECR_CODENAME_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/agekey.h"
#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/words.h"

/* Twelve words, single spaces, NUL. */
#define CODENAME_CHARS	(CODENAME_WORDS * (WORDS_MAXLEN + 1))

enum codename_role { ROLE_OFFICE = 0, ROLE_ALTERNATE = 1 };

/* "office" or "alternate". */
const char *role_name(enum codename_role role);

struct codename_keys {
	struct age_identity mailbox_id;		/* secret */
	struct age_recipient mailbox;
	unsigned char author_sk[64];		/* secret, libsodium's form */
	unsigned char author_pk[32];
	enum codename_role role;
};

/* Draws entropy until it addresses this role. */
MUST_USE int codename_new(unsigned char entropy[static CODENAME_BYTES],
    struct rd office, enum codename_role role);
void codename_write(char out[static CODENAME_CHARS],
    const unsigned char entropy[static CODENAME_BYTES]);

/*
 * codename_parse - forgiving: any case, spaces, hyphens, line ends, prefixes
 * of four letters or more.
 * Errors: ERR_NOTFOUND (*word is the first word, from 1, that is not in the
 *         list), ERR_LIMIT (not twelve words; *word is how many), ERR_AUTH
 *         (all words known, checksum wrong).
 */
MUST_USE int codename_parse(unsigned char entropy[static CODENAME_BYTES],
    struct rd text, unsigned *word);

MUST_USE int codename_derive(struct codename_keys *k,
    const unsigned char entropy[static CODENAME_BYTES], struct rd office);
void codename_keys_wipe(struct codename_keys *k);

#endif
