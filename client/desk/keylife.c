/* SPDX-License-Identifier: ISC */
/*
 * keylife.c - sealing secrets: made, published, replaced, destroyed.
 *
 * Invariant: a secret is on the disk before its public half is in any file,
 * and its destruction is in the desk log before it begins.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/desklog.h"
#include "client/desk/keylife.h"
#include "client/desk/outstore.h"
#include "client/desk/store.h"
#include "crypto/secret.h"

#define WEEK_DAYS	7
#define YEAR_DAYS	364		/* whole weeks */
#define DAY_SECS	UINT64_C(86400)
#define CLOCK_SLACK_DAYS 1

static int
store_failed(int r)
{
	return fail(exit_for(r), "the case store: %s", r == ERR_IO ?
	    strerror(errno) : err_str(r));
}

static int
keys_failed(int r)
{
	if (r == ERR_LIMIT)
		return fail(EXIT_SYSTEM, "this desk has %d live keys, and no "
		    "room for more: import, so that old ones can be destroyed",
		    DESKKEYS_MAX);
	if (r == ERR_ORDER)
		return fail(EXIT_SYSTEM, "this machine's clock stands at 1970: "
		    "set it, for keys have days");
	return fail(exit_for(r), "new keys: %s", r == ERR_IO ?
	    strerror(errno) : err_str(r));
}

/* --- make ----------------------------------------------------------------- */

struct maker {
	int fd;
	const unsigned char *wrap;
	const struct deskkeys *have;	/* NULL: none */
	struct deskkey *k;		/* in locked memory */
	bool anew;			/* also where there is one */
	unsigned made;
};

static int32_t
monday_of(int32_t day)
{
	return day - (day + 3) % WEEK_DAYS;
}

static bool
has_week(const struct maker *m, int32_t from)
{
	size_t i;

	for (i = 0; m->have != NULL && i < m->have->n; i++)
		if (m->have->key[i].kind == DESKKEY_WEEK &&
		    m->have->key[i].from == from)
			return true;
	return false;
}

static int
make_one(struct maker *m, enum deskkey_kind kind, int32_t from, int32_t to)
{
	const size_t have = m->have == NULL ? 0 : m->have->n;
	int r;

	if (have + m->made >= DESKKEYS_MAX)
		return ERR_LIMIT;
	r = m->anew ? deskkey_make_next(m->k, m->fd, kind, from, to,
	    m->wrap) : deskkey_make(m->k, m->fd, kind, from, to, m->wrap);
	if (r == ERR_EXISTS)
		return 0;		/* made for the other clock */
	if (r == 0)
		m->made++;
	return r;
}

static int
make_weeks(struct maker *m, int32_t day)
{
	int32_t i, from;
	int r = 0;

	for (i = 0; r == 0 && i < DESK_WEEKS_AHEAD; i++) {
		from = monday_of(day) + i * WEEK_DAYS;
		if (from > 0 && (m->anew || !has_week(m, from)))
			r = make_one(m, DESKKEY_WEEK, from,
			    from + WEEK_DAYS - 1);
	}
	return r;
}

static bool
standing_lasts(const struct maker *m, int32_t today)
{
	const struct deskkey *k;
	size_t i;

	for (i = 0; m->have != NULL && i < m->have->n; i++) {
		k = &m->have->key[i];
		if (k->kind == DESKKEY_STANDING && k->from <= today &&
		    k->to >= today + KEYLIFE_RENEW_DAYS)
			return true;
	}
	return false;
}

static int
make_all(struct maker *m, int32_t today, int32_t log_day)
{
	int r;

	if (today < 1)
		return ERR_ORDER;	/* a clock that never was set */
	if ((r = make_weeks(m, today)) != 0)
		return r;
	if (!m->anew && log_day > today && log_day <= today + YEAR_DAYS &&
	    (r = make_weeks(m, log_day)) != 0)
		return r;
	if (!m->anew && standing_lasts(m, today))
		return 0;
	return make_one(m, DESKKEY_STANDING, today,
	    today + DESK_STANDING_DAYS - 1);
}

static int
make_locked(struct maker *m, int32_t today, int32_t log_day)
{
	int r;

	if ((m->k = secret_new(sizeof(*m->k))) == NULL)
		return ERR_NOMEM;
	r = make_all(m, today, log_day);
	secret_free(m->k);
	return r;
}

/* see keylife.h */
int
keylife_make(int keysfd, const unsigned char wrap[static 32],
    const struct deskkeys *have, int32_t today, int32_t log_day,
    unsigned *made)
{
	struct maker m = { keysfd, wrap, have, NULL, false, 0 };
	int r = make_locked(&m, today, log_day);

	*made = m.made;
	return r;
}

/* --- publish -------------------------------------------------------------- */

/* What is to be published, out of the store; borrowed by struct publish. */
struct pub {
	struct publish p;
	struct state st;
	struct outstate out;
	struct trust trust;
	struct vkey witness[KEYSET_WITNESSES_MAX];
	struct deskkeys *keys;
};

static void
pub_free(struct pub *u)
{
	if (u == NULL)
		return;
	deskkeys_free(u->keys);
	free(u);
}

static int
load_store(struct pub *u, struct deskdb *db)
{
	size_t i;
	int r;

	if ((r = store_get_state(db, &u->st)) != 0 ||
	    (r = outstore_get_state(db, &u->out)) != 0 ||
	    (r = store_get_trust(db, &u->trust)) != 0)
		return r;
	for (i = 0; r == 0 && i < u->trust.nwitnesses; i++)
		r = store_get_witness(db, i, &u->witness[i]);
	return r;
}

static void
warn_of_clock(const struct pub *u)
{
	if (u->p.log_day > u->p.today + CLOCK_SLACK_DAYS)
		warn("this machine's clock is %d days behind the newest close "
		    "of the log: set it, or ask the operator about the "
		    "server's clock", (int)(u->p.log_day - u->p.today));
}

/* Keys and store; makes the keys that are due. */
static int
pub_new(struct pub **out, struct desk *d)
{
	struct pub *u;
	unsigned made = 0;
	int code, fd, r;

	*out = NULL;
	if ((u = calloc(1, sizeof(*u))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	if ((r = load_store(u, d->db)) != 0) {
		code = store_failed(r);
		goto out;
	}
	u->p.head = &d->head;
	u->p.trust = &u->trust;
	u->p.witness = u->witness;
	u->p.today = desk_today();
	u->p.log_day = desk_day(u->st.last_close);
	warn_of_clock(u);
	if ((code = desk_keys(&u->keys, d)) != 0)
		goto out;
	r = ERR_IO;
	if ((fd = dir_open_at(d->dirfd, "keys", false)) >= 0) {
		r = keylife_make(fd, d->secret->wrap, u->keys, u->p.today,
		    u->p.log_day, &made);
		close(fd);
	}
	if (r != 0) {
		code = keys_failed(r);
		goto out;
	}
	if (made > 0) {
		deskkeys_free(u->keys);
		u->keys = NULL;
		if ((code = desk_keys(&u->keys, d)) != 0)
			goto out;
	}
	u->p.keys = u->keys;
	*out = u;
	u = NULL;
out:
	pub_free(u);
	return code;
}

/* The note, with the sequence that it must have. */
static int
make_note(const struct pub *u, struct deskdb *db, struct published *out,
    bool *changed)
{
	struct stmt last;
	int r;

	*changed = true;
	if (u->out.sequence == 0)
		return publish_keyset(out, &u->p, 1);
	if ((r = outstore_get_stmt(db, u->out.sequence, &last)) != 0 ||
	    (r = publish_keyset(out, &u->p, u->st.keyset_sequence)) != 0)
		return r;
	*changed = memcmp(out->sha256, last.keyset, HASH_BYTES) != 0;
	if (!*changed)
		return 0;
	published_wipe(out);
	return publish_keyset(out, &u->p, u->st.keyset_sequence + 1);
}

static int
publish(struct desk *d, struct published *out, bool *changed, bool export)
{
	struct pub *u = NULL;
	int code, r;

	memset(out, 0, sizeof(*out));
	if ((code = pub_new(&u, d)) != 0)
		return code;
	if ((r = make_note(u, d->db, out, changed)) == 0)
		r = publish_write(d->dirfd, &u->p, out);
	if (r == 0 && export) {
		u->st.keyset_sequence = out->sequence;
		r = store_put_state(d->db, &u->st);
	}
	pub_free(u);
	if (r == 0)
		return 0;
	published_wipe(out);
	return fail(exit_for(r), "what is to be published: %s", r == ERR_IO ?
	    strerror(errno) : err_str(r));
}

/* see keylife.h */
int
keylife_publish(struct desk *d)
{
	struct published p;
	bool changed;
	int code = publish(d, &p, &changed, false);

	published_wipe(&p);
	return code;
}

/* see keylife.h */
int
keylife_export(struct desk *d, struct published *out, bool *changed)
{
	return publish(d, out, changed, true);
}

/* --- replace -------------------------------------------------------------- */

/* The act, before anything of it is done. */
static int
log_rotation(struct deskdb *db, const char *reason)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));

	deskact_put_number(&w, DESK_WEEKS_AHEAD + 1);
	deskact_put_str(&w, reason);
	return desklog_record(db, DESKACT_ROTATE, wr_rd(&w));
}

/* Another of each that is live, whatever there is. */
static int
make_anew(struct desk *d)
{
	struct maker m = { -1, d->secret->wrap, NULL, NULL, true, 0 };
	struct deskkeys *keys = NULL;
	int code, r = ERR_IO;

	if ((code = desk_keys(&keys, d)) != 0)
		return code;
	m.have = keys;
	if ((m.fd = dir_open_at(d->dirfd, "keys", false)) >= 0) {
		r = make_locked(&m, desk_today(), 0);
		close(m.fd);
	}
	deskkeys_free(keys);
	return r == 0 ? 0 : keys_failed(r);
}

/* see keylife.h */
int
keylife_rotate(struct desk *d, const char *reason)
{
	int code, r;

	if ((r = log_rotation(d->db, reason)) != 0)
		return store_failed(r);
	if ((code = make_anew(d)) != 0)
		return code;
	if ((r = deskdb_begin(d->db, false)) != 0)
		return store_failed(r);
	code = keylife_publish(d);
	deskdb_abort(d->db);
	return code;
}

/* --- destroy -------------------------------------------------------------- */

/* see keylife.h */
bool
keylife_is_over(const struct deskkey *k, uint64_t now, uint64_t last_close)
{
	uint64_t days;

	switch (k->kind) {
	case DESKKEY_WEEK:
		days = (uint64_t)k->to + 1 + KEYLIFE_GRACE_DAYS;
		break;
	case DESKKEY_STANDING:
		days = (uint64_t)k->to + 1 + KEYLIFE_STANDING_GRACE_DAYS;
		break;
	default:
		return false;
	}
	return now >= days * DAY_SECS && last_close >= days * DAY_SECS;
}

static int
log_destruction(struct deskdb *db, const struct deskkey *k)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	char name[DESKKEY_NAME_CHARS];

	deskkey_name(name, k);
	deskact_put_str(&w, name);
	wr_u32(&w, (uint32_t)k->from);
	wr_u32(&w, (uint32_t)k->to);
	return desklog_add(db, DESKACT_DESTROY, wr_rd(&w));
}

/* All that are over into the desk log; *n: how many. */
static int
log_all(struct desk *d, const struct deskkeys *keys, uint64_t now,
    uint64_t *last_close, size_t *n)
{
	struct state st;
	size_t i;
	int r;

	*n = 0;
	if ((r = deskdb_begin(d->db, true)) != 0 ||
	    (r = store_get_state(d->db, &st)) != 0)
		return r;
	*last_close = st.last_close;
	for (i = 0; r == 0 && i < keys->n; i++) {
		if (!keylife_is_over(&keys->key[i], now, st.last_close))
			continue;
		r = log_destruction(d->db, &keys->key[i]);
		(*n)++;
	}
	if (r != 0 || *n == 0)
		return r;
	return deskdb_commit(d->db);
}

static int
destroy_all(struct desk *d, const struct deskkeys *keys, uint64_t now,
    uint64_t last_close)
{
	char name[DESKKEY_NAME_CHARS];
	int code = 0, fd;
	size_t i;

	if ((fd = dir_open_at(d->dirfd, "keys", false)) < 0)
		return fail(EXIT_SYSTEM, "the desk's keys: %s",
		    strerror(errno));
	for (i = 0; i < keys->n; i++) {
		if (!keylife_is_over(&keys->key[i], now, last_close))
			continue;
		deskkey_name(name, &keys->key[i]);
		if (deskkey_destroy(fd, &keys->key[i]) != 0)
			code = fail(EXIT_SYSTEM, "keys/%s cannot be "
			    "destroyed: %s; import again", name,
			    strerror(errno));
		else
			say("the secret %s is destroyed: its time is over, "
			    "and all that was sealed to it is read", name);
	}
	close(fd);
	return code;
}

/* see keylife.h */
int
keylife_destroy(struct desk *d)
{
	const time_t t = time(NULL);
	const uint64_t now = t < 0 ? 0 : (uint64_t)t;
	struct deskkeys *keys = NULL;
	uint64_t last_close;
	size_t n;
	int code, r;

	if ((code = desk_keys(&keys, d)) != 0)
		return code;
	r = log_all(d, keys, now, &last_close, &n);
	deskdb_abort(d->db);
	if (r != 0)
		code = store_failed(r);
	else if (n > 0)
		code = destroy_all(d, keys, now, last_close);
	deskkeys_free(keys);
	return code;
}
