/* SPDX-License-Identifier: ISC */
/*
 * supply.c - see supply.h.
 */
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"
#include "crypto/work.h"
#include "tests/bench/supply.h"

#define SHARED	(PARCEL_BYTES - SUPPLY_TAIL)

static void
write_tail(struct supply *s, uint32_t n)
{
	memcpy(s->body + SHARED, s->seed, sizeof(s->seed));
	memcpy(s->body + SHARED + sizeof(s->seed), &n, sizeof(n));
}

/* see supply.h */
const unsigned char *
supply_body(struct supply *s, uint32_t n)
{
	write_tail(s, n);
	return s->body;
}

static void
write_head(struct supply_item *i, const char *method, const char *target,
    size_t length, const char *fields)
{
	char size[48] = "";
	int n;

	if (length > 0)
		(void)snprintf(size, sizeof(size), "Content-Length: %zu\r\n",
		    length);
	n = snprintf(i->head, sizeof(i->head), "%s %s HTTP/1.1\r\n"
	    "Host: localhost\r\n%s%s\r\n", method, target, size, fields);
	if (n < 0 || (size_t)n >= sizeof(i->head))
		abort();		/* a path far too long */
	i->nhead = (uint16_t)n;
}

static void
make_post(struct supply *s, uint32_t n, const EVP_MD_CTX *shared,
    EVP_MD_CTX *h, const char *path, struct rd origin, uint64_t close,
    unsigned bits)
{
	struct supply_item *i = &s->item[n];
	char hex[2 * HASH_BYTES + 1], fields[160];
	uint64_t nonce;

	write_tail(s, n);
	if (EVP_MD_CTX_copy_ex(h, shared) != 1 ||
	    EVP_DigestUpdate(h, s->body + SHARED, SUPPLY_TAIL) != 1 ||
	    EVP_DigestFinal_ex(h, i->digest, NULL) != 1)
		abort();
	nonce = work_find(origin, close, i->digest, bits);
	sodium_bin2hex(hex, sizeof(hex), i->digest, HASH_BYTES);
	(void)snprintf(fields, sizeof(fields), "ECRDrop-Digest: %s\r\n"
	    "ECRDrop-Work: %016llx\r\n", hex, (unsigned long long)nonce);
	write_head(i, "POST", path, PARCEL_BYTES, fields);
}

static void
make_put(struct supply *s, uint32_t n, const char *path)
{
	char hex[2 * sizeof(s->seed) + 1], target[200];

	sodium_bin2hex(hex, sizeof(hex), s->seed, sizeof(s->seed));
	(void)snprintf(target, sizeof(target), "%.120s%s-%u", path, hex, n);
	write_head(&s->item[n], "PUT", target, PARCEL_BYTES, "");
}

static void
fill(struct supply *s, const char *path, const char *origin, uint64_t close,
    unsigned bits)
{
	EVP_MD_CTX *shared = EVP_MD_CTX_new(), *h = EVP_MD_CTX_new();
	uint32_t n;

	if (shared == NULL || h == NULL ||
	    EVP_DigestInit_ex(shared, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(shared, s->body, SHARED) != 1)
		abort();
	for (n = 0; n < s->count; n++)
		switch (s->kind) {
		case SUPPLY_GET:
			write_head(&s->item[n], "GET", path, 0, "");
			break;
		case SUPPLY_POST:
			make_post(s, n, shared, h, path, rd_str(origin),
			    close, bits);
			break;
		case SUPPLY_PUT:
			make_put(s, n, path);
			break;
		case SUPPLY_DISCARD:
			write_head(&s->item[n], "POST", path, PARCEL_BYTES,
			    "");
			break;
		}
	EVP_MD_CTX_free(shared);
	EVP_MD_CTX_free(h);
}

/* see supply.h */
struct supply *
supply_new(enum supply_kind kind, uint32_t count, const char *path,
    const char *origin, uint64_t close, unsigned bits)
{
	struct supply *s = calloc(1, sizeof(*s));

	if (s == NULL || count == 0 ||
	    (s->item = calloc(count, sizeof(*s->item))) == NULL ||
	    parcel_cover(s->body) != 0) {
		supply_free(s);
		return NULL;
	}
	s->kind = kind;
	s->count = count;
	s->nbody = kind == SUPPLY_GET ? 0 : PARCEL_BYTES;
	randombytes_buf(s->seed, sizeof(s->seed));
	fill(s, path, origin, close, bits);
	return s;
}

/* see supply.h */
void
supply_free(struct supply *s)
{
	if (s == NULL)
		return;
	free(s->item);
	free(s);
}
