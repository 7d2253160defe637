/* SPDX-License-Identifier: ISC */
/*
 * utf8.c - strict UTF-8.
 *
 * Invariant: what utf8_next() accepts has exactly one encoding.
 */
#include "crypto/utf8.h"

/* How many bytes follow this first one, its bits, and the least result. */
static bool
lead(uint8_t b, unsigned *more, uint32_t *bits, uint32_t *least)
{
	if (b < 0x80) {
		*more = 0;
		*bits = b;
		*least = 0;
	} else if (b >= 0xc2 && b < 0xe0) {
		*more = 1;
		*bits = b & 0x1fu;
		*least = 0x80;
	} else if (b >= 0xe0 && b < 0xf0) {
		*more = 2;
		*bits = b & 0x0fu;
		*least = 0x800;
	} else if (b >= 0xf0 && b < 0xf5) {
		*more = 3;
		*bits = b & 0x07u;
		*least = 0x10000;
	} else {
		return false;
	}
	return true;
}

/* see utf8.h */
bool
utf8_next(struct rd *r, uint32_t *c)
{
	struct rd t = *r;
	uint32_t v, least;
	unsigned more;
	uint8_t b;

	if (!rd_u8(&t, &b) || !lead(b, &more, &v, &least))
		return false;
	while (more-- > 0) {
		if (!rd_u8(&t, &b) || (b & 0xc0) != 0x80)
			return false;
		v = v << 6 | (b & 0x3fu);
	}
	if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return false;
	*r = t;
	*c = v;
	return true;
}

/* see utf8.h */
bool
utf8_ok(struct rd r)
{
	uint32_t c;

	while (!rd_done(&r))
		if (!utf8_next(&r, &c))
			return false;
	return true;
}

/* see utf8.h */
bool
utf8_is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 ||
	    c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	    c == 0x3000;
}

/* see utf8.h */
bool
utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}
