/* SPDX-License-Identifier: ISC */
/*
 * store.h - the desk's records by name: what stands where in the case store.
 *
 * All of these work inside the caller's transaction of db.
 * Errors: ERR_NOTFOUND where there is no such record; ERR_AUTH, ERR_FORMAT
 *         where the store is damaged or was tampered with; ERR_FULL, ERR_IO.
 */
#ifndef ECR_STORE_H
#define ECR_STORE_H

#include "client/desk/deskdb.h"
#include "client/desk/records.h"
#include "crypto/part.h"
#include "crypto/tree.h"

/* A desk without records yet gives an empty state, tree and trust. */
MUST_USE int store_get_state(struct deskdb *db, struct state *s);
MUST_USE int store_put_state(struct deskdb *db, const struct state *s);
MUST_USE int store_get_tree(struct deskdb *db, struct tree *t);
MUST_USE int store_put_tree(struct deskdb *db, const struct tree *t);
MUST_USE int store_get_trust(struct deskdb *db, struct trust *t);
MUST_USE int store_get_witness(struct deskdb *db, size_t i, struct vkey *k);
MUST_USE int store_put_trust(struct deskdb *db, const struct trust *t,
    const struct vkey *witness);

/* Messages by number, from 1; and the number of the group a part is in. */
MUST_USE int store_get_group(struct deskdb *db, uint64_t no, struct group *g);
MUST_USE int store_put_group(struct deskdb *db, uint64_t no,
    const struct group *g);
MUST_USE int store_find_group(struct deskdb *db, const struct part *p,
    uint64_t *no);
MUST_USE int store_put_group_index(struct deskdb *db, const struct part *p,
    uint64_t no);
/*
 * p->data lives until the next call on db.  variant 0 is the part that
 * counts, 1 and up are others that claimed its place.
 */
MUST_USE int store_get_part(struct deskdb *db, uint64_t group, uint16_t index,
    unsigned variant, struct part_rec *p);
MUST_USE int store_put_part(struct deskdb *db, uint64_t group, uint16_t index,
    unsigned variant, const struct part_rec *p);

/* Cases by number, from 1; by reference; by mailbox and author. */
MUST_USE int store_get_case(struct deskdb *db, uint64_t no,
    struct caserec *c);
MUST_USE int store_put_case(struct deskdb *db, uint64_t no,
    const struct caserec *c);
MUST_USE int store_find_case(struct deskdb *db, const char *ref, uint64_t *no);
MUST_USE int store_put_case_index(struct deskdb *db, const char *ref,
    uint64_t no);
MUST_USE int store_find_mailbox(struct deskdb *db,
    const unsigned char mailbox[static HASH_BYTES],
    const unsigned char author[static 32], uint64_t *no);
MUST_USE int store_put_mailbox(struct deskdb *db,
    const unsigned char mailbox[static HASH_BYTES],
    const unsigned char author[static 32], uint64_t no);
MUST_USE int store_get_entry(struct deskdb *db, uint64_t case_no, uint32_t n,
    struct caseentry *e);
MUST_USE int store_put_entry(struct deskdb *db, uint64_t case_no, uint32_t n,
    const struct caseentry *e);

/* The end of a case; see dispose.h.  What is not there: ERR_NOTFOUND. */
MUST_USE int store_del_part(struct deskdb *db, uint64_t group, uint16_t index,
    unsigned variant);
MUST_USE int store_del_group_index(struct deskdb *db, const struct group *g);
MUST_USE int store_del_entry(struct deskdb *db, uint64_t case_no, uint32_t n);
MUST_USE int store_del_case(struct deskdb *db, uint64_t no);
MUST_USE int store_del_case_index(struct deskdb *db, const char *ref);
MUST_USE int store_del_mailbox(struct deskdb *db,
    const unsigned char mailbox[static HASH_BYTES],
    const unsigned char author[static 32]);

/* Who wrote the follow-up that this group is, while it has no case. */
MUST_USE int store_get_orphan(struct deskdb *db, uint64_t group,
    struct writer *a);
MUST_USE int store_put_orphan(struct deskdb *db, uint64_t group,
    const struct writer *a);
MUST_USE int store_del_orphan(struct deskdb *db, uint64_t group);

MUST_USE int store_get_problem(struct deskdb *db, uint64_t n,
    struct problem *p);
MUST_USE int store_put_problem(struct deskdb *db, uint64_t n,
    const struct problem *p);

#endif
