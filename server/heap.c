/* SPDX-License-Identifier: ISC */
/*
 * heap.c - see heap.h.
 *
 * OpenSSL frees names, protocol lists, record buffers and keys, most of them
 * as they are.  A front lives for weeks, so what strangers sent would lie
 * about in its heap until something else happens to be written over it.
 *
 * Invariant: nothing grows in place, so no old copy escapes the wipe.
 */
#include "server/heap.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static void *
take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(n);
}

static void
give_back(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p == NULL)
		return;
	explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *
resize(void *p, size_t n, const char *file, int line)
{
	size_t old;
	void *q;

	if (p == NULL)
		return take(n, file, line);
	if (n == 0) {
		give_back(p, file, line);
		return NULL;
	}
	if ((q = malloc(n)) == NULL)
		return NULL;
	old = malloc_usable_size(p);
	memcpy(q, p, old < n ? old : n);
	give_back(p, file, line);
	return q;
}

/* see heap.h */
int
heap_wipe_openssl(void)
{
	return CRYPTO_set_mem_functions(take, resize, give_back) == 1 ?
	    0 : ERR_ORDER;
}
