/* SPDX-License-Identifier: ISC */
/*
 * epoch.h - epochs: the one that is open, the one that is being closed.
 *
 * Owns drop/ and pending/ and knows no sockets.  The caller gives it the
 * time, puts parcels into e->open, and lends it a moment now and then:
 * epochs_step() does one slice of work, at most PENDING_SLICE bytes of
 * bodies, so that nobody waits long behind it.
 *
 * A close is a list of steps (epoch.c); each may be killed anywhere and is
 * done again, or found done, after a restart.
 */
#ifndef ECR_EPOCH_H
#define ECR_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "server/clock.h"
#include "server/drop.h"
#include "server/guard.h"
#include "server/logkey.h"
#include "server/office.h"
#include "server/pending.h"

struct epochs_conf {
	uint64_t seconds;
	uint32_t batch;			/* of the cover */
	uint32_t parcels;		/* an epoch takes */
	uint64_t drop_bytes;
	uint8_t work_bits;		/* at the least */
	uint64_t erase_delay;		/* seconds, after a statement */
};

/* The steps of a close, in order. */
enum epoch_step {
	STEP_SIZE,		/* fix how many parcels there will be */
	STEP_COVER,		/* seal cover until there are so many */
	STEP_BODIES,		/* copy them into drop/ by digest */
	STEP_OUTBOX,		/* the office's beside them */
	STEP_APPEND,		/* entries, tiles, checkpoint in one */
	STEP_VERIFY,		/* what is on disk holds all of them */
	STEP_GUARD,		/* the fork guard moves on (guard.h) */
	STEP_WITNESS,		/* witnesses are asked, and waited for a while */
	STEP_PUBLISH,		/* hand it to the fronts */
	STEP_ERASE,		/* what the office has given up */
	STEP_DESTROY,		/* the key, then the rest of pending/<close> */
	STEP_COUNT
};

struct epochs {
	struct epochs_conf conf;
	const struct logkey *key;
	const struct keys *keys;	/* the roles; NULL: none */
	struct drop *drop;
	struct office office;		/* what waits of theirs */
	struct guard guard;		/* .dir is the caller's to set */
	struct pending *open;		/* takes what comes */
	struct pending *closing;	/* or NULL */
	/* What is to be closed after it, ascending; rare: after errors. */
	struct pending *later[PENDING_LIST_MAX];
	size_t nlater;
	uint64_t destroying;		/* closed; its folder is to go */
	struct prepare *next;		/* the file after open's, or NULL */
	bool next_done;
	uint64_t previous;		/* the close before open's */
	struct clock_state clock;

	/* Of the close under way. */
	enum epoch_step step;
	const struct digest_item **order;	/* by digest */
	uint32_t norder;
	uint32_t at;				/* of order: moved, checked */
	uint32_t lost;				/* left out: loss.h */
	bool unreadable;			/* the close waits for a word */
	unsigned outbox;			/* moved */
	bool forgot;				/* replies went */
	int (*witness)(void *arg, bool *done);	/* STEP_WITNESS; may be NULL */
	int (*publish)(void *arg);		/* STEP_PUBLISH; may be NULL */
	void *arg;
};

/*
 * epochs_start - opens all in the working directory, finishes nothing yet,
 * makes what is missing (which may write a whole epoch's file).  e->conf,
 * e->key, e->keys and e->guard.dir are set.  On an error epochs_stop() is still due.
 * Errors: those of drop_open(), guard_start() and pending_open(); ERR_CHANGED:
 * an epoch that is not in the log has lost its key.  Where e->drop was opened
 * and e->guard.state is not GUARD_HOLDS, the guard is the reason.
 */
MUST_USE int epochs_start(struct epochs *e, struct clock_now now);
void epochs_stop(struct epochs *e);

/* Is it held, or logged?  *close is its epoch's.  ERR_NOTFOUND, ERR_IO. */
MUST_USE int epochs_find(struct epochs *e,
    const unsigned char digest[static HASH_BYTES], uint64_t *close);
/* May one more be taken?  Room in the epoch, and in drop/ with its cover. */
bool epochs_have_room(const struct epochs *e);
/* Will drop/ soon take no more? */
bool epochs_nearly_full(const struct epochs *e);
/* How many bits of work are asked now. */
uint8_t epochs_bits(const struct epochs *e);

/* Something is being closed. */
bool epochs_busy(const struct epochs *e);
/* Its time has come and nothing else is being closed. */
bool epochs_due(const struct epochs *e, struct clock_now now);
/* What was open begins to close; the next one opens. */
MUST_USE int epochs_rotate(struct epochs *e, struct clock_now now);
/*
 * The close is ready to be logged, but its time to show has not come: no
 * slice of it until then, a minute after the close, or a sixtieth of a
 * shorter epoch.  It would be no harm, but tell how many had come.
 */
bool epochs_hold(const struct epochs *e, struct clock_now now);
/* One slice of the close; nothing to do: 0. */
MUST_USE int epochs_step(struct epochs *e);
/* One slice of the next epoch's file. */
MUST_USE int epochs_prepare(struct epochs *e);

#endif
