/* SPDX-License-Identifier: ISC */
/*
 * mailroom.h - an office of two roles that makes statements and replies, and
 * a server that puts them into what /replies serves, rightly or not.
 */
#ifndef ECR_TEST_MAILROOM_H
#define ECR_TEST_MAILROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/office.h"
#include "crypto/reply.h"
#include "crypto/statement.h"

#define MAILROOM_OFFICE	"o.example"
#define MAILROOM_ORIGIN	"o.example/log"
#define MAILROOM_NOTES	80
#define MAILROOM_REPLIES_MAX 12000

struct mailroom_note {
	unsigned char bytes[STATEMENT_MAX_BYTES];
	size_t n;
	bool dropped;
	size_t first, count;		/* its replies */
};

extern struct vkey mailroom_key[OFFICE_ROLES];
extern unsigned char mailroom_sk[OFFICE_ROLES][64];
extern struct vkey mailroom_other;		/* a key of nobody */
extern unsigned char mailroom_other_sk[64];
extern struct office mailroom;
extern struct mailroom_note mailroom_note[MAILROOM_NOTES];
extern size_t mailroom_notes;
extern unsigned char (*mailroom_reply)[REPLY_BYTES];
extern size_t mailroom_replies;

/* Fresh: keys, office of both roles, nothing said. */
void mailroom_open(void);
void mailroom_close(void);
/* A reply that is queued for the next statement. */
void mailroom_put(const unsigned char reply[static REPLY_BYTES]);
void mailroom_put_noise(size_t n);
/*
 * A statement over the queued replies; returns its number.  s: what it says
 * beside office, role and replies; signed by sk of k.
 */
size_t mailroom_state(enum codename_role role, uint64_t sequence,
    const struct statement *s);
size_t mailroom_state_as(enum codename_role role, uint64_t sequence,
    const struct statement *s, const struct vkey *k,
    const unsigned char sk[static 64]);
/* What /replies serves; the caller frees it. */
struct rd mailroom_serve(void);

/*
 * The parts of one answer, sealed to the mailbox and put; note: the bytes of
 * a signed note, or any other.
 */
void mailroom_seal(struct rd note, const struct age_recipient *to);
/* A note by this key for a mailbox, sealed to one, the same or another. */
void mailroom_answer_as(const struct vkey *k,
    const unsigned char sk[static 64], const char *json,
    const struct age_recipient *for_whom, const struct age_recipient *to);
/* A note by the role with this JSON, and sealed. */
void mailroom_answer(enum codename_role role, const char *json,
    const struct age_recipient *to);

#endif
