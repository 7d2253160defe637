/* SPDX-License-Identifier: ISC */
/*
 * front.c - the role that strangers speak to; see front.h.
 *
 * It holds the TLS key, listening sockets, shared slots and two socket
 * pairs, and nothing else: no file, no database, no key of the log.  It
 * never asks who connects.  A front that finds the store broken ends, and
 * the parent starts all of them anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "server/front.h"
#include "server/log.h"
#include "server/role.h"
#include "server/sandbox.h"

#define FD_STORE	(ROLE_FD_FIRST + 0)
#define FD_SLOTS	(ROLE_FD_FIRST + 1)
#define FD_CERT		(ROLE_FD_FIRST + 2)
#define FD_KEY		(ROLE_FD_FIRST + 3)
#define FD_DOORS	(ROLE_FD_FIRST + 4)

#define ACCEPTS		8	/* in one go; then others have their turn */
#define REOPEN_SECS	1	/* after the system had no descriptor left */

/* --- the end ----------------------------------------------------------------------- */

/* see front.h */
void
front_fail(struct front *f)
{
	if (f->code == 0)
		log_event(EV_PEER_BROKEN, 1);
	f->code = EX_SOFTWARE;
	(void)event_base_loopbreak(f->base);
}

/* To the parent, which ends a front that is silent for long. */
static void
say_alive(struct front *f)
{
	bool pending;

	f->beat_at = f->world.now + 1000 * ROLE_BEAT_SECS;
	if (ipc_end_send(f->parent, IPC_ALIVE, 0, rd_from(NULL, 0), -1) != 0 ||
	    ipc_end_flush(f->parent, &pending) != 0)
		front_fail(f);		/* it has not listened for long */
}

/*
 * see front.h
 *
 * Thousands of handshakes at once are one round of the loop, in which no
 * timer fires: whoever works through them is alive, too.
 */
void
front_clock(struct front *f)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		return;			/* it stands still for once */
	f->world.now = (uint64_t)ts.tv_sec * 1000 +
	    (uint64_t)ts.tv_nsec / 1000000;
	if (f->parent != NULL && f->world.now >= f->beat_at)
		say_alive(f);
}

static void
end_if_done(struct front *f)
{
	if (f->world.stopping && f->nclients == 0)
		(void)event_base_loopbreak(f->base);
}

/* see front.h */
void
front_stop(struct front *f)
{
	struct client *cl, *next;

	if (f->world.stopping)
		return;
	f->world.stopping = true;
	front_doors(f);
	front_clock(f);
	(void)event_del(&f->parent_in);
	for (cl = LIST_FIRST(&f->clients); cl != NULL; cl = next) {
		next = LIST_NEXT(cl, all);
		client_obey(cl, conn_stop(&cl->conn));
	}
	end_if_done(f);
}

/* The parent says stop, or is gone. */
static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;
	struct ipc_msg m;
	int pass, r = ipc_end_recv(f->parent, &m, &pass);

	(void)fd;
	(void)what;
	if (pass != -1)
		(void)close(pass);	/* nothing is expected */
	if (r != ERR_NOTFOUND)
		front_stop(f);
}

/* --- doors --------------------------------------------------------------------------- */

/* see front.h */
void
front_doors(struct front *f)
{
	bool want = f->has_state && f->area != NULL && !f->world.stopping &&
	    f->nclients < f->conf->connections;
	size_t i;

	if (want == f->open)
		return;
	f->open = want;
	for (i = 0; i < f->ndoors; i++)
		if (!want)
			(void)event_del(&f->doors[i].ev);
		else if (event_add(&f->doors[i].ev, NULL) != 0)
			front_fail(f);
}

/* see front.h */
void
front_client_gone(struct front *f)
{
	if (!evtimer_pending(&f->reopen, NULL))
		front_doors(f);
	end_if_done(f);
}

static void
on_reopen(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	front_doors(arg);
}

static int
spare_descriptor(void)
{
	return fcntl(FD_SLOTS, F_DUPFD_CLOEXEC, 0);
}

/*
 * The system has no descriptor left.  The spare one lets us turn the first
 * in the queue away, so that it need not wait; then a moment's rest.
 */
static void
out_of_descriptors(struct front *f, int door)
{
	struct timeval rest = { REOPEN_SECS, 0 };
	size_t i;
	int fd;

	log_event(EV_CONN_CAP, 1);
	if (f->spare != -1) {
		(void)close(f->spare);
		fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1)
			(void)close(fd);
		f->spare = spare_descriptor();
	}
	f->open = false;
	for (i = 0; i < f->ndoors; i++)
		(void)event_del(&f->doors[i].ev);
	if (evtimer_add(&f->reopen, &rest) != 0)
		front_fail(f);
}

static void
on_door(evutil_socket_t fd, short what, void *arg)
{
	struct door *door = arg;
	struct front *f = door->front;
	int i, s;

	(void)what;
	front_clock(f);
	for (i = 0; i < ACCEPTS && f->open; i++) {
		/* Who it is, nobody asks. */
		s = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (s == -1 && (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM))
			out_of_descriptors(f, fd);
		if (s == -1)
			return;
		client_new(f, door, s);
		if (f->nclients >= f->conf->connections) {
			log_event(EV_CONN_CAP, 1);
			front_doors(f);
		}
	}
}

/* --- start --------------------------------------------------------------------------- */

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;
	uint64_t now = (uint64_t)time(NULL) / LOG_TICK_SECS;

	(void)fd;
	(void)what;
	front_clock(f);			/* and we say that we are alive */
	if (now == f->ticked)
		return;
	f->ticked = now;
	log_tick();
}

static void
add_door(struct front *f, const struct conf_listen *l, int fd)
{
	struct door *d = &f->doors[f->ndoors++];
	const int on = 1;

	d->front = f;
	d->fd = fd;
	d->tls = l->tls;
	d->local = l->local;
	/* Connections inherit it: an answer never waits for an ACK. */
	if (!l->is_unix)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));	/* slower without, not wrong */
}

static int
open_doors(struct front *f)
{
	size_t i;
	int flags, fd;

	for (i = 0; i < f->conf->nlisten; i++) {
		fd = FD_DOORS + (int)i;
		flags = fcntl(fd, F_GETFL);
		if (flags == -1 ||
		    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
			diag("listener %zu: %s", i + 1, strerror(errno));
			return ERR_IO;
		}
		add_door(f, &f->conf->listen[i], fd);
	}
	return 0;
}

static int
open_tls(struct front *f)
{
	bool need = false;
	size_t i;
	int r = 0;

	for (i = 0; i < f->conf->nlisten; i++)
		need = need || f->conf->listen[i].tls;
	if (need)
		r = tls_new(&f->tls, FD_CERT, FD_KEY);
	(void)close(FD_CERT);		/* read; nothing was written */
	(void)close(FD_KEY);
	return r;
}

static int
open_base(struct front *f)
{
	struct event_config *cfg = event_config_new();
	int r = ERR_NOMEM;

	if (cfg == NULL)
		return ERR_NOMEM;
	/* Descriptors are never duplicated, so changes may be gathered. */
	if (event_config_set_flag(cfg, EVENT_BASE_FLAG_IGNORE_ENV) == 0 &&
	    event_config_set_flag(cfg,
	    EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0 &&
	    (f->base = event_base_new_with_config(cfg)) != NULL)
		r = 0;
	event_config_free(cfg);
	return r;
}

/* The types of event_assign() are right, so it cannot fail. */
static int
add_events(struct front *f)
{
	const struct timeval tick = { ROLE_BEAT_SECS, 0 };
	struct event_base *b = f->base;
	size_t i;

	(void)event_assign(&f->store_in, b, FD_STORE, EV_READ | EV_PERSIST,
	    front_on_store, f);
	(void)event_assign(&f->store_out, b, FD_STORE,
	    EV_WRITE | EV_PERSIST, front_on_store_room, f);
	(void)event_assign(&f->parent_in, b, ROLE_FD_PARENT,
	    EV_READ | EV_PERSIST, on_parent, f);
	(void)event_assign(&f->tick, b, -1, EV_PERSIST, on_tick, f);
	(void)evtimer_assign(&f->reopen, b, on_reopen, f);
	for (i = 0; i < f->ndoors; i++)
		(void)event_assign(&f->doors[i].ev, b, f->doors[i].fd,
		    EV_READ | EV_PERSIST, on_door, &f->doors[i]);
	f->ticked = (uint64_t)time(NULL) / LOG_TICK_SECS;
	return event_add(&f->store_in, NULL) == 0 &&
	    event_add(&f->parent_in, NULL) == 0 &&
	    event_add(&f->tick, &tick) == 0 ? 0 : ERR_NOMEM;
}

/* Everything that opens, maps or reads; the cage comes after it. */
static int
front_open(struct front *f, const struct conf *c)
{
	int r;

	f->conf = c;
	f->world.conf = c;
	f->world.ops = &front_ops;
	f->world.self = f;
	LIST_INIT(&f->clients);
	front_clock(f);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGINT, SIG_IGN) == SIG_ERR ||
	    signal(SIGTERM, SIG_IGN) == SIG_ERR ||
	    signal(SIGHUP, SIG_IGN) == SIG_ERR)
		return ERR_IO;	/* the parent tells us when to stop */
	if ((r = slots_map(&f->slots, FD_SLOTS)) != 0 ||
	    (r = lend_init(&f->lend, f->slots.count)) != 0 ||
	    (r = open_tls(f)) != 0 || (r = open_doors(f)) != 0 ||
	    (r = open_base(f)) != 0)
		return r;
	if ((f->store = ipc_end_new(FD_STORE)) == NULL ||
	    (f->parent = ipc_end_new(ROLE_FD_PARENT)) == NULL)
		return ERR_NOMEM;
	if ((f->spare = spare_descriptor()) == -1)
		return ERR_IO;
	return add_events(f);
}

/* What is left when the loop has ended; the process ends, too. */
static void
front_close(struct front *f)
{
	struct client *cl;

	f->world.stopping = true;
	if (f->base != NULL)
		front_doors(f);
	while ((cl = LIST_FIRST(&f->clients)) != NULL)
		client_close(cl);
	area_let_go(f->area);
	ipc_end_free(f->store);
	ipc_end_free(f->parent);
	lend_wipe(&f->lend);
	slots_unmap(&f->slots);
	tls_free(f->tls);
	if (f->base != NULL)
		event_base_free(f->base);
}

/* see role.h */
int
front_main(const struct conf *c, int nfds)
{
	struct front f;
	int r = ERR_FORMAT;

	memset(&f, 0, sizeof(f));
	f.spare = -1;
	if (nfds != FD_DOORS - ROLE_FD_PARENT + (int)c->nlisten)
		goto out;
	if ((r = front_open(&f, c)) != 0 ||
	    (r = sandbox_enter(SANDBOX_FRONT, -1, -1)) != 0 ||
	    (r = ipc_end_send(f.parent, IPC_READY, 0, rd_from(NULL, 0),
	    -1)) != 0)
		goto out;
	log_listening();
	f.code = 0;
	if (event_base_dispatch(f.base) != 0 && f.code == 0)
		f.code = EX_OSERR;
	log_tick();
out:
	if (r != 0) {
		diag("front: %s", err_str(r));
		/* Files or sizes that we were given, or the system. */
		f.code = r == ERR_FORMAT || r == ERR_LIMIT ?
		    EX_CONFIG : EX_OSERR;
	}
	front_close(&f);
	return f.code;
}
