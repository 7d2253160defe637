/* SPDX-License-Identifier: ISC */
/*
 * store.c - the store's start, its loop and its end; see store_int.h.
 *
 * Order of the start: working directory, lock, keys, databases, sandbox, then
 * the fronts are heard.  Invariant: after the sandbox nothing is opened but
 * below the data directory and in the guard's folder.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/datadir.h"
#include "server/role.h"
#include "server/sandbox.h"
#include "server/store_int.h"

#define FD_DATADIR	ROLE_FD_FIRST
#define FD_GUARD	(ROLE_FD_FIRST + 1)
#define FD_VKEY		(ROLE_FD_FIRST + 2)
#define FD_KEYSETS	(ROLE_FD_FIRST + 3)

/* see store_int.h */
void
store_end(struct store *s, int code)
{
	s->exit_code = code;
	if (s->base != NULL)
		(void)event_base_loopbreak(s->base);	/* only sets a flag */
}

/* Comes after all fronts that were readable when it was asked for. */
static void
on_work(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;

	(void)fd;
	(void)what;
	if (s->queue_count > 0)
		store_put_batch(s);
	if (store_work_slice(s) || s->queue_count > 0)
		event_active(s->work, EV_TIMEOUT, 0);
}

/* Stop: the fronts have ended; or the parent has, and so do we. */
static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;
	struct ipc_msg m;
	int pass, r;

	(void)fd;
	(void)what;
	if ((r = ipc_end_recv(s->parent, &m, &pass)) == ERR_NOTFOUND)
		return;
	if (pass != -1)
		(void)close(pass);	/* not ours to have */
	store_end(s, r == 0 && m.type == IPC_STOP ? EX_OK : EXIT_FAILURE);
}

/* --- start --------------------------------------------------------------- */

/* Each failure said once, in words. */
static int
say(const char *what, int r)
{
	if (r != 0)
		diag("%s: %s", what, r == ERR_IO && errno != 0 ?
		    strerror(errno) : err_str(r));
	return r;
}

/* What is wrong with the log, and what can be done about it. */
static void
say_log(const struct epochs *e, int r)
{
	if (e->drop == NULL && r == ERR_AUTH)
		diag("drop: entries, tiles or frontier are not those that "
		    "were signed; a disk or somebody has altered them");
	else if (e->drop == NULL)
		diag("drop: bodies of parcels are missing");
	else
		diag("guard: %s (seen: %llu entries, here: %llu)",
		    guard_why(e->guard.state),
		    (unsigned long long)e->guard.size,
		    (unsigned long long)drop_size(e->drop));
	if (e->drop != NULL && e->guard.state == GUARD_NONE)
		diag("if you know that it is the newest: ecrdropd make-guard "
		    "-c FILE");
	diag("nothing was signed; the ways out: ecrdropd restore MIRROR "
	    "-c FILE, or a new log under a new origin");
}

/* What epochs_start() found, in words; evidence has a code of its own. */
static int
say_start(struct store *s, int r)
{
	const struct epochs *e = &s->epochs;
	bool guard = e->drop != NULL && e->guard.state != GUARD_HOLDS;

	if (r == 0)
		return r;
	if ((guard && (r == ERR_CHANGED || r == ERR_NOTFOUND)) ||
	    (e->drop == NULL && (r == ERR_AUTH || r == ERR_CHANGED))) {
		say_log(e, r);
		s->exit_code = r == ERR_NOTFOUND ? EX_NOINPUT : EXIT_FAILURE;
		return r;
	}
	/* A full disk, or one that fails, is no fault of the configuration. */
	if (r == ERR_IO || r == ERR_NOMEM || r == ERR_FULL)
		s->exit_code = EX_OSERR;
	return say(e->drop == NULL ? "drop" : guard ? "guard" : "pending", r);
}

static int
lock(const char *what, int fd)
{
	int r = datadir_lock(fd);

	if (r != 0)
		diag("%s: %s", what, r == ERR_EXISTS ?
		    "another server uses it" : err_str(r));
	return r;
}

static int
open_data(struct store *s)
{
	const struct conf *c = s->conf;
	struct epochs *e = &s->epochs;
	struct clock_now now = clock_now();
	int r;

	if (fchdir(FD_DATADIR) == -1)
		return say("data directory", ERR_IO);
	if ((r = lock("data directory", FD_DATADIR)) != 0 ||
	    (r = lock("guard", FD_GUARD)) != 0)
		return r;
	if ((r = say("log.key", logkey_load(&s->key, FD_DATADIR))) != 0 ||
	    (r = keys_load(&s->keys, FD_VKEY, FD_KEYSETS, c->nkeyset)) != 0 ||
	    (r = say("tokens", tokens_load(&s->tokens, &s->token_stamp,
	    FD_DATADIR))) != 0)
		return r;
	e->conf.seconds = c->epoch_seconds;
	e->conf.batch = (uint32_t)c->batch;
	e->conf.parcels = (uint32_t)c->epoch_parcels;
	e->conf.drop_bytes = c->drop_bytes;
	e->conf.work_bits = (uint8_t)c->work_bits;
	e->conf.erase_delay = c->erase_delay;
	e->key = &s->key;
	e->keys = &s->keys;
	e->witness = store_witness_close;
	e->publish = store_publish;
	e->arg = s;
	e->guard.dir = FD_GUARD;
	if ((r = say_start(s, epochs_start(e, now))) != 0)
		return r;
	return store_witness_open(s, FD_KEYSETS + (int)c->nkeyset);
}

/*
 * One callback, then a look at what else has come: the queue is first come,
 * first served.  Else work that asks for more of itself would shut out the
 * fronts, and fronts that never pause the work.
 */
static struct event_base *
open_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base = NULL;

	if (c != NULL &&
	    event_config_set_max_dispatch_interval(c, NULL, 1, 0) == 0)
		base = event_base_new_with_config(c);
	if (c != NULL)
		event_config_free(c);
	return base;
}

static int
open_events(struct store *s)
{
	if ((s->base = open_base()) == NULL ||
	    (s->work = event_new(s->base, -1, 0, on_work, s)) == NULL ||
	    (s->tick = evtimer_new(s->base, store_on_tick, s)) == NULL ||
	    (s->slice = evtimer_new(s->base, store_on_slice, s)) == NULL ||
	    (s->parent = ipc_end_new(ROLE_FD_PARENT)) == NULL ||
	    (s->from_parent = event_new(s->base, ROLE_FD_PARENT,
	    EV_READ | EV_PERSIST, on_parent, s)) == NULL ||
	    event_add(s->from_parent, NULL) == -1)
		return ERR_NOMEM;
	return 0;
}

static int
open_fronts(struct store *s, int nfds)
{
	int first = FD_KEYSETS + (int)s->conf->nkeyset +
	    (s->conf->nwitness > 0);
	int left = ROLE_FD_PARENT + nfds - first;
	size_t i;
	int r;

	if (left < 2 || left % 2 != 0)
		return ERR_FORMAT;
	s->nfronts = (size_t)left / 2;
	if ((s->front = calloc(s->nfronts, sizeof(*s->front))) == NULL ||
	    (s->body = malloc(PARCEL_BYTES)) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < s->nfronts; i++, first += 2) {
		if ((r = store_front_open(s, &s->front[i], first,
		    first + 1)) != 0)
			return r;
		s->queue_cap += s->front[i].slots.count;
	}
	s->queue = calloc(s->queue_cap, sizeof(*s->queue));
	return s->queue == NULL ? ERR_NOMEM : 0;
}

static void
wipe(struct store *s)
{
	size_t i;

	for (i = 0; i < s->nfronts; i++) {
		store_front_close(&s->front[i]);
		slots_unmap(&s->front[i].slots);
	}
	store_witness_free(s);
	store_box_wipe(s);
	published_unmap(&s->shown);
	epochs_stop(&s->epochs);
	if (s->work != NULL)
		event_free(s->work);
	if (s->tick != NULL)
		event_free(s->tick);
	if (s->slice != NULL)
		event_free(s->slice);
	if (s->from_parent != NULL)
		event_free(s->from_parent);
	ipc_end_free(s->parent);
	if (s->base != NULL)
		event_base_free(s->base);
	logkey_wipe(&s->key);
	keys_wipe(&s->keys);
	free(s->front);
	free(s->queue);
	free(s->body);
}

/* From READY to the end. */
static void
run(struct store *s)
{
	size_t i;

	s->exit_code = EX_OSERR;	/* no fault of the configuration */
	if (say("sandbox", sandbox_enter(SANDBOX_STORE, FD_DATADIR,
	    FD_GUARD)) != 0 || store_witness_start(s) != 0 ||
	    say("parent", ipc_end_send(s->parent, IPC_READY, 0,
	    rd_from(NULL, 0), -1)) != 0)
		return;
	log_listening();
	s->exit_code = EX_OK;
	s->minute = clock_now().real / 60;
	s->log_slot = clock_now().real / LOG_TICK_SECS;
	store_on_tick(-1, 0, s);
	if (s->exit_code == EX_OK && event_base_dispatch(s->base) == -1)
		s->exit_code = EX_OSERR;
	/* What was accepted is committed and answered. */
	for (i = 0; i < s->nfronts && s->exit_code == EX_OK; i++)
		store_front_hear(&s->front[i]);
	while (s->exit_code == EX_OK && s->queue_count > 0)
		store_put_batch(s);
	log_tick();
}

/* see role.h */
int
store_main(const struct conf *c, int nfds)
{
	static struct store s;
	int code;

	s.conf = c;
	s.datadir = FD_DATADIR;
	s.exit_code = EX_CONFIG;
	if (open_data(&s) == 0 &&
	    say("events", open_events(&s)) == 0 &&
	    say("fronts", open_fronts(&s, nfds)) == 0)
		run(&s);
	code = s.exit_code;
	wipe(&s);
	return code;
}
