/* SPDX-License-Identifier: ISC */
/*
 * walk.c - the whole log, once through, in memory that does not grow.
 *
 * Invariant: level l holds the hashes of its last, unfinished tile, recomputed
 * from the entries; a full one has been compared with the tile that is served
 * and its root has gone one level up.
 */
#include "client/audit/walk.h"

#include <stdlib.h>
#include <string.h>

#include "client/audit/ahead.h"
#include "client/common/mirror.h"
#include "crypto/bundle.h"
#include "crypto/sha256.h"
#include "crypto/tree.h"

struct level {
	uint64_t index;			/* of the tile */
	unsigned n;
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
};

struct state {
	const struct walk *w;
	struct walk_result *res;
	struct sha256 *h;
	bool any;			/* last is there */
	struct entry last;
	struct bundle bundle;
	struct level level[TILE_LEVEL_MAX + 1];
	struct ahead *ahead;			/* or NULL */
	const unsigned char *got;		/* what is served: buf, or */
	unsigned char buf[SOURCE_TILE_BYTES];
	unsigned char leaf[TILE_WIDTH][HASH_BYTES];
};

static int
fault(struct state *s, enum walk_fault what)
{
	s->res->fault = what;
	return ERR_CHANGED;
}

/* A tile or bundle at s->got; not there, or too short: a finding. */
static int
fetch(struct state *s, int level, uint64_t index, unsigned width)
{
	struct tile t = { level, index, width };
	int r;

	if (level <= 0 && (s->got = ahead_take(s->ahead, &t)) != NULL) {
		mirror_tile_name(s->res->name, &t);
		return 0;
	}
	s->got = s->buf;
	r = source_tile(s->w->src, &t, s->w->to, s->buf, s->res->name);
	if (r == ERR_NOTFOUND)
		return fault(s, WALK_MISSING);
	if (r == ERR_FORMAT || r == ERR_LIMIT)
		return fault(s, WALK_LENGTH);
	return r;
}

/*
 * The root over n hashes, each that of a complete subtree of one size but
 * the last, which may be of a smaller one.  They are used up.
 */
static void
fold(struct state *s, unsigned char hash[][HASH_BYTES], unsigned n,
    unsigned char out[static HASH_BYTES])
{
	for (; n > 1; n = (n + 1) / 2) {
		tree_nodes(s->h, hash,
		    (const unsigned char (*)[HASH_BYTES])hash, n / 2);
		if (n % 2 == 1)
			memmove(hash[n / 2], hash[n - 1], HASH_BYTES);
	}
	memcpy(out, hash[0], HASH_BYTES);
}

/* --- the served tiles ---------------------------------------------------- */

/* What is served there is what the entries give. */
static int
compare(struct state *s, int level)
{
	const struct level *l = &s->level[level];
	struct tile t = { level, l->index, l->n };
	int r;

	if ((r = fetch(s, level, l->index, l->n)) != 0)
		return r;
	if (memcmp(s->got, l->hash, (size_t)l->n * HASH_BYTES) != 0)
		return fault(s, WALK_TILE);
	if (s->w->tile != NULL)
		s->w->tile(s->w->arg, &t,
		    (const unsigned char (*)[HASH_BYTES])l->hash);
	return 0;
}

/* This level's tile is full: its root goes up, and so on. */
static int
rise(struct state *s, int level)
{
	struct level *l = &s->level[level], *up;
	int r = 0;

	while (r == 0 && l->n == TILE_WIDTH && level < TILE_LEVEL_MAX) {
		if ((r = compare(s, level)) != 0)
			break;
		up = &s->level[++level];
		fold(s, l->hash, TILE_WIDTH, up->hash[up->n++]);
		l->index++;
		l->n = 0;
		l = up;
	}
	return r;
}

/*
 * The root over all levels: what is unfinished below stands behind the
 * finished hashes above.  The levels are used up.
 */
static void
root_of(struct state *s, unsigned char out[static HASH_BYTES])
{
	struct level *l;
	bool some = false;
	unsigned n;
	int i;

	sha256(out, NULL, 0);
	for (i = 0; i <= TILE_LEVEL_MAX; i++) {
		l = &s->level[i];
		n = l->n;
		if (n == 0)
			continue;
		/* A tile of 256 went up: one more always has room. */
		if (some)
			memcpy(l->hash[n++], out, HASH_BYTES);
		fold(s, l->hash, n, out);
		some = true;
	}
}

/* The root so far, with the first n hashes of level 0. */
static int
root_here(const struct state *s, unsigned n,
    unsigned char out[static HASH_BYTES])
{
	struct state *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return ERR_NOMEM;
	*copy = *s;
	copy->level[0].n = n;
	root_of(copy, out);
	free(copy);
	return 0;
}

/* --- the edge of what was seen before ------------------------------------ */

/* The hashes of the old size's unfinished tiles, as they are served now. */
static int
load_edge(struct state *s)
{
	uint64_t size = s->w->from;
	struct level *l;
	int i, r;

	for (i = 0; i <= TILE_LEVEL_MAX && size > 0; i++) {
		l = &s->level[i];
		l->n = (unsigned)(size % TILE_WIDTH);
		l->index = size /= TILE_WIDTH;
		if (l->n == 0)
			continue;
		if ((r = fetch(s, i, l->index, l->n)) != 0)
			return r;
		memcpy(l->hash, s->got, (size_t)l->n * HASH_BYTES);
	}
	return 0;
}

/* They are what was signed then. */
static int
check_edge(struct state *s)
{
	unsigned char root[HASH_BYTES];
	int r;

	if ((r = root_here(s, s->level[0].n, root)) != 0)
		return r;
	return memcmp(root, s->w->from_root, HASH_BYTES) == 0 ?
	    0 : fault(s, WALK_OLD);
}

/*
 * Is hash the last one that the edge covers at this level?  Where the edge
 * has nothing there, a full tile has, and its root is asked one level up.
 */
static int
check_last(struct state *s, int level, unsigned char hash[static HASH_BYTES])
{
	unsigned char full[TILE_WIDTH][HASH_BYTES];
	const struct level *l;
	int r;

	for (;; level++) {
		l = &s->level[level];
		if (l->n > 0)
			return memcmp(hash, l->hash[l->n - 1],
			    HASH_BYTES) == 0 ? 0 : fault(s, WALK_OLD);
		if (level == TILE_LEVEL_MAX)
			return fault(s, WALK_OLD);
		if ((r = fetch(s, level, l->index - 1, TILE_WIDTH)) != 0)
			return r;
		memcpy(full, s->got, sizeof(full));
		if (memcmp(hash, full[TILE_WIDTH - 1], HASH_BYTES) != 0)
			return fault(s, WALK_OLD);
		fold(s, full, TILE_WIDTH, hash);
	}
}

/* --- entries ------------------------------------------------------------- */

/* A bundle, parsed; an entry in it that is none is a finding. */
static int
fetch_bundle(struct state *s, uint64_t index, unsigned width)
{
	struct bundle *b = &s->bundle;
	unsigned at;
	int r;

	if ((r = fetch(s, TILE_ENTRIES, index, width)) != 0)
		return r;
	r = bundle_parse(b, rd_from(s->got, (size_t)width * BUNDLE_UNIT),
	    width, &at);
	s->res->index = index * TILE_WIDTH + at;
	return r == 0 ? 0 : fault(s, WALK_ENTRY);
}

/* The last entry that was seen before: the next must fit behind it. */
static int
load_last(struct state *s)
{
	uint64_t index = s->w->from - 1;
	unsigned i = (unsigned)(index % TILE_WIDTH);
	unsigned char leaf[HASH_BYTES];
	int r;

	if ((r = fetch_bundle(s, index / TILE_WIDTH, i + 1)) != 0)
		return r;
	s->last = s->bundle.entry[i];
	s->any = true;
	tree_leaf(s->h, leaf, bundle_raw(&s->bundle, i));
	return check_last(s, 0, leaf);
}

/*
 * The entries from number `from` of this bundle on.  Its leaves are the
 * hashes of a tile of level 0; what is there already was seen before.
 */
static int
take_bundle(struct state *s, uint64_t index, unsigned from)
{
	const struct bundle *b = &s->bundle;
	struct level *l = &s->level[0];
	unsigned at;
	int r = 0;

	if (bundle_order(b, from, s->any ? &s->last : NULL, &at) != 0) {
		s->res->index = index * TILE_WIDTH + at;
		return fault(s, WALK_ORDER);
	}
	bundle_leaves(b, s->h, s->leaf);
	if (memcmp(s->leaf, l->hash, (size_t)from * HASH_BYTES) != 0)
		return fault(s, WALK_OLD);
	memcpy(l->hash, s->leaf, (size_t)b->width * HASH_BYTES);
	l->n = b->width;
	s->last = b->entry[b->width - 1];
	s->any = true;
	for (at = from; r == 0 && s->w->visit != NULL && at < b->width; at++)
		r = s->w->visit(s->w->arg, index * TILE_WIDTH + at,
		    &b->entry[at]);
	return r;
}

/* With what follows from a bundle that was taken. */
static int
go_up(struct state *s, uint64_t index, uint64_t seen)
{
	uint64_t at = s->w->at;
	int r = 0;

	/* Its first hashes go when it is full: so it is asked before. */
	if (at > seen && at < (index + 1) * TILE_WIDTH &&
	    (r = root_here(s, (unsigned)(at % TILE_WIDTH),
	    s->res->at_root)) != 0)
		return r;
	if (s->level[0].n == TILE_WIDTH)
		r = rise(s, 0);
	if (r == 0 && at == (index + 1) * TILE_WIDTH)
		r = root_here(s, 0, s->res->at_root);
	return r;
}

static int
take_all(struct state *s)
{
	uint64_t at = s->w->from, index;
	unsigned width;
	int r = 0;

	while (r == 0 && at < s->w->to) {
		index = at / TILE_WIDTH;
		width = tile_width_at(TILE_ENTRIES, index, s->w->to);
		if ((r = fetch_bundle(s, index, width)) == 0)
			r = take_bundle(s, index, (unsigned)(at % TILE_WIDTH));
		if (r == 0)
			r = go_up(s, index, at);
		at = index * TILE_WIDTH + width;
	}
	return r;
}

/* The tiles that are unfinished at this size, and the signed root. */
static int
finish(struct state *s)
{
	unsigned char root[HASH_BYTES];
	int i, r;

	for (i = 0; i <= TILE_LEVEL_MAX; i++)
		if (s->level[i].n > 0 && (r = compare(s, i)) != 0)
			return r;
	root_of(s, root);
	strcpy(s->res->name, "log/checkpoint");
	return memcmp(root, s->w->to_root, HASH_BYTES) == 0 ?
	    0 : fault(s, WALK_ROOT);
}

/* see walk.h */
int
walk_run(const struct walk *w, struct walk_result *res)
{
	struct state *s;
	int r = ERR_NOMEM;

	memset(res, 0, sizeof(*res));
	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->h = sha256_new()) == NULL)
		goto out;
	s->w = w;
	s->res = res;
	r = 0;
	if (w->from > 0 && ((r = load_edge(s)) != 0 ||
	    (r = check_edge(s)) != 0 || (r = load_last(s)) != 0))
		goto out;
	s->ahead = ahead_start(w->src, w->from, w->to);
	if ((r = take_all(s)) == 0)
		r = finish(s);
	ahead_stop(s->ahead);
	if (s->any)
		res->close = s->last.close;
out:
	if (s != NULL)
		sha256_free(s->h);
	free(s);
	return r;
}

/* see walk.h */
const char *
walk_words(enum walk_fault what)
{
	switch (what) {
	case WALK_FINE:
		return "holds";
	case WALK_MISSING:
		return "is not there, though the signed size covers it";
	case WALK_LENGTH:
		return "does not have the length that its name says";
	case WALK_ENTRY:
		return "holds an entry that is malformed";
	case WALK_ORDER:
		return "holds an entry that is out of order or stands twice";
	case WALK_TILE:
		return "holds hashes that do not follow from the entries";
	case WALK_ROOT:
		return "signs a root that the entries do not give";
	case WALK_OLD:
		return "is no longer what was signed at the last visit";
	}
	return "";
}
