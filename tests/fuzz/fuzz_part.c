/* SPDX-License-Identifier: ISC */
/*
 * fuzz_part.c - any bytes as the beginning of a part; zeros fill it up.
 *
 * What parses is written back as it stood.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char plain[PARCEL_PLAIN_BYTES];
	static unsigned char again[PARCEL_PLAIN_BYTES];
	struct part p;

	if (part_parse(&p, rd_from(data, size)) == 0 &&
	    size != PARCEL_PLAIN_BYTES)
		abort();
	memset(plain, 0, sizeof(plain));
	if (size > 0)
		memcpy(plain, data, size < sizeof(plain) ? size :
		    sizeof(plain));
	if (part_parse(&p, rd_from(plain, sizeof(plain))) != 0)
		return 0;
	if (part_write(again, &p) != 0 ||
	    memcmp(plain, again, sizeof(plain)) != 0)
		abort();
	return 0;
}
