/* SPDX-License-Identifier: ISC */
/*
 * epoch_office.c - the office's part of a close: what it sent is moved and
 * logged, and what it has given up goes.
 *
 * Invariant: nothing is erased but what every role of the configuration has
 * given up, each in a statement that was logged long enough ago and that no
 * later one took back.
 */
#include <stdlib.h>
#include <string.h>

#include "server/epoch_int.h"

static uint64_t
closing(const struct epochs *e)
{
	return pending_head(e->closing)->close;
}

/* see epoch_int.h */
int
epoch_step_outbox(struct epochs *e, bool *done)
{
	int r = office_move(&e->office, closing(e), e->outbox);

	*done = r == ERR_NOTFOUND;
	if (*done)
		return 0;
	if (r == 0)
		e->outbox++;
	return r;
}

/* see epoch_int.h */
uint64_t
epoch_entries(const struct epochs *e)
{
	uint64_t parcels = e->order != NULL ? e->norder :
	    pending_count(e->closing);

	return parcels +
	    office_entries(&e->office, closing(e));
}

static int
compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return memcmp(a->digest, b->digest, HASH_BYTES);
}

/* The office's entries stand behind n parcels, then all are sorted. */
static void
write_entries(struct epochs *e, struct entry *entry, uint32_t n, size_t all)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		entry[i].kind = ENTRY_PARCEL;
		entry[i].close = closing(e);
		memcpy(entry[i].digest, e->order[i]->digest, HASH_BYTES);
	}
	office_write_entries(&e->office, closing(e), entry + n);
	qsort(entry, all, sizeof(*entry), compare);
}

/* see epoch_int.h */
int
epoch_append(struct epochs *e)
{
	const uint32_t n = e->norder;
	const size_t all = (size_t)epoch_entries(e);
	struct entry *entry = calloc(all + 1, sizeof(*entry));
	struct drop_said *said = calloc(OFFICE_STATEMENTS_MAX, sizeof(*said));
	const struct drop_said *s;
	size_t nsaid = 0;
	int r = ERR_NOMEM;

	if (entry == NULL || said == NULL)
		goto out;
	write_entries(e, entry, n, all);
	while (nsaid < OFFICE_STATEMENTS_MAX && (s = office_said(&e->office,
	    closing(e), nsaid)) != NULL)
		said[nsaid++] = *s;
	r = drop_append_said(e->drop, closing(e), entry, all, said, nsaid,
	    e->key);
out:
	free(entry);
	free(said);
	return r;
}

/* see epoch_int.h */
int
epoch_find_said(struct epochs *e)
{
	const size_t n = office_entries(&e->office, closing(e));
	struct entry *entry = calloc(n + 1, sizeof(*entry)), found;
	size_t i;
	int r = 0;

	if (entry == NULL)
		return ERR_NOMEM;
	office_write_entries(&e->office, closing(e), entry);
	for (i = 0; i < n && r == 0; i++) {
		r = drop_where(e->drop, &found, entry[i].digest);
		if (r == ERR_NOTFOUND || (r == 0 &&
		    (found.close != closing(e) ||
		    found.kind != entry[i].kind)))
			r = ERR_CHANGED;
	}
	free(entry);
	return r;
}

/* --- erasure ------------------------------------------------------------- */

/* What every role has given up; of the replies, each for itself. */
static int
in_force(struct epochs *e, uint64_t *below, struct drop_forget *f, size_t n)
{
	struct drop_role *r = malloc(sizeof(*r));
	uint64_t erase;
	size_t i;
	int rc = 0;

	if (r == NULL)
		return ERR_NOMEM;
	*below = n > 0 ? UINT64_MAX : 0;
	for (i = 0; i < n && rc == 0; i++) {
		f[i].role = e->keys->role[i].name;
		if ((rc = drop_role_get(e->drop, f[i].role, r)) != 0)
			break;
		/* Without one that is old enough both are 0. */
		(void)drop_role_term(r, closing(e), e->conf.erase_delay,
		    &erase, &f[i].below);
		if (erase < *below)
			*below = erase;
	}
	free(r);
	return rc;
}

/* see epoch_int.h */
int
epoch_step_erase(struct epochs *e, bool *done)
{
	struct drop_forget f[KEYS_ROLES_MAX];
	size_t n = e->keys == NULL ? 0 : e->keys->nrole;
	uint64_t below;
	int r;

	if ((r = in_force(e, &below, f, n)) != 0 ||
	    (r = drop_erase(e->drop, below, f, n, &e->forgot, done)) != 0 ||
	    !*done)
		return r;
	/* What everybody fetches must not keep what is gone. */
	if (e->forgot && e->publish != NULL && (r = e->publish(e->arg)) != 0) {
		*done = false;
		return r;
	}
	e->forgot = false;
	return 0;
}
