/* SPDX-License-Identifier: ISC */
/*
 * base.h - hexadecimal and base64, strict.
 *
 * Encoders write no NUL.  Decoders take one encoding a value: lower-case
 * hexadecimal; the standard base64 alphabet, padded or not as asked, unused
 * low bits zero, no white space.  Time does not depend on the bytes' values.
 */
#ifndef ECR_BASE_H
#define ECR_BASE_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/err.h"
#include "crypto/rd.h"

void hex_encode(void *out, const void *p, size_t n);	/* 2n characters */
/* Exactly n bytes out of exactly 2n characters. */
MUST_USE bool hex_decode(void *out, size_t n, struct rd text);

size_t b64_length(size_t n, bool pad);
void b64_encode(void *out, const void *p, size_t n, bool pad);
/* Exactly n bytes out of exactly b64_length(n, pad) characters. */
MUST_USE bool b64_decode(void *out, size_t n, struct rd text, bool pad);
/* Up to cap bytes; how many is written to *n. */
MUST_USE bool b64_decode_some(void *out, size_t cap, size_t *n,
    struct rd text, bool pad);

#endif
