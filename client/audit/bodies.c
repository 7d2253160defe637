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

/* What was found wrong with it; its bytes stay in b. */
static int
claim(struct bodies *b, const char *says)
{
	b->says = says;
	return EXIT_CLAIM;
}

/* The bytes that the entry's digest is of, into b. */
static int
fetch(struct bodies *b, const char *folder, const struct entry *e, size_t max)
{
	unsigned char got[HASH_BYTES];
	int r;

	mirror_name(b->name, folder, e->digest);
	r = source_get(b->src, b->name, max, &b->bytes, &b->n);
	if (r == ERR_NOTFOUND)
		return claim(b, "is not there, though the log has its entry");
	if (r == ERR_LIMIT)
		return claim(b, "is longer than what it is may be");
	if (r != 0)
		return fail(r == ERR_AUTH ? EXIT_NOPERM : r == ERR_IO ?
		    EXIT_UNAVAILABLE : EXIT_SYSTEM, "%s: %s", b->name,
		    source_why(b->src));
	sha256(got, b->bytes, b->n);
	if (memcmp(got, e->digest, HASH_BYTES) != 0)
		return claim(b, "is not what the log's entry says");
	return EXIT_DONE;
}

static int
check_parcel(struct bodies *b, const struct entry *e)
{
	int code;

	if ((code = fetch(b, "parcels", e, PARCEL_BYTES)) != EXIT_DONE)
		return code;
	if (parcel_check(rd_from(b->bytes, b->n)) != 0)
		return claim(b, "is no parcel");
	b->checked++;
	return EXIT_DONE;
}

/* --- statements ---------------------------------------------------------- */

/* "OFFICE/statement/ROLE", the sequence, the log that is meant. */
static bool
statement_head(struct rd text, const struct keys *k, size_t role,
    uint64_t *sequence)
{
	struct rd line;

	return rd_lit(&text, k->office.name) && rd_lit(&text, "/statement/") &&
	    rd_line(&text, &line) &&
	    rd_eq_str(line, role_name((enum codename_role)role)) &&
	    rd_line(&text, &line) && rd_dec(line, INT64_MAX, sequence) &&
	    *sequence > 0 && rd_line(&text, &line) &&
	    rd_eq_str(line, k->log.name);
}

/* Roles sign other notes, too: keysets are public. */
static int
check_signed(struct bodies *b)
{
	const struct office *o = &b->keys->office;
	uint64_t sequence = 0;
	struct note n;
	size_t i;

	for (i = 0; i < OFFICE_ROLES; i++)
		if (o->has[i] && note_open(&n, rd_from(b->bytes, b->n),
		    &o->key[i]) == 0)
			break;
	if (i == OFFICE_ROLES)
		return claim(b, "is not signed by a role of the office");
	if (!statement_head(n.text, b->keys, i, &sequence))
		return claim(b, "is no statement of the office to this log");
	if (sequence <= b->sequence[i])
		return claim(b, "is not newer than its role's last statement");
	b->sequence[i] = sequence;
	return EXIT_DONE;
}

static int
check_statement(struct bodies *b, const struct entry *e)
{
	int code;

	if ((code = fetch(b, "statements", e, NOTE_MAX_BYTES)) != EXIT_DONE)
		return code;
	return b->keys->has_office ? check_signed(b) : EXIT_DONE;
}

/* see bodies.h */
int
body_check(struct bodies *b, const struct entry *e)
{
	int code = EXIT_DONE;

	bodies_wipe(b);
	switch (e->kind) {
	case ENTRY_PARCEL:
		if (b->parcels)
			code = check_parcel(b, e);
		break;
	case ENTRY_STATEMENT:
		code = check_statement(b, e);
		break;
	case ENTRY_REPLY:
		break;		/* /replies has them all; see reply.md */
	}
	if (code != EXIT_CLAIM)
		bodies_wipe(b);
	return code;
}

/* see bodies.h */
void
bodies_wipe(struct bodies *b)
{
	file_free(b->bytes, b->n);
	b->bytes = NULL;
	b->n = 0;
}
