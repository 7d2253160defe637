/* SPDX-License-Identifier: ISC */
/*
 * drop_zero.c - zeros over every page of drop/ that is not in use, in place.
 *
 * What LMDB deletes it only forgets: the bytes stay in the file until their
 * pages are used again.  So after an erasure all pages of the free list are
 * overwritten, and what lies behind the last page; in slices, and again from
 * the beginning after a kill, until a transaction takes the flag away.
 *
 * Invariant: no page is touched that one of the two newest transactions can
 * reach, for after a crash either may be the one that counts.  LMDB keeps to
 * the same rule when it uses a page again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/drop_int.h"

#define ZERO_PAGES	1024u		/* a slice: 4 MB */
#define RUN_PAGES	64u		/* at once, where they stand together */

static const unsigned char zeros[RUN_PAGES * DROP_PAGE];

/* --- the flag ------------------------------------------------------------ */

/* One more transaction, which only says how far we are. */
static int
write_flag(struct drop *d, uint64_t zero)
{
	MDB_txn *txn;
	int rc, r;

	if ((rc = mdb_txn_begin(d->env, NULL, 0, &txn)) != 0)
		return drop_err(rc);
	d->head.zero = zero;
	if ((r = drop_write_head(d, txn, &d->head)) != 0) {
		mdb_txn_abort(txn);
		return r;
	}
	return drop_err(mdb_txn_commit(txn));
}

/* --- pages --------------------------------------------------------------- */

static int
write_zeros(int fd, uint64_t at, size_t n)
{
	ssize_t k;

	do {
		k = pwrite(fd, zeros, n, (off_t)at);
	} while (k == -1 && errno == EINTR);
	return k == (ssize_t)n ? 0 : ERR_IO;
}

/* Pages that stand together; what is zero already is only read. */
static int
wipe_run(struct drop *d, int fd, uint64_t page, size_t pages)
{
	ssize_t k;

	if (pages == 0)
		return 0;
	do {
		k = pread(fd, d->zero.buf, pages * DROP_PAGE,
		    (off_t)(page * DROP_PAGE));
	} while (k == -1 && errno == EINTR);
	if (k < 0)
		return ERR_IO;
	/* Past the end of the file there is nothing. */
	if (k == 0 || memcmp(d->zero.buf, zeros, (size_t)k) == 0)
		return 0;
	d->zero.wrote = true;
	return write_zeros(fd, page * DROP_PAGE, (size_t)k);
}

/*
 * A record of the free list: how many, then their numbers, which fall; so a
 * run grows downward.
 */
static int
wipe_record(struct drop *d, int fd, MDB_val v, unsigned *left)
{
	struct drop_zero *z = &d->zero;
	size_t n, page, first = 0, run = 0;
	int r;

	if (v.mv_size < sizeof(n))
		return ERR_FORMAT;
	memcpy(&n, v.mv_data, sizeof(n));
	if (n > v.mv_size / sizeof(n) - 1)
		return ERR_FORMAT;
	for (; z->at < n && *left > 0; z->at++, --*left) {
		memcpy(&page, (const unsigned char *)v.mv_data +
		    (1 + z->at) * sizeof(page), sizeof(page));
		if (page < 2 || page >= d->pages_max)
			return ERR_FORMAT;
		if (run > 0 && run < RUN_PAGES && page + 1 == first) {
			first = page;
			run++;
			continue;
		}
		if ((r = wipe_run(d, fd, first, run)) != 0)
			return r;
		first = page;
		run = 1;
	}
	return wipe_run(d, fd, first, run);
}

/* From where the last slice ended; *done: the list is. */
static int
wipe_list(struct drop *d, int fd, MDB_txn *txn, bool *done)
{
	struct drop_zero *z = &d->zero;
	unsigned left = ZERO_PAGES;
	MDB_cursor *c = NULL;
	MDB_val k, v;
	size_t id = z->txnid, was;
	int rc, r = 0;

	if ((rc = mdb_cursor_open(txn, 0, &c)) != 0)
		return drop_err(rc);
	k = drop_val(&id, sizeof(id));
	*done = false;
	for (rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE); rc == 0 && r == 0;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		memcpy(&was, k.mv_data, sizeof(was));
		if (was > z->limit) {
			*done = true;
			break;
		}
		if (was != z->txnid)
			z->at = 0;
		z->txnid = was;
		r = wipe_record(d, fd, v, &left);
		if (left == 0)
			break;
	}
	mdb_cursor_close(c);
	if (rc == MDB_NOTFOUND)
		*done = true;
	else if (rc != 0)
		r = drop_err(rc);
	return r;
}

/* What was written behind the last page by a commit that did not end. */
static int
wipe_tail(struct drop *d, int fd, bool *done)
{
	struct drop_zero *z = &d->zero;
	uint64_t end;
	unsigned i;
	struct stat st;
	int r;

	if (fstat(fd, &st) == -1)
		return ERR_IO;
	end = ((uint64_t)st.st_size + DROP_PAGE - 1) / DROP_PAGE;
	for (i = 0; z->tail < end && i < ZERO_PAGES / RUN_PAGES; i++) {
		if ((r = wipe_run(d, fd, z->tail, RUN_PAGES)) != 0)
			return r;
		z->tail += RUN_PAGES;
	}
	*done = z->tail >= end;
	return 0;
}

/* --- slices -------------------------------------------------------------- */

/* A transaction of its own lies between the last deletion and zeroing. */
static int
begin(struct drop *d)
{
	struct drop_zero *z = &d->zero;
	MDB_envinfo info;
	MDB_stat st;
	int rc, r;

	if (z->buf == NULL && (z->buf = malloc(sizeof(zeros))) == NULL)
		return ERR_NOMEM;
	if ((r = write_flag(d, 1)) != 0)
		return r;
	if ((rc = mdb_env_info(d->env, &info)) != 0 ||
	    (rc = mdb_env_stat(d->env, &st)) != 0)
		return drop_err(rc);
	if (st.ms_psize != DROP_PAGE)
		return ERR_FORMAT;
	z->limit = info.me_last_txnid - 1;
	z->tail = (uint64_t)info.me_last_pgno + 1;
	z->txnid = 0;
	z->at = 0;
	z->on = true;
	return 0;
}

/* Slice by slice: all at once would hold up the commits behind it. */
static int
sync_slice(struct drop *d, int fd)
{
	if (d->zero.wrote && fdatasync(fd) == -1)
		return ERR_IO;
	d->zero.wrote = false;
	return 0;
}

static int
end(struct drop *d)
{
	int r;

	if ((r = write_flag(d, 0)) != 0)
		d->head.zero = 1;
	else
		d->zero.on = false;
	return r;
}

/* see drop_int.h */
int
drop_zero_step(struct drop *d)
{
	bool done = false;
	mdb_filehandle_t fd;
	MDB_txn *txn;
	int rc, r;

	if (!d->zero.on)
		return begin(d);
	if ((rc = mdb_env_get_fd(d->env, &fd)) != 0 ||
	    (rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn)) != 0)
		return drop_err(rc);
	r = wipe_list(d, fd, txn, &done);
	mdb_txn_abort(txn);
	if (r == 0 && done)
		r = wipe_tail(d, fd, &done);
	if (r == 0 && (r = sync_slice(d, fd)) == 0 && done)
		r = end(d);
	return r;
}
