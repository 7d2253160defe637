/* SPDX-License-Identifier: ISC */
/*
 * log.c - the two doors to the log.
 *
 * Refuses to print anything but a name of the table and a number once
 * strangers are heard.  Invariant: counted[] holds what no line has said.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "server/log.h"

static const char *const names[EV_KINDS] = {
	[EV_EPOCH_CLOSED] = "epoch-closed",
	[EV_CLOSE_FAILED] = "close-failed",
	[EV_CLOCK] = "clock",
	[EV_NEARLY_FULL] = "nearly-full",
	[EV_PENDING_FULL] = "pending-full",
	[EV_DISK_ERROR] = "disk-error",
	[EV_SLOTS_OUT] = "slots-out",
	[EV_CONN_CAP] = "connection-cap",
	[EV_PEER_BROKEN] = "peer-broken",
	[EV_FRONT_HUNG] = "front-hung",
	[EV_ROLE_ENDED] = "role-ended",
	[EV_GAVE_UP] = "gave-up",
	[EV_WITNESS_FAILED] = "witness-failed",
	[EV_QUORUM_MISSED] = "quorum-missed",
	[EV_WITNESS_AHEAD] = "witness-ahead",
	[EV_WITNESS_LOST] = "witness-lost",
	[EV_PARCEL_UNREADABLE] = "parcel-unreadable",
	[EV_PARCEL_LOST] = "parcel-lost",
};

static bool listening;
static unsigned long counted[EV_KINDS];

/* see log.h */
void
diag(const char *fmt, ...)
{
	char line[2048];
	va_list ap;

	if (listening)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);	/* cut is well */
	va_end(ap);
	/* One write a line: several processes share the stream. */
	(void)dprintf(2, "ecrdropd: %s\n", line);
}

/* see log.h */
void
log_listening(void)
{
	listening = true;
}

/* see log.h */
void
log_event(enum log_event what, unsigned long count)
{
	if (what >= EV_KINDS)
		return;
	if (counted[what] > ULONG_MAX - count)
		counted[what] = ULONG_MAX;
	else
		counted[what] += count;
}

/* see log.h */
void
log_tick(void)
{
	unsigned i;

	for (i = 0; i < EV_KINDS; i++) {
		if (counted[i] == 0)
			continue;
		(void)dprintf(2, "ecrdropd: %s %lu\n", names[i], counted[i]);
		counted[i] = 0;
	}
}

/* see log.h */
const char *
log_name(enum log_event what)
{
	return what < EV_KINDS ? names[what] : "unknown";
}
