/* SPDX-License-Identifier: ISC */
/*
 * store_round.c - the store asks the witnesses, one round at a time.
 *
 * The store has no network.  For each round it makes a socket pair, hands one
 * end to the witness role and sends the questions; what comes back is judged
 * by witness.c.  Who did not answer is asked again later.  Refuses whatever
 * is no answer of one who was asked: the round is then over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "server/store_witness.h"

#define BEAT_MS		100	/* a look at the deadlines */
#define ROUND_MS	2000	/* beyond the role's own deadline */
#define BACKOFF_MOST	600	/* seconds between two tries */
#define RETRY_MOST	3600	/* of what a Retry-After may ask */

/* see store_witness.h */
uint64_t
round_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);	/* always there */
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* see store_witness.h */
bool
round_is_out(const struct witnesses *w)
{
	size_t i;

	for (i = 0; i < w->st.n; i++)
		if (w->asked[i].out)
			return true;
	return false;
}

/* Not this time.  Asked again after a while that grows; sooner at a close. */
static void
failed(struct witnesses *w, size_t i, uint32_t retry_after, bool refused)
{
	struct asked *a = &w->asked[i];
	uint64_t now = clock_now().boot, pause;

	pause = refused || a->failures > 8 ? BACKOFF_MOST :
	    UINT64_C(2) << a->failures;
	a->out = false;
	a->failures++;
	a->again = now + (pause > BACKOFF_MOST ? BACKOFF_MOST : pause);
	a->asked_not = now + (retry_after > RETRY_MOST ? RETRY_MOST :
	    retry_after);
	log_event(EV_WITNESS_FAILED, 1);
}

/* see store_witness.h; the role's process ends when it sees this. */
void
round_end(struct witnesses *w)
{
	size_t i;

	if (w->readable != NULL)
		event_free(w->readable);
	w->readable = NULL;
	if (w->round != -1)
		(void)close(w->round);	/* a socket: nothing is unwritten */
	w->round = -1;
	for (i = 0; i < w->st.n; i++)
		if (w->asked[i].out)
			failed(w, i, 0, false);
}

static void on_answer(evutil_socket_t fd, short what, void *arg);

static int
open_round(struct witnesses *w)
{
	int fd[2], r;

	if (w->round != -1)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, fd) != 0)
		return ERR_IO;
	r = witness_hand_over(w->rendezvous, fd[1]);
	(void)close(fd[1]);		/* it is the role's */
	w->round = fd[0];
	if (r == 0 && ((w->readable = event_new(w->s->base, fd[0],
	    EV_READ | EV_PERSIST, on_answer, w)) == NULL ||
	    event_add(w->readable, NULL) == -1))
		r = ERR_NOMEM;
	if (r != 0)
		round_end(w);
	return r;
}

static int
send_ask(struct witnesses *w, size_t i)
{
	static unsigned char request[WITNESS_REQUEST_MAX];
	static unsigned char datagram[WITNESS_REQUEST_MAX + 64];
	static struct proof p;
	struct wr q = wr_from(request, sizeof(request));
	struct wr d = wr_from(datagram, sizeof(datagram));
	struct witness_ask ask = {
		.seconds = (uint16_t)w->s->conf->witness_seconds };
	int r;

	if ((r = drop_prove(w->s->epochs.drop, &p, w->st.peer[i].size,
	    w->st.newest.size)) != 0 ||
	    (r = witness_request(&q, &w->st, i, &p)) != 0 ||
	    (r = open_round(w)) != 0)
		return r;
	memcpy(ask.pk, w->st.who[i].key.pk, sizeof(ask.pk));
	ask.body = wr_rd(&q);
	witness_write_ask(&d, &ask);
	if (!wr_ok(&d))
		return ERR_LIMIT;
	return write(w->round, d.p, d.n) == (ssize_t)d.n ? 0 : ERR_IO;
}

static void
ask(struct witnesses *w, size_t i)
{
	struct asked *a = &w->asked[i];
	struct timeval tv = { .tv_usec = BEAT_MS * 1000 };

	a->out = true;
	a->tries++;
	if (send_ask(w, i) != 0) {
		failed(w, i, 0, false);
		return;
	}
	w->round_until = round_now() + w->s->conf->witness_seconds * 1000 +
	    ROUND_MS;
	if (evtimer_add(w->beat, &tv) == -1)
		store_end(w->s, EXIT_FAILURE);
}

/* see store_witness.h */
void
round_ask(struct witnesses *w, enum who who)
{
	uint64_t now = clock_now().boot;
	struct asked *a;
	size_t i;

	for (i = 0; i < w->st.n; i++) {
		a = &w->asked[i];
		if (a->out || now < a->asked_not ||
		    (who != ASK_ALL && (w->st.newest.cosigned >> i & 1) != 0) ||
		    (who == ASK_DUE && now < a->again))
			continue;
		a->tries = 0;
		ask(w, i);
	}
}

/* It has seen what we have not: no more signatures, and no restart either. */
static void
stop_signing(struct witnesses *w)
{
	log_event(EV_WITNESS_AHEAD, 1);
	log_tick();			/* now, not within the hour */
	w->dirty = true;
	if (witnesses_save(w) != 0)
		log_event(EV_DISK_ERROR, 1);
	if (w->s->told)
		store_tell_state(w->s);
}

static void
heed(struct witnesses *w, size_t i, const struct witness_answer *a)
{
	struct asked *asked = &w->asked[i];

	switch (witness_judge(&w->st, i, a, clock_now().real,
	    drop_size(w->s->epochs.drop))) {
	case WITNESS_COSIGNED:
		asked->out = false;
		asked->failures = 0;
		w->dirty = true;
		if (w->quorum_at == 0 && witness_has_quorum(&w->st))
			w->quorum_at = round_now();
		return;
	case WITNESS_AGAIN:
		w->dirty = true;
		asked->out = false;
		if (asked->tries < WITNESS_TRIES_MAX)
			ask(w, i);
		else
			failed(w, i, 0, false);
		return;
	case WITNESS_AHEAD:
		failed(w, i, 0, true);
		stop_signing(w);
		return;
	case WITNESS_REFUSED:
		failed(w, i, a->retry_after, true);
		return;
	case WITNESS_LATER:
		failed(w, i, a->retry_after, false);
		return;
	}
}

/* One answer, of a witness that was asked.  False: the role is not well. */
static bool
take(struct witnesses *w)
{
	static unsigned char buf[WITNESS_WIRE_MAX + 1];
	struct witness_answer a;
	ssize_t n;
	size_t i;

	n = read(w->round, buf, sizeof(buf));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0 || witness_parse_answer(&a, rd_from(buf, (size_t)n)) != 0)
		return false;
	for (i = 0; i < w->st.n; i++)
		if (w->asked[i].out && memcmp(w->st.who[i].key.pk, a.pk,
		    sizeof(a.pk)) == 0) {
			heed(w, i, &a);
			return true;
		}
	return false;
}

/* Whatever has come of the round: ended, or shown, or a close goes on. */
static void
look(struct witnesses *w)
{
	if (w->round != -1 && (!round_is_out(w) || round_now() >= w->round_until))
		round_end(w);
	if (!w->waits && witnesses_settle(w) != 0)
		log_event(EV_DISK_ERROR, 1);	/* the tick tries again */
	if (w->s->epochs.step == STEP_WITNESS)
		event_active(w->s->work, EV_TIMEOUT, 0);
}

static void
on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct witnesses *w = arg;

	(void)fd;
	(void)what;
	if (!take(w))
		round_end(w);
	look(w);
}

/* see store_witness.h */
void
round_on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct timeval tv = { .tv_usec = BEAT_MS * 1000 };
	struct witnesses *w = arg;

	(void)fd;
	(void)what;
	look(w);
	if ((w->round != -1 || w->waits) && evtimer_add(w->beat, &tv) == -1)
		store_end(w->s, EXIT_FAILURE);
}

