/* SPDX-License-Identifier: ISC */
/*
 * office.h - what the office sends: statements, with the replies and keysets
 * that they name, from POST /outbox to the close that logs them.
 *
 *   pending/<close>/outbox-N    what one POST brought that was new, as
 *                               outbox records (crypto/statement.h)
 *
 * What is taken is checked to the last byte and on disk before it is
 * answered; all of a body or nothing.  In memory there is only what the next
 * checks and the close need: which statements wait, and what they name.
 */
#ifndef ECR_OFFICE_H
#define ECR_OFFICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/entry.h"
#include "crypto/err.h"
#include "crypto/rd.h"
#include "crypto/statement.h"
#include "server/drop.h"
#include "server/keys.h"

#define OFFICE_FILE		"outbox-"
#define OFFICE_OUTBOXES_MAX	16	/* of one epoch */
#define OFFICE_STATEMENTS_MAX	256	/* that wait, in all */
#define OFFICE_REPLIES_MAX	16384	/* held and waiting, in all */
/*
 * Room of their own for statements with so few replies: what says which
 * replies may go brings cover along, and must get through when all is full.
 */
#define OFFICE_REPLIES_FEW	16
#define OFFICE_REPLIES_SPARE	1024
#define OFFICE_HELD_MAX		REPLIES_STATEMENTS_MAX	/* served */
/* A body whose first statements name the configuration's keysets. */
#define OFFICE_FILE_MAX		(OUTBOX_BYTES_MAX + NOTE_MAX_BYTES)

/* A statement that waits for its close. */
struct said {
	uint64_t close;			/* whose folder it lies in */
	unsigned file;			/* outbox-N there */
	size_t role;			/* of keys->role */
	uint64_t pages;			/* that it may take in drop/ */
	struct drop_said s;		/* s.role, s.reply are ours */
};

struct office {
	const struct keys *keys;	/* NULL: nothing is ever taken */
	struct drop *drop;
	const struct vkey *log;
	size_t nsaid, cap;
	struct said *said;		/* in the order in which they came */
};

/*
 * After it office_wipe() is due.  ERR_CHANGED: what drop/ says of a role is
 * not what its newest statement says; ERR_FORMAT, ERR_IO, ERR_NOMEM.
 */
MUST_USE int office_start(struct office *o, const struct keys *keys,
    struct drop *drop, const struct vkey *log);
void office_wipe(struct office *o);

/* What became of a body. */
enum office_verdict {
	OFFICE_NEW,			/* on disk; some of it is new */
	OFFICE_HELD,			/* all of it is logged, or waits */
	OFFICE_NEXT,			/* a statement is not the next */
	OFFICE_BAD,			/* something of it is wrong */
	OFFICE_FULL			/* not now: a cap, or no room */
};
/*
 * office_take - a body of POST /outbox, into the epoch that closes then.
 * *next is the sequence that would be the next, with OFFICE_NEXT.
 * Errors: ERR_IO, ERR_NOMEM: nothing was taken.
 */
MUST_USE int office_take(struct office *o, struct rd body, uint64_t close,
    enum office_verdict *v, uint64_t *next);
/*
 * office_file_load - what an epoch's folder has, after a restart, ascending by
 * close.  What is logged already is not checked again but by its digests.
 * Errors: ERR_CHANGED (a file is not what was taken), ERR_IO, ERR_NOMEM.
 */
MUST_USE int office_file_load(struct office *o, uint64_t close);

/* --- the close ----------------------------------------------------------- */

/* How many entries this epoch's statements and their replies are. */
size_t office_entries(const struct office *o, uint64_t close);
/* Adds them, in no order; as many. */
void office_write_entries(const struct office *o, uint64_t close,
    struct entry *e);
/* Its statements in order; NULL: no more. */
const struct drop_said *office_said(const struct office *o, uint64_t close,
    size_t i);
/*
 * office_move - the bodies of one outbox into drop/, by one transaction of
 * it.  ERR_NOTFOUND: there is no outbox-N; ERR_CHANGED.
 */
MUST_USE int office_move(struct office *o, uint64_t close, unsigned n);
/* They are logged, and the folder is gone. */
void office_forget(struct office *o, uint64_t close);
/* Pages that what waits may still take in drop/. */
uint64_t office_pages(const struct office *o);
/* The files' times say nothing; as pending_touch(). */
MUST_USE int office_touch(const struct office *o, uint64_t close);

/* --- for office*.c ------------------------------------------------------- */

/* How far a role is, what waits included. */
struct office_now {
	uint64_t sequence, size;
	bool has_keyset, stored;	/* stored: drop/ has it, or will */
	unsigned char keyset[HASH_BYTES];
	struct rd first;		/* the configuration's, while it counts */
};
/* Checks records one after the other and adds what is new at the end. */
struct office_check {
	struct office *o;
	uint64_t close;
	unsigned file;
	bool logged;			/* digests alone: logged already */
	size_t before;			/* of o->said */
	struct wr out;			/* new records; p may be NULL */
	enum office_verdict verdict;
	uint64_t next;
};
/* On an error, or a verdict that is none of the first two: nothing added. */
MUST_USE int office_check(struct office_check *c, struct rd body);
void office_truncate(struct office *o, size_t n);

#endif
