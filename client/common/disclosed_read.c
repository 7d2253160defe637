/* SPDX-License-Identifier: ISC */
/*
 * disclosed_read.c - a proof of disclosure, off the disk piece by piece.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/common/disclosed_int.h"
#include "client/common/say.h"

/* see disclosed_int.h */
int
reading_fill(struct reading *g)
{
	ssize_t got;

	if (g->end || g->have.n >= DISCLOSURE_PART_MAX)
		return 0;
	if (g->have.n > 0)
		memmove(g->buf, g->have.p, g->have.n);
	g->n = g->have.n;
	while (!g->end && g->n < READING_BYTES) {
		got = read(g->d->fd, g->buf + g->n, READING_BYTES - g->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(EXIT_NOINPUT, "reading: %s",
			    strerror(errno));
		g->end = got == 0;
		g->n += (size_t)got;
	}
	g->have = rd_from(g->buf, g->n);
	return 0;
}

/* see disclosed_int.h */
int
reading_malformed(const struct reading *g)
{
	return fail(EXIT_DATA, "this is no proof of disclosure, or it is cut "
	    "or damaged (at byte %llu)", (unsigned long long)g->at);
}

/* see disclosed_int.h */
int
reading_restart(struct reading *g, uint16_t *parts)
{
	size_t had;
	int code;

	if (lseek(g->d->fd, 0, SEEK_SET) != 0)
		return fail(EXIT_NOINPUT, "%s", strerror(errno));
	g->have = rd_from(g->buf, 0);
	g->end = false;
	g->at = 0;
	if ((code = reading_fill(g)) != 0)
		return code;
	had = g->have.n;
	if (disclosure_head(&g->have, parts) != 0)
		return reading_malformed(g);
	g->at = had - g->have.n;
	return 0;
}

/* see disclosed_int.h */
int
reading_part(struct reading *g, size_t i, struct disclosure_part *p)
{
	size_t had;
	int code;

	if ((code = reading_fill(g)) != 0)
		return code;
	had = g->have.n;
	if (disclosure_next_part(&g->have, i == 0, p) != 0)
		return reading_malformed(g);
	g->at += had - g->have.n;
	return 0;
}
