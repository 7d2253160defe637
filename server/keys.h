/* SPDX-License-Identifier: ISC */
/*
 * keys.h - what the server serves of the office's keys: keyset notes as they
 * were configured, and the roles' vkeys.
 *
 * With an office-vkey file every keyset must be signed by a role named in it,
 * at most one keyset a role.  Without one only the notes' form is checked.
 */
#ifndef ECR_KEYS_H
#define ECR_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define KEYS_ROLES_MAX	8

struct keys {
	size_t nrole;
	struct vkey role[KEYS_ROLES_MAX];
	unsigned char *notes;		/* owned; as /keyset serves them */
	size_t nnotes;
};

/* Pure: one vkey a line, each name and key once. */
MUST_USE int keys_parse_roles(struct keys *k, struct rd file);
/* Checks one keyset note and adds it. */
MUST_USE int keys_add_note(struct keys *k, struct rd note);
/*
 * From the descriptors that the parent passes; says by diag() which is bad.
 * An empty vkey file gives no roles.  Owns: keys_wipe().
 */
MUST_USE int keys_load(struct keys *k, int vkey_fd, int first_note_fd,
    size_t nnotes);
/* The same from descriptors that do not follow each other; vkey_fd may be -1. */
MUST_USE int keys_load_from(struct keys *k, int vkey_fd, const int *note_fd,
    size_t nnotes);
struct rd keys_notes(const struct keys *k);
/* The configuration's keyset of a role; false: there is none. */
bool keys_note_of(const struct keys *k, size_t role, struct rd *note);
void keys_wipe(struct keys *k);

#endif
