/* SPDX-License-Identifier: ISC */
/*
 * rd.h - the bounds-checked reader; nothing else walks over input.
 *
 * A struct rd is a view: it never owns its bytes and must not outlive them.
 * Every getter returns false when the bytes are not there, and then it has
 * consumed nothing and written nothing.  Integers are big-endian.
 */
#ifndef ECR_RD_H
#define ECR_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"

struct rd {
	const unsigned char *p;
	size_t n;
};

struct rd rd_from(const void *p, size_t n);
struct rd rd_str(const char *s);		/* without the final NUL */

bool rd_done(const struct rd *r);		/* nothing is left */
bool rd_eq(struct rd a, struct rd b);		/* not for secrets */
bool rd_eq_str(struct rd a, const char *s);

MUST_USE bool rd_u8(struct rd *r, uint8_t *v);
MUST_USE bool rd_u16(struct rd *r, uint16_t *v);
MUST_USE bool rd_u32(struct rd *r, uint32_t *v);
MUST_USE bool rd_u64(struct rd *r, uint64_t *v);

/* n bytes as a view, or copied out. */
MUST_USE bool rd_take(struct rd *r, struct rd *sub, size_t n);
MUST_USE bool rd_copy(struct rd *r, void *out, size_t n);
MUST_USE bool rd_skip(struct rd *r, size_t n);

/* A length of 16 or 32 bits, then that many bytes. */
MUST_USE bool rd_take16(struct rd *r, struct rd *sub);
MUST_USE bool rd_take32(struct rd *r, struct rd *sub);

/* Exactly these bytes stand next. */
MUST_USE bool rd_lit(struct rd *r, const char *lit);

/* All bytes before the next stop byte; the stop byte goes, too. */
MUST_USE bool rd_until(struct rd *r, unsigned char stop, struct rd *sub);
/* One line without its LF; refused where no LF follows. */
MUST_USE bool rd_line(struct rd *r, struct rd *line);

/*
 * The whole of r is one decimal number: digits only, no sign, no leading
 * zero, at most max.
 */
MUST_USE bool rd_dec(struct rd r, uint64_t max, uint64_t *v);

#endif
