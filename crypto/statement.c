/* SPDX-License-Identifier: ISC */
/*
 * statement.c - what a role's desk says at each export.
 *
 * Refuses every second way to say it: ten lines and the replies, one form of
 * every number, no reply twice.  Writing what was opened gives the same text.
 */
#include <string.h>

#include "crypto/base.h"
#include "crypto/sha256.h"
#include "crypto/statement.h"

#define MIDDLE		"/statement/"
#define LINES_BEFORE	9		/* the number of replies */

/* --- both ways --------------------------------------------------------- */

static bool
named_twice(const struct statement *s)
{
	size_t i, j;

	for (i = 1; i < s->nreplies; i++)
		for (j = 0; j < i; j++)
			if (memcmp(s->reply[i], s->reply[j], HASH_BYTES) == 0)
				return true;
	return false;
}

/* Do the numbers fit each other? */
static bool
numbers_ok(const struct statement *s)
{
	return s->sequence > 0 && s->sequence <= INT64_MAX &&
	    s->size <= INT64_MAX && s->erase <= s->size &&
	    s->drop <= s->sequence && s->nreplies <= STATEMENT_REPLIES_MAX &&
	    !named_twice(s);
}

/* --- writing ----------------------------------------------------------- */

static void
write_line(struct wr *w, const char *text)
{
	wr_str(w, text);
	wr_u8(w, '\n');
}

static void
write_number(struct wr *w, uint64_t v)
{
	wr_dec(w, v);
	wr_u8(w, '\n');
}

static void
write_hash(struct wr *w, const unsigned char *hash)
{
	wr_hex(w, hash, HASH_BYTES);
	wr_u8(w, '\n');
}

/* see statement.h */
void
statement_write(struct wr *w, const struct statement *s)
{
	size_t i;

	if (!numbers_ok(s)) {
		w->over = true;
		return;
	}
	wr_str(w, s->office);
	wr_str(w, MIDDLE);
	write_line(w, s->role);
	write_number(w, s->sequence);
	write_line(w, s->origin);
	write_number(w, s->size);
	wr_b64(w, s->root, sizeof(s->root), true);
	wr_u8(w, '\n');
	write_number(w, s->erase);
	write_number(w, s->drop);
	write_hash(w, s->desklog);
	write_hash(w, s->keyset);
	write_number(w, s->nreplies);
	for (i = 0; i < s->nreplies; i++)
		write_hash(w, s->reply[i]);
}

/* --- reading ----------------------------------------------------------- */

static bool
read_number(struct rd *text, uint64_t max, uint64_t *v)
{
	struct rd line;

	return rd_line(text, &line) && rd_dec(line, max, v);
}

static bool
read_hash(struct rd *text, unsigned char *hash)
{
	struct rd line;

	return rd_line(text, &line) && hex_decode(hash, HASH_BYTES, line);
}

/* Office and role, from the key's name; the text must say the same. */
static bool
read_title(struct statement *s, struct rd *text, const struct vkey *k)
{
	struct wr w = wr_from(s->office, sizeof(s->office));
	struct wr v = wr_from(s->role, sizeof(s->role));
	struct rd office, role;

	if (!vkey_role(k, &office, &role))
		return false;
	wr_rdr(&w, office);
	wr_rdr(&v, role);
	return wr_cstr(&w) && wr_cstr(&v) && rd_lit(text, s->office) &&
	    rd_lit(text, MIDDLE) && rd_lit(text, s->role) &&
	    rd_lit(text, "\n");
}

static bool
read_origin(struct statement *s, struct rd *text)
{
	struct wr w = wr_from(s->origin, sizeof(s->origin));
	struct rd line;

	if (!rd_line(text, &line) || !note_name_ok(line))
		return false;
	wr_rdr(&w, line);
	return wr_cstr(&w);
}

static bool
read_text(struct statement *s, struct rd text, const struct vkey *k)
{
	struct rd root;
	uint64_t n;
	size_t i;

	if (!read_title(s, &text, k) ||
	    !read_number(&text, INT64_MAX, &s->sequence) ||
	    !read_origin(s, &text) ||
	    !read_number(&text, INT64_MAX, &s->size) ||
	    !rd_line(&text, &root) ||
	    !b64_decode(s->root, sizeof(s->root), root, true) ||
	    !read_number(&text, INT64_MAX, &s->erase) ||
	    !read_number(&text, INT64_MAX, &s->drop) ||
	    !read_hash(&text, s->desklog) || !read_hash(&text, s->keyset) ||
	    !read_number(&text, STATEMENT_REPLIES_MAX, &n))
		return false;
	for (i = 0; i < n; i++)
		if (!read_hash(&text, s->reply[i]))
			return false;
	s->nreplies = (size_t)n;
	return rd_done(&text) && numbers_ok(s);
}

/* see statement.h */
int
statement_open(struct statement *s, struct rd note, const struct vkey *k)
{
	struct note n;
	int r;

	memset(s, 0, sizeof(*s));
	if (note.n > STATEMENT_MAX_BYTES)
		return ERR_LIMIT;
	if ((r = note_open(&n, note, k)) != 0)
		return r;
	if (!read_text(s, n.text, k)) {
		memset(s, 0, sizeof(*s));
		return ERR_FORMAT;
	}
	sha256(s->sha256, note.p, note.n);
	return 0;
}

/* see statement.h */
int
statement_replies(size_t *n, struct rd note)
{
	struct rd line;
	uint64_t v;
	size_t i;

	if (note.n > STATEMENT_MAX_BYTES)
		return ERR_LIMIT;
	for (i = 0; i < LINES_BEFORE; i++)
		if (!rd_line(&note, &line))
			return ERR_FORMAT;
	if (!read_number(&note, UINT64_MAX, &v))
		return ERR_FORMAT;
	if (v > STATEMENT_REPLIES_MAX)
		return ERR_LIMIT;
	*n = (size_t)v;
	return 0;
}
