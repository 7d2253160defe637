/* SPDX-License-Identifier: ISC */
/*
 * hpke.c - HPKE base mode, one message, with X-Wing.
 *
 * The X-Wing secret goes straight into the key schedule (draft-ietf-hpke-pq);
 * with one message the AEAD nonce is the base nonce.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "crypto/wr.h"

#define CONTEXT_BYTES	65
#define LABELED_MAX	128	/* the longest input of an expansion */
#define XWING_EXPANDED_BYTES 96	/* ML-KEM's 64, then X25519's 32 */
#define XWING_LABEL	"\\.//^\\"
#define STACK_BYTES	8192	/* X-Wing leaves its secret on the stack */

static const unsigned char suite[10] = {
	'H', 'P', 'K', 'E', 0x64, 0x7a, 0x00, 0x01, 0x00, 0x03
};

/* RFC 9180's LabeledExtract */
static void
extract(unsigned char prk[static 32], struct rd salt, const char *label,
    struct rd ikm)
{
	crypto_kdf_hkdf_sha256_state st;
	const struct rd part[4] = {
		rd_str("HPKE-v1"), rd_from(suite, sizeof(suite)),
		rd_str(label), ikm
	};
	size_t i;

	(void)crypto_kdf_hkdf_sha256_extract_init(&st, salt.p, salt.n);
	for (i = 0; i < 4; i++)
		if (part[i].n > 0)
			(void)crypto_kdf_hkdf_sha256_extract_update(&st,
			    part[i].p, part[i].n);
	(void)crypto_kdf_hkdf_sha256_extract_final(&st, prk);
	sodium_memzero(&st, sizeof(st));
}

/* RFC 9180's LabeledExpand */
static void
expand(unsigned char *out, uint16_t len, const unsigned char prk[static 32],
    const char *label, struct rd info)
{
	char buf[LABELED_MAX];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_u16(&w, len);
	wr_str(&w, "HPKE-v1");
	wr_bytes(&w, suite, sizeof(suite));
	wr_str(&w, label);
	wr_rdr(&w, info);
	if (!wr_ok(&w) || crypto_kdf_hkdf_sha256_expand(out, len, buf, w.n,
	    prk) != 0)
		abort();
}

/* see hpke.h */
void
hpke_schedule(unsigned char key[static 32], unsigned char nonce[static 12],
    const unsigned char ss[static HPKE_SS_BYTES], struct rd info)
{
	unsigned char context[CONTEXT_BYTES] = { 0 }, secret[32];
	const struct rd none = { NULL, 0 };
	struct rd ctx = rd_from(context, sizeof(context));

	/* The context's first byte, 0, says base mode. */
	extract(context + 1, none, "psk_id_hash", none);
	extract(context + 33, none, "info_hash", info);
	extract(secret, rd_from(ss, HPKE_SS_BYTES), "secret", none);
	expand(key, 32, secret, "key", ctx);
	expand(nonce, 12, secret, "base_nonce", ctx);
	sodium_memzero(secret, sizeof(secret));
}

/* see hpke.h */
int
hpke_public(unsigned char pk[static HPKE_PK_BYTES],
    const unsigned char seed[static SEED_BYTES])
{
	unsigned char sk[crypto_kem_xwing_SECRETKEYBYTES];
	int r;

	r = crypto_kem_xwing_seed_keypair(pk, sk, seed) == 0 ? 0 : ERR_FORMAT;
	sodium_memzero(sk, sizeof(sk));
	return r;
}

/* see hpke.h */
int
hpke_check_public(const unsigned char pk[static HPKE_PK_BYTES])
{
	static const unsigned char eseed[HPKE_ESEED_BYTES] = { 1 };
	unsigned char enc[HPKE_ENC_BYTES], ss[HPKE_SS_BYTES];

	return crypto_kem_xwing_enc_deterministic(enc, ss, pk, eseed) == 0 ?
	    0 : ERR_FORMAT;
}

/*
 * The points of order 1, 2, 4 and 8 on the curve and on its twist, each in
 * every encoding of 255 bits: an exchange with one of them gives zero
 * whatever the scalar is.
 */
static const unsigned char low_order[7][32] = {
	{ 0 },
	{ 1 },
	{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
	  0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
	  0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
	{ 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
	  0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
	  0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f }
};

/* see hpke.h */
int
hpke_check_share(const unsigned char share[static 32])
{
	unsigned char u[32];
	size_t i;

	memcpy(u, share, sizeof(u));
	u[31] &= 0x7f;			/* X25519 ignores that bit */
	for (i = 0; i < sizeof(low_order) / sizeof(low_order[0]); i++)
		if (memcmp(u, low_order[i], sizeof(u)) == 0)
			return ERR_FORMAT;
	return 0;
}

/* see hpke.h */
int
hpke_check_enc(const unsigned char enc[static HPKE_ENC_BYTES])
{
	return hpke_check_share(enc + HPKE_ENC_BYTES - 32);
}

/* see hpke.h */
int
hpke_seal(unsigned char enc[static HPKE_ENC_BYTES], unsigned char *ct,
    const unsigned char pk[static HPKE_PK_BYTES], struct rd info,
    struct rd aad, struct rd pt, const unsigned char *eseed)
{
	unsigned char fresh[HPKE_ESEED_BYTES], ss[HPKE_SS_BYTES];
	unsigned char key[32], nonce[12];
	int r = ERR_FORMAT;

	if (eseed == NULL) {
		randombytes_buf(fresh, sizeof(fresh));
		eseed = fresh;
	}
	if (crypto_kem_xwing_enc_deterministic(enc, ss, pk, eseed) != 0)
		goto out;
	hpke_schedule(key, nonce, ss, info);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(ct, NULL, pt.p, pt.n,
	    aad.p, aad.n, NULL, nonce, key);
	r = 0;
out:
	sodium_memzero(fresh, sizeof(fresh));
	sodium_memzero(ss, sizeof(ss));
	sodium_memzero(key, sizeof(key));
	sodium_memzero(nonce, sizeof(nonce));
	sodium_stackzero(STACK_BYTES);
	return r;
}

/*
 * What the shared secret opens: pt, or ERR_NOMATCH and pt wiped.  ct holds a
 * tag at least.
 */
static int
open_with(unsigned char *pt, const unsigned char ss[static HPKE_SS_BYTES],
    struct rd info, struct rd aad, struct rd ct)
{
	unsigned char key[32], nonce[12];
	int r = ERR_NOMATCH;

	hpke_schedule(key, nonce, ss, info);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(pt, NULL, NULL, ct.p,
	    ct.n, aad.p, aad.n, nonce, key) == 0)
		r = 0;
	sodium_memzero(key, sizeof(key));
	sodium_memzero(nonce, sizeof(nonce));
	return r;
}

/* see hpke.h */
int
hpke_open(unsigned char *pt, const unsigned char enc[static HPKE_ENC_BYTES],
    const unsigned char seed[static SEED_BYTES], struct rd info,
    struct rd aad, struct rd ct)
{
	unsigned char ss[HPKE_SS_BYTES];
	int r = ERR_FORMAT;

	if (ct.n < HPKE_TAG_BYTES)
		return ERR_FORMAT;
	/* It fails only where the X25519 half gives zero. */
	if (crypto_kem_xwing_dec(ss, enc, seed) == 0)
		r = open_with(pt, ss, info, aad, ct);
	if (r != 0 && ct.n > HPKE_TAG_BYTES)
		sodium_memzero(pt, ct.n - HPKE_TAG_BYTES);
	sodium_memzero(ss, sizeof(ss));
	sodium_stackzero(STACK_BYTES);
	return r;
}

/* --- a key made ready ----------------------------------------------------- */

struct hpke_key {
	unsigned char mlkem[crypto_kem_mlkem768_SECRETKEYBYTES];
	unsigned char x25519[32], x25519_pk[32];
};

/* see hpke.h */
struct hpke_key *
hpke_key_new(const unsigned char seed[static SEED_BYTES])
{
	unsigned char all[XWING_EXPANDED_BYTES];
	unsigned char pk[crypto_kem_mlkem768_PUBLICKEYBYTES];
	struct hpke_key *k;

	if ((k = secret_new(sizeof(*k))) == NULL)
		return NULL;
	(void)crypto_xof_shake256(all, sizeof(all), seed, SEED_BYTES);
	memcpy(k->x25519, all + sizeof(all) - 32, sizeof(k->x25519));
	if (crypto_kem_mlkem768_seed_keypair(pk, k->mlkem, all) != 0 ||
	    crypto_scalarmult_base(k->x25519_pk, k->x25519) != 0)
		abort();		/* of any seed, says the standard */
	sodium_memzero(all, sizeof(all));
	sodium_stackzero(STACK_BYTES);
	return k;
}

/* see hpke.h */
void
hpke_key_free(struct hpke_key *k)
{
	secret_free(k);
}

/* X-Wing's secret of its two halves'. */
static void
combine(unsigned char ss[static HPKE_SS_BYTES], const unsigned char *mlkem,
    const unsigned char *x25519, const unsigned char *share,
    const unsigned char *pk)
{
	unsigned char in[4 * 32 + sizeof(XWING_LABEL)];
	struct wr w = wr_from(in, sizeof(in));

	wr_bytes(&w, mlkem, 32);
	wr_bytes(&w, x25519, 32);
	wr_bytes(&w, share, 32);
	wr_bytes(&w, pk, 32);
	wr_str(&w, XWING_LABEL);
	(void)crypto_hash_sha3256(ss, in, w.n);
	sodium_memzero(in, sizeof(in));
}

/* see hpke.h */
int
hpke_key_open(unsigned char *pt,
    const unsigned char enc[static HPKE_ENC_BYTES], const struct hpke_key *k,
    struct rd info, struct rd aad, struct rd ct)
{
	const unsigned char *share = enc + crypto_kem_mlkem768_CIPHERTEXTBYTES;
	unsigned char mlkem[32], x25519[32], ss[HPKE_SS_BYTES];
	int r = ERR_FORMAT;

	if (ct.n < HPKE_TAG_BYTES)
		return ERR_FORMAT;
	if (crypto_scalarmult(x25519, k->x25519, share) == 0 &&
	    crypto_kem_mlkem768_dec(mlkem, enc, k->mlkem) == 0) {
		combine(ss, mlkem, x25519, share, k->x25519_pk);
		r = open_with(pt, ss, info, aad, ct);
	}
	if (r != 0 && ct.n > HPKE_TAG_BYTES)
		sodium_memzero(pt, ct.n - HPKE_TAG_BYTES);
	sodium_memzero(mlkem, sizeof(mlkem));
	sodium_memzero(x25519, sizeof(x25519));
	sodium_memzero(ss, sizeof(ss));
	sodium_stackzero(STACK_BYTES);
	return r;
}
