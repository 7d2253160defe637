/* SPDX-License-Identifier: ISC */
/*
 * wr.c - the bounds-checked writer.
 *
 * Invariant: n <= cap, and once over is set it stays set.
 */
#include <string.h>

#include "crypto/base.h"
#include "crypto/wr.h"

struct wr
wr_from(void *p, size_t cap)
{
	struct wr w;

	w.p = p;
	w.n = 0;
	w.cap = cap;
	w.over = false;
	return w;
}

bool
wr_ok(const struct wr *w)
{
	return !w->over;
}

struct rd
wr_rd(const struct wr *w)
{
	return rd_from(w->p, w->n);
}

/* room for n bytes, or NULL and the flag set */
static unsigned char *
wr_room(struct wr *w, size_t n)
{
	unsigned char *at;

	if (w->over || w->cap - w->n < n) {
		w->over = true;
		return NULL;
	}
	at = w->p + w->n;
	w->n += n;
	return at;
}

static void
wr_be(struct wr *w, uint64_t v, size_t n)
{
	unsigned char *at = wr_room(w, n);

	if (at == NULL)
		return;
	while (n-- > 0) {
		at[n] = (unsigned char)(v & 0xff);
		v >>= 8;
	}
}

void
wr_u8(struct wr *w, uint8_t v)
{
	wr_be(w, v, 1);
}

void
wr_u16(struct wr *w, uint16_t v)
{
	wr_be(w, v, 2);
}

void
wr_u32(struct wr *w, uint32_t v)
{
	wr_be(w, v, 4);
}

void
wr_u64(struct wr *w, uint64_t v)
{
	wr_be(w, v, 8);
}

void
wr_bytes(struct wr *w, const void *p, size_t n)
{
	unsigned char *at = wr_room(w, n);

	if (at != NULL && n > 0)
		memcpy(at, p, n);
}

void
wr_rdr(struct wr *w, struct rd r)
{
	wr_bytes(w, r.p, r.n);
}

void
wr_str(struct wr *w, const char *s)
{
	wr_bytes(w, s, strlen(s));
}

void
wr_zeros(struct wr *w, size_t n)
{
	unsigned char *at = wr_room(w, n);

	if (at != NULL && n > 0)
		memset(at, 0, n);
}

void
wr_dec(struct wr *w, uint64_t v)
{
	char buf[20];
	size_t i = sizeof(buf);

	do {
		buf[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	wr_bytes(w, buf + i, sizeof(buf) - i);
}

void
wr_hex(struct wr *w, const void *p, size_t n)
{
	unsigned char *at;

	if (n > SIZE_MAX / 2) {
		w->over = true;
		return;
	}
	if ((at = wr_room(w, n * 2)) != NULL)
		hex_encode(at, p, n);
}

void
wr_b64(struct wr *w, const void *p, size_t n, bool pad)
{
	unsigned char *at;

	if (n > SIZE_MAX / 2) {
		w->over = true;
		return;
	}
	if ((at = wr_room(w, b64_length(n, pad))) != NULL)
		b64_encode(at, p, n, pad);
}

bool
wr_cstr(struct wr *w)
{
	if (w->over || w->n == w->cap)
		return false;
	w->p[w->n] = '\0';
	return true;
}
