/* SPDX-License-Identifier: ISC */
/*
 * ask.c - requests with patience.
 *
 * Only silence and 503 are asked again: every other answer stays the same
 * however often it is heard.
 */
#include <errno.h>
#include <time.h>

#include "client/common/ask.h"

#define PAUSE_MIN_MS	250
#define PAUSE_MAX_MS	30000
#define RETRY_AFTER_MAX	60		/* seconds that a server may ask for */

static void
pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		continue;
}

/* see ask.h */
int
ask_get(struct net *n, const char *path, const char *token, size_t max,
    unsigned tries, struct net_answer *a)
{
	long ms = PAUSE_MIN_MS;
	unsigned i;
	int r;

	for (i = 1;; i++) {
		r = net_get(n, path, token, max, a);
		if ((r == 0 && a->status != 503) || (r != 0 && r != ERR_IO) ||
		    i >= tries)
			return r;
		if (r == 0 && a->retry_after > 0 &&
		    a->retry_after <= RETRY_AFTER_MAX)
			pause_ms((long)a->retry_after * 1000);
		else
			pause_ms(ms);
		ms = ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : ms * 2;
	}
}
