/* SPDX-License-Identifier: ISC */
/*
 * store_box.c - an outbox on its way in: piece by piece out of the slots,
 * then checked and kept as one.
 *
 * Refuses whoever has no courier's token, before the first byte, and a second
 * outbox beside the first: what it may take of our memory is one body.  A
 * front that goes on with an outbox that we let go is told 503.
 */
#include <stdlib.h>
#include <string.h>

#include "server/store_int.h"

/* So long nothing came: whoever sent it is gone, though nobody said so. */
#define BOX_SILENT_SECS	300

/* Couriers alone; the file is read again when it has changed. */
static bool
may_post(struct store *s, const unsigned char token[static HASH_BYTES])
{
	if (tokens_changed(&s->token_stamp, s->datadir) && tokens_load(
	    &s->tokens, &s->token_stamp, s->datadir) != 0)
		return false;		/* and nobody else, either */
	return tokens_find(&s->tokens, token) == TOKEN_COURIER;
}

static void
let_go(struct store *s)
{
	struct box *b = &s->box;

	if (b->bytes != NULL)
		explicit_bzero(b->bytes, b->total);
	free(b->bytes);
	memset(b, 0, sizeof(*b));
}

static uint16_t
begin(struct front *f, const struct ipc_box *m)
{
	struct store *s = f->s;
	struct box *b = &s->box;

	if (!may_post(s, m->token))
		return 401;
	if (b->bytes != NULL &&
	    clock_now().boot - b->heard < BOX_SILENT_SECS)
		return 503;
	let_go(s);
	if ((b->bytes = malloc(m->total)) == NULL)
		return 503;
	b->f = f;
	b->slot = m->slot;
	b->total = m->total;
	b->heard = clock_now().boot;
	return 100;
}

/* All of it is here. */
static uint16_t
finish(struct store *s, uint64_t *next)
{
	struct box *b = &s->box;
	enum office_verdict v;
	int r;

	r = office_take(&s->epochs.office, rd_from(b->bytes, b->total),
	    pending_head(s->epochs.open)->close, &v, next);
	let_go(s);
	if (r != 0) {
		log_event(EV_DISK_ERROR, 1);
		if (r == ERR_IO)
			s->disk_bad = true;
		return 503;
	}
	switch (v) {
	case OFFICE_NEW:
		return 201;
	case OFFICE_HELD:
		return 200;
	case OFFICE_NEXT:
		return 409;
	case OFFICE_FULL:
		return 503;
	case OFFICE_BAD:
		break;
	}
	return 400;
}

/* The next piece; copied out, so that what is checked is what is kept. */
static uint16_t
take(struct front *f, const struct ipc_box *m, uint64_t *next)
{
	struct store *s = f->s;
	struct box *b = &s->box;

	if (b->bytes == NULL || b->f != f || b->slot != m->slot ||
	    b->total != m->total || b->at != m->offset)
		return 503;
	memcpy(b->bytes + b->at, slots_at(&f->slots, m->slot), m->length);
	b->at += m->length;
	b->heard = clock_now().boot;
	return b->at < b->total ? 100 : finish(s, next);
}

/* see store_int.h */
void
store_box(struct front *f, uint64_t id, const struct ipc_box *m)
{
	struct ipc_box_done d = { 0 };
	unsigned char buf[16];
	struct wr w = wr_from(buf, sizeof(buf));

	d.status = m->length == 0 ? begin(f, m) : take(f, m, &d.next);
	if (d.status != 409)
		d.next = 0;
	ipc_write_box_done(&w, &d);
	store_send(f, IPC_BOX_DONE, id, wr_rd(&w), -1);
	store_tell_state(f->s);
}

/* see store_int.h */
void
store_box_gone(struct front *f, uint32_t slot)
{
	struct box *b = &f->s->box;

	if (b->bytes != NULL && b->f == f && b->slot == slot)
		let_go(f->s);
}

/* see store_int.h */
void
store_box_wipe(struct store *s)
{
	let_go(s);
}
