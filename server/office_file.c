/* SPDX-License-Identifier: ISC */
/*
 * office_file.c - outboxes on disk: taken, found again, moved into drop/.
 *
 * Invariant: a file has its name when all of it is on disk, and says what was
 * checked; whatever is read from it later is held against the digests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/sha256.h"
#include "server/file.h"
#include "server/office.h"
#include "server/pending.h"

#define PATH_MAX_BYTES	64

static void
path_of(char out[static PATH_MAX_BYTES], uint64_t close, unsigned n)
{
	if (snprintf(out, PATH_MAX_BYTES, PENDING_DIR "/%llu/" OFFICE_FILE
	    "%u", (unsigned long long)close, n) >= PATH_MAX_BYTES)
		abort();
}

/* How many outboxes an epoch has: they are numbered without a gap. */
static unsigned
count_files(const struct office *o, uint64_t close)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < o->nsaid; i++)
		if (o->said[i].close == close && o->said[i].file >= n)
			n = o->said[i].file + 1;
	return n;
}

/* --- taking -------------------------------------------------------------- */

/* The new records, durably; said waits in o already. */
static int
keep(struct office_check *c, unsigned n)
{
	char path[PATH_MAX_BYTES], dir[PATH_MAX_BYTES];
	int r;

	if (!wr_ok(&c->out))
		return ERR_LIMIT;
	path_of(path, c->close, n);
	(void)snprintf(dir, sizeof(dir), PENDING_DIR "/%llu",
	    (unsigned long long)c->close);
	/* An earlier try may have got as far as its name, unanswered. */
	r = file_replace(AT_FDCWD, path, wr_rd(&c->out), 0600);
	if (r == 0)
		r = file_sync_dir(AT_FDCWD, dir);
	/*
	 * What was not acknowledged must not come in through a restart; and
	 * a kill must not leave half of it, which nobody would start with.
	 */
	if (r != 0 && file_remove(AT_FDCWD, path) != 0)
		r = ERR_IO;
	return r;
}

static int
take(struct office_check *c, struct rd body)
{
	int r;

	c->file = count_files(c->o, c->close);
	if ((r = office_check(c, body)) != 0) {
		if (r == ERR_IO || r == ERR_NOMEM)
			return r;
		c->verdict = OFFICE_BAD;
		return 0;
	}
	if (c->verdict != OFFICE_NEW)
		return 0;
	if (c->file >= OFFICE_OUTBOXES_MAX) {
		office_truncate(c->o, c->before);
		c->verdict = OFFICE_FULL;
		return 0;
	}
	if ((r = keep(c, c->file)) == 0)
		return 0;
	office_truncate(c->o, c->before);
	if (r == ERR_LIMIT) {
		c->verdict = OFFICE_BAD;
		r = 0;
	}
	return r;
}

/* see office.h */
int
office_take(struct office *o, struct rd body, uint64_t close,
    enum office_verdict *v, uint64_t *next)
{
	struct office_check c = { .o = o, .close = close };
	unsigned char *out = malloc(OFFICE_FILE_MAX);
	int r;

	if (out == NULL)
		return ERR_NOMEM;
	c.out = wr_from(out, OFFICE_FILE_MAX);
	r = take(&c, body);
	*v = c.verdict;
	*next = c.next;
	free(out);
	return r;
}

/* --- finding again ------------------------------------------------------- */

/* ERR_NOTFOUND: there is no such file. */
static int
slurp(uint64_t close, unsigned n, unsigned char **bytes, size_t *size)
{
	char path[PATH_MAX_BYTES];
	int r;

	path_of(path, close, n);
	if ((*bytes = malloc(OFFICE_FILE_MAX)) == NULL)
		return ERR_NOMEM;
	r = file_slurp(AT_FDCWD, path, *bytes, OFFICE_FILE_MAX, size);
	if (r == 0)
		return 0;
	free(*bytes);
	*bytes = NULL;
	return r == ERR_LIMIT || r == ERR_FORMAT ? ERR_CHANGED : r;
}

static int
load_one(struct office *o, uint64_t close, unsigned n)
{
	struct office_check c = { .o = o, .close = close, .file = n,
	    .logged = close <= drop_last_close(o->drop) };
	unsigned char *bytes;
	size_t size;
	int r;

	if ((r = slurp(close, n, &bytes, &size)) != 0)
		return r;
	r = office_check(&c, rd_from(bytes, size));
	free(bytes);
	if (r == ERR_IO || r == ERR_NOMEM)
		return r;
	/* It was checked before it was written. */
	if (r != 0 || (!c.logged && c.verdict != OFFICE_NEW)) {
		office_truncate(o, c.before);
		return ERR_CHANGED;
	}
	return 0;
}

/* see office.h */
int
office_file_load(struct office *o, uint64_t close)
{
	unsigned n;
	int r = 0;

	for (n = 0; n < OFFICE_OUTBOXES_MAX && r == 0; n++)
		r = load_one(o, close, n);
	return r == ERR_NOTFOUND ? 0 : r;
}

/* --- the close ----------------------------------------------------------- */

static int
move_replies(struct office *o, const struct said *x, struct rd all)
{
	unsigned char hash[HASH_BYTES];
	struct rd reply;
	size_t i;
	int r;

	for (i = 0; i < x->s.n; i++) {
		if (!rd_take(&all, &reply, REPLY_BYTES))
			return ERR_CHANGED;
		sha256(hash, reply.p, reply.n);
		if (memcmp(hash, x->s.reply[i], HASH_BYTES) != 0)
			return ERR_CHANGED;
		if ((r = drop_move_body(o->drop, ENTRY_REPLY, hash,
		    reply)) != 0)
			return r;
	}
	return rd_done(&all) ? 0 : ERR_CHANGED;
}

static int
move_record(struct office *o, const struct said *x,
    const struct outbox_record *rec)
{
	unsigned char hash[HASH_BYTES];
	int r;

	sha256(hash, rec->statement.p, rec->statement.n);
	if (memcmp(hash, x->s.digest, HASH_BYTES) != 0)
		return ERR_CHANGED;
	if ((r = drop_move_body(o->drop, ENTRY_STATEMENT, hash,
	    rec->statement)) != 0)
		return r;
	if (rec->keyset.n > 0) {
		sha256(hash, rec->keyset.p, rec->keyset.n);
		if (memcmp(hash, x->s.keyset, HASH_BYTES) != 0)
			return ERR_CHANGED;
		if ((r = drop_move_keyset(o->drop, hash, rec->keyset)) != 0)
			return r;
	}
	return move_replies(o, x, rec->replies);
}

/* All records of the file, which are those that wait, in order. */
static int
move_all(struct office *o, uint64_t close, unsigned n, struct rd body)
{
	struct outbox_record rec;
	size_t i;
	int r;

	for (i = 0; i < o->nsaid; i++) {
		if (o->said[i].close != close || o->said[i].file != n)
			continue;
		if (outbox_next(&body, &rec) != 0)
			return ERR_CHANGED;
		if ((r = move_record(o, &o->said[i], &rec)) != 0)
			return r;
	}
	return rd_done(&body) ? 0 : ERR_CHANGED;
}

/* see office.h */
int
office_move(struct office *o, uint64_t close, unsigned n)
{
	unsigned char *bytes;
	size_t size;
	int r;

	if (n >= count_files(o, close))
		return ERR_NOTFOUND;
	if ((r = slurp(close, n, &bytes, &size)) != 0)
		return r == ERR_NOTFOUND ? ERR_CHANGED : r;
	if ((r = drop_move_begin(o->drop)) == 0) {
		if ((r = move_all(o, close, n, rd_from(bytes, size))) == 0)
			r = drop_move_commit(o->drop);
		else
			drop_move_abort(o->drop);
	}
	free(bytes);
	return r;
}

/* see office.h */
int
office_touch(const struct office *o, uint64_t close)
{
	unsigned i, n = count_files(o, close);
	char path[PATH_MAX_BYTES];

	for (i = 0; i < n; i++) {
		path_of(path, close, i);
		if (utimensat(AT_FDCWD, path, NULL, 0) == -1)
			return ERR_IO;
	}
	return 0;
}
