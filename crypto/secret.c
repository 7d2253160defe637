/* SPDX-License-Identifier: ISC */
/*
 * secret.c - locked memory for keys that live long.
 */
#include <sodium.h>

#include "crypto/secret.h"

/* see secret.h */
int
secret_init(void)
{
	void *p;
	int r = 0;

	if (sodium_init() < 0)
		return ERR_ORDER;
	if ((p = sodium_malloc(1)) == NULL)
		return ERR_NOMEM;
	if (sodium_mlock(p, 1) != 0)
		r = ERR_LIMIT;
	sodium_free(p);
	return r;
}

/* see secret.h */
void *
secret_new(size_t n)
{
	return sodium_malloc(n);
}

/* see secret.h */
void
secret_free(void *p)
{
	sodium_free(p);
}
