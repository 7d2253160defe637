/* SPDX-License-Identifier: ISC */
/*
 * outstore.c - the records of what goes out, by name.
 *
 * Invariant: a name is built from fixed-size fields only, so no two records
 * of one type share a name.
 */
#include <string.h>

#include "client/desk/outstore.h"

#define NAME_BYTES	24		/* three numbers */
#define FOREIGN		1		/* second number of such a statement */

struct name {
	unsigned char b[NAME_BYTES];
};

static struct name
name_of(uint64_t a, uint64_t b, uint64_t c)
{
	struct name n;
	struct wr w = wr_from(n.b, sizeof(n.b));

	wr_u64(&w, a);
	wr_u64(&w, b);
	wr_u64(&w, c);
	return n;
}

static int
get(struct deskdb *db, enum deskrec_type type, struct name name,
    struct rd *r)
{
	return deskdb_get(db, type, rd_from(name.b, sizeof(name.b)), r);
}

static int
put(struct deskdb *db, enum deskrec_type type, struct name name,
    const struct wr *w)
{
	if (!wr_ok(w))
		return ERR_LIMIT;
	return deskdb_put(db, type, rd_from(name.b, sizeof(name.b)),
	    wr_rd(w));
}

/* --- counters and answers ---------------------------------------------- */

/* see outstore.h */
int
outstore_get_state(struct deskdb *db, struct outstate *s)
{
	struct rd r;
	int e;

	memset(s, 0, sizeof(*s));
	e = get(db, REC_OUTSTATE, name_of(0, 0, 0), &r);
	if (e == ERR_NOTFOUND)
		return 0;
	return e != 0 ? e : outstate_parse(s, r);
}

/* see outstore.h */
int
outstore_put_state(struct deskdb *db, const struct outstate *s)
{
	unsigned char b[DESKREC_SMALL_BYTES];
	struct wr w = wr_from(b, sizeof(b));

	outstate_write(&w, s);
	return put(db, REC_OUTSTATE, name_of(0, 0, 0), &w);
}

/* see outstore.h */
int
outstore_get_answer(struct deskdb *db, uint64_t no, struct answer *a)
{
	struct rd r;
	int e;

	e = get(db, REC_ANSWER, name_of(no, 0, 0), &r);
	return e != 0 ? e : answer_rec_parse(a, r);
}

/* see outstore.h */
int
outstore_put_answer(struct deskdb *db, uint64_t no, const struct answer *a)
{
	unsigned char b[DESKREC_SMALL_BYTES];
	struct wr w = wr_from(b, sizeof(b));

	answer_rec_write(&w, a);
	return put(db, REC_ANSWER, name_of(no, 0, 0), &w);
}

static int
get_number(struct deskdb *db, struct name name, uint64_t *no)
{
	struct rd r;
	int e;

	if ((e = get(db, REC_CASE_ANSWER, name, &r)) != 0)
		return e;
	return rd_u64(&r, no) && rd_done(&r) ? 0 : ERR_FORMAT;
}

static int
put_number(struct deskdb *db, struct name name, uint64_t no)
{
	unsigned char b[8];
	struct wr w = wr_from(b, sizeof(b));

	wr_u64(&w, no);
	return put(db, REC_CASE_ANSWER, name, &w);
}

/* see outstore.h */
int
outstore_case_answers(struct deskdb *db, uint64_t case_no, uint64_t *n)
{
	int e = get_number(db, name_of(case_no, 0, 0), n);

	if (e == ERR_NOTFOUND) {
		*n = 0;
		e = 0;
	}
	return e;
}

/* see outstore.h */
int
outstore_case_answer(struct deskdb *db, uint64_t case_no, uint64_t n,
    uint64_t *no)
{
	return get_number(db, name_of(case_no, n, 0), no);
}

/* see outstore.h */
int
outstore_add_case_answer(struct deskdb *db, uint64_t case_no, uint64_t no)
{
	uint64_t n;
	int e;

	if ((e = outstore_case_answers(db, case_no, &n)) != 0 ||
	    (e = put_number(db, name_of(case_no, ++n, 0), no)) != 0)
		return e;
	return put_number(db, name_of(case_no, 0, 0), n);
}

/* --- statements -------------------------------------------------------- */

static int
get_stmt(struct deskdb *db, struct name name, struct stmt *s)
{
	struct rd r;
	int e;

	e = get(db, REC_STATEMENT, name, &r);
	return e != 0 ? e : stmt_parse(s, r);
}

static int
put_stmt(struct deskdb *db, struct name name, const struct stmt *s)
{
	unsigned char b[DESKREC_SMALL_BYTES];
	struct wr w = wr_from(b, sizeof(b));

	stmt_write(&w, s);
	return put(db, REC_STATEMENT, name, &w);
}

/* see outstore.h */
int
outstore_get_stmt(struct deskdb *db, uint64_t sequence, struct stmt *s)
{
	return get_stmt(db, name_of(sequence, 0, 0), s);
}

/* see outstore.h */
int
outstore_put_stmt(struct deskdb *db, const struct stmt *s)
{
	return put_stmt(db, name_of(s->sequence, 0, 0), s);
}

/* see outstore.h */
int
outstore_del_stmt(struct deskdb *db, uint64_t sequence)
{
	struct name name = name_of(sequence, 0, 0);

	return deskdb_del(db, REC_STATEMENT, rd_from(name.b,
	    sizeof(name.b)));
}

/* see outstore.h */
int
outstore_get_foreign(struct deskdb *db, uint64_t sequence, struct stmt *s)
{
	return get_stmt(db, name_of(sequence, FOREIGN, 0), s);
}

/* see outstore.h */
int
outstore_put_foreign(struct deskdb *db, const struct stmt *s)
{
	return put_stmt(db, name_of(s->sequence, FOREIGN, 0), s);
}

/* --- long things ------------------------------------------------------- */

/* see outstore.h */
int
outstore_get_piece(struct deskdb *db, enum outblob what, uint64_t no,
    uint64_t index, struct rd *piece)
{
	return get(db, REC_CHUNK, name_of((uint64_t)what, no, index), piece);
}

/* see outstore.h */
int
outstore_put_piece(struct deskdb *db, enum outblob what, uint64_t no,
    uint64_t index, struct rd piece)
{
	struct name name = name_of((uint64_t)what, no, index);

	return deskdb_put(db, REC_CHUNK, rd_from(name.b, sizeof(name.b)),
	    piece);
}

/* see outstore.h */
int
outstore_put_blob(struct deskdb *db, enum outblob what, uint64_t no,
    struct rd bytes)
{
	struct rd piece;
	uint64_t i;
	int e;

	for (i = 0; !rd_done(&bytes); i++) {
		if (!rd_take(&bytes, &piece, bytes.n < OUTBLOB_PIECE ?
		    bytes.n : OUTBLOB_PIECE))
			return ERR_FORMAT;
		if ((e = outstore_put_piece(db, what, no, i, piece)) != 0)
			return e;
	}
	return 0;
}

/* see outstore.h */
int
outstore_get_blob(struct deskdb *db, enum outblob what, uint64_t no,
    unsigned char *out, size_t n)
{
	struct wr w = wr_from(out, n);
	struct rd piece;
	uint64_t i;
	int e;

	for (i = 0; w.n < n; i++) {
		if ((e = outstore_get_piece(db, what, no, i, &piece)) != 0)
			return e;
		if (piece.n != (n - w.n < OUTBLOB_PIECE ? n - w.n :
		    OUTBLOB_PIECE))
			return ERR_FORMAT;
		wr_rdr(&w, piece);
	}
	return wr_ok(&w) ? 0 : ERR_FORMAT;
}

/* see outstore.h */
int
outstore_del_blob(struct deskdb *db, enum outblob what, uint64_t no, size_t n)
{
	struct name name;
	size_t i;
	int e;

	for (i = 0; i * OUTBLOB_PIECE < n; i++) {
		name = name_of((uint64_t)what, no, i);
		e = deskdb_del(db, REC_CHUNK, rd_from(name.b,
		    sizeof(name.b)));
		if (e != 0 && e != ERR_NOTFOUND)
			return e;
	}
	return 0;
}
