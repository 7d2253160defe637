/* SPDX-License-Identifier: ISC */
/*
 * fuzz_token.c - the file of tokens, and that of the roles' vkeys; every
 * token that was read is found again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/keys.h"
#include "server/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tokens t;
	static struct keys k;
	size_t i;

	if (tokens_parse(&t, rd_from(data, size)) != 0 && t.n != 0)
		abort();
	for (i = 0; i < t.n; i++)
		if (tokens_find(&t, t.token[i].hash) == TOKEN_NONE)
			abort();
	if (keys_parse_roles(&k, rd_from(data, size)) == 0 &&
	    k.nrole > KEYS_ROLES_MAX)
		abort();
	return 0;
}
