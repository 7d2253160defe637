/* SPDX-License-Identifier: ISC */
/*
 * logdir.h - a mirror with a small signed log, made for tests.
 */
#ifndef ECR_TEST_LOGDIR_H
#define ECR_TEST_LOGDIR_H

#include <stdint.h>

#include "client/common/mirror.h"
#include "crypto/note.h"

#define LOGDIR_ORIGIN	"drop.example/log1"

struct logdir {
	struct vkey key;
	unsigned char sk[64];
	uint64_t fork_at;	/* entries from here on are another log's */
	uint64_t twice_at;	/* this one is the one before again */
};

void logdir_key(struct logdir *l);
/* Entry i of every such log: one of 16 parcels of epoch 1000 + i / 16. */
void logdir_entry(unsigned char out[static ENTRY_BYTES], uint64_t i);
/* Tiles, bundles and checkpoint of a log of this size. */
void logdir_write(struct logdir *l, struct mirror *m, uint64_t size);
/* One bit of one byte of a file below tmpdir's "mirror". */
void logdir_flip(const char *name, long at);

#endif
