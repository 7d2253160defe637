/* SPDX-License-Identifier: ISC */
/*
 * jsonwipe.h - jansson gives back no memory with a report's words in it.
 */
#ifndef ECR_JSONWIPE_H
#define ECR_JSONWIPE_H

/*
 * From now on whatever jansson frees is wiped first.  May be called at any
 * time and again: the memory stays malloc()'s own.
 */
void json_wipe_memory(void);

#endif
