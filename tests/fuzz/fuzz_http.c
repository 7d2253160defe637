/* SPDX-License-Identifier: ISC */
/*
 * fuzz_http.c - a request head from a stranger, and where it is routed.
 *
 * Beside not breaking: a verdict on the whole is the verdict on the shortest
 * beginning that has one.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char key[HTTP_KEY_MAX];
	struct http_head h, part;
	size_t n, used = 0, used_part = 0, nkey;
	bool allowed, cors;
	int r, s = 1;

	r = http_parse(&h, rd_from(data, size), &used);
	for (n = 0; s == 1 && n <= size; n += size > 2048 ? 97 : 1)
		s = http_parse(&part, rd_from(data, n), &used_part);
	if (s != 1 && s != r)
		abort();
	if (r != 0)
		return 0;
	if (used > size || used > HTTP_HEAD_MAX ||
	    h.target.n > HTTP_TARGET_MAX)
		abort();
	if (http_route(&h, key, &nkey, &allowed, &cors) == ROUTE_NONE &&
	    nkey != 0)
		abort();
	return nkey > HTTP_KEY_MAX ? (abort(), 0) : 0;
}
