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
#include "crypto/wr.h"

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
sha256_pad(unsigned char *buf, size_t blocks, size_t n)
{
	size_t all = blocks * SHA256_BLOCK_BYTES;
	struct wr w;

	if (blocks == 0 || n > all - 9)
		abort();
	w = wr_from(buf + n, all - n);
	wr_u8(&w, 0x80);
	wr_zeros(&w, all - n - 9);
	wr_u64(&w, (uint64_t)n * 8);		/* in bits */
}

/* The state is eight big-endian words: after whole blocks, the digest. */
static void
put_state(unsigned char out[static HASH_BYTES], const SHA256_CTX *c)
{
	size_t i;

	for (i = 0; i < HASH_BYTES / 4; i++, out += 4) {
		out[0] = (unsigned char)(c->h[i] >> 24);
		out[1] = (unsigned char)(c->h[i] >> 16);
		out[2] = (unsigned char)(c->h[i] >> 8);
		out[3] = (unsigned char)c->h[i];
	}
}

/* see sha256.h */
void
sha256_many(struct sha256 *h, unsigned char (*out)[HASH_BYTES],
    const unsigned char *buf, size_t blocks, size_t n)
{
	SHA256_CTX first;
	size_t i, k;

	begin(&first);
	for (i = 0; i < n; i++) {
		memcpy(h->ctx.h, first.h, sizeof(first.h));
		for (k = 0; k < blocks; k++, buf += SHA256_BLOCK_BYTES)
			SHA256_Transform(&h->ctx, buf);
		put_state(out[i], &h->ctx);
	}
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
	unsigned char block[SHA256_BLOCK_BYTES] = { 0 };
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
