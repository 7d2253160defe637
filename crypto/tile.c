/* SPDX-License-Identifier: ISC */
/*
 * tile.c - tiles of C2SP tlog-tiles: which there are, what they are called.
 *
 * Refuses every second spelling of a path: leading zeros, groups that are
 * not three digits, widths of 0 or 256, levels past what 64 bits can hold.
 */
#include "crypto/tree.h"

/* Three digits; *v is 0 to 999. */
static bool
three(struct rd *r, uint64_t *v)
{
	struct rd d;
	size_t i;

	if (!rd_take(r, &d, 3))
		return false;
	*v = 0;
	for (i = 0; i < d.n; i++) {
		if (d.p[i] < '0' || d.p[i] > '9')
			return false;
		*v = *v * 10 + (uint64_t)(d.p[i] - '0');
	}
	return true;
}

/* x001/x234/067 */
static bool
index_parse(struct rd *r, uint64_t *index)
{
	bool more, first = true;
	uint64_t v, group;

	for (v = 0;; first = false) {
		more = rd_lit(r, "x");
		if (!three(r, &group) || (first && more && group == 0) ||
		    v > (TREE_SIZE_MAX - group) / 1000)
			return false;
		v = v * 1000 + group;
		if (!more)
			break;
		if (!rd_lit(r, "/"))
			return false;
	}
	*index = v;
	return true;
}

/* "entries" or one digit. */
static bool
level_parse(struct rd *r, int *level)
{
	uint8_t c;

	if (rd_lit(r, "entries")) {
		*level = TILE_ENTRIES;
		return true;
	}
	if (!rd_u8(r, &c) || c < '0' || c > '0' + TILE_LEVEL_MAX)
		return false;
	*level = c - '0';
	return true;
}

/* see tree.h */
int
tile_parse(struct tile *t, struct rd path)
{
	uint64_t width = TILE_WIDTH;

	if (!rd_lit(&path, "tile/") || !level_parse(&path, &t->level) ||
	    !rd_lit(&path, "/") || !index_parse(&path, &t->index))
		return ERR_FORMAT;
	if (rd_lit(&path, ".p/")) {
		if (!rd_dec(path, TILE_WIDTH - 1, &width) || width == 0)
			return ERR_FORMAT;
	} else if (!rd_done(&path)) {
		return ERR_FORMAT;
	}
	t->width = (unsigned)width;
	return 0;
}

static void
three_write(struct wr *w, unsigned v)
{
	wr_u8(w, (uint8_t)('0' + v / 100 % 10));
	wr_u8(w, (uint8_t)('0' + v / 10 % 10));
	wr_u8(w, (uint8_t)('0' + v % 10));
}

/* see tree.h */
void
tile_write(struct wr *w, const struct tile *t)
{
	unsigned group[7];		/* 2^64 has twenty digits */
	uint64_t v = t->index;
	size_t n = 0;

	do {
		group[n++] = (unsigned)(v % 1000);
		v /= 1000;
	} while (v > 0);
	wr_str(w, "tile/");
	if (t->level == TILE_ENTRIES)
		wr_str(w, "entries");
	else
		wr_dec(w, (uint64_t)t->level);
	wr_u8(w, '/');
	while (n-- > 0) {
		if (n > 0)
			wr_u8(w, 'x');
		three_write(w, group[n]);
		if (n > 0)
			wr_u8(w, '/');
	}
	if (t->width < TILE_WIDTH) {
		wr_str(w, ".p/");
		wr_dec(w, t->width);
	}
}

/* see tree.h */
unsigned
tile_width_at(int level, uint64_t index, uint64_t size)
{
	uint64_t hashes;

	if (level < TILE_ENTRIES || level > TILE_LEVEL_MAX)
		return 0;
	hashes = level > 0 ? size >> (8 * level) : size;
	if (index < hashes / TILE_WIDTH)
		return TILE_WIDTH;
	return index == hashes / TILE_WIDTH ?
	    (unsigned)(hashes % TILE_WIDTH) : 0;
}
