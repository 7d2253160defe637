/* SPDX-License-Identifier: ISC */
/*
 * log.h - the two doors to the log.
 *
 * diag() speaks freely to the operator before the first stranger is heard.
 * After log_listening() it is shut, and there is only log_event(): a kind and
 * a count, no string, so that no address, name or header can come out.
 * Events are summed and written on a coarse tick (LOG_TICK_SECS, on a grid
 * of the clock), so that a line's time tells nothing of a visit.
 */
#ifndef ECR_LOG_H
#define ECR_LOG_H

#define LOG_TICK_SECS	3600

enum log_event {
	EV_EPOCH_CLOSED,	/* an epoch was closed and signed */
	EV_CLOSE_FAILED,	/* a close did not succeed and is tried again */
	EV_CLOCK,		/* the clock is behind, or stepped */
	EV_NEARLY_FULL,		/* an epoch was closed; few more fit */
	EV_PENDING_FULL,	/* parcels refused: the epoch is full */
	EV_DISK_ERROR,		/* a commit failed */
	EV_SLOTS_OUT,		/* uploads yielded or were refused: no slot */
	EV_CONN_CAP,		/* the listener paused at the cap */
	EV_PEER_BROKEN,		/* a role sent what it must not */
	EV_FRONT_HUNG,		/* a front did nothing any more; it was ended */
	EV_ROLE_ENDED,		/* a role ended; all were started again */
	EV_GAVE_UP,		/* roles ended too often; the server ends */
	EV_WITNESS_FAILED,	/* one that was asked did not cosign */
	EV_QUORUM_MISSED,	/* a close without its quorum of witnesses */
	EV_WITNESS_AHEAD,	/* one has seen more than we: nothing is signed */
	EV_WITNESS_LOST,	/* the role that asks them has ended */
	EV_PARCEL_UNREADABLE,	/* one that was promised; the close waits */
	EV_PARCEL_LOST,		/* closed without them, by confirm-loss */
	EV_KINDS
};

/* To stderr, "ecrdropd: ..." LF. */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_listening(void);
void log_event(enum log_event what, unsigned long count);
/* Writes what was counted since the last tick; quiet where nothing was. */
void log_tick(void);
const char *log_name(enum log_event what);

#endif
