/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/log.h"

/* What do() writes to standard error. */
static const char *
said(void (*what)(void))
{
	static char text[4096];
	int fd[2], old = dup(2);
	ssize_t n;

	cr_assert_eq(pipe(fd), 0);
	dup2(fd[1], 2);
	what();
	dup2(old, 2);
	close(old);
	close(fd[1]);
	n = read(fd[0], text, sizeof(text) - 1);
	close(fd[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
talk(void)
{
	diag("%s %d", "hello", 7);
}

static void
talk_too_late(void)
{
	log_listening();
	diag("a name");
}

static void
count(void)
{
	log_event(EV_SLOTS_OUT, 2);
	log_event(EV_SLOTS_OUT, 3);
	log_event(EV_DISK_ERROR, 0);
	log_event(EV_CONN_CAP, ULONG_MAX);
	log_event(EV_CONN_CAP, 5);
	log_event(EV_KINDS, 1);
}

static void
nothing(void)
{
}

Test(log, diag_speaks_before_strangers_are_heard)
{
	cr_assert_str_eq(said(talk), "ecrdropd: hello 7\n");
}

Test(log, diag_is_silent_once_they_are)
{
	cr_assert_str_eq(said(talk_too_late), "");
}

Test(log, events_are_written_on_the_tick_alone_and_once)
{
	char want[256];

	snprintf(want, sizeof(want),
	    "ecrdropd: slots-out 5\necrdropd: connection-cap %lu\n",
	    ULONG_MAX);
	cr_assert_str_eq(said(count), "");
	cr_assert_str_eq(said(log_tick), want);
	cr_assert_str_eq(said(log_tick), "");
	cr_assert_str_eq(said(nothing), "");
}

Test(log, every_event_has_its_own_name)
{
	int i, j;

	for (i = 0; i < EV_KINDS; i++) {
		cr_assert_not_null(log_name((enum log_event)i));
		for (j = 0; j < i; j++)
			cr_assert_str_neq(log_name((enum log_event)i),
			    log_name((enum log_event)j));
	}
	cr_assert_str_eq(log_name(EV_KINDS), "unknown");
}
