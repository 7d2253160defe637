/* SPDX-License-Identifier: ISC */
/*
 * deskdb.h - the case store: encrypted records in an LMDB environment.
 *
 * One transaction at a time.  LMDB keeps a transaction's dirty pages in
 * memory until it is committed, so whoever writes much asks
 * deskdb_is_heavy() and commits in slices.
 */
#ifndef ECR_DESKDB_H
#define ECR_DESKDB_H

#include <stdbool.h>
#include <stddef.h>

#include "client/desk/deskrec.h"
#include "crypto/err.h"
#include "crypto/rd.h"

struct deskdb;

/*
 * deskdb_open - the environment in this folder, made where there is none.
 * keys is borrowed for the life of the store.
 * Errors: ERR_IO (errno is kept), ERR_NOMEM, ERR_FORMAT (not a store).
 */
MUST_USE int deskdb_open(struct deskdb **out, const char *folder,
    const struct deskrec_keys *keys);
void deskdb_close(struct deskdb *db);		/* aborts what is open */

MUST_USE int deskdb_begin(struct deskdb *db, bool write);
/* Errors: ERR_FULL (disk or map), ERR_IO.  The transaction is over. */
MUST_USE int deskdb_commit(struct deskdb *db);
void deskdb_abort(struct deskdb *db);
/* Has this transaction written so much that it should be committed? */
bool deskdb_is_heavy(const struct deskdb *db);

/*
 * deskdb_get - *plain is a view that lives until the next call on db.
 * Errors: ERR_NOTFOUND, ERR_AUTH, ERR_FORMAT, ERR_IO.
 */
MUST_USE int deskdb_get(struct deskdb *db, enum deskrec_type type,
    struct rd name, struct rd *plain);
MUST_USE int deskdb_put(struct deskdb *db, enum deskrec_type type,
    struct rd name, struct rd plain);
/* Errors: ERR_NOTFOUND as above. */
MUST_USE int deskdb_del(struct deskdb *db, enum deskrec_type type,
    struct rd name);

/*
 * deskdb_rewrite - write the store's file anew with what is live alone,
 * overwrite the old one and let it go.  No transaction is open.
 * Errors: ERR_IO (errno is kept), ERR_FULL, ERR_NOMEM; the store stays
 *         usable, but after ERR_FORMAT (it does not open again).
 */
MUST_USE int deskdb_rewrite(struct deskdb *db);

#endif
