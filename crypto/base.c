/* SPDX-License-Identifier: ISC */
/*
 * base.c - hexadecimal and base64, strict.
 *
 * Nothing is looked up by a value and no branch depends on one.  libsodium
 * reads hexadecimal; what it is lax about (upper case) is refused here.  Its
 * base64 is right but a header has six thousand characters of it, so that is
 * done here, twice as fast.
 */
#include <sodium.h>
#include <stdlib.h>

#include "crypto/base.h"
#include "crypto/wr.h"

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

/* see base.h */
size_t
b64_length(size_t n, bool pad)
{
	return pad ? (n + 2) / 3 * 4 : n / 3 * 4 + (n % 3 * 8 + 5) / 6;
}

/*
 * Base64 goes eight characters at a time, each a byte of a 64-bit word, and
 * by arithmetic alone.  EACH(k) is k in every byte; at_least() gives 0xff in
 * each byte of x, none of which may exceed 0x7f, that is k or more.
 */
#define EACH(k)	(0x0101010101010101ull * (k))

static uint64_t
at_least(uint64_t x, unsigned k)
{
	return ((x + EACH(0x80u - k)) >> 7 & EACH(1)) * 0xff;
}

static uint64_t
between(uint64_t x, unsigned lo, unsigned hi)
{
	return at_least(x, lo) & ~at_least(x, hi + 1);
}

/* Values below 64 to characters. */
static uint64_t
to_chars(uint64_t v)
{
	return v + EACH('A') +
	    (at_least(v, 26) & EACH('a' - 'Z' - 1)) -
	    (at_least(v, 52) & EACH('z' + 1 - '0')) -
	    (at_least(v, 62) & EACH('9' + 1 - '+')) +
	    (at_least(v, 63) & EACH('/' - '+' - 1));
}

/* And back; *bad is non-zero where one of them is no character of ours. */
static uint64_t
to_values(uint64_t c, uint64_t *bad)
{
	uint64_t high = c & EACH(0x80), upper, lower, digit, plus, slash;

	c ^= high;
	upper = between(c, 'A', 'Z');
	lower = between(c, 'a', 'z');
	digit = between(c, '0', '9');
	plus = between(c, '+', '+');
	slash = between(c, '/', '/');
	*bad |= high | ~(upper | lower | digit | plus | slash);
	return c - (upper & EACH('A')) - (lower & EACH('a' - 26)) +
	    (digit & EACH(52 - '0')) + (plus & EACH(62 - '+')) +
	    (slash & EACH(63 - '/'));
}

/* 48 bits to eight values of six, and back. */
static uint64_t
spread(uint64_t b)
{
	b = (b & 0xffffff000000ull) << 8 | (b & 0xffffffull);
	b = (b & 0x00fff00000fff000ull) << 4 | (b & 0x00000fff00000fffull);
	return (b & 0x0fc00fc00fc00fc0ull) << 2 | (b & 0x003f003f003f003full);
}

static uint64_t
gather(uint64_t v)
{
	v = (v & 0x3f003f003f003f00ull) >> 2 | (v & 0x003f003f003f003full);
	v = (v & 0x0fff00000fff0000ull) >> 4 | (v & 0x00000fff00000fffull);
	return (v & 0x00ffffff00000000ull) >> 8 | (v & 0xffffffull);
}

/* see base.h */
void
b64_encode(void *out, const void *p, size_t n, bool pad)
{
	struct wr w = wr_from(out, b64_length(n, pad)), t;
	struct rd r = rd_from(p, n), last;
	unsigned char six[6], quads[8];
	uint32_t high;
	uint16_t low;

	while (r.n >= 6 && rd_u32(&r, &high) && rd_u16(&r, &low))
		wr_u64(&w, to_chars(spread((uint64_t)high << 16 | low)));
	if (!rd_done(&r)) {
		t = wr_from(six, sizeof(six));
		wr_rdr(&t, r);
		wr_zeros(&t, 6 - r.n);
		last = wr_rd(&t);
		if (!rd_u32(&last, &high) || !rd_u16(&last, &low))
			abort();
		t = wr_from(quads, sizeof(quads));
		wr_u64(&t, to_chars(spread((uint64_t)high << 16 | low)));
		wr_bytes(&w, quads, b64_length(r.n, false));
	}
	while (w.n < w.cap)
		wr_u8(&w, '=');
	sodium_memzero(six, sizeof(six));
	sodium_memzero(quads, sizeof(quads));
}

/* The characters of r, at most eight, as 48 bits; zeros fill up. */
static uint64_t
last_bits(struct rd r, uint64_t *bad)
{
	unsigned char quads[8];
	struct wr w = wr_from(quads, sizeof(quads));
	uint64_t c = 0;

	wr_rdr(&w, r);
	while (w.n < w.cap)
		wr_u8(&w, 'A');
	r = wr_rd(&w);
	if (!rd_u64(&r, &c))
		abort();
	sodium_memzero(quads, sizeof(quads));
	return gather(to_values(c, bad));
}

/* Takes the padding off; false where its length is wrong. */
static bool
unpad(struct rd *text)
{
	int i;

	if (text->n % 4 != 0)
		return false;
	for (i = 0; i < 2 && text->n > 0 && text->p[text->n - 1] == '='; i++)
		text->n--;
	return true;
}

/* see base.h */
bool
b64_decode_some(void *out, size_t cap, size_t *n, struct rd text, bool pad)
{
	struct wr w = wr_from(out, cap);
	uint64_t bad = 0, c, bits;
	size_t size, i;

	if (pad && !unpad(&text))
		return false;
	size = text.n / 4 * 3 + text.n % 4 * 3 / 4;
	if (text.n % 4 == 1 || size > cap)
		return false;
	while (text.n >= 8 && rd_u64(&text, &c)) {
		bits = gather(to_values(c, &bad));
		wr_u32(&w, (uint32_t)(bits >> 16));
		wr_u16(&w, (uint16_t)(bits & 0xffff));
	}
	bits = last_bits(text, &bad);
	for (i = 0; w.n < size; i++)
		wr_u8(&w, (uint8_t)(bits >> (40 - 8 * i) & 0xff));
	bad |= bits & ((1ull << (48 - 8 * i)) - 1);	/* unused bits */
	if (bad != 0) {
		if (size > 0)
			sodium_memzero(out, size);
		return false;
	}
	*n = size;
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
