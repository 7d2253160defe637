/* SPDX-License-Identifier: ISC */
/* What the configuration's parser takes is whole. */
#include <stdlib.h>
#include <string.h>

#include "server/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf c;
	const char *why = NULL;
	size_t line = 0, i;

	if (conf_parse(&c, rd_from(data, size), &line, &why) != 0) {
		if (why == NULL)
			abort();
		return 0;
	}
	if (c.nlisten == 0 || c.nlisten > CONF_LISTEN_MAX ||
	    c.nkeyset > CONF_KEYSET_MAX || c.slots == 0 ||
	    memchr(c.data, '\0', sizeof(c.data)) == NULL)
		abort();
	for (i = 0; i < c.nlisten; i++)
		if (memchr(c.listen[i].address, '\0', CONF_PATH_MAX) == NULL)
			abort();
	return 0;
}
