/* SPDX-License-Identifier: ISC */
/*
 * fuzz_tilehash.c - a log that answers with any bytes.
 *
 * Input: size 2 | index 2 | old 2, then orders for the fetches in turn: how 1
 * | byte 2 | by 1, which change one byte, the length, or the tile that is
 * sent.  Whatever proof comes out of it is the true one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/tilehash.h"

#define LEAVES	1200
#define LEVELS	11

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char node[LEVELS][LEAVES][HASH_BYTES];
static struct sha256 *h;

static void
setup(void)
{
	uint64_t i;
	int l;

	if ((h = sha256_new()) == NULL)
		abort();
	for (i = 0; i < LEAVES; i++)
		tree_leaf(h, node[0][i], rd_from(&i, sizeof(i)));
	for (l = 1; l < LEVELS; l++)
		for (i = 0; i < (uint64_t)LEAVES >> l; i++)
			tree_node(h, node[l][i], node[l - 1][2 * i],
			    node[l - 1][2 * i + 1]);
}

static int
truth(void *arg, int level, uint64_t index,
    unsigned char out[static HASH_BYTES])
{
	(void)arg;
	memcpy(out, node[level][index], HASH_BYTES);
	return 0;
}

static int
fetch(void *arg, const struct tile *t, unsigned char out[static TILE_BYTES],
    size_t *n)
{
	struct rd *orders = arg;
	uint64_t index = t->index;
	uint8_t how = 0, by = 0;
	uint16_t at = 0;

	if (!rd_u8(orders, &how) || !rd_u16(orders, &at) ||
	    !rd_u8(orders, &by))
		how = by = 0;
	if (how % 8 == 5)
		return ERR_IO;
	if (how % 8 == 6 && t->level == 0)
		index ^= 1;
	memset(out, 0, TILE_BYTES);
	if ((index + 1) * TILE_WIDTH <= LEAVES)
		memcpy(out, node[8 * t->level][index * TILE_WIDTH],
		    t->width * (size_t)HASH_BYTES);
	else
		memcpy(out, node[8 * t->level][t->index * TILE_WIDTH],
		    t->width * (size_t)HASH_BYTES);
	*n = how % 8 == 7 ? at : how % 8 == 4 ? TILE_BYTES :
	    t->width * (size_t)HASH_BYTES;
	if (how % 8 != 4)
		out[at % TILE_BYTES] ^= by;
	return 0;
}

static void
same(const struct proof *got, const struct proof *want)
{
	if (got->n != want->n ||
	    memcmp(got->hash, want->hash, got->n * HASH_BYTES) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tilehash_slot slots[3];
	struct hashes true_source = { truth, NULL }, src;
	struct rd in = rd_from(data, size);
	unsigned char root[HASH_BYTES];
	struct proof got, want;
	struct tilehash th;
	uint16_t n, m, old;

	if (h == NULL)
		setup();
	if (!rd_u16(&in, &n) || !rd_u16(&in, &m) || !rd_u16(&in, &old))
		return 0;
	n = (uint16_t)(1 + n % LEAVES);
	if (proof_root(root, h, &true_source, 0, n) != 0)
		abort();
	if (tilehash_open(&th, n, root, h, slots, 1 + m % 3, fetch, &in) != 0)
		return 0;
	src = tilehash_source(&th);
	m %= n;
	old = (uint16_t)(1 + old % n);
	if (proof_make_inclusion(&got, h, &src, m, n) == 0) {
		if (proof_make_inclusion(&want, h, &true_source, m, n) != 0)
			abort();
		same(&got, &want);
	}
	if (proof_make_consistency(&got, h, &src, old, n) == 0) {
		if (proof_make_consistency(&want, h, &true_source, old,
		    n) != 0)
			abort();
		same(&got, &want);
	}
	return 0;
}
