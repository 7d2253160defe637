/* SPDX-License-Identifier: ISC */
/*
 * supervise.c - wait for roles and signals; start again with a growing
 * pause, and give up when that does not help.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "server/log.h"
#include "server/parent_int.h"
#include "server/role.h"

#define QUICK_MS	60000	/* a generation that ended sooner was bad */
#define QUICK_MAX	6	/* so many in a row: give up */
#define MESSAGES_MAX	16	/* of a role in one go */
#define PAUSE_MS	100	/* doubled each time */
#define PAUSE_MOST_MS	10000

/* see parent_int.h */
int
parent_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_SETMASK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* see parent_int.h */
int64_t
parent_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);	/* always there */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the next line of the log's grid, by the clock on the wall. */
static int64_t
next_tick(void)
{
	return parent_now() +
	    (LOG_TICK_SECS - (int64_t)time(NULL) % LOG_TICK_SECS) * 1000;
}

/* What the first bad one left with; a signal counts as the system's fault. */
static void
note_end(struct parent *p, struct parent_role *role, int status)
{
	role->pid = 0;
	p->lost = true;
	if (p->code == EX_OK)
		p->code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
}

static void
reap(struct parent *p)
{
	int status;
	size_t i;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->keeper) {
			p->keeper = 0;		/* closes go on without */
			log_event(EV_WITNESS_LOST, 1);
		}
		for (i = 0; i < p->nrole; i++)
			if (p->role[i].pid == pid)
				note_end(p, &p->role[i], status);
	}
}

static void
on_signals(struct parent *p)
{
	struct signalfd_siginfo si;

	while (read(p->signals, &si, sizeof(si)) == (ssize_t)sizeof(si))
		if (si.ssi_signo != SIGCHLD)
			p->stop = true;
	reap(p);
}

/* A role says that it is ready; a front after that, that it is alive. */
static bool
heed(struct parent *p, struct parent_role *role, const struct ipc_msg *m)
{
	if (m->type == IPC_READY && !role->ready) {
		role->ready = true;
		role->beats = 0;
		return true;
	}
	role->beats = 0;
	return m->type == IPC_ALIVE && role->ready &&
	    role != &p->role[ROLE_STORE];
}

static void
on_role(struct parent *p, struct parent_role *role)
{
	struct ipc_msg m;
	int pass, i, r = 0;

	/* Signals and the others have their turn, however much it says. */
	for (i = 0; i < MESSAGES_MAX && (r = ipc_end_recv(role->control, &m,
	    &pass)) == 0; i++) {
		if (pass != -1)
			(void)close(pass);	/* not asked for */
		if (!heed(p, role, &m)) {
			r = ERR_FORMAT;
			break;
		}
	}
	if (r == 0 || r == ERR_NOTFOUND)
		return;
	if (r == ERR_FORMAT) {
		log_event(EV_PEER_BROKEN, 1);
		p->lost = true;
		p->code = EX_PROTOCOL;
	}
	/* Closed: its end will be told by SIGCHLD; do not spin on it. */
	ipc_end_free(role->control);
	role->control = NULL;
}

/* One round of poll(2). */
static void
wait_once(struct parent *p, int64_t until)
{
	struct pollfd fds[1 + ROLES_MAX];
	int64_t left = until - parent_now();
	nfds_t n = 0;
	size_t i;

	fds[n++] = (struct pollfd){ .fd = p->signals, .events = POLLIN };
	for (i = 0; i < p->nrole; i++)
		fds[n++] = (struct pollfd){ .events = POLLIN,
		    .fd = p->role[i].control == NULL ? -1 :
		    ipc_end_fd(p->role[i].control) };
	if (poll(fds, n, left < 0 ? 0 : (int)left) <= 0)
		return;
	for (i = 0; i < p->nrole; i++)
		if (fds[1 + i].revents != 0)
			on_role(p, &p->role[i]);
	if (fds[0].revents != 0)
		on_signals(p);
}

/*
 * A front waits for nothing but events, so one that is silent hangs, and so
 * does whoever the kernel gives to it.  Beats are counted, not seconds: where
 * we were not let run either, nobody is to blame.  The store may have to wait
 * for its disk, for as long as that takes.
 */
static void
count_beats(struct parent *p)
{
	struct parent_role *role;
	size_t i;

	if (parent_now() < p->beat_at)
		return;
	p->beat_at = parent_now() + ROLE_BEAT_SECS * 1000;
	for (i = 1; i < p->nrole; i++) {
		role = &p->role[i];
		if (role->pid == 0 || !role->ready ||
		    role->beats++ < ROLE_BEATS_MAX)
			continue;
		role->beats = 0;
		log_event(EV_FRONT_HUNG, 1);
		(void)kill(role->pid, SIGKILL);	/* SIGCHLD tells the rest */
	}
}

/* see parent_int.h */
bool
parent_wait(struct parent *p, bool (*done)(const struct parent *),
    int64_t deadline)
{
	int64_t tick = next_tick(), until;

	while (!done(p)) {
		if (deadline != 0 && parent_now() >= deadline)
			return false;
		if (parent_now() >= tick) {
			log_tick();
			tick = next_tick();
		}
		count_beats(p);
		until = tick < p->beat_at ? tick : p->beat_at;
		wait_once(p, deadline != 0 && deadline < until ? deadline :
		    until);
	}
	return true;
}

static bool
is_disturbed(const struct parent *p)
{
	return p->lost || p->stop;
}

static bool
is_stopped(const struct parent *p)
{
	return p->stop;
}

static void
say_ready(const struct parent *p)
{
	listeners_say(&p->listeners);
	diag("ready");
	log_listening();
}

/* After the quick-th bad end in a row; true: somebody asked us to stop. */
static bool
pause_before(struct parent *p, unsigned quick)
{
	int64_t ms = PAUSE_MS << (quick < 16 ? quick : 16);

	if (ms > PAUSE_MOST_MS)
		ms = PAUSE_MOST_MS;
	return parent_wait(p, is_stopped, parent_now() + ms);
}

/* Clean means: asked for, and every role left with 0. */
static int
final_code(const struct parent *p)
{
	return p->lost ? p->code : EX_OK;
}

/* see parent_int.h */
int
parent_supervise(struct parent *p)
{
	bool first = true;
	unsigned quick = 0;
	int64_t began;
	int r;

	for (;;) {
		began = parent_now();
		r = generation_start(p);
		if (r == 0 && first)
			say_ready(p);
		if (r == 0)
			(void)parent_wait(p, is_disturbed, 0);
		generation_stop(p);
		if (p->stop || (r != 0 && first))
			break;
		first = false;
		log_event(EV_ROLE_ENDED, 1);
		quick = parent_now() - began < QUICK_MS ? quick + 1 : 0;
		if (quick >= QUICK_MAX) {
			log_event(EV_GAVE_UP, 1);
			p->code = EX_OSERR;
			break;
		}
		if (pause_before(p, quick)) {
			log_tick();	/* why we paused is not forgotten */
			return EX_OK;
		}
	}
	log_tick();
	return final_code(p);
}
