/* SPDX-License-Identifier: ISC */
/*
 * fuzz_logfault.c - an honest log of up to 600 entries, then any damage to
 * its files: it is found exactly where there is some, and no file is accused
 * that is as it was.
 *
 *   size 2 | times (file 1 | what 1 | where 2 | xor 1)
 *
 * what: 0 a byte is changed, 1 the file is gone, 2 it is cut.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/logfault.h"
#include "crypto/entry.h"
#include "crypto/tilehash.h"

#define SIZE_MAX_	600u
#define FILES		7		/* 3 bundles, 3 tiles, 1 above */
#define UNIT		(TILE_WIDTH * (2 + ENTRY_BYTES))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct file {
	struct tile tile;
	size_t n;
	bool gone, cut, said;
	unsigned char was[UNIT], is[UNIT];
};

struct log {
	uint64_t size;
	size_t n;
	bool all;
	unsigned char root[HASH_BYTES];
	struct file file[FILES];
};

static struct log made;
static struct sha256 *h;

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static struct file *
add(int level, uint64_t index)
{
	struct file *f = &made.file[made.n];

	f->tile.level = level;
	f->tile.index = index;
	f->tile.width = tile_width_at(level, index, made.size);
	if (f->tile.width == 0)
		return NULL;
	need(made.n++ < FILES);
	f->n = (size_t)f->tile.width *
	    (level == TILE_ENTRIES ? 2 + ENTRY_BYTES : HASH_BYTES);
	return f;
}

static void
entry_of(unsigned char out[static ENTRY_BYTES], uint64_t i)
{
	struct entry e = { .kind = ENTRY_PARCEL, .close = 1000 + i };

	memset(e.digest, (int)(i & 0xff), sizeof(e.digest));
	entry_write(out, &e);
}

static void
make(uint64_t size)
{
	unsigned char e[ENTRY_BYTES], up[3][HASH_BYTES];
	struct file *b, *t;
	struct tree tree;
	uint64_t i, n;

	memset(&made, 0, sizeof(made));
	made.size = size;
	tree_init(&tree);
	for (n = 0; (b = add(TILE_ENTRIES, n)) != NULL; n++) {
		t = add(0, n);
		for (i = 0; i < b->tile.width; i++) {
			entry_of(e, n * TILE_WIDTH + i);
			b->was[i * (2 + ENTRY_BYTES) + 1] = ENTRY_BYTES;
			memcpy(b->was + i * (2 + ENTRY_BYTES) + 2, e,
			    sizeof(e));
			tree_leaf(h, t->was + i * HASH_BYTES,
			    rd_from(e, sizeof(e)));
			need(tree_append(&tree, h,
			    t->was + i * HASH_BYTES) == 0);
		}
		if (t->tile.width == TILE_WIDTH)
			tile_fold(up[n], h, (const unsigned char (*)
			    [HASH_BYTES])t->was, TILE_WIDTH);
	}
	if ((t = add(1, 0)) != NULL)
		memcpy(t->was, up, t->n);
	for (i = 0; i < made.n; i++)
		memcpy(made.file[i].is, made.file[i].was, UNIT);
	tree_root(&tree, h, made.root);
}

static struct file *
find(const struct tile *t)
{
	size_t i;

	for (i = 0; i < made.n; i++)
		if (made.file[i].tile.level == t->level &&
		    made.file[i].tile.index == t->index)
			return &made.file[i];
	abort();			/* nobody needs another one */
}

static int
on_fetch(void *arg, const struct tile *t, unsigned char **out)
{
	const struct file *f = find(t);

	(void)arg;
	*out = NULL;
	if (f->gone)
		return ERR_NOTFOUND;
	if (f->cut)
		return ERR_FORMAT;
	need(t->width == f->tile.width);
	need((*out = malloc(f->n)) != NULL);
	memcpy(*out, f->is, f->n);
	return 0;
}

static bool
is_bad(const struct file *f)
{
	return f->gone || f->cut || memcmp(f->is, f->was, f->n) != 0;
}

static void
on_say(void *arg, const struct logfault *fault)
{
	struct file *f;

	(void)arg;
	need(!logfault_is_signed(fault->what));
	if (fault->what == LOGFAULT_ALL) {
		made.all = true;
		return;
	}
	f = find(&fault->tile);
	need(!f->said && is_bad(f));
	f->said = true;
	if (fault->what == LOGFAULT_MISSING)
		need(f->gone);
	if (fault->what == LOGFAULT_BUNDLE)
		need(fault->index / TILE_WIDTH == f->tile.index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct logfault_search s = { .fetch = on_fetch, .say = on_say };
	struct rd in = rd_from(data, size);
	uint8_t which, what, with;
	uint64_t found, bad = 0;
	uint16_t n, where;
	struct file *f;
	size_t i;

	if (h == NULL)
		need((h = sha256_new()) != NULL);
	if (!rd_u16(&in, &n))
		return 0;
	make(n % (SIZE_MAX_ + 1));
	while (made.n > 0 && rd_u8(&in, &which) && rd_u8(&in, &what) &&
	    rd_u16(&in, &where) && rd_u8(&in, &with)) {
		f = &made.file[which % made.n];
		f->gone = f->gone || what % 3 == 1;
		f->cut = f->cut || what % 3 == 2;
		if (what % 3 == 0)
			f->is[where % f->n] ^= with;
	}
	for (i = 0; i < made.n; i++)
		bad += is_bad(&made.file[i]);
	s.size = made.size;
	s.root = made.root;
	need(logfault_find(&s, &found) == 0);
	need((found > 0) == (bad > 0));
	need(made.all || found <= bad);
	return 0;
}
