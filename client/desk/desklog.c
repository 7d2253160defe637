/* SPDX-License-Identifier: ISC */
/*
 * desklog.c - write the desk's log of its own acts.
 *
 * Invariant: the tree in the head has exactly the entries 0 to size - 1 of
 * its generation, and no entry is ever put a second time.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/desk.h"
#include "client/desk/desklog.h"
#include "crypto/sha256.h"

#define NAME_BYTES	16
#define NOTE_CAP	DESKREC_SMALL_BYTES

struct name {
	unsigned char b[NAME_BYTES];
};

static struct rd
name_of(struct name *n, uint64_t a, uint64_t b)
{
	struct wr w = wr_from(n->b, sizeof(n->b));

	wr_u64(&w, a);
	wr_u64(&w, b);
	return wr_rd(&w);
}

/* --- the head: (0, 0) is the generation at hand, (1, n) the n-th past ------ */

static int
get_head(struct deskdb *db, uint64_t a, uint64_t b, struct desklog_head *h)
{
	struct name n;
	struct rd r;
	int e;

	if ((e = deskdb_get(db, REC_LOG_HEAD, name_of(&n, a, b), &r)) != 0)
		return e;
	return desklog_head_parse(h, r);
}

static int
put_head(struct deskdb *db, uint64_t a, uint64_t b,
    const struct desklog_head *h)
{
	unsigned char bytes[DESKREC_TREE_BYTES];
	struct wr w = wr_from(bytes, sizeof(bytes));
	struct name n;

	desklog_head_write(&w, h);
	if (!wr_ok(&w))
		return ERR_LIMIT;
	return deskdb_put(db, REC_LOG_HEAD, name_of(&n, a, b), wr_rd(&w));
}

/* see desklog.h */
int
desklog_head(struct deskdb *db, struct desklog_head *h)
{
	int r = get_head(db, 0, 0, h);

	if (r != ERR_NOTFOUND)
		return r;
	memset(h, 0, sizeof(*h));
	tree_init(&h->tree);
	return 0;
}

/* see desklog.h */
int
desklog_past(struct deskdb *db, uint64_t n, struct desklog_head *h)
{
	return get_head(db, 1, n, h);
}

/* --- entries ------------------------------------------------------------ */

/* see desklog.h */
int
desklog_entry(struct deskdb *db, uint64_t generation, uint64_t index,
    struct rd *data)
{
	struct name n;

	return deskdb_get(db, REC_LOG_ENTRY, name_of(&n, generation, index),
	    data);
}

/* The entry's place in the tree, and its record. */
static int
append(struct deskdb *db, struct desklog_head *h, struct rd data)
{
	unsigned char leaf[HASH_BYTES];
	struct sha256 *sha;
	struct name n;
	int r;

	if ((sha = sha256_new()) == NULL)
		return ERR_NOMEM;
	tree_leaf(sha, leaf, data);
	r = deskdb_put(db, REC_LOG_ENTRY, name_of(&n, h->generation,
	    h->tree.size), data);
	if (r == 0)
		r = tree_append(&h->tree, sha, leaf);
	sha256_free(sha);
	return r == 0 ? put_head(db, 0, 0, h) : r;
}

static int
add_to(struct deskdb *db, struct desklog_head *h, enum deskact act,
    struct rd detail)
{
	unsigned char data[DESKACT_LEAF_MAX];
	struct wr w = wr_from(data, sizeof(data));
	struct deskact_leaf l;
	int r;

	randombytes_buf(l.salt, sizeof(l.salt));
	l.act = act;
	l.day = desk_today();
	l.detail = detail;
	deskact_write(&w, &l);
	r = wr_ok(&w) ? append(db, h, wr_rd(&w)) : ERR_FORMAT;
	sodium_memzero(data, sizeof(data));
	sodium_memzero(&l, sizeof(l));
	return r;
}

/* see desklog.h */
int
desklog_add(struct deskdb *db, enum deskact act, struct rd detail)
{
	struct desklog_head h;
	int r;

	if ((r = desklog_head(db, &h)) != 0)
		return r;
	return add_to(db, &h, act, detail);
}

/* see desklog.h */
int
desklog_record(struct deskdb *db, enum deskact act, struct rd detail)
{
	int r;

	if ((r = deskdb_begin(db, true)) == 0 &&
	    (r = desklog_add(db, act, detail)) == 0)
		r = deskdb_commit(db);
	deskdb_abort(db);
	return r;
}

/* see desklog.h */
int
desklog_record_case(struct deskdb *db, enum deskact act, const char *ref,
    bool many, uint64_t number)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));

	deskact_put_str(&w, ref);
	if (many)
		deskact_put_number(&w, number);
	return desklog_record(db, act, wr_rd(&w));
}

/* --- checkpoints ---------------------------------------------------------- */

/* see desklog.h */
int
desklog_anchor(struct deskdb *db, uint64_t n, struct desklog_anchor *a)
{
	struct name name;
	struct rd r;
	int e;

	e = deskdb_get(db, REC_LOG_ANCHOR, name_of(&name, n, 0), &r);
	return e != 0 ? e : desklog_anchor_parse(a, r);
}

static int
put_anchor(struct deskdb *db, uint64_t n, const struct desklog_anchor *a)
{
	unsigned char bytes[DESKREC_SMALL_BYTES];
	struct wr w = wr_from(bytes, sizeof(bytes));
	struct name name;

	desklog_anchor_write(&w, a);
	if (!wr_ok(&w))
		return ERR_LIMIT;
	return deskdb_put(db, REC_LOG_ANCHOR, name_of(&name, n, 0),
	    wr_rd(&w));
}

/* The signed checkpoint of the tree as it stands. */
static int
sign_head(struct wr *note, const struct desklog_head *h,
    const struct vkey *k, const unsigned char sk[static 64])
{
	unsigned char root[HASH_BYTES], origin[NAME_MAX_BYTES];
	unsigned char text[NOTE_CAP];
	struct wr o = wr_from(origin, sizeof(origin));
	struct wr t = wr_from(text, sizeof(text));
	struct sha256 *sha;

	if ((sha = sha256_new()) == NULL)
		return ERR_NOMEM;
	tree_root(&h->tree, sha, root);
	sha256_free(sha);
	deskact_origin(&o, k, h->generation);
	if (!wr_ok(&o))
		return ERR_LIMIT;
	checkpoint_write(&t, wr_rd(&o), h->tree.size, root);
	return wr_ok(&t) ? note_sign(note, wr_rd(&t), k, sk) : ERR_LIMIT;
}

/* see desklog.h */
int
desklog_commit(struct deskdb *db, const struct vkey *k,
    const unsigned char sk[static 64],
    unsigned char commitment[static HASH_BYTES])
{
	unsigned char bytes[DESKACT_RANDOM_BYTES + NOTE_CAP];
	struct wr w = wr_from(bytes + DESKACT_RANDOM_BYTES, NOTE_CAP);
	struct desklog_anchor a;
	struct desklog_head h;
	int r;

	if ((r = desklog_head(db, &h)) != 0 ||
	    (r = sign_head(&w, &h, k, sk)) != 0)
		return r;
	a.generation = h.generation;
	a.size = h.tree.size;
	a.checkpoint = wr_rd(&w);
	randombytes_buf(a.random, sizeof(a.random));
	memcpy(bytes, a.random, sizeof(a.random));
	sha256(commitment, bytes, DESKACT_RANDOM_BYTES + w.n);
	if ((r = put_anchor(db, h.commits++, &a)) == 0)
		r = put_head(db, 0, 0, &h);
	sodium_memzero(&a, sizeof(a));
	sodium_memzero(bytes, sizeof(bytes));
	return r;
}

/* see desklog.h */
int
desklog_open_generation(struct deskdb *db, uint64_t sequence, uint64_t size,
    const unsigned char commitment[static HASH_BYTES])
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	struct desklog_head old, h;
	int r;

	if ((r = desklog_head(db, &old)) != 0)
		return r;
	if (sequence == 0 || sequence <= old.generation)
		return ERR_ORDER;
	if ((r = put_head(db, 1, old.generations, &old)) != 0)
		return r;
	memset(&h, 0, sizeof(h));
	tree_init(&h.tree);
	h.generation = sequence;
	h.generations = old.generations + 1;
	h.commits = old.commits;
	memcpy(h.previous, commitment, sizeof(h.previous));
	deskact_put_number(&w, sequence);
	deskact_put_number(&w, size);
	wr_bytes(&w, commitment, HASH_BYTES);
	deskact_put_number(&w, old.generation);
	deskact_put_number(&w, old.tree.size);
	return add_to(db, &h, DESKACT_RECOVER, wr_rd(&w));
}
