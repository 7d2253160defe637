/* SPDX-License-Identifier: ISC */
/*
 * conn.c - the states of a connection; see conn.h.  What a request means is
 * in conn_request.c.
 *
 * Invariants: c->in is NULL or holds 1 to HTTP_HEAD_MAX bytes between two
 * steps; c->mem is a slot that is ours to write only in CONN_BODY and
 * CONN_BOX; c->out
 * and c->rest are empty outside CONN_CONTINUE and CONN_ANSWER.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "server/conn_int.h"
#include "server/slots.h"

#define CONN_TURNS	64	/* steps before others have their turn */

static enum conn_want step_hello(struct conn *c);
static enum conn_want step_head(struct conn *c);
static enum conn_want step_store(struct conn *c);
static enum conn_want step_answer(struct conn *c);
static enum conn_want step_bye(struct conn *c);
static enum conn_want step_drain(struct conn *c);
static enum conn_want step_gone(struct conn *c);

#define CONF(member)	offsetof(struct conf, member)
#define FIXED		SIZE_MAX

/*
 * Each state: its step, its deadline (the configuration's, or fixed) and how
 * many bytes of the request it may take.  Over them lies the deadline of the
 * whole connection.
 */
static const struct phase {
	enum conn_want (*step)(struct conn *c);
	size_t conf;
	uint64_t secs;
	size_t budget;
} phases[CONN_STATES] = {
	[CONN_HELLO] = { step_hello, CONF(handshake_seconds), 0, 0 },
	[CONN_IDLE] = { step_head, CONF(idle_seconds), 0, HTTP_HEAD_MAX },
	[CONN_HEAD] = { step_head, CONF(head_seconds), 0, HTTP_HEAD_MAX },
	[CONN_CONTINUE] = { conn_step_continue, CONF(head_seconds), 0, 0 },
	[CONN_BODY] = { conn_step_body, CONF(body_seconds), 0,
	    PARCEL_BYTES },
	[CONN_BOX] = { conn_step_box, CONF(body_seconds), 0, SLOT_BYTES },
	[CONN_STORE] = { step_store, FIXED, CONN_STORE_SECS, 0 },
	[CONN_ANSWER] = { step_answer, CONF(body_seconds), 0, 0 },
	[CONN_BYE] = { step_bye, FIXED, CONN_BYE_SECS, 0 },
	[CONN_DRAIN] = { step_drain, FIXED, CONN_BYE_SECS, CONN_DRAIN_BYTES },
	[CONN_GONE] = { step_gone, FIXED, 0, 0 },
};

static uint64_t
phase_millis(const struct conn *c, enum conn_state state)
{
	const struct phase *ph = &phases[state];
	uint64_t secs = ph->secs;

	if (ph->conf != FIXED)
		memcpy(&secs, (const char *)c->world->conf + ph->conf,
		    sizeof(secs));
	return secs * 1000;
}

/* see conn_int.h */
void
conn_enter(struct conn *c, enum conn_state state)
{
	uint64_t ms = phase_millis(c, state);

	/* Who is late already gets no second long deadline. */
	if (c->hurry && ms > CONN_BYE_SECS * 1000)
		ms = CONN_BYE_SECS * 1000;
	c->state = state;
	c->taken = 0;
	c->paid = 0;
	c->phase_end = c->world->now + ms;
}

/* see conn_int.h */
void
conn_grant(struct conn *c, uint64_t bytes)
{
	uint64_t secs = bytes / CONN_RATE, ms;

	ms = (secs < CONN_LONG_SECS ? secs : CONN_LONG_SECS) * 1000;
	if (!c->world->stopping && c->life_end < c->world->now + ms)
		c->life_end = c->world->now + ms;
}

/* see conn_int.h */
enum conn_want
conn_wants(struct conn *c, enum wire_result r)
{
	if (r == WIRE_READ)
		return CONN_READ;
	if (r == WIRE_WRITE)
		return CONN_WRITE;
	c->state = CONN_GONE;
	return CONN_ON;
}

/* --- life ------------------------------------------------------------------------ */

/* see conn.h */
void
conn_init(struct conn *c, struct conn_world *world, struct wire wire,
    bool local)
{
	uint64_t life = world->conf->connection_seconds * 1000;

	memset(c, 0, sizeof(*c));
	c->world = world;
	c->wire = wire;
	c->local = local;
	c->life_end = world->now + life;
	c->half_life = world->now + life / 2;
	conn_enter(c, CONN_HELLO);
}

/* see conn_int.h; there may be a receipt in it. */
void
conn_forget_output(struct conn *c)
{
	if (c->out != NULL)
		sodium_memzero(c->out, c->nout);
	free(c->out);
	c->out = NULL;
	c->nout = c->put = 0;
}

/* see conn_int.h */
void
conn_let_go(struct conn *c)
{
	if (c->boxed) {
		c->boxed = false;
		c->world->ops->box_gone(c);
	}
	if (c->mem != NULL) {
		c->mem = NULL;
		c->world->ops->slot_leave(c);
	}
	if (c->hold != NULL) {
		c->world->ops->let_go(c, c->hold);
		c->hold = NULL;
	}
	conn_forget_output(c);
	c->rest = rd_from(NULL, 0);
	c->total = c->offset = 0;
}

/* There may be a token in it. */
static void
forget_input(struct conn *c)
{
	if (c->in != NULL)
		sodium_memzero(c->in, c->nin);
	free(c->in);
	c->in = NULL;
	c->nin = 0;
}

/* see conn.h */
void
conn_close(struct conn *c)
{
	conn_let_go(c);
	forget_input(c);
	c->wire.ops->close(&c->wire);
	sodium_memzero(&c->head, sizeof(c->head));
	sodium_memzero(c->key, sizeof(c->key));
	c->state = CONN_GONE;
}

/* see conn.h */
enum conn_want
conn_step(struct conn *c)
{
	enum conn_want want;
	unsigned i;

	for (i = 0; i < CONN_TURNS; i++)
		if ((want = phases[c->state].step(c)) != CONN_ON)
			return want;
	return CONN_AGAIN;
}

/* see conn.h */
uint64_t
conn_deadline(const struct conn *c)
{
	return c->phase_end < c->life_end ? c->phase_end : c->life_end;
}

/* see conn.h */
enum conn_want
conn_expire(struct conn *c)
{
	bool bare = c->nin == 0;	/* nothing of a request has come */

	c->close = c->hurry = true;
	if (c->world->now >= c->life_end && c->state != CONN_HELLO) {
		(void)c->wire.ops->bye(&c->wire);	/* best effort */
		return CONN_OVER;
	}
	switch (c->state) {
	case CONN_IDLE:
	case CONN_HEAD:
		if (bare)
			conn_enter(c, CONN_BYE);
		else
			conn_refuse(c, 408);
		break;
	case CONN_BODY:
	case CONN_BOX:
		conn_refuse(c, 408);
		break;
	case CONN_STORE:
		if (c->offset > 0)
			return CONN_OVER;
		conn_refuse(c, 503);
		break;
	default:
		return CONN_OVER;
	}
	return conn_step(c);
}

/* see conn.h */
enum conn_want
conn_stop(struct conn *c)
{
	uint64_t end = c->world->now + (uint64_t)CONN_STOP_SECS * 1000;

	if (c->life_end > end)
		c->life_end = end;
	if (c->state == CONN_HELLO)
		return CONN_OVER;
	return conn_step(c);		/* a request that has come is read */
}

/* --- in -------------------------------------------------------------------------- */

static enum conn_want
step_hello(struct conn *c)
{
	enum wire_result r = c->wire.ops->hello(&c->wire);

	if (r != WIRE_OK)
		return conn_wants(c, r);
	conn_enter(c, CONN_HEAD);
	return CONN_ON;
}

/*
 * Is it worth parsing again?  A verdict changes in the request line, at a
 * line's end and when the buffer is full; else parsing each time a byte
 * comes would cost a stranger little and us much.
 */
static bool
worth_parsing(const struct conn *c, size_t from)
{
	return from <= HTTP_TARGET_MAX + HTTP_METHOD_MAX + 16 ||
	    c->nin == HTTP_HEAD_MAX ||
	    memchr(c->in + from, '\n', c->nin - from) != NULL;
}

/* see conn_int.h */
void
conn_consume(struct conn *c, size_t n)
{
	if (n == c->nin) {
		forget_input(c);
		return;
	}
	c->nin -= n;
	memmove(c->in, c->in + n, c->nin);
	sodium_memzero(c->in + c->nin, n);
}

/* What lies in c->in from byte `from` on is new.  False: more is needed. */
static bool
parse_head(struct conn *c, size_t from)
{
	size_t used = 0;
	int r;

	if (!worth_parsing(c, from))
		return false;
	r = http_parse(&c->head, rd_from(c->in, c->nin), &used);
	if (r == 1)
		return false;
	if (r < 0) {
		conn_refuse(c, (unsigned)-r);
		return true;
	}
	c->route = http_route(&c->head, c->key, &c->nkey, &c->allowed,
	    &c->cors);
	c->head.target = rd_from(NULL, 0);	/* its bytes go now */
	conn_consume(c, used);
	conn_request(c);
	return true;
}

/* The wire gave no bytes for a head. */
static enum conn_want
no_head(struct conn *c, enum wire_result r)
{
	bool bare = c->nin == 0;

	if (bare)
		forget_input(c);
	if (bare && (r == WIRE_END || (r != WIRE_DEAD &&
	    c->world->stopping)))
		conn_enter(c, CONN_BYE);
	else if (r == WIRE_END)
		conn_refuse(c, 400);
	else
		return conn_wants(c, r);
	return CONN_ON;
}

static enum conn_want
step_head(struct conn *c)
{
	enum wire_result r;
	size_t got;

	if (c->nin > 0 && c->taken == 0 && parse_head(c, 0))
		return CONN_ON;			/* it came with the last one */
	if (c->in == NULL && (c->in = malloc(HTTP_HEAD_MAX)) == NULL) {
		c->state = CONN_GONE;
		return CONN_ON;
	}
	r = c->wire.ops->read(&c->wire, c->in + c->nin,
	    phases[c->state].budget - c->nin, &got);
	if (r != WIRE_OK)
		return no_head(c, r);
	if (c->state == CONN_IDLE)
		conn_enter(c, CONN_HEAD);
	c->nin += got;
	c->taken += got;
	(void)parse_head(c, c->nin - got);	/* or more is needed */
	return CONN_ON;
}

static enum conn_want
step_store(struct conn *c)
{
	(void)c;
	return CONN_WAIT;
}

/* --- out ------------------------------------------------------------------------- */

/* Who reads at a least rate is not cut off. */
static void
pay(struct conn *c, size_t n)
{
	c->paid += n;
	if (c->paid < SLOT_BYTES)
		return;
	c->paid = 0;
	c->phase_end = c->world->now + phase_millis(c, CONN_ANSWER);
}

/* WIRE_OK: all is written. */
static enum wire_result
write_answer(struct conn *c)
{
	enum wire_result r;
	size_t n;

	while (c->out != NULL) {
		r = c->wire.ops->write(&c->wire, c->out + c->put,
		    c->nout - c->put, &n);
		if (r != WIRE_OK)
			return r;
		pay(c, n);
		if ((c->put += n) < c->nout)
			continue;
		conn_forget_output(c);
	}
	while (c->rest.n > 0) {
		n = c->rest.n < CONN_PIECE_BYTES ? c->rest.n :
		    CONN_PIECE_BYTES;
		r = c->wire.ops->write(&c->wire, c->rest.p, n, &n);
		if (r != WIRE_OK)
			return r;
		pay(c, n);
		if (!rd_skip(&c->rest, n))
			return WIRE_DEAD;
	}
	return WIRE_OK;
}

/* The answer is out: the next request, or the end. */
static enum conn_want
next_request(struct conn *c)
{
	conn_let_go(c);
	if (c->close) {
		conn_enter(c, CONN_BYE);
		return CONN_ON;
	}
	sodium_memzero(&c->head, sizeof(c->head));
	sodium_memzero(c->key, sizeof(c->key));
	c->nkey = 0;
	c->route = ROUTE_NONE;
	c->cors = false;
	conn_enter(c, c->nin > 0 ? CONN_HEAD : CONN_IDLE);
	return c->nin > 0 || c->wire.ops->holds(&c->wire) ||
	    c->world->stopping ? CONN_ON : CONN_READ;
}

static enum conn_want
step_answer(struct conn *c)
{
	enum wire_result r = write_answer(c);

	if (r != WIRE_OK)
		return conn_wants(c, r);
	if (c->offset == c->total)
		return next_request(c);
	conn_fetch(c);
	return CONN_ON;
}

static enum conn_want
step_bye(struct conn *c)
{
	enum wire_result r;

	forget_input(c);
	r = c->wire.ops->bye(&c->wire);
	if (r != WIRE_OK)
		return conn_wants(c, r);
	conn_enter(c, c->hurry ? CONN_GONE : CONN_DRAIN);
	return CONN_ON;
}

static enum conn_want
step_drain(struct conn *c)
{
	enum wire_result r;
	size_t got = 0;

	if ((r = c->wire.ops->drain(&c->wire, &got)) != WIRE_OK)
		return conn_wants(c, r);
	c->taken += got;
	if (c->taken >= phases[CONN_DRAIN].budget)
		c->state = CONN_GONE;
	return CONN_ON;
}

static enum conn_want
step_gone(struct conn *c)
{
	(void)c;
	return CONN_OVER;
}
