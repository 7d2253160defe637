/* SPDX-License-Identifier: ISC */
/*
 * fuzz_entry.c - any bytes as a leaf of the log.
 *
 * What parses is written back as it stood.
 */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char again[ENTRY_BYTES];
	struct entry e;

	if (entry_parse(&e, rd_from(data, size)) != 0)
		return 0;
	entry_write(again, &e);
	if (!rd_eq(rd_from(again, sizeof(again)), rd_from(data, size)))
		abort();
	return 0;
}
