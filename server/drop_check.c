/* SPDX-License-Identifier: ISC */
/*
 * drop_check.c - is the log on disk the one that was signed?
 *
 * Believes the signature and nothing else: entries, tiles and frontier are
 * read back and hashed.  Refuses the whole where one bit differs.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/proof.h"
#include "crypto/wr.h"
#include "server/drop_int.h"

/* see drop_int.h */
int
drop_head_checkpoint(struct checkpoint *c, struct note *note,
    const struct drop_head *h, const struct vkey *vk)
{
	int r;

	if ((r = note_open(note, rd_from(h->checkpoint, h->ncheckpoint),
	    vk)) != 0 || (r = checkpoint_parse(c, note->text)) != 0)
		return r == ERR_NOMATCH ? ERR_AUTH : r;
	return rd_eq_str(c->origin, vk->name) ? 0 : ERR_AUTH;
}

/* see drop_int.h */
int
drop_read_back(struct drop *d, MDB_txn *txn, uint64_t from,
    const struct tree *t)
{
	unsigned char root[HASH_BYTES], want[HASH_BYTES];
	int r;

	if ((r = drop_check_tiles(d, txn, from, t->size)) != 0 ||
	    (r = drop_root_of_tiles(d, txn, t->size, root)) != 0)
		return r;
	tree_root(t, d->sha, want);
	return memcmp(root, want, HASH_BYTES) == 0 ? 0 : ERR_AUTH;
}

/* --- consistency ---------------------------------------------------------- */

struct source {
	struct drop *d;
	MDB_txn *txn;
};

/* A node out of the tile that has it, or what makes it up. */
static int
node_at(void *arg, int level, uint64_t index,
    unsigned char out[static HASH_BYTES])
{
	const struct source *s = arg;
	unsigned span = 1u << (level % 8);
	uint64_t first = index * span;
	struct rd hashes;
	int r;

	r = drop_tile_get(s->d, s->txn, level / 8, first / TILE_WIDTH,
	    (unsigned)(first % TILE_WIDTH) + span, &hashes);
	if (r == 0)
		drop_fold(s->d, out, hashes.p + hashes.n - span * HASH_BYTES,
		    span);
	return r;
}

/* see drop_int.h */
int
drop_extends(struct drop *d, MDB_txn *txn, uint64_t old,
    const unsigned char old_root[static HASH_BYTES], uint64_t size,
    const unsigned char root[static HASH_BYTES])
{
	struct source s = { .d = d, .txn = txn };
	const struct hashes from = { .at = node_at, .arg = &s };
	struct proof *p;
	int r;

	/* Nothing comes before all; checkpoint_parse() has seen its root. */
	if (old == 0)
		return 0;
	if (old > size)
		return ERR_AUTH;
	if ((p = malloc(sizeof(*p))) == NULL)
		return ERR_NOMEM;
	if ((r = proof_make_consistency(p, d->sha, &from, old, size)) == 0)
		r = proof_consistency(p, d->sha, old, old_root, size, root);
	free(p);
	return r == ERR_NOTFOUND || r == ERR_FORMAT ? ERR_AUTH : r;
}

/* see drop.h */
int
drop_begins(struct drop *d, uint64_t size,
    const unsigned char root[static HASH_BYTES])
{
	unsigned char ours[HASH_BYTES];
	MDB_txn *txn;
	int r;

	if ((r = drop_err(mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn))) != 0)
		return r;
	tree_root(&d->head.tree, d->sha, ours);
	r = drop_extends(d, txn, size, root, d->head.tree.size, ours);
	mdb_txn_abort(txn);
	return r;
}

/* see drop.h */
int
drop_prove(struct drop *d, struct proof *p, uint64_t old, uint64_t size)
{
	struct source s = { .d = d };
	const struct hashes from = { .at = node_at, .arg = &s };
	int r;

	p->n = 0;
	if (old == 0)
		return 0;
	if (old > size || size > d->head.tree.size)
		return ERR_ORDER;
	if ((r = drop_err(mdb_txn_begin(d->env, NULL, MDB_RDONLY,
	    &s.txn))) != 0)
		return r;
	r = proof_make_consistency(p, d->sha, &from, old, size);
	mdb_txn_abort(s.txn);
	return r;
}

/* --- what is on disk ------------------------------------------------------ */

/* Does each digest from there on stand where its entry is? */
static int
check_places(struct drop *d, MDB_txn *txn, uint64_t from, uint64_t to)
{
	struct entry e;
	struct rd bytes;
	uint64_t i, at;
	int r;

	for (i = from; i < to; i++) {
		if ((r = drop_entry_get(d, txn, i, &bytes)) != 0 ||
		    (r = entry_parse(&e, bytes)) != 0 ||
		    (r = drop_place_get(d, txn, e.digest, &at)) != 0)
			return r == ERR_NOTFOUND ? ERR_AUTH : r;
		if (at != i)
			return ERR_AUTH;
	}
	return 0;
}

/* The newest full tile of each level against the hash above it. */
static int
check_above(struct drop *d, MDB_txn *txn, uint64_t size)
{
	unsigned char want[HASH_BYTES];
	struct rd full, have;
	uint64_t i;
	int level, r;

	for (level = 1, size >>= 8; size > 0; level++, size >>= 8) {
		i = size - 1;
		if ((r = drop_tile_get(d, txn, level - 1, i, TILE_WIDTH,
		    &full)) != 0)
			return r;
		drop_fold(d, want, full.p, TILE_WIDTH);
		if ((r = drop_tile_get(d, txn, level, i / TILE_WIDTH,
		    (unsigned)(i % TILE_WIDTH) + 1, &have)) != 0)
			return r;
		if (memcmp(have.p + have.n - HASH_BYTES, want,
		    HASH_BYTES) != 0)
			return ERR_AUTH;
	}
	return 0;
}

/* No entry is of a later close than the last one. */
static int
check_close(struct drop *d, MDB_txn *txn, const struct drop_head *h)
{
	struct entry e;
	struct rd bytes;
	int r;

	if (h->tree.size == 0)
		return 0;
	if ((r = drop_entry_get(d, txn, h->tree.size - 1, &bytes)) != 0 ||
	    (r = entry_parse(&e, bytes)) != 0)
		return r;
	return e.close <= h->close ? 0 : ERR_AUTH;
}

static int
verify(struct drop *d, MDB_txn *txn, struct drop_head *h,
    const struct vkey *vk, uint64_t from)
{
	unsigned char root[HASH_BYTES];
	struct checkpoint c;
	struct note note;
	uint64_t last;
	int r;

	if ((r = drop_read_head(d, txn, h)) != 0 ||
	    (r = drop_head_checkpoint(&c, &note, h, vk)) != 0)
		return r;
	/* The last bundle, whatever else is asked for. */
	last = h->tree.size == 0 ? 0 :
	    (h->tree.size - 1) / TILE_WIDTH * TILE_WIDTH;
	if (from > last)
		from = last;
	if ((r = drop_read_back(d, txn, from, &h->tree)) != 0 ||
	    (r = check_above(d, txn, h->tree.size)) != 0 ||
	    (r = check_places(d, txn, from, h->tree.size)) != 0)
		return r;
	tree_root(&h->tree, d->sha, root);
	if (c.size != h->tree.size || memcmp(c.root, root, sizeof(root)) != 0)
		return ERR_AUTH;
	return check_close(d, txn, h);
}

/* see drop.h */
int
drop_verify_from(struct drop *d, const struct vkey *vk, uint64_t from)
{
	struct drop_head *h;
	MDB_txn *txn;
	int r;

	if ((h = malloc(sizeof(*h))) == NULL)
		return ERR_NOMEM;
	if ((r = drop_err(mdb_txn_begin(d->env, NULL, MDB_RDONLY,
	    &txn))) == 0) {
		r = verify(d, txn, h, vk, from);
		mdb_txn_abort(txn);
	}
	free(h);
	/* Something that the signed size has is not there. */
	return r == ERR_NOTFOUND ? ERR_AUTH : r;
}

/* see drop.h */
int
drop_verify(struct drop *d, const struct vkey *vk)
{
	return drop_verify_from(d, vk, UINT64_MAX);
}
