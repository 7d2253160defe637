/* SPDX-License-Identifier: ISC */
/*
 * outbox.c - statements out of the store into OUTBOX, a file.
 *
 * Each record is read back as its readers will read it before it is written;
 * the file appears whole or not at all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/say.h"
#include "client/common/outfile.h"
#include "client/desk/statements.h"
#include "crypto/statement.h"

struct box {
	struct desk *d;
	struct outfile out;
	unsigned char *record;		/* OUTBOX_BYTES_MAX */
	unsigned char *note;		/* NOTE_MAX_BYTES */
	uint64_t n, bytes;
};

/* A long thing of this statement; *out points into its own buffer. */
static int
read_blob(struct box *b, enum outblob what, uint64_t sequence,
    unsigned char *buf, size_t n, struct rd *out)
{
	*out = rd_from(buf, n);
	return outstore_get_blob(b->d->db, what, sequence, buf, n);
}

static int
add_replies(struct box *b, const struct stmt *s, struct wr *w)
{
	struct rd piece;
	uint64_t i;
	int r;

	for (i = 0; i < s->nreplies; i++) {
		if ((r = outstore_get_piece(b->d->db, OUTBLOB_REPLIES,
		    s->sequence, i, &piece)) != 0)
			return r;
		if (piece.n != REPLY_BYTES)
			return ERR_FORMAT;
		wr_rdr(w, piece);
	}
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

static int
write_record(struct box *b, const struct stmt *s)
{
	unsigned char text[STATEMENT_MAX_BYTES];
	struct wr w = wr_from(b->record, OUTBOX_BYTES_MAX);
	struct rd statement, keyset, all;
	struct outbox_record again;
	int r;

	if ((r = read_blob(b, OUTBLOB_STATEMENT, s->sequence, text,
	    s->note_bytes, &statement)) != 0 ||
	    (r = read_blob(b, OUTBLOB_KEYSET, s->sequence, b->note,
	    s->keyset_bytes, &keyset)) != 0)
		return r;
	outbox_write(&w, statement, keyset);
	if ((r = add_replies(b, s, &w)) != 0)
		return r;
	all = wr_rd(&w);
	if ((r = outbox_next(&all, &again)) != 0)
		return r;
	if (!rd_done(&all) || again.nreplies != s->nreplies)
		return ERR_FORMAT;
	b->n++;
	b->bytes += w.n;
	return outfile_write(&b->out, w.p, w.n);
}

static int
write_all(struct box *b)
{
	struct outstate os;
	struct stmt s;
	uint64_t n;
	int r;

	if ((r = deskdb_begin(b->d->db, false)) != 0)
		return r;
	if ((r = outstore_get_state(b->d->db, &os)) != 0)
		goto out;
	for (n = os.logged + 1; r == 0 && n <= os.sequence; n++) {
		r = outstore_get_stmt(b->d->db, n, &s);
		if (r == 0 && s.state == STMT_MADE)
			r = write_record(b, &s);
	}
out:
	deskdb_abort(b->d->db);
	return r;
}

static int
write_failed(const struct box *b, const char *path, int r)
{
	if (b->out.error != 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path,
		    strerror(b->out.error));
	return fail(exit_for(r), "the case store: %s", r == ERR_IO ?
	    strerror(errno) : err_str(r));
}

/* see statements.h */
int
statements_write(struct desk *d, const char *path, uint64_t *n,
    uint64_t *bytes)
{
	struct box b;
	int code = 0, r;

	memset(&b, 0, sizeof(b));
	b.d = d;
	if ((b.record = malloc(OUTBOX_BYTES_MAX)) == NULL ||
	    (b.note = malloc(NOTE_MAX_BYTES)) == NULL) {
		free(b.record);
		return fail(EXIT_SYSTEM, "out of memory");
	}
	if (outfile_open(&b.out, path) != 0) {
		code = fail(EXIT_CANTCREATE, "%s: %s", path, strerror(errno));
		goto out;
	}
	if ((r = write_all(&b)) != 0) {
		code = write_failed(&b, path, r);
		outfile_drop(&b.out);
	} else if (outfile_keep(&b.out) != 0) {
		code = fail(EXIT_CANTCREATE, "%s: %s", path, strerror(errno));
	}
	*n = b.n;
	*bytes = b.bytes;
out:
	free(b.record);
	free(b.note);
	return code;
}
