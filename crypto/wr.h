/* SPDX-License-Identifier: ISC */
/*
 * wr.h - the bounds-checked writer.
 *
 * A fixed buffer of the caller's and a sticky overflow flag: write all, then
 * ask wr_ok() once.  After an overflow nothing more is written.
 */
#ifndef ECR_WR_H
#define ECR_WR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/rd.h"

struct wr {
	unsigned char *p;
	size_t n;		/* written so far */
	size_t cap;
	bool over;
};

struct wr wr_from(void *p, size_t cap);
MUST_USE bool wr_ok(const struct wr *w);
struct rd wr_rd(const struct wr *w);		/* what was written */

void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
void wr_bytes(struct wr *w, const void *p, size_t n);
void wr_rdr(struct wr *w, struct rd r);
void wr_str(struct wr *w, const char *s);	/* without the NUL */
void wr_zeros(struct wr *w, size_t n);
void wr_dec(struct wr *w, uint64_t v);
void wr_hex(struct wr *w, const void *p, size_t n);	/* lower case */
/* Standard base64; pad says whether '=' fills up. */
void wr_b64(struct wr *w, const void *p, size_t n, bool pad);
/* A NUL that does not count; false where there is no room for it. */
MUST_USE bool wr_cstr(struct wr *w);

#endif
