/* SPDX-License-Identifier: ISC */
/*
 * store_office.c - what everyone fetches of the office's: keysets, statements
 * and replies.
 *
 * A role's keyset is the one that its newest logged statement names; before
 * its first one, the configuration's.  What was built last lies in the area
 * that was published, and is taken from there as long as it is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "server/store_int.h"

#define DIVIDER		"\n====\n"

static int
append(struct office_page *p, struct rd note)
{
	size_t divider = p->n > 0 ? strlen(DIVIDER) : 0;
	unsigned char *more = realloc(p->bytes, p->n + divider + note.n);
	struct wr w;

	if (more == NULL)
		return ERR_NOMEM;
	p->bytes = more;
	w = wr_from(more + p->n, divider + note.n);
	if (divider > 0)
		wr_str(&w, DIVIDER);
	wr_rdr(&w, note);
	if (!wr_ok(&w))
		abort();
	p->n += w.n;
	return 0;
}

/* One role's, if there is any. */
static int
add_role(struct store *s, size_t role, struct drop_role *r,
    struct office_page *p)
{
	unsigned char *bytes;
	struct rd note;
	size_t n;
	int e;

	if ((e = drop_role_get(s->epochs.drop, s->keys.role[role].name,
	    r)) != 0)
		return e;
	if (r->sequence == 0)
		return keys_note_of(&s->keys, role, &note) ?
		    append(p, note) : 0;
	e = drop_keyset(s->epochs.drop, r->keyset, &bytes, &n);
	if (e == ERR_NOTFOUND)
		return 0;		/* a restore did not find it */
	if (e != 0)
		return e;
	e = append(p, rd_from(bytes, n));
	free(bytes);
	return e;
}

/* see store_int.h */
int
store_keysets(struct store *s, struct office_page *p)
{
	struct drop_role *r;
	size_t i;
	int e = 0;

	memset(p, 0, sizeof(*p));
	if (s->keys.nrole == 0)
		return s->keys.nnotes == 0 ? 0 :
		    append(p, keys_notes(&s->keys));
	if ((r = malloc(sizeof(*r))) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < s->keys.nrole && e == 0; i++)
		e = add_role(s, i, r, p);
	free(r);
	return e;
}

/* see store_int.h */
int
store_replies(struct store *s, struct office_page *p, struct rd *replies)
{
	uint64_t version = drop_said_version(s->epochs.drop);
	int r;

	memset(p, 0, sizeof(*p));
	if (s->shown.map != NULL && s->shown_version == version) {
		*replies = s->shown.object[PUB_REPLIES];
		return 0;
	}
	if ((r = drop_replies(s->epochs.drop, &p->bytes, &p->n)) != 0)
		return r;
	*replies = rd_from(p->bytes, p->n);
	return 0;
}
