/* SPDX-License-Identifier: ISC */
/*
 * pending_batch.c - how a batch lies in the file: its head and its parcels.
 *
 * No input, no output.  Refuses a head whose tag, or whatever else, is not
 * what we would have written.
 *
 * Invariant: the first counter block of whatever is encrypted is a MAC of
 * its content, so no key stream serves two contents, wherever and however
 * often a place in the file is written.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "server/pending_int.h"

#define KEYS_INFO	"ecrdrop/pending/v2 keys"

/* see pending_int.h */
struct pending_cipher *
pending_cipher_new(const unsigned char key[static PENDING_KEY_BYTES])
{
	struct pending_cipher *x = calloc(1, sizeof(*x));
	unsigned char keys[2 * PENDING_KEY_BYTES];

	if (x == NULL)
		return NULL;
	if ((x->mac = secret_new(PENDING_KEY_BYTES)) == NULL) {
		free(x);
		return NULL;
	}
	hkdf(keys, sizeof(keys), rd_from(key, PENDING_KEY_BYTES),
	    rd_from(NULL, 0), rd_str(KEYS_INFO));
	memcpy(x->mac, keys, PENDING_KEY_BYTES);
	if ((x->ctr = EVP_CIPHER_CTX_new()) == NULL ||
	    EVP_EncryptInit_ex(x->ctr, EVP_aes_256_ctr(), NULL,
	    keys + PENDING_KEY_BYTES, NULL) != 1) {
		pending_cipher_free(x);
		x = NULL;
	}
	sodium_memzero(keys, sizeof(keys));
	return x;
}

/* see pending_int.h */
void
pending_cipher_free(struct pending_cipher *x)
{
	if (x == NULL)
		return;
	EVP_CIPHER_CTX_free(x->ctr);
	secret_free(x->mac);
	free(x);
}

/* Of contents of different lengths only: a head is longer than a digest. */
static void
tag_of(const struct pending_cipher *x, struct rd content,
    unsigned char tag[static PENDING_TAG_BYTES])
{
	unsigned char mac[HASH_BYTES];

	hmac(mac, rd_from(x->mac, PENDING_KEY_BYTES), content);
	memcpy(tag, mac, PENDING_TAG_BYTES);
}

/* The key stream that begins with this tag, over in: both ways. */
static int
apply_stream(struct pending_cipher *x,
    const unsigned char tag[static PENDING_TAG_BYTES], unsigned char *out,
    struct rd in)
{
	int done = 0;

	if (in.n > PENDING_SLOT_BYTES ||
	    EVP_EncryptInit_ex(x->ctr, NULL, NULL, NULL, tag) != 1 ||
	    EVP_EncryptUpdate(x->ctr, out, &done, in.p, (int)in.n) != 1 ||
	    (size_t)done != in.n)
		return ERR_NOMEM;
	return 0;
}

/* see pending_int.h */
int
pending_seal_parcel(struct pending_cipher *x,
    unsigned char slot[static PENDING_SLOT_BYTES],
    const unsigned char parcel[static PARCEL_BYTES],
    const unsigned char digest[static HASH_BYTES])
{
	static const unsigned char zeros[PENDING_SLOT_BYTES - PARCEL_BYTES];
	unsigned char tag[PENDING_TAG_BYTES];
	int done = 0, r;

	tag_of(x, rd_from(digest, HASH_BYTES), tag);
	r = apply_stream(x, tag, slot, rd_from(parcel, PARCEL_BYTES));
	if (r == 0 && EVP_EncryptUpdate(x->ctr, slot + PARCEL_BYTES, &done,
	    zeros, (int)sizeof(zeros)) != 1)
		r = ERR_NOMEM;
	return r;
}

/* see pending_int.h */
int
pending_open_parcel(struct pending_cipher *x,
    unsigned char parcel[static PARCEL_BYTES],
    const unsigned char slot[static PENDING_SLOT_BYTES],
    const unsigned char digest[static HASH_BYTES])
{
	unsigned char tag[PENDING_TAG_BYTES], found[HASH_BYTES];
	int r;

	tag_of(x, rd_from(digest, HASH_BYTES), tag);
	if ((r = apply_stream(x, tag, parcel, rd_from(slot, PARCEL_BYTES))) != 0)
		return r;
	sha256(found, parcel, PARCEL_BYTES);
	return memcmp(found, digest, HASH_BYTES) == 0 ? 0 : ERR_CHANGED;
}

/* see pending_int.h */
int
pending_seal_head(struct pending_cipher *x,
    unsigned char page[static PENDING_PAGE], struct pending_batch *b)
{
	unsigned char plain[PENDING_PAGE - PENDING_TAG_BYTES];
	struct wr w = wr_from(plain, sizeof(plain));

	if (b->count == 0 || b->count > PENDING_BATCH_MAX)
		abort();
	wr_bytes(&w, b->previous, sizeof(b->previous));
	wr_u16(&w, b->count);
	wr_bytes(&w, b->digest, b->count * sizeof(b->digest[0]));
	wr_zeros(&w, sizeof(plain) - w.n);
	if (!wr_ok(&w))
		abort();
	tag_of(x, wr_rd(&w), b->tag);
	memcpy(page, b->tag, sizeof(b->tag));
	return apply_stream(x, b->tag, page + sizeof(b->tag), wr_rd(&w));
}

static bool
all_zeros(struct rd r)
{
	unsigned all = 0;
	size_t i;

	for (i = 0; i < r.n; i++)
		all |= r.p[i];
	return all == 0;
}

/* see pending_int.h */
int
pending_open_head(struct pending_cipher *x, struct pending_batch *b,
    const unsigned char page[static PENDING_PAGE])
{
	unsigned char plain[PENDING_PAGE - PENDING_TAG_BYTES];
	unsigned char tag[PENDING_TAG_BYTES];
	struct rd in;
	int r;

	memcpy(b->tag, page, sizeof(b->tag));
	if (all_zeros(rd_from(b->tag, sizeof(b->tag))))
		return ERR_NOTFOUND;	/* nothing was ever written here */
	if ((r = apply_stream(x, b->tag, plain, rd_from(page + sizeof(b->tag),
	    sizeof(plain)))) != 0)
		return r;
	in = rd_from(plain, sizeof(plain));
	tag_of(x, in, tag);
	if (memcmp(tag, b->tag, sizeof(tag)) != 0)
		return ERR_NOTFOUND;
	if (!rd_copy(&in, b->previous, sizeof(b->previous)) ||
	    !rd_u16(&in, &b->count) || b->count == 0 ||
	    b->count > PENDING_BATCH_MAX ||
	    !rd_copy(&in, b->digest, b->count * sizeof(b->digest[0])) ||
	    !all_zeros(in))
		return ERR_FORMAT;
	return 0;
}

/* see pending_int.h */
size_t
pending_batch_bytes(unsigned count)
{
	return PENDING_PAGE + (size_t)count * PENDING_SLOT_BYTES;
}
