/* SPDX-License-Identifier: ISC */
/*
 * fuzz_vkey.c - any bytes as a verifier key.
 *
 * What parses is written back as it stood.
 */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size);
	unsigned char buf[NAME_MAX_BYTES + 64];
	struct wr w = wr_from(buf, sizeof(buf));
	struct vkey k, again;

	/* A seed may end in an LF, as files do. */
	if (in.n > 0 && in.p[in.n - 1] == '\n')
		in.n--;
	if (vkey_parse(&k, in) != 0)
		return 0;
	vkey_write(&w, &k);
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in) ||
	    vkey_make(&again, rd_str(k.name), k.type, k.pk) != 0 ||
	    !vkey_eq(&k, &again))
		abort();
	return 0;
}
