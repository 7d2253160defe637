/* SPDX-License-Identifier: ISC */
/*
 * logmade.h - a mirror with a large signed log, made quickly: entries only.
 *
 * The same in every run, and a log of one size begins with that of a smaller.
 * Whatever fails ends the program.
 */
#ifndef ECR_BENCH_LOGMADE_H
#define ECR_BENCH_LOGMADE_H

#include <stdint.h>

#include "crypto/note.h"

#define LOGMADE_ORIGIN	"drop.example/log1"

/* Tiles, bundles and checkpoint of this size in folder; *log: its key. */
void logmade_write(const char *folder, uint64_t size, struct vkey *log);

#endif
