/* SPDX-License-Identifier: ISC */
/*
 * deskrec.c - seal and open records of the case store.
 *
 * Invariant: a value's size depends on its type alone.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/deskrec.h"
#include "crypto/wr.h"

#define KEY_PURPOSE	"ecrdesk/key-of-record/v1\n"
#define AD_PURPOSE	"ecrdesk/record/v1\n"
#define NONCE_BYTES	24
#define AD_BYTES	(sizeof(AD_PURPOSE) - 1 + 1 + DESKREC_KEY_BYTES)

/* see deskrec.h */
size_t
deskrec_bytes(enum deskrec_type type)
{
	switch (type) {
	case REC_PART:
		return DESKREC_PART_BYTES;
	case REC_TREE:
	case REC_LOG_HEAD:
		return DESKREC_TREE_BYTES;
	case REC_CHUNK:
		return DESKREC_CHUNK_BYTES;
	case REC_STATE:
	case REC_TRUST:
	case REC_GROUP:
	case REC_GROUP_INDEX:
	case REC_CASE:
	case REC_CASE_INDEX:
	case REC_MAILBOX:
	case REC_ENTRY:
	case REC_PROBLEM:
	case REC_ORPHAN:
	case REC_LOG_ENTRY:
	case REC_LOG_ANCHOR:
	case REC_ERASE:
	case REC_EPOCH:
	case REC_PEERS:
	case REC_OUTSTATE:
	case REC_ANSWER:
	case REC_CASE_ANSWER:
	case REC_STATEMENT:
		return DESKREC_SMALL_BYTES;
	}
	abort();
}

/* see deskrec.h */
void
deskrec_key(unsigned char out[static DESKREC_KEY_BYTES],
    const struct deskrec_keys *k, enum deskrec_type type, struct rd name)
{
	const unsigned char t = (unsigned char)type;
	crypto_generichash_state h;

	crypto_generichash_init(&h, k->index, sizeof(k->index),
	    DESKREC_KEY_BYTES);
	crypto_generichash_update(&h, (const unsigned char *)KEY_PURPOSE,
	    strlen(KEY_PURPOSE));
	crypto_generichash_update(&h, &t, 1);
	crypto_generichash_update(&h, name.p, name.n);
	crypto_generichash_final(&h, out, DESKREC_KEY_BYTES);
	sodium_memzero(&h, sizeof(h));
}

static void
additional(unsigned char ad[static AD_BYTES], enum deskrec_type type,
    const unsigned char key[static DESKREC_KEY_BYTES])
{
	struct wr w = wr_from(ad, AD_BYTES);

	wr_str(&w, AD_PURPOSE);
	wr_u8(&w, (uint8_t)type);
	wr_bytes(&w, key, DESKREC_KEY_BYTES);
	if (!wr_ok(&w) || w.n != AD_BYTES)
		abort();
}

/* see deskrec.h */
int
deskrec_seal(unsigned char *out, const struct deskrec_keys *k,
    enum deskrec_type type, const unsigned char key[static DESKREC_KEY_BYTES],
    struct rd plain)
{
	const size_t cap = deskrec_bytes(type);
	unsigned char ad[AD_BYTES];
	struct wr w = wr_from(out + NONCE_BYTES, cap);

	if (plain.n > cap - 4)
		return ERR_LIMIT;
	wr_u32(&w, (uint32_t)plain.n);
	wr_rdr(&w, plain);
	wr_zeros(&w, cap - 4 - plain.n);
	if (!wr_ok(&w) || w.n != cap)
		abort();
	additional(ad, type, key);
	randombytes_buf(out, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES, NULL,
	    out + NONCE_BYTES, cap, ad, sizeof(ad), NULL, out, k->seal);
	return 0;
}

/* see deskrec.h */
int
deskrec_open(unsigned char *buf, struct rd *plain,
    const struct deskrec_keys *k, enum deskrec_type type,
    const unsigned char key[static DESKREC_KEY_BYTES], struct rd value)
{
	const size_t cap = deskrec_bytes(type);
	unsigned char ad[AD_BYTES];
	struct rd nonce, in;

	if (value.n != cap + DESKREC_OVER_BYTES ||
	    !rd_take(&value, &nonce, NONCE_BYTES))
		return ERR_FORMAT;
	additional(ad, type, key);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(buf, NULL, NULL,
	    value.p, value.n, ad, sizeof(ad), nonce.p, k->seal) != 0)
		return ERR_AUTH;
	in = rd_from(buf, cap);
	if (!rd_take32(&in, plain) ||
	    (in.n > 0 && !sodium_is_zero(in.p, in.n)))
		return ERR_FORMAT;
	return 0;
}
