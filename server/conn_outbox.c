/* SPDX-License-Identifier: ISC */
/*
 * conn_outbox.c - POST /outbox: what the office sends, in pieces of a slot.
 *
 * The store is asked before a byte of the body is taken; it says whether the
 * token is a courier's and whether another outbox is on its way in.  What the
 * bytes are worth is the store's to say; here they are only counted.
 *
 * Invariant: while c->boxed is set the store may hold what came so far, and
 * hears of it when the rest will not come.
 */
#include <string.h>

#include "crypto/statement.h"
#include "crypto/wr.h"
#include "server/conn_int.h"
#include "server/slots.h"

/* Asks with a piece, or with none. */
static void
ask(struct conn *c, size_t n)
{
	unsigned char body[IPC_BODY_MAX];
	struct wr w = wr_from(body, sizeof(body));
	struct ipc_box b = { .slot = c->slot,
	    .total = (uint32_t)c->head.length, .offset = c->box_at,
	    .length = (uint32_t)n };

	memcpy(b.token, c->head.token, sizeof(b.token));
	ipc_write_box(&w, &b);
	if (!wr_ok(&w) || !c->world->ops->ask(c, IPC_BOX, wr_rd(&w))) {
		conn_say(c, 503);
		return;
	}
	c->boxed = true;
	c->box_at += (uint32_t)n;
	conn_enter(c, CONN_STORE);
}

/* see conn_int.h */
void
conn_begin_outbox(struct conn *c)
{
	if (!c->head.has_token) {
		conn_say(c, 401);
	} else if (!c->head.has_length) {
		conn_refuse(c, 411);
	} else if (c->head.length > OUTBOX_BYTES_MAX) {
		conn_refuse(c, 413);
	} else if (c->head.length == 0) {
		conn_say(c, 400);
	} else if (!c->world->ops->slot_take(c, true)) {
		/* Whoever has no token yet makes no reporter yield. */
		conn_say(c, 503);
	} else {
		c->box_at = 0;
		ask(c, 0);
	}
}

/* see conn_int.h */
void
conn_hand_over(struct conn *c, size_t n)
{
	ask(c, n);
}

static void
say_next(struct conn *c, uint64_t next)
{
	unsigned char body[ANSWER_BODY_MAX];
	struct wr w = wr_from(body, sizeof(body));

	conn_let_go(c);
	answer_next(&w, next);
	conn_reply_small(c, 409, ANSWER_JSON, wr_rd(&w));
}

/* The store has heard enough of it. */
static int
answer(struct conn *c, const struct ipc_box_done *d)
{
	c->boxed = false;
	switch (d->status) {
	case 200:
	case 201:
		/* Before the last byte nothing can be held. */
		if (c->box_at != c->head.length)
			return ERR_FORMAT;
		conn_let_go(c);
		conn_reply_small(c, d->status, ANSWER_TEXT, rd_str("held\n"));
		return 0;
	case 409:
		say_next(c, d->next);
		return 0;
	case 400:
	case 401:
	case 503:
		conn_say(c, d->status);
		return 0;
	default:
		return ERR_FORMAT;
	}
}

/* see conn.h */
int
conn_box_done(struct conn *c, const struct ipc_box_done *d)
{
	if (c->state != CONN_STORE || c->route != ROUTE_OUTBOX)
		return ERR_FORMAT;
	if (d->status != 100)
		return answer(c, d);
	if (c->box_at == c->head.length)
		return ERR_FORMAT;
	if (c->box_at == 0) {
		conn_grant(c, c->head.length);	/* by the store's word */
		conn_begin_body(c);
	} else {
		conn_enter(c, CONN_BOX);
	}
	return 0;
}
