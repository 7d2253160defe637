/* SPDX-License-Identifier: ISC */
/*
 * clock.h - when an epoch may close, and when the clock is not believed.
 *
 * Pure but for clock_now() and what comes after it below.  Times are
 * Unix seconds.  A clock behind the last close, one that is more than
 * CLOCK_AHEAD_SECS past it, and one that was set while we ran, close nothing;
 * the last two until the operator runs "ecrdropd confirm-clock".
 */
#ifndef ECR_CLOCK_H
#define ECR_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/rd.h"
#include "server/ipc.h"

#define CLOCK_AHEAD_SECS	(7 * 86400)
#define CLOCK_STEP_SECS		60	/* between two looks at it */
#define CLOCK_FRESH_SECS	300	/* a confirmation is for now */
#define CLOCK_FILE		"clock"
#define CLOCK_DOUBT_FILE	"clock-doubt"
#define CLOCK_FILE_MAX		64

struct clock_now {
	uint64_t real;			/* CLOCK_REALTIME */
	uint64_t boot;			/* CLOCK_BOOTTIME */
};

struct clock_state {
	uint64_t last;			/* last close, or the confirmation's
					 * time if that is later; 0: none */
	uint64_t epoch;			/* seconds */
	bool seen, stepped;
	struct clock_now before;
	uint64_t confirmed;		/* newest confirmation acted on */
};

/*
 * confirmed, doubted: what clock_confirmed() and clock_doubted() say when we
 * start; 0: nothing.  A doubt outlives a restart; only a confirmation that
 * came after it ends it.
 */
void clock_init(struct clock_state *c, uint64_t last, uint64_t epoch,
    uint64_t confirmed, uint64_t doubted, struct clock_now now);
/* Looks at the clock; HEALTH_OK, HEALTH_CLOCK_BEHIND or HEALTH_CLOCK_AHEAD. */
enum health clock_look(struct clock_state *c, struct clock_now now);
/* An epoch was closed. */
void clock_closed(struct clock_state *c, uint64_t close);
/* The operator said at that time that the clock is right. */
void clock_confirm_at(struct clock_state *c, uint64_t when,
    struct clock_now now);
/*
 * The close of the epoch that opens now: on the grid, after now and after
 * the close before it.
 */
uint64_t clock_next_close(uint64_t now, uint64_t last, uint64_t epoch);

/* --- the machine --------------------------------------------------------- */

struct clock_now clock_now(void);
/* Pure.  "ecrdrop/clock/v1" LF, Unix seconds LF. */
MUST_USE int clock_file_parse(uint64_t *when, struct rd bytes);
/*
 * confirm-clock: writes the file with the present time, for a server that
 * runs, and ends a doubt that one left behind, whatever time it names.
 */
MUST_USE int clock_confirm(int dir);
/* 0 where there is no file. */
uint64_t clock_confirmed(int dir);
/* The clock was set while we ran: kept in a file until it is confirmed. */
MUST_USE int clock_doubt(int dir, bool doubt);
uint64_t clock_doubted(int dir);

#endif
