/* SPDX-License-Identifier: ISC */
/*
 * logmade.c - a mirror with a large signed log.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/mirror.h"
#include "crypto/bundle.h"
#include "crypto/sha256.h"
#include "crypto/tilehash.h"
#include "tests/bench/logmade.h"

#define AN_EPOCH	1024u		/* entries */

static struct mirror *m;
static struct sha256 *h;
static unsigned char root[HASH_BYTES];

static void
need(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "logmade: %s: %s\n", what, err_str(r));
	exit(EXIT_FAILURE);
}

static void
entry_of(unsigned char out[static ENTRY_BYTES], uint64_t i)
{
	struct entry e = { .kind = ENTRY_PARCEL,
	    .close = 3600 * (1 + i / AN_EPOCH) };
	struct wr w = wr_from(e.digest, sizeof(e.digest));

	wr_u64(&w, i);			/* digests rise */
	entry_write(out, &e);
}

static void
put(int level, uint64_t index, unsigned width, struct rd bytes)
{
	struct tile t = { level, index, width };
	char name[80];

	mirror_tile_name(name, &t);
	need(mirror_write_lazy(m, name, bytes), name);
}

static void
put_bundles(uint64_t size, unsigned char (*leaf)[HASH_BYTES])
{
	unsigned char buf[BUNDLE_BYTES], e[ENTRY_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	uint64_t i;

	for (i = 0; i < size; i++) {
		entry_of(e, i);
		tree_leaf(h, leaf[i], rd_from(e, sizeof(e)));
		bundle_write(&w, e);
		if ((i + 1) % TILE_WIDTH != 0 && i + 1 < size)
			continue;
		put(TILE_ENTRIES, i / TILE_WIDTH,
		    (unsigned)(i % TILE_WIDTH) + 1, wr_rd(&w));
		w = wr_from(buf, sizeof(buf));
	}
}

/* One level's tiles; the hashes of the level above come in their place. */
static size_t
put_level(int level, unsigned char (*hash)[HASH_BYTES], size_t n)
{
	unsigned width;
	size_t at;

	for (at = 0; at < n; at += TILE_WIDTH) {
		width = n - at < TILE_WIDTH ? (unsigned)(n - at) : TILE_WIDTH;
		put(level, at / TILE_WIDTH, width,
		    rd_from(hash[at], (size_t)width * HASH_BYTES));
		if (width == TILE_WIDTH)
			tile_fold(hash[at / TILE_WIDTH], h,
			    (const unsigned char (*)[HASH_BYTES])hash + at,
			    width);
	}
	return n / TILE_WIDTH;
}

/* Signed by a key that is the same in every run. */
static void
put_checkpoint(uint64_t size, struct vkey *log)
{
	static const unsigned char seed[32] = { 1 };
	unsigned char pk[32], sk[64], text[512], note[1024];
	struct wr w = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));

	need(crypto_sign_seed_keypair(pk, sk, seed), "key");
	need(vkey_make(log, rd_str(LOGMADE_ORIGIN), NOTE_ED25519,
	    pk), "key");
	checkpoint_write(&w, rd_str(log->name), size, root);
	need(note_sign(&n, wr_rd(&w), log, sk), "checkpoint");
	need(mirror_write(m, "log/checkpoint", wr_rd(&n)), "checkpoint");
}

static void
make_mirror(uint64_t size, struct vkey *log)
{
	unsigned char (*hash)[HASH_BYTES] = malloc((size_t)size * HASH_BYTES);
	struct tree t;
	uint64_t i;
	size_t n;
	int level;

	need(hash == NULL ? ERR_NOMEM : 0, "hashes");
	put_bundles(size, hash);
	tree_init(&t);
	for (i = 0; i < size; i++)
		need(tree_append(&t, h, hash[i]), "tree");
	tree_root(&t, h, root);
	for (level = 0, n = (size_t)size; n > 0; level++)
		n = put_level(level, hash, n);
	put_checkpoint(size, log);
	free(hash);
}

/* see logmade.h */
void
logmade_write(const char *folder, uint64_t size, struct vkey *log)
{
	need((h = sha256_new()) == NULL ? ERR_NOMEM : 0, "sha256");
	need(mirror_open(&m, folder, true), folder);
	make_mirror(size, log);
	mirror_close(m);
	sha256_free(h);
}
