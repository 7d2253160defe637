/* SPDX-License-Identifier: ISC */
/*
 * part.c - the plaintext of a parcel.
 *
 * Refuses whatever is not the one way to write this part of this message:
 * counts that do not follow from the length, a part that is not full though
 * it is not the last, padding that is not zero.
 */
#include <sodium.h>
#include <string.h>

#include "crypto/message.h"
#include "crypto/part.h"
#include "crypto/wr.h"

/* see part.h */
uint16_t
cut_count(uint64_t bytes, uint32_t full, uint64_t max)
{
	return bytes > max ? 0 : (uint16_t)((bytes + full - 1) / full);
}

/* see part.h */
uint32_t
cut_bytes(uint64_t bytes, uint32_t full, uint64_t max, uint16_t index)
{
	uint64_t before = (uint64_t)index * full;

	if (cut_count(bytes, full, max) == 0 || before >= bytes)
		return 0;
	bytes -= before;
	return bytes < full ? (uint32_t)bytes : full;
}

/* see part.h */
uint16_t
part_count(uint64_t bytes)
{
	return cut_count(bytes, PART_DATA_BYTES, MESSAGE_BYTES_MAX);
}

/* see part.h */
uint32_t
part_bytes(uint64_t bytes, uint16_t index)
{
	return cut_bytes(bytes, PART_DATA_BYTES, MESSAGE_BYTES_MAX, index);
}

/* Do the numbers of the head fit each other? */
static bool
head_ok(const struct part *p, uint64_t data)
{
	return p->count > 0 && p->count == part_count(p->bytes) &&
	    p->index < p->count && data == part_bytes(p->bytes, p->index);
}

/* see part.h */
int
part_write(unsigned char out[static PARCEL_PLAIN_BYTES], const struct part *p)
{
	struct wr w = wr_from(out, PARCEL_PLAIN_BYTES);

	if (!head_ok(p, p->data.n))
		return ERR_FORMAT;
	wr_u8(&w, PART_VERSION);
	wr_u8(&w, PART_MESSAGE);
	wr_u16(&w, p->index);
	wr_u16(&w, p->count);
	wr_bytes(&w, p->id, sizeof(p->id));
	wr_bytes(&w, p->sha256, sizeof(p->sha256));
	wr_u64(&w, p->bytes);
	wr_u32(&w, (uint32_t)p->data.n);
	wr_bytes(&w, p->seed, sizeof(p->seed));
	wr_rdr(&w, p->data);
	wr_zeros(&w, PARCEL_PLAIN_BYTES - w.n);
	return 0;
}

/* see part.h */
int
part_parse(struct part *p, struct rd plain)
{
	uint8_t version, kind;
	uint32_t data;
	int r = ERR_FORMAT;

	memset(p, 0, sizeof(*p));
	if (plain.n != PARCEL_PLAIN_BYTES ||
	    !rd_u8(&plain, &version) || version != PART_VERSION ||
	    !rd_u8(&plain, &kind) || kind != PART_MESSAGE ||
	    !rd_u16(&plain, &p->index) || !rd_u16(&plain, &p->count) ||
	    !rd_copy(&plain, p->id, sizeof(p->id)) ||
	    !rd_copy(&plain, p->sha256, sizeof(p->sha256)) ||
	    !rd_u64(&plain, &p->bytes) || !rd_u32(&plain, &data) ||
	    !rd_copy(&plain, p->seed, sizeof(p->seed)) ||
	    !head_ok(p, data) || !rd_take(&plain, &p->data, data) ||
	    !sodium_is_zero(plain.p, plain.n))
		goto out;
	r = 0;
out:
	if (r != 0)
		sodium_memzero(p, sizeof(*p));
	return r;
}
