/* SPDX-License-Identifier: ISC */
/*
 * logrec.c - the records of the desk log, as bytes.
 */
#include <string.h>

#include <sodium.h>

#include "client/desk/desklog.h"
#include "client/desk/records.h"

/* see desklog.h */
void
desklog_head_write(struct wr *w, const struct desklog_head *h)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u64(w, h->generation);
	wr_bytes(w, h->previous, sizeof(h->previous));
	wr_u64(w, h->generations);
	wr_u64(w, h->commits);
	tree_write(w, &h->tree);
}

/* see desklog.h */
int
desklog_head_parse(struct desklog_head *h, struct rd r)
{
	uint8_t version;

	memset(h, 0, sizeof(*h));
	if (!rd_u8(&r, &version) || version != RECORDS_VERSION ||
	    !rd_u64(&r, &h->generation) || h->generation > TREE_SIZE_MAX ||
	    !rd_copy(&r, h->previous, sizeof(h->previous)) ||
	    !rd_u64(&r, &h->generations) || !rd_u64(&r, &h->commits))
		return ERR_FORMAT;
	if ((h->generation == 0) != (h->generations == 0) ||
	    (h->generation == 0 &&
	    !sodium_is_zero(h->previous, sizeof(h->previous))))
		return ERR_FORMAT;
	return tree_parse(&h->tree, r);
}

/* see desklog.h */
void
desklog_anchor_write(struct wr *w, const struct desklog_anchor *a)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u64(w, a->generation);
	wr_u64(w, a->size);
	wr_bytes(w, a->random, sizeof(a->random));
	wr_u16(w, (uint16_t)a->checkpoint.n);
	wr_rdr(w, a->checkpoint);
}

/* see desklog.h */
int
desklog_anchor_parse(struct desklog_anchor *a, struct rd r)
{
	uint8_t version;

	memset(a, 0, sizeof(*a));
	if (!rd_u8(&r, &version) || version != RECORDS_VERSION ||
	    !rd_u64(&r, &a->generation) || !rd_u64(&r, &a->size) ||
	    a->size == 0 || a->size > TREE_SIZE_MAX ||
	    !rd_copy(&r, a->random, sizeof(a->random)) ||
	    !rd_take16(&r, &a->checkpoint) || !rd_done(&r))
		return ERR_FORMAT;
	return 0;
}
