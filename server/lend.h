/* SPDX-License-Identifier: ISC */
/*
 * lend.h - whose each slot is: nobody's, a connection's, or the store's.
 *
 * Pure bookkeeping beside the shared memory (slots.h).  A slot that was
 * named in a message belongs to the store until the answer with the same id
 * has come, even when its connection is long gone; only then is it free.
 *
 * Invariant: free + taken == count, and no id is used twice.
 */
#ifndef ECR_LEND_H
#define ECR_LEND_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"

#define LEND_NONE	UINT32_MAX

struct lend_slot {
	void *owner;		/* NULL: free, or its connection is gone */
	uint64_t id;		/* of the question under way; 0: none */
	bool taken;
	bool download;
};

struct lend {
	struct lend_slot *slots;
	uint32_t *free;		/* a stack of free slots */
	uint32_t count, nfree, ndownload;
	uint64_t last_id;
};

MUST_USE int lend_init(struct lend *l, uint32_t count);
void lend_wipe(struct lend *l);

/*
 * A slot for owner, or LEND_NONE.  Downloads get at most half of them
 * (at least one), so that uploads are never kept out by slow readers.
 */
uint32_t lend_take(struct lend *l, void *owner, bool download);
/*
 * The owner needs it no more.  True: it is free now; false: the store still
 * holds it.
 */
bool lend_leave(struct lend *l, uint32_t slot);
/* It goes to the store: the id to ask under. */
uint64_t lend_ask(struct lend *l, uint32_t slot);
/* The question was not sent after all. */
void lend_unask(struct lend *l, uint32_t slot);
/*
 * The store's answer: *slot is its slot again, *owner whose it is, or NULL
 * where nobody waits (then it is free now).
 * Errors: ERR_NOTFOUND (no such question was asked: the store is broken).
 */
MUST_USE int lend_answer(struct lend *l, uint64_t id, uint32_t *slot,
    void **owner);

#endif
