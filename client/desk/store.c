/* SPDX-License-Identifier: ISC */
/*
 * store.c - the desk's records by name.
 *
 * Invariant: a name is built from fixed-size fields only, so no two records
 * of one type share a name.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/store.h"

/* Room for any record but a part. */
#define PLAIN_MAX	DESKREC_TREE_BYTES

struct name {
	unsigned char b[128];
	size_t n;
};

static struct rd
name_rd(const struct name *n)
{
	return rd_from(n->b, n->n);
}

/* Up to two numbers. */
static struct name
name_of(uint64_t a, uint64_t b)
{
	struct name n;
	struct wr w = wr_from(n.b, sizeof(n.b));

	wr_u64(&w, a);
	wr_u64(&w, b);
	n.n = w.n;
	return n;
}

static int
put(struct deskdb *db, enum deskrec_type type, struct name name,
    const struct wr *w)
{
	if (!wr_ok(w))
		return ERR_LIMIT;
	return deskdb_put(db, type, name_rd(&name), wr_rd(w));
}

static int
del(struct deskdb *db, enum deskrec_type type, struct name name)
{
	return deskdb_del(db, type, name_rd(&name));
}

/* A record that is one number. */
static int
get_number(struct deskdb *db, enum deskrec_type type, struct name name,
    uint64_t *no)
{
	struct rd r;
	int e;

	if ((e = deskdb_get(db, type, name_rd(&name), &r)) != 0)
		return e;
	return rd_u64(&r, no) && rd_done(&r) ? 0 : ERR_FORMAT;
}

static int
put_number(struct deskdb *db, enum deskrec_type type, struct name name,
    uint64_t no)
{
	unsigned char b[8];
	struct wr w = wr_from(b, sizeof(b));

	wr_u64(&w, no);
	return put(db, type, name, &w);
}

/* --- state -------------------------------------------------------------- */

/* see store.h */
int
store_get_state(struct deskdb *db, struct state *s)
{
	struct name name = name_of(0, 0);
	struct rd r;
	int e;

	memset(s, 0, sizeof(*s));
	s->keyset_sequence = 1;
	e = deskdb_get(db, REC_STATE, name_rd(&name), &r);
	if (e == ERR_NOTFOUND)
		return 0;
	return e != 0 ? e : state_parse(s, r);
}

/* see store.h */
int
store_put_state(struct deskdb *db, const struct state *s)
{
	unsigned char b[PLAIN_MAX];
	struct wr w = wr_from(b, sizeof(b));

	state_write(&w, s);
	return put(db, REC_STATE, name_of(0, 0), &w);
}

/* see store.h */
int
store_get_tree(struct deskdb *db, struct tree *t)
{
	struct name name = name_of(0, 0);
	struct rd r;
	int e;

	tree_init(t);
	e = deskdb_get(db, REC_TREE, name_rd(&name), &r);
	if (e == ERR_NOTFOUND)
		return 0;
	return e != 0 ? e : tree_parse(t, r);
}

/* see store.h */
int
store_put_tree(struct deskdb *db, const struct tree *t)
{
	unsigned char b[PLAIN_MAX];
	struct wr w = wr_from(b, sizeof(b));

	tree_write(&w, t);
	return put(db, REC_TREE, name_of(0, 0), &w);
}

/* see store.h */
int
store_get_trust(struct deskdb *db, struct trust *t)
{
	struct name name = name_of(0, 0);
	struct rd r;
	int e;

	memset(t, 0, sizeof(*t));
	e = deskdb_get(db, REC_TRUST, name_rd(&name), &r);
	if (e == ERR_NOTFOUND)
		return 0;
	return e != 0 ? e : trust_parse(t, r);
}

/* see store.h */
int
store_get_witness(struct deskdb *db, size_t i, struct vkey *k)
{
	struct name name = name_of(1, i);
	struct rd r;
	int e;

	e = deskdb_get(db, REC_TRUST, name_rd(&name), &r);
	return e != 0 ? e : vkey_parse(k, r);
}

/* see store.h */
int
store_put_trust(struct deskdb *db, const struct trust *t,
    const struct vkey *witness)
{
	unsigned char b[DESKREC_SMALL_BYTES];
	struct wr w = wr_from(b, sizeof(b));
	size_t i;
	int e;

	trust_write(&w, t);
	if ((e = put(db, REC_TRUST, name_of(0, 0), &w)) != 0)
		return e;
	for (i = 0; i < t->nwitnesses; i++) {
		w = wr_from(b, sizeof(b));
		vkey_write(&w, &witness[i]);
		if ((e = put(db, REC_TRUST, name_of(1, i), &w)) != 0)
			return e;
	}
	return 0;
}

/* --- messages ----------------------------------------------------------- */

/* see store.h */
int
store_get_group(struct deskdb *db, uint64_t no, struct group *g)
{
	struct name name = name_of(no, 0);
	struct rd r;
	int e;

	e = deskdb_get(db, REC_GROUP, name_rd(&name), &r);
	return e != 0 ? e : group_parse(g, r);
}

/* see store.h */
int
store_put_group(struct deskdb *db, uint64_t no, const struct group *g)
{
	unsigned char b[PLAIN_MAX];
	struct wr w = wr_from(b, sizeof(b));

	group_write(&w, g);
	return put(db, REC_GROUP, name_of(no, 0), &w);
}

/* What makes two parts belong together. */
static struct name
group_name(const struct part *p)
{
	struct name n;
	struct wr w = wr_from(n.b, sizeof(n.b));

	wr_bytes(&w, p->id, sizeof(p->id));
	wr_bytes(&w, p->sha256, sizeof(p->sha256));
	wr_u64(&w, p->bytes);
	wr_u16(&w, p->count);
	n.n = w.n;
	return n;
}

/* see store.h */
int
store_find_group(struct deskdb *db, const struct part *p, uint64_t *no)
{
	return get_number(db, REC_GROUP_INDEX, group_name(p), no);
}

/* see store.h */
int
store_put_group_index(struct deskdb *db, const struct part *p, uint64_t no)
{
	return put_number(db, REC_GROUP_INDEX, group_name(p), no);
}

static struct name
part_name(uint64_t group, uint16_t index, unsigned variant)
{
	return name_of(group, index + ((uint64_t)variant << 16));
}

/* see store.h */
int
store_get_part(struct deskdb *db, uint64_t group, uint16_t index,
    unsigned variant, struct part_rec *p)
{
	struct name name = part_name(group, index, variant);
	struct rd r;
	int e;

	e = deskdb_get(db, REC_PART, name_rd(&name), &r);
	return e != 0 ? e : part_rec_parse(p, r);
}

/* see store.h */
int
store_put_part(struct deskdb *db, uint64_t group, uint16_t index,
    unsigned variant, const struct part_rec *p)
{
	unsigned char *b;
	struct wr w;
	int e;

	if ((b = malloc(DESKREC_PART_BYTES)) == NULL)
		return ERR_NOMEM;
	w = wr_from(b, DESKREC_PART_BYTES);
	part_rec_write(&w, p);
	e = put(db, REC_PART, part_name(group, index, variant), &w);
	sodium_memzero(b, w.n);
	free(b);
	return e;
}

/* --- cases -------------------------------------------------------------- */

/* see store.h */
int
store_get_case(struct deskdb *db, uint64_t no, struct caserec *c)
{
	struct name name = name_of(no, 0);
	struct rd r;
	int e;

	e = deskdb_get(db, REC_CASE, name_rd(&name), &r);
	return e != 0 ? e : caserec_parse(c, r);
}

/* see store.h */
int
store_put_case(struct deskdb *db, uint64_t no, const struct caserec *c)
{
	unsigned char b[PLAIN_MAX];
	struct wr w = wr_from(b, sizeof(b));

	caserec_write(&w, c);
	return put(db, REC_CASE, name_of(no, 0), &w);
}

static struct name
ref_name(const char *ref)
{
	struct name n;
	struct wr w = wr_from(n.b, sizeof(n.b));

	wr_str(&w, ref);
	n.n = w.n;
	return n;
}

/* see store.h */
int
store_find_case(struct deskdb *db, const char *ref, uint64_t *no)
{
	return get_number(db, REC_CASE_INDEX, ref_name(ref), no);
}

/* see store.h */
int
store_put_case_index(struct deskdb *db, const char *ref, uint64_t no)
{
	return put_number(db, REC_CASE_INDEX, ref_name(ref), no);
}

static struct name
mailbox_name(const unsigned char *mailbox, const unsigned char *author)
{
	struct name n;
	struct wr w = wr_from(n.b, sizeof(n.b));

	wr_bytes(&w, mailbox, HASH_BYTES);
	wr_bytes(&w, author, 32);
	n.n = w.n;
	return n;
}

/* see store.h */
int
store_find_mailbox(struct deskdb *db,
    const unsigned char mailbox[static HASH_BYTES],
    const unsigned char author[static 32], uint64_t *no)
{
	return get_number(db, REC_MAILBOX, mailbox_name(mailbox, author), no);
}

/* see store.h */
int
store_put_mailbox(struct deskdb *db,
    const unsigned char mailbox[static HASH_BYTES],
    const unsigned char author[static 32], uint64_t no)
{
	return put_number(db, REC_MAILBOX, mailbox_name(mailbox, author), no);
}

/* see store.h */
int
store_get_entry(struct deskdb *db, uint64_t case_no, uint32_t n,
    struct caseentry *ce)
{
	struct name name = name_of(case_no, n);
	struct rd r;
	int e;

	e = deskdb_get(db, REC_ENTRY, name_rd(&name), &r);
	return e != 0 ? e : caseentry_parse(ce, r);
}

/* see store.h */
int
store_put_entry(struct deskdb *db, uint64_t case_no, uint32_t n,
    const struct caseentry *ce)
{
	unsigned char b[PLAIN_MAX];
	struct wr w = wr_from(b, sizeof(b));

	caseentry_write(&w, ce);
	return put(db, REC_ENTRY, name_of(case_no, n), &w);
}

/* see store.h */
int
store_get_orphan(struct deskdb *db, uint64_t group, struct writer *a)
{
	struct name name = name_of(group, 0);
	struct rd r;
	int e;

	e = deskdb_get(db, REC_ORPHAN, name_rd(&name), &r);
	return e != 0 ? e : writer_parse(a, r);
}

/* see store.h */
int
store_put_orphan(struct deskdb *db, uint64_t group, const struct writer *a)
{
	unsigned char b[PLAIN_MAX];
	struct wr w = wr_from(b, sizeof(b));

	writer_write(&w, a);
	return put(db, REC_ORPHAN, name_of(group, 0), &w);
}

/* see store.h */
int
store_del_orphan(struct deskdb *db, uint64_t group)
{
	return del(db, REC_ORPHAN, name_of(group, 0));
}

/* see store.h */
int
store_get_problem(struct deskdb *db, uint64_t n, struct problem *p)
{
	struct name name = name_of(n, 0);
	struct rd r;
	int e;

	e = deskdb_get(db, REC_PROBLEM, name_rd(&name), &r);
	return e != 0 ? e : problem_parse(p, r);
}

/* see store.h */
int
store_put_problem(struct deskdb *db, uint64_t n, const struct problem *p)
{
	unsigned char b[PLAIN_MAX];
	struct wr w = wr_from(b, sizeof(b));

	problem_write(&w, p);
	return put(db, REC_PROBLEM, name_of(n, 0), &w);
}

/* --- the end of a case ---------------------------------------------------- */

/* see store.h */
int
store_del_part(struct deskdb *db, uint64_t group, uint16_t index,
    unsigned variant)
{
	return del(db, REC_PART, part_name(group, index, variant));
}

/* see store.h */
int
store_del_group_index(struct deskdb *db, const struct group *g)
{
	struct part p;

	memset(&p, 0, sizeof(p));
	memcpy(p.id, g->id, sizeof(p.id));
	memcpy(p.sha256, g->sha256, sizeof(p.sha256));
	p.bytes = g->bytes;
	p.count = g->count;
	return del(db, REC_GROUP_INDEX, group_name(&p));
}

/* see store.h */
int
store_del_entry(struct deskdb *db, uint64_t case_no, uint32_t n)
{
	return del(db, REC_ENTRY, name_of(case_no, n));
}

/* see store.h */
int
store_del_case(struct deskdb *db, uint64_t no)
{
	return del(db, REC_CASE, name_of(no, 0));
}

/* see store.h */
int
store_del_case_index(struct deskdb *db, const char *ref)
{
	return del(db, REC_CASE_INDEX, ref_name(ref));
}

/* see store.h */
int
store_del_mailbox(struct deskdb *db,
    const unsigned char mailbox[static HASH_BYTES],
    const unsigned char author[static 32])
{
	return del(db, REC_MAILBOX, mailbox_name(mailbox, author));
}
