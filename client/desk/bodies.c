/* SPDX-License-Identifier: ISC */
/*
 * bodies.c - what a mirror has for the new entries of its log.
 *
 * A desk that was restored from a backup meets parcels again that it had
 * erased itself; what its own signed statements of this log erase may be
 * missing.  A desk that joins late meets parcels that the others had erased
 * before; their signed statements say which.  Nothing else may be missing.
 */
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/bodies.h"
#include "client/desk/ownstmt.h"
#include "crypto/sha256.h"
#include "crypto/statement.h"

#define BODY_MAX	(1u << 20)	/* whatever the log has, we look at */
#define PROGRESS_EVERY	16

/* see bodies.h */
int
bodies_entry(const struct bodies *b, size_t i, struct entry *e)
{
	return entry_parse(e, rd_from(b->log->entries + i * ENTRY_BYTES,
	    ENTRY_BYTES));
}

/* Where a mirror keeps it; NULL: not looked at. */
static const char *
folder_of(const struct entry *e)
{
	switch (e->kind) {
	case ENTRY_PARCEL:
		return "parcels";
	case ENTRY_STATEMENT:
		return "statements";
	case ENTRY_REPLY:
		break;
	}
	return NULL;
}

/* see bodies.h */
int
bodies_read(const struct bodies *b, const struct entry *e,
    unsigned char **body, size_t *n, const char **what)
{
	unsigned char digest[HASH_BYTES];
	char name[80];
	int r;

	mirror_name(name, folder_of(e), e->digest);
	r = mirror_read(b->m, name, BODY_MAX, body, n);
	if (r != 0) {
		*what = r == ERR_NOTFOUND ? "missing" : "unreadable";
		return r;
	}
	sha256(digest, *body, *n);
	if (memcmp(digest, e->digest, HASH_BYTES) == 0)
		return 0;
	file_free(*body, *n);
	*body = NULL;
	*what = "altered";
	return ERR_CHANGED;
}

/* see bodies.h */
enum bodies_gone
bodies_gone(const struct bodies *b, uint64_t leaf, const struct entry *e)
{
	if (e->kind != ENTRY_PARCEL)
		return BODIES_HELD;
	if (leaf < b->erased)
		return BODIES_ERASED;
	return leaf < b->before ? BODIES_BEFORE : BODIES_HELD;
}

/* --- what was let go --------------------------------------------------- */

/* What is read off the statements of the new entries. */
struct looking {
	struct bodies *b;
	const struct vkey *k;		/* this role's */
	const struct office *others;
	uint64_t spoke;			/* this role's first; UINT64_MAX */
	uint64_t let_go[OFFICE_ROLES];	/* before that, by the others */
	struct statement *s;
};

static void
look_at_others(struct looking *l, const struct entry *e, struct rd note)
{
	int i;

	if (e->close >= l->spoke)
		return;
	for (i = 0; i < OFFICE_ROLES; i++)
		if (l->others->has[i] && !vkey_eq(&l->others->key[i], l->k) &&
		    statement_open(l->s, note, &l->others->key[i]) == 0 &&
		    l->s->erase > l->let_go[i])
			l->let_go[i] = l->s->erase;
}

/*
 * How far the statement at this entry has erased, if it is ours.  In pass 0
 * those of ours are looked for, in pass 1 the others' before them.
 */
static int
look_at(struct looking *l, const struct entry *e, int pass)
{
	struct bodies *b = l->b;
	unsigned char *body = NULL;
	struct ownstmt own;
	const char *what;
	size_t n;
	int r;

	if ((r = bodies_read(b, e, &body, &n, &what)) != 0)
		return r == ERR_NOMEM ? r : 0;	/* bodies_check() says it */
	memset(&own, 0, sizeof(own));
	if (pass == 1)
		look_at_others(l, e, rd_from(body, n));
	else
		r = ownstmt_read(&own, rd_from(body, n), l->k);
	file_free(body, n);
	if (pass == 1 || r != 0 || own.is != OWNSTMT_OURS)
		return r;
	if (own.erase > b->erased)
		b->erased = own.erase;
	if (own.sequence > b->newest)
		b->newest = own.sequence;
	if (e->close < l->spoke)
		l->spoke = e->close;
	return 0;
}

static int
look(struct looking *l, int pass)
{
	struct entry e;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < l->b->log->count; i++)
		if (bodies_entry(l->b, i, &e) == 0 &&
		    e.kind == ENTRY_STATEMENT)
			r = look_at(l, &e, pass);
	return r;
}

/* The least that the others have let go; 0 where there are none. */
static uint64_t
all_let_go(const struct looking *l)
{
	uint64_t least = UINT64_MAX;
	int i;

	for (i = 0; i < OFFICE_ROLES; i++)
		if (l->others->has[i] && !vkey_eq(&l->others->key[i], l->k) &&
		    l->let_go[i] < least)
			least = l->let_go[i];
	return least == UINT64_MAX ? 0 : least;
}

/* By its name, one that is not there from the start? */
static bool
is_later(const struct vkey *k)
{
	struct rd office, role;

	return vkey_role(k, &office, &role) &&
	    !rd_eq_str(role, role_name(ROLE_OFFICE));
}

/* Is this a role that can join an office that is at work? */
static bool
joins(const struct office *others, const struct vkey *k)
{
	return others->has[ROLE_OFFICE] &&
	    !vkey_eq(&others->key[ROLE_OFFICE], k);
}

/* see bodies.h */
int
bodies_init(struct bodies *b, struct mirror *m, const struct mirror_log *log,
    const struct vkey *k, const struct office *others, bool silent)
{
	struct looking l = { .b = b, .k = k, .others = others,
	    .spoke = UINT64_MAX };
	int r;

	b->m = m;
	b->log = log;
	b->erased = b->newest = b->before = 0;
	if ((l.s = malloc(sizeof(*l.s))) == NULL)
		return ERR_NOMEM;
	r = look(&l, 0);
	b->joins = silent && !others->has[ROLE_OFFICE] && is_later(k);
	if (r == 0 && silent && joins(others, k) && (r = look(&l, 1)) == 0)
		b->before = all_let_go(&l);
	free(l.s);
	return r;
}

/* The new entries of one close stand together; those around this leaf. */
static void
find_epoch(const struct bodies *b, uint64_t leaf, size_t *from, size_t *to)
{
	const size_t at = (size_t)(leaf - b->log->first);
	struct entry e, here;

	*from = *to = at;
	if (at >= b->log->count || bodies_entry(b, at, &here) != 0)
		return;
	while (*from > 0 && bodies_entry(b, *from - 1, &e) == 0 &&
	    e.close == here.close)
		--*from;
	while (*to < b->log->count && bodies_entry(b, *to, &e) == 0 &&
	    e.close == here.close)
		++*to;
}

static bool
has_reply(const struct bodies *b, size_t from, size_t to,
    const unsigned char digest[static HASH_BYTES])
{
	struct entry e;

	for (; from < to; from++)
		if (bodies_entry(b, from, &e) == 0 && e.kind == ENTRY_REPLY &&
		    memcmp(e.digest, digest, HASH_BYTES) == 0)
			return true;
	return false;
}

/* see bodies.h */
int
bodies_lack_replies(const struct bodies *b, uint64_t leaf, struct rd body,
    const struct vkey *k, bool *lack)
{
	struct statement *s;
	size_t from, i, to;

	*lack = false;
	find_epoch(b, leaf, &from, &to);
	if ((s = malloc(sizeof(*s))) == NULL)
		return ERR_NOMEM;
	if (statement_open(s, body, k) == 0)
		for (i = 0; !*lack && i < s->nreplies; i++)
			*lack = !has_reply(b, from, to, s->reply[i]);
	free(s);
	return 0;
}

/* Is the body as it should be?  It is said if not.  ERR_NOMEM. */
static int
check_one(const struct bodies *b, uint64_t leaf, const struct entry *e,
    size_t *bad)
{
	unsigned char *body = NULL;
	const char *what;
	char name[80];
	size_t n = 0;
	int r;

	if (folder_of(e) == NULL)
		return 0;
	r = bodies_read(b, e, &body, &n, &what);
	file_free(body, n);
	if (r == ERR_NOMEM)
		return r;
	if (r == 0 || (r == ERR_NOTFOUND &&
	    bodies_gone(b, leaf, e) != BODIES_HELD))
		return 0;
	mirror_name(name, folder_of(e), e->digest);
	warn("%s: %s", what, name);
	++*bad;
	return 0;
}

/* see bodies.h */
int
bodies_check(const struct bodies *b, const char *path)
{
	struct entry e;
	size_t i, bad = 0;

	for (i = 0; i < b->log->count; i++) {
		if (i % PROGRESS_EVERY == 0)
			say_progress("checking", i, b->log->count);
		if (bodies_entry(b, i, &e) != 0)
			return fail(EXIT_CLAIM, "%s: leaf %llu of the log is "
			    "not an entry", path,
			    (unsigned long long)(b->log->first + i));
		if (check_one(b, b->log->first + i, &e, &bad) != 0)
			return fail(EXIT_SYSTEM, "out of memory");
	}
	say_progress_end();
	if (bad > 0 && b->joins)
		warn("was some of it erased before this desk was made? Then "
		    "name the keys of all roles: ecrdesk trust -k OFFICE.vkey");
	if (bad > 0)
		return fail(EXIT_CLAIM, "%s: refused, and nothing of it was "
		    "imported: %zu of %zu new bodies are not here as the log "
		    "has signed them. Fetch again; if it stays so, something "
		    "is being held back", path, bad, b->log->count);
	return 0;
}
