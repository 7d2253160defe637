/* SPDX-License-Identifier: ISC */
/*
 * epoch.c - the close of an epoch, step by step.
 *
 * Invariant: pending/<close> is destroyed only after every digest in it was
 * found again in the log as it is on disk, under a checkpoint that verifies
 * and that the fork guard holds; but what nobody can read any more, by the
 * operator's word (loss.h).
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"
#include "crypto/sha256.h"
#include "server/epoch_int.h"
#include "server/loss.h"

/* Cover costs some milliseconds each: few at a time. */
#define COVER_SLICE	8u
#define MOVE_SLICE	(PENDING_SLICE / 65536u)
#define CHECK_SLICE	4096u

#define HOLD_SHARE	60u		/* of an epoch */
#define HOLD_MAX_SECS	60u

/* --- the steps; *done where there is no more of it ----------------------- */

/*
 * Where drop/ has no room for one parcel and its cover at an epoch's end, it
 * had none all the time: whoever came was refused.  So everybody knows that
 * an epoch that is empty then is empty, and cover would hide nothing, but eat
 * the room that closes need.
 */
static int
step_size(struct epochs *e, bool *done)
{
	const struct pending *p = e->closing;

	*done = true;
	if (pending_count(p) == 0 && !drop_has_room(e->drop,
	    pending_most(0, pending_head(p)->batch) + 1, 0))
		return 0;		/* and nothing to note on disk */
	return pending_fix_size(e->closing);
}

/* One cover parcel into the transaction under way. */
static int
put_cover(struct pending *p)
{
	unsigned char digest[HASH_BYTES];
	unsigned char *parcel;
	int r = ERR_NOMEM;

	if ((parcel = malloc(PARCEL_BYTES)) == NULL)
		return r;
	if ((r = parcel_cover(parcel)) == 0) {
		sha256(digest, parcel, PARCEL_BYTES);
		r = pending_put(p, parcel, digest);
	}
	free(parcel);
	return r;
}

static int
step_cover(struct epochs *e, bool *done)
{
	struct pending *p = e->closing;
	uint32_t i;
	int r;

	if (pending_count(p) < pending_size(p)) {
		if ((r = pending_begin(p)) != 0)
			return r;
		for (i = 0; i < COVER_SLICE &&
		    pending_count(p) < pending_size(p); i++)
			if ((r = put_cover(p)) != 0) {
				pending_abort(p);
				return r;
			}
		if ((r = pending_commit(p)) != 0)
			return r;
	}
	*done = pending_count(p) >= pending_size(p);
	return 0;
}

static int
compare(const void *x, const void *y)
{
	const struct digest_item *const *a = x, *const *b = y;

	return memcmp((*a)->digest, (*b)->digest, HASH_BYTES);
}

/* All of the epoch's items, by digest. */
static int
make_order(struct epochs *e)
{
	const struct digests *x = pending_digests(e->closing);
	uint32_t i, n = digests_count(x);

	if (e->order != NULL)
		return 0;
	e->order = calloc(n > 0 ? n : 1, sizeof(*e->order));
	if (e->order == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n; i++)
		e->order[i] = digests_at(x, i);
	qsort(e->order, n, sizeof(*e->order), compare);
	e->norder = n;
	e->at = e->lost = 0;
	return 0;
}

/* One body into the transaction under way; *lost: it cannot be read. */
static int
move_body(struct epochs *e, const struct digest_item *item, bool *lost)
{
	unsigned char *room;
	int r;

	if ((r = drop_move_put(e->drop, item->digest, &room)) != 0 ||
	    room == NULL)
		return r;
	r = pending_read(e->closing, item, room);
	*lost = r == ERR_CHANGED || r == ERR_IO;
	return r;
}

static int
step_bodies(struct epochs *e, bool *done)
{
	bool lost = false;
	uint32_t n, i;
	int r;

	if ((r = make_order(e)) != 0)
		return r;
	n = e->norder - e->at < MOVE_SLICE ? e->norder - e->at : MOVE_SLICE;
	if (n > 0) {
		if ((r = drop_move_begin(e->drop)) != 0)
			return r;
		for (i = 0; i < n; i++)
			if ((r = move_body(e, e->order[e->at + i],
			    &lost)) != 0) {
				drop_move_abort(e->drop);
				return lost ? loss_leave_out(e, n) : r;
			}
		if ((r = drop_move_commit(e->drop)) != 0)
			return r;
		e->at += n;
	}
	e->unreadable = false;
	*done = e->at >= e->norder;
	return 0;
}

static int
step_append(struct epochs *e, bool *done)
{
	uint64_t close = pending_head(e->closing)->close;
	int r;

	*done = true;
	if (close <= drop_last_close(e->drop)) {
		e->at = 0;		/* an earlier try went through */
		return 0;
	}
	if ((r = make_order(e)) != 0)
		return r;
	if ((r = epoch_append(e)) == 0) {
		clock_closed(&e->clock, close);
		e->at = 0;
	}
	return r;
}

/* The leaf index at which the newest close begins, if that is it. */
static uint64_t
first_of(const struct epochs *e)
{
	uint64_t n = epoch_entries(e);

	if (pending_head(e->closing)->close != drop_last_close(e->drop))
		return UINT64_MAX;
	return n < drop_size(e->drop) ? drop_size(e->drop) - n : 0;
}

/* What is not in the log must be what cannot be read. */
static int
leave_out_one(struct epochs *e)
{
	uint32_t were = e->norder;
	int r = loss_leave_out(e, 1);

	return r == 0 && e->norder == were ? ERR_CHANGED : r;
}

static int
step_verify(struct epochs *e, bool *done)
{
	struct entry found;
	uint32_t i;
	int r;

	if ((r = make_order(e)) != 0)
		return r;
	if (e->at == 0 && ((r = drop_verify_from(e->drop, &e->key->vk,
	    first_of(e))) != 0 || (r = epoch_find_said(e)) != 0))
		return r;
	for (i = 0; i < CHECK_SLICE && e->at < e->norder; i++, e->at++) {
		r = drop_where(e->drop, &found, e->order[e->at]->digest);
		if (r == ERR_NOTFOUND)	/* left out before a restart? */
			return leave_out_one(e);
		if (r != 0)
			return r;
		if (found.close != pending_head(e->closing)->close)
			return ERR_CHANGED;
	}
	*done = e->at >= e->norder;
	return 0;
}

static int
step_guard(struct epochs *e, bool *done)
{
	*done = true;
	return guard_move(&e->guard, e->drop, &e->key->vk);
}

/* Whoever is asked there does not wait in it: not done is "not yet". */
static int
step_witness(struct epochs *e, bool *done)
{
	*done = true;
	return e->witness != NULL ? e->witness(e->arg, done) : 0;
}

static int
step_publish(struct epochs *e, bool *done)
{
	*done = true;
	return e->publish != NULL ? e->publish(e->arg) : 0;
}

static int
step_destroy(struct epochs *e, bool *done)
{
	int r;

	if (e->closing != NULL) {
		e->destroying = pending_head(e->closing)->close;
		free(e->order);
		e->order = NULL;
		pending_close(e->closing);
		e->closing = NULL;
	}
	if ((r = pending_destroy(e->destroying)) != 0)
		return r;		/* again, until it is gone */
	office_forget(&e->office, e->destroying);
	e->destroying = 0;
	*done = true;
	return 0;
}

static int (*const steps[STEP_COUNT])(struct epochs *, bool *) = {
	[STEP_SIZE] = step_size,
	[STEP_COVER] = step_cover,
	[STEP_BODIES] = step_bodies,
	[STEP_OUTBOX] = epoch_step_outbox,
	[STEP_APPEND] = step_append,
	[STEP_VERIFY] = step_verify,
	[STEP_GUARD] = step_guard,
	[STEP_WITNESS] = step_witness,
	[STEP_PUBLISH] = step_publish,
	[STEP_ERASE] = epoch_step_erase,
	[STEP_DESTROY] = step_destroy,
};

/* see epoch_int.h */
void
epoch_begin_close(struct epochs *e, struct pending *p)
{
	e->closing = p;
	e->at = 0;
	e->outbox = 0;
	e->step = pending_head(p)->close <= drop_last_close(e->drop) ?
	    STEP_VERIFY : STEP_SIZE;
}

/* see epoch.h */
int
epochs_step(struct epochs *e)
{
	bool done = false;
	int r;

	if (!epochs_busy(e))
		return 0;
	if ((r = steps[e->step](e, &done)) != 0 || !done)
		return r;
	if (e->step != STEP_DESTROY) {
		e->step++;
	} else if (e->nlater > 0) {
		epoch_begin_close(e, e->later[0]);
		e->nlater--;
		memmove(e->later, e->later + 1,
		    e->nlater * sizeof(e->later[0]));
	}
	return 0;
}

/*
 * How many parcels had come decides how long cover takes to seal.  Who asks
 * for the checkpoint every moment must not see it, so what was closed shows
 * at one moment after the close, long enough for any amount.
 */
static uint64_t
shows_at(const struct epochs *e, const struct pending *p)
{
	uint64_t hold = e->conf.seconds / HOLD_SHARE;

	if (hold > HOLD_MAX_SECS)
		hold = HOLD_MAX_SECS;
	return pending_head(p)->close + hold;
}

/* see epoch.h */
bool
epochs_hold(const struct epochs *e, struct clock_now now)
{
	return e->closing != NULL && e->step == STEP_APPEND &&
	    now.real >= pending_head(e->closing)->close &&
	    now.real < shows_at(e, e->closing);
}

/* see epoch.h */
bool
epochs_busy(const struct epochs *e)
{
	return e->closing != NULL || e->destroying != 0;
}
