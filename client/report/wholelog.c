/* SPDX-License-Identifier: ISC */
/*
 * wholelog.c - the whole log, once through.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/ask.h"
#include "client/common/say.h"
#include "client/report/wholelog.h"

#define FRESH_TRIES	8	/* the log may grow while it is read */
#define TILE_LOG2	8

/* The leaves of one bundle that a proof needs. */
struct wholelog_leaves {
	uint64_t index;			/* of the bundle */
	unsigned width;
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
};

static int
no_memory(void)
{
	return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
}

/* --- the checkpoint ---------------------------------------------------- */

static int
fetch(struct wholelog *w, const char *path, size_t max, struct net_answer *a)
{
	int r = ask_get(w->net, path, NULL, max, ASK_TRIES, a);

	if (r == ERR_LIMIT)
		return fail(EXIT_DATA, "%s is larger than it may be", path);
	if (r == ERR_NOMEM)
		return no_memory();
	if (r != 0)
		return fail(EXIT_UNAVAILABLE, "the server is out of reach: %s",
		    net_why(w->net));
	if (a->status != 200 && a->status != 404)
		return fail(EXIT_UNAVAILABLE, "the server answers %ld to %s",
		    a->status, path);
	return 0;
}

static int
read_checkpoint(struct wholelog *w)
{
	struct net_answer a;
	size_t log;
	int code, r;

	if ((code = fetch(w, "/log/checkpoint", WHOLELOG_NOTE_MAX, &a)) != 0)
		return code;
	if (a.status != 200)
		return fail(EXIT_UNAVAILABLE, "the server has no log");
	free(w->note);
	w->nnote = a.n;
	w->note = net_take(w->net);
	r = tlogpolicy_check(w->policy, rd_from(w->note, w->nnote), &log,
	    &w->c, &w->who);
	w->quorum = r == 0;
	if (r != 0 && r != ERR_ORDER)
		return fail(EXIT_CLAIM, "what the server shows as its log is "
		    "not signed by the office's log: %s", err_str(r));
	if (w->c.size < w->tree.size)
		return fail(EXIT_CLAIM, "the log has become shorter");
	return 0;
}

/* --- entries ----------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	const struct wholelog_want *x = a, *y = b;

	return memcmp(x->digest, y->digest, HASH_BYTES);
}

/* Which of its entries are wanted?  True: some. */
static bool
look_through(struct wholelog *w, const struct bundle *b, uint64_t first)
{
	struct wholelog_want key = { .found = false }, *hit;
	bool any = false;
	unsigned i;

	for (i = 0; i < b->width; i++) {
		if (b->entry[i].kind != ENTRY_PARCEL)
			continue;
		memcpy(key.digest, b->entry[i].digest, HASH_BYTES);
		hit = bsearch(&key, w->want, w->nwant, sizeof(*w->want),
		    compare);
		if (hit == NULL || hit->found)
			continue;
		hit->found = any = true;
		hit->index = first + i;
		hit->close = b->entry[i].close;
	}
	return any;
}

static int
keep(struct wholelog *w, uint64_t index, unsigned width,
    const unsigned char (*hash)[HASH_BYTES])
{
	struct wholelog_leaves *more, *l;

	more = realloc(w->kept, (w->nkept + 1) * sizeof(*more));
	if (more == NULL)
		return no_memory();
	w->kept = more;
	l = &w->kept[w->nkept++];
	l->index = index;
	l->width = width;
	memcpy(l->hash, hash, width * sizeof(*hash));
	return 0;
}

/* Of so many hashes, twos to ones, up to a single one. */
static void
fold(struct wholelog *w, unsigned char (*hash)[HASH_BYTES], size_t n)
{
	for (; n > 1; n /= 2)
		tree_nodes(w->h, hash, (const unsigned char (*)[HASH_BYTES])
		    hash, n / 2);
}

/* The root of a full bundle is a node of level 8. */
static int
keep_root(struct wholelog *w, uint64_t index,
    unsigned char (*hash)[HASH_BYTES])
{
	unsigned char (*more)[HASH_BYTES];
	size_t cap = w->cap == 0 ? 256 : w->cap * 2;

	if (index >= w->cap) {
		more = realloc(w->level[TILE_LOG2], cap * sizeof(*more));
		if (more == NULL)
			return no_memory();
		w->level[TILE_LOG2] = more;
		w->cap = cap;
	}
	fold(w, hash, TILE_WIDTH);
	memcpy(w->level[TILE_LOG2][index], hash[0], HASH_BYTES);
	return 0;
}

/* A partial one is the last, so each is taken once. */
static int
take_bundle(struct wholelog *w, const struct tile *t, struct rd bytes)
{
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
	struct bundle b;
	unsigned at, i;
	bool any;
	int code;

	if (bundle_parse(&b, bytes, t->width, &at) != 0)
		return fail(EXIT_CLAIM, "an entry of the log is malformed");
	bundle_leaves(&b, w->h, hash);
	for (i = 0; i < t->width; i++)
		if (tree_append(&w->tree, w->h, hash[i]) != 0)
			return fail(EXIT_DATA, "%s", err_str(ERR_LIMIT));
	w->close = b.entry[t->width - 1].close;
	any = look_through(w, &b, t->index * TILE_WIDTH);
	if ((any || t->width < TILE_WIDTH) && (code = keep(w, t->index,
	    t->width, (const unsigned char (*)[HASH_BYTES])hash)) != 0)
		return code;
	return t->width < TILE_WIDTH ? 0 : keep_root(w, t->index, hash);
}

/* *gone: the log has grown, and the end that was asked for is no more. */
static int
next_bundle(struct wholelog *w, bool *gone)
{
	struct tile t = { .level = TILE_ENTRIES,
	    .index = w->tree.size / TILE_WIDTH };
	char path[5 + TILE_PATH_MAX + 1] = "/log/";
	struct wr name = wr_from(path + 5, sizeof(path) - 5);
	struct net_answer a;
	int code;

	t.width = tile_width_at(t.level, t.index, w->c.size);
	tile_write(&name, &t);
	if (!wr_cstr(&name))
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_LIMIT));
	if ((code = fetch(w, path, BUNDLE_BYTES, &a)) != 0)
		return code;
	*gone = a.status == 404 && t.width < TILE_WIDTH;
	if (*gone)
		return 0;
	if (a.status != 200)
		return fail(EXIT_CLAIM, "the server does not show all of its "
		    "log (%s)", path);
	say_progress("reading the log", w->tree.size * ENTRY_BYTES,
	    w->c.size * ENTRY_BYTES);
	return take_bundle(w, &t, rd_from(a.body, a.n));
}

/* --- nodes ------------------------------------------------------------- */

/* All whole nodes above the bundles' roots. */
static int
build(struct wholelog *w)
{
	uint64_t n = w->tree.size >> TILE_LOG2;
	int level;

	for (level = TILE_LOG2; n > 1; level++, n /= 2) {
		w->level[level + 1] = malloc((size_t)(n / 2) * HASH_BYTES);
		if (w->level[level + 1] == NULL)
			return no_memory();
		tree_nodes(w->h, w->level[level + 1],
		    (const unsigned char (*)[HASH_BYTES])w->level[level],
		    (size_t)(n / 2));
	}
	return 0;
}

/* struct hashes' source: of a kept bundle's leaves, or of what was built. */
static int
node_at(void *arg, int level, uint64_t index,
    unsigned char out[static HASH_BYTES])
{
	struct wholelog *w = arg;
	unsigned char hash[TILE_WIDTH][HASH_BYTES];
	uint64_t first = index << level;
	size_t i, width = (size_t)1 << level;

	if (level >= TILE_LOG2) {
		if (w->level[level] == NULL || index >= w->tree.size >> level)
			return ERR_NOTFOUND;
		memcpy(out, w->level[level][index], HASH_BYTES);
		return 0;
	}
	for (i = 0; i < w->nkept; i++)
		if (w->kept[i].index == first / TILE_WIDTH)
			break;
	first %= TILE_WIDTH;
	if (i == w->nkept || first + width > w->kept[i].width)
		return ERR_NOTFOUND;
	memcpy(hash, w->kept[i].hash[first], width * HASH_BYTES);
	fold(w, hash, width);
	memcpy(out, hash[0], HASH_BYTES);
	return 0;
}

/* see wholelog.h */
int
wholelog_prove(struct proof *p, struct wholelog *w, uint64_t index)
{
	const struct hashes from = { node_at, w };

	return proof_make_inclusion(p, w->h, &from, index, w->tree.size);
}

/* --- all of it --------------------------------------------------------- */

static int
read_entries(struct wholelog *w)
{
	unsigned tries = 0;
	bool gone = false;
	int code;

	while (w->tree.size < w->c.size) {
		if ((code = next_bundle(w, &gone)) != 0)
			return code;
		if (!gone)
			continue;
		if (++tries == FRESH_TRIES)
			return fail(EXIT_UNAVAILABLE, "the log grows faster "
			    "than it can be read here");
		if ((code = read_checkpoint(w)) != 0)
			return code;
	}
	return 0;
}

/* see wholelog.h */
int
wholelog_read(struct wholelog *w, struct net *net,
    const struct tlogpolicy *policy, struct wholelog_want *want, size_t n)
{
	unsigned char root[HASH_BYTES];
	int code;

	memset(w, 0, sizeof(*w));
	w->net = net;
	w->policy = policy;
	w->want = want;
	w->nwant = n;
	qsort(want, n, sizeof(*want), compare);
	tree_init(&w->tree);
	if ((w->h = sha256_new()) == NULL)
		return no_memory();
	if ((code = read_checkpoint(w)) == 0)
		code = read_entries(w);
	say_progress_end();
	if (code != 0)
		return code;
	tree_root(&w->tree, w->h, root);
	if (memcmp(root, w->c.root, sizeof(root)) != 0)
		return fail(EXIT_CLAIM, "the entries that the server shows "
		    "are not those of the log it signed");
	return build(w);
}

/* see wholelog.h */
void
wholelog_wipe(struct wholelog *w)
{
	int i;

	for (i = 0; i <= TREE_DEPTH_MAX; i++)
		free(w->level[i]);
	free(w->kept);
	free(w->note);
	sha256_free(w->h);
	memset(w, 0, sizeof(*w));
}
