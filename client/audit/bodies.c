/* SPDX-License-Identifier: ISC */
/*
 * bodies.c - what entries stand for.
 */
#include "client/audit/bodies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/audit/prove.h"
#include "client/common/file.h"
#include "client/common/letters.h"
#include "client/common/mirror.h"
#include "client/common/say.h"
#include "crypto/parcel.h"
#include "crypto/sha256.h"

#define NOT_THERE	"is not there, though the log has its entry"

/* What was found wrong with it; its bytes stay in b. */
static int
claim(struct bodies *b, const char *says)
{
	b->says = says;
	return EXIT_CLAIM;
}

static int
no_memory(void)
{
	return fail(EXIT_SYSTEM, "out of memory");
}

static void
forget_bytes(struct bodies *b)
{
	file_free(b->bytes, b->n);
	b->bytes = NULL;
	b->n = 0;
}

static int
cannot(const struct bodies *b, int r)
{
	return fail(r == ERR_AUTH ? EXIT_NOPERM : r == ERR_IO ?
	    EXIT_UNAVAILABLE : EXIT_SYSTEM, "%s: %s", b->name,
	    source_why(b->src));
}

/* The bytes that the digest is of, into b; ERR_NOTFOUND is the caller's. */
static int
fetch(struct bodies *b, const char *folder, const unsigned char *digest,
    size_t max, int *code)
{
	unsigned char got[HASH_BYTES];
	int r;

	*code = EXIT_DONE;
	mirror_name(b->name, folder, digest);
	r = source_get(b->src, b->name, max, &b->bytes, &b->n);
	if (r == ERR_NOTFOUND)
		return r;
	if (r == ERR_LIMIT) {
		*code = claim(b, "is longer than what it is may be");
		return 0;
	}
	if (r != 0) {
		*code = cannot(b, r);
		return 0;
	}
	sha256(got, b->bytes, b->n);
	if (memcmp(got, digest, HASH_BYTES) != 0)
		*code = claim(b, "is not what the log's entry says");
	return 0;
}

/* --- parcels ------------------------------------------------------------- */

/*
 * Of those that are not there the last one counts: whatever lets it go lets
 * all before it go.  Without the office's keys nobody can tell.
 */
static int
not_there(struct bodies *b, uint64_t index, const struct entry *e)
{
	b->gone++;
	b->last_gone = index;
	memcpy(b->last_digest, e->digest, HASH_BYTES);
	return b->keys->has_office ? EXIT_DONE : claim(b, NOT_THERE);
}

static int
check_parcel(struct bodies *b, uint64_t index, const struct entry *e)
{
	int code;

	if (fetch(b, "parcels", e->digest, PARCEL_BYTES, &code) != 0)
		return not_there(b, index, e);
	if (code != EXIT_DONE)
		return code;
	if (parcel_check(rd_from(b->bytes, b->n)) != 0)
		return claim(b, "is no parcel");
	b->checked++;
	return EXIT_DONE;
}

/* --- statements ---------------------------------------------------------- */

/* Its root is asked of the log when all tiles were seen. */
static int
keep_root(struct bodies *b, const struct statement *st)
{
	struct bodies_root *more;

	if (b->nroots == b->roots_cap) {
		b->roots_cap = b->roots_cap == 0 ? 64 : 2 * b->roots_cap;
		more = realloc(b->root, b->roots_cap * sizeof(*more));
		if (more == NULL)
			return no_memory();
		b->root = more;
	}
	more = &b->root[b->nroots++];
	more->size = st->size;
	memcpy(more->root, st->root, HASH_BYTES);
	memcpy(more->digest, st->sha256, HASH_BYTES);
	return EXIT_DONE;
}

/* Roles sign other notes, too: keysets are public. */
static int
check_signed(struct bodies *b)
{
	const struct office *o = &b->keys->office;
	int r = ERR_NOMATCH;
	size_t i;

	if (b->open == NULL &&
	    (b->open = malloc(sizeof(*b->open))) == NULL)
		return no_memory();
	for (i = 0; i < OFFICE_ROLES && r == ERR_NOMATCH; i++)
		if (o->has[i])
			r = statement_open(b->open, rd_from(b->bytes, b->n),
			    &o->key[i]);
	if (r == ERR_NOMATCH)
		return claim(b, "is not signed by a role of the office");
	if (r != 0)
		return claim(b, "is no statement of the office");
	if (strcmp(b->open->origin, b->keys->log.name) != 0)
		return claim(b, "is a statement to another log");
	if (said_statement(&b->epoch, b->open,
	    (enum codename_role)(i - 1)) != 0)
		return no_memory();
	return keep_root(b, b->open);
}

static int
check_statement(struct bodies *b, const struct entry *e)
{
	int code;

	if (fetch(b, "statements", e->digest, STATEMENT_MAX_BYTES,
	    &code) != 0)
		return claim(b, NOT_THERE);
	if (code != EXIT_DONE)
		return code;
	return b->keys->has_office ? check_signed(b) : EXIT_DONE;
}

/* --- one by one ---------------------------------------------------------- */

/* A statement with its bytes; a reply has no address of its own. */
static int
said_wrong(struct bodies *b, const struct said_wrong *w)
{
	int code;

	if (w->says == NULL) {
		mirror_name(b->name, "replies", w->digest);
		return claim(b, "is logged, and no statement beside it names "
		    "it");
	}
	/* It was here a moment ago: what was seen stays seen. */
	forget_bytes(b);
	if (fetch(b, "statements", w->digest, STATEMENT_MAX_BYTES,
	    &code) != 0 || code != EXIT_DONE)
		forget_bytes(b);
	return claim(b, w->says);
}

static int
new_epoch(struct bodies *b, uint64_t index, const struct entry *e)
{
	struct said_wrong wrong = { 0 };

	return said_begin(&b->said, &b->epoch, &b->keys->office, b->delay,
	    e->close, index, &wrong) == 0 ? EXIT_DONE :
	    said_wrong(b, &wrong);
}

/* Named or not is known at the epoch's end. */
static int
keep_reply(struct bodies *b, const struct entry *e)
{
	int r;

	if (!b->keys->has_office || (r = said_reply(&b->epoch, e)) == 0)
		return EXIT_DONE;
	if (r == ERR_NOMEM)
		return no_memory();
	mirror_name(b->name, "replies", e->digest);
	return claim(b, "is logged in an epoch of more replies than an "
	    "office ever says");
}

/* see bodies.h */
int
body_check(struct bodies *b, uint64_t index, const struct entry *e)
{
	int code = EXIT_DONE;

	if (e->close != b->epoch.close && b->keys->has_office &&
	    (code = new_epoch(b, index, e)) != EXIT_DONE)
		return code;
	switch (e->kind) {
	case ENTRY_PARCEL:
		if (b->parcels)
			code = check_parcel(b, index, e);
		break;
	case ENTRY_STATEMENT:
		code = check_statement(b, e);
		break;
	case ENTRY_REPLY:
		code = keep_reply(b, e);
		break;
	}
	if (code != EXIT_CLAIM && b->bytes != NULL)
		forget_bytes(b);
	return code;
}

/* --- what only all of them show ------------------------------------------ */

/* The office saw the log that is shown here. */
static int
check_roots(struct bodies *b)
{
	struct roots roots = { .src = b->src, .c = b->c };
	unsigned char root[HASH_BYTES];
	int r = 0, code = EXIT_DONE;
	size_t i;

	for (i = 0; r == 0 && i < b->nroots; i++) {
		r = prove_root(&roots, b->root[i].size, root);
		if (r == 0 && memcmp(root, b->root[i].root, HASH_BYTES) != 0)
			break;
	}
	prove_roots_wipe(&roots);
	if (r == ERR_IO || r == ERR_NOMEM) {
		strcpy(b->name, "log/tile");
		return cannot(b, r);
	}
	if (r != 0) {	/* they were right a moment ago */
		strcpy(b->name, "log/tile");
		return claim(b, "holds hashes that do not give the signed "
		    "root");
	}
	if (i == b->nroots)
		return EXIT_DONE;
	if (fetch(b, "statements", b->root[i].digest, STATEMENT_MAX_BYTES,
	    &code) != 0 || code != EXIT_DONE)
		forget_bytes(b);	/* what was seen stays seen */
	return claim(b, "names a root that this log does not have at that "
	    "size: the office was shown another log");
}

static int
check_gone(struct bodies *b)
{
	if (b->gone == 0 || b->last_gone < b->said.erased)
		return EXIT_DONE;
	mirror_name(b->name, "parcels", b->last_digest);
	return claim(b, NOT_THERE ", and the office has not let it go");
}

/* What /replies serves against what the log says that the role said. */
static int
check_role(struct bodies *b, const struct letters *l, enum codename_role role)
{
	const struct letters_statement *newest = letters_newest(l, role);
	const struct said_role *r = &b->said.role[role];

	if (r->sequence == 0)
		return EXIT_DONE;
	/* One that is newer may have come since. */
	if (newest == NULL || newest->sequence < r->sequence)
		return claim(b, "lacks the newest statement of a role");
	if (newest->sequence == r->sequence &&
	    memcmp(newest->sha256, r->digest, HASH_BYTES) != 0)
		return claim(b, "has another newest statement of a role than "
		    "the log");
	return EXIT_DONE;
}

static int
check_letters(struct bodies *b)
{
	const struct keys *k = b->keys;
	int code = EXIT_DONE, r, i;
	struct letters l;

	strcpy(b->name, "replies");
	r = letters_open(&l, &k->office, rd_from(k->replies, k->nreplies));
	if (r == 0)
		r = letters_match(&l);
	if (r == ERR_NOMEM)
		code = no_memory();
	else if (r != 0)
		code = claim(b, "is not what is served of statements and "
		    "replies");
	else if (l.withheld > 0)
		code = claim(b, "lacks replies that the office's statements "
		    "name");
	for (i = 0; code == EXIT_DONE && i < OFFICE_ROLES; i++)
		code = check_role(b, &l, (enum codename_role)i);
	letters_wipe(&l);
	return code;
}

/* see bodies.h */
int
bodies_end(struct bodies *b)
{
	struct said_wrong wrong = { 0 };
	int code;

	if (!b->keys->has_office)
		return EXIT_DONE;
	if (said_end(&b->said, &b->epoch, &b->keys->office, b->delay,
	    &wrong) != 0)
		return said_wrong(b, &wrong);
	b->said.size = b->c->size;
	if ((code = check_roots(b)) != EXIT_DONE ||
	    (code = check_gone(b)) != EXIT_DONE)
		return code;
	return check_letters(b);
}

/* see bodies.h */
void
bodies_wipe(struct bodies *b)
{
	forget_bytes(b);
	said_epoch_wipe(&b->epoch);
	free(b->open);
	free(b->root);
	b->open = NULL;
	b->root = NULL;
	b->nroots = b->roots_cap = 0;
}
