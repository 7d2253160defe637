/* SPDX-License-Identifier: ISC */
/*
 * blame.c - entries and hashes that do not fit: which of them were signed?
 */
#include "client/audit/blame.h"

#include <stdlib.h>
#include <string.h>

#include "client/common/mirror.h"
#include "crypto/bundle.h"
#include "crypto/sha256.h"
#include "crypto/tilehash.h"

#define SLOTS	8

struct get {
	struct source *src;
	uint64_t size;
};

static int
fetch_tile(void *arg, const struct tile *t,
    unsigned char out[static TILE_BYTES], size_t *n)
{
	const struct get *g = arg;
	char name[80];

	*n = (size_t)t->width * HASH_BYTES;
	return source_tile(g->src, t, g->size, out, name);
}

/* The first entry of the bundle that is not the hash's; width: none. */
static int
first_wrong(struct source *src, uint64_t size, const struct tile *bundle,
    struct sha256 *h, const unsigned char (*want)[HASH_BYTES], unsigned *at)
{
	unsigned char leaf[HASH_BYTES], bytes[SOURCE_TILE_BYTES];
	char name[80];
	struct rd in, e;
	unsigned i;
	int r;

	if ((r = source_tile(src, bundle, size, bytes, name)) != 0)
		return r;
	in = rd_from(bytes, (size_t)bundle->width * BUNDLE_UNIT);
	for (i = 0; i < bundle->width; i++) {
		if (!rd_take16(&in, &e) || e.n != ENTRY_BYTES)
			break;
		tree_leaf(h, leaf, e);
		if (memcmp(leaf, want[i], HASH_BYTES) != 0)
			break;
	}
	*at = i;
	return 0;
}

/* Where a bundle departs from what was signed; width: nowhere. */
static int
judge_bundle(struct source *src, const struct checkpoint *c,
    const struct tile *bundle, unsigned *at)
{
	struct get g = { src, c->size };
	const unsigned char (*want)[HASH_BYTES];
	struct tilehash_slot *slots;
	struct sha256 *h = NULL;
	struct tilehash th;
	int r = ERR_NOMEM;

	if ((slots = calloc(SLOTS, sizeof(*slots))) == NULL ||
	    (h = sha256_new()) == NULL)
		goto out;
	if ((r = tilehash_open(&th, c->size, c->root, h, slots, SLOTS,
	    fetch_tile, &g)) != 0 ||
	    (r = tilehash_tile(&th, 0, bundle->index, &want)) != 0)
		goto out;
	r = first_wrong(src, c->size, bundle, h, want, at);
out:
	sha256_free(h);
	free(slots);
	return r;
}

/* The bundle that is meant; false where a fault is about none. */
static bool
bundle_of(struct tile *t, const struct walk_result *res, uint64_t size)
{
	struct rd name = rd_str(res->name);

	switch (res->fault) {
	case WALK_ENTRY:
	case WALK_ORDER:
		t->index = res->index / TILE_WIDTH;
		break;
	case WALK_TILE:
		if (!rd_lit(&name, "log/") || tile_parse(t, name) != 0 ||
		    t->level != 0)
			return false;
		break;
	default:
		return false;
	}
	t->level = TILE_ENTRIES;
	t->width = tile_width_at(TILE_ENTRIES, t->index, size);
	return t->width > 0;
}

static const char *
entry_words(enum walk_fault fault, bool is_signed)
{
	if (fault == WALK_ENTRY)
		return is_signed ? "holds an entry that is malformed, and so "
		    "the log has signed it" : "holds an entry that is "
		    "malformed, and that the log has not signed";
	return is_signed ? "holds an entry that is out of order or stands "
	    "twice, and so the log has signed it" : "holds an entry that is "
	    "out of order or stands twice, where the log has signed another";
}

/* see blame.h */
void
blame_find(struct blame *b, struct source *src, const struct checkpoint *c,
    const struct walk_result *res)
{
	struct tile t;
	unsigned at;
	bool is_signed;

	memset(b, 0, sizeof(*b));
	memcpy(b->name, res->name, sizeof(b->name));
	b->says = walk_words(res->fault);
	b->index = res->index;
	b->has_index = res->fault == WALK_ENTRY || res->fault == WALK_ORDER;
	if (!bundle_of(&t, res, c->size) ||
	    judge_bundle(src, c, &t, &at) != 0)
		return;
	is_signed = at == t.width;
	if (b->has_index) {
		b->says = entry_words(res->fault, is_signed);
	} else if (!is_signed) {
		b->says = "holds an entry that the log has not signed";
		b->has_index = true;
		b->index = t.index * TILE_WIDTH + at;
	}
	mirror_tile_name(b->name, &t);
}
