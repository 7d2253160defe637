/* SPDX-License-Identifier: ISC */
/*
 * jsonwipe.c - jansson gives back no memory with a report's words in it.
 *
 * The block's own length is asked of malloc, so that memory made before the
 * change, or freed by free(), is right as well.
 */
#include <malloc.h>
#include <stdlib.h>

#include <jansson.h>
#include <sodium.h>

#include "client/common/jsonwipe.h"

static void
wipe_and_free(void *p)
{
	if (p == NULL)
		return;
	sodium_memzero(p, malloc_usable_size(p));
	free(p);
}

/* see jsonwipe.h */
void
json_wipe_memory(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}
