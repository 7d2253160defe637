/* SPDX-License-Identifier: ISC */
/*
 * store_witness.h - what store_witness.c keeps and store_round.c asks for;
 * for these two alone.  What the store sees of it is in store_int.h.
 */
#ifndef ECR_STORE_WITNESS_H
#define ECR_STORE_WITNESS_H

#include "server/store_int.h"
#include "server/witness.h"

struct witnesses {
	struct store *s;
	struct witness_state st;
	int rendezvous;			/* to the role; not ours to close */
	int round;			/* our end, or -1 */
	struct event *readable, *beat;
	struct asked {
		bool out;		/* under way */
		unsigned tries;		/* in this round */
		unsigned failures;	/* in a row */
		uint64_t again;		/* CLOCK_BOOTTIME: not before */
		uint64_t asked_not;	/* the same, by its own word */
	} asked[WITNESS_MAX];
	uint64_t round_until, until, quorum_at;	/* milliseconds */
	bool waits;			/* a close does */
	bool dirty;			/* st is not as on disk */
	unsigned char file[WITNESS_FILE_MAX];
};

/* --- store_witness.c ----------------------------------------------------- */
/* On disk, where something has changed. */
MUST_USE int witnesses_save(struct witnesses *w);
/* Decides what is shown, keeps it, and only then shows it. */
MUST_USE int witnesses_settle(struct witnesses *w);

/* --- store_round.c ------------------------------------------------------- */
enum who { ASK_DUE, ASK_MISSING, ASK_ALL };

uint64_t round_now(void);		/* milliseconds */
/*
 * Asks who has not cosigned the newest; of these, whose time has come; or
 * all, for one that has cosigned it may have seen more since.
 */
void round_ask(struct witnesses *w, enum who who);
/* Is somebody still being asked? */
bool round_is_out(const struct witnesses *w);
/* Who has not answered by now did not cosign. */
void round_end(struct witnesses *w);
/* Looks at the deadlines while there are any. */
void round_on_beat(evutil_socket_t fd, short what, void *witnesses);

#endif
