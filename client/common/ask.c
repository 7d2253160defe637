/* SPDX-License-Identifier: ISC */
/*
 * ask.c - requests with patience.
 *
 * Only silence and 503 are asked again: every other answer stays the same
 * however often it is heard.
 */
#include <time.h>

#include "client/common/ask.h"

#define PAUSE_MIN_MS	250
#define PAUSE_MAX_MS	30000
#define RETRY_AFTER_MAX	60		/* seconds that a server may ask for */

#define SLICE_MS	200		/* an interrupt is heard so soon */

static void
pause_ms(const struct net *n, long ms)
{
	struct timespec t = { 0, SLICE_MS * 1000000L };

	for (; ms > 0 && !net_stopped(n); ms -= SLICE_MS)
		(void)nanosleep(&t, NULL);	/* a signal cuts one slice */
}

/* One request, of either kind. */
struct request {
	struct net *net;
	const char *path, *token;
	bool post;
	const char *const *headers;
	struct rd body;
	size_t max;
};

static int
once(const struct request *q, struct net_answer *a)
{
	if (q->post)
		return net_post(q->net, q->path, q->headers, q->body, q->max,
		    a);
	return net_get(q->net, q->path, q->token, q->max, a);
}

static int
ask(const struct request *q, unsigned tries, struct net_answer *a)
{
	long ms = PAUSE_MIN_MS;
	unsigned i;
	int r;

	for (i = 1;; i++) {
		r = once(q, a);
		if ((r == 0 && a->status != 503) || (r != 0 && r != ERR_IO) ||
		    i >= tries || net_stopped(q->net))
			return r;
		if (r == 0 && a->retry_after > 0 &&
		    a->retry_after <= RETRY_AFTER_MAX)
			pause_ms(q->net, (long)a->retry_after * 1000);
		else
			pause_ms(q->net, ms);
		ms = ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : ms * 2;
	}
}

/* see ask.h */
int
ask_get(struct net *n, const char *path, const char *token, size_t max,
    unsigned tries, struct net_answer *a)
{
	const struct request q = { .net = n, .path = path, .token = token,
	    .max = max };

	return ask(&q, tries, a);
}

/* see ask.h */
int
ask_post(struct net *n, const char *path, const char *const *headers,
    struct rd body, size_t max, unsigned tries, struct net_answer *a)
{
	const struct request q = { .net = n, .path = path, .post = true,
	    .headers = headers, .body = body, .max = max };

	return ask(&q, tries, a);
}
