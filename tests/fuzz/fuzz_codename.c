/* SPDX-License-Identifier: ISC */
/*
 * fuzz_codename.c - any bytes as a codename that was typed.
 *
 * What is taken, written in full, means the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codename.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char entropy[CODENAME_BYTES], again[CODENAME_BYTES];
	char text[CODENAME_CHARS];
	unsigned word;
	int r;

	r = codename_parse(entropy, rd_from(data, size), &word);
	if (r == ERR_NOTFOUND && (word < 1 || word > CODENAME_WORDS))
		abort();
	if (r != 0)
		return 0;
	codename_write(text, entropy);
	if (codename_parse(again, rd_str(text), &word) != 0 ||
	    memcmp(entropy, again, sizeof(again)) != 0)
		abort();
	return 0;
}
