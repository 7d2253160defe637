/* SPDX-License-Identifier: ISC */
/*
 * epoch_take.c - what the epochs hold, and whether they may take more.
 *
 * Invariant: whatever was taken fits into drop/ with all the cover that its
 * epoch may get, beside what is being closed.
 */
#include "crypto/work.h"
#include "server/epoch.h"

/* So many full epochs ahead the operator hears of it. */
#define NEARLY_EPOCHS	2u

static bool
holds(const struct pending *p, const unsigned char digest[static HASH_BYTES],
    uint64_t *close)
{
	if (digests_find(pending_digests(p), digest) == NULL)
		return false;
	*close = pending_head(p)->close;
	return true;
}

/* see epoch.h */
int
epochs_find(struct epochs *e, const unsigned char digest[static HASH_BYTES],
    uint64_t *close)
{
	struct entry found;
	size_t i;
	int r;

	if (holds(e->open, digest, close))
		return 0;
	if (e->closing != NULL && holds(e->closing, digest, close))
		return 0;
	for (i = 0; i < e->nlater; i++)
		if (holds(e->later[i], digest, close))
			return 0;
	if ((r = drop_where(e->drop, &found, digest)) == 0)
		*close = found.close;
	return r;
}

/* Room that p's parcels and cover may still take in drop/. */
static uint64_t
needed_by(const struct pending *p)
{
	if (p == NULL)
		return 0;
	return pending_most(pending_count(p), pending_head(p)->batch);
}

static bool
drop_takes(const struct epochs *e, uint64_t more)
{
	uint64_t needed = needed_by(e->closing) + needed_by(e->open) + more;
	size_t i;

	for (i = 0; i < e->nlater; i++)
		needed += needed_by(e->later[i]);
	return drop_has_room(e->drop, needed, office_pages(&e->office));
}

/* see epoch.h */
bool
epochs_have_room(const struct epochs *e)
{
	return pending_count(e->open) < pending_head(e->open)->parcels &&
	    drop_takes(e, 1);
}

/* see epoch.h */
bool
epochs_nearly_full(const struct epochs *e)
{
	return !drop_takes(e, NEARLY_EPOCHS *
	    pending_most(e->conf.parcels, e->conf.batch));
}

/* see epoch.h */
uint8_t
epochs_bits(const struct epochs *e)
{
	uint64_t least = e->conf.work_bits;
	uint64_t n = pending_count(e->open);
	uint64_t all = pending_head(e->open)->parcels;

	/* Half empty: the least.  Then in even steps to the most when full. */
	if (2 * n <= all || least >= WORK_BITS_MAX)
		return (uint8_t)least;
	return (uint8_t)(least + (WORK_BITS_MAX - least) * (2 * n - all) / all);
}
