/* SPDX-License-Identifier: ISC */
/*
 * stop.c - has the person asked to stop?
 *
 * The handler only sets a flag: everything that must be cleaned up or said
 * is done by the code that looks at it.
 */
#include <string.h>
#include <time.h>

#include "client/report/stop.h"

volatile sig_atomic_t report_stop;

static void
on_signal(int sig)
{
	(void)sig;
	report_stop = 1;
}

/* see stop.h */
void
stop_catch(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;	/* no SA_RESTART: reads come back */
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)sigaction(sigs[i], &sa, NULL);	/* cannot fail */
	signal(SIGPIPE, SIG_IGN);
}

/* see stop.h */
bool
stop_wait(unsigned seconds)
{
	struct timespec t = { (time_t)seconds, 0 };

	/* A signal that is not ours to stop for does not cut it short. */
	while (report_stop == 0 && nanosleep(&t, &t) != 0)
		continue;
	return report_stop != 0;
}
