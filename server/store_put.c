/* SPDX-License-Identifier: ISC */
/*
 * store_put.c - parcels from the fronts: one commit for all that wait.
 *
 * Invariant: 201 and 200 go out only for what a commit that succeeded, or an
 * older one, has put on disk.  One parcel at a time is in our own memory;
 * from there it is encrypted straight into LMDB's page.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"
#include "crypto/receipt.h"
#include "crypto/sha256.h"
#include "server/store_int.h"

/* see store_int.h */
void
store_put_queue(struct front *f, uint64_t id, const struct ipc_put *put)
{
	struct store *s = f->s;
	struct request *q;

	/* A slot a request: there is always room. */
	if (s->queue_count == s->queue_cap)
		abort();
	q = &s->queue[(s->queue_first + s->queue_count++) % s->queue_cap];
	memset(q, 0, sizeof(*q));
	q->f = f;
	q->id = id;
	q->put = *put;
}

/* Copied out first: what is checked is what is hashed is what is stored. */
static bool
take_out(struct store *s, struct request *q)
{
	const unsigned char *slot = slots_at(&q->f->slots, q->put.slot);

	memcpy(s->body, slot, PARCEL_BYTES);
	if (parcel_check(rd_from(s->body, PARCEL_BYTES)) != 0)
		return false;
	sha256(q->digest, s->body, PARCEL_BYTES);
	return (q->put.flags & IPC_HAS_DIGEST) == 0 ||
	    memcmp(q->digest, q->put.digest, HASH_BYTES) == 0;
}

/* A new one, into the transaction; ERR_FULL, or what broke it. */
static int
take_in(struct store *s, struct request *q, bool *begun)
{
	struct pending *p = s->epochs.open;
	int r;

	if (!epochs_have_room(&s->epochs))
		return ERR_FULL;
	if (!*begun && (r = pending_begin(p)) != 0)
		return r;
	*begun = true;
	if ((r = pending_put(p, s->body, q->digest)) != 0)
		return r == ERR_FULL ? ERR_IO : r;
	q->status = 201;
	q->close = pending_head(p)->close;
	q->hangs = true;
	return 0;
}

/* Decides one request.  Returns what breaks the whole batch, or 0. */
static int
decide(struct store *s, struct request *q, bool *begun)
{
	int r;

	q->status = 400;
	if (!take_out(s, q))
		return 0;
	q->status = 503;
	if (!store_may_sign(s))
		return 0;		/* a receipt is a promise of this log */
	r = epochs_find(&s->epochs, q->digest, &q->close);
	if (r == 0) {
		q->status = 200;
		/* It may be one that this very commit brings. */
		q->hangs = *begun && q->close ==
		    pending_head(s->epochs.open)->close;
		return 0;
	}
	if (r != ERR_NOTFOUND)
		return r;
	r = take_in(s, q, begun);
	if (r == ERR_FULL) {
		log_event(EV_PENDING_FULL, 1);
		r = 0;
	}
	return r;
}

static void
answer(struct store *s, struct request *q)
{
	unsigned char receipt[RECEIPT_MAX_BYTES], buf[2 + RECEIPT_MAX_BYTES];
	struct wr w = wr_from(receipt, sizeof(receipt));
	struct wr m = wr_from(buf, sizeof(buf));
	struct ipc_put_done d = { .status = q->status };
	struct receipt rc = { .close = q->close };

	if (d.status == 200 || d.status == 201) {
		memcpy(rc.digest, q->digest, sizeof(rc.digest));
		if (receipt_sign(&w, &rc, &s->key.vk, s->key.sk) == 0)
			d.receipt = wr_rd(&w);
		else
			d.status = 503;	/* held, but we cannot promise it */
	}
	ipc_write_put_done(&m, &d);
	q->f->busy[q->put.slot] = false;
	store_send(q->f, IPC_PUT_DONE, q->id, wr_rd(&m), -1);
}

static struct request *
nth(struct store *s, size_t i)
{
	return &s->queue[(s->queue_first + i) % s->queue_cap];
}

/* see store_int.h */
void
store_put_batch(struct store *s)
{
	size_t i, n = s->queue_count;
	bool begun = false;
	int r = 0;

	if (n > STORE_BATCH_MAX)
		n = STORE_BATCH_MAX;
	for (i = 0; i < n && r == 0; i++)
		r = decide(s, nth(s, i), &begun);
	/* After an error: what was not looked at is refused, too. */
	for (; i < n; i++)
		nth(s, i)->status = 503;
	if (r == 0 && begun)
		r = pending_commit(s->epochs.open);
	if (r != 0) {
		pending_abort(s->epochs.open);
		log_event(EV_DISK_ERROR, 1);
		for (i = 0; i < n; i++)
			if (nth(s, i)->hangs)
				nth(s, i)->status = 503;
	}
	if (r != 0 || begun)
		s->disk_bad = r != 0;
	for (i = 0; i < n; i++)
		answer(s, nth(s, i));
	s->queue_first = (s->queue_first + n) % s->queue_cap;
	s->queue_count -= n;
	explicit_bzero(s->body, PARCEL_BYTES);
	store_tell_state(s);
	if (r == ERR_ORDER)
		store_end(s, EXIT_FAILURE);	/* LMDB wants a new start */
}
