/* SPDX-License-Identifier: ISC */
/*
 * loss.c - parcels that were promised and cannot be read any more.
 *
 * Invariant: nothing is left out of a close but what was read again a moment
 * ago and is not what its digest says, and nothing without the operator's
 * word for this very close.
 */
#include "server/loss.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/wr.h"
#include "server/clock.h"
#include "server/file.h"

#define MAGIC	"ecrdrop/loss/v1\n"

/* see loss.h */
int
loss_file_parse(uint64_t *when, struct rd in)
{
	struct rd line;

	if (!rd_lit(&in, MAGIC) || !rd_line(&in, &line) || !rd_done(&in) ||
	    !rd_dec(line, INT64_MAX, when))
		return ERR_FORMAT;
	return 0;
}

/* see loss.h */
int
loss_confirm(int dir)
{
	unsigned char buf[LOSS_FILE_MAX];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_str(&w, MAGIC);
	wr_dec(&w, clock_now().real);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		abort();
	return file_replace(dir, LOSS_FILE, wr_rd(&w), 0600);
}

/* see loss.h */
bool
loss_confirmed(int dir, uint64_t close, uint64_t now)
{
	unsigned char buf[LOSS_FILE_MAX];
	uint64_t when;
	size_t n;

	return file_slurp(dir, LOSS_FILE, buf, sizeof(buf), &n) == 0 &&
	    loss_file_parse(&when, rd_from(buf, n)) == 0 &&
	    when >= close && when <= now + CLOCK_STEP_SECS;
}

/* The items that can be read move together; the rest is left out. */
static int
keep_readable(struct epochs *e, uint32_t n)
{
	unsigned char *parcel = malloc(PARCEL_BYTES);
	uint32_t i, kept = e->at, end = e->at + n;
	int r = 0;

	if (parcel == NULL)
		return ERR_NOMEM;
	for (i = e->at; i < end; i++) {
		r = pending_read(e->closing, e->order[i], parcel);
		if (r == 0)
			e->order[kept++] = e->order[i];
		else if (r != ERR_CHANGED && r != ERR_IO)
			break;
		r = 0;
	}
	if (r == 0) {
		memmove(e->order + kept, e->order + end,
		    (e->norder - end) * sizeof(e->order[0]));
		e->norder -= end - kept;
		e->lost += end - kept;
	}
	free(parcel);
	return r;
}

/* see loss.h */
int
loss_leave_out(struct epochs *e, uint32_t n)
{
	uint64_t close = pending_head(e->closing)->close;

	e->unreadable = !loss_confirmed(AT_FDCWD, close, clock_now().real);
	if (e->unreadable)
		return ERR_CHANGED;
	return keep_readable(e, n);
}
