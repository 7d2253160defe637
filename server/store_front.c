/* SPDX-License-Identifier: ISC */
/*
 * store_front.c - the fronts: their messages, and what all of them are told.
 *
 * Refuses a slot that is not there or is ours already, and every type that a
 * front has no business to send.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/policy.h"
#include "server/published.h"
#include "server/store_int.h"

/* see store_int.h */
void
store_broken(struct front *f)
{
	log_event(EV_PEER_BROKEN, 1);
	store_end(f->s, EXIT_FAILURE);
}

/* see store_int.h */
void
store_front_close(struct front *f)
{
	if (f->readable != NULL)
		event_free(f->readable);
	if (f->writable != NULL)
		event_free(f->writable);
	ipc_end_free(f->end);
	f->readable = f->writable = NULL;
	f->end = NULL;
}

/* see store_int.h */
void
store_send(struct front *f, enum ipc_type type, uint64_t id, struct rd body,
    int pass)
{
	bool pending;
	int r;

	if (f->end == NULL)
		return;			/* it has ended; nobody listens */
	if ((r = ipc_end_send(f->end, type, id, body, pass)) == 0 &&
	    (r = ipc_end_flush(f->end, &pending)) == 0) {
		if (pending && event_add(f->writable, NULL) == -1)
			store_end(f->s, EXIT_FAILURE);
		return;
	}
	if (r == ERR_IO || r == ERR_LIMIT) {
		/* It ended; or it does not read, which is its own loss. */
		if (r == ERR_LIMIT)
			log_event(EV_PEER_BROKEN, 1);
		store_front_close(f);
	} else {
		store_broken(f);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;
	bool pending;

	(void)fd;
	(void)what;
	if (ipc_end_flush(f->end, &pending) != 0)
		store_front_close(f);
	else if (pending && event_add(f->writable, NULL) == -1)
		store_end(f->s, EXIT_FAILURE);
}

/* One message.  False: this was no message of a front of ours. */
static bool
obey(struct front *f, const struct ipc_msg *m)
{
	struct ipc_put put;
	struct ipc_get get;
	struct ipc_box box;
	uint32_t slot;

	switch (m->type) {
	case IPC_PUT:
		if (ipc_parse_put(&put, m->body) != 0 ||
		    slots_at(&f->slots, put.slot) == NULL || f->busy[put.slot])
			return false;
		f->busy[put.slot] = true;
		store_put_queue(f, m->id, &put);
		return true;
	case IPC_GET:
		if (ipc_parse_get(&get, m->body) != 0 ||
		    slots_at(&f->slots, get.slot) == NULL || f->busy[get.slot])
			return false;
		store_get(f, m->id, &get);
		return true;
	case IPC_BOX:
		if (ipc_parse_box(&box, m->body) != 0 ||
		    slots_at(&f->slots, box.slot) == NULL || f->busy[box.slot])
			return false;
		store_box(f, m->id, &box);
		return true;
	case IPC_BOX_GONE:
		if (ipc_parse_box_gone(&slot, m->body) != 0)
			return false;
		store_box_gone(f, slot);
		return true;
	default:
		return false;
	}
}

/* see store_int.h */
void
store_front_hear(struct front *f)
{
	struct store *s = f->s;
	struct ipc_msg m;
	uint32_t left = 2 * f->slots.count;	/* others wait, too */
	int pass, r = 0;

	while (f->end != NULL && left-- > 0 &&
	    (r = ipc_end_recv(f->end, &m, &pass)) == 0) {
		if (pass != -1)
			(void)close(pass);	/* not ours to have */
		if (pass != -1 || !obey(f, &m)) {
			store_broken(f);
			return;
		}
	}
	if (s->queue_count > 0)
		event_active(s->work, EV_TIMEOUT, 0);
	if (f->end == NULL || r == 0 || r == ERR_NOTFOUND)
		return;
	if (r == ERR_FORMAT)
		store_broken(f);
	else
		store_front_close(f);	/* it ended; the parent will say */
}

/* The commit comes after every front was heard. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_front_hear(arg);
}

/* see store_int.h */
int
store_front_open(struct store *s, struct front *f, int ipc_fd, int slots_fd)
{
	int r;

	f->s = s;
	if ((r = slots_map(&f->slots, slots_fd)) != 0)
		return r;
	(void)close(slots_fd);		/* mapped */
	if ((f->end = ipc_end_new(ipc_fd)) == NULL ||
	    (f->readable = event_new(s->base, ipc_fd, EV_READ | EV_PERSIST,
	    on_readable, f)) == NULL ||
	    (f->writable = event_new(s->base, ipc_fd, EV_WRITE, on_writable,
	    f)) == NULL ||
	    event_add(f->readable, NULL) == -1)
		return ERR_NOMEM;
	return 0;
}

/* --- to all of them ------------------------------------------------------ */

static enum health
health_of(const struct store *s)
{
	if (!store_may_sign(s))
		return HEALTH_WITNESS;
	if (s->epochs.unreadable)
		return HEALTH_LOST;
	if (s->disk_bad)
		return HEALTH_DISK;
	if (s->clock != HEALTH_OK)
		return s->clock;
	if (!epochs_have_room(&s->epochs))
		return HEALTH_FULL;
	return epochs_nearly_full(&s->epochs) ? HEALTH_NEARLY_FULL :
	    HEALTH_OK;
}

static bool
same_state(const struct ipc_state *x, const struct ipc_state *y)
{
	return x->close == y->close && x->previous == y->previous &&
	    x->bits == y->bits && x->health == y->health;
}

/* see store_int.h */
void
store_tell_state(struct store *s)
{
	struct ipc_state now = {
		.close = pending_head(s->epochs.open)->close,
		.previous = s->epochs.previous,
		.bits = epochs_bits(&s->epochs),
		.health = (uint8_t)health_of(s),
	};
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));
	bool policy;
	size_t i;

	if (s->told && same_state(&now, &s->state))
		return;
	policy = !s->told || now.close != s->state.close ||
	    now.bits != s->state.bits;
	s->told = true;
	s->state = now;
	ipc_write_state(&w, &now);
	for (i = 0; i < s->nfronts; i++)
		store_send(&s->front[i], IPC_STATE, 0, wr_rd(&w), -1);
	if (policy && store_publish(s) != 0)
		log_event(EV_DISK_ERROR, 1);
}

/* see store_int.h */
int
store_publish(void *arg)
{
	static unsigned char json[POLICY_MAX_BYTES];
	struct store *s = arg;
	struct wr w = wr_from(json, sizeof(json)), g;
	struct policy p = {
		.log = &s->key.vk,
		.role = s->keys.role,
		.nrole = s->keys.nrole,
		.epoch_seconds = s->epochs.conf.seconds,
		.epoch_close = pending_head(s->epochs.open)->close,
		.batch = s->epochs.conf.batch,
		.work_bits = epochs_bits(&s->epochs),
	};
	struct office_page keysets = { 0 }, replies = { 0 };
	struct rd object[PUB_KINDS];
	unsigned char generation[8];
	size_t i;
	int fd = -1, r;

	object[PUB_CHECKPOINT] = store_checkpoint(s, &p.cosignatures);
	policy_write(&w, &p);
	if (!wr_ok(&w))
		return ERR_LIMIT;
	if ((r = store_keysets(s, &keysets)) != 0 ||
	    (r = store_replies(s, &replies, &object[PUB_REPLIES])) != 0)
		goto out;
	object[PUB_KEYSET] = rd_from(keysets.bytes, keysets.n);
	object[PUB_POLICY] = wr_rd(&w);
	if ((fd = published_create(object)) == -1) {
		r = ERR_IO;
		goto out;
	}
	if ((r = published_map(&s->shown, fd)) != 0)
		goto out;
	s->shown_version = drop_said_version(s->epochs.drop);
	g = wr_from(generation, sizeof(generation));
	wr_u64(&g, ++s->generation);
	for (i = 0; i < s->nfronts; i++)
		store_send(&s->front[i], IPC_PUBLISH, 0, wr_rd(&g), fd);
out:
	if (fd != -1)
		(void)close(fd);	/* the fronts have theirs */
	free(keysets.bytes);
	free(replies.bytes);
	return r;
}
