/* SPDX-License-Identifier: ISC */
/*
 * bech32.h - Bech32 strings (BIP-173 checksum, no length limit) as age
 * writes its keys.
 *
 * Refused: mixed case, a wrong checksum, non-zero or superfluous padding
 * bits, anything outside printable ASCII.  The separator is the last '1'.
 */
#ifndef ECR_BECH32_H
#define ECR_BECH32_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/rd.h"
#include "crypto/wr.h"

/*
 * bech32_encode - write the string for n bytes under a lower-case hrp.
 * upper writes the whole string in upper case.  Overflow sets w's flag.
 */
void bech32_encode(struct wr *w, const char *hrp, const void *p, size_t n,
    bool upper);

/*
 * bech32_decode - exactly n bytes out of text under this hrp.
 * upper: the string must be all upper case, else all lower case.
 * Errors: ERR_FORMAT.  out is wiped on error.
 */
MUST_USE int bech32_decode(void *out, size_t n, const char *hrp,
    struct rd text, bool upper);

/*
 * bech32_decode_any - BIP-173 in general, for its vectors: either case.
 * hrp_out receives the lower-case hrp and a NUL.
 */
MUST_USE int bech32_decode_any(char *hrp_out, size_t hrp_cap, void *out,
    size_t cap, size_t *n, struct rd text);

#endif
