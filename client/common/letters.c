/* SPDX-License-Identifier: ISC */
/*
 * letters.c - what /replies serves, held against OFFICE.vkey.
 *
 * Invariant: whatever stands in l->statement was signed by the pinned key of
 * its role; where letters_open() gives 0, each role's sequences rise by one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/letters.h"
#include "crypto/sha256.h"

#define FAULTS_MAX	64		/* then nobody reads on */

/* Does a note say that it is this role's statement, whoever signed it? */
static bool
claims(struct rd bytes, const struct office *o, enum codename_role role)
{
	char want[2 * NAME_MAX_BYTES];
	struct note n;
	struct rd first;

	snprintf(want, sizeof(want), "%s/statement/%s", o->name,
	    role_name(role));
	return note_parse(&n, bytes) == 0 && rd_line(&n.text, &first) &&
	    rd_eq_str(first, want);
}

/* Whose statement is it?  ERR_NOTFOUND: of nobody whom we know. */
static int
open_note(struct statement *s, enum codename_role *role, struct rd note,
    const struct office *o)
{
	int i, r;

	for (i = 0; i < OFFICE_ROLES; i++) {
		*role = (enum codename_role)i;
		if (!o->has[i])
			continue;
		r = statement_open(s, note, &o->key[i]);
		if (r != ERR_NOMATCH)
			return r;
		if (claims(note, o, *role))
			return ERR_NOMATCH;
	}
	return ERR_NOTFOUND;
}

/* see letters.h */
const struct letters_statement *
letters_newest(const struct letters *l, enum codename_role role)
{
	size_t i;

	for (i = l->nstatements; i > 0; i--)
		if (l->statement[i - 1].role == role)
			return &l->statement[i - 1];
	return NULL;
}

/* Room for one statement and n replies more. */
static int
make_room(struct letters *l, size_t n)
{
	struct letters_statement *s;
	struct letters_reply *p;

	s = realloc(l->statement, (l->nstatements + 1) * sizeof(*s));
	if (s == NULL)
		return ERR_NOMEM;
	l->statement = s;
	if (n == 0)
		return 0;
	p = realloc(l->reply, (l->nreplies + n) * sizeof(*p));
	if (p == NULL)
		return ERR_NOMEM;
	l->reply = p;
	return 0;
}

static void
take_replies(struct letters *l, const struct statement *s, struct rd bodies)
{
	struct letters_reply *p;
	size_t i;

	for (i = 0; i < s->nreplies; i++) {
		p = &l->reply[l->nreplies++];
		p->statement = l->nstatements;
		memcpy(p->sha256, s->reply[i], HASH_BYTES);
		if (!rd_take(&bodies, &p->bytes, REPLY_BYTES))
			p->bytes = rd_from(NULL, 0);	/* dropped */
	}
}

static int
take_statement(struct letters *l, const struct statement *s,
    enum codename_role role, struct rd note, struct rd bodies)
{
	const struct letters_statement *before = letters_newest(l, role);
	struct letters_statement *t;
	int r;

	bool follows = before == NULL || s->sequence == before->sequence + 1;

	if ((r = make_room(l, s->nreplies)) != 0)
		return r;
	t = &l->statement[l->nstatements];
	memset(t, 0, sizeof(*t));
	t->role = role;
	t->note = note;
	t->dropped = s->nreplies > 0 && bodies.n == 0;
	t->sequence = s->sequence;
	t->size = s->size;
	t->erase = s->erase;
	t->drop = s->drop;
	memcpy(t->root, s->root, HASH_BYTES);
	memcpy(t->desklog, s->desklog, HASH_BYTES);
	memcpy(t->keyset, s->keyset, HASH_BYTES);
	memcpy(t->sha256, s->sha256, HASH_BYTES);
	memcpy(t->origin, s->origin, sizeof(t->origin));
	t->first = l->nreplies;
	t->n = s->nreplies;
	take_replies(l, s, bodies);
	l->nstatements++;
	return follows ? 0 : ERR_ORDER;
}

/* A fault of one statement, behind which the next can be read. */
static bool
goes_on(int r)
{
	return r == 0 || r == ERR_ORDER || r == ERR_AUTH || r == ERR_NOMATCH;
}

/* The next statement with its replies; ERR_NOTFOUND at the end. */
static int
take_next(struct letters *l, const struct office *o, struct replies_view *v,
    struct statement *s)
{
	enum codename_role role;
	struct rd note, bodies;
	bool dropped;
	size_t n;
	int r;

	if ((r = replies_next(v, &note, &dropped)) != 0 ||
	    (r = statement_replies(&n, note)) != 0)
		return r;
	if (!rd_take(&v->replies, &bodies, dropped ? 0 : n * REPLY_BYTES))
		return ERR_FORMAT;
	r = open_note(s, &role, note, o);
	if (r == ERR_NOTFOUND) {
		l->strangers++;
		return 0;
	}
	return r != 0 ? r : take_statement(l, s, role, note, bodies);
}

/* see letters.h */
int
letters_open(struct letters *l, const struct office *o, struct rd bytes)
{
	struct statement *s;
	struct replies_view v;
	int r, fault = 0;
	unsigned faults = 0;

	memset(l, 0, sizeof(*l));
	if ((r = replies_parse(&v, bytes)) != 0)
		return r;
	if ((s = malloc(sizeof(*s))) == NULL)
		return ERR_NOMEM;
	do {
		r = take_next(l, o, &v, s);
		if (r != 0 && goes_on(r) && faults++ == 0)
			fault = r;
	} while (goes_on(r) && faults < FAULTS_MAX);
	free(s);
	return r == ERR_NOTFOUND || goes_on(r) ? fault : r;
}

/*
 * Below which sequence may a role's replies be gone?  Any of its statements
 * may have said so; the one that said most lies above what it dropped, so it
 * is still there.
 */
static uint64_t
dropped_below(const struct letters *l, enum codename_role role)
{
	uint64_t most = 1;
	size_t i;

	for (i = 0; i < l->nstatements; i++)
		if (l->statement[i].role == role &&
		    l->statement[i].drop > most)
			most = l->statement[i].drop;
	return most;
}

/* One statement: 1 for each reply that is not there and should be. */
static void
match_one(struct letters *l, struct sha256 *h,
    const struct letters_statement *s, uint64_t below)
{
	unsigned char got[HASH_BYTES];
	struct letters_reply *p;
	size_t i;

	for (i = s->first; i < s->first + s->n; i++) {
		p = &l->reply[i];
		if (p->bytes.n > 0) {
			sha256_update(h, p->bytes.p, p->bytes.n);
			sha256_final(h, got);
			if (memcmp(got, p->sha256, HASH_BYTES) != 0)
				p->bytes = rd_from(NULL, 0);
		}
		if (p->bytes.n == 0 && s->sequence >= below)
			l->withheld++;
	}
}

/* see letters.h */
int
letters_match(struct letters *l)
{
	uint64_t below[OFFICE_ROLES], least[OFFICE_ROLES];
	const struct letters_statement *s;
	struct sha256 *h;
	size_t i;

	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	l->withheld = 0;
	for (i = 0; i < OFFICE_ROLES; i++) {
		below[i] = dropped_below(l, (enum codename_role)i);
		least[i] = 0;
	}
	for (i = 0; i < l->nstatements; i++) {
		s = &l->statement[i];
		if (least[s->role] == 0 || s->sequence < least[s->role])
			least[s->role] = s->sequence;
		match_one(l, h, s, below[s->role]);
	}
	/* Statements may be withheld whole: at least one reply each, since
	 * all of them hold some. */
	for (i = 0; i < OFFICE_ROLES; i++)
		if (least[i] > below[i])
			l->withheld += (size_t)(least[i] - below[i]);
	sha256_free(h);
	return 0;
}

/* see letters.h */
void
letters_wipe(struct letters *l)
{
	free(l->statement);
	free(l->reply);
	memset(l, 0, sizeof(*l));
}
