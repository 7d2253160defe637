/* SPDX-License-Identifier: ISC */
/*
 * office.c - is an outbox what it should be?
 *
 * Believes a role's signature, for that role and no other; digests; and this
 * log's own tree.  Refuses the whole body where one record does not fit.
 * Invariant: after an error or a refusal o->said is what it was before.
 */
#include "server/office.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/keyset.h"
#include "crypto/reply.h"
#include "crypto/sha256.h"

/* Pages in drop/: a reply's two and its part of the trees above; a note. */
#define REPLY_PAGES	3u
#define STATEMENT_PAGES	20u
#define KEYSET_PAGES	(NOTE_MAX_BYTES / DROP_PAGE + 2)

/* The role's record against the statement that it names. */
static int
check_role(struct office *o, size_t role, struct drop_role *r,
    struct statement *s, unsigned char note[static STATEMENT_MAX_BYTES])
{
	const struct vkey *k = &o->keys->role[role];
	uint64_t total;
	size_t n;
	int e;

	if ((e = drop_role_get(o->drop, k->name, r)) != 0 || r->sequence == 0)
		return e;
	if ((e = drop_get_body(o->drop, ENTRY_STATEMENT, r->digest, 0, note,
	    STATEMENT_MAX_BYTES, &n, &total)) != 0)
		return e == ERR_NOTFOUND ? ERR_CHANGED : e;
	if (statement_open(s, rd_from(note, n), k) != 0 ||
	    s->sequence != r->sequence || s->size != r->size ||
	    memcmp(s->keyset, r->keyset, HASH_BYTES) != 0)
		return ERR_CHANGED;
	return 0;
}

/* see office.h */
int
office_start(struct office *o, const struct keys *keys, struct drop *drop,
    const struct vkey *log)
{
	struct drop_role *r = malloc(sizeof(*r));
	struct statement *s = malloc(sizeof(*s));
	unsigned char *note = malloc(STATEMENT_MAX_BYTES);
	size_t i;
	int e = ERR_NOMEM;

	memset(o, 0, sizeof(*o));
	o->keys = keys;
	o->drop = drop;
	o->log = log;
	if (r == NULL || s == NULL || note == NULL)
		goto out;
	e = 0;
	for (i = 0; keys != NULL && i < keys->nrole && e == 0; i++)
		e = check_role(o, i, r, s, note);
out:
	free(r);
	free(s);
	free(note);
	return e;
}

static void
said_wipe(struct said *s)
{
	const void *reply = s->s.reply;
	void *p;

	memcpy(&p, &reply, sizeof(p));	/* ours, whatever its type says */
	free(p);
	memset(s, 0, sizeof(*s));
}

/* see office.h */
void
office_truncate(struct office *o, size_t n)
{
	while (o->nsaid > n)
		said_wipe(&o->said[--o->nsaid]);
}

/* see office.h */
void
office_wipe(struct office *o)
{
	office_truncate(o, 0);
	free(o->said);
	o->said = NULL;
	o->cap = 0;
}

/* --- what is there ------------------------------------------------------- */

/* Logged, or waiting?  Statements and replies alike. */
static int
is_held(struct office *o, const unsigned char digest[static HASH_BYTES],
    bool *held)
{
	struct entry e;
	size_t i, k;
	int r;

	*held = true;
	for (i = 0; i < o->nsaid; i++) {
		const struct drop_said *s = &o->said[i].s;

		if (memcmp(s->digest, digest, HASH_BYTES) == 0)
			return 0;
		for (k = 0; k < s->n; k++)
			if (memcmp(s->reply[k], digest, HASH_BYTES) == 0)
				return 0;
	}
	r = drop_where(o->drop, &e, digest);
	*held = r == 0;
	return r == ERR_NOTFOUND ? 0 : r;
}

/* The configuration's keyset of a role, before it has said anything. */
static void
first_keyset(const struct office *o, size_t role, struct office_now *now)
{
	if (!keys_note_of(o->keys, role, &now->first))
		return;
	now->has_keyset = true;
	sha256(now->keyset, now->first.p, now->first.n);
}

static int
role_now(struct office *o, size_t role, struct office_now *now)
{
	struct drop_role *r = malloc(sizeof(*r));
	size_t i;
	int e;

	memset(now, 0, sizeof(*now));
	if (r == NULL)
		return ERR_NOMEM;
	e = drop_role_get(o->drop, o->keys->role[role].name, r);
	if (e != 0)
		goto out;
	now->sequence = r->sequence;
	now->size = r->size;
	now->has_keyset = now->stored = r->sequence > 0;
	memcpy(now->keyset, r->keyset, sizeof(now->keyset));
	for (i = 0; i < o->nsaid; i++) {
		const struct drop_said *s = &o->said[i].s;

		if (o->said[i].role != role || s->sequence <= now->sequence)
			continue;
		now->sequence = s->sequence;
		now->size = s->size;
		now->has_keyset = now->stored = true;
		memcpy(now->keyset, s->keyset, sizeof(now->keyset));
	}
	if (now->sequence == 0)
		first_keyset(o, role, now);
out:
	free(r);
	return e;
}

/* --- one statement ------------------------------------------------------- */

/* Whose it is. */
static int
open_statement(const struct office *o, struct rd note, struct statement *s,
    size_t *role)
{
	int r = ERR_NOMATCH;

	for (*role = 0; o->keys != NULL && *role < o->keys->nrole; ++*role) {
		r = statement_open(s, note, &o->keys->role[*role]);
		if (r != ERR_NOMATCH)
			return r;
	}
	return r;
}

/* The root that it names is that of our own log at that size. */
static int
check_root(struct office *o, const struct statement *s)
{
	unsigned char empty[HASH_BYTES];

	if (s->size > drop_size(o->drop))
		return ERR_AUTH;
	if (s->size > 0)
		return drop_begins(o->drop, s->size, s->root);
	sha256(empty, "", 0);
	return memcmp(s->root, empty, HASH_BYTES) == 0 ? 0 : ERR_AUTH;
}

/* It came along and is the role's, for this log; or it is held. */
static int
check_keyset(struct office *o, size_t role, const struct statement *s,
    struct rd note, const struct office_now *now)
{
	struct keyset *ks;
	int r;

	if (rd_done(&note))
		return now->has_keyset && memcmp(now->keyset, s->keyset,
		    HASH_BYTES) == 0 ? 0 : ERR_NOTFOUND;
	if ((ks = malloc(sizeof(*ks))) == NULL)
		return ERR_NOMEM;
	if ((r = keyset_open(ks, note, &o->keys->role[role])) == 0) {
		if (memcmp(ks->sha256, s->keyset, HASH_BYTES) != 0 ||
		    !ks->has_log || !vkey_eq(&ks->log, o->log))
			r = ERR_NOMATCH;
		keyset_wipe(ks);
	}
	free(ks);
	return r;
}

/* Shape, digest, and never seen before. */
static int
check_reply(struct office *o, struct rd reply,
    const unsigned char digest[static HASH_BYTES])
{
	unsigned char hash[HASH_BYTES];
	bool held;
	int r;

	sha256(hash, reply.p, reply.n);
	if (memcmp(hash, digest, HASH_BYTES) != 0)
		return ERR_CHANGED;
	if ((r = reply_check(reply)) != 0 ||
	    (r = is_held(o, digest, &held)) != 0)
		return r;
	return held ? ERR_EXISTS : 0;
}

static int
check_replies(struct office *o, const struct statement *s, struct rd all)
{
	struct rd reply;
	size_t i;
	int r;

	for (i = 0; i < s->nreplies; i++) {
		if (!rd_take(&all, &reply, REPLY_BYTES))
			return ERR_FORMAT;
		if ((r = check_reply(o, reply, s->reply[i])) != 0)
			return r;
	}
	return rd_done(&all) ? 0 : ERR_FORMAT;
}

/* --- a record ------------------------------------------------------------ */

static int
add_said(struct office_check *c, const struct statement *s, size_t role,
    bool keyset)
{
	struct office *o = c->o;
	struct said *more, *x;
	unsigned char (*reply)[HASH_BYTES];

	if (o->nsaid == o->cap) {
		size_t cap = o->cap == 0 ? 16 : 2 * o->cap;

		more = reallocarray(o->said, cap, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		o->said = more;
		o->cap = cap;
	}
	reply = calloc(s->nreplies > 0 ? s->nreplies : 1, sizeof(*reply));
	if (reply == NULL)
		return ERR_NOMEM;
	memcpy(reply, s->reply, s->nreplies * sizeof(*reply));
	x = &o->said[o->nsaid++];
	memset(x, 0, sizeof(*x));
	x->close = c->close;
	x->file = c->file;
	x->role = role;
	x->pages = STATEMENT_PAGES + s->nreplies * REPLY_PAGES +
	    (keyset ? KEYSET_PAGES : 0);
	x->s.role = o->keys->role[role].name;
	x->s.sequence = s->sequence;
	x->s.size = s->size;
	x->s.erase = s->erase;
	x->s.drop = s->drop;
	memcpy(x->s.digest, s->sha256, HASH_BYTES);
	memcpy(x->s.keyset, s->keyset, HASH_BYTES);
	x->s.n = s->nreplies;
	x->s.reply = (const unsigned char (*)[HASH_BYTES])reply;
	return 0;
}

/* Of so many that are held: may these come, too? */
static bool
replies_fit(uint64_t held, size_t more)
{
	uint64_t most = OFFICE_REPLIES_MAX;

	if (more <= OFFICE_REPLIES_FEW)
		most += OFFICE_REPLIES_SPARE;
	return held + more <= most;
}

static int
check_room(const struct office *o, const struct statement *s, bool keyset,
    bool *full)
{
	uint64_t held, replies = drop_count_replies(o->drop);
	uint64_t pages = office_pages(o) + STATEMENT_PAGES +
	    s->nreplies * REPLY_PAGES + (keyset ? KEYSET_PAGES : 0);
	size_t i;
	int r;

	if ((r = drop_count_held(o->drop, &held)) != 0)
		return r;
	for (i = 0; i < o->nsaid; i++)
		replies += o->said[i].s.n;
	*full = o->nsaid >= OFFICE_STATEMENTS_MAX ||
	    !replies_fit(replies, s->nreplies) ||
	    held + o->nsaid >= OFFICE_HELD_MAX ||
	    !drop_has_pages(o->drop, pages);
	return 0;
}

/*
 * What fits goes on into the file, the keyset that it relies on with it, as
 * long as it can be read again as one record.
 */
static int
write_record(struct office_check *c, const struct outbox_record *x,
    const struct office_now *now, bool *keyset)
{
	struct rd note = x->keyset;

	if (rd_done(&note) && !now->stored)
		note = now->first;
	*keyset = !rd_done(&note);
	if (x->whole.n - x->keyset.n + note.n > OUTBOX_BYTES_MAX)
		return ERR_LIMIT;
	if (c->out.p == NULL)
		return 0;		/* it is read, not taken */
	outbox_write(&c->out, x->statement, note);
	wr_rdr(&c->out, x->replies);
	return 0;
}

/* Is this statement the next of its role, and all of it true? */
static int
check_new(struct office_check *c, const struct outbox_record *x,
    const struct statement *s, size_t role)
{
	struct office *o = c->o;
	struct office_now now;
	bool keyset, full;
	int r;

	if ((r = role_now(o, role, &now)) != 0)
		return r;
	if (s->sequence != now.sequence + 1) {
		c->verdict = OFFICE_NEXT;
		c->next = now.sequence + 1;
		return 0;
	}
	if (s->erase > now.size)
		return ERR_ORDER;
	if ((r = check_root(o, s)) != 0 ||
	    (r = check_keyset(o, role, s, x->keyset, &now)) != 0 ||
	    (r = check_replies(o, s, x->replies)) != 0 ||
	    (r = write_record(c, x, &now, &keyset)) != 0 ||
	    (r = check_room(o, s, keyset, &full)) != 0)
		return r;
	/* What was promised has its room, whatever has changed since. */
	if (full && c->out.p != NULL) {
		c->verdict = OFFICE_FULL;
		return 0;
	}
	c->verdict = OFFICE_NEW;
	return add_said(c, s, role, keyset);
}

static int
check_record(struct office_check *c, const struct outbox_record *x,
    struct statement *s)
{
	struct office *o = c->o;
	bool held;
	size_t role;
	int r;

	if ((r = open_statement(o, x->statement, s, &role)) != 0)
		return r;
	if (!rd_eq_str(rd_str(s->origin), o->log->name))
		return ERR_NOMATCH;
	if (c->logged)
		return add_said(c, s, role, false);
	if ((r = is_held(o, s->sha256, &held)) != 0 || held)
		return r;
	return check_new(c, x, s, role);
}

/* see office.h */
int
office_check(struct office_check *c, struct rd body)
{
	struct outbox_record x;
	struct statement *s;
	int r = ERR_FORMAT;

	c->before = c->o->nsaid;
	c->verdict = OFFICE_HELD;
	if (rd_done(&body))
		return r;
	if ((s = malloc(sizeof(*s))) == NULL)
		return ERR_NOMEM;
	do {
		if ((r = outbox_next(&body, &x)) == 0)
			r = check_record(c, &x, s);
	} while (r == 0 && c->verdict <= OFFICE_HELD && !rd_done(&body));
	free(s);
	if (r != 0 || c->verdict > OFFICE_HELD)
		office_truncate(c->o, c->before);
	return r;
}

/* --- the close ----------------------------------------------------------- */

/* see office.h */
size_t
office_entries(const struct office *o, uint64_t close)
{
	size_t i, n = 0;

	for (i = 0; i < o->nsaid; i++)
		if (o->said[i].close == close)
			n += 1 + o->said[i].s.n;
	return n;
}

static void
write_entry(struct entry **e, enum entry_kind kind, uint64_t close,
    const unsigned char digest[static HASH_BYTES])
{
	(*e)->kind = kind;
	(*e)->close = close;
	memcpy((*e)->digest, digest, HASH_BYTES);
	++*e;
}

/* see office.h */
void
office_write_entries(const struct office *o, uint64_t close, struct entry *e)
{
	const struct drop_said *s;
	size_t i, k;

	for (i = 0; (s = office_said(o, close, i)) != NULL; i++) {
		write_entry(&e, ENTRY_STATEMENT, close, s->digest);
		for (k = 0; k < s->n; k++)
			write_entry(&e, ENTRY_REPLY, close, s->reply[k]);
	}
}

/* see office.h */
const struct drop_said *
office_said(const struct office *o, uint64_t close, size_t i)
{
	size_t k;

	for (k = 0; k < o->nsaid; k++)
		if (o->said[k].close == close && i-- == 0)
			return &o->said[k].s;
	return NULL;
}

/* see office.h */
void
office_forget(struct office *o, uint64_t close)
{
	size_t i, n = 0;

	for (i = 0; i < o->nsaid; i++)
		if (o->said[i].close == close)
			said_wipe(&o->said[i]);
		else
			o->said[n++] = o->said[i];
	o->nsaid = n;
}

/* see office.h */
uint64_t
office_pages(const struct office *o)
{
	uint64_t pages = 0;
	size_t i;

	for (i = 0; i < o->nsaid; i++)
		pages += o->said[i].pages;
	return pages;
}
