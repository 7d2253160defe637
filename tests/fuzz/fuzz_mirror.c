/* SPDX-License-Identifier: ISC */
/*
 * fuzz_mirror.c - any bytes as the files of a mirror's log.
 *
 *   flags 1 | size 2 | old 2 | n 2 | checkpoint n | n 2 | bundle n | bundle
 *
 * Either the checkpoint is those bytes, which nobody signed, and nothing may
 * be taken; or it is one that the log signed over this size and the entries
 * here, and the log is taken exactly where the bundles are well formed.
 */
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/mirror.h"

#define SIGNED		1u	/* flags: the log signed what is here */
#define WHOLE		2u	/* the last bundle stands under the full name */
#define LIED		4u	/* signed, but another root */
#define ORIGIN		"drop.example.org/log"
#define SLOT		(2 + ENTRY_BYTES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t flags;
	uint16_t size, old;
	struct rd note, bundle[2];
};

static char folder[64];
static struct mirror *mirror;
static struct vkey key;
static unsigned char sk[64];

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static int
on_name(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static void
clean_up(void)
{
	mirror_close(mirror);
	(void)nftw(folder, on_name, 8, FTW_DEPTH | FTW_PHYS);
}

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");
	unsigned char seed[32], pk[32];

	need(sodium_init() >= 0);
	snprintf(folder, sizeof(folder), "%.40s/ecr-fuzz.XXXXXX",
	    tmp == NULL ? "/dev/shm" : tmp);
	need(mkdtemp(folder) != NULL);
	need(mirror_open(&mirror, folder, true) == 0);
	atexit(clean_up);
	memset(seed, 7, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	need(vkey_make(&key, rd_str(ORIGIN), NOTE_ED25519, pk) == 0);
}

static bool
take(struct input *in, struct rd r)
{
	if (!rd_u8(&r, &in->flags) || !rd_u16(&r, &in->size) ||
	    !rd_u16(&r, &in->old) || !rd_take16(&r, &in->note) ||
	    !rd_take16(&r, &in->bundle[0]))
		return false;
	in->bundle[1] = r;
	in->size %= 2 * TILE_WIDTH + 1;
	in->old = (uint16_t)(in->size == 0 ? 0 : in->old % in->size);
	return true;
}

/* What mirror.h promises of a bundle, in our own words. */
static bool
is_good(struct rd b, unsigned width, bool whole)
{
	size_t i;

	if (whole && b.n == TILE_WIDTH * SLOT)
		b.n = width * SLOT;	/* a full one holds more */
	if (b.n != width * SLOT)
		return false;
	/* Length, a kind that there is, a close that a time can be. */
	for (i = 0; i < width; i++, b.p += SLOT)
		if (b.p[0] != 0 || b.p[1] != ENTRY_BYTES || b.p[2] < 1 ||
		    b.p[2] > 3 || b.p[3] > 0x7f)
			return false;
	return true;
}

static void
put_bundle(const struct input *in, uint64_t i, struct tile *t)
{
	char name[80];

	t->level = TILE_ENTRIES;
	t->index = i;
	t->width = tile_width_at(TILE_ENTRIES, i, in->size);
	if ((in->flags & WHOLE) != 0)
		t->width = TILE_WIDTH;
	mirror_tile_name(name, t);
	need(mirror_write_lazy(mirror, name, in->bundle[i]) == 0);
}

/*
 * The tree of the first so many entries.  Badly formed bundles are signed,
 * too, so that nothing but their form is why they are refused.
 */
static void
grow(struct tree *t, struct sha256 *h, const struct input *in, size_t n)
{
	unsigned char leaf[HASH_BYTES];
	const unsigned char *e;
	size_t i;

	tree_init(t);
	for (i = 0; i < n; i++) {
		e = in->bundle[i / TILE_WIDTH].p + i % TILE_WIDTH * SLOT + 2;
		tree_leaf(h, leaf, rd_from(e, ENTRY_BYTES));
		need(tree_append(t, h, leaf) == 0);
	}
}

static void
put_checkpoint(const struct input *in, const unsigned char *root)
{
	unsigned char text[512], note[1024];
	struct wr t = wr_from(text, sizeof(text));
	struct wr w = wr_from(note, sizeof(note));

	checkpoint_write(&t, rd_str(ORIGIN), in->size, root);
	need(note_sign(&w, wr_rd(&t), &key, sk) == 0);
	need(mirror_write_lazy(mirror, "log/checkpoint", wr_rd(&w)) == 0);
}

/* What was taken is what lies in the bundles, from old on. */
static void
compare(const struct mirror_log *log, const struct input *in)
{
	size_t i, at;

	need(log->first == in->old && log->tree.size == in->size);
	need(log->count == (size_t)(in->size - in->old));
	for (i = 0; i < log->count; i++) {
		at = in->old + i;
		need(memcmp(log->entries + i * ENTRY_BYTES,
		    in->bundle[at / TILE_WIDTH].p + at % TILE_WIDTH * SLOT + 2,
		    ENTRY_BYTES) == 0);
	}
}

static bool
is_long_enough(const struct input *in)
{
	size_t first = in->size < TILE_WIDTH ? in->size : TILE_WIDTH;

	return in->bundle[0].n >= first * SLOT &&
	    in->bundle[1].n >= (in->size - first) * SLOT;
}

static void
try_log(const struct input *in, bool good, struct sha256 *h)
{
	unsigned char root[HASH_BYTES] = { 0 };
	struct mirror_log log;
	struct tree t, old;
	int r;

	tree_init(&old);
	if (is_long_enough(in)) {
		grow(&t, h, in, in->size);
		tree_root(&t, h, root);
		grow(&old, h, in, in->old);
	}
	if ((in->flags & LIED) != 0)
		root[0] ^= 1;
	if ((in->flags & SIGNED) != 0)
		put_checkpoint(in, root);
	else
		need(mirror_write_lazy(mirror, "log/checkpoint", in->note) ==
		    0);
	r = mirror_log_read(&log, mirror, &key, &old);
	if (r == 0)
		compare(&log, in);
	else
		need(log.count == 0 && log.entries == NULL);
	need((r == 0) == (good && (in->flags & (SIGNED | LIED)) == SIGNED));
	mirror_log_wipe(&log);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tile t[2];
	struct input in;
	struct sha256 *h;
	char name[80];
	bool good = true;
	uint64_t i, n;
	unsigned width;

	if (mirror == NULL)
		set_up();
	if (!take(&in, rd_from(data, size)))
		return 0;
	n = ((uint64_t)in.size + TILE_WIDTH - 1) / TILE_WIDTH;
	for (i = 0; i < n; i++) {
		put_bundle(&in, i, &t[i]);
		width = tile_width_at(TILE_ENTRIES, i, in.size);
		good = good && is_good(in.bundle[i], width,
		    t[i].width == TILE_WIDTH);
	}
	need((h = sha256_new()) != NULL);
	try_log(&in, good, h);
	sha256_free(h);
	for (i = 0; i < n; i++) {
		mirror_tile_name(name, &t[i]);
		mirror_remove(mirror, name);
	}
	return 0;
}
