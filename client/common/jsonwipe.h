/* SPDX-License-Identifier: ISC */
/*
 * jsonwipe.h - jansson gives back no memory with a report's words in it.
 */
#ifndef ECR_JSONWIPE_H
#define ECR_JSONWIPE_H

#include <stdbool.h>

/*
 * From now on whatever jansson frees is wiped first.  May be called at any
 * time and again: the memory stays malloc()'s own.
 */
void json_wipe_memory(void);

/*
 * json_memory_failed - has jansson wanted memory and not got it, since it was
 * asked last?  What it then says of a text ("not JSON") may be untrue.
 */
bool json_memory_failed(void);

#endif
