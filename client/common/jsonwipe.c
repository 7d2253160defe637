/* SPDX-License-Identifier: ISC */
/*
 * jsonwipe.c - jansson gives back no memory with a report's words in it.
 *
 * The block's own length is asked of malloc, so that memory made before the
 * change, or freed by free(), is right as well.
 *
 * The only state is whether an allocation has failed.
 */
#include <malloc.h>
#include <stdlib.h>

#include <jansson.h>
#include <sodium.h>

#include "client/common/jsonwipe.h"

static bool json_was_refused;

static void *
give(size_t n)
{
	void *p = malloc(n);

	if (p == NULL)
		json_was_refused = true;
	return p;
}

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
	json_set_alloc_funcs(give, wipe_and_free);
}

/* see jsonwipe.h */
bool
json_memory_failed(void)
{
	const bool was = json_was_refused;

	json_was_refused = false;
	return was;
}
