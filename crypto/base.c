/* SPDX-License-Identifier: ISC */
/*
 * base.c - hexadecimal and base64, strict.
 *
 * libsodium does the work and is constant in time; what it is lax about
 * (upper-case hexadecimal) is refused here.
 */
#include <sodium.h>

#include "crypto/base.h"

/* see base.h */
void
hex_encode(void *out, const void *p, size_t n)
{
	const unsigned char *in = p;
	unsigned char *o = out;
	size_t i;
	unsigned v;

	/* Arithmetic: no index by a secret. */
	for (i = 0; i < n * 2; i++) {
		v = i % 2 == 0 ? in[i / 2] >> 4 : in[i / 2] & 15u;
		o[i] = (unsigned char)('0' + v +
		    ((9u - v) >> 8 & ((unsigned)'a' - '0' - 10)));
	}
}

/* see base.h */
bool
hex_decode(void *out, size_t n, struct rd text)
{
	size_t got, i;

	if (n > SIZE_MAX / 2 || text.n != n * 2)
		return false;
	for (i = 0; i < text.n; i++)
		if (text.p[i] >= 'A' && text.p[i] <= 'F')
			return false;
	if (n == 0)
		return true;
	return sodium_hex2bin(out, n, (const char *)text.p, text.n, NULL,
	    &got, NULL) == 0 && got == n;
}

static int
variant(bool pad)
{
	return pad ? sodium_base64_VARIANT_ORIGINAL :
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

/* see base.h */
size_t
b64_length(size_t n, bool pad)
{
	return pad ? (n + 2) / 3 * 4 : n / 3 * 4 + (n % 3 * 8 + 5) / 6;
}

/* see base.h */
void
b64_encode(void *out, const void *p, size_t n, bool pad)
{
	const unsigned char *in = p;
	unsigned char *o = out;
	char quad[5];
	size_t take, k;

	/* Three bytes a time: libsodium wants room for a NUL, we have none. */
	for (; n > 0; n -= take, in += take) {
		take = n < 3 ? n : 3;
		sodium_bin2base64(quad, sizeof(quad), in, take, variant(pad));
		for (k = 0; k < b64_length(take, pad); k++)
			*o++ = (unsigned char)quad[k];
	}
	sodium_memzero(quad, sizeof(quad));
}

/* see base.h */
bool
b64_decode_some(void *out, size_t cap, size_t *n, struct rd text, bool pad)
{
	size_t got = 0;

	if (text.n > 0 && sodium_base642bin(out, cap, (const char *)text.p,
	    text.n, NULL, &got, NULL, variant(pad)) != 0)
		return false;
	if (b64_length(got, pad) != text.n)
		return false;
	*n = got;
	return true;
}

/* see base.h */
bool
b64_decode(void *out, size_t n, struct rd text, bool pad)
{
	size_t got;

	return text.n == b64_length(n, pad) &&
	    b64_decode_some(out, n, &got, text, pad) && got == n;
}
