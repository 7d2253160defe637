/* SPDX-License-Identifier: ISC */
/*
 * sha256.c - SHA-256 at the speed of the processor, HMAC and HKDF.
 *
 * OpenSSL's own SHA256_ functions, not its EVP ones: a log is made of
 * millions of hashes of one or two blocks, and around each EVP spends more
 * than the blocks take.  They use the same code for the blocks, allocate
 * nothing and cannot fail.  What they leave in a state is the digest alone.
 */
#define OPENSSL_API_COMPAT 10101	/* 3.0 would have EVP everywhere */

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "crypto/sha256.h"

#define BLOCK_BYTES	64

struct sha256 {
	SHA256_CTX ctx;
};

/* These return 1 always. */
static void
begin(SHA256_CTX *c)
{
	(void)SHA256_Init(c);
}

static void
more(SHA256_CTX *c, const void *p, size_t n)
{
	if (n > 0)
		(void)SHA256_Update(c, p, n);
}

static void
end(SHA256_CTX *c, unsigned char *out)
{
	(void)SHA256_Final(out, c);
}

/* see sha256.h */
struct sha256 *
sha256_new(void)
{
	struct sha256 *h;

	if ((h = malloc(sizeof(*h))) == NULL)
		return NULL;
	memset(h, 0, sizeof(*h));
	begin(&h->ctx);
	return h;
}

/* see sha256.h */
void
sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	sodium_memzero(h, sizeof(*h));
	free(h);
}

/* see sha256.h */
void
sha256_reset(struct sha256 *h)
{
	begin(&h->ctx);
}

/* see sha256.h */
void
sha256_update(struct sha256 *h, const void *p, size_t n)
{
	more(&h->ctx, p, n);
}

/* see sha256.h */
void
sha256_final(struct sha256 *h, unsigned char out[static HASH_BYTES])
{
	end(&h->ctx, out);
	begin(&h->ctx);
}

/* see sha256.h */
void
sha256(unsigned char out[static HASH_BYTES], const void *p, size_t n)
{
	SHA256_CTX c;

	begin(&c);
	more(&c, p, n);
	end(&c, out);
}

/* see sha256.h */
void
hmac(unsigned char out[static HASH_BYTES], struct rd key, struct rd data)
{
	unsigned char block[BLOCK_BYTES] = { 0 };
	SHA256_CTX c;
	size_t i;

	if (key.n > sizeof(block))
		sha256(block, key.p, key.n);
	else if (key.n > 0)
		memcpy(block, key.p, key.n);
	for (i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	begin(&c);
	more(&c, block, sizeof(block));
	more(&c, data.p, data.n);
	end(&c, out);
	for (i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	begin(&c);
	more(&c, block, sizeof(block));
	more(&c, out, HASH_BYTES);
	end(&c, out);
	sodium_memzero(block, sizeof(block));
	sodium_memzero(&c, sizeof(c));
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
