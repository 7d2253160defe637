/* SPDX-License-Identifier: ISC */
/*
 * fuzz_metadata.c - any bytes as the beginning of a file.
 *
 * What was found is warned about, and the verdict on a file does not change
 * what kind it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/report/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd head = rd_from(data, size < METADATA_HEAD_BYTES ? size :
	    METADATA_HEAD_BYTES);
	const char *type = metadata_type(head);

	if (type == NULL || strchr(type, '/') == NULL)
		abort();
	if (metadata_found(head) && metadata_risk(head) == NULL)
		abort();
	if (size > 0 && strcmp(type, "application/octet-stream") == 0 &&
	    metadata_risk(head) == NULL)
		abort();
	return 0;
}
