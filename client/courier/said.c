/* SPDX-License-Identifier: ISC */
/*
 * said.c - what the office says: statements, and the replies that they name.
 *
 * The courier holds no office key, so nothing here is believed; it is held
 * against the log's entries and against itself, and the desk does the rest.
 */
#include <stdio.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/letters.h"
#include "client/common/say.h"
#include "client/courier/fetch_int.h"
#include "crypto/base.h"
#include "crypto/sha256.h"
#include "crypto/statement.h"

#define ROLES_MAX	8	/* more than there are */
#define FIRST_ROLE	"office"
#define LINES_BEFORE	10	/* a statement's, before its replies */

/* What statements of one title let go. */
struct title {
	char name[2 * NAME_MAX_BYTES];
	uint64_t erase;			/* the most that any of them said */
};

struct said {
	struct fetching *u;
	size_t n;
	struct title title[ROLES_MAX];
};

/* "<office>/statement/<role>" and what it lets go; false: no statement. */
static bool
read_erase(struct rd text, struct rd *title, uint64_t *erase)
{
	struct rd line;
	int i;

	if (!rd_line(&text, title) || title->n >= 2 * NAME_MAX_BYTES)
		return false;
	for (i = 0; i < 4; i++)		/* sequence, origin, size, root */
		if (!rd_line(&text, &line))
			return false;
	return rd_line(&text, &line) && rd_dec(line, INT64_MAX, erase);
}

/*
 * What all of them let go so far.  A role that joins later had no word in
 * what went before; the office was there from the start.
 */
static void
count_let_go(struct said *d)
{
	uint64_t least = UINT64_MAX;
	bool office = false;
	const char *role;
	size_t i;

	for (i = 0; i < d->n; i++) {
		role = strrchr(d->title[i].name, '/');
		office |= role != NULL &&
		    strcmp(role + 1, FIRST_ROLE) == 0;
		if (d->title[i].erase < least)
			least = d->title[i].erase;
	}
	if (office && least > d->u->erase)
		d->u->erase = least;
}

static int
take_title(struct said *d, struct rd bytes)
{
	struct title *t;
	struct note n;
	struct rd title;
	uint64_t erase;
	size_t i;

	if (note_parse(&n, bytes) != 0 ||
	    !read_erase(n.text, &title, &erase))
		return ERR_FORMAT;
	for (i = 0; i < d->n; i++)
		if (rd_eq_str(title, d->title[i].name))
			break;
	if (i == ROLES_MAX)
		return ERR_LIMIT;
	t = &d->title[i];
	if (i == d->n) {
		count_let_go(d);
		d->n++;
		memcpy(t->name, title.p, title.n);
		t->name[title.n] = '\0';
	}
	if (erase > t->erase)
		t->erase = erase;
	return 0;
}

/* Is it here, and whole?  Then take it. */
static bool
is_here(struct said *d, const char *name,
    const unsigned char digest[static HASH_BYTES])
{
	unsigned char got[HASH_BYTES], *p;
	bool here;
	size_t n;

	if (mirror_read(d->u->f->mirror, name, STATEMENT_MAX_BYTES, &p,
	    &n) != 0)
		return false;
	sha256(got, p, n);
	here = memcmp(got, digest, HASH_BYTES) == 0 &&
	    take_title(d, rd_from(p, n)) == 0;
	file_free(p, n);
	return here;
}

static int
fetch_statement(struct said *d, const char *name,
    const unsigned char digest[static HASH_BYTES])
{
	unsigned char got[HASH_BYTES];
	struct net_answer a;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "/%s", name);
	if ((r = fetch_get_ok(d->u, path, STATEMENT_MAX_BYTES, &a)) != 0)
		return r;
	sha256(got, a.body, a.n);
	if (memcmp(got, digest, HASH_BYTES) != 0) {
		d->u->code = fail(EXIT_DATA, "%s: what the server sent is not "
		    "what its log says", name);
		return ERR_CHANGED;
	}
	if (take_title(d, rd_from(a.body, a.n)) != 0) {
		d->u->code = fail(EXIT_DATA, "%s: no statement", name);
		return ERR_FORMAT;
	}
	return fetch_disk(d->u, name, mirror_write_lazy(d->u->f->mirror, name,
	    rd_from(a.body, a.n)));
}

static int
on_entry(void *arg, uint64_t index,
    const unsigned char bytes[static ENTRY_BYTES])
{
	struct said *d = arg;
	struct entry e;
	char name[80];

	(void)index;
	/* What is malformed is named when its parcels are fetched. */
	if (entry_parse(&e, rd_from(bytes, ENTRY_BYTES)) != 0 ||
	    e.kind != ENTRY_STATEMENT)
		return 0;
	d->u->res->statements++;
	mirror_name(name, "statements", e.digest);
	return is_here(d, name, e.digest) ? 0 :
	    fetch_statement(d, name, e.digest);
}

/* see fetch_int.h */
int
fetch_said(struct fetching *u, uint64_t size)
{
	static struct said d;
	struct tree tree;
	char missing[80];
	int r;

	memset(&d, 0, sizeof(d));
	d.u = u;
	u->erase = 0;
	tree_init(&tree);
	r = mirror_walk(u->f->mirror, &tree, size, on_entry, &d, missing);
	if (r != 0 && u->code == 0)
		u->code = fail(exit_for(r), "%s: %s", missing, err_str(r));
	count_let_go(&d);
	return r;
}

/* --- /replies ------------------------------------------------------------- */

/* The replies of one statement, each held against its line. */
static bool
replies_hold(struct sha256 *h, struct rd note, struct rd *replies)
{
	unsigned char got[HASH_BYTES], want[HASH_BYTES];
	struct rd line, body;
	size_t n, i;

	if (statement_replies(&n, note) != 0)
		return false;
	for (i = 0; i < LINES_BEFORE; i++)
		if (!rd_line(&note, &line))
			return false;
	for (i = 0; i < n; i++) {
		if (!rd_line(&note, &line) ||
		    !hex_decode(want, HASH_BYTES, line) ||
		    !rd_take(replies, &body, REPLY_BYTES))
			return false;
		sha256_update(h, body.p, body.n);
		sha256_final(h, got);
		if (memcmp(got, want, HASH_BYTES) != 0)
			return false;
	}
	return true;
}

static int
check_replies(struct rd bytes)
{
	struct replies_view v;
	struct sha256 *h;
	struct rd note;
	bool dropped;
	int r;

	if ((r = replies_parse(&v, bytes)) != 0)
		return r;
	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	while ((r = replies_next(&v, &note, &dropped)) == 0)
		if (!dropped && !replies_hold(h, note, &v.replies)) {
			r = ERR_CHANGED;
			break;
		}
	sha256_free(h);
	return r == ERR_NOTFOUND ? 0 : r;
}

/* see fetch_int.h */
int
fetch_replies(struct fetching *u)
{
	struct net_answer a;
	int r;

	if ((r = fetch_get_ok(u, "/replies", LETTERS_BYTES_MAX, &a)) != 0)
		return r;
	r = check_replies(rd_from(a.body, a.n));
	if (r == ERR_NOMEM)
		u->code = fail(EXIT_SYSTEM, "%s", err_str(r));
	else if (r == ERR_CHANGED)
		u->code = fail(EXIT_DATA, "replies: one that a statement "
		    "names is missing or altered");
	else if (r != 0)
		u->code = fail(EXIT_DATA, "replies: malformed");
	if (r != 0)
		return r;
	return fetch_disk(u, "replies", mirror_write_lazy(u->f->mirror,
	    "replies", rd_from(a.body, a.n)));
}
