/* SPDX-License-Identifier: ISC */
/*
 * logfault.c - which files of a log are not what its checkpoint signs?
 *
 * Invariant: nothing is called altered before something that the root vouches
 * for contradicts it.
 */
#include "client/common/logfault.h"

#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "crypto/bundle.h"
#include "crypto/sha256.h"
#include "crypto/tilehash.h"

#define SLOTS		16
#define UNIT_MAX	(TILE_WIDTH * BUNDLE_UNIT)

/* The last, unfinished tile of a level, as the entries give it. */
struct level {
	uint64_t index;
	unsigned n;
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
};

struct find {
	const struct logfault_search *s;
	uint64_t said;
	struct tile last;		/* what was said of last */
	bool bundles_told;		/* those that cannot be had */
	bool hold;			/* the entries are what was signed */
	struct entry entry;		/* then: the one before */
	bool any;
	struct sha256 *h;
	struct level level[TILE_LEVEL_MAX + 1];
	struct tilehash_slot slot[SLOTS];
};

static void
say(struct find *f, enum logfault_what what, const struct tile *t,
    uint64_t index)
{
	struct logfault fault = { .what = what, .tile = *t, .index = index };

	if (t->level == f->last.level && t->index == f->last.index &&
	    t->width == f->last.width && f->said > 0)
		return;
	if (t->level == TILE_ENTRIES && f->bundles_told &&
	    (what == LOGFAULT_MISSING || what == LOGFAULT_LENGTH))
		return;
	f->last = *t;
	f->said++;
	if (what == LOGFAULT_ALL)
		strcpy(fault.name, "log/tile");
	else
		mirror_tile_name(fault.name, t);
	f->s->say(f->s->arg, &fault);
}

/* A file that cannot be had is said; *p is NULL then. */
static int
fetch(struct find *f, const struct tile *t, unsigned char **p)
{
	int r = f->s->fetch(f->s->arg, t, p);

	if (r == ERR_NOTFOUND)
		say(f, LOGFAULT_MISSING, t, 0);
	else if (r == ERR_FORMAT)
		say(f, LOGFAULT_LENGTH, t, 0);
	else
		return r;
	*p = NULL;
	return 0;
}

/* An entry that was signed: the first one that must not stand there. */
static void
judge(struct find *f, const struct tile *t, uint64_t index, struct rd bytes)
{
	struct entry e;

	if (entry_parse(&e, bytes) != 0) {
		say(f, LOGFAULT_ENTRY, t, index);
		return;
	}
	if (f->any && !entry_follows(&f->entry, &e))
		say(f, LOGFAULT_ORDER, t, index);
	f->entry = e;
	f->any = true;
}

/* The leaf hashes of a bundle. */
static int
leaves(struct find *f, const struct tile *t,
    unsigned char out[TILE_WIDTH][HASH_BYTES], bool *there)
{
	unsigned char *p;
	struct rd in, e;
	unsigned i;
	int r;

	*there = false;
	if ((r = fetch(f, t, &p)) != 0 || p == NULL)
		return r;
	in = rd_from(p, mirror_tile_bytes(t));
	for (i = 0; i < t->width; i++) {
		if (!rd_take16(&in, &e) || e.n != ENTRY_BYTES)
			break;
		tree_leaf(f->h, out[i], e);
		if (f->hold)
			judge(f, t, t->index * TILE_WIDTH + i, e);
	}
	*there = i == t->width;
	if (!*there)
		say(f, LOGFAULT_LENGTH, t, 0);
	file_free(p, mirror_tile_bytes(t));
	return 0;
}

/* Bundle number `index`, if there is one and enough was not said yet. */
static bool
bundle_at(const struct find *f, uint64_t index, struct tile *t)
{
	if (f->said >= LOGFAULT_MAX)
		return false;
	t->level = TILE_ENTRIES;
	t->index = index;
	t->width = tile_width_at(TILE_ENTRIES, index, f->s->size);
	return t->width > 0;
}

/* --- do the entries give the root? --------------------------------------- */

static int
entries_hold(struct find *f)
{
	unsigned char hash[TILE_WIDTH][HASH_BYTES], root[HASH_BYTES];
	bool there, all = true;
	struct tree tree;
	struct tile t;
	uint64_t n;
	unsigned i;
	int r;

	tree_init(&tree);
	for (n = 0; bundle_at(f, n, &t); n++) {
		if ((r = leaves(f, &t, hash, &there)) != 0)
			return r;
		all = all && there;
		for (i = 0; all && i < t.width; i++)
			if ((r = tree_append(&tree, f->h, hash[i])) != 0)
				return r;
	}
	f->bundles_told = true;
	tree_root(&tree, f->h, root);
	f->hold = all && memcmp(root, f->s->root, HASH_BYTES) == 0;
	return 0;
}

/* --- then every hash tile follows from them ------------------------------ */

static int
compare(struct find *f, int level)
{
	const struct level *l = &f->level[level];
	struct tile t = { level, l->index, l->n };
	unsigned char *p;
	int r;

	if ((r = fetch(f, &t, &p)) != 0 || p == NULL)
		return r;
	if (memcmp(p, l->hash, mirror_tile_bytes(&t)) != 0)
		say(f, LOGFAULT_TILE, &t, 0);
	file_free(p, mirror_tile_bytes(&t));
	return 0;
}

/* One hash more at this level; a full tile goes up. */
static int
push(struct find *f, int level, const unsigned char hash[static HASH_BYTES])
{
	unsigned char up[HASH_BYTES];
	struct level *l;
	int r;

	for (;; level++) {
		l = &f->level[level];
		memcpy(l->hash[l->n++], hash, HASH_BYTES);
		if (l->n < TILE_WIDTH || level == TILE_LEVEL_MAX)
			return 0;
		if ((r = compare(f, level)) != 0)
			return r;
		tile_fold(up, f->h, (const unsigned char (*)[HASH_BYTES])
		    l->hash, TILE_WIDTH);
		hash = up;
		l->index++;
		l->n = 0;
	}
}

static int
tiles_follow(struct find *f)
{
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
	struct tile t;
	bool there;
	uint64_t n;
	unsigned i;
	int level, r = 0;

	for (n = 0; r == 0 && bundle_at(f, n, &t); n++) {
		if ((r = leaves(f, &t, hash, &there)) != 0)
			break;
		if (!there)
			return ERR_CHANGED;	/* it was a moment ago */
		for (i = 0; r == 0 && i < t.width; i++)
			r = push(f, 0, hash[i]);
	}
	if (f->said >= LOGFAULT_MAX)
		return r;		/* the levels are not complete */
	for (level = 0; r == 0 && level <= TILE_LEVEL_MAX; level++)
		if (f->level[level].n > 0)
			r = compare(f, level);
	return r;
}

/* --- or else the hashes may ---------------------------------------------- */

static int
fetch_hashes(void *arg, const struct tile *t,
    unsigned char out[static TILE_BYTES], size_t *n)
{
	struct find *f = arg;
	unsigned char *p;
	int r;

	if ((r = f->s->fetch(f->s->arg, t, &p)) != 0)
		return r;
	*n = mirror_tile_bytes(t);
	memcpy(out, p, *n);
	file_free(p, *n);
	return 0;
}

/* What the reader of tiles did not believe; other errors are its result. */
static int
disbelieved(struct find *f, const struct tilehash *th, int r)
{
	struct tile all = { 0, 0, 0 };

	switch (r) {
	case ERR_NOTFOUND:
		say(f, LOGFAULT_MISSING, &th->wrong, 0);
		return 0;
	case ERR_FORMAT:
		say(f, LOGFAULT_LENGTH, &th->wrong, 0);
		return 0;
	case ERR_AUTH:
		if (th->wrong.width > 0)
			say(f, LOGFAULT_TILE, &th->wrong, 0);
		else
			say(f, LOGFAULT_ALL, &all, 0);
		return 0;
	default:
		return r;
	}
}

/* One bundle against the hashes of its tile, if these can be believed. */
static int
bundle_fits(struct find *f, struct tilehash *th, const struct tile *t)
{
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
	const unsigned char (*want)[HASH_BYTES];
	bool there;
	unsigned i;
	int r;

	if ((r = leaves(f, t, hash, &there)) != 0)
		return r;
	if ((r = tilehash_tile(th, 0, t->index, &want)) != 0)
		return disbelieved(f, th, r);
	for (i = 0; there && i < t->width; i++)
		if (memcmp(hash[i], want[i], HASH_BYTES) != 0) {
			say(f, LOGFAULT_BUNDLE, t,
			    t->index * TILE_WIDTH + i);
			break;
		}
	return 0;
}

static int
bundles_fit(struct find *f)
{
	struct tilehash th;
	struct tile t;
	uint64_t n;
	int r;

	if ((r = tilehash_open(&th, f->s->size, f->s->root, f->h, f->slot,
	    SLOTS, fetch_hashes, f)) != 0)
		return disbelieved(f, &th, r);
	for (n = 0; r == 0 && bundle_at(f, n, &t); n++)
		r = bundle_fits(f, &th, &t);
	return r;
}

/* see logfault.h */
int
logfault_find(const struct logfault_search *s, uint64_t *n)
{
	struct find *f;
	int r = ERR_NOMEM;

	*n = 0;
	if ((f = calloc(1, sizeof(*f))) == NULL ||
	    (f->h = sha256_new()) == NULL)
		goto out;
	f->s = s;
	if ((r = entries_hold(f)) == 0 && f->said < LOGFAULT_MAX)
		r = f->hold ? tiles_follow(f) : bundles_fit(f);
	*n = f->said;
out:
	if (f != NULL)
		sha256_free(f->h);
	free(f);
	return r;
}

/* see logfault.h */
const char *
logfault_words(enum logfault_what what)
{
	switch (what) {
	case LOGFAULT_MISSING:
		return "missing";
	case LOGFAULT_ENTRY:
		return "is malformed";
	case LOGFAULT_ORDER:
		return "is out of order or stands twice";
	default:
		return "altered";
	}
}

/* see logfault.h */
bool
logfault_is_signed(enum logfault_what what)
{
	return what == LOGFAULT_ENTRY || what == LOGFAULT_ORDER;
}

/* see logfault.h */
int
logfault_mirror(struct mirror *m, const struct tile *t, unsigned char **out)
{
	struct tile full = { t->level, t->index, TILE_WIDTH };
	const struct tile *is = t;
	char name[80];
	size_t n;
	int r;

	mirror_tile_name(name, t);
	r = mirror_read(m, name, UNIT_MAX, out, &n);
	if (r == ERR_NOTFOUND && t->width < TILE_WIDTH) {
		is = &full;
		mirror_tile_name(name, is);
		r = mirror_read(m, name, UNIT_MAX, out, &n);
	}
	if (r == ERR_LIMIT)
		return ERR_FORMAT;
	if (r != 0 || n == mirror_tile_bytes(is))
		return r;
	file_free(*out, n);
	*out = NULL;
	return ERR_FORMAT;
}
