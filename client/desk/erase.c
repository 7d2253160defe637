/* SPDX-License-Identifier: ISC */
/*
 * erase.c - what this role lets the server erase.
 *
 * Invariant: what erase_plan() gives is at most what the newest statement had
 * imported, whatever was wished.
 */
#include <string.h>

#include "client/desk/erase.h"
#include "client/desk/outstore.h"
#include "client/desk/records.h"

#define DAY_SECS	UINT64_C(86400)
#define NAME_BYTES	16
#define RECORD_BYTES	64
#define LEFT		1	/* name of that record; the wish is 0 */

/* --- records -------------------------------------------------------------- */

/* see erase.h */
void
erase_wish_write(struct wr *w, const struct erase_wish *e)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u64(w, e->below);
	wr_u64(w, e->drop);
	wr_u64(w, e->epochs);
}

/* see erase.h */
int
erase_wish_parse(struct erase_wish *e, struct rd r)
{
	uint8_t version;

	memset(e, 0, sizeof(*e));
	return rd_u8(&r, &version) && version == RECORDS_VERSION &&
	    rd_u64(&r, &e->below) && rd_u64(&r, &e->drop) &&
	    rd_u64(&r, &e->epochs) && rd_done(&r) ? 0 : ERR_FORMAT;
}

/* see erase.h */
void
erase_mark_write(struct wr *w, const struct erase_mark *m)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u64(w, m->close);
	wr_u64(w, m->leaf);
}

/* see erase.h */
int
erase_mark_parse(struct erase_mark *m, struct rd r)
{
	uint8_t version;

	memset(m, 0, sizeof(*m));
	return rd_u8(&r, &version) && version == RECORDS_VERSION &&
	    rd_u64(&r, &m->close) && rd_u64(&r, &m->leaf) &&
	    rd_done(&r) ? 0 : ERR_FORMAT;
}

static struct rd
name_of(unsigned char b[static NAME_BYTES], uint64_t n)
{
	struct wr w = wr_from(b, NAME_BYTES);

	wr_u64(&w, n);
	wr_u64(&w, 0);
	return wr_rd(&w);
}

/* see erase.h */
int
erase_get(struct deskdb *db, struct erase_wish *e)
{
	unsigned char name[NAME_BYTES];
	struct rd r;
	int code;

	memset(e, 0, sizeof(*e));
	code = deskdb_get(db, REC_ERASE, name_of(name, 0), &r);
	if (code == ERR_NOTFOUND)
		return 0;
	return code != 0 ? code : erase_wish_parse(e, r);
}

/* see erase.h */
int
erase_put(struct deskdb *db, const struct erase_wish *e)
{
	unsigned char name[NAME_BYTES], b[RECORD_BYTES];
	struct wr w = wr_from(b, sizeof(b));

	erase_wish_write(&w, e);
	return deskdb_put(db, REC_ERASE, name_of(name, 0), wr_rd(&w));
}

static int
get_mark(struct deskdb *db, uint64_t n, struct erase_mark *m)
{
	unsigned char name[NAME_BYTES];
	struct rd r;
	int code;

	code = deskdb_get(db, REC_EPOCH, name_of(name, n), &r);
	return code != 0 ? code : erase_mark_parse(m, r);
}

/* see erase.h */
int
erase_epoch(struct deskdb *db, uint64_t close, uint64_t leaf)
{
	const struct erase_mark m = { close, leaf };
	unsigned char name[NAME_BYTES], b[RECORD_BYTES];
	struct wr w = wr_from(b, sizeof(b));
	struct erase_wish e;
	int r;

	erase_mark_write(&w, &m);
	if ((r = erase_get(db, &e)) != 0 ||
	    (r = deskdb_put(db, REC_EPOCH, name_of(name, e.epochs),
	    wr_rd(&w))) != 0)
		return r;
	e.epochs++;
	return erase_put(db, &e);
}

/* see erase.h */
int
erase_left(struct deskdb *db, bool *left)
{
	unsigned char name[NAME_BYTES];
	struct rd r;
	int code;

	code = deskdb_get(db, REC_ERASE, name_of(name, LEFT), &r);
	*left = code == 0;
	return code == ERR_NOTFOUND ? 0 : code;
}

/* see erase.h */
int
erase_set_left(struct deskdb *db, bool left)
{
	static const unsigned char version = RECORDS_VERSION;
	unsigned char name[NAME_BYTES];
	int code;

	if (left)
		return deskdb_put(db, REC_ERASE, name_of(name, LEFT),
		    rd_from(&version, 1));
	code = deskdb_del(db, REC_ERASE, name_of(name, LEFT));
	return code == ERR_NOTFOUND ? 0 : code;
}

/* --- limits and plans ----------------------------------------------------- */

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* see erase.h */
int
erase_limits(struct deskdb *db, struct erase_limit *l)
{
	struct outstate o;
	struct stmt s;
	int r;

	memset(l, 0, sizeof(*l));
	if ((r = outstore_get_state(db, &o)) != 0 || o.sequence == 0)
		return r;
	if ((r = outstore_get_stmt(db, o.sequence, &s)) != 0)
		return r;
	l->below = s.size;
	l->drop = o.sequence;
	return 0;
}

/* see erase.h */
int
erase_plan(struct deskdb *db, uint64_t *erase_below, uint64_t *drop_below)
{
	struct erase_limit l;
	struct erase_wish e;
	int r;

	*erase_below = *drop_below = 0;
	if ((r = erase_limits(db, &l)) != 0 || (r = erase_get(db, &e)) != 0)
		return r;
	*erase_below = least(e.below, l.below);
	*drop_below = least(e.drop, l.drop);
	return 0;
}

/* --- by date -------------------------------------------------------------- */

/* see erase.h */
int
erase_closed_before(struct deskdb *db, int32_t day, uint64_t *below)
{
	const uint64_t until = (uint64_t)day * DAY_SECS;
	struct erase_limit l;
	struct erase_wish e;
	struct erase_mark m;
	uint64_t n;
	int r;

	*below = 0;
	if ((r = erase_get(db, &e)) != 0 || (r = erase_limits(db, &l)) != 0)
		return r;
	for (n = 0; n < e.epochs; n++) {
		if ((r = get_mark(db, n, &m)) != 0)
			return r;
		/* What comes from here on is of that day, or later. */
		if (m.close >= until) {
			*below = least(m.leaf, l.below);
			return 0;
		}
	}
	if (e.epochs > 0)
		*below = l.below;	/* all of it */
	return 0;
}

/* see erase.h */
int
erase_logged_before(struct deskdb *db, int32_t day, uint64_t *drop)
{
	const uint64_t until = (uint64_t)day * DAY_SECS;
	struct erase_limit l;
	struct stmt s;
	uint64_t n;
	int r;

	*drop = 0;
	if ((r = erase_limits(db, &l)) != 0)
		return r;
	for (n = 1; n < l.drop; n++) {
		if ((r = outstore_get_stmt(db, n, &s)) == ERR_NOTFOUND)
			continue;	/* before this desk knew of it */
		if (r != 0)
			return r;
		if (s.state == STMT_MADE || s.close >= until)
			break;
		*drop = n + 1;
	}
	return 0;
}
