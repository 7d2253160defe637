/* SPDX-License-Identifier: ISC */
/*
 * pending_head.c - the small files of an epoch, and how much cover it gets.
 *
 * Pure.  Refuses a key file that is not exactly as it was written: in
 * particular one that was overwritten.
 */
#include "server/pending.h"

#define MAGIC	"ecrdrop/pending/v2\n"

#define BATCH_MAX	4096u
#define PARCELS_MAX	(1u << 20)

/* see pending.h */
int
pending_head_parse(struct pending_head *h, struct rd in)
{
	if (!rd_lit(&in, MAGIC) || !rd_u64(&in, &h->close) ||
	    h->close == 0 || h->close > INT64_MAX ||
	    !rd_u32(&in, &h->parcels) || h->parcels == 0 ||
	    h->parcels > PARCELS_MAX ||
	    !rd_u32(&in, &h->batch) || h->batch == 0 ||
	    h->batch > BATCH_MAX ||
	    !rd_u32(&in, &h->noise) || h->noise >= 4 * h->batch ||
	    !rd_copy(&in, h->key, sizeof(h->key)) || !rd_done(&in))
		return ERR_FORMAT;
	return 0;
}

/* see pending.h */
void
pending_head_write(struct wr *w, const struct pending_head *h)
{
	wr_str(w, MAGIC);
	wr_u64(w, h->close);
	wr_u32(w, h->parcels);
	wr_u32(w, h->batch);
	wr_u32(w, h->noise);
	wr_bytes(w, h->key, sizeof(h->key));
}

/* see pending.h */
int
pending_size_parse(uint32_t *size, struct rd in)
{
	struct rd line;
	uint64_t v;

	if (!rd_line(&in, &line) || !rd_done(&in) ||
	    !rd_dec(line, pending_most(PARCELS_MAX, BATCH_MAX), &v) || v == 0)
		return ERR_FORMAT;
	*size = (uint32_t)v;
	return 0;
}

/* see pending.h */
uint32_t
pending_cover_target(uint32_t n, uint32_t noise, uint32_t batch)
{
	uint32_t batches = (n + noise + batch - 1) / batch;

	return batch * (batches > 0 ? batches : 1);
}

/* see pending.h */
uint64_t
pending_most(uint32_t parcels, uint32_t batch)
{
	return (uint64_t)parcels + 5 * (uint64_t)batch;
}
