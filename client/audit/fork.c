/* SPDX-License-Identifier: ISC */
/*
 * fork.c - is what is served now another log than the one signed before?
 */
#include "client/audit/fork.h"

#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "crypto/sha256.h"
#include "crypto/tilehash.h"

#define SLOTS	16

struct prefix {
	uint64_t size;
	struct tree tree;
	struct sha256 *h;
};

/* The entries that the older size covers make a tree of their own. */
static int
on_entry(void *arg, uint64_t index, const struct entry *e)
{
	unsigned char bytes[ENTRY_BYTES], leaf[HASH_BYTES];
	struct prefix *p = arg;

	if (index >= p->size)
		return 0;
	entry_write(bytes, e);
	tree_leaf(p->h, leaf, rd_from(bytes, sizeof(bytes)));
	return tree_append(&p->tree, p->h, leaf);
}

struct get {
	struct source *src;
	uint64_t size;
};

static int
fetch_tile(void *arg, const struct tile *t,
    unsigned char out[static TILE_BYTES], size_t *n)
{
	const struct get *g = arg;
	unsigned char *p;
	char name[80];
	int r;

	if ((r = source_tile(g->src, t, g->size, &p, name)) != 0)
		return r;
	*n = (size_t)t->width * HASH_BYTES;
	memcpy(out, p, *n);
	file_free(p, *n);
	return 0;
}

/* From tiles that are believed only under the newer root. */
static int
make_proof(struct fork *f, struct sha256 *h, struct source *src,
    uint64_t old, const struct checkpoint *now)
{
	struct tilehash_slot *slots = calloc(SLOTS, sizeof(*slots));
	struct get g = { src, now->size };
	struct tilehash th;
	struct hashes from;
	int r = ERR_NOMEM;

	if (slots != NULL && (r = tilehash_open(&th, now->size, now->root, h,
	    slots, SLOTS, fetch_tile, &g)) == 0) {
		from = tilehash_source(&th);
		r = proof_make_consistency(&f->proof, h, &from, old,
		    now->size);
	}
	free(slots);
	return r;
}

/* see fork.h */
int
fork_look(struct fork *f, struct source *src, const struct checkpoint *old,
    const struct checkpoint *now, struct walk_result *res)
{
	struct prefix p = { .size = old->size };
	struct walk w = { .src = src, .to = now->size, .to_root = now->root,
	    .visit = on_entry, .arg = &p };
	int r = ERR_NOMEM;

	memset(f, 0, sizeof(*f));
	tree_init(&p.tree);
	if ((p.h = sha256_new()) == NULL ||
	    (r = walk_run(&w, res)) != 0)
		goto out;
	tree_root(&p.tree, p.h, f->begins);
	f->differs = memcmp(f->begins, old->root, HASH_BYTES) != 0;
	r = make_proof(f, p.h, src, old->size, now);
	/* Served right a moment ago: it is not the same twice. */
	if (r == ERR_AUTH || r == ERR_FORMAT || r == ERR_NOTFOUND) {
		res->fault = WALK_TILE;
		strcpy(res->name, "log/tile");
		r = ERR_CHANGED;
	}
out:
	sha256_free(p.h);
	return r;
}
