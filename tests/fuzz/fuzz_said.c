/* SPDX-License-Identifier: ISC */
/*
 * fuzz_said.c - any bytes as what an auditor wrote beside the state.
 *
 * What is taken is written again, and read as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/audit/said.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char text[SAID_FILE_MAX];
	static struct said a, b;
	struct wr w = wr_from(text, sizeof(text));

	if (said_parse(&a, rd_from(data, size)) != 0)
		return 0;
	said_write(&w, &a);
	if (!wr_ok(&w) || said_parse(&b, wr_rd(&w)) != 0 ||
	    memcmp(&a, &b, sizeof(a)) != 0)
		abort();
	return 0;
}
