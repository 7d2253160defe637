/* SPDX-License-Identifier: ISC */
/*
 * lookup.c - a case by what an officer types.
 */
#include <string.h>

#include "client/common/say.h"
#include "client/desk/lookup.h"

#define YEAR_DAYS	365
#define YEARS_BACK	8	/* how far a short reference is searched */

/* see lookup.h */
int
lookup_case(struct desk *d, const char *typed, uint64_t *no,
    struct caserec *c)
{
	char ref[CASE_REF_CHARS];
	int32_t day = desk_today();
	int i, r = ERR_NOTFOUND;

	for (i = 0; i < YEARS_BACK && r == ERR_NOTFOUND; i++) {
		if (!case_ref_read(ref, typed, day))
			break;
		r = store_find_case(d->db, ref, no);
		day -= YEAR_DAYS;
	}
	if (r == ERR_NOTFOUND)
		return fail(EXIT_NOINPUT, "there is no such case");
	if (r != 0 || (r = store_get_case(d->db, *no, c)) != 0)
		return fail(exit_for(r), "the case store: %s", err_str(r));
	return 0;
}

/* see lookup.h */
int
lookup_message(struct desk *d, uint64_t case_no, uint32_t n,
    struct lookup_message *m)
{
	int r;

	memset(m, 0, sizeof(*m));
	if ((r = store_get_entry(d->db, case_no, n, &m->entry)) != 0)
		goto out;
	m->group_no = m->entry.group_no;
	if ((r = store_get_group(d->db, m->group_no, &m->group)) == 0)
		r = joined_load(d->db, m->group_no, &m->group, &m->joined);
out:
	if (r != 0)
		return fail(exit_for(r), "the case store: message %u of this "
		    "case: %s", (unsigned)n, err_str(r));
	return 0;
}
