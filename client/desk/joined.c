/* SPDX-License-Identifier: ISC */
/*
 * joined.c - a message read out of its stored parts.
 *
 * A message is read twice when it is checked: once for the hash, the JSON
 * and the signature, once for the attachments that the JSON names.
 *
 * Invariant: what joined_check() did not refuse is, byte for byte, what the
 * author signed.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/msgjson.h"
#include "client/desk/joined.h"
#include "crypto/base.h"
#include "crypto/message.h"
#include "crypto/sha256.h"

/* see joined.h */
int
joined_read(struct deskdb *db, uint64_t no, const struct group *g,
    uint64_t from, uint64_t n, joined_sink *sink, void *arg)
{
	struct part_rec p;
	struct rd data;
	uint64_t skip;
	int r;

	if (from > g->bytes || n > g->bytes - from)
		return ERR_FORMAT;
	while (n > 0) {
		uint16_t index = (uint16_t)(from / PART_DATA_BYTES);

		if ((r = store_get_part(db, no, index, 0, &p)) != 0)
			return r;
		data = p.data;
		if (data.n != part_bytes(g->bytes, index))
			return ERR_FORMAT;
		skip = from % PART_DATA_BYTES;
		if (!rd_skip(&data, (size_t)skip))
			return ERR_FORMAT;
		if (data.n > n)
			data.n = (size_t)n;
		if ((r = sink(arg, data.p, data.n)) != 0)
			return r;
		from += data.n;
		n -= data.n;
	}
	return 0;
}

/* --- the first reading -------------------------------------------------- */

/* What the message itself has wrong must not end the reading's errors. */
struct first {
	struct message_reader *m;
	int bad;
};

static int
to_reader(void *arg, const unsigned char *p, size_t n)
{
	struct first *f = arg;
	int r = message_reader_push(f->m, rd_from(p, n));

	if (r == ERR_NOMEM)
		return r;
	if (r != 0)
		f->bad = r;
	return 0;
}

static const char *
string_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

/*
 * The JSON as an object, and what we need of it at once.
 * Errors: ERR_NOMEM, ERR_FORMAT.
 */
static int
take_json(struct joined *j, struct rd text)
{
	char why[128];
	const char *s;
	int r;

	if ((r = msgjson_parse(&j->json, text, MSGJSON_MESSAGE, why,
	    sizeof(why))) != 0)
		return r == ERR_NOMEM ? r : ERR_FORMAT;
	if (!b64_decode(j->author, sizeof(j->author),
	    rd_str(string_of(j->json, "author")), true))
		return ERR_FORMAT;
	s = string_of(j->json, "mailbox");
	sha256(j->mailbox, s, strlen(s));
	j->followup = strcmp(string_of(j->json, "kind"), "follow-up") == 0;
	return 0;
}

/*
 * The first reading's verdict; *room is how long the attachments are.
 * Errors: ERR_NOMEM; without memory there is no verdict.
 */
static int
judge_first(struct first *f, const struct group *g, struct joined *j,
    uint64_t *room, int *why)
{
	struct message_view v;
	int r;

	*why = WHY_FRAME;
	if (f->bad != 0 || message_reader_finish(f->m, &v) != 0)
		return 0;
	*why = WHY_HASH;
	if (memcmp(v.whole, g->sha256, HASH_BYTES) != 0)
		return 0;
	*why = WHY_JSON;
	if ((r = take_json(j, v.json)) != 0)
		return r == ERR_NOMEM ? r : 0;
	*why = WHY_AUTHOR;
	if (message_verify(v.sig, g->id, v.body, j->author) != 0)
		return 0;
	*why = 0;
	j->attachments_at = v.attachments_at;
	*room = v.attachments_bytes;
	return 0;
}

static int
read_first(struct deskdb *db, uint64_t no, const struct group *g,
    struct joined *j, uint64_t *room, int *why)
{
	struct first f = { NULL, 0 };
	int r;

	if ((r = message_reader_new(&f.m, g->bytes)) == ERR_NOMEM)
		return r;
	if (r != 0) {
		*why = WHY_FRAME;
		return 0;
	}
	if ((r = joined_read(db, no, g, 0, g->bytes, to_reader, &f)) == 0)
		r = judge_first(&f, g, j, room, why);
	message_reader_free(f.m);
	return r;
}

/* --- the second reading ------------------------------------------------- */

static int
to_hash(void *arg, const unsigned char *p, size_t n)
{
	sha256_update(arg, p, n);
	return 0;
}

/* Attachments fill their place exactly, and each is what its hash says. */
static int
read_attachments(struct deskdb *db, uint64_t no, const struct group *g,
    const struct joined *j, uint64_t room, int *why)
{
	const size_t n = msgjson_attachments(j->json);
	unsigned char digest[HASH_BYTES];
	struct msgjson_attachment a;
	uint64_t at = j->attachments_at;
	struct sha256 *h;
	size_t i;
	int r = 0;

	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n && r == 0 && *why == 0; i++) {
		msgjson_attachment(j->json, i, &a);
		if (a.bytes > room) {
			*why = WHY_ATTACHMENT;
			break;
		}
		if ((r = joined_read(db, no, g, at, a.bytes, to_hash,
		    h)) != 0)
			break;
		sha256_final(h, digest);
		if (memcmp(digest, a.sha256, HASH_BYTES) != 0)
			*why = WHY_ATTACHMENT;
		at += a.bytes;
		room -= a.bytes;
	}
	if (r == 0 && *why == 0 && room != 0)
		*why = WHY_ATTACHMENT;
	sha256_free(h);
	return r;
}

/* see joined.h */
int
joined_check(struct deskdb *db, uint64_t no, const struct group *g,
    struct joined *j, int *why)
{
	uint64_t room = 0;
	int r;

	memset(j, 0, sizeof(*j));
	*why = 0;
	if ((r = read_first(db, no, g, j, &room, why)) != 0 || *why != 0)
		return r;
	return read_attachments(db, no, g, j, room, why);
}

/* see joined.h */
void
joined_wipe(struct joined *j)
{
	json_decref(j->json);
	sodium_memzero(j, sizeof(*j));
}

/* --- the JSON alone ----------------------------------------------------- */

static int
to_buffer(void *arg, const unsigned char *p, size_t n)
{
	wr_bytes(arg, p, n);
	return 0;
}

/* see joined.h */
int
joined_load(struct deskdb *db, uint64_t no, const struct group *g,
    struct joined *j)
{
	unsigned char head[4], *text = NULL;
	struct wr w = wr_from(head, sizeof(head));
	uint32_t n = 0;
	struct rd in;
	int r;

	memset(j, 0, sizeof(*j));
	if ((r = joined_read(db, no, g, 0, sizeof(head), to_buffer, &w)) != 0)
		return r;
	in = wr_rd(&w);
	if (!rd_u32(&in, &n) || n == 0 || n > MESSAGE_JSON_MAX)
		return ERR_FORMAT;
	if ((text = malloc(n)) == NULL)
		return ERR_NOMEM;
	w = wr_from(text, n);
	if ((r = joined_read(db, no, g, sizeof(head), n, to_buffer,
	    &w)) == 0)
		r = take_json(j, wr_rd(&w));
	j->attachments_at = sizeof(head) + (uint64_t)n;
	sodium_memzero(text, n);
	free(text);
	return r;
}
