/* SPDX-License-Identifier: ISC */
/*
 * logcheck.c - read the desk's log of its own acts: check it, show one act.
 *
 * Everything follows from the entries: hashes are computed anew each time, so
 * no record of a hash can be wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/desklog.h"
#include "client/desk/outstore.h"
#include "crypto/sha256.h"

/* --- every entry again ---------------------------------------------------- */

struct check {
	struct deskdb *db;
	const struct vkey *k;
	struct sha256 *h;
	char *bad;
};

static int
found(struct check *c, const char *what, uint64_t generation, uint64_t index)
{
	if (c->bad[0] == '\0')
		snprintf(c->bad, DESKLOG_BAD_CHARS, "%s %llu of generation "
		    "%llu", what, (unsigned long long)index,
		    (unsigned long long)generation);
	return 0;
}

/* The tree of the first `size` entries. */
static int
grow(struct check *c, uint64_t generation, struct tree *t, uint64_t size)
{
	unsigned char leaf[HASH_BYTES];
	struct deskact_leaf l;
	struct rd data;
	int r;

	while (t->size < size && c->bad[0] == '\0') {
		r = desklog_entry(c->db, generation, t->size, &data);
		if (r == 0)
			r = deskact_parse(&l, data);
		sodium_memzero(&l, sizeof(l));
		if (r == ERR_NOTFOUND || r == ERR_AUTH || r == ERR_FORMAT)
			return found(c, "act", generation, t->size);
		if (r != 0)
			return r;
		tree_leaf(c->h, leaf, data);
		if ((r = tree_append(t, c->h, leaf)) != 0)
			return r;
	}
	return 0;
}

/* Does the signed checkpoint say what the tree is? */
static bool
anchor_holds(struct check *c, const struct desklog_anchor *a,
    const struct tree *t)
{
	unsigned char root[HASH_BYTES], origin[NAME_MAX_BYTES];
	struct wr o = wr_from(origin, sizeof(origin));
	struct checkpoint cp;
	struct note n;

	tree_root(t, c->h, root);
	deskact_origin(&o, c->k, a->generation);
	return wr_ok(&o) && note_open(&n, a->checkpoint, c->k) == 0 &&
	    checkpoint_parse(&cp, n.text) == 0 &&
	    rd_eq(cp.origin, wr_rd(&o)) && cp.size == t->size &&
	    memcmp(cp.root, root, sizeof(root)) == 0;
}

/* A whole generation, with its checkpoints, which come in order. */
static int
check_one(struct check *c, const struct desklog_head *h, uint64_t *anchor)
{
	unsigned char root[HASH_BYTES], want[HASH_BYTES];
	struct desklog_anchor a;
	struct tree t;
	int r = 0;

	tree_init(&t);
	for (; *anchor < h->commits && c->bad[0] == '\0'; (*anchor)++) {
		r = desklog_anchor(c->db, *anchor, &a);
		if (r == ERR_NOTFOUND || r == ERR_AUTH || r == ERR_FORMAT ||
		    (r == 0 && (a.generation != h->generation ||
		    a.size < t.size)))
			return found(c, "checkpoint", h->generation, *anchor);
		if (r != 0 || (r = grow(c, h->generation, &t, a.size)) != 0)
			return r;
		/* The next reading of the store took its bytes. */
		if (c->bad[0] != '\0' ||
		    (r = desklog_anchor(c->db, *anchor, &a)) != 0)
			return r;
		if (!anchor_holds(c, &a, &t))
			return found(c, "checkpoint", h->generation, *anchor);
	}
	if ((r = grow(c, h->generation, &t, h->tree.size)) != 0 ||
	    c->bad[0] != '\0')
		return r;
	tree_root(&t, c->h, root);
	tree_root(&h->tree, c->h, want);
	if (t.size != h->tree.size || memcmp(root, want, sizeof(root)) != 0)
		return found(c, "the end, act", h->generation, t.size);
	return 0;
}

/* --- what was said in public ------------------------------------------------ */

static int
commitment_of(struct check *c, uint64_t n,
    unsigned char out[static HASH_BYTES])
{
	struct desklog_anchor a;
	int r;

	if ((r = desklog_anchor(c->db, n, &a)) != 0)
		return r;
	sha256_update(c->h, a.random, sizeof(a.random));
	sha256_update(c->h, a.checkpoint.p, a.checkpoint.n);
	sha256_final(c->h, out);
	return 0;
}

/* Does a checkpoint, not before *anchor, open what this statement has? */
static int
find_commitment(struct check *c, const struct stmt *s, uint64_t commits,
    uint64_t *anchor, bool *found)
{
	unsigned char commitment[HASH_BYTES];
	int r;

	*found = false;
	while (*anchor < commits && !*found) {
		if ((r = commitment_of(c, (*anchor)++, commitment)) != 0)
			return r;
		*found = memcmp(commitment, s->desklog, HASH_BYTES) == 0;
	}
	return 0;
}

/*
 * Whoever has the passphrase can sign a whole new log; what the statements
 * commit to they cannot change.  Both come in the same order.
 */
static int
check_statements(struct check *c, uint64_t commits)
{
	struct outstate os;
	struct stmt s;
	uint64_t n, anchor = 0;
	bool found;
	int r;

	if ((r = outstore_get_state(c->db, &os)) != 0)
		return r;
	for (n = 1; n <= os.sequence; n++) {
		r = outstore_get_stmt(c->db, n, &s);
		if (r == ERR_NOTFOUND || (r == 0 && s.state == STMT_FOREIGN))
			continue;	/* made by a desk that was lost */
		if (r != 0 || (r = find_commitment(c, &s, commits, &anchor,
		    &found)) != 0)
			return r;
		if (found)
			continue;
		snprintf(c->bad, DESKLOG_BAD_CHARS, "what statement %llu "
		    "commits to", (unsigned long long)n);
		return 0;
	}
	return 0;
}

/* see desklog.h */
int
desklog_check(struct deskdb *db, const struct vkey *k,
    char bad[static DESKLOG_BAD_CHARS])
{
	struct check c = { db, k, NULL, bad };
	struct desklog_head h, now;
	uint64_t i, anchor = 0;
	int r;

	bad[0] = '\0';
	if ((r = desklog_head(db, &now)) != 0)
		return r;
	if ((c.h = sha256_new()) == NULL)
		return ERR_NOMEM;
	for (i = 0; r == 0 && i < now.generations && bad[0] == '\0'; i++)
		if ((r = desklog_past(db, i, &h)) == 0)
			r = check_one(&c, &h, &anchor);
	if (r == 0 && bad[0] == '\0')
		r = check_one(&c, &now, &anchor);
	if (r == 0 && bad[0] == '\0')
		r = check_statements(&c, now.commits);
	sha256_free(c.h);
	return r;
}

/* --- one act for an auditor ------------------------------------------------ */

struct leaves {
	struct deskdb *db;
	uint64_t generation;
	struct sha256 *h;
};

/* Fits struct hashes: the root over 2^level entries. */
static int
hash_at(void *arg, int level, uint64_t index,
    unsigned char out[static HASH_BYTES])
{
	struct leaves *v = arg;
	unsigned char leaf[HASH_BYTES];
	const uint64_t n = UINT64_C(1) << level;
	struct rd data;
	struct tree t;
	uint64_t i;
	int r = 0;

	tree_init(&t);
	for (i = 0; r == 0 && i < n; i++) {
		r = desklog_entry(v->db, v->generation, index * n + i, &data);
		if (r != 0)
			break;
		tree_leaf(v->h, leaf, data);
		r = tree_append(&t, v->h, leaf);
	}
	tree_root(&t, v->h, out);
	return r;
}

/* The first checkpoint that has this entry. */
static int
find_anchor(struct deskdb *db, uint64_t generation, uint64_t index,
    uint64_t *n)
{
	struct desklog_anchor a;
	int r;

	for (*n = 0; (r = desklog_anchor(db, *n, &a)) == 0; (*n)++)
		if (a.generation == generation && a.size > index)
			return 0;
	return r == ERR_NOTFOUND ? ERR_ORDER : r;
}

/* see desklog.h */
int
desklog_show(struct deskdb *db, struct wr *w, uint64_t generation,
    uint64_t index)
{
	unsigned char leaf[DESKACT_LEAF_MAX], *checkpoint = NULL;
	struct leaves from = { db, generation, NULL };
	const struct hashes source = { hash_at, &from };
	struct desklog_anchor a;
	struct sha256 *h = NULL;
	struct proof *path = NULL;
	struct rd data;
	struct wr l = wr_from(leaf, sizeof(leaf)), c;
	uint64_t n;
	int r;

	if ((r = desklog_entry(db, generation, index, &data)) != 0)
		return r;
	wr_rdr(&l, data);
	if ((r = find_anchor(db, generation, index, &n)) != 0 ||
	    (r = desklog_anchor(db, n, &a)) != 0)
		goto out;
	r = ERR_NOMEM;
	if ((checkpoint = malloc(a.checkpoint.n)) == NULL ||
	    (path = malloc(sizeof(*path))) == NULL ||
	    (h = sha256_new()) == NULL || (from.h = sha256_new()) == NULL)
		goto out;
	c = wr_from(checkpoint, a.checkpoint.n);
	wr_rdr(&c, a.checkpoint);
	r = proof_make_inclusion(path, h, &source, index, a.size);
	if (r == 0)
		r = deskact_show(w, a.random, wr_rd(&l), index, path,
		    wr_rd(&c));
out:
	sodium_memzero(leaf, sizeof(leaf));
	sodium_memzero(&a, sizeof(a));
	sha256_free(from.h);
	sha256_free(h);
	free(path);
	free(checkpoint);
	return r;
}
