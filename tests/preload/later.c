/* SPDX-License-Identifier: ISC */
/*
 * later.c - a clock that is wrong, or a day that is still to come.
 *
 * A library for LD_PRELOAD: the time of day is ECR_LATER seconds later than
 * it is (earlier, where that is negative).  Clocks that only measure are left
 * alone.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static time_t
later(void)
{
	const char *s = getenv("ECR_LATER");

	return s == NULL ? 0 : (time_t)strtoll(s, NULL, 10);
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int (*real)(clockid_t, struct timespec *);
	int r;

	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	r = real(id, ts);
	if (r == 0 && id == CLOCK_REALTIME)
		ts->tv_sec += later();
	return r;
}

time_t
time(time_t *t)
{
	struct timespec ts = { 0, 0 };

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}
