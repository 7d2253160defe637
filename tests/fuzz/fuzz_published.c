/* SPDX-License-Identifier: ISC */
/* Objects that were found lie inside the area and fill it. */
#include <stdlib.h>

#include "server/published.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd object[PUB_KINDS];
	size_t total = 0;
	unsigned i;

	if (published_parse(object, rd_from(data, size)) != 0)
		return 0;
	for (i = 0; i < PUB_KINDS; i++) {
		if (object[i].p < data || object[i].p > data + size)
			abort();
		total += object[i].n + 5;
	}
	if (total != size)
		abort();
	return 0;
}
