/* SPDX-License-Identifier: ISC */
/*
 * pending_int.h - inside pending/; for pending*.c alone.
 */
#ifndef ECR_PENDING_INT_H
#define ECR_PENDING_INT_H

#include <lmdb.h>
#include <openssl/evp.h>

#include "server/pending.h"

#define PENDING_PAGE	4096u
#define PENDING_PATH	64
#define PENDING_LEFT	"pending/left"	/* on its way out */

struct prepare {
	int fd;
	uint32_t parcels, batch;
	uint64_t bytes, at;
	bool synced;
	unsigned char *zeros;
};

struct pending {
	struct pending_head *head;	/* secret_new() */
	char dir[PENDING_PATH];
	MDB_env *env;
	MDB_dbi dbi;
	MDB_txn *txn;			/* under way, or NULL */
	uint32_t committed;		/* items that are on disk */
	uint64_t next;			/* sequence, always even */
	uint32_t size;			/* fixed, or 0 */
	struct digests *digests;
	EVP_CIPHER_CTX *ctr;
};

uint64_t pending_map_bytes(uint32_t parcels, uint32_t batch);
MUST_USE int pending_env_open(MDB_env **env, const char *dir, uint64_t bytes);
MUST_USE int pending_err(int rc);
/* A record's key, and its key stream over in: both ways. */
void pending_write_key(unsigned char key[static 8], uint64_t sequence);
MUST_USE int pending_crypt(struct pending *p, uint64_t sequence,
    unsigned char *out, struct rd in);
/* "pending/<close>" or one of its files ("/key"). */
void pending_path(char out[static PENDING_PATH], uint64_t close,
    const char *rest);
/* The folder and the files we know; nothing there: 0. */
MUST_USE int pending_remove_folder(const char *dir);
/* An epoch's folder into which nothing was ever put; none there: 0. */
MUST_USE int pending_withdraw(uint64_t close);

#endif
