/* SPDX-License-Identifier: ISC */
/*
 * rd.c - the bounds-checked reader.
 *
 * Invariant: p[0..n) is readable, and a refused read changes nothing.
 */
#include <string.h>

#include "crypto/rd.h"

struct rd
rd_from(const void *p, size_t n)
{
	struct rd r;

	r.p = p;
	r.n = n;
	return r;
}

struct rd
rd_str(const char *s)
{
	return rd_from(s, strlen(s));
}

bool
rd_done(const struct rd *r)
{
	return r->n == 0;
}

bool
rd_eq(struct rd a, struct rd b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
rd_eq_str(struct rd a, const char *s)
{
	return rd_eq(a, rd_str(s));
}

bool
rd_take(struct rd *r, struct rd *sub, size_t n)
{
	if (r->n < n)
		return false;
	*sub = rd_from(r->p, n);
	if (n > 0)
		r->p += n;
	r->n -= n;
	return true;
}

bool
rd_skip(struct rd *r, size_t n)
{
	struct rd sub;

	return rd_take(r, &sub, n);
}

bool
rd_copy(struct rd *r, void *out, size_t n)
{
	struct rd sub;

	if (!rd_take(r, &sub, n))
		return false;
	if (n > 0)
		memcpy(out, sub.p, n);
	return true;
}

/* Written out, so that a compiler sees one load of a big-endian number. */
bool
rd_u8(struct rd *r, uint8_t *v)
{
	struct rd b;

	if (!rd_take(r, &b, 1))
		return false;
	*v = b.p[0];
	return true;
}

bool
rd_u16(struct rd *r, uint16_t *v)
{
	struct rd b;

	if (!rd_take(r, &b, 2))
		return false;
	*v = (uint16_t)(b.p[0] << 8 | b.p[1]);
	return true;
}

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

bool
rd_u32(struct rd *r, uint32_t *v)
{
	struct rd b;

	if (!rd_take(r, &b, 4))
		return false;
	*v = be32(b.p);
	return true;
}

bool
rd_u64(struct rd *r, uint64_t *v)
{
	struct rd b;

	if (!rd_take(r, &b, 8))
		return false;
	*v = (uint64_t)be32(b.p) << 32 | be32(b.p + 4);
	return true;
}

bool
rd_take16(struct rd *r, struct rd *sub)
{
	struct rd t = *r;
	uint16_t n;

	if (!rd_u16(&t, &n) || !rd_take(&t, sub, n))
		return false;
	*r = t;
	return true;
}

bool
rd_take32(struct rd *r, struct rd *sub)
{
	struct rd t = *r;
	uint32_t n;

	if (!rd_u32(&t, &n) || !rd_take(&t, sub, n))
		return false;
	*r = t;
	return true;
}

bool
rd_lit(struct rd *r, const char *lit)
{
	struct rd t = *r, sub;

	if (!rd_take(&t, &sub, strlen(lit)) || !rd_eq_str(sub, lit))
		return false;
	*r = t;
	return true;
}

bool
rd_until(struct rd *r, unsigned char stop, struct rd *sub)
{
	const unsigned char *e;

	if (r->n == 0 || (e = memchr(r->p, stop, r->n)) == NULL)
		return false;
	return rd_take(r, sub, (size_t)(e - r->p)) && rd_skip(r, 1);
}

bool
rd_line(struct rd *r, struct rd *line)
{
	return rd_until(r, '\n', line);
}

bool
rd_dec(struct rd r, uint64_t max, uint64_t *v)
{
	uint64_t w = 0;
	unsigned d;
	size_t i;

	if (r.n == 0 || (r.n > 1 && r.p[0] == '0'))
		return false;
	for (i = 0; i < r.n; i++) {
		if (r.p[i] < '0' || r.p[i] > '9')
			return false;
		d = (unsigned)(r.p[i] - '0');
		if (w > (UINT64_MAX - d) / 10)
			return false;
		w = w * 10 + d;
	}
	if (w > max)
		return false;
	*v = w;
	return true;
}
