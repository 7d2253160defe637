/* SPDX-License-Identifier: ISC */
/*
 * drop_int.h - inside drop/; for drop*.c alone.
 */
#ifndef ECR_DROP_INT_H
#define ECR_DROP_INT_H

#include <lmdb.h>

#include "crypto/sha256.h"
#include "server/drop.h"

enum drop_db {
	DB_ENTRY, DB_TILE, DB_PARCEL, DB_REPLY, DB_STATEMENT, DB_WHERE,
	DB_META, DB_HELD, DB_KEYSET, DB_COUNT
};

#define DROP_FORMAT	"ecrdrop/drop/v1"

/* What one transaction leaves behind, beside the databases. */
struct drop_head {
	struct tree tree;
	uint64_t close;
	uint64_t bodies;		/* parcels that an entry names */
	uint64_t replies, statements;	/* the same */
	uint64_t erased;		/* no parcel below this leaf index */
	uint64_t zero;			/* 1: unused pages are to be zeroed */
	unsigned char checkpoint[DROP_CHECKPOINT_MAX];
	size_t ncheckpoint;
};

/* How far zeroing has come (drop_zero.c). */
struct drop_zero {
	bool on;
	uint64_t limit;			/* transactions up to this one */
	uint64_t txnid;			/* the free list's record, */
	size_t at;			/* and how many pages of it are done */
	uint64_t tail;			/* then from this page to the end */
	bool wrote;			/* since the last sync */
	unsigned char *buf;
};

struct drop {
	MDB_env *env;
	MDB_dbi dbi[DB_COUNT];
	MDB_txn *move;			/* the slice under way */
	struct sha256 *sha;
	struct drop_head head;
	uint64_t pages, pages_max;	/* in use; in the map */
	struct drop_zero zero;
	uint64_t version;		/* of what drop_replies() says */
};

/* MDB codes to ours. */
int drop_err(int rc);
MDB_val drop_val(const void *p, size_t n);
struct rd drop_rd(MDB_val v);
MUST_USE int drop_read_head(struct drop *d, MDB_txn *txn, struct drop_head *h);
MUST_USE int drop_write_head(struct drop *d, MDB_txn *txn,
    const struct drop_head *h);
/* The checkpoint over h's tree, into h. */
MUST_USE int drop_sign_head(struct drop *d, struct drop_head *h,
    const struct logkey *k);
/* Sums up the pages in use; after every commit. */
MUST_USE int drop_count_pages(struct drop *d);
/* The leaf index of a digest (drop_read.c). */
MUST_USE int drop_place_get(struct drop *d, MDB_txn *txn,
    const unsigned char digest[static HASH_BYTES], uint64_t *index);
enum drop_db drop_body_db(enum entry_kind kind);

/* Tiles (drop_tile.c). */
#define TILE_KEY_BYTES	9
MUST_USE int drop_tile_get(struct drop *d, MDB_txn *txn, int level,
    uint64_t index, unsigned width, struct rd *hashes);
MUST_USE int drop_tile_put(struct drop *d, MDB_txn *txn, int level,
    uint64_t index, struct rd hashes);
MUST_USE int drop_entry_get(struct drop *d, MDB_txn *txn, uint64_t index,
    struct rd *entry);
/* The root of 2^n complete subtrees that stand side by side. */
void drop_fold(struct drop *d, unsigned char out[static HASH_BYTES],
    const unsigned char *hashes, size_t n);
/* The tree's root by nothing but the tiles at its right edge. */
MUST_USE int drop_root_of_tiles(struct drop *d, MDB_txn *txn, uint64_t size,
    unsigned char out[static HASH_BYTES]);
/*
 * Every tile that growing from one size to another touched: are level 0 the
 * entries' hashes, and all hashes above the roots of the tiles below?
 */
MUST_USE int drop_check_tiles(struct drop *d, MDB_txn *txn, uint64_t from,
    uint64_t to);

/* What is on disk, or about to be (drop_check.c). */

/*
 * Entries from `from` on against tiles, full tiles against what stands above
 * them, the root of the right edge against the frontier t.
 */
MUST_USE int drop_read_back(struct drop *d, MDB_txn *txn, uint64_t from,
    const struct tree *t);
/* The head's checkpoint, after its signature; c and note are views of h. */
MUST_USE int drop_head_checkpoint(struct checkpoint *c, struct note *note,
    const struct drop_head *h, const struct vkey *vk);
/* Is the tree (old, old_root) a beginning of (size, root)?  ERR_AUTH: no. */
MUST_USE int drop_extends(struct drop *d, MDB_txn *txn, uint64_t old,
    const unsigned char old_root[static HASH_BYTES], uint64_t size,
    const unsigned char root[static HASH_BYTES]);


/* What statements said (drop_said.c). */

#define HELD_KEY_BYTES	(8 + 8 + HASH_BYTES)
#define HELD_GONE	1		/* flag: its replies are no more here */

/* A statement that is held: views into the record. */
struct drop_held {
	uint8_t flags;
	uint64_t close, sequence;
	struct rd digest, role;
	struct rd replies;		/* their digests */
};
MUST_USE int drop_held_parse(struct drop_held *h, struct rd key,
    struct rd value);
/* A close logs it: its place, the role's state and terms. */
MUST_USE int drop_said_put(struct drop *d, MDB_txn *txn, uint64_t close,
    const struct drop_said *s);
/* Keysets that no role's last statement names. */
MUST_USE int drop_sweep_keysets(struct drop *d, MDB_txn *txn);
/* Pure. */
MUST_USE int drop_role_parse(struct drop_role *r, struct rd in);
MUST_USE int drop_role_read(struct drop *d, MDB_txn *txn, const char *role,
    struct drop_role *r);
MUST_USE int drop_role_write(struct drop *d, MDB_txn *txn, const char *role,
    const struct drop_role *r);

/* One slice of zeroing what is not used; all of it, then the flag goes. */
MUST_USE int drop_zero_step(struct drop *d);

#endif
