/* SPDX-License-Identifier: ISC */
/*
 * tree.c - the Merkle tree of RFC 6962: hashes, appending, roots; and the
 * checkpoint that states one.
 *
 * Invariant: frontier[0..popcount(size)) holds the roots of the complete
 * subtrees, the largest first; what lies after means nothing.
 */
#include <string.h>

#include "crypto/base.h"
#include "crypto/note.h"
#include "crypto/tree.h"

/* see tree.h */
void
tree_leaf(struct sha256 *h, unsigned char out[static HASH_BYTES],
    struct rd data)
{
	unsigned char b[1 + ENTRY_BYTES];

	b[0] = 0x00;
	sha256_reset(h);
	if (data.n <= ENTRY_BYTES) {		/* in one call */
		if (data.n > 0)
			memcpy(b + 1, data.p, data.n);
		sha256_update(h, b, 1 + data.n);
	} else {
		sha256_update(h, b, 1);
		sha256_update(h, data.p, data.n);
	}
	sha256_final(h, out);
}

/* see tree.h */
void
tree_node(struct sha256 *h, unsigned char out[static HASH_BYTES],
    const unsigned char l[static HASH_BYTES],
    const unsigned char r[static HASH_BYTES])
{
	unsigned char b[1 + 2 * HASH_BYTES];

	b[0] = 0x01;
	memcpy(b + 1, l, HASH_BYTES);
	memcpy(b + 1 + HASH_BYTES, r, HASH_BYTES);
	sha256_reset(h);
	sha256_update(h, b, sizeof(b));		/* in one call */
	sha256_final(h, out);
}

/*
 * Laid out by the batch and then hashed: a processor that reads at once what
 * was just written a few bytes off waits for it.
 */
#define BATCH		64

/* n buffers of so many blocks, each begun and ended alike. */
static void
lay_out(unsigned char *b, size_t n, unsigned char prefix, size_t blocks,
    size_t bytes)
{
	size_t each = blocks * SHA256_BLOCK_BYTES, i;

	memset(b, 0, each);
	b[0] = prefix;
	sha256_pad(b, blocks, 1 + bytes);
	for (i = 1; i < n; i++)
		memcpy(b + i * each, b, each);
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* see tree.h */
void
tree_leaves(struct sha256 *h, unsigned char (*out)[HASH_BYTES],
    const unsigned char *entry, size_t step, size_t n)
{
	unsigned char b[BATCH][SHA256_BLOCK_BYTES];
	size_t done, i, now;

	lay_out(b[0], smaller(n, BATCH), 0x00, 1, ENTRY_BYTES);
	for (done = 0; done < n; done += now) {
		now = smaller(n - done, BATCH);
		for (i = 0; i < now; i++)
			memcpy(b[i] + 1, entry + (done + i) * step,
			    ENTRY_BYTES);
		sha256_many(h, out + done, b[0], 1, now);
	}
}

/* see tree.h */
void
tree_nodes(struct sha256 *h, unsigned char (*out)[HASH_BYTES],
    const unsigned char (*hash)[HASH_BYTES], size_t n)
{
	unsigned char b[BATCH][2 * SHA256_BLOCK_BYTES];
	size_t done, i, now;

	lay_out(b[0], smaller(n, BATCH), 0x01, 2, 2 * HASH_BYTES);
	for (done = 0; done < n; done += now) {
		now = smaller(n - done, BATCH);
		for (i = 0; i < now; i++)
			memcpy(b[i] + 1, hash[2 * (done + i)],
			    2 * HASH_BYTES);
		sha256_many(h, out + done, b[0], 2, now);
	}
}

/* How many complete subtrees a tree of this size has. */
static unsigned
subtrees(uint64_t size)
{
	unsigned n = 0;

	for (; size > 0; size &= size - 1)
		n++;
	return n;
}

/* see tree.h */
void
tree_init(struct tree *t)
{
	memset(t, 0, sizeof(*t));
}

/* see tree.h */
int
tree_append(struct tree *t, struct sha256 *h,
    const unsigned char leaf[static HASH_BYTES])
{
	unsigned char hash[HASH_BYTES];
	unsigned n = subtrees(t->size);
	uint64_t s;

	if (t->size >= TREE_SIZE_MAX)
		return ERR_LIMIT;
	memcpy(hash, leaf, sizeof(hash));
	for (s = t->size; s & 1; s >>= 1)
		tree_node(h, hash, t->frontier[--n], hash);
	memcpy(t->frontier[n], hash, sizeof(hash));
	t->size++;
	return 0;
}

/* see tree.h */
void
tree_root(const struct tree *t, struct sha256 *h,
    unsigned char out[static HASH_BYTES])
{
	unsigned n = subtrees(t->size);

	if (n == 0) {
		sha256(out, NULL, 0);
		return;
	}
	memcpy(out, t->frontier[--n], HASH_BYTES);
	while (n > 0)
		tree_node(h, out, t->frontier[--n], out);
}

/* see tree.h */
void
tree_write(struct wr *w, const struct tree *t)
{
	wr_u64(w, t->size);
	wr_bytes(w, t->frontier, subtrees(t->size) * (size_t)HASH_BYTES);
}

/* see tree.h */
int
tree_parse(struct tree *t, struct rd r)
{
	uint64_t size;

	tree_init(t);
	if (!rd_u64(&r, &size) || size > TREE_SIZE_MAX ||
	    !rd_copy(&r, t->frontier, subtrees(size) * (size_t)HASH_BYTES) ||
	    !rd_done(&r))
		return ERR_FORMAT;
	t->size = size;
	return 0;
}

/* see tree.h */
void
checkpoint_write(struct wr *w, struct rd origin, uint64_t size,
    const unsigned char root[static HASH_BYTES])
{
	wr_rdr(w, origin);
	wr_u8(w, '\n');
	wr_dec(w, size);
	wr_u8(w, '\n');
	wr_b64(w, root, HASH_BYTES, true);
	wr_u8(w, '\n');
}

/* see tree.h */
int
checkpoint_parse(struct checkpoint *c, struct rd text)
{
	unsigned char none[HASH_BYTES];
	struct rd size, root;

	if (!rd_line(&text, &c->origin) || !note_name_ok(c->origin) ||
	    !rd_line(&text, &size) ||
	    !rd_dec(size, TREE_SIZE_MAX, &c->size) ||
	    !rd_line(&text, &root) ||
	    !b64_decode(c->root, sizeof(c->root), root, true) ||
	    !rd_done(&text))
		return ERR_FORMAT;
	sha256(none, NULL, 0);
	if (c->size == 0 && memcmp(c->root, none, sizeof(none)) != 0)
		return ERR_FORMAT;
	return 0;
}
