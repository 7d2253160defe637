/* SPDX-License-Identifier: ISC */
/*
 * fuzz_policy.c - any bytes as a server's policy, and as the body of a 429.
 *
 * No server makes a client work without end, whatever it says.
 */
#include <stdint.h>
#include <stdlib.h>

#include "client/report/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drop_policy p;
	unsigned bits = 0;

	if (drop_policy_parse(&p, rd_from(data, size)) == 0 &&
	    (p.work_bits > 24 || p.epoch_close > INT64_MAX ||
	    p.epoch_seconds > INT32_MAX))
		abort();
	if (drop_policy_bits(&bits, rd_from(data, size)) == 0 && bits > 24)
		abort();
	return 0;
}
