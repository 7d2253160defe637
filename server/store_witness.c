/* SPDX-License-Identifier: ISC */
/*
 * store_witness.c - the store asks the witnesses, and decides what is shown.
 *
 * The store has no network.  For each round it makes a socket pair, hands one
 * end to the witness role and sends the questions; what comes back is judged
 * by witness.c, and only what is on disk in the guard's folder is shown.
 *
 * Nobody is waited for without a limit: a close waits for the quorum at most
 * witness-seconds, and never longer than half an epoch, while parcels are
 * taken.  Who did not answer is asked again later.  A witness that has seen
 * more than we have signed stops us: this is an old copy, or another server
 * has our key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "server/file.h"
#include "server/role.h"
#include "server/store_int.h"
#include "server/witness.h"

#define BEAT_MS		100	/* a look at the deadlines */
#define GRACE_MS	500	/* after the quorum, for the others */
#define START_MS	10000	/* before we are ready */
#define ROUND_MS	2000	/* beyond the role's own deadline */
#define BACKOFF_MOST	600	/* seconds between two tries */
#define RETRY_MOST	3600	/* of what a Retry-After may ask */

struct witnesses {
	struct store *s;
	struct witness_state st;
	int rendezvous;			/* to the role; not ours to close */
	int round;			/* our end, or -1 */
	struct event *readable, *beat;
	struct asked {
		bool out;		/* under way */
		unsigned tries;		/* in this round */
		unsigned failures;	/* in a row */
		uint64_t again;		/* CLOCK_BOOTTIME: not before */
		uint64_t asked_not;	/* the same, by its own word */
	} asked[WITNESS_MAX];
	uint64_t round_until, until, quorum_at;	/* milliseconds */
	bool waits;			/* a close does */
	bool dirty;			/* st is not as on disk */
	unsigned char file[WITNESS_FILE_MAX];
};

static uint64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);	/* always there */
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- what is kept ----------------------------------------------------------- */

static int
save(struct witnesses *w)
{
	struct wr f = wr_from(w->file, sizeof(w->file));
	int r;

	if (!w->dirty)
		return 0;
	witness_write(&f, &w->st);
	if (!wr_ok(&f))
		return ERR_LIMIT;
	r = file_replace(w->s->epochs.guard.dir, WITNESS_FILE, wr_rd(&f),
	    0600);
	w->dirty = r != 0;
	return r;
}

/* Decides, keeps it, and only then shows it. */
static int
settle(struct witnesses *w)
{
	bool changed = witness_settle(&w->st, true);
	int r;

	w->dirty |= changed;
	if ((r = save(w)) == 0 && changed && !w->waits)
		r = store_publish(w->s);
	return r;
}

/* --- one round -------------------------------------------------------------- */

static bool
is_out(const struct witnesses *w)
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

/* The role's process ends when it sees this. */
static void
end_round(struct witnesses *w)
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
		end_round(w);
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
	w->round_until = now_ms() + w->s->conf->witness_seconds * 1000 +
	    ROUND_MS;
	if (evtimer_add(w->beat, &tv) == -1)
		store_end(w->s, EXIT_FAILURE);
}

enum who { ASK_DUE, ASK_MISSING, ASK_ALL };

/*
 * Who has not cosigned the newest; of these, whose time has come; or all, for
 * one that has cosigned it may have seen more since.
 */
static void
ask_all(struct witnesses *w, enum who who)
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
	if (save(w) != 0)
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
			w->quorum_at = now_ms();
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
	if (w->round != -1 && (!is_out(w) || now_ms() >= w->round_until))
		end_round(w);
	if (!w->waits && settle(w) != 0)
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
		end_round(w);
	look(w);
}

static void
on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct timeval tv = { .tv_usec = BEAT_MS * 1000 };
	struct witnesses *w = arg;

	(void)fd;
	(void)what;
	look(w);
	if ((w->round != -1 || w->waits) && evtimer_add(w->beat, &tv) == -1)
		store_end(w->s, EXIT_FAILURE);
}

/* --- at a close ------------------------------------------------------------- */

/* Never so long that the next close suffers. */
static uint64_t
patience_ms(const struct store *s)
{
	uint64_t most = s->conf->witness_seconds * 1000;
	uint64_t half = s->conf->epoch_seconds * 500;

	return most < half ? most : half;
}

/* Is there nothing more that the close should wait for? */
static bool
decided(const struct witnesses *w)
{
	uint64_t now = now_ms();

	if (witness_has_all(&w->st) || !is_out(w) || now >= w->until)
		return true;
	return witness_has_quorum(&w->st) && (w->st.quorum == 0 ||
	    now >= w->quorum_at + GRACE_MS);
}

static int
begin_wait(struct witnesses *w, uint64_t ms, enum who who)
{
	int r;

	if ((r = witness_begin(&w->st,
	    guard_note(&w->s->epochs.guard))) != 0)
		return r;
	w->dirty = true;
	w->waits = true;
	w->quorum_at = 0;
	w->until = now_ms() + ms;
	end_round(w);			/* of an older checkpoint */
	ask_all(w, who);
	return 0;
}

/* see store_int.h */
int
store_witness_close(void *arg, bool *done)
{
	struct store *s = arg;
	struct witnesses *w = s->witnesses;
	int r;

	*done = true;
	if (w == NULL)
		return 0;
	*done = false;
	if (!w->waits && (r = begin_wait(w, patience_ms(s),
	    ASK_MISSING)) != 0)
		return r;
	if (!decided(w))
		return 0;
	if ((r = settle(w)) != 0)
		return r;
	if (!witness_has_quorum(&w->st))
		log_event(EV_QUORUM_MISSED, 1);
	w->waits = false;
	*done = true;
	return 0;
}

/* see store_int.h */
bool
store_witness_waits(const struct store *s)
{
	return s->witnesses != NULL && s->epochs.step == STEP_WITNESS &&
	    s->witnesses->waits && !decided(s->witnesses);
}

/* see store_int.h */
void
store_witness_tick(struct store *s)
{
	struct witnesses *w = s->witnesses;

	if (w == NULL || w->waits)
		return;
	if (w->dirty && settle(w) != 0)
		log_event(EV_DISK_ERROR, 1);
	ask_all(w, ASK_DUE);
}

/* --- what all are told ------------------------------------------------------ */

/* see store_int.h */
struct rd
store_checkpoint(const struct store *s, size_t *cosignatures)
{
	const struct witnesses *w = s->witnesses;

	*cosignatures = w != NULL ? witness_count(&w->st.shown) : 0;
	return w != NULL ? rd_from(w->st.shown.bytes, w->st.shown.n) :
	    guard_note(&s->epochs.guard);
}

/* see store_int.h */
bool
store_may_sign(const struct store *s)
{
	return s->witnesses == NULL || witness_ahead(&s->witnesses->st) <=
	    drop_size(s->epochs.drop);
}

/* --- start and end ---------------------------------------------------------- */

static int
say_ahead(const struct witnesses *w)
{
	diag("a witness has seen %llu entries of this log, and here are %llu: "
	    "this is an old copy, or somebody else has its key",
	    (unsigned long long)witness_ahead(&w->st),
	    (unsigned long long)drop_size(w->s->epochs.drop));
	diag("nothing was signed; the ways out: ecrdropd restore MIRROR "
	    "-c FILE, or, where the witness is known to err, to take its line "
	    "out of the configuration");
	w->s->exit_code = EXIT_FAILURE;
	return ERR_CHANGED;
}

/* What the file says must be of a beginning of this very log. */
static int
check_notes(struct witnesses *w)
{
	const struct witness_note *note[2] = { &w->st.shown, &w->st.newest };
	struct store *s = w->s;
	size_t i;
	int r;

	for (i = 0; i < 2; i++) {
		if (note[i]->size > drop_size(s->epochs.drop))
			return ERR_CHANGED;
		r = drop_begins(s->epochs.drop, note[i]->size, note[i]->root);
		if (r != 0)
			return r == ERR_AUTH ? ERR_CHANGED : r;
	}
	return 0;
}

static int
load(struct witnesses *w)
{
	struct store *s = w->s;
	const struct conf *c = s->conf;
	size_t n;
	int r;

	if ((r = witness_init(&w->st, &s->key.vk, c->witness, c->nwitness,
	    c->quorum, guard_note(&s->epochs.guard))) != 0)
		return r;
	r = file_slurp(s->epochs.guard.dir, WITNESS_FILE, w->file,
	    sizeof(w->file), &n);
	if (r == ERR_NOTFOUND)
		return 0;
	if (r != 0 || (r = witness_read(&w->st, rd_from(w->file, n))) != 0 ||
	    (r = check_notes(w)) != 0)
		return r;
	return witness_begin(&w->st, guard_note(&s->epochs.guard));
}

/* see store_int.h */
int
store_witness_open(struct store *s, int rendezvous)
{
	struct witnesses *w;
	int r;

	if (s->conf->nwitness == 0)
		return 0;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_NOMEM;
	s->witnesses = w;
	w->s = s;
	w->rendezvous = rendezvous;
	w->round = -1;
	w->dirty = true;
	if ((r = load(w)) == ERR_IO) {
		s->exit_code = EX_OSERR;
		diag("guard/" WITNESS_FILE ": %s", strerror(errno));
	} else if (r != 0) {
		s->exit_code = EXIT_FAILURE;
		diag("guard/" WITNESS_FILE ": not what this log has shown; "
		    "nothing was signed");
	} else if (!store_may_sign(s)) {
		r = say_ahead(w);
	}
	return r;
}

/* see store_int.h */
int
store_witness_start(struct store *s)
{
	struct witnesses *w = s->witnesses;
	uint64_t most = s->conf->witness_seconds * 1000;
	const int before = s->exit_code;
	int r;

	if (w == NULL)
		return 0;
	if ((w->beat = evtimer_new(s->base, on_beat, w)) == NULL)
		return ERR_NOMEM;
	if ((r = begin_wait(w, most < START_MS ? most : START_MS,
	    ASK_ALL)) != 0)
		return r;
	while (is_out(w) && now_ms() < w->until && s->exit_code == before)
		if (event_base_loop(s->base, EVLOOP_ONCE) != 0)
			return ERR_IO;
	if (s->exit_code != before)
		return ERR_ORDER;	/* told to end */
	if (!store_may_sign(s))
		return say_ahead(w);
	r = settle(w);
	w->waits = false;
	return r;
}

/* see store_int.h */
void
store_witness_free(struct store *s)
{
	struct witnesses *w = s->witnesses;

	if (w == NULL)
		return;
	if (w->readable != NULL)
		event_free(w->readable);
	if (w->beat != NULL)
		event_free(w->beat);
	if (w->round != -1)
		(void)close(w->round);	/* a socket: nothing is unwritten */
	free(w);
	s->witnesses = NULL;
}
