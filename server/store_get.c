/* SPDX-License-Identifier: ISC */
/*
 * store_get.c - objects for the fronts, in pieces, through lent slots.
 *
 * Refuses parcels without a token of a role that may have them.  Only what
 * the signed checkpoint covers is ever given out.
 */
#include <string.h>

#include "crypto/wr.h"
#include "server/store_int.h"

#define ENTRIES_LEVEL	0xff
#define BUNDLE_MAX	(TILE_WIDTH * (2 + ENTRY_BYTES))

/* Couriers and auditors; the file is read again when it has changed. */
static bool
may_read_parcels(struct store *s, const struct ipc_get *g)
{
	if ((g->flags & IPC_HAS_TOKEN) == 0)
		return false;
	if (tokens_changed(&s->token_stamp, s->datadir) && tokens_load(
	    &s->tokens, &s->token_stamp, s->datadir) != 0)
		return false;		/* and nobody else, either */
	return tokens_find(&s->tokens, g->token) != TOKEN_NONE;
}

/* Tiles are small: made whole, then cut. */
static int
get_tile(struct store *s, const struct ipc_get *g, unsigned char *out,
    size_t *n, uint64_t *total)
{
	unsigned char buf[BUNDLE_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd key = g->key, bytes;
	struct tile t;
	uint8_t level;
	uint16_t width;
	int r;

	if (!rd_u8(&key, &level) || !rd_u64(&key, &t.index) ||
	    !rd_u16(&key, &width) || !rd_done(&key))
		return ERR_FORMAT;
	t.level = level == ENTRIES_LEVEL ? TILE_ENTRIES : level;
	t.width = width;
	if ((r = drop_get_tile(s->epochs.drop, &w, &t)) != 0)
		return r;
	bytes = wr_rd(&w);
	*total = bytes.n;
	if (g->offset > bytes.n || !rd_skip(&bytes, (size_t)g->offset))
		return ERR_NOTFOUND;
	*n = bytes.n < SLOT_BYTES ? bytes.n : SLOT_BYTES;
	return rd_copy(&bytes, out, *n) ? 0 : ERR_NOTFOUND;
}

static int
get_object(struct store *s, const struct ipc_get *g, unsigned char *out,
    size_t *n, uint64_t *total)
{
	unsigned char digest[HASH_BYTES];
	struct rd key = g->key;

	if (g->kind == GET_TILE)
		return get_tile(s, g, out, n, total);
	if (!rd_copy(&key, digest, sizeof(digest)))
		return ERR_FORMAT;
	if (g->kind == GET_PARCEL && !may_read_parcels(s, g))
		return ERR_AUTH;
	return drop_get_body(s->epochs.drop, g->kind == GET_PARCEL ?
	    ENTRY_PARCEL : ENTRY_STATEMENT, digest, g->offset, out,
	    SLOT_BYTES, n, total);
}

static uint16_t
status_of(int r)
{
	switch (r) {
	case 0:
		return 200;
	case ERR_AUTH:
		return 401;
	case ERR_NOTFOUND:
		return 404;
	default:
		return 503;
	}
}

/* see store_int.h */
void
store_get(struct front *f, uint64_t id, const struct ipc_get *g)
{
	struct ipc_get_done d = { 0 };
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));
	uint64_t total = 0;
	size_t n = 0;
	int r;

	r = get_object(f->s, g, slots_at(&f->slots, g->slot), &n, &total);
	if (r != 0 && status_of(r) == 503)
		log_event(EV_DISK_ERROR, 1);
	d.status = status_of(r);
	if (r == 0) {
		d.total = total;
		d.length = (uint32_t)n;
	}
	ipc_write_get_done(&w, &d);
	store_send(f, IPC_GET_DONE, id, wr_rd(&w), -1);
}
