/* SPDX-License-Identifier: ISC */
/*
 * front_client.c - connections in the loop; see front.h.
 *
 * A callback finds its client, steps the connection, and obeys: waits for
 * the descriptor, sets the timer, or closes.  client_close() is where a
 * connection dies, as the last act of whoever called it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "server/front.h"

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct client *cl = arg;

	(void)fd;
	(void)what;
	front_clock(cl->front);
	client_obey(cl, conn_step(&cl->conn));
}

static void
set_timer(struct client *cl, uint64_t at)
{
	uint64_t now = cl->front->world.now, left = at > now ? at - now : 0;
	struct timeval tv;

	left++;			/* never a moment too early */
	tv.tv_sec = (time_t)(left / 1000);
	tv.tv_usec = (suseconds_t)(left % 1000 * 1000);
	cl->armed = event_add(&cl->timer, &tv) == 0 ? at : 0;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct client *cl = arg;
	uint64_t deadline = conn_deadline(&cl->conn);

	(void)fd;
	(void)what;
	front_clock(cl->front);
	cl->armed = 0;
	if (cl->front->world.now < deadline)
		set_timer(cl, deadline);	/* it has moved meanwhile */
	else
		client_obey(cl, conn_expire(&cl->conn));
}

/* see front.h */
void
client_new(struct front *f, const struct door *door, int fd)
{
	struct client *cl = calloc(1, sizeof(*cl));
	struct wire wire;

	if (cl == NULL)
		goto bad;
	if (!door->tls)
		wire_plain(&wire, fd);
	else if (tls_wire(&wire, f->tls, fd) != 0)
		goto bad;
	cl->front = f;
	conn_init(&cl->conn, &f->world, wire, door->local);
	/* The types of event_assign() are right, so it cannot fail. */
	(void)event_assign(&cl->io, f->base, fd, EV_READ | EV_PERSIST, on_io,
	    cl);
	(void)evtimer_assign(&cl->timer, f->base, on_timer, cl);
	LIST_INSERT_HEAD(&f->clients, cl, all);
	f->nclients++;
	client_obey(cl, conn_step(&cl->conn));
	return;
bad:
	free(cl);
	(void)close(fd);		/* refused; there is no memory */
}

/* see front.h */
void
client_close(struct client *cl)
{
	struct front *f = cl->front;

	(void)event_del(&cl->io);
	(void)event_del(&cl->timer);
	LIST_REMOVE(cl, all);
	f->nclients--;
	conn_close(&cl->conn);
	free(cl);
	front_client_gone(f);
}

/*
 * Wait for these events and no others; false: the loop refuses.  While the
 * store has the word nothing is awaited, and nearly every client is silent
 * then: its event stays, to be deleted only if it does happen.  The event
 * may be active right now, and then it must not be assigned anew before it
 * is deleted, whatever we waited for.
 */
static bool
wait_for(struct client *cl, short what)
{
	bool spare = what == 0 && cl->waits == EV_READ && !cl->spared;

	cl->spared = spare;
	if (spare || cl->waits == what)
		return true;
	(void)event_del(&cl->io);
	cl->waits = 0;
	if (what == 0)
		return true;
	(void)event_assign(&cl->io, cl->front->base, cl->conn.wire.fd,
	    (short)(what | EV_PERSIST), on_io, cl);
	if (event_add(&cl->io, NULL) != 0)
		return false;
	cl->waits = what;
	return true;
}

/* see front.h */
void
client_poke(struct client *cl)
{
	/* Where the loop refuses, the deadline is left. */
	(void)wait_for(cl, EV_WRITE);
}

/* see front.h */
void
client_obey(struct client *cl, enum conn_want want)
{
	/*
	 * Whose turn is over comes again when there is room to write, which
	 * is nearly always at once, but after the loop has asked for all the
	 * others: an event that made itself active would come before them.
	 */
	static const short waits[] = {
		[CONN_READ] = EV_READ, [CONN_WRITE] = EV_WRITE,
		[CONN_WAIT] = 0, [CONN_AGAIN] = EV_WRITE
	};
	uint64_t deadline;

	if (want == CONN_OVER || !wait_for(cl, waits[want])) {
		client_close(cl);
		return;
	}
	deadline = conn_deadline(&cl->conn);
	if (cl->armed == 0 || deadline < cl->armed)
		set_timer(cl, deadline);
	if (cl->armed == 0)
		client_close(cl);	/* nobody lives without a deadline */
}
