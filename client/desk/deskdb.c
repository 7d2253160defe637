/* SPDX-License-Identifier: ISC */
/*
 * deskdb.c - encrypted records in LMDB.
 *
 * Never MDB_WRITEMAP: a full disk would be SIGBUS.  LMDB sees ciphertext and
 * keyed hashes only; plaintext is in db->buf alone, which is wiped.
 *
 * Invariant: db->txn is NULL or the one open transaction.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lmdb.h>
#include <sodium.h>

#include "client/common/file.h"
#include "client/desk/deskdb.h"
#include "client/desk/leftover.h"

#define MAP_BYTES	((size_t)256 << 30)	/* sparse; sets no limit */
#define HEAVY_BYTES	((size_t)3 << 20)
#define PAGE		4096
#define DATA_FILE	"data.mdb"
#define PATH_PAGES	4		/* tree pages dirtied by one put */

struct deskdb {
	const struct deskrec_keys *keys;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	bool writing;
	size_t dirty;			/* bytes, estimated from above */
	char *folder;
	unsigned char buf[DESKREC_MAX_BYTES + DESKREC_OVER_BYTES];
};

static int
err_of(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return 0;
	case MDB_NOTFOUND:
		return ERR_NOTFOUND;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case ENOMEM:
		return ERR_NOMEM;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
		return ERR_FORMAT;
	default:
		if (rc > 0)
			errno = rc;
		return ERR_IO;
	}
}

static int
open_env(struct deskdb *db)
{
	int rc;

	if ((rc = mdb_env_create(&db->env)) != 0 ||
	    (rc = mdb_env_set_mapsize(db->env, MAP_BYTES)) != 0 ||
	    (rc = mdb_env_open(db->env, db->folder, MDB_NOTLS |
	    MDB_NORDAHEAD, 0600)) != 0)
		return rc;
	if ((rc = mdb_txn_begin(db->env, NULL, 0, &db->txn)) != 0)
		return rc;
	if ((rc = mdb_dbi_open(db->txn, NULL, 0, &db->dbi)) != 0)
		return rc;
	rc = mdb_txn_commit(db->txn);
	db->txn = NULL;
	return rc;
}

static void
close_env(struct deskdb *db)
{
	deskdb_abort(db);
	if (db->env != NULL)
		mdb_env_close(db->env);
	db->env = NULL;
}

/* see deskdb.h */
int
deskdb_open(struct deskdb **out, const char *folder,
    const struct deskrec_keys *keys)
{
	struct deskdb *db = NULL;
	int rc = ENOMEM;

	*out = NULL;
	if ((db = calloc(1, sizeof(*db))) == NULL)
		return ERR_NOMEM;
	db->keys = keys;
	if ((db->folder = strdup(folder)) == NULL ||
	    (rc = open_env(db)) != 0)
		goto out;
	*out = db;
	db = NULL;
out:
	deskdb_close(db);
	return err_of(rc);
}

/* see deskdb.h */
void
deskdb_close(struct deskdb *db)
{
	if (db == NULL)
		return;
	close_env(db);
	sodium_memzero(db->buf, sizeof(db->buf));
	free(db->folder);
	free(db);
}

/* see deskdb.h */
int
deskdb_begin(struct deskdb *db, bool write)
{
	int rc;

	if (db->txn != NULL)
		abort();
	rc = mdb_txn_begin(db->env, NULL, write ? 0 : MDB_RDONLY, &db->txn);
	db->writing = write;
	db->dirty = 0;
	return err_of(rc);
}

/* see deskdb.h */
int
deskdb_commit(struct deskdb *db)
{
	MDB_txn *txn = db->txn;

	if (txn == NULL)
		abort();
	db->txn = NULL;
	return err_of(mdb_txn_commit(txn));
}

/* see deskdb.h */
void
deskdb_abort(struct deskdb *db)
{
	if (db->txn != NULL)
		mdb_txn_abort(db->txn);
	db->txn = NULL;
}

/* see deskdb.h */
bool
deskdb_is_heavy(const struct deskdb *db)
{
	return db->dirty >= HEAVY_BYTES;
}

/* see deskdb.h */
int
deskdb_get(struct deskdb *db, enum deskrec_type type, struct rd name,
    struct rd *plain)
{
	unsigned char key[DESKREC_KEY_BYTES];
	MDB_val k = { sizeof(key), key }, v;
	int rc;

	if (db->txn == NULL)
		abort();
	deskrec_key(key, db->keys, type, name);
	if ((rc = mdb_get(db->txn, db->dbi, &k, &v)) != 0)
		return err_of(rc);
	return deskrec_open(db->buf, plain, db->keys, type, key,
	    rd_from(v.mv_data, v.mv_size));
}

/* see deskdb.h */
int
deskdb_put(struct deskdb *db, enum deskrec_type type, struct rd name,
    struct rd plain)
{
	unsigned char key[DESKREC_KEY_BYTES];
	MDB_val k = { sizeof(key), key }, v;
	size_t n;
	int r;

	if (db->txn == NULL || !db->writing)
		abort();
	n = deskrec_bytes(type) + DESKREC_OVER_BYTES;
	deskrec_key(key, db->keys, type, name);
	if ((r = deskrec_seal(db->buf, db->keys, type, key, plain)) != 0)
		return r;
	v.mv_data = db->buf;
	v.mv_size = n;
	db->dirty += (n + PAGE - 1) / PAGE * PAGE + PATH_PAGES * PAGE;
	return err_of(mdb_put(db->txn, db->dbi, &k, &v, 0));
}

/* see deskdb.h */
int
deskdb_del(struct deskdb *db, enum deskrec_type type, struct rd name)
{
	unsigned char key[DESKREC_KEY_BYTES];
	MDB_val k = { sizeof(key), key };

	if (db->txn == NULL || !db->writing)
		abort();
	deskrec_key(key, db->keys, type, name);
	db->dirty += PATH_PAGES * PAGE;
	return err_of(mdb_del(db->txn, db->dbi, &k, NULL));
}

/* --- without what was removed --------------------------------------------- */

/* The live pages alone into a new file beside the old one. */
static int
copy_live(struct deskdb *db, int dirfd, const char *name)
{
	int fd, rc;

	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	rc = mdb_env_copyfd2(db->env, fd, MDB_CP_COMPACT);
	if (rc == 0 && fd_sync(fd) != 0)
		rc = errno;
	close(fd);
	if (rc != 0)
		(void)unlinkat(dirfd, name, 0);	/* the next start sweeps */
	return rc;
}

/*
 * The new file in the old one's place; the old one's bytes go.  It keeps a
 * name until they have: killed in between, the next start overwrites it.
 */
static int
put_in_place(int dirfd, const char *name)
{
	char doomed[64];
	bool named;
	int old, r;

	if ((r = leftover_name(doomed, sizeof(doomed), DATA_FILE)) != 0)
		return r;
	old = openat(dirfd, DATA_FILE, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (old < 0)
		return ERR_IO;
	/* Not every file system has second names. */
	named = linkat(dirfd, DATA_FILE, dirfd, doomed, 0) == 0;
	if (renameat(dirfd, name, dirfd, DATA_FILE) != 0 ||
	    fd_sync(dirfd) != 0)
		r = ERR_IO;
	else
		r = leftover_overwrite(old);
	close(old);
	if (named && r == 0 && unlinkat(dirfd, doomed, 0) != 0)
		r = ERR_IO;
	return r;
}

/* see deskdb.h */
int
deskdb_rewrite(struct deskdb *db)
{
	char name[64];
	int dirfd, r, rc;

	if (db->txn != NULL)
		abort();
	if ((r = leftover_name(name, sizeof(name), DATA_FILE)) != 0)
		return r;
	if ((dirfd = dir_open(db->folder, false)) < 0)
		return ERR_IO;
	if ((r = err_of(copy_live(db, dirfd, name))) == 0) {
		close_env(db);
		r = put_in_place(dirfd, name);
		rc = open_env(db);
		if (rc != 0) {
			close_env(db);
			r = ERR_FORMAT;
		}
	}
	close(dirfd);
	return r;
}
