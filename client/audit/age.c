/* SPDX-License-Identifier: ISC */
/*
 * age.c - is the log alive?
 */
#include "client/audit/age.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/say.h"

#define POLICY_MAX	65536
#define EPOCH_MAX	(30 * 86400)

static uint64_t
epoch_of(struct source *src)
{
	unsigned char *p;
	json_int_t secs = 0;
	json_t *j;
	size_t n;

	if (source_get(src, "policy", POLICY_MAX, &p, &n) != 0)
		return AGE_EPOCH_SECS;
	j = json_loadb((const char *)p, n, 0, NULL);
	secs = json_integer_value(json_object_get(j, "epoch_seconds"));
	json_decref(j);
	file_free(p, n);
	return secs < 1 || secs > EPOCH_MAX ? AGE_EPOCH_SECS :
	    (uint64_t)secs;
}

/* see age.h */
void
age_of(struct age *a, struct source *src, uint64_t close, uint64_t now)
{
	memset(a, 0, sizeof(*a));
	if (close == 0)
		return;
	a->epoch = epoch_of(src);
	a->ahead = close > now && close - now > a->epoch;
	a->secs = close > now ? 0 : now - close;
	a->stale = a->secs / AGE_EPOCHS > a->epoch;
}

/* "3 days", in the largest unit of which there are at least two. */
static void
span(char out[static 32], uint64_t secs)
{
	static const struct { uint64_t secs; const char *name; } unit[] = {
		{ 86400, "days" }, { 3600, "hours" }, { 60, "minutes" },
		{ 1, "seconds" }
	};
	size_t i = 0;

	while (i < 3 && secs < 2 * unit[i].secs)
		i++;
	snprintf(out, 32, "%llu %s", (unsigned long long)(secs /
	    unit[i].secs), unit[i].name);
}

/* see age.h */
void
age_warn(const struct age *a)
{
	char old[32], epoch[32];

	span(old, a->secs);
	span(epoch, a->epoch);
	if (a->stale)
		warn("the newest epoch closed %s ago, and one takes %s: the "
		    "log stands still, or what you were shown is old", old,
		    epoch);
	if (a->ahead)
		warn("the newest epoch closes in the future: the server's "
		    "clock is wrong, or yours");
}
