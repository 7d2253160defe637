/* SPDX-License-Identifier: ISC */
/*
 * utf8.h - strict UTF-8, for notes, names and JSON text.
 *
 * One encoding a character: overlong forms, surrogates, what lies above
 * U+10FFFF and sequences cut short are refused.
 */
#ifndef ECR_UTF8_H
#define ECR_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/rd.h"

/* The next character; false, and nothing consumed, where there is none. */
MUST_USE bool utf8_next(struct rd *r, uint32_t *c);
/* All of it is UTF-8; the empty string is. */
bool utf8_ok(struct rd r);
/* White space in any script (Unicode's White_Space property). */
bool utf8_is_space(uint32_t c);
/* C0, DEL and C1 control characters. */
bool utf8_is_control(uint32_t c);

#endif
