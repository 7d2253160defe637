/* SPDX-License-Identifier: ISC */
/*
 * conn_body.c - what comes after a head: a parcel, or an outbox in pieces.
 *
 * Refuses a parcel at the first byte that none can have, and a body that ends
 * early.  Invariant: bytes go straight from the wire into the slot, and never
 * past what was announced.
 */
#include <stdlib.h>
#include <string.h>

#include "server/conn_int.h"
#include "server/slots.h"

/* see conn_int.h */
void
conn_begin_body(struct conn *c)
{
	c->began = c->world->now;
	if (!c->head.expect_continue || c->nin > 0) {
		conn_enter(c, c->route == ROUTE_OUTBOX ? CONN_BOX : CONN_BODY);
		return;
	}
	c->nout = sizeof(ANSWER_CONTINUE) - 1;
	c->put = 0;
	if ((c->out = malloc(c->nout)) == NULL) {
		c->state = CONN_GONE;
		return;
	}
	memcpy(c->out, ANSWER_CONTINUE, c->nout);
	conn_enter(c, CONN_CONTINUE);
}

/* see conn_int.h */
enum conn_want
conn_step_continue(struct conn *c)
{
	enum wire_result r;
	size_t n;

	r = c->wire.ops->write(&c->wire, c->out + c->put, c->nout - c->put,
	    &n);
	if (r != WIRE_OK)
		return conn_wants(c, r);
	if ((c->put += n) < c->nout)
		return CONN_ON;
	conn_forget_output(c);
	conn_enter(c, c->route == ROUTE_OUTBOX ? CONN_BOX : CONN_BODY);
	return CONN_ON;
}

/* Bytes that came with the head first, then straight into the slot. */
static enum wire_result
read_body(struct conn *c, size_t whole, size_t *got)
{
	size_t left = whole - c->taken;

	if (c->nin == 0)
		return c->wire.ops->read(&c->wire, c->mem + c->taken, left,
		    got);
	*got = c->nin < left ? c->nin : left;
	memcpy(c->mem + c->taken, c->in, *got);
	conn_consume(c, *got);
	return WIRE_OK;
}

/* see conn_int.h */
enum conn_want
conn_step_body(struct conn *c)
{
	enum wire_result r;
	size_t got = 0;

	while ((r = read_body(c, PARCEL_BYTES, &got)) == WIRE_OK) {
		if (parcel_shape_feed(&c->shape, rd_from(c->mem + c->taken,
		    got)) != 0) {
			conn_refuse(c, 400);
			return CONN_ON;
		}
		c->taken += got;
		if (c->taken == PARCEL_BYTES) {
			c->unread = false;
			conn_submit(c);
			return CONN_ON;
		}
	}
	if (r != WIRE_END)
		return conn_wants(c, r);
	conn_refuse(c, 400);
	return CONN_ON;
}

/* see conn_int.h */
enum conn_want
conn_step_box(struct conn *c)
{
	uint64_t left = c->head.length - c->box_at;
	size_t whole = left < SLOT_BYTES ? (size_t)left : SLOT_BYTES;
	enum wire_result r;
	size_t got = 0;

	while ((r = read_body(c, whole, &got)) == WIRE_OK) {
		c->taken += got;
		if (c->taken == whole) {
			c->unread = left > whole;
			conn_hand_over(c, whole);
			return CONN_ON;
		}
	}
	if (r != WIRE_END)
		return conn_wants(c, r);
	conn_refuse(c, 400);
	return CONN_ON;
}
