/* SPDX-License-Identifier: ISC */
/*
 * prove.c - proofs out of the tiles that a source serves: of a fork, of an
 * entry.
 */
#include "client/audit/prove.h"

#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "crypto/sha256.h"
#include "crypto/tilehash.h"

#define SLOTS	16

/* A tile as the source serves it now. */
static int
fetch_tile(void *arg, const struct tile *t,
    unsigned char out[static TILE_BYTES], size_t *n)
{
	const struct roots *p = arg;
	char name[80];

	*n = (size_t)t->width * HASH_BYTES;
	return source_tile(p->src, t, p->c->size, out, name);
}

/* Tiles from anywhere, believed only under the root of c. */
static int
open_tiles(struct tilehash *th, struct tilehash_slot **slots,
    struct sha256 *h, const struct checkpoint *c, tilehash_fetch *fetch,
    void *arg)
{
	if ((*slots = calloc(SLOTS, sizeof(**slots))) == NULL)
		return ERR_NOMEM;
	return tilehash_open(th, c->size, c->root, h, *slots, SLOTS, fetch,
	    arg);
}

/* --- roots --------------------------------------------------------------- */

static int
open_roots(struct roots *p)
{
	int r;

	if (p->slot != NULL)
		return 0;
	p->h = sha256_new();
	p->th = calloc(1, sizeof(*p->th));
	if (p->h == NULL || p->th == NULL)
		r = ERR_NOMEM;
	else
		r = open_tiles(p->th, &p->slot, p->h, p->c, fetch_tile, p);
	if (r != 0)
		prove_roots_wipe(p);
	return r;
}

/* see prove.h */
int
prove_root(struct roots *p, uint64_t size,
    unsigned char out[static HASH_BYTES])
{
	struct hashes from;
	int r;

	if (size > p->c->size)
		return ERR_NOTFOUND;
	if (size == 0) {
		sha256(out, NULL, 0);
		return 0;
	}
	if ((r = open_roots(p)) != 0)
		return r;
	from = tilehash_source(p->th);
	return proof_root(out, p->h, &from, 0, size);
}

/* see prove.h */
void
prove_roots_wipe(struct roots *p)
{
	sha256_free(p->h);
	free(p->slot);
	free(p->th);
	p->h = NULL;
	p->slot = NULL;
	p->th = NULL;
}

/* --- a fork -------------------------------------------------------------- */

static int
prove_consistency(struct proof *p, struct roots *u, uint64_t old)
{
	struct hashes from;
	int r;

	if ((r = open_roots(u)) != 0)
		return r;
	from = tilehash_source(u->th);
	return proof_make_consistency(p, u->h, &from, old, u->c->size);
}

/* see prove.h */
int
prove_begins(struct fork *f, struct source *src, const struct checkpoint *old,
    const struct checkpoint *now, struct walk_result *res)
{
	struct roots u = { .src = src, .c = now };
	int r = 0;

	memset(f, 0, sizeof(*f));
	memcpy(f->begins, res->at_root, HASH_BYTES);
	f->differs = memcmp(f->begins, old->root, HASH_BYTES) != 0;
	if (f->differs)
		r = prove_consistency(&f->proof, &u, old->size);
	/* Served right a moment ago: it is not the same twice. */
	if (r == ERR_AUTH || r == ERR_FORMAT || r == ERR_NOTFOUND) {
		res->fault = WALK_TILE;
		strcpy(res->name, "log/tile");
		r = ERR_CHANGED;
	}
	prove_roots_wipe(&u);
	return r;
}

/* see prove.h */
int
prove_fork(struct fork *f, struct source *src, const struct checkpoint *old,
    const struct checkpoint *now, struct walk_result *res)
{
	struct walk w = { .src = src, .to = now->size, .to_root = now->root,
	    .at = old->size };
	int r;

	memset(f, 0, sizeof(*f));
	if ((r = walk_run(&w, res)) != 0)
		return r;
	return prove_begins(f, src, old, now, res);
}

/* --- entries ------------------------------------------------------------- */

/* Room for one more of so many bytes, in arrays that double. */
static bool
grow(struct prove_tiles *p, void **array, size_t n, size_t *cap, size_t each)
{
	size_t more = *cap == 0 ? 16 : 2 * *cap;
	void *bigger;

	if (n < *cap)
		return true;
	if ((bigger = realloc(*array, more * each)) == NULL) {
		p->short_of_memory = true;
		return false;
	}
	*array = bigger;
	*cap = more;
	return true;
}

/* see prove.h */
void
prove_want(struct prove_tiles *p, uint64_t index)
{
	void *array = p->index;

	if (grow(p, &array, p->nindex, &p->index_cap, sizeof(*p->index))) {
		p->index = array;
		p->index[p->nindex++] = index;
	}
}

/* Does this tile stand above one of the entries? */
static bool
above_one(const struct prove_tiles *p, const struct tile *t)
{
	size_t i;

	/* Of the highest level there is one tile alone. */
	if (t->level == TILE_LEVEL_MAX)
		return true;
	for (i = p->nindex; i > 0; i--)
		if (t->index == p->index[i - 1] >> (8 * (t->level + 1)))
			return true;
	return false;
}

/* see prove.h */
void
prove_keep(struct prove_tiles *p, const struct tile *t,
    const unsigned char (*hash)[HASH_BYTES])
{
	void *array = p->kept;
	struct prove_tile *k;

	/* The right edge is always of the path. */
	if ((t->width == TILE_WIDTH && !above_one(p, t)) ||
	    !grow(p, &array, p->n, &p->cap, sizeof(*k)))
		return;
	p->kept = array;
	k = &p->kept[p->n++];
	k->tile = *t;
	memcpy(k->hash, hash, (size_t)t->width * HASH_BYTES);
}

/* see prove.h */
void
prove_wipe(struct prove_tiles *p)
{
	free(p->index);
	free(p->kept);
	memset(p, 0, sizeof(*p));
}

static int
fetch_kept(void *arg, const struct tile *t,
    unsigned char out[static TILE_BYTES], size_t *n)
{
	const struct prove_tiles *p = arg;
	const struct prove_tile *k;
	size_t i;

	for (i = 0; i < p->n; i++) {
		k = &p->kept[i];
		if (k->tile.level != t->level || k->tile.index != t->index)
			continue;
		*n = (size_t)k->tile.width * HASH_BYTES;
		memcpy(out, k->hash, *n);
		return 0;
	}
	return ERR_NOTFOUND;
}

/* see prove.h */
int
prove_inclusion(struct proof *p, struct sha256 *h, struct prove_tiles *kept,
    uint64_t index, const struct checkpoint *c)
{
	struct tilehash_slot *slots = NULL;
	struct tilehash th;
	struct hashes from;
	int r;

	if (kept->short_of_memory)
		return ERR_NOMEM;
	r = open_tiles(&th, &slots, h, c, fetch_kept, kept);
	if (r == 0) {
		from = tilehash_source(&th);
		r = proof_make_inclusion(p, h, &from, index, c->size);
	}
	free(slots);
	return r;
}
