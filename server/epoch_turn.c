/* SPDX-License-Identifier: ISC */
/*
 * epoch_turn.c - from one epoch to the next, and how a start finds them.
 *
 * Invariant: an epoch is closed under its own time, in order, before any that
 * came after it; at every moment one is open for what comes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "server/epoch_int.h"

/* --- from one epoch to the next ------------------------------------------ */

/* see epoch.h */
int
epochs_prepare(struct epochs *e)
{
	int r, why;

	if (e->next_done)
		return 0;
	if (e->next == NULL && (r = prepare_new(&e->next, e->conf.parcels,
	    e->conf.batch)) != 0)
		return r;
	if ((r = prepare_step(e->next, &e->next_done)) == 0)
		return 0;
	/* From the beginning, then; the close may need the room. */
	why = errno;			/* the first error counts */
	if (prepare_cancel(e->next) != 0)
		r = ERR_IO;
	errno = why;
	e->next = NULL;
	e->next_done = false;
	return r;
}

/* The close before that of what is open; last: the last one, or 0. */
static uint64_t
close_before(const struct epochs *e, uint64_t last)
{
	uint64_t close = pending_head(e->open)->close;

	if (last != 0)
		return last;
	return close > e->conf.seconds ? close - e->conf.seconds : 0;
}

/* A new epoch, after last. */
static int
open_next(struct epochs *e, struct clock_now now, uint64_t last)
{
	struct prepare *x;
	uint64_t close = clock_next_close(now.real, last, e->conf.seconds);
	int r;

	while (!e->next_done)
		if ((r = epochs_prepare(e)) != 0)
			return r;
	x = e->next;
	e->next = NULL;
	e->next_done = false;
	if ((r = pending_create(&e->open, x, close)) != 0)
		return r;
	e->previous = close_before(e, last);
	return 0;
}

/* see epoch.h */
bool
epochs_due(const struct epochs *e, struct clock_now now)
{
	return !epochs_busy(e) && now.real >= pending_head(e->open)->close;
}

/* see epoch.h */
int
epochs_rotate(struct epochs *e, struct clock_now now)
{
	struct pending *old = e->open;
	int r;

	e->open = NULL;
	if ((r = open_next(e, now, pending_head(old)->close)) != 0) {
		e->open = old;		/* goes on, and closes late */
		return r;
	}
	epoch_begin_close(e, old);
	return 0;
}

/* --- starting ------------------------------------------------------------ */

/* Closes after those that were found before it. */
static void
close_found(struct epochs *e, struct pending *p)
{
	if (e->closing == NULL)
		epoch_begin_close(e, p);
	else
		e->later[e->nlater++] = p;
}

/* One folder of pending/, in ascending order. */
static int
take_found(struct epochs *e, uint64_t close)
{
	struct pending *p;
	int r;

	r = pending_open(&p, close);
	if (r == ERR_NOTFOUND || r == ERR_FORMAT) {
		/* Killed while it was destroyed, or it lost its key. */
		if (close > drop_last_close(e->drop))
			return ERR_CHANGED;
		return pending_destroy(close);
	}
	if (r != 0)
		return r;
	if (e->open != NULL)
		close_found(e, e->open);
	e->open = p;
	return 0;
}

/* see epoch.h */
int
epochs_start(struct epochs *e, struct clock_now now)
{
	uint64_t closes[PENDING_LIST_MAX], last;
	size_t i, n;
	int r;

	if ((r = drop_open(&e->drop, DROP_DIR, e->conf.drop_bytes,
	    &e->key->vk)) != 0 ||
	    (r = guard_start(&e->guard, e->drop, &e->key->vk)) != 0 ||
	    (r = pending_list(closes, &n)) != 0)
		return r;
	last = drop_last_close(e->drop);
	if ((r = office_start(&e->office, e->keys, e->drop,
	    &e->key->vk)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if ((r = take_found(e, closes[i])) != 0 ||
		    (r = office_file_load(&e->office, closes[i])) != 0)
			return r;
	/* Before the first close: the time at which the first epoch began. */
	clock_init(&e->clock, last == 0 && e->open != NULL ?
	    close_before(e, 0) : last, e->conf.seconds,
	    clock_confirmed(AT_FDCWD), clock_doubted(AT_FDCWD), now);
	if (e->open != NULL && (pending_size(e->open) != 0 ||
	    pending_head(e->open)->close <= last)) {
		close_found(e, e->open);
		e->open = NULL;
	}
	if (e->closing != NULL && pending_head(e->closing)->close > last)
		last = pending_head(e->closing)->close;
	if (e->nlater > 0)
		last = pending_head(e->later[e->nlater - 1])->close;
	if (e->open == NULL) {
		if ((r = open_next(e, now, last)) != 0)
			return r;
	} else {
		e->previous = close_before(e, last);
	}
	return 0;
}

/* see epoch.h */
void
epochs_stop(struct epochs *e)
{
	free(e->order);
	while (e->nlater > 0)
		pending_close(e->later[--e->nlater]);
	pending_close(e->closing);
	pending_close(e->open);
	prepare_free(e->next);
	office_wipe(&e->office);
	drop_close(e->drop);
	e->order = NULL;
	e->closing = e->open = NULL;
	e->next = NULL;
	e->drop = NULL;
}
