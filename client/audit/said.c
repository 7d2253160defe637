/* SPDX-License-Identifier: ISC */
/*
 * said.c - what the office has said in the log so far.
 */
#include "client/audit/said.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/wr.h"

#define FILE_HEAD	"ecraudit said 1"

/* --- what is let go ------------------------------------------------------ */

/* In force at a close: below this index one role lets everything go. */
static uint64_t
role_erase(const struct said_role *r, uint64_t close, uint64_t delay)
{
	size_t i = r->nterm;

	while (i > 0 && (close < delay ||
	    r->term[i - 1].logged > close - delay))
		i--;
	return i == 0 ? 0 : r->term[i - 1].erase;
}

/*
 * What all roles let go went at this close, if not before.  The office was
 * there from the start; another role counts from its first statement on, for
 * when the server was told of it stands nowhere.
 */
static void
erase_at(struct said *s, const struct office *o, uint64_t close,
    uint64_t delay)
{
	uint64_t least = UINT64_MAX, one;
	size_t i;

	for (i = 0; i < OFFICE_ROLES; i++) {
		if (!o->has[i] ||
		    (i != ROLE_OFFICE && s->role[i].nterm == 0))
			continue;
		one = role_erase(&s->role[i], close, delay);
		if (one < least)
			least = one;
	}
	if (least != UINT64_MAX && least > s->erased)
		s->erased = least;
}

/* What this one takes back is taken back from all before it. */
static void
add_term(struct said_role *r, uint64_t logged, uint64_t erase)
{
	size_t i;

	for (i = 0; i < r->nterm; i++)
		if (r->term[i].erase > erase)
			r->term[i].erase = erase;
	if (r->nterm == SAID_TERMS_MAX) {
		r->nterm--;
		memmove(&r->term[0], &r->term[1],
		    r->nterm * sizeof(r->term[0]));
	}
	r->term[r->nterm].logged = logged;
	r->term[r->nterm++].erase = erase;
}

/* --- a statement --------------------------------------------------------- */

static int
by_digest(const void *a, const void *b)
{
	const struct said_reply *y = b;

	return memcmp(a, y->digest, HASH_BYTES);
}

/* Each reply that it names stands beside it, for it alone. */
static bool
name_replies(struct said_epoch *e, const struct statement *st)
{
	struct said_reply *p;
	size_t i;

	for (i = 0; i < st->nreplies; i++) {
		p = e->n == 0 ? NULL : bsearch(st->reply[i], e->reply, e->n,
		    sizeof(*p), by_digest);
		if (p == NULL || p->named)
			return false;
		p->named = true;
	}
	return true;
}

/* Plain words for what does not hold, or NULL. */
static const char *
take_statement(struct said *s, struct said_epoch *e,
    const struct said_heard *h)
{
	struct said_role *r = &s->role[h->role];
	const struct statement *st = h->st;

	if (st->sequence <= r->sequence)
		return "is not newer than its role's last statement";
	if (st->sequence != r->sequence + 1)
		return "is not the next statement of its role: one is missing";
	if (st->size > e->first)
		return "speaks of entries that the log did not have yet";
	if (st->erase > r->size)
		return "lets parcels go that its role had not imported by its "
		    "last statement";
	if (!name_replies(e, st))
		return "names a reply that is not logged with it";
	r->sequence = st->sequence;
	r->size = st->size;
	memcpy(r->digest, st->sha256, HASH_BYTES);
	add_term(r, e->close, st->erase);
	return NULL;
}

static int
by_sequence(const void *a, const void *b)
{
	const struct said_heard *x = a, *y = b;

	return (x->st->sequence > y->st->sequence) -
	    (x->st->sequence < y->st->sequence);
}

static int
take_heard(struct said *s, struct said_epoch *e, struct said_wrong *wrong)
{
	size_t i;

	if (e->nheard > 1)
		qsort(e->heard, e->nheard, sizeof(*e->heard), by_sequence);
	for (i = 0; i < e->nheard; i++) {
		wrong->says = take_statement(s, e, &e->heard[i]);
		if (wrong->says == NULL)
			continue;
		memcpy(wrong->digest, e->heard[i].st->sha256, HASH_BYTES);
		return ERR_CHANGED;
	}
	return 0;
}

/* --- an epoch ------------------------------------------------------------ */

static void
forget_heard(struct said_epoch *e)
{
	while (e->nheard > 0)
		free(e->heard[--e->nheard].st);
}

/* see said.h */
int
said_end(struct said *s, struct said_epoch *e, const struct office *o,
    uint64_t delay, struct said_wrong *wrong)
{
	size_t i;
	int r;

	if ((r = take_heard(s, e, wrong)) != 0)
		return r;
	for (i = 0; i < e->n; i++)
		if (!e->reply[i].named) {
			memcpy(wrong->digest, e->reply[i].digest, HASH_BYTES);
			return ERR_CHANGED;
		}
	e->n = 0;
	forget_heard(e);
	erase_at(s, o, e->close, delay);
	return 0;
}

/* see said.h */
int
said_begin(struct said *s, struct said_epoch *e, const struct office *o,
    uint64_t delay, uint64_t close, uint64_t index, struct said_wrong *wrong)
{
	int r;

	if ((r = said_end(s, e, o, delay, wrong)) != 0)
		return r;
	e->close = close;
	e->first = index;
	/* Before the epoch's own statements take something back. */
	erase_at(s, o, close, delay);
	return 0;
}

/* see said.h */
int
said_reply(struct said_epoch *e, const struct entry *reply)
{
	struct said_reply *more;

	if (e->n == SAID_REPLIES_MAX)
		return ERR_LIMIT;
	if (e->n == e->cap) {
		e->cap = e->cap == 0 ? 256 : 2 * e->cap;
		if ((more = realloc(e->reply, e->cap * sizeof(*more))) == NULL)
			return ERR_NOMEM;
		e->reply = more;
	}
	memcpy(e->reply[e->n].digest, reply->digest, HASH_BYTES);
	e->reply[e->n++].named = false;
	return 0;
}

/* see said.h */
int
said_statement(struct said_epoch *e, const struct statement *st,
    enum codename_role role)
{
	struct said_heard *more;
	struct statement *copy;

	more = realloc(e->heard, (e->nheard + 1) * sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	e->heard = more;
	if ((copy = malloc(sizeof(*copy))) == NULL)
		return ERR_NOMEM;
	*copy = *st;
	e->heard[e->nheard].role = role;
	e->heard[e->nheard++].st = copy;
	return 0;
}

/* see said.h */
void
said_epoch_wipe(struct said_epoch *e)
{
	forget_heard(e);
	free(e->heard);
	free(e->reply);
	memset(e, 0, sizeof(*e));
}

/* --- the auditor's file -------------------------------------------------- */

static void
write_pair(struct wr *w, const char *word, uint64_t a, uint64_t b)
{
	wr_str(w, word);
	wr_u8(w, ' ');
	wr_dec(w, a);
	wr_u8(w, ' ');
	wr_dec(w, b);
	wr_u8(w, '\n');
}

/* see said.h */
void
said_write(struct wr *w, const struct said *s)
{
	const struct said_role *r;
	size_t i, k;

	wr_str(w, FILE_HEAD "\n");
	write_pair(w, "log", s->size, s->erased);
	for (i = 0; i < OFFICE_ROLES; i++) {
		r = &s->role[i];
		if (r->sequence == 0)
			continue;
		wr_str(w, "role ");
		wr_str(w, role_name((enum codename_role)i));
		wr_u8(w, ' ');
		wr_hex(w, r->digest, HASH_BYTES);
		wr_u8(w, '\n');
		write_pair(w, "newest", r->sequence, r->size);
		for (k = 0; k < r->nterm; k++)
			write_pair(w, "term", r->term[k].logged,
			    r->term[k].erase);
	}
}

/* "WORD A B", one line; false, and nothing taken, where it is another. */
static bool
take_pair(struct rd *text, const char *word, uint64_t *a, uint64_t *b)
{
	struct rd t = *text, line, first;

	if (!rd_line(&t, &line) || !rd_lit(&line, word) ||
	    !rd_lit(&line, " ") || !rd_until(&line, ' ', &first) ||
	    !rd_dec(first, INT64_MAX, a) || !rd_dec(line, INT64_MAX, b))
		return false;
	*text = t;
	return true;
}

static int
take_role(struct said *s, struct rd *text)
{
	struct said_role *r = NULL;
	struct said_term t;
	struct rd line, name;
	size_t i;

	if (!rd_line(text, &line) || !rd_lit(&line, "role ") ||
	    !rd_until(&line, ' ', &name))
		return ERR_FORMAT;
	for (i = 0; i < OFFICE_ROLES; i++)
		if (rd_eq_str(name, role_name((enum codename_role)i)))
			r = &s->role[i];
	if (r == NULL || r->sequence != 0 ||
	    !hex_decode(r->digest, HASH_BYTES, line) ||
	    !take_pair(text, "newest", &r->sequence, &r->size) ||
	    r->sequence == 0)
		return ERR_FORMAT;
	while (take_pair(text, "term", &t.logged, &t.erase)) {
		if (r->nterm == SAID_TERMS_MAX)
			return ERR_LIMIT;
		r->term[r->nterm++] = t;
	}
	return 0;
}

/* see said.h */
int
said_parse(struct said *s, struct rd text)
{
	struct rd line;
	int r = 0;

	memset(s, 0, sizeof(*s));
	if (!rd_line(&text, &line) || !rd_eq_str(line, FILE_HEAD) ||
	    !take_pair(&text, "log", &s->size, &s->erased))
		return ERR_FORMAT;
	while (r == 0 && text.n > 0)
		r = take_role(s, &text);
	return r;
}
