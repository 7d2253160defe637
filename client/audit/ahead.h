/* SPDX-License-Identifier: ISC */
/*
 * ahead.h - a mirror's files read by another thread while their hashes are
 * computed: bundle, tile of level 0, the next bundle, and so on.
 *
 * It only reads, and gives up at the first thing that is not as it should
 * be; then whoever asked reads it again and says what is wrong.
 */
#ifndef ECR_AUDIT_AHEAD_H
#define ECR_AUDIT_AHEAD_H

#include <stdint.h>

#include "client/audit/source.h"
#include "crypto/tree.h"

struct ahead;

/*
 * ahead_start - from the bundle of entry `from` on, for a log of size to.
 * NULL where there is nothing to gain: a server, a few files, no thread.
 */
struct ahead *ahead_start(const struct source *src, uint64_t from,
    uint64_t to);
/*
 * The bytes of t if they are what comes next; they stand until the next call.
 * NULL: ask the source.
 */
const unsigned char *ahead_take(struct ahead *a, const struct tile *t);
void ahead_stop(struct ahead *a);

#endif
