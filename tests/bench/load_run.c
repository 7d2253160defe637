/* SPDX-License-Identifier: ISC */
/*
 * load_run.c - requests against the clock; see load.h.
 *
 * Closed loop: each connection asks again when it is answered, and a time
 * is from the asking (or the connecting) to the answer's last byte.  Open
 * loop: times are fixed beforehand, and a request that had to wait for a
 * connection has waited all the same: what a slow server delays is not left
 * out of the count.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define NS	UINT64_C(1000000000)
#define EVENTS	256

/* see load.h */
uint64_t
load_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);	/* cannot fail */
	return (uint64_t)ts.tv_sec * NS + (uint64_t)ts.tv_nsec;
}

/* see load.h */
uint64_t
load_own_cpu(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS + (uint64_t)ts.tv_nsec;
}

/* What one run keeps beside the results. */
struct run {
	struct load *l;
	uint64_t start;		/* of the first request, warm-up included */
	uint64_t sent;		/* open loop: requests begun */
	uint64_t busy;		/* links with a request under way */
	struct link **spare;	/* open loop: links without one */
	uint32_t nspare;
	int timer;
};

static bool
in_window(const struct load *l, uint64_t t)
{
	return t >= l->begin && t < l->end;
}

static void
keep_sample(struct load *l, const struct link *k)
{
	struct sample *s;

	if (l->w.supply->kind != SUPPLY_POST || l->nsample == LOAD_SAMPLES ||
	    l->answers % 37 != 1 || k->nbody > sizeof(s->text))
		return;
	s = &l->sample[l->nsample++];
	s->item = k->item;
	s->n = k->nbody;
	memcpy(s->text, k->in + k->body, k->nbody);
}

static void
count_answer(struct run *r, const struct link *k)
{
	struct load *l = r->l;
	uint64_t now = load_now();
	int s = k->status;

	l->status[s > 0 && s < LOAD_STATUSES ? s : 0]++;
	if (s < 200 || s > 299) {
		l->errors++;
		return;
	}
	/* Closed: by its end.  Open: by its place in the plan. */
	if (!in_window(l, l->rate > 0 ? k->due : now))
		return;
	l->answers++;
	hist_add(&l->hist, now - k->due);
	keep_sample(l, k);
}

/* Begins one; false: no more requests, or no socket. */
static bool
begin(struct run *r, struct link *k, uint64_t due)
{
	struct load *l = r->l;

	/* Names and parcels are not used twice; the supply was too small. */
	if (l->next == l->w.supply->count &&
	    (l->w.supply->kind == SUPPLY_POST ||
	    l->w.supply->kind == SUPPLY_PUT)) {
		l->errors++;
		return false;
	}
	if (k->state == LINK_SHUT && !link_open(k, &l->w)) {
		l->errors++;
		return false;
	}
	link_request(k, l->next++ % l->w.supply->count, due);
	r->busy++;
	return true;
}

static void after(struct run *r, struct link *k);

static void
step(struct run *r, struct link *k)
{
	bool working = k->state >= LINK_SEND || (k->state == LINK_HELLO &&
	    k->item != UINT32_MAX);

	switch (link_step(k, &r->l->w)) {
	case LINK_MORE:
	case LINK_OPENED:
		return;
	case LINK_ANSWERED:
		if (!working) {		/* nobody had asked */
			r->l->errors++;
			link_close(k);
			return;
		}
		count_answer(r, k);
		if (r->l->fresh || k->close || k->state != LINK_FREE) {
			if (!r->l->fresh)
				r->l->reopened++;
			link_close(k);
		}
		break;
	case LINK_BROKEN:
		link_close(k);
		if (!working) {		/* idle, and the server is tired */
			r->l->reopened++;
			return;
		}
		r->l->errors++;
		break;
	}
	r->busy--;
	after(r, k);
}

/* The next request of a link that has none. */
static void
after(struct run *r, struct link *k)
{
	uint64_t now = load_now();

	if (r->l->rate > 0) {
		r->spare[r->nspare++] = k;
		return;
	}
	/* A step may answer at once and come back here: not deep, for an
	 * answer needs the other process. */
	if (now < r->l->end && begin(r, k, now))
		step(r, k);
}

static uint64_t
planned(const struct run *r)
{
	return r->start + (uint64_t)((double)r->sent * (double)NS /
	    r->l->rate);
}

/* Open loop: begins all that is due, and sets the clock for the next. */
static void
plan(struct run *r)
{
	struct itimerspec t = { 0 };
	uint64_t due = planned(r), now = load_now();
	struct link *k;

	while (due < r->l->end && due <= now && r->nspare > 0) {
		k = r->spare[--r->nspare];
		if (!begin(r, k, due)) {
			r->spare[r->nspare++] = k;
			return;
		}
		r->sent++;
		step(r, k);
		due = planned(r);
	}
	if (due >= r->l->end || due <= now)
		return;			/* over, or waits for a link */
	t.it_value.tv_sec = (time_t)(due / NS);
	t.it_value.tv_nsec = (long)(due % NS);
	(void)timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void
turn(struct run *r, int wait_ms)
{
	struct epoll_event e[EVENTS];
	uint64_t ticks;
	int n, i;

	n = epoll_wait(r->l->w.epoll, e, EVENTS, wait_ms);
	for (i = 0; i < n; i++)
		if (e[i].data.ptr == NULL)
			(void)!read(r->timer, &ticks, sizeof(ticks));
		else
			step(r, e[i].data.ptr);
	if (r->l->rate > 0)
		plan(r);
}

static void
run_until(struct run *r, uint64_t t)
{
	uint64_t now;

	while ((now = load_now()) < t)
		turn(r, t - now > 20000000 ? 20 : (int)((t - now) / 1000000));
}

static void
start(struct run *r)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct load *l = r->l;
	uint32_t i;

	r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK |
	    TFD_CLOEXEC);
	r->spare = calloc(l->nlink, sizeof(struct link *));
	if (r->timer == -1 || r->spare == NULL ||
	    epoll_ctl(l->w.epoll, EPOLL_CTL_ADD, r->timer, &e) == -1)
		abort();
	r->start = load_now();
	l->begin = r->start + (uint64_t)(l->warm * (double)NS);
	l->end = l->begin + (uint64_t)(l->secs * (double)NS);
	for (i = 0; i < l->nlink; i++)
		after(r, &l->link[i]);
}

/* see load.h */
void
load_run(struct load *l)
{
	struct run r = { .l = l };
	uint64_t own, server, stop;
	uint32_t i;

	start(&r);
	run_until(&r, l->begin);
	own = load_own_cpu();
	server = procs_cpu(&l->procs);
	run_until(&r, l->end);
	l->own_cpu = load_own_cpu() - own;
	l->server_cpu = procs_cpu(&l->procs) - server;
	stop = load_now() + LOAD_DRAIN_SECS * NS;
	while ((r.busy > 0 || (l->rate > 0 && planned(&r) < l->end)) &&
	    load_now() < stop)
		turn(&r, 10);
	for (l->late = r.busy; l->rate > 0 && planned(&r) < l->end; r.sent++)
		l->late++;
	for (i = 0; i < l->nlink; i++)
		link_close(&l->link[i]);
	free(r.spare);
	(void)close(r.timer);
}
