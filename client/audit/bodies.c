/* SPDX-License-Identifier: ISC */
/*
 * bodies.c - what an entry stands for.
 */
#include "client/audit/bodies.h"

#include <string.h>

#include "client/common/file.h"
#include "client/common/mirror.h"
#include "client/common/say.h"
#include "crypto/parcel.h"
#include "crypto/sha256.h"

/* The bytes that the entry's digest is of; freed by the caller. */
static int
fetch(struct source *src, const char *folder, const struct entry *e,
    size_t max, char name[static 80], unsigned char **p, size_t *n)
{
	unsigned char got[HASH_BYTES];
	int r;

	mirror_name(name, folder, e->digest);
	r = source_get(src, name, max, p, n);
	if (r == ERR_NOTFOUND || r == ERR_LIMIT)
		return fail(EXIT_CLAIM, "%s: the log has it, but: %s", name,
		    source_why(src));
	if (r != 0)
		return fail(r == ERR_AUTH ? EXIT_NOPERM : r == ERR_IO ?
		    EXIT_UNAVAILABLE : EXIT_SYSTEM, "%s: %s", name,
		    source_why(src));
	sha256(got, *p, *n);
	if (memcmp(got, e->digest, HASH_BYTES) == 0)
		return EXIT_DONE;
	file_free(*p, *n);
	*p = NULL;
	return fail(EXIT_CLAIM, "%s is not what the log's entry says", name);
}

static int
check_parcel(struct source *src, const struct entry *e, uint64_t *checked)
{
	unsigned char *p = NULL;
	char name[80];
	size_t n = 0;
	int code;

	if ((code = fetch(src, "parcels", e, PARCEL_BYTES, name, &p,
	    &n)) != EXIT_DONE)
		return code;
	if (parcel_check(rd_from(p, n)) != 0)
		code = fail(EXIT_CLAIM, "%s is no parcel", name);
	else
		++*checked;
	file_free(p, n);
	return code;
}

/* Is it signed by the role that it is a statement of? */
static bool
signed_by_role(const struct office *o, struct rd bytes)
{
	struct note n;
	size_t i;

	for (i = 0; i < OFFICE_ROLES; i++)
		if (o->has[i] && note_open(&n, bytes, &o->key[i]) == 0)
			return true;
	return false;
}

static int
check_statement(struct source *src, const struct keys *k,
    const struct entry *e)
{
	unsigned char *p = NULL;
	char name[80];
	size_t n = 0;
	int code;

	if ((code = fetch(src, "statements", e, NOTE_MAX_BYTES, name, &p,
	    &n)) != EXIT_DONE)
		return code;
	if (k->has_office && !signed_by_role(&k->office, rd_from(p, n)))
		code = fail(EXIT_CLAIM, "%s is not signed by a role of the "
		    "office", name);
	file_free(p, n);
	return code;
}

/* see bodies.h */
int
body_check(struct source *src, const struct keys *k, const struct entry *e,
    bool parcels, uint64_t *checked)
{
	switch (e->kind) {
	case ENTRY_PARCEL:
		return parcels ? check_parcel(src, e, checked) : EXIT_DONE;
	case ENTRY_STATEMENT:
		return check_statement(src, k, e);
	case ENTRY_REPLY:
		break;		/* /replies has them all; see reply.md */
	}
	return EXIT_DONE;
}
