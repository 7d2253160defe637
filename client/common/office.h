/* SPDX-License-Identifier: ISC */
/*
 * office.h - what reporters pin: OFFICE.vkey, one vkey line a role; and the
 * office's keysets, checked against it.
 */
#ifndef ECR_OFFICE_H
#define ECR_OFFICE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/codename.h"
#include "crypto/err.h"
#include "crypto/keyset.h"
#include "crypto/note.h"

#define OFFICE_ROLES	2	/* enum codename_role */

struct office {
	char name[NAME_MAX_BYTES + 1];		/* "<office name>" */
	bool has[OFFICE_ROLES];
	struct vkey key[OFFICE_ROLES];		/* "<office name>/<role>" */
};

/*
 * office_parse - '#' comments and empty lines are passed over; every key
 * must be of the same office, Ed25519, a known role, named once; the office
 * role must be there.
 */
MUST_USE int office_parse(struct office *o, struct rd text);
/* Reads the file and says what is wrong with it. */
MUST_USE int office_load(struct office *o, const char *path);

/*
 * office_keyset - the keyset of one role out of what /keyset serves.
 * It must be signed by the role's key; replies are the bytes of /replies,
 * whose newest statement of the role must name it.  Where the role has made
 * no statement, a keyset of sequence 1 counts.
 * Errors: ERR_NOTFOUND (no note of that role), ERR_NOMATCH (one that another
 *         key signed), ERR_CHANGED (not the one the statements name),
 *         ERR_FORMAT, ERR_AUTH, ERR_NOMEM; those of letters_open().
 * Owns:   the caller ends ks with keyset_wipe().
 */
MUST_USE int office_keyset(struct keyset *ks, const struct office *o,
    enum codename_role role, struct rd keysets, struct rd replies);

#endif
