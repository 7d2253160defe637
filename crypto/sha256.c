/* SPDX-License-Identifier: ISC */
/*
 * sha256.c - SHA-256 at the speed of the processor, HMAC and HKDF.
 *
 * Invariants: md is NULL exactly when the hash runs in libsodium; begun is
 * false while nothing was hashed, and only the first update begins, for to
 * begin costs OpenSSL as much as a block.
 */
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "crypto/sha256.h"

/*
 * What fits one block is hashed sooner by libsodium than OpenSSL finds its
 * implementation (0.2 against 0.3 us); from two blocks on it is the reverse.
 */
#define SHA256_SMALL	55
#define HMAC_SMALL	512
#define BLOCK_BYTES	64

struct sha256 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	bool begun;
	crypto_hash_sha256_state slow;
};

static void
sha256_to_sodium(struct sha256 *h)
{
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	h->ctx = NULL;
	h->md = NULL;
	(void)crypto_hash_sha256_init(&h->slow);	/* returns 0 always */
}

/* see sha256.h */
struct sha256 *
sha256_new(void)
{
	struct sha256 *h;

	if ((h = malloc(sizeof(*h))) == NULL)
		return NULL;
	memset(h, 0, sizeof(*h));
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->ctx = h->md == NULL ? NULL : EVP_MD_CTX_new();
	if (h->ctx == NULL || EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1)
		sha256_to_sodium(h);
	return h;
}

/* see sha256.h */
void
sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);		/* wipes */
	EVP_MD_free(h->md);
	sodium_memzero(h, sizeof(*h));
	free(h);
}

/* see sha256.h */
void
sha256_reset(struct sha256 *h)
{
	h->begun = false;
}

static void
begin(struct sha256 *h)
{
	h->begun = true;
	if (h->md == NULL)
		(void)crypto_hash_sha256_init(&h->slow);
	else if (EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1)
		sha256_to_sodium(h);
}

/* see sha256.h */
void
sha256_update(struct sha256 *h, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (!h->begun)
		begin(h);
	if (h->md == NULL)
		(void)crypto_hash_sha256_update(&h->slow, p, n);
	else if (EVP_DigestUpdate(h->ctx, p, n) != 1)
		abort();		/* it allocates nothing */
}

/* see sha256.h */
void
sha256_final(struct sha256 *h, unsigned char out[static HASH_BYTES])
{
	if (!h->begun)
		begin(h);
	if (h->md == NULL)
		(void)crypto_hash_sha256_final(&h->slow, out);
	else if (EVP_DigestFinal_ex(h->ctx, out, NULL) != 1)
		abort();
	sha256_reset(h);
}

/* see sha256.h */
void
sha256(unsigned char out[static HASH_BYTES], const void *p, size_t n)
{
	if (n > SHA256_SMALL &&
	    EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL) == 1)
		return;
	(void)crypto_hash_sha256(out, p, n);
}

/* key and data by libsodium alone: short data, or no memory */
static void
hmac_sodium(unsigned char *out, struct rd key, struct rd data)
{
	crypto_auth_hmacsha256_state st;

	(void)crypto_auth_hmacsha256_init(&st, key.p, key.n);
	(void)crypto_auth_hmacsha256_update(&st, data.p, data.n);
	(void)crypto_auth_hmacsha256_final(&st, out);
	sodium_memzero(&st, sizeof(st));
}

/* see sha256.h */
void
hmac(unsigned char out[static HASH_BYTES], struct rd key, struct rd data)
{
	unsigned char block[BLOCK_BYTES] = { 0 };
	struct sha256 *h = NULL;
	size_t i;

	if (data.n <= HMAC_SMALL || key.n > sizeof(block) ||
	    (h = sha256_new()) == NULL) {
		hmac_sodium(out, key, data);
		return;
	}
	if (key.n > 0)
		memcpy(block, key.p, key.n);
	for (i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	sha256_update(h, block, sizeof(block));
	sha256_update(h, data.p, data.n);
	sha256_final(h, out);
	for (i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	sha256_update(h, block, sizeof(block));
	sha256_update(h, out, HASH_BYTES);
	sha256_final(h, out);
	sha256_free(h);
	sodium_memzero(block, sizeof(block));
}

/* see sha256.h */
void
hkdf(void *out, size_t len, struct rd ikm, struct rd salt, struct rd info)
{
	crypto_kdf_hkdf_sha256_state st;
	unsigned char prk[crypto_kdf_hkdf_sha256_KEYBYTES];

	if (len > crypto_kdf_hkdf_sha256_BYTES_MAX)
		abort();
	(void)crypto_kdf_hkdf_sha256_extract_init(&st, salt.p, salt.n);
	if (ikm.n > 0)
		(void)crypto_kdf_hkdf_sha256_extract_update(&st, ikm.p,
		    ikm.n);
	(void)crypto_kdf_hkdf_sha256_extract_final(&st, prk);
	if (len > 0 && crypto_kdf_hkdf_sha256_expand(out, len,
	    (const char *)info.p, info.n, prk) != 0)
		abort();
	sodium_memzero(prk, sizeof(prk));
	sodium_memzero(&st, sizeof(st));
}
