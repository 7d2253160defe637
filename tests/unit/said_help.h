/* SPDX-License-Identifier: ISC */
/*
 * said_help.h - a role of an office that signs whatever a test wants said:
 * keysets, statements, outboxes.  Whatever fails aborts.
 */
#ifndef ECR_TEST_SAID_HELP_H
#define ECR_TEST_SAID_HELP_H

#include <stdint.h>

#include "crypto/note.h"
#include "crypto/statement.h"

struct said_role {
	struct vkey k;
	unsigned char sk[64];
	unsigned char keyset[16384];	/* its note */
	size_t nkeyset;
};

/* The key that this seed makes; name: "office/role". */
void said_role_seed(struct said_role *r, const char *name,
    const unsigned char seed[static 32]);
/* A fresh key and keyset 1 for this log. */
void said_role_new(struct said_role *r, const char *name,
    const struct vkey *log);
/* A keyset note of one week and a standing key; log NULL: without. */
void said_keyset(struct said_role *r, const struct vkey *log,
    uint64_t sequence);

/* A statement that says nothing yet: office, role, sequence, keyset. */
void said_init(struct statement *s, const struct said_role *r,
    const char *origin, uint64_t sequence);
/*
 * n new replies of cover, named by s; behind each other in out, which has
 * room.
 */
void said_replies(struct statement *s, unsigned char *out, size_t n);
/* The note; *n its bytes. */
void said_sign(struct wr *w, const struct said_role *r,
    const struct statement *s);
/*
 * One record; keyset: whether the role's comes along.  replies: those that
 * s names.
 */
void said_record(struct wr *w, const struct said_role *r,
    const struct statement *s, const unsigned char *replies, bool keyset);

#endif
