/* SPDX-License-Identifier: ISC */
/*
 * front_store.c - what the store says, slots, published objects; see front.h.
 *
 * The store is not trusted further than it must be: an answer to a question
 * that was not asked, or one out of range, ends this process.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/front.h"
#include "server/log.h"

#define MESSAGES	64	/* in one go; then others have their turn */

/* --- slots ----------------------------------------------------------------------- */

/* The slowest upload that could yield, or NULL. */
static struct client *
slowest(struct front *f)
{
	uint64_t rate, least = UINT64_MAX;
	struct client *cl, *found = NULL;
	uint32_t i;

	for (i = 0; i < f->lend.count; i++) {
		if ((cl = f->lend.slots[i].owner) == NULL)
			continue;
		if ((rate = conn_rate(&cl->conn)) < least) {
			least = rate;
			found = cl;
		}
	}
	return found;
}

static bool
slot_take(struct conn *c, bool download)
{
	struct front *f = c->world->self;
	struct client *cl = (struct client *)c, *victim;
	uint32_t slot = lend_take(&f->lend, cl, download);

	if (slot == LEND_NONE) {
		log_event(EV_SLOTS_OUT, 1);
		if (download || (victim = slowest(f)) == NULL)
			return false;
		conn_yield(&victim->conn);
		client_poke(victim);
		if ((slot = lend_take(&f->lend, cl, false)) == LEND_NONE)
			return false;
	}
	c->slot = slot;
	c->mem = slots_at(&f->slots, slot);
	return true;
}

/* What lay in a slot ends with its use: a hole finds uploads in flight. */
static void
wipe_slot(struct front *f, uint32_t slot)
{
	sodium_memzero(slots_at(&f->slots, slot), SLOT_BYTES);
}

static void
slot_leave(struct conn *c)
{
	struct front *f = c->world->self;

	if (lend_leave(&f->lend, c->slot))
		wipe_slot(f, c->slot);
}

/* --- questions --------------------------------------------------------------------- */

/* Is something still to go to the store? */
static void
watch_room(struct front *f)
{
	bool pending;

	if (ipc_end_flush(f->store, &pending) != 0)
		front_fail(f);
	else if (pending && event_add(&f->store_out, NULL) != 0)
		front_fail(f);
	else if (!pending)
		(void)event_del(&f->store_out);
}

static bool
ask(struct conn *c, enum ipc_type type, struct rd body)
{
	struct front *f = c->world->self;
	uint64_t id = lend_ask(&f->lend, c->slot);
	int r = ipc_end_send(f->store, type, id, body, -1);

	if (r == 0) {
		watch_room(f);
		return true;
	}
	lend_unask(&f->lend, c->slot);
	if (r != ERR_LIMIT)
		front_fail(f);
	return false;
}

/* Without an answer: the slot stays whose it is. */
static void
box_gone(struct conn *c)
{
	struct front *f = c->world->self;
	unsigned char body[4];
	struct wr w = wr_from(body, sizeof(body));

	ipc_write_box_gone(&w, c->slot);
	if (ipc_end_send(f->store, IPC_BOX_GONE, 0, wr_rd(&w), -1) != 0)
		front_fail(f);
	else
		watch_room(f);
}

/* see front.h */
void
front_on_store_room(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	watch_room(arg);
}

/* --- what everyone fetches ------------------------------------------------------------ */

static bool
hold(struct conn *c, enum published_kind kind, struct rd *obj, void **held)
{
	struct front *f = c->world->self;

	if (f->area == NULL)
		return false;
	f->area->refs++;
	*held = f->area;
	*obj = f->area->published.object[kind];
	return true;
}

/* see front.h */
void
area_let_go(struct area *a)
{
	if (a == NULL || --a->refs > 0)
		return;
	published_unmap(&a->published);
	free(a);
}

static void
let_go(struct conn *c, void *held)
{
	(void)c;
	area_let_go(held);
}

const struct conn_ops front_ops = {
	slot_take, slot_leave, ask, box_gone, hold, let_go
};

/* The origin is the first line of the checkpoint; work is bound to it. */
static int
take_origin(struct front *f, struct rd checkpoint)
{
	struct rd line;

	if (!rd_line(&checkpoint, &line) || line.n == 0 ||
	    line.n > sizeof(f->origin))
		return ERR_FORMAT;
	memcpy(f->origin, line.p, line.n);
	f->world.origin = rd_from(f->origin, line.n);
	return 0;
}

/* Answers that are under way go on reading the area they began with. */
static int
take_area(struct front *f, int fd)
{
	struct area *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL)
		return ERR_NOMEM;
	a->refs = 1;
	if ((r = published_map(&a->published, fd)) != 0 ||
	    (r = take_origin(f, a->published.object[PUB_CHECKPOINT])) != 0) {
		area_let_go(a);
		return r;
	}
	area_let_go(f->area);
	f->area = a;
	return 0;
}

/* --- answers ------------------------------------------------------------------------- */

static int
on_put_done(struct front *f, const struct ipc_msg *m)
{
	struct ipc_put_done d;
	struct client *cl;
	uint32_t slot;
	void *owner;
	int r;

	if ((r = ipc_parse_put_done(&d, m->body)) != 0 ||
	    (r = lend_answer(&f->lend, m->id, &slot, &owner)) != 0)
		return r;
	if ((cl = owner) == NULL) {
		wipe_slot(f, slot);	/* nobody waits for it any more */
		return 0;
	}
	if ((r = conn_put_done(&cl->conn, &d)) == 0)
		client_obey(cl, conn_step(&cl->conn));
	return r;
}

static int
on_get_done(struct front *f, const struct ipc_msg *m)
{
	struct ipc_get_done d;
	struct client *cl;
	uint32_t slot;
	void *owner;
	int r;

	if ((r = ipc_parse_get_done(&d, m->body)) != 0 ||
	    (r = lend_answer(&f->lend, m->id, &slot, &owner)) != 0)
		return r;
	if ((cl = owner) == NULL) {
		wipe_slot(f, slot);	/* nobody waits for it any more */
		return 0;
	}
	if ((r = conn_get_done(&cl->conn, &d)) == 0)
		client_obey(cl, conn_step(&cl->conn));
	return r;
}

static int
on_box_done(struct front *f, const struct ipc_msg *m)
{
	struct ipc_box_done d;
	struct client *cl;
	uint32_t slot;
	void *owner;
	int r;

	if ((r = ipc_parse_box_done(&d, m->body)) != 0 ||
	    (r = lend_answer(&f->lend, m->id, &slot, &owner)) != 0)
		return r;
	if ((cl = owner) == NULL) {
		wipe_slot(f, slot);	/* and the store has heard of it */
		return 0;
	}
	if ((r = conn_box_done(&cl->conn, &d)) == 0)
		client_obey(cl, conn_step(&cl->conn));
	return r;
}

static int
on_state(struct front *f, const struct ipc_msg *m)
{
	struct ipc_state s;
	int r = ipc_parse_state(&s, m->body);

	if (r != 0)
		return r;
	f->world.state = s;
	f->has_state = true;
	front_doors(f);
	return 0;
}

static int
on_publish(struct front *f, int fd)
{
	int r = take_area(f, fd);

	if (r == 0)
		front_doors(f);
	return r;
}

static int
on_message(struct front *f, const struct ipc_msg *m, int pass)
{
	switch (m->type) {
	case IPC_PUT_DONE:
		return on_put_done(f, m);
	case IPC_GET_DONE:
		return on_get_done(f, m);
	case IPC_BOX_DONE:
		return on_box_done(f, m);
	case IPC_STATE:
		return on_state(f, m);
	case IPC_PUBLISH:
		return on_publish(f, pass);
	default:
		return ERR_FORMAT;
	}
}

/* see front.h */
void
front_on_store(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;
	struct ipc_msg m;
	int i, pass, r = 0;

	(void)fd;
	(void)what;
	front_clock(f);
	for (i = 0; i < MESSAGES && r == 0; i++) {
		r = ipc_end_recv(f->store, &m, &pass);
		if (r == ERR_NOTFOUND)
			return;			/* nothing more for now */
		if (r != 0)
			break;
		r = on_message(f, &m, pass);
		if (pass != -1)
			(void)close(pass);	/* mapped, or refused */
	}
	if (r != 0)
		front_fail(f);
}
