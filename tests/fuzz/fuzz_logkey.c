/* SPDX-License-Identifier: ISC */
/*
 * fuzz_logkey.c - the log key's file; what is let through can sign.
 */
#include <sodium.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/secret.h"
#include "server/logkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char text[] = "text\n";
	unsigned char buf[1024];
	struct wr w = wr_from(buf, sizeof(buf));
	struct logkey k;

	if (secret_init() == ERR_ORDER)
		abort();
	if (logkey_parse(&k, rd_from(data, size)) != 0) {
		if (k.sk != NULL)
			abort();
		return 0;
	}
	if (note_sign(&w, rd_from(text, sizeof(text) - 1), &k.vk, k.sk) != 0)
		abort();
	logkey_wipe(&k);
	return 0;
}
