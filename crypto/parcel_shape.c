/* SPDX-License-Identifier: ISC */
/*
 * parcel_shape.c - is this a parcel?  Asked byte by byte, without any key.
 *
 * A parcel's header has every byte at a fixed place, so the check is a walk
 * over a table of fields: fixed text, or base64 of a known length whose last
 * character must leave its unused bits zero.  The payload may be anything.
 *
 * Invariant: seen counts the bytes that were good, or is SIZE_MAX.
 */
#include <stdint.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/parcel.h"

#define STANZA_ENC_AT	18		/* enc inside its stanza */
#define STANZA_ENC_CHARS 1494
#define SHARE_BYTES	32		/* X25519, at the end of enc */
#define SHARE_AT	(HPKE_ENC_BYTES - SHARE_BYTES)
#define SHARE_IN_GROUP	(SHARE_AT % 3)	/* where in its base64 group */
#define SHARE_GROUP_AT	(SHARE_AT / 3 * 4)
#define STANZA_AT(i)	(22 + (size_t)AGE_STANZA_BYTES * (i))

/* One field of the header: fixed text, or base64. */
struct field {
	size_t n;
	const char *text;		/* NULL: base64 */
	unsigned unused;		/* low bits of the last character */
};

#define STANZA							\
	{ STANZA_ENC_AT, "-> mlkem768x25519 ", 0 },		\
	{ STANZA_ENC_CHARS, NULL, 0x0f },			\
	{ 1, "\n", 0 },						\
	{ 43, NULL, 0x03 },					\
	{ 1, "\n", 0 }

static const struct field fields[] = {
	{ 22, "age-encryption.org/v1\n", 0 },
	STANZA, STANZA, STANZA, STANZA,
	{ 4, "--- ", 0 },
	{ 43, NULL, 0x03 },
	{ 1, "\n", 0 },
};

/* A character's six bits; BAD where it is not of the alphabet. */
#define BAD	0x80
static const uint8_t sextet[256] = {
#define B4	BAD, BAD, BAD, BAD
#define B16	B4, B4, B4, B4
	B16, B16,
	B4, B4, BAD, BAD, BAD, 62, BAD, BAD, BAD, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, BAD, BAD, B4,
	BAD, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, BAD, B4,
	BAD, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, BAD, B4,
	B16, B16, B16, B16, B16, B16, B16, B16
#undef B16
#undef B4
};

/* Are these the field's bytes from place `at` on? */
static bool
field_ok(const struct field *f, size_t at, struct rd r)
{
	unsigned all = 0;
	size_t i;

	if (f->text != NULL)
		return memcmp(f->text + at, r.p, r.n) == 0;
	for (i = 0; i < r.n; i++)
		all |= sextet[r.p[i]];
	return !(all & BAD) &&
	    (at + r.n < f->n || !(sextet[r.p[r.n - 1]] & f->unused));
}

/* see parcel.h */
void
parcel_shape_init(struct parcel_shape *s)
{
	s->seen = 0;
}

/* see parcel.h */
int
parcel_shape_feed(struct parcel_shape *s, struct rd bytes)
{
	const struct field *f = fields;
	const struct field *end = fields + sizeof(fields) / sizeof(fields[0]);
	struct rd piece;
	size_t start = 0, left;

	if (s->seen > PARCEL_BYTES || bytes.n > PARCEL_BYTES - s->seen)
		goto bad;
	for (; f < end && !rd_done(&bytes); start += f->n, f++) {
		if (s->seen >= start + f->n)
			continue;
		left = start + f->n - s->seen;
		if (!rd_take(&bytes, &piece, left < bytes.n ? left : bytes.n) ||
		    !field_ok(f, s->seen - start, piece))
			goto bad;
		s->seen += piece.n;
	}
	s->seen += bytes.n;
	return 0;
bad:
	s->seen = SIZE_MAX;
	return ERR_FORMAT;
}

/*
 * Can somebody open a stanza with this enc?  Of an enc whose shape is right
 * only the X25519 share can be wrong, so the group of three bytes in which
 * it begins and what follows are all that is decoded.
 */
static bool
enc_ok(struct rd text)
{
	unsigned char tail[SHARE_BYTES + SHARE_IN_GROUP];

	return rd_skip(&text, SHARE_GROUP_AT) &&
	    b64_decode(tail, sizeof(tail), text, false) &&
	    hpke_check_share(tail + SHARE_IN_GROUP) == 0;
}

/* see parcel.h */
int
parcel_check(struct rd parcel)
{
	struct parcel_shape s;
	struct rd enc[PARCEL_SLOTS], rest;
	size_t i, j;

	parcel_shape_init(&s);
	if (parcel.n != PARCEL_BYTES || parcel_shape_feed(&s, parcel) != 0)
		return ERR_FORMAT;
	for (i = 0; i < PARCEL_SLOTS; i++) {
		rest = parcel;
		if (!rd_skip(&rest, STANZA_AT(i) + STANZA_ENC_AT) ||
		    !rd_take(&rest, &enc[i], STANZA_ENC_CHARS) ||
		    !enc_ok(enc[i]))
			return ERR_FORMAT;
		for (j = 0; j < i; j++)
			if (rd_eq(enc[i], enc[j]))
				return ERR_FORMAT;
	}
	return 0;
}
