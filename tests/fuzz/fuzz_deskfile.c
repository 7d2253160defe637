/* SPDX-License-Identifier: ISC */
/*
 * fuzz_deskfile.c - any bytes as DESK/desk and as a key file.
 *
 * What parses is written again as the same bytes; no key file opens that was
 * not sealed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/desk/deskfile.h"
#include "client/desk/deskkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char wrap[32] = { 1 };
	unsigned char again[DESKFILE_MAX_BYTES];
	struct wr w = wr_from(again, sizeof(again));
	struct deskfile f;
	struct deskkey k;

	if (deskfile_parse(&f, rd_from(data, size)) == 0) {
		deskfile_write(&w, &f);
		if (!wr_ok(&w) || w.n != size ||
		    memcmp(again, data, size) != 0)
			abort();
	}
	if (deskkey_open(&k, rd_from(data, size), wrap) == 0)
		abort();
	return 0;
}
