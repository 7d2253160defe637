/* SPDX-License-Identifier: ISC */
/*
 * logtree.c - a whole tree in memory, for the tests of proofs and tiles.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/logtree.h"

static int
at(void *arg, int level, uint64_t index, unsigned char out[static HASH_BYTES])
{
	struct logtree *t = arg;

	t->asked++;
	cr_assert(level >= 0 && level < 63 && index < t->size >> level,
	    "asked for node %d of level %d", (int)index, level);
	memcpy(out, t->level[level] + index * HASH_BYTES, HASH_BYTES);
	return 0;
}

/* see logtree.h */
void
logtree_entry(unsigned char out[static 8], uint64_t i)
{
	struct wr w = wr_from(out, 8);

	wr_u64(&w, i);
}

/* see logtree.h */
struct logtree *
logtree_of(const unsigned char *leaves, uint64_t size)
{
	struct logtree *t = calloc(1, sizeof(*t));
	uint64_t n, i;
	int l;

	cr_assert(t != NULL && (t->h = sha256_new()) != NULL);
	t->size = size;
	t->source.at = at;
	t->source.arg = t;
	for (l = 0, n = size; n > 0; l++, n /= 2) {
		t->level[l] = malloc(n * HASH_BYTES);
		cr_assert(t->level[l] != NULL);
		if (l == 0)
			memcpy(t->level[0], leaves, n * HASH_BYTES);
		for (i = 0; l > 0 && i < n; i++)
			tree_node(t->h, t->level[l] + i * HASH_BYTES,
			    t->level[l - 1] + 2 * i * HASH_BYTES,
			    t->level[l - 1] + (2 * i + 1) * HASH_BYTES);
	}
	return t;
}

/* see logtree.h */
struct logtree *
logtree_new(uint64_t size)
{
	unsigned char *leaves = malloc(size * HASH_BYTES + 1), b[8];
	struct sha256 *h = sha256_new();
	struct logtree *t;
	uint64_t i;

	cr_assert(leaves != NULL && h != NULL);
	for (i = 0; i < size; i++) {
		logtree_entry(b, i);
		tree_leaf(h, leaves + i * HASH_BYTES, rd_from(b, 8));
	}
	t = logtree_of(leaves, size);
	free(leaves);
	sha256_free(h);
	return t;
}

/* see logtree.h */
void
logtree_free(struct logtree *t)
{
	int l;

	for (l = 0; l <= TREE_DEPTH_MAX; l++)
		free(t->level[l]);
	sha256_free(t->h);
	free(t);
}

/* The largest power of two below n. */
static uint64_t
split(uint64_t n)
{
	uint64_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* see logtree.h */
void
logtree_root(struct logtree *t, unsigned char out[static HASH_BYTES],
    uint64_t start, uint64_t end)
{
	unsigned char l[HASH_BYTES], r[HASH_BYTES];
	uint64_t k;

	if (start == end) {
		sha256(out, NULL, 0);
		return;
	}
	if (end - start == 1) {
		memcpy(out, t->level[0] + start * HASH_BYTES, HASH_BYTES);
		return;
	}
	k = split(end - start);
	logtree_root(t, l, start, start + k);
	logtree_root(t, r, start + k, end);
	tree_node(t->h, out, l, r);
}

static void
add_root(struct logtree *t, struct proof *p, uint64_t start, uint64_t end)
{
	cr_assert_lt(p->n, PROOF_MAX);
	logtree_root(t, p->hash[p->n++], start, end);
}

/* see logtree.h */
void
logtree_path(struct logtree *t, struct proof *p, uint64_t m, uint64_t start,
    uint64_t end)
{
	uint64_t k;

	if (end - start == 1)
		return;
	k = split(end - start);
	if (m < k) {
		logtree_path(t, p, m, start, start + k);
		add_root(t, p, start + k, end);
	} else {
		logtree_path(t, p, m - k, start + k, end);
		add_root(t, p, start, start + k);
	}
}

/* see logtree.h */
void
logtree_sub(struct logtree *t, struct proof *p, uint64_t m, uint64_t start,
    uint64_t end, bool whole)
{
	uint64_t k;

	if (m == end - start) {
		if (!whole)
			add_root(t, p, start, end);
		return;
	}
	k = split(end - start);
	if (m <= k) {
		logtree_sub(t, p, m, start, start + k, whole);
		add_root(t, p, start + k, end);
	} else {
		logtree_sub(t, p, m - k, start + k, end, false);
		add_root(t, p, start, start + k);
	}
}

/* see logtree.h */
void
logtree_tile(const struct logtree *t, const struct tile *tile,
    unsigned char out[static TILE_BYTES])
{
	cr_assert(tile->index * TILE_WIDTH + tile->width <=
	    t->size >> (8 * tile->level));
	memcpy(out, t->level[8 * tile->level] + tile->index * TILE_BYTES,
	    (size_t)tile->width * HASH_BYTES);
}
