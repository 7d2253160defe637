/* SPDX-License-Identifier: ISC */
/*
 * store_time.c - what happens by the clock: closes, slices, touching, ticks.
 */
#include <stdlib.h>
#include <time.h>

#include "server/store_int.h"

/* Says how a piece of background work went; false: try again later. */
static bool
went_well(struct store *s, int r)
{
	if (r == 0) {
		s->retry_secs = 0;
		s->disk_bad = false;
		return true;
	}
	log_event(EV_CLOSE_FAILED, 1);
	if (s->epochs.unreadable)
		log_event(EV_PARCEL_UNREADABLE, 1);
	if (r == ERR_ORDER)
		store_end(s, EXIT_FAILURE);	/* LMDB wants a new start */
	s->disk_bad = true;
	s->retry_secs = s->retry_secs == 0 ? 1 : 2 * s->retry_secs;
	if (s->retry_secs > STORE_RETRY_MAX_SECS)
		s->retry_secs = STORE_RETRY_MAX_SECS;
	s->retry_at = clock_now().boot + s->retry_secs;
	return false;
}

/* Something failed, and better times are not yet here. */
static bool
must_wait(const struct store *s)
{
	return s->retry_secs > 0 && clock_now().boot < s->retry_at;
}

/* The close, if there is one and it is not waiting for better times. */
static bool
close_slice(struct store *s)
{
	struct epochs *e = &s->epochs;
	bool well, last;

	if (!epochs_busy(e) || must_wait(s) || epochs_hold(e, clock_now()) ||
	    store_witness_waits(s) || !store_may_sign(s))
		return false;
	last = e->step == STEP_DESTROY;
	well = went_well(s, epochs_step(e));
	if (well && last) {
		log_event(EV_EPOCH_CLOSED, 1);
		if (e->lost > 0)
			log_event(EV_PARCEL_LOST, e->lost);
		e->lost = 0;
		if (epochs_nearly_full(e))
			log_event(EV_NEARLY_FULL, 1);
	}
	store_tell_state(s);
	return well && epochs_busy(e);
}

/* The next file's slices are spread over half an epoch. */
static void
plan_slice(struct store *s)
{
	struct epochs *e = &s->epochs;
	uint64_t slices, usec;
	struct timeval tv;

	if (e->next_done || evtimer_pending(s->slice, NULL))
		return;
	slices = e->next != NULL ? prepare_slices(e->next) : 1;
	usec = e->conf.seconds * 500000 / (slices + 1);
	if (usec > 60000000)
		usec = 60000000;
	tv.tv_sec = (time_t)(usec / 1000000);
	tv.tv_usec = (suseconds_t)(usec % 1000000);
	if (evtimer_add(s->slice, &tv) == -1)
		store_end(s, EXIT_FAILURE);
}

/* see store_int.h */
bool
store_work_slice(struct store *s)
{
	if (close_slice(s))
		return true;
	/* A close that waits for room must not find it taken. */
	if (s->slice_due && !epochs_busy(&s->epochs)) {
		s->slice_due = false;
		if (epochs_prepare(&s->epochs) == 0)
			plan_slice(s);
		else
			log_event(EV_DISK_ERROR, 1);	/* the tick retries */
	}
	return false;
}

/* see store_int.h */
void
store_on_slice(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;

	(void)fd;
	(void)what;
	s->slice_due = true;
	event_active(s->work, EV_TIMEOUT, 0);
}

static int
touch(const struct store *s, const struct pending *p)
{
	int r = pending_touch(p);

	return r != 0 ? r : office_touch(&s->epochs.office,
	    pending_head(p)->close);
}

/* Once a minute, whatever came; once in a log tick. */
static void
by_the_minute(struct store *s, struct clock_now now)
{
	if (now.real / 60 != s->minute) {
		s->minute = now.real / 60;
		if (touch(s, s->epochs.open) != 0 ||
		    (s->epochs.closing != NULL &&
		    touch(s, s->epochs.closing) != 0))
			log_event(EV_DISK_ERROR, 1);
	}
	if (now.real / LOG_TICK_SECS != s->log_slot) {
		s->log_slot = now.real / LOG_TICK_SECS;
		log_tick();
	}
}

/* Looks at the clock, and at the operator's word where it is in doubt. */
static void
look(struct store *s, struct clock_now now)
{
	struct clock_state *c = &s->epochs.clock;
	bool doubted = c->stepped;

	s->clock = clock_look(c, now);
	if (s->clock == HEALTH_CLOCK_AHEAD) {
		clock_confirm_at(c, clock_confirmed(s->datadir), now);
		s->clock = clock_look(c, now);
	}
	/* A restart must not forget it. */
	if (c->stepped != doubted && clock_doubt(s->datadir, c->stepped) != 0)
		log_event(EV_DISK_ERROR, 1);
	if (s->clock != HEALTH_OK && !s->clock_bad)
		log_event(EV_CLOCK, 1);
	s->clock_bad = s->clock != HEALTH_OK;
}

/* Until the next second of the clock begins, or a little longer. */
static void
plan_tick(struct store *s)
{
	struct timespec ts;
	struct timeval tv = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &ts);	/* cannot fail */
	tv.tv_usec = (suseconds_t)(1000000 - ts.tv_nsec / 1000);
	if (tv.tv_usec >= 1000000) {
		tv.tv_sec = 1;
		tv.tv_usec = 0;
	}
	if (evtimer_add(s->tick, &tv) == -1)
		store_end(s, EXIT_FAILURE);
}

/* see store_int.h */
void
store_on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;
	struct epochs *e = &s->epochs;
	struct clock_now now = clock_now();

	(void)fd;
	(void)what;
	look(s, now);
	/* What came before the close belongs to it. */
	if (s->clock == HEALTH_OK && epochs_due(e, now) && !must_wait(s) &&
	    store_may_sign(s)) {
		while (s->queue_count > 0)
			store_put_batch(s);
		(void)went_well(s, epochs_rotate(e, now));
	}
	if (epochs_busy(e) || s->slice_due)
		event_active(s->work, EV_TIMEOUT, 0);
	by_the_minute(s, now);
	store_witness_tick(s);
	store_tell_state(s);
	plan_slice(s);
	plan_tick(s);
}
