/* SPDX-License-Identifier: ISC */
/*
 * store_help.h - a data directory of its own for each test of the store.
 */
#ifndef ECR_TEST_STORE_HELP_H
#define ECR_TEST_STORE_HELP_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/params.h"
#include "server/epoch.h"
#include "server/logkey.h"

#define HELP_ORIGIN	"drop.example/log1"

/* Makes a temporary folder, a data directory in it, and goes there. */
void help_enter(void);
void help_key(struct logkey *k);

/* Epochs with small numbers: batch 4, 64 parcels, 10 seconds. */
void help_epochs(struct epochs *e, const struct logkey *k, uint64_t now);
/* The folder of its fork guard; stands until the next call. */
int help_guard(void);
struct clock_now help_now(uint64_t now);

/*
 * A made-up parcel, the same for the same number, that no parcel check has
 * seen; its digest.
 */
void help_parcel(unsigned char out[static PARCEL_BYTES],
    unsigned char digest[static HASH_BYTES], uint32_t number);
/* n of them, from number on, each in a transaction of its own. */
void help_fill(struct epochs *e, uint32_t number, uint32_t n);

/*
 * Pages of a live LMDB file: the offset of the next run of pages that holds
 * one body, from offset at on; n: there is none.
 */
size_t help_next_body(const unsigned char *file, size_t n, size_t at);
#define HELP_PAGE_HEAD	16
unsigned char *help_slurp(const char *path, size_t *n);	/* free() */

#endif
