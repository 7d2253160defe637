/* SPDX-License-Identifier: ISC */
/*
 * statement.h - what a role's desk says, signed, at each export: how far it
 * has imported the log, what may be erased, which keyset and replies count.
 *
 *   <office name>/statement/<role>
 *   <sequence, from 1>
 *   <log origin>
 *   <log size imported through>
 *   <root at that size, base64>
 *   <erase parcels below this leaf index>
 *   <drop replies of statements below this sequence>
 *   <desk log commitment, hex>
 *   <keyset SHA-256, hex>
 *   <number of replies, then one hex SHA-256 a line>
 *
 * One signature line, and nothing else.  Its digest is SHA-256 of the note's
 * bytes as sent.  See docs/formats/statement.md.
 */
#ifndef ECR_STATEMENT_H
#define ECR_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define STATEMENT_REPLIES_MAX	480	/* an outbox of it stays under 4 MiB */
#define STATEMENT_MAX_BYTES	(40 * 1024)
#define STATEMENT_ROLE_CHARS	32
#define REPLIES_STATEMENTS_MAX	65536	/* in what GET /replies serves */
#define REPLIES_DROPPED		0x80000000u	/* of a statement's length */

struct statement {
	char office[NAME_MAX_BYTES + 1];
	char role[STATEMENT_ROLE_CHARS];
	char origin[NAME_MAX_BYTES + 1];
	uint64_t sequence;		/* from 1 */
	uint64_t size;			/* of the log, imported through */
	unsigned char root[HASH_BYTES];	/* at that size */
	uint64_t erase;			/* parcels below this leaf index */
	uint64_t drop;			/* replies of statements below this */
	unsigned char desklog[HASH_BYTES];
	unsigned char keyset[HASH_BYTES];
	size_t nreplies;
	unsigned char reply[STATEMENT_REPLIES_MAX][HASH_BYTES];
	unsigned char sha256[HASH_BYTES];	/* of the note; when opened */
};

/*
 * The note's text, to be signed by the caller with note_sign().  erase <=
 * size and drop <= sequence, replies differ: else w overflows.
 */
void statement_write(struct wr *w, const struct statement *s);

/*
 * statement_open - a role's statement.  k is the role's key, whose name is
 * "<office>/<role>"; the note must be signed by it alone and name the same.
 * Refused: erase above size, drop above sequence, sequence 0, a reply named
 * twice, anything non-canonical.
 * Errors: ERR_FORMAT, ERR_LIMIT, ERR_AUTH, ERR_NOMATCH (another key's).
 */
MUST_USE int statement_open(struct statement *s, struct rd note,
    const struct vkey *k);

/*
 * statement_replies - how many replies a statement names, read off its text
 * before anything of it is believed.
 * Errors: ERR_FORMAT, ERR_LIMIT (too long, or too many of them).
 */
MUST_USE int statement_replies(size_t *n, struct rd note);

/*
 * replies_parse - what GET /replies serves: nothing at all while there is no
 * statement; else  count 4 | count times (length 4 | statement) | the replies
 * that they name, REPLY_BYTES each, in the order in which they are named.
 * Statements stand in the order of the log, those of all roles.  A statement
 * whose replies were dropped stays only while it is its role's newest, and
 * then with the flag that its replies are gone: bit 31 of its length.
 */
struct replies_view {
	uint32_t count, at;		/* statements in all; taken */
	struct rd statements;		/* what is left of them */
	struct rd replies;		/* all of them */
};
/* Errors: ERR_FORMAT, ERR_LIMIT. */
MUST_USE int replies_parse(struct replies_view *v, struct rd bytes);
/* The next statement's bytes; ERR_NOTFOUND when there are no more. */
MUST_USE int replies_next(struct replies_view *v, struct rd *note,
    bool *dropped);
/* What it begins with, and each of its statements; then come the replies. */
void replies_write_count(struct wr *w, uint32_t count);
void replies_write_note(struct wr *w, struct rd note, bool dropped);

/*
 * outbox_next - what POST /outbox takes and what OUTBOX, a file, holds:
 * records one after the other, oldest statement first, each
 *   length 4 | statement | length 4 | keyset (length 0: unchanged) |
 *   its replies, REPLY_BYTES each
 * How many replies there are is read off the statement's unbelieved text.
 * A file may hold more than one POST takes: whoever posts cuts it between
 * records.  Errors: ERR_FORMAT, ERR_LIMIT.
 */
#define OUTBOX_BYTES_MAX	(4u << 20)	/* of one POST */

struct outbox_record {
	struct rd whole;		/* all of the record */
	struct rd statement, keyset, replies;
	size_t nreplies;
};
MUST_USE int outbox_next(struct rd *all, struct outbox_record *o);
/* The fixed front of a record; the replies follow as they are. */
void outbox_write(struct wr *w, struct rd statement, struct rd keyset);

#endif
