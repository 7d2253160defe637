/* SPDX-License-Identifier: ISC */
/*
 * ipc.c - the messages between the roles, as bytes; see ipc_end.c for their
 * way.
 *
 * Refuses every datagram whose length, type or flags are not exactly what its
 * type has; there is no field that is ignored.  Invariant:
 * whatever ipc_parse_*() let through can be written again byte for byte.
 */
#include "server/ipc.h"

#include <string.h>

#include "crypto/statement.h"
#include "crypto/work.h"
#include "crypto/wr.h"
#include "server/slots.h"

#define PUT_BYTES	(4 + 1 + HASH_BYTES)
#define GET_BYTES	(4 + 1 + 1 + 8 + HASH_BYTES)
#define GET_DONE_BYTES	(2 + 8 + 4)
#define BOX_BYTES	(4 * 4 + HASH_BYTES)
#define BOX_DONE_BYTES	(2 + 8)
#define STATE_BYTES	(8 + 8 + 1 + 1)

/* The payload of each type, least and most. */
static const struct {
	size_t least, most;
} limits[] = {
	[IPC_PUT] = { PUT_BYTES, PUT_BYTES },
	[IPC_GET] = { GET_BYTES, GET_BYTES + 40 },
	[IPC_PUT_DONE] = { 2, 2 + RECEIPT_MAX_BYTES },
	[IPC_GET_DONE] = { GET_DONE_BYTES, GET_DONE_BYTES },
	[IPC_STATE] = { STATE_BYTES, STATE_BYTES },
	[IPC_PUBLISH] = { 8, 8 },
	[IPC_READY] = { 0, 0 },
	[IPC_STOP] = { 0, 0 },
	[IPC_ALIVE] = { 0, 0 },
	[IPC_BOX] = { BOX_BYTES, BOX_BYTES },
	[IPC_BOX_GONE] = { 4, 4 },
	[IPC_BOX_DONE] = { BOX_DONE_BYTES, BOX_DONE_BYTES },
};

/* see ipc.h */
bool
ipc_fits(enum ipc_type type, size_t n)
{
	return n >= limits[type].least && n <= limits[type].most;
}

/* --- bytes --------------------------------------------------------------- */

/* see ipc.h */
int
ipc_parse(struct ipc_msg *m, struct rd in)
{
	uint16_t type, zero;
	uint32_t length;
	uint64_t id;

	if (!rd_u16(&in, &type) || type < IPC_PUT || type > IPC_BOX_DONE ||
	    !rd_u16(&in, &zero) || zero != 0 ||
	    !rd_u32(&in, &length) || !rd_u64(&in, &id) ||
	    length != in.n || !ipc_fits((enum ipc_type)type, length))
		return ERR_FORMAT;
	m->type = (enum ipc_type)type;
	m->id = id;
	m->body = in;
	return 0;
}

/* Where the flag is not set, the hash must be zeros: one encoding a value. */
static bool
optional_hash(const unsigned char h[static HASH_BYTES], bool there)
{
	static const unsigned char zeros[HASH_BYTES];

	return there || memcmp(h, zeros, sizeof(zeros)) == 0;
}

static void
write_hash(struct wr *w, const unsigned char h[static HASH_BYTES], bool there)
{
	if (there)
		wr_bytes(w, h, HASH_BYTES);
	else
		wr_zeros(w, HASH_BYTES);
}

/* see ipc.h */
int
ipc_parse_put(struct ipc_put *p, struct rd in)
{
	if (!rd_u32(&in, &p->slot) || p->slot >= SLOTS_MAX ||
	    !rd_u8(&in, &p->flags) || (p->flags & ~IPC_HAS_DIGEST) != 0 ||
	    !rd_copy(&in, p->digest, sizeof(p->digest)) || !rd_done(&in) ||
	    !optional_hash(p->digest, p->flags & IPC_HAS_DIGEST))
		return ERR_FORMAT;
	return 0;
}

/* see ipc.h */
void
ipc_write_put(struct wr *w, const struct ipc_put *p)
{
	wr_u32(w, p->slot);
	wr_u8(w, p->flags);
	write_hash(w, p->digest, p->flags & IPC_HAS_DIGEST);
}

/* How long the key of each kind is; 0: no such kind. */
static size_t
key_bytes(uint8_t kind)
{
	switch (kind) {
	case GET_PARCEL:
	case GET_STATEMENT:
		return HASH_BYTES;
	case GET_TILE:
		return 1 + 8 + 2;
	default:
		return 0;
	}
}

/* see ipc.h */
int
ipc_parse_get(struct ipc_get *g, struct rd in)
{
	if (!rd_u32(&in, &g->slot) || g->slot >= SLOTS_MAX ||
	    !rd_u8(&in, &g->flags) || (g->flags & ~IPC_HAS_TOKEN) != 0 ||
	    !rd_u8(&in, &g->kind) || !rd_u64(&in, &g->offset) ||
	    !rd_copy(&in, g->token, sizeof(g->token)) ||
	    !optional_hash(g->token, g->flags & IPC_HAS_TOKEN) ||
	    key_bytes(g->kind) == 0 || in.n != key_bytes(g->kind))
		return ERR_FORMAT;
	g->key = in;
	return 0;
}

/* see ipc.h */
void
ipc_write_get(struct wr *w, const struct ipc_get *g)
{
	wr_u32(w, g->slot);
	wr_u8(w, g->flags);
	wr_u8(w, g->kind);
	wr_u64(w, g->offset);
	write_hash(w, g->token, g->flags & IPC_HAS_TOKEN);
	wr_rdr(w, g->key);
}

/* see ipc.h */
int
ipc_parse_put_done(struct ipc_put_done *d, struct rd in)
{
	bool good;

	if (!rd_u16(&in, &d->status))
		return ERR_FORMAT;
	good = d->status == 200 || d->status == 201;
	if ((!good && d->status != 400 && d->status != 503) ||
	    good != (in.n > 0) || in.n > RECEIPT_MAX_BYTES)
		return ERR_FORMAT;
	d->receipt = in;
	return 0;
}

/* see ipc.h */
void
ipc_write_put_done(struct wr *w, const struct ipc_put_done *d)
{
	wr_u16(w, d->status);
	wr_rdr(w, d->receipt);
}

/* see ipc.h */
int
ipc_parse_get_done(struct ipc_get_done *d, struct rd in)
{
	if (!rd_u16(&in, &d->status) || !rd_u64(&in, &d->total) ||
	    !rd_u32(&in, &d->length) || !rd_done(&in))
		return ERR_FORMAT;
	if (d->status == 200)
		return d->length <= SLOT_BYTES && d->length <= d->total ?
		    0 : ERR_FORMAT;
	if ((d->status != 401 && d->status != 404 && d->status != 503) ||
	    d->total != 0 || d->length != 0)
		return ERR_FORMAT;
	return 0;
}

/* see ipc.h */
void
ipc_write_get_done(struct wr *w, const struct ipc_get_done *d)
{
	wr_u16(w, d->status);
	wr_u64(w, d->total);
	wr_u32(w, d->length);
}

/* see ipc.h */
int
ipc_parse_box(struct ipc_box *b, struct rd in)
{
	if (!rd_u32(&in, &b->slot) || b->slot >= SLOTS_MAX ||
	    !rd_u32(&in, &b->total) || b->total == 0 ||
	    b->total > OUTBOX_BYTES_MAX ||
	    !rd_u32(&in, &b->offset) || b->offset >= b->total ||
	    !rd_u32(&in, &b->length) || b->length > SLOT_BYTES ||
	    b->length > b->total - b->offset ||
	    (b->length == 0 && b->offset != 0) ||
	    !rd_copy(&in, b->token, sizeof(b->token)) || !rd_done(&in))
		return ERR_FORMAT;
	return 0;
}

/* see ipc.h */
void
ipc_write_box(struct wr *w, const struct ipc_box *b)
{
	wr_u32(w, b->slot);
	wr_u32(w, b->total);
	wr_u32(w, b->offset);
	wr_u32(w, b->length);
	wr_bytes(w, b->token, sizeof(b->token));
}

/* see ipc.h */
int
ipc_parse_box_gone(uint32_t *slot, struct rd in)
{
	return rd_u32(&in, slot) && *slot < SLOTS_MAX && rd_done(&in) ? 0 :
	    ERR_FORMAT;
}

/* see ipc.h */
void
ipc_write_box_gone(struct wr *w, uint32_t slot)
{
	wr_u32(w, slot);
}

/* see ipc.h */
int
ipc_parse_box_done(struct ipc_box_done *d, struct rd in)
{
	static const uint16_t all[] = { 100, 200, 201, 400, 401, 409, 503 };
	size_t i;

	if (!rd_u16(&in, &d->status) || !rd_u64(&in, &d->next) ||
	    !rd_done(&in) || (d->status == 409) != (d->next != 0))
		return ERR_FORMAT;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (d->status == all[i])
			return 0;
	return ERR_FORMAT;
}

/* see ipc.h */
void
ipc_write_box_done(struct wr *w, const struct ipc_box_done *d)
{
	wr_u16(w, d->status);
	wr_u64(w, d->next);
}

/* see ipc.h */
int
ipc_parse_state(struct ipc_state *s, struct rd in)
{
	if (!rd_u64(&in, &s->close) || !rd_u64(&in, &s->previous) ||
	    s->previous >= s->close ||
	    !rd_u8(&in, &s->bits) || s->bits > WORK_BITS_MAX ||
	    !rd_u8(&in, &s->health) || s->health > HEALTH_LOST ||
	    !rd_done(&in))
		return ERR_FORMAT;
	return 0;
}

/* see ipc.h */
void
ipc_write_state(struct wr *w, const struct ipc_state *s)
{
	wr_u64(w, s->close);
	wr_u64(w, s->previous);
	wr_u8(w, s->bits);
	wr_u8(w, s->health);
}
