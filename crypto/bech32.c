/* SPDX-License-Identifier: ISC */
/*
 * bech32.c - Bech32 strings of any length.
 *
 * Key strings pass through here, so nothing is looked up by, and no branch
 * depends on, the value of a data character before the whole is judged.
 */
#include <sodium.h>
#include <string.h>

#include "crypto/bech32.h"
#include "crypto/err.h"

#define SUM_CHARS	6

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* 0xffffffff where a == b, else 0; both small */
static uint32_t
mask_eq(uint32_t a, uint32_t b)
{
	return (uint32_t)0 - (((a ^ b) - 1) >> 31);
}

static uint32_t
char_of(uint32_t v)
{
	uint32_t i, c = 0;

	for (i = 0; i < 32; i++)
		c |= mask_eq(i, v) & (unsigned char)charset[i];
	return c;
}

/* 0 to 31, or 32 for a character that is none of ours; lower case only */
static uint32_t
value_of(uint32_t c)
{
	uint32_t i, v = 0, hit = 0;

	for (i = 0; i < 32; i++) {
		v |= mask_eq((unsigned char)charset[i], c) & i;
		hit |= mask_eq((unsigned char)charset[i], c);
	}
	return v | (~hit & 32);
}

static uint32_t
lower(uint32_t c)
{
	return c | ((c - 'A' < 26u) ? 0x20u : 0);
}

/* One step of BIP-173's checksum over a value of five bits. */
static uint32_t
sum_step(uint32_t sum, uint32_t v)
{
	static const uint32_t gen[5] = {
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
	};
	uint32_t top = sum >> 25, i;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (i = 0; i < 5; i++)
		sum ^= ((uint32_t)0 - (top >> i & 1)) & gen[i];
	return sum;
}

static uint32_t
sum_hrp(struct rd hrp)
{
	struct rd again = hrp;
	uint32_t sum = 1;
	uint8_t c;

	while (rd_u8(&hrp, &c))
		sum = sum_step(sum, lower(c) >> 5);
	sum = sum_step(sum, 0);
	while (rd_u8(&again, &c))
		sum = sum_step(sum, lower(c) & 31);
	return sum;
}

struct enc {
	struct wr *w;
	uint32_t sum;
	bool upper;
};

static void
put(struct enc *e, uint32_t c)
{
	if (e->upper)
		c -= (c - 'a' < 26u) ? 0x20u : 0;
	wr_u8(e->w, (uint8_t)c);
}

static void
put_value(struct enc *e, uint32_t v)
{
	e->sum = sum_step(e->sum, v);
	put(e, char_of(v));
}

/* see bech32.h */
void
bech32_encode(struct wr *w, const char *hrp, const void *p, size_t n,
    bool upper)
{
	struct enc e = { w, sum_hrp(rd_str(hrp)), upper };
	struct rd r = rd_from(p, n);
	uint32_t acc = 0, bits = 0;
	uint8_t byte;
	size_t i;

	for (i = 0; hrp[i] != '\0'; i++)
		put(&e, (unsigned char)hrp[i]);
	put(&e, '1');
	while (rd_u8(&r, &byte)) {
		acc = (acc << 8 | byte) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			put_value(&e, acc >> (bits - 5) & 31);
	}
	if (bits > 0)
		put_value(&e, acc << (5 - bits) & 31);
	for (i = 0; i < SUM_CHARS; i++)
		e.sum = sum_step(e.sum, 0);
	e.sum ^= 1;
	for (i = 0; i < SUM_CHARS; i++)
		put(&e, char_of(e.sum >> (5 * (5 - i)) & 31));
	sodium_memzero(&acc, sizeof(acc));
	sodium_memzero(&byte, sizeof(byte));
}

/*
 * The part after the separator, checksum included, folded to lower case.
 * The answer comes after all characters were seen.
 */
static bool
decode_data(struct wr *out, uint32_t sum, struct rd data)
{
	uint32_t acc = 0, bits = 0, bad = 0, v;
	uint8_t c, byte = 0;
	bool ok;

	while (rd_u8(&data, &c)) {
		bad |= ((uint32_t)c - 33) >> 31;	/* controls, space */
		v = value_of(c | 0x20u);
		bad |= v >> 5;
		sum = sum_step(sum, v & 31);
		if (data.n < SUM_CHARS)
			continue;
		acc = (acc << 5 | (v & 31)) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			byte = (uint8_t)(acc >> bits & 0xff);
			wr_u8(out, byte);
		}
	}
	bad |= sum ^ 1;
	if (bits >= 5)
		bad |= 1;			/* a superfluous character */
	bad |= acc & ((1u << bits) - 1);	/* padding that is not zero */
	ok = bad == 0 && wr_ok(out);
	sodium_memzero(&acc, sizeof(acc));
	sodium_memzero(&v, sizeof(v));
	sodium_memzero(&byte, sizeof(byte));
	return ok;
}

/* Bit 0: an upper-case letter stands in r; bit 1: a lower-case one. */
static unsigned
cases(struct rd r)
{
	unsigned seen = 0;
	uint8_t c;

	while (rd_u8(&r, &c)) {
		seen |= mask_eq(lower(c), c) ? 0u : 1u;
		seen |= (uint32_t)c - 'a' < 26u ? 2u : 0u;
	}
	return seen;
}

/* see bech32.h */
int
bech32_decode(void *out, size_t n, const char *hrp, struct rd text,
    bool upper)
{
	struct wr w = wr_from(out, n);
	struct rd name;
	uint8_t have;
	size_t i;

	if (n > SIZE_MAX / 8 - 1 || (cases(text) & (upper ? 2u : 1u)) != 0 ||
	    !rd_take(&text, &name, strlen(hrp)) || !rd_lit(&text, "1") ||
	    text.n != (n * 8 + 4) / 5 + SUM_CHARS)
		goto bad;
	for (i = 0; rd_u8(&name, &have); i++)
		if (lower(have) != (unsigned char)hrp[i])
			goto bad;
	if (!decode_data(&w, sum_hrp(rd_str(hrp)), text) || w.n != n)
		goto bad;
	return 0;
bad:
	if (n > 0)
		sodium_memzero(out, n);
	return ERR_FORMAT;
}

/* the last '1' divides; false where there is none */
static bool
split(struct rd text, struct rd *hrp, struct rd *data)
{
	struct rd rest = text, part;

	hrp->n = 0;
	while (rd_until(&rest, '1', &part))
		hrp->n += part.n + 1;
	if (hrp->n == 0)
		return false;
	hrp->p = text.p;
	hrp->n--;
	*data = rest;
	return true;
}

/* see bech32.h */
int
bech32_decode_any(char *hrp_out, size_t hrp_cap, void *out, size_t cap,
    size_t *n, struct rd text)
{
	struct wr w = wr_from(out, cap), h = wr_from(hrp_out, hrp_cap);
	struct rd hrp, data, r;
	uint8_t c;

	*n = 0;
	if (cases(text) == 3 || !split(text, &hrp, &data) || hrp.n == 0 ||
	    data.n < SUM_CHARS)
		goto bad;
	for (r = hrp; rd_u8(&r, &c);) {
		if (c < 33 || c > 126)
			goto bad;
		wr_u8(&h, (uint8_t)lower(c));
	}
	if (!wr_ok(&h) || !wr_cstr(&h) ||
	    !decode_data(&w, sum_hrp(hrp), data))
		goto bad;
	*n = w.n;
	return 0;
bad:
	if (cap > 0)
		sodium_memzero(out, cap);
	return ERR_FORMAT;
}
