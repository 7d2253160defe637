/* SPDX-License-Identifier: ISC */
/*
 * fuzz_evidence.c - any bytes as a file of evidence.
 *
 * It never convicts by accident: where it does, two notes of one key, or a
 * note and a receipt, were signed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/audit/recheck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keys keys;
	struct recheck c;

	if (recheck_run(&c, rd_from(data, size), &keys) != 0)
		return 0;
	if (c.why == NULL || c.log.type != NOTE_ED25519 ||
	    (c.verdict == RECHECK_CONVICTS && c.size == 0))
		abort();
	return 0;
}
