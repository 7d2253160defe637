/* SPDX-License-Identifier: ISC */
/*
 * proof.c - Merkle proofs, made and checked.
 *
 * There is one walk, from a subtree up to the root.  `first` and `last` are
 * the subtree's first and last leaf, `edge` is the tree's last leaf, all
 * shifted to the level at hand: at every level they say which node is ours,
 * which is the last there, and so on which side its sibling stands.
 *
 * Where the subtree is no single node, the walk starts at the largest node
 * that ends where it ends; that node's hash stands first in the proof.
 */
#include <string.h>

#include "crypto/base.h"
#include "crypto/proof.h"

struct walk {
	uint64_t first, last, edge;
	int level;
};

enum side { SIDE_TOP, SIDE_LEFT, SIDE_RIGHT };

/* see proof.h */
bool
proof_is_subtree(uint64_t start, uint64_t end)
{
	uint64_t width = 1;

	if (start >= end || end > TREE_SIZE_MAX)
		return false;
	while (width < end - start)
		width <<= 1;
	return start % width == 0;
}

static void
walk_up(struct walk *w)
{
	w->first >>= 1;
	w->last >>= 1;
	w->edge >>= 1;
	w->level++;
}

/* At the node from which the proof leads upward. */
static bool
walk_begin(struct walk *w, uint64_t start, uint64_t end, uint64_t size)
{
	if (!proof_is_subtree(start, end) || end > size ||
	    size > TREE_SIZE_MAX)
		return false;
	w->first = start;
	w->last = end - 1;
	w->edge = size - 1;
	w->level = 0;
	while (w->first != w->last &&
	    (w->last == w->edge || (w->last & 1) == 1))
		walk_up(w);
	return true;
}

/* Where the next sibling stands; levels without one are passed over. */
static enum side
walk_side(struct walk *w)
{
	while (w->edge > 0 && (w->last & 1) == 0 && w->last == w->edge)
		walk_up(w);
	if (w->edge == 0)
		return SIDE_TOP;
	return (w->last & 1) == 1 ? SIDE_LEFT : SIDE_RIGHT;
}

/* How many hashes the proof has from here on. */
static size_t
walk_length(struct walk w)
{
	size_t n = w.first != w.last;

	for (; walk_side(&w) != SIDE_TOP; walk_up(&w))
		n++;
	return n;
}

static size_t
length(uint64_t start, uint64_t end, uint64_t size)
{
	struct walk w;

	return walk_begin(&w, start, end, size) ? walk_length(w) : 0;
}

/* see proof.h */
size_t
proof_inclusion_length(uint64_t index, uint64_t size)
{
	return index < size ? length(index, index + 1, size) : 0;
}

/* see proof.h */
size_t
proof_consistency_length(uint64_t old, uint64_t size)
{
	return length(0, old, size);
}

/* --- check ------------------------------------------------------------- */

/* see proof.h */
int
proof_subtree(const struct proof *p, struct sha256 *h, uint64_t start,
    uint64_t end, const unsigned char sub[static HASH_BYTES], uint64_t size,
    const unsigned char root[static HASH_BYTES])
{
	unsigned char part[HASH_BYTES], whole[HASH_BYTES];
	const unsigned char *c;
	struct walk w;
	enum side side;
	size_t i = 0;

	if (!walk_begin(&w, start, end, size) || p->n != walk_length(w))
		return ERR_FORMAT;
	memcpy(part, w.first == w.last ? sub : p->hash[i++], HASH_BYTES);
	memcpy(whole, part, HASH_BYTES);
	for (; (side = walk_side(&w)) != SIDE_TOP; walk_up(&w)) {
		c = p->hash[i++];
		if (side == SIDE_RIGHT) {
			tree_node(h, whole, whole, c);
			continue;
		}
		if (w.first < w.last)		/* still within the subtree */
			tree_node(h, part, c, part);
		tree_node(h, whole, c, whole);
	}
	return memcmp(part, sub, HASH_BYTES) == 0 &&
	    memcmp(whole, root, HASH_BYTES) == 0 ? 0 : ERR_AUTH;
}

/* see proof.h */
int
proof_inclusion(const struct proof *p, struct sha256 *h,
    const unsigned char leaf[static HASH_BYTES], uint64_t index,
    uint64_t size, const unsigned char root[static HASH_BYTES])
{
	if (index >= size)
		return ERR_FORMAT;
	return proof_subtree(p, h, index, index + 1, leaf, size, root);
}

/* see proof.h */
int
proof_consistency(const struct proof *p, struct sha256 *h, uint64_t old,
    const unsigned char old_root[static HASH_BYTES], uint64_t size,
    const unsigned char root[static HASH_BYTES])
{
	return proof_subtree(p, h, 0, old, old_root, size, root);
}

/* --- make -------------------------------------------------------------- */

/* see proof.h */
int
proof_root(unsigned char out[static HASH_BYTES], struct sha256 *h,
    const struct hashes *from, uint64_t start, uint64_t end)
{
	unsigned char left[HASH_BYTES];
	uint64_t n = end - start, at = end;
	bool any = false;
	int level, r;

	if (!proof_is_subtree(start, end))
		return ERR_FORMAT;
	/* The whole nodes it is made of, from the smallest, the last, on. */
	for (level = 0; n > 0; level++, n >>= 1) {
		if ((n & 1) == 0)
			continue;
		at -= UINT64_C(1) << level;
		if ((r = from->at(from->arg, level, at >> level, left)) != 0)
			return r;
		if (any)
			tree_node(h, out, left, out);
		else
			memcpy(out, left, HASH_BYTES);
		any = true;
	}
	return 0;
}

/* The hash of a node, or of what of it lies within the tree. */
static int
node_within(unsigned char out[static HASH_BYTES], struct sha256 *h,
    const struct hashes *from, int level, uint64_t index, uint64_t size)
{
	uint64_t start = index << level;

	if ((size - start) >> level > 0)
		return from->at(from->arg, level, index, out);
	return proof_root(out, h, from, start, size);
}

/* see proof.h */
int
proof_make_subtree(struct proof *p, struct sha256 *h,
    const struct hashes *from, uint64_t start, uint64_t end, uint64_t size)
{
	struct walk w;
	enum side side;
	int r;

	p->n = 0;
	if (!walk_begin(&w, start, end, size))
		return ERR_FORMAT;
	if (w.first != w.last) {
		if ((r = node_within(p->hash[p->n], h, from, w.level, w.last,
		    size)) != 0)
			return r;
		p->n++;
	}
	for (; (side = walk_side(&w)) != SIDE_TOP; walk_up(&w)) {
		if ((r = node_within(p->hash[p->n], h, from, w.level,
		    side == SIDE_LEFT ? w.last - 1 : w.last + 1, size)) != 0)
			return r;
		p->n++;
	}
	return 0;
}

/* see proof.h */
int
proof_make_inclusion(struct proof *p, struct sha256 *h,
    const struct hashes *from, uint64_t index, uint64_t size)
{
	p->n = 0;
	if (index >= size)
		return ERR_FORMAT;
	return proof_make_subtree(p, h, from, index, index + 1, size);
}

/* see proof.h */
int
proof_make_consistency(struct proof *p, struct sha256 *h,
    const struct hashes *from, uint64_t old, uint64_t size)
{
	return proof_make_subtree(p, h, from, 0, old, size);
}

/* see proof.h */
struct tile
proof_tile(int level, uint64_t index, uint64_t size)
{
	struct tile t;

	t.level = level / 8;
	t.index = index >> (8 - level % 8);	/* index << level % 8, / 256 */
	t.width = tile_width_at(t.level, t.index, size);
	return t;
}

/* --- read and write ---------------------------------------------------- */

/* see proof.h */
int
proof_parse(struct proof *p, struct rd *in)
{
	struct rd rest = *in, line;

	for (p->n = 0; rd_line(&rest, &line); p->n++) {
		if (line.n == 0) {
			*in = rest;
			return 0;
		}
		if (p->n == PROOF_MAX ||
		    !b64_decode(p->hash[p->n], HASH_BYTES, line, true))
			return ERR_FORMAT;
	}
	return ERR_FORMAT;
}

/* see proof.h */
void
proof_write(struct wr *w, const struct proof *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		wr_b64(w, p->hash[i], HASH_BYTES, true);
		wr_u8(w, '\n');
	}
}
