/* SPDX-License-Identifier: ISC */
/*
 * chapoly.c - ChaCha20-Poly1305 in bulk, by OpenSSL.
 *
 * Plaintext is released only after the tag held: whatever was written before
 * is wiped.  Invariant: both contexts are keyed for as long as they live.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/chapoly.h"

#define STACK_BYTES	8192	/* OpenSSL leaves the key on the stack */

struct chapoly {
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx;
};

/* see chapoly.h */
struct chapoly *
chapoly_new(const unsigned char key[static CHAPOLY_KEYBYTES])
{
	struct chapoly *c;

	if ((c = malloc(sizeof(*c))) == NULL)
		return NULL;
	c->cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	c->ctx = c->cipher == NULL ? NULL : EVP_CIPHER_CTX_new();
	if (c->ctx == NULL || EVP_EncryptInit_ex2(c->ctx, c->cipher, key, NULL,
	    NULL) != 1) {
		chapoly_free(c);
		return NULL;
	}
	return c;
}

/* see chapoly.h */
void
chapoly_free(struct chapoly *c)
{
	if (c == NULL)
		return;
	EVP_CIPHER_CTX_free(c->ctx);		/* wipes */
	EVP_CIPHER_free(c->cipher);
	free(c);
	sodium_stackzero(STACK_BYTES);
}

/* see chapoly.h */
int
chapoly_seal(struct chapoly *c, unsigned char *out,
    const unsigned char nonce[static CHAPOLY_NONCEBYTES],
    const unsigned char *in, size_t n)
{
	int got = 0, more = 0;

	if (n > INT_MAX - CHAPOLY_TAGBYTES)
		return ERR_LIMIT;
	if (EVP_EncryptInit_ex2(c->ctx, NULL, NULL, nonce, NULL) != 1 ||
	    (n > 0 && EVP_EncryptUpdate(c->ctx, out, &got, in,
	    (int)n) != 1) ||
	    EVP_EncryptFinal_ex(c->ctx, out + got, &more) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG,
	    CHAPOLY_TAGBYTES, out + n) != 1) {
		sodium_memzero(out, n + CHAPOLY_TAGBYTES);
		return ERR_NOMEM;
	}
	return 0;
}

/* see chapoly.h */
int
chapoly_open(struct chapoly *c, unsigned char *out,
    const unsigned char nonce[static CHAPOLY_NONCEBYTES],
    const unsigned char *in, size_t n)
{
	unsigned char tag[CHAPOLY_TAGBYTES], none[1];
	int got = 0, more = 0;

	if (n < CHAPOLY_TAGBYTES)
		return ERR_FORMAT;
	if (n > INT_MAX)
		return ERR_LIMIT;
	n -= CHAPOLY_TAGBYTES;
	memcpy(tag, in + n, sizeof(tag));	/* out may overwrite in */
	if (EVP_DecryptInit_ex2(c->ctx, NULL, NULL, nonce, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
	    tag) != 1 || (n > 0 && EVP_DecryptUpdate(c->ctx, out, &got, in,
	    (int)n) != 1)) {
		if (n > 0)
			sodium_memzero(out, n);
		return ERR_NOMEM;
	}
	if (EVP_DecryptFinal_ex(c->ctx, none, &more) != 1) {
		if (n > 0)
			sodium_memzero(out, n);
		return ERR_AUTH;
	}
	return 0;
}
