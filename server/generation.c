/* SPDX-License-Identifier: ISC */
/*
 * generation.c - one set of roles, from the first fork to the last wait.
 *
 * Invariant: whatever is open here belongs to this generation alone and is
 * closed with it: memory and sockets of one never reach the next.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/log.h"
#include "server/parent_int.h"
#include "server/slots.h"
#include "server/spawn.h"

/* The store writes its first epoch's file before it is ready. */
#define STORE_START_MS	600000
#define FRONT_START_MS	60000
#define FRONT_STOP_MS	45000	/* what was accepted is answered */
#define STORE_STOP_MS	30000
#define LOST_STOP_MS	10000

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static int
make_pair(int *ours, int *theirs)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, fd) != 0)
		return ERR_IO;
	*ours = fd[0];
	*theirs = fd[1];
	return 0;
}

/* fds[0] is filled in here: the role's end of the control socket. */
static int
start_role(struct parent *p, size_t i, const char *name, int *fds, size_t n)
{
	struct parent_role *role = &p->role[i];
	int ours = -1;

	fds[0] = -1;
	if (make_pair(&ours, &fds[0]) != 0)
		return ERR_IO;
	role->ready = false;
	if ((role->control = ipc_end_new(ours)) == NULL) {
		close_fd(&ours);
		close_fd(&fds[0]);
		return ERR_NOMEM;
	}
	role->pid = spawn_role(name, fds, n, p->config, p->quiet);
	close_fd(&fds[0]);
	if (role->pid > 0)
		return 0;
	role->pid = 0;
	return ERR_IO;
}

/* Descriptors as role.h numbers them; copies are closed in any case. */
static int
start_store(struct parent *p, const int *ends)
{
	int fds[SPAWN_FDS_MAX], r = ERR_IO;
	size_t n = 0, copies, i;

	fds[n++] = -1;
	fds[n++] = p->data;
	fds[n++] = p->guard;
	copies = n;
	fds[n++] = spawn_copy(p->vkey);
	for (i = 0; i < p->nkeyset; i++)
		fds[n++] = spawn_copy(p->keyset[i]);
	if (p->witness != -1)
		fds[n++] = p->witness;
	for (i = 0; i + 1 < p->nrole; i++) {
		fds[n++] = ends[i];
		fds[n++] = p->role[1 + i].slots;
	}
	for (i = 0; i <= p->nkeyset; i++)
		if (fds[copies + i] == -1)
			goto out;
	r = start_role(p, ROLE_STORE, "store", fds, n);
out:
	for (i = 0; i <= p->nkeyset; i++)
		close_fd(&fds[copies + i]);
	return r;
}

static int
start_front(struct parent *p, size_t front)
{
	struct parent_role *role = &p->role[1 + front];
	int fds[SPAWN_FDS_MAX], r = ERR_IO;
	size_t n = 0, i;

	fds[n++] = -1;
	fds[n++] = role->peer;
	fds[n++] = role->slots;
	fds[n++] = spawn_copy(p->certificate);
	fds[n++] = spawn_copy(p->key);
	for (i = 0; i < p->listeners.n; i++)
		fds[n++] = listeners_fd(&p->listeners, i, front);
	if (fds[3] != -1 && fds[4] != -1)
		r = start_role(p, 1 + front, "front", fds, n);
	close_fd(&fds[3]);
	close_fd(&fds[4]);
	close_fd(&role->peer);
	close_fd(&role->slots);
	return r;
}

/* Every front's socket to the store and its slots; the store's ends. */
static int
make_shared(struct parent *p, int *ends)
{
	size_t i;

	for (i = 0; i + 1 < p->nrole; i++) {
		if (make_pair(&p->role[1 + i].peer, &ends[i]) != 0)
			return ERR_IO;
		p->role[1 + i].slots = slots_create(p->slots);
		if (p->role[1 + i].slots == -1)
			return ERR_IO;
	}
	return 0;
}

static bool
store_is_up(const struct parent *p)
{
	return p->role[ROLE_STORE].ready || p->lost || p->stop;
}

static bool
all_are_up(const struct parent *p)
{
	size_t i;

	for (i = 0; i < p->nrole; i++)
		if (!p->role[i].ready)
			return p->lost || p->stop;
	return true;
}

static int
wait_up(struct parent *p, bool (*up)(const struct parent *), int64_t ms)
{
	if (!parent_wait(p, up, parent_now() + ms)) {
		diag("a role did not get ready in time");
		p->lost = true;
		p->code = EX_OSERR;
	}
	return p->lost || p->stop ? ERR_ORDER : 0;
}

static int
start_all(struct parent *p, const int *ends)
{
	size_t i;
	int r;

	if ((r = start_store(p, ends)) != 0 ||
	    (r = wait_up(p, store_is_up, STORE_START_MS)) != 0 ||
	    (r = listeners_start(&p->listeners)) != 0)
		return r;
	for (i = 0; i + 1 < p->nrole; i++)
		if ((r = start_front(p, i)) != 0)
			return r;
	return wait_up(p, all_are_up, FRONT_START_MS);
}

/* see parent_int.h */
int
generation_start(struct parent *p)
{
	int ends[LISTENERS_FRONTS_MAX], r;
	size_t i;

	for (i = 0; i < LISTENERS_FRONTS_MAX; i++)
		ends[i] = -1;
	p->lost = false;
	p->code = EX_OK;
	if ((r = make_shared(p, ends)) == 0)
		r = start_all(p, ends);
	for (i = 0; i < LISTENERS_FRONTS_MAX; i++)
		close_fd(&ends[i]);
	if (r == 0 || p->lost || p->stop)
		return r;
	diag("cannot start the roles: %s", strerror(errno));
	p->lost = true;
	p->code = EX_OSERR;
	return r;
}

/* --- the end -------------------------------------------------------------- */

static bool
fronts_are_down(const struct parent *p)
{
	size_t i;

	for (i = 1; i < p->nrole; i++)
		if (p->role[i].pid != 0)
			return false;
	return true;
}

static bool
all_are_down(const struct parent *p)
{
	return fronts_are_down(p) && p->role[ROLE_STORE].pid == 0;
}

static void
ask_to_stop(struct parent_role *role)
{
	if (role->pid == 0)
		return;
	/* One that cannot hear is not waited for. */
	if (role->control == NULL ||
	    ipc_end_send(role->control, IPC_STOP, 0, rd_from(NULL, 0), -1))
		(void)kill(role->pid, SIGKILL);
}

static void
kill_fronts(struct parent *p)
{
	size_t i;

	for (i = 1; i < p->nrole; i++)
		if (p->role[i].pid != 0)
			(void)kill(p->role[i].pid, SIGKILL);
}

static void
close_generation(struct parent *p)
{
	size_t i;

	for (i = 0; i < p->nrole; i++) {
		ipc_end_free(p->role[i].control);
		p->role[i].control = NULL;
		p->role[i].ready = false;
		close_fd(&p->role[i].peer);
		close_fd(&p->role[i].slots);
	}
}

/* Whoever is still there now has had its time. */
static void
kill_rest(struct parent *p)
{
	struct parent_role *role = &p->role[ROLE_STORE];

	kill_fronts(p);
	if (role->pid != 0)
		(void)kill(role->pid, SIGKILL);
	(void)parent_wait(p, all_are_down, 0);
}

/* see parent_int.h */
void
generation_stop(struct parent *p)
{
	bool lost = p->lost;
	size_t i;

	for (i = 1; i < p->nrole && !lost; i++)
		ask_to_stop(&p->role[i]);
	if (p->stop)
		listeners_close(&p->listeners);
	if (lost || !parent_wait(p, fronts_are_down,
	    parent_now() + FRONT_STOP_MS))
		kill_fronts(p);
	ask_to_stop(&p->role[ROLE_STORE]);
	if (!parent_wait(p, all_are_down, parent_now() +
	    (lost ? LOST_STOP_MS : STORE_STOP_MS)))
		kill_rest(p);
	close_generation(p);
}
