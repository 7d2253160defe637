/* SPDX-License-Identifier: ISC */
/*
 * load_hold.c - connections that are held and do little; see load.h.
 *
 * Opens them all, prints a JSON line with "event":"ready", goes on as it was
 * asked (idle, or a byte a second each, spread evenly over the second; used:
 * idle after one request, whose answer is waited for before "ready"), and
 * answers each line on standard input with how many are left alive.  Its
 * end is the end of standard input, or -s seconds.
 *
 * A connection is dead when the server has closed it: what it answered
 * before is counted, but does not help it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define NS		UINT64_C(1000000000)
#define EVENTS		256
#define AT_ONCE		64u	/* handshakes under way */

struct hold {
	struct load *l;
	bool drips, body, stalls, used, over;
	size_t stall_at;
	uint32_t opening, opened, next, alive, refused, waiting;
	uint64_t began, last_death;
	uint64_t dripped;	/* turns of the wheel, in links */
};

static void
say(const struct hold *h, const char *event)
{
	const struct load *l = h->l;
	const char *comma = "";
	int s;

	printf("{\"event\":\"%s\",\"opened\":%u,\"alive\":%u,\"failed\":%u,"
	    "\"seconds\":%.1f,\"last_death\":%.1f,\"own_cpu\":%.2f,"
	    "\"status\":{", event,
	    h->opened, h->alive, h->refused, (double)(load_now() - h->began) /
	    1e9, h->last_death == 0 ? 0 :
	    (double)(h->last_death - h->began) / 1e9,
	    (double)load_own_cpu() / 1e9);
	for (s = 0; s < LOAD_STATUSES; s++)
		if (l->status[s] > 0) {
			printf("%s\"%d\":%llu", comma, s,
			    (unsigned long long)l->status[s]);
			comma = ",";
		}
	puts("}}");
	fflush(stdout);
}

static void
died(struct hold *h, struct link *k)
{
	if (k->state == LINK_HELLO) {
		h->opening--;
		h->refused++;
	} else {
		h->waiting -= h->used && k->state != LINK_FREE;
		h->alive--;
		h->last_death = load_now();
	}
	link_close(k);
}

/* How much it may have sent by now. */
static size_t
allowance(const struct hold *h, const struct link *k)
{
	size_t head = h->l->w.supply->item[k->item].nhead;

	if (h->stalls)
		return head + h->stall_at;
	return h->body ? head + 1 : 1;
}

static void
begun(struct hold *h, struct link *k)
{
	h->opening--;
	h->opened++;
	h->alive++;
	if (!h->drips && !h->stalls && !h->used)
		return;
	link_request(k, h->l->next++ % h->l->w.supply->count, load_now());
	if (!h->used)
		k->limit = allowance(h, k);
	else
		h->waiting++;
}

static void
step(struct hold *h, struct link *k)
{
	enum link_event e;

	while (k->state != LINK_SHUT) {
		e = link_step(k, &h->l->w);
		if (e == LINK_MORE)
			return;
		if (e == LINK_OPENED)
			begun(h, k);
		else if (e == LINK_ANSWERED) {
			h->l->status[k->status > 0 &&
			    k->status < LOAD_STATUSES ? k->status : 0]++;
			k->nin = 0;		/* and wait for the end */
			k->state = LINK_FREE;
			h->waiting -= h->used;
		} else
			died(h, k);
	}
}

static void
open_more(struct hold *h)
{
	struct load *l = h->l;

	while (h->next < l->nlink && h->opening < AT_ONCE) {
		h->opening++;
		if (link_open(&l->link[h->next], &l->w))
			step(h, &l->link[h->next]);
		else {
			h->opening--;
			h->refused++;
		}
		h->next++;
	}
}

/* The wheel: each link once a second. */
static void
drip(struct hold *h)
{
	uint64_t due = (load_now() - h->began) / 1000 * h->l->nlink / 1000000;
	struct link *k;

	for (; h->dripped < due; h->dripped++) {
		k = &h->l->link[h->dripped % h->l->nlink];
		if (k->state != LINK_SEND || k->put < k->limit)
			continue;
		k->limit++;
		step(h, k);
	}
}

static void
turn(struct hold *h)
{
	struct epoll_event e[EVENTS];
	char line[256];
	ssize_t got;
	int n, i;

	n = epoll_wait(h->l->w.epoll, e, EVENTS, h->drips ? 5 : 50);
	for (i = 0; i < n; i++) {
		if (e[i].data.ptr != NULL) {
			step(h, e[i].data.ptr);
			continue;
		}
		got = read(STDIN_FILENO, line, sizeof(line));
		if (got > 0)
			say(h, "report");
		else if (got == 0 || errno != EAGAIN)
			h->over = true;
	}
	open_more(h);
	if (h->drips)
		drip(h);
}

/* see load.h */
bool
load_hold(struct load *l, const char *how, size_t stall_at)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct hold h = { .l = l, .stall_at = stall_at };
	uint64_t end;
	bool ready = false;
	uint32_t i;

	h.body = strcmp(how, "body") == 0;
	h.drips = h.body || strcmp(how, "head") == 0;
	h.stalls = strcmp(how, "stall") == 0;
	h.used = strcmp(how, "used") == 0;
	if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) == -1 ||
	    epoll_ctl(l->w.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &e) == -1)
		return false;
	h.began = load_now();
	end = h.began + (uint64_t)(l->secs * (double)NS);
	while (!h.over && load_now() < end) {
		turn(&h);
		if (!ready && h.next == l->nlink &&
		    h.opening + h.waiting == 0) {
			ready = true;
			say(&h, "ready");
		}
	}
	say(&h, "end");
	for (i = 0; i < l->nlink; i++)
		link_close(&l->link[i]);
	return true;
}
