/* SPDX-License-Identifier: ISC */
/*
 * ahead.c - a mirror's files read while their hashes are computed.
 *
 * Invariant: of the ring's slots, those from taken on, below put, are the
 * taker's to read, and the others the reader's to write; the slot taken last
 * is kept until the next is asked for.
 */
#include "client/audit/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS		64u
#define BATCH		16u		/* to wake anybody for */
#define TILES_MIN	8u		/* less is not worth a thread */

struct ahead {
	struct source *src;		/* of its own; owned */
	uint64_t to, next, end;		/* next to read: bundle or tile */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more, room;
	/* under the lock: */
	uint64_t put, taken;		/* how many, ever */
	bool over, stop;
	struct slot {
		struct tile tile;
		unsigned char bytes[SOURCE_TILE_BYTES];
	} slot[SLOTS];
};

/* Number n of what is asked for: bundle 0, tile 0, bundle 1, tile 1, ... */
static struct tile
tile_number(const struct ahead *a, uint64_t n)
{
	struct tile t = { n % 2 == 0 ? TILE_ENTRIES : 0, n / 2, 0 };

	t.width = tile_width_at(t.level, t.index, a->to);
	return t;
}

/* What waits to be taken. */
static uint64_t
ready(const struct ahead *a)
{
	return a->put - a->taken;
}

/*
 * One slot to write; false: it is over.  Whoever has to wait waits for a
 * batch: to wake somebody costs as much as reading a file.
 */
static bool
wait_room(struct ahead *a)
{
	bool go_on;

	(void)pthread_mutex_lock(&a->lock);
	/* One less: the slot that was taken last is still in use. */
	if (ready(a) >= SLOTS - 1)
		while (!a->stop && ready(a) > SLOTS - BATCH)
			(void)pthread_cond_wait(&a->room, &a->lock);
	go_on = !a->stop;
	(void)pthread_mutex_unlock(&a->lock);
	return go_on;
}

static void
put(struct ahead *a, bool over)
{
	(void)pthread_mutex_lock(&a->lock);
	if (over)
		a->over = true;
	else
		a->put++;
	if (over || ready(a) == BATCH)
		(void)pthread_cond_signal(&a->more);
	(void)pthread_mutex_unlock(&a->lock);
}

static void *
reader(void *arg)
{
	struct ahead *a = arg;
	struct slot *s;
	char name[80];

	for (; a->next < a->end && wait_room(a); a->next++) {
		s = &a->slot[a->put % SLOTS];	/* put is ours alone */
		s->tile = tile_number(a, a->next);
		if (source_tile(a->src, &s->tile, a->to, s->bytes, name) != 0)
			break;
		put(a, false);
	}
	put(a, true);
	return NULL;
}

/* Signals are the main thread's: an interrupt must end what it waits for. */
static int
start_thread(struct ahead *a)
{
	sigset_t all, old;
	int r;

	(void)sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &old) != 0)
		return -1;
	r = pthread_create(&a->thread, NULL, reader, a);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

/* see ahead.h */
struct ahead *
ahead_start(const struct source *src, uint64_t from, uint64_t to)
{
	struct ahead *a;

	if (from >= to || (to - from) / TILE_WIDTH < TILES_MIN ||
	    (a = calloc(1, sizeof(*a))) == NULL)
		return NULL;
	a->to = to;
	a->next = 2 * (from / TILE_WIDTH);
	a->end = 2 * ((to + TILE_WIDTH - 1) / TILE_WIDTH);
	if ((a->src = source_twin(src)) == NULL) {
		free(a);
		return NULL;
	}
	/* Of these, Linux's cannot fail. */
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->more, NULL);
	(void)pthread_cond_init(&a->room, NULL);
	if (start_thread(a) != 0) {
		source_close(a->src);
		free(a);
		return NULL;
	}
	return a;
}

/* see ahead.h */
const unsigned char *
ahead_take(struct ahead *a, const struct tile *t)
{
	const struct slot *s = NULL;

	if (a == NULL)
		return NULL;
	(void)pthread_mutex_lock(&a->lock);
	if (ready(a) == 0)
		while (ready(a) < BATCH && !a->over)
			(void)pthread_cond_wait(&a->more, &a->lock);
	if (ready(a) > 0) {
		s = &a->slot[a->taken % SLOTS];
		if (s->tile.level == t->level && s->tile.index == t->index &&
		    s->tile.width == t->width)
			a->taken++;
		else
			s = NULL;
	}
	if (ready(a) == SLOTS - BATCH)
		(void)pthread_cond_signal(&a->room);
	(void)pthread_mutex_unlock(&a->lock);
	return s == NULL ? NULL : s->bytes;
}

/* see ahead.h */
void
ahead_stop(struct ahead *a)
{
	if (a == NULL)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->stop = true;
	(void)pthread_cond_signal(&a->room);
	(void)pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	(void)pthread_cond_destroy(&a->more);
	(void)pthread_cond_destroy(&a->room);
	(void)pthread_mutex_destroy(&a->lock);
	source_close(a->src);
	free(a);
}
