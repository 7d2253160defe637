/* SPDX-License-Identifier: ISC */
/*
 * store_witness.c - what is shown, by what witnesses have said.
 *
 * Only what is on disk in the guard's folder is shown.  Nobody is waited for
 * without a limit: a close waits for the quorum at most witness-seconds, and
 * never longer than half an epoch, while parcels are taken.  A witness that
 * has seen more than we have signed stops us: this is an old copy, or another
 * server has our key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/file.h"
#include "server/role.h"
#include "server/store_witness.h"

#define GRACE_MS	500	/* after the quorum, for the others */
#define START_MS	10000	/* before we are ready */

/* --- what is kept -------------------------------------------------------- */

/* see store_witness.h */
int
witnesses_save(struct witnesses *w)
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

/* see store_witness.h */
int
witnesses_settle(struct witnesses *w)
{
	bool changed = witness_settle(&w->st, true);
	int r;

	w->dirty |= changed;
	if ((r = witnesses_save(w)) == 0 && changed && !w->waits)
		r = store_publish(w->s);
	return r;
}

/* --- at a close ---------------------------------------------------------- */

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
	uint64_t now = round_now();

	if (witness_has_all(&w->st) || !round_is_out(w) || now >= w->until)
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
	w->until = round_now() + ms;
	round_end(w);			/* of an older checkpoint */
	round_ask(w, who);
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
	if ((r = witnesses_settle(w)) != 0)
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
	if (w->dirty && witnesses_settle(w) != 0)
		log_event(EV_DISK_ERROR, 1);
	round_ask(w, ASK_DUE);
}

/* --- what all are told --------------------------------------------------- */

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

/* --- start and end ------------------------------------------------------- */

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

/*
 * Without witnesses every close is shown.  What the file says was shown is
 * less, from now on, and must not come back with the next witness.
 */
static int
forget(struct store *s)
{
	if (file_remove(s->epochs.guard.dir, WITNESS_FILE) == 0)
		return 0;
	s->exit_code = EX_OSERR;
	diag("guard/" WITNESS_FILE ": %s", strerror(errno));
	return ERR_IO;
}

/* see store_int.h */
int
store_witness_open(struct store *s, int rendezvous)
{
	struct witnesses *w;
	int r;

	if (s->conf->nwitness == 0)
		return forget(s);
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
	if ((w->beat = evtimer_new(s->base, round_on_beat, w)) == NULL)
		return ERR_NOMEM;
	if ((r = begin_wait(w, most < START_MS ? most : START_MS,
	    ASK_ALL)) != 0)
		return r;
	while (round_is_out(w) && round_now() < w->until && s->exit_code == before)
		if (event_base_loop(s->base, EVLOOP_ONCE) != 0)
			return ERR_IO;
	if (s->exit_code != before)
		return ERR_ORDER;	/* told to end */
	if (!store_may_sign(s))
		return say_ahead(w);
	r = witnesses_settle(w);
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
