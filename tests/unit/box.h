/* SPDX-License-Identifier: ISC */
/*
 * box.h - messages, good and hostile, sealed into a mirror with a signed
 * log: what an honest or a lying server would hand to the desk.
 *
 * Used by unit tests and by tests/e2e/mkmirror.c; whatever fails aborts.
 */
#ifndef ECR_TEST_BOX_H
#define ECR_TEST_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/mirror.h"
#include "crypto/codename.h"
#include "crypto/keyset.h"
#include "crypto/note.h"

#define BOX_ORIGIN	"drop.example.org/log"
#define BOX_WITNESSES	2

/* What is wrong with a message, or with one of its parcels. */
enum box_spoil {
	BOX_GOOD,
	BOX_HASH,		/* parts promise another SHA-256 */
	BOX_FRAME,		/* JSON longer than the message */
	BOX_JSON,		/* no JSON at all */
	BOX_AUTHOR,		/* signed by somebody else */
	BOX_ATTACHMENT,		/* an attachment's hash differs */
	BOX_TRAILING,		/* bytes that belong to no attachment */
	BOX_INCOMPLETE,		/* the last part stays away */
	BOX_TWICE,		/* every part sealed two times */
	BOX_DISAGREE,		/* part 0 a second time, one byte differs */
	BOX_ALSO,		/* sealed to a stranger, too */
	BOX_PAYLOAD,		/* last byte of the parcel flipped */
	BOX_NOTPART,		/* sealed right, but no part inside */
	BOX_SPOILS
};
/* "good", "hash", ...; BOX_SPOILS: unknown. */
enum box_spoil box_spoil_named(const char *name);

struct box {
	struct mirror *m;
	struct vkey log, witness[BOX_WITNESSES];
	unsigned char log_sk[64], witness_sk[BOX_WITNESSES][64];
	struct age_recipient to;
	char office[NAME_MAX_BYTES + 1];
	size_t n, cap;
	struct box_leaf {
		unsigned char kind, digest[HASH_BYTES];
	} *leaf;			/* of the open epoch */
};

/* Keys are the same in every run.  keyset: the desk's public/keyset. */
void box_open(struct box *b, const char *mirror, const char *keyset,
    const char *office_vkey);
void box_close(struct box *b);

/* The reporter with this number; the same in every run. */
void box_reporter(struct codename_keys *k, const struct box *b, unsigned who);

struct box_file {
	const char *name, *type;
	const unsigned char *p;
	size_t n;
};
/*
 * box_message - JSON fields (an object's text, without what the program
 * fills in) and attachments, sealed into parcels of the open epoch.
 * salt tells one message of a reporter from the next.
 */
void box_message(struct box *b, unsigned who, unsigned salt, bool followup,
    const char *fields, const struct box_file *file, size_t nfiles,
    enum box_spoil spoil);
void box_cover(struct box *b, size_t n);
/* A body of the right size that is no parcel. */
void box_garbage(struct box *b);
/* So many bodies of a few bytes. */
void box_litter(struct box *b, size_t n);

/* Any bytes as a reply's or a statement's body. */
void box_body(struct box *b, enum entry_kind kind, struct rd bytes);
/* Every record of an outbox, as a server would take it in. */
void box_outbox(struct box *b, struct rd outbox);

/*
 * box_epoch - append what was added, in order of kind and digest, to the log and sign
 * it; cosigned by so many witnesses.
 */
void box_epoch(struct box *b, uint64_t close, size_t cosigned);

#endif
