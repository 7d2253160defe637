/* SPDX-License-Identifier: ISC */
/*
 * conn.h - one connection: requests in, answers out, in order.
 *
 * A state machine over a wire (wire.h) that never blocks and never waits:
 * each step does what can be done now and says what it waits for.  It knows
 * no event loop, no clock and no descriptor but through the two tables of
 * functions it is given, so the loop, the tests and a fuzzer drive the same
 * code.
 *
 * Every state has its deadline and its budget of bytes side by side in the
 * table in conn.c.  What is wrong is answered with a small fixed refusal and
 * the connection ends.  Nothing of a request outlives its answer.
 */
#ifndef ECR_CONN_H
#define ECR_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/parcel.h"
#include "server/conf.h"
#include "server/http.h"
#include "server/ipc.h"
#include "server/published.h"
#include "server/wire.h"

#define CONN_STORE_SECS		30	/* the store's time for one answer */
#define CONN_BYE_SECS		5	/* refusal, farewell and drain */
#define CONN_STOP_SECS		10	/* all that is left when we stop */
#define CONN_RATE		8192	/* bytes a second of what is long */
#define CONN_LONG_SECS		3600	/* but no longer than that */
#define CONN_DRAIN_BYTES	(256u << 10)
#define CONN_PIECE_BYTES	16384	/* written at once; one TLS record */
#define CONN_GRACE_MS		3000	/* an upload this young never yields */

enum conn_state {
	CONN_HELLO,		/* handshake */
	CONN_IDLE,		/* between two requests */
	CONN_HEAD,		/* request line and fields */
	CONN_CONTINUE,		/* "100 Continue" goes out */
	CONN_BODY,		/* a parcel comes in */
	CONN_BOX,		/* a piece of an outbox comes in */
	CONN_STORE,		/* the store has the word */
	CONN_ANSWER,		/* the answer goes out */
	CONN_BYE,		/* close_notify goes out */
	CONN_DRAIN,		/* what still comes is thrown away */
	CONN_GONE,		/* nothing but conn_close() is left */
	CONN_STATES
};

/* What a step asks of its caller. */
enum conn_want {
	CONN_ON,		/* never returned by conn_step() */
	CONN_READ, CONN_WRITE,	/* call again when the wire can */
	CONN_WAIT,		/* until the store or the deadline */
	CONN_AGAIN,		/* call again soon: others are waiting */
	CONN_OVER		/* close it; nothing may follow */
};

struct conn;
struct conn_ops {
	/*
	 * A slot of shared memory, c->slot and c->mem; false: none is left.
	 * An upload may make the slowest other one yield.
	 */
	bool (*slot_take)(struct conn *c, bool download);
	/* c needs its slot no more; what the store holds stays the store's. */
	void (*slot_leave)(struct conn *c);
	/* A question about c->slot to the store; false: it takes no more. */
	bool (*ask)(struct conn *c, enum ipc_type type, struct rd body);
	/*
	 * What the store has of c's outbox is nothing: the rest will not
	 * come.  It needs no answer.
	 */
	void (*box_gone)(struct conn *c);
	/* What everyone fetches, kept until it is let go. */
	bool (*hold)(struct conn *c, enum published_kind kind, struct rd *obj,
	    void **hold);
	void (*let_go)(struct conn *c, void *hold);
};

/* What the connections of one process share. */
struct conn_world {
	const struct conf *conf;
	const struct conn_ops *ops;
	void *self;			/* for ops */
	uint64_t now;			/* milliseconds, set before each call */
	struct ipc_state state;
	struct rd origin;
	bool stopping;
};

struct conn {
	struct conn_world *world;
	struct wire wire;
	bool local;			/* /health answers here */

	enum conn_state state;
	uint64_t phase_end, life_end, half_life;	/* milliseconds */
	size_t taken;			/* bytes of this state's budget */

	unsigned char *in;		/* HTTP_HEAD_MAX, or NULL: empty */
	size_t nin;

	/* The request. */
	struct http_head head;		/* its target is gone */
	enum route route;
	unsigned char key[HTTP_KEY_MAX];
	size_t nkey;
	bool allowed, cors, close;
	bool unread;			/* a body we have not taken */
	bool hurry;			/* too late already: no drain */

	/* The slot, while c->mem is not NULL. */
	uint32_t slot;
	unsigned char *mem;
	struct parcel_shape shape;
	uint64_t began;			/* of the body, milliseconds */
	bool boxed;			/* the store may hold our outbox */
	uint32_t box_at;		/* so many bytes of it are there */

	/* The answer. */
	unsigned char *out;		/* head and beginning, or NULL */
	size_t nout, put;
	struct rd rest;			/* of what lies in memory */
	void *hold;
	uint64_t total, offset;		/* of what the store sends in pieces */
	uint64_t paid;			/* written since the deadline was set */
};

/* Takes wire. */
void conn_init(struct conn *c, struct conn_world *world, struct wire wire,
    bool local);
/* Frees what c holds, wire included; from any state, once. */
void conn_close(struct conn *c);

/* Whatever can be done now. */
MUST_USE enum conn_want conn_step(struct conn *c);
/* When conn_expire() is due, in milliseconds of world->now. */
uint64_t conn_deadline(const struct conn *c);
/* The deadline has passed; step or close as the result says. */
MUST_USE enum conn_want conn_expire(struct conn *c);
/* The process stops: what is accepted is finished soon, the rest ends. */
MUST_USE enum conn_want conn_stop(struct conn *c);

/*
 * The store's answers about c's slot; step after them.
 * Errors: ERR_FORMAT (not an answer to what was asked: the store is broken).
 */
MUST_USE int conn_put_done(struct conn *c, const struct ipc_put_done *d);
MUST_USE int conn_get_done(struct conn *c, const struct ipc_get_done *d);
MUST_USE int conn_box_done(struct conn *c, const struct ipc_box_done *d);

/*
 * How fast its body comes, in bytes a second; UINT64_MAX where there is none
 * that could yield.  conn_yield() takes its slot away: step after it.
 */
uint64_t conn_rate(const struct conn *c);
void conn_yield(struct conn *c);

#endif
