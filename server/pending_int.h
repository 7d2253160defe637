/* SPDX-License-Identifier: ISC */
/*
 * pending_int.h - inside pending/; for pending*.c alone.
 */
#ifndef ECR_PENDING_INT_H
#define ECR_PENDING_INT_H

#include <openssl/evp.h>

#include "crypto/secret.h"
#include "server/pending.h"

#define PENDING_PAGE		4096u
#define PENDING_SLOT_BYTES	65536u	/* a parcel and 16 zeros, encrypted */
#define PENDING_TAG_BYTES	16
#define PENDING_PATH		64
#define PENDING_FILE		"/parcels"
#define PENDING_LEFT		"pending/left"	/* on its way out */

struct prepare {
	int fd;
	uint32_t parcels, batch;
	uint64_t bytes, at;
	bool synced;
	unsigned char *zeros;
};

/* The epoch's keys, ready for use. */
struct pending_cipher {
	unsigned char *mac;		/* PENDING_KEY_BYTES, secret_new() */
	EVP_CIPHER_CTX *ctr;
};

/* What the head of a batch says. */
struct pending_batch {
	unsigned char tag[PENDING_TAG_BYTES];		/* of this head */
	unsigned char previous[PENDING_TAG_BYTES];	/* of the one before */
	uint16_t count;
	unsigned char digest[PENDING_BATCH_MAX][HASH_BYTES];
};

struct pending {
	struct pending_head *head;	/* secret_new() */
	struct pending_cipher *cipher;
	char dir[PENDING_PATH];
	int fd;				/* what is written to it is on disk */
	uint64_t bytes;			/* of the file */
	uint64_t end;			/* where the next batch begins */
	bool begun;
	struct pending_batch batch;	/* what the next head will say */
	unsigned char *stage;		/* a whole batch, aligned */
	uint32_t committed;		/* items that are on disk */
	uint32_t size;			/* fixed, or 0 */
	struct digests *digests;
};

/* --- pending_batch.c ----------------------------------------------------- */

struct pending_cipher *pending_cipher_new(
    const unsigned char key[static PENDING_KEY_BYTES]);
void pending_cipher_free(struct pending_cipher *x);
MUST_USE int pending_seal_parcel(struct pending_cipher *x,
    unsigned char slot[static PENDING_SLOT_BYTES],
    const unsigned char parcel[static PARCEL_BYTES],
    const unsigned char digest[static HASH_BYTES]);
/* ERR_CHANGED: it is not the parcel with this digest. */
MUST_USE int pending_open_parcel(struct pending_cipher *x,
    unsigned char parcel[static PARCEL_BYTES],
    const unsigned char slot[static PENDING_SLOT_BYTES],
    const unsigned char digest[static HASH_BYTES]);
/* From previous, count and digest; sets the tag. */
MUST_USE int pending_seal_head(struct pending_cipher *x,
    unsigned char page[static PENDING_PAGE], struct pending_batch *b);
/* ERR_NOTFOUND: no head that we wrote; ERR_FORMAT: one we never write. */
MUST_USE int pending_open_head(struct pending_cipher *x,
    struct pending_batch *b, const unsigned char page[static PENDING_PAGE]);
/* The room that so many parcels and their head take. */
size_t pending_batch_bytes(unsigned count);

/* --- pending_scan.c ------------------------------------------------------ */

/*
 * What stands in the file: the index, and where the next batch begins.
 * ERR_CHANGED: a batch in the middle is damaged.
 */
MUST_USE int pending_scan(struct pending *p);

/* --- the folder ---------------------------------------------------------- */

uint64_t pending_file_bytes(uint32_t parcels, uint32_t batch);
/* "pending/<close>" or one of its files ("/key"). */
void pending_path(char out[static PENDING_PATH], uint64_t close,
    const char *rest);
/* The folder and the files we know; nothing there: 0. */
MUST_USE int pending_remove_folder(const char *dir);
/* An epoch that did not open after all; nothing there: 0. */
MUST_USE int pending_withdraw(uint64_t close);

#endif
