/* SPDX-License-Identifier: ISC */
/*
 * records.h - what the desk's records say; the codecs, pure.
 *
 * Every record begins with its version.  Readers refuse left-over bytes and
 * values out of range: a record that opened but does not parse is a bug or a
 * newer desk, never guessed at.
 */
#ifndef ECR_RECORDS_H
#define ECR_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/keyset.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/part.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define RECORDS_VERSION	1
#define CASE_REF_CHARS	16		/* "ECR-2026-K7QF" and a NUL */
#define CODE_CHARS	32		/* a code of the domain and a NUL */
#define VARIANTS_MAX	8		/* of one message */
#define PROBLEMS_MAX	1024		/* named in one import */

/* What an import counts; the same also after it was interrupted. */
struct tally {
	uint64_t entries;	/* of any kind */
	uint64_t parcels;
	uint64_t opened;	/* and stored as parts */
	uint64_t unopened;	/* for none of our keys: cover, other roles */
	uint64_t repeated;	/* a part that was here already */
	uint64_t malformed;
	uint64_t hostile;
	uint64_t odd;		/* sealed to somebody unknown, too */
	uint64_t cases;
	uint64_t followups;
};

struct state {
	uint64_t groups, cases;		/* numbered from 1 */
	uint64_t settled;		/* no group up to here can change */
	uint64_t last_close;		/* of the newest entry imported */
	uint64_t last_from;		/* when that epoch began */
	uint64_t keyset_sequence;
	uint64_t cases_told;		/* cases the officer was told of */
	uint64_t problems;		/* since the last whole import; those
					 * after PROBLEMS_MAX have no record */
	struct tally since;		/* since the last whole import */
};

struct trust {
	bool has_log;
	struct vkey log;
	unsigned quorum;
	size_t nwitnesses;		/* each in a record of its own */
};

enum group_state {
	GROUP_OPEN = 1,		/* parts are missing */
	GROUP_FILED = 2,	/* belongs to a case */
	GROUP_HOSTILE = 3,	/* whole, and not what it claims */
	GROUP_ORPHAN = 4	/* a follow-up to no case we have */
};

/* Why a message or parcel was not taken; numbers are on the disk. */
enum problem_why {
	WHY_PARCEL = 1,		/* not a parcel */
	WHY_PAYLOAD = 2,	/* opened, payload damaged */
	WHY_PART = 3,		/* opened, not a part */
	WHY_DISAGREES = 4,	/* another part had this place */
	WHY_SLOTS = 5,		/* a stanza is not what it claims */
	WHY_HASH = 6,		/* message is not what its parts promised */
	WHY_FRAME = 7,		/* lengths inside do not fit */
	WHY_JSON = 8,
	WHY_AUTHOR = 9,		/* signature does not hold */
	WHY_ATTACHMENT = 10,	/* size or hash of one differs */
	WHY_ORPHAN = 11,	/* follow-up to nothing we have */
	WHY_INCOMPLETE = 12,	/* said, never stored */
	WHY_STATEMENT = 13,	/* of kind 3 and no statement, or a forged one */
	WHY_REPLIES = 14,	/* a statement of ours without its replies */
	WHY_LAST = 14
};
/* Plain words; static. */
const char *problem_words(enum problem_why why);

struct group {
	unsigned char id[MSG_ID_BYTES];
	unsigned char sha256[HASH_BYTES];
	uint64_t bytes;
	uint16_t count, have;
	enum group_state state;
	uint8_t why;			/* enum problem_why, 0: none */
	bool odd;			/* a part was sealed to others, too */
	uint8_t variants;		/* parts that disagree, kept besides */
	uint64_t from;			/* start of the earliest part's epoch */
	uint64_t close;			/* close of the latest part's epoch */
	uint64_t case_no;
	unsigned char digest[HASH_BYTES];	/* parcel of the first part */
	unsigned char present[PARCEL_PARTS_MAX / 8];
};

struct part_rec {
	uint64_t leaf, close;
	unsigned char digest[HASH_BYTES];
	struct rd data;			/* view */
};

struct caserec {
	char ref[CASE_REF_CHARS];
	char kind[CODE_CHARS];
	char submission[CODE_CHARS];
	char category[CODE_CHARS];
	char status[CODE_CHARS];
	char language[CODE_CHARS];
	uint64_t from, close;		/* as the group's */
	uint32_t messages;		/* numbered from 1 */
	uint32_t attachments;
	uint64_t attachment_bytes;
	unsigned char mailbox[HASH_BYTES];	/* SHA-256 of the string */
	unsigned char author[32];
};

struct caseentry {
	uint64_t group_no;
	uint64_t close;
	bool followup;
};

/* Who wrote a message; whose case it may join. */
struct writer {
	unsigned char mailbox[HASH_BYTES];	/* SHA-256 of the string */
	unsigned char author[32];
};

struct problem {
	enum problem_why why;
	unsigned char digest[HASH_BYTES];	/* a parcel */
};

void state_write(struct wr *w, const struct state *s);
MUST_USE int state_parse(struct state *s, struct rd r);
void trust_write(struct wr *w, const struct trust *t);
MUST_USE int trust_parse(struct trust *t, struct rd r);
void group_write(struct wr *w, const struct group *g);
MUST_USE int group_parse(struct group *g, struct rd r);
void part_rec_write(struct wr *w, const struct part_rec *p);
MUST_USE int part_rec_parse(struct part_rec *p, struct rd r);
void caserec_write(struct wr *w, const struct caserec *c);
MUST_USE int caserec_parse(struct caserec *c, struct rd r);
void caseentry_write(struct wr *w, const struct caseentry *e);
MUST_USE int caseentry_parse(struct caseentry *e, struct rd r);
void writer_write(struct wr *w, const struct writer *a);
MUST_USE int writer_parse(struct writer *a, struct rd r);
void problem_write(struct wr *w, const struct problem *p);
MUST_USE int problem_parse(struct problem *p, struct rd r);

/* Parts of a group that are here. */
bool group_has(const struct group *g, uint16_t index);
void group_set(struct group *g, uint16_t index);

/*
 * case_ref_make - "ECR-2026-K7QF": the year of the receipt and four
 * characters out of a keyed hash, so that nobody learns from a reference how
 * many cases there are.  case_ref_read() forgives case and a missing front:
 * "k7qf" is enough where the year is given by the caller's search.
 */
void case_ref_make(char out[static CASE_REF_CHARS], int32_t day,
    const unsigned char hash[static 8]);
/* Canonical form of what was typed; false where it cannot be one. */
MUST_USE bool case_ref_read(char out[static CASE_REF_CHARS],
    const char *typed, int32_t today);

#endif
