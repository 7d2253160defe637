/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/logdir.h"
#include "tests/unit/tmpdir.h"

void
logdir_key(struct logdir *l)
{
	unsigned char seed[32], pk[32];

	memset(seed, 1, sizeof(seed));
	crypto_sign_seed_keypair(pk, l->sk, seed);
	cr_assert_eq(vkey_make(&l->key, rd_str(LOGDIR_ORIGIN), NOTE_ED25519,
	    pk), 0);
	l->fork_at = l->twice_at = UINT64_MAX;
}

void
logdir_entry(unsigned char out[static ENTRY_BYTES], uint64_t i)
{
	struct entry e;

	e.kind = ENTRY_PARCEL;
	e.close = 1000 + i / 16;
	sha256(e.digest, &i, sizeof(i));
	e.digest[0] = (unsigned char)(i % 16);	/* they rise */
	entry_write(out, &e);
}

static void
entry_of(const struct logdir *l, unsigned char out[static ENTRY_BYTES],
    uint64_t i)
{
	logdir_entry(out, i == l->twice_at ? i - 1 : i);
	if (i >= l->fork_at)
		out[ENTRY_BYTES - 1] ^= 1;
}

static void
put_tile(struct mirror *m, int level, uint64_t index, unsigned width,
    const void *p, size_t n)
{
	struct tile t = { level, index, width };
	char name[80];

	mirror_tile_name(name, &t);
	cr_assert_eq(mirror_write_lazy(m, name, rd_from(p, n)), 0);
}

/* hashes: count of them at this level; writes the tiles, returns the level
 * above. */
static size_t
put_level(struct mirror *m, int level, unsigned char *hashes, size_t count)
{
	struct sha256 *h = sha256_new();
	struct tree t;
	size_t at, i, up = 0, n;

	for (at = 0; at < count; at += TILE_WIDTH) {
		n = count - at < TILE_WIDTH ? count - at : TILE_WIDTH;
		put_tile(m, level, at / TILE_WIDTH, (unsigned)n,
		    hashes + at * HASH_BYTES, n * HASH_BYTES);
		if (n < TILE_WIDTH)
			break;
		tree_init(&t);
		for (i = 0; i < n; i++)
			cr_assert_eq(tree_append(&t, h, hashes +
			    (at + i) * HASH_BYTES), 0);
		tree_root(&t, h, hashes + up++ * HASH_BYTES);
	}
	sha256_free(h);
	return up;
}

static void
put_bundles(const struct logdir *l, struct mirror *m, uint64_t size)
{
	unsigned char b[TILE_WIDTH * (2 + ENTRY_BYTES)];
	struct wr w;
	uint64_t i;

	w = wr_from(b, sizeof(b));
	for (i = 0; i < size; i++) {
		unsigned char e[ENTRY_BYTES];

		entry_of(l, e, i);
		wr_u16(&w, ENTRY_BYTES);
		wr_bytes(&w, e, sizeof(e));
		if ((i + 1) % TILE_WIDTH == 0 || i + 1 == size) {
			put_tile(m, TILE_ENTRIES, i / TILE_WIDTH,
			    (unsigned)(i % TILE_WIDTH + 1), b, w.n);
			w = wr_from(b, sizeof(b));
		}
	}
}

static void
put_checkpoint(struct logdir *l, struct mirror *m, const struct tree *t)
{
	unsigned char root[HASH_BYTES];
	char text[512], note[1024];
	struct wr w = wr_from(text, sizeof(text)), n;
	struct sha256 *h = sha256_new();

	tree_root(t, h, root);
	checkpoint_write(&w, rd_str(LOGDIR_ORIGIN), t->size, root);
	n = wr_from(note, sizeof(note));
	cr_assert_eq(note_sign(&n, wr_rd(&w), &l->key, l->sk), 0);
	cr_assert_eq(mirror_write(m, "log/checkpoint", wr_rd(&n)), 0);
	sha256_free(h);
}

void
logdir_write(struct logdir *l, struct mirror *m, uint64_t size)
{
	unsigned char *hashes = malloc((size_t)size * HASH_BYTES + 1);
	unsigned char e[ENTRY_BYTES];
	struct sha256 *h = sha256_new();
	struct tree t;
	size_t count;
	uint64_t i;
	int level;

	tree_init(&t);
	for (i = 0; i < size; i++) {
		entry_of(l, e, i);
		tree_leaf(h, hashes + i * HASH_BYTES, rd_from(e, sizeof(e)));
		cr_assert_eq(tree_append(&t, h, hashes + i * HASH_BYTES), 0);
	}
	put_bundles(l, m, size);
	for (level = 0, count = (size_t)size; count > 0; level++)
		count = put_level(m, level, hashes, count);
	put_checkpoint(l, m, &t);
	sha256_free(h);
	free(hashes);
}

void
logdir_flip(const char *name, long at)
{
	char path[4300];
	FILE *f;
	int c;

	snprintf(path, sizeof(path), "%s/%s", tmpdir_path("mirror"), name);
	f = fopen(path, "r+b");
	cr_assert_not_null(f, "%s", path);
	fseek(f, at, SEEK_SET);
	c = fgetc(f);
	fseek(f, at, SEEK_SET);
	fputc(c ^ 1, f);
	fclose(f);
}
