/* SPDX-License-Identifier: ISC */
/*
 * restore_office.c - statements, replies and keysets out of a mirror.
 *
 * Every statement that the log names must be there and be signed by a role
 * of the configuration: what may be erased and which is the next follows
 * from them.  Replies that are not there were dropped; all that is used was
 * hashed.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/keyset.h"
#include "crypto/sha256.h"
#include "crypto/statement.h"
#include "server/published.h"
#include "server/restore_int.h"

#define KEYSETS_BYTES	(KEYS_ROLES_MAX * (NOTE_MAX_BYTES + 8))

struct reply_at {
	unsigned char digest[HASH_BYTES];
	const unsigned char *p;
};

struct restore_office {
	struct restore *x;
	unsigned char *replies, *keysets;	/* the files, or NULL */
	size_t nkeysets;
	struct reply_at *index;			/* by digest */
	size_t n;
	unsigned char note[STATEMENT_MAX_BYTES];

	/* Of the close that is looked at. */
	struct statement *statement;
	struct drop_said *said;
	size_t nsaid, cap;
};

/* --- files --------------------------------------------------------------- */

/* A whole file of a fixed name, if it is there. */
static int
slurp_all(struct restore *x, const char *file, size_t cap,
    unsigned char **bytes, size_t *n)
{
	char name[RESTORE_WHERE];
	struct wr w = wr_from(name, sizeof(name));
	int r;

	wr_str(&w, file);
	if ((*bytes = malloc(cap)) == NULL)
		return ERR_NOMEM;
	r = restore_slurp(x, &w, *bytes, cap, n, false);
	if (r == 0 && *n != RESTORE_ABSENT)
		return 0;
	free(*bytes);
	*bytes = NULL;
	*n = 0;
	return r;
}

static int
compare(const void *x, const void *y)
{
	const struct reply_at *a = x, *b = y;

	return memcmp(a->digest, b->digest, HASH_BYTES);
}

static int
index_replies(struct restore_office *o, size_t bytes)
{
	struct replies_view v;
	struct rd reply;
	size_t i;

	if (replies_parse(&v, rd_from(o->replies, bytes)) != 0)
		return restore_wrong(o->x, ERR_AUTH,
		    "its replies are malformed");
	o->n = v.replies.n / REPLY_BYTES;
	if ((o->index = calloc(o->n + 1, sizeof(*o->index))) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < o->n && rd_take(&v.replies, &reply, REPLY_BYTES);
	    i++) {
		sha256(o->index[i].digest, reply.p, reply.n);
		o->index[i].p = reply.p;
	}
	qsort(o->index, o->n, sizeof(*o->index), compare);
	return 0;
}

/* see restore_int.h */
int
restore_office_open(struct restore_office **out, struct restore *x)
{
	struct restore_office *o = calloc(1, sizeof(*o));
	size_t n;
	int r;

	if ((*out = o) == NULL)
		return ERR_NOMEM;
	o->x = x;
	if ((r = slurp_all(x, "replies", PUBLISHED_MAX, &o->replies,
	    &n)) != 0 || (r = slurp_all(x, "keyset", KEYSETS_BYTES,
	    &o->keysets, &o->nkeysets)) != 0)
		return r;
	return o->replies == NULL ? 0 : index_replies(o, n);
}

/* see restore_int.h */
void
restore_office_close(struct restore_office *o)
{
	if (o == NULL)
		return;
	free(o->replies);
	free(o->keysets);
	free(o->index);
	free(o->statement);
	free(o->said);
	free(o);
}

/* --- bodies -------------------------------------------------------------- */

/* see restore_int.h */
int
restore_keysets(struct restore_office *o, struct drop *d)
{
	struct rd all = rd_from(o->keysets, o->nkeysets), note;
	unsigned char digest[HASH_BYTES];
	int r;

	if ((r = drop_move_begin(d)) != 0)
		return r;
	while (r == 0 && !rd_done(&all) && keyset_next(&all, &note) == 0) {
		sha256(digest, note.p, note.n);
		r = drop_move_keyset(d, digest, note);
	}
	if (r == 0)
		return drop_move_commit(d);
	drop_move_abort(d);
	return r;
}

static int
read_statement(struct restore_office *o,
    const unsigned char digest[static HASH_BYTES], size_t *n)
{
	unsigned char hash[HASH_BYTES];
	char name[RESTORE_WHERE];
	struct wr w = wr_from(name, sizeof(name));
	int r;

	wr_str(&w, "statements/");
	wr_hex(&w, digest, HASH_BYTES);
	if ((r = restore_slurp(o->x, &w, o->note, sizeof(o->note), n,
	    true)) != 0)
		return r;
	sha256(hash, o->note, *n);
	if (memcmp(hash, digest, HASH_BYTES) == 0)
		return 0;
	restore_at(o->x, &w);
	return restore_wrong(o->x, ERR_AUTH, "is not what its digest says");
}

/* see restore_int.h */
int
restore_body(struct restore_office *o, struct drop *d, const struct entry *e)
{
	struct reply_at key, *at;
	size_t n;
	int r;

	if (e->kind == ENTRY_STATEMENT) {
		if ((r = read_statement(o, e->digest, &n)) != 0)
			return r;
		o->x->statements++;
		return drop_move_body(d, e->kind, e->digest,
		    rd_from(o->note, n));
	}
	memcpy(key.digest, e->digest, HASH_BYTES);
	at = o->n == 0 ? NULL : bsearch(&key, o->index, o->n, sizeof(key),
	    compare);
	o->x->replies += at != NULL;
	o->x->no_replies += at == NULL;
	return at == NULL ? 0 : drop_move_body(d, e->kind, e->digest,
	    rd_from(at->p, REPLY_BYTES));
}

/* --- what was said ------------------------------------------------------- */

/* Opened with the key of the role whose it is. */
static int
open_statement(struct restore_office *o, size_t n, size_t at)
{
	const struct keys *k = o->x->keys;
	struct statement *s = &o->statement[at];
	struct drop_said *x = &o->said[at];
	size_t i;
	int r = ERR_NOMATCH;

	for (i = 0; k != NULL && i < k->nrole && r == ERR_NOMATCH; i++)
		r = statement_open(s, rd_from(o->note, n), &k->role[i]);
	if (r != 0)
		return restore_wrong(o->x, ERR_AUTH, "a statement is of no "
		    "role that office-vkey names");
	*x = (struct drop_said){ .role = k->role[i - 1].name,
	    .sequence = s->sequence, .size = s->size, .erase = s->erase,
	    .drop = s->drop, .n = s->nreplies };
	memcpy(x->digest, s->sha256, HASH_BYTES);
	memcpy(x->keyset, s->keyset, HASH_BYTES);
	return 0;
}

static int
by_sequence(const void *x, const void *y)
{
	const struct drop_said *a = x, *b = y;

	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static int
make_room(struct restore_office *o, size_t n)
{
	free(o->statement);
	free(o->said);
	o->cap = n;
	o->statement = calloc(n + 1, sizeof(*o->statement));
	o->said = calloc(n + 1, sizeof(*o->said));
	return o->statement == NULL || o->said == NULL ? ERR_NOMEM : 0;
}

/* see restore_int.h */
int
restore_said(struct restore_office *o, const struct entry *e, size_t n,
    const struct drop_said **said, size_t *nsaid)
{
	size_t i, size, all = 0;
	int r;

	for (i = 0; i < n; i++)
		all += e[i].kind == ENTRY_STATEMENT;
	o->nsaid = 0;
	if (all > o->cap && (r = make_room(o, all)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		if (e[i].kind != ENTRY_STATEMENT)
			continue;
		if ((r = read_statement(o, e[i].digest, &size)) != 0 ||
		    (r = open_statement(o, size, o->nsaid)) != 0)
			return r;
		o->said[o->nsaid].reply = (const unsigned char
		    (*)[HASH_BYTES])o->statement[o->nsaid].reply;
		o->nsaid++;
	}
	if (o->nsaid > 1)
		qsort(o->said, o->nsaid, sizeof(*o->said), by_sequence);
	*said = o->said;
	*nsaid = o->nsaid;
	return 0;
}
