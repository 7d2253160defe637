/* SPDX-License-Identifier: ISC */
/*
 * lend.c - whose each slot is; see lend.h.
 *
 * An id is a serial number and, in its low bits, the slot: so an answer
 * finds its slot without a search, and a late or forged one finds none.
 */
#include <stdlib.h>
#include <string.h>

#include "server/lend.h"
#include "server/slots.h"

/* see lend.h */
int
lend_init(struct lend *l, uint32_t count)
{
	uint32_t i;

	memset(l, 0, sizeof(*l));
	if (count == 0 || count > SLOTS_MAX)
		return ERR_LIMIT;
	l->slots = calloc(count, sizeof(*l->slots));
	l->free = calloc(count, sizeof(*l->free));
	if (l->slots == NULL || l->free == NULL) {
		lend_wipe(l);
		return ERR_NOMEM;
	}
	for (i = 0; i < count; i++)
		l->free[i] = count - 1 - i;
	l->count = l->nfree = count;
	return 0;
}

/* see lend.h */
void
lend_wipe(struct lend *l)
{
	free(l->slots);
	free(l->free);
	memset(l, 0, sizeof(*l));
}

static struct lend_slot *
taken(struct lend *l, uint32_t slot)
{
	if (slot >= l->count || !l->slots[slot].taken)
		abort();
	return &l->slots[slot];
}

static void
give_back(struct lend *l, uint32_t slot)
{
	struct lend_slot *s = taken(l, slot);

	if (s->download)
		l->ndownload--;
	memset(s, 0, sizeof(*s));
	l->free[l->nfree++] = slot;
}

/* see lend.h */
uint32_t
lend_take(struct lend *l, void *owner, bool download)
{
	struct lend_slot *s;
	uint32_t slot;

	if (l->nfree == 0)
		return LEND_NONE;
	if (download && l->ndownload >= (l->count + 1) / 2)
		return LEND_NONE;
	slot = l->free[--l->nfree];
	s = &l->slots[slot];
	s->owner = owner;
	s->taken = true;
	s->download = download;
	if (download)
		l->ndownload++;
	return slot;
}

/* see lend.h */
bool
lend_leave(struct lend *l, uint32_t slot)
{
	struct lend_slot *s = taken(l, slot);

	s->owner = NULL;
	if (s->id != 0)
		return false;
	give_back(l, slot);
	return true;
}

/* see lend.h */
uint64_t
lend_ask(struct lend *l, uint32_t slot)
{
	struct lend_slot *s = taken(l, slot);

	if (s->id != 0)
		abort();
	s->id = ++l->last_id * SLOTS_MAX + slot;
	return s->id;
}

/* see lend.h */
void
lend_unask(struct lend *l, uint32_t slot)
{
	taken(l, slot)->id = 0;
}

/* see lend.h */
int
lend_answer(struct lend *l, uint64_t id, uint32_t *slot, void **owner)
{
	uint32_t k = (uint32_t)(id % SLOTS_MAX);

	if (id == 0 || k >= l->count || l->slots[k].id != id)
		return ERR_NOTFOUND;
	*slot = k;
	*owner = l->slots[k].owner;
	l->slots[k].id = 0;
	if (*owner == NULL)
		give_back(l, k);
	return 0;
}
