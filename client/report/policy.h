/* SPDX-License-Identifier: ISC */
/*
 * policy.h - what a client needs of a server's /policy.
 *
 * What it says of keys is information only; keys come from the keyset.
 */
#ifndef ECR_POLICY_CLIENT_H
#define ECR_POLICY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/rd.h"

struct drop_policy {
	uint64_t epoch_close, epoch_seconds;
	unsigned work_bits;
};

/*
 * Errors: ERR_FORMAT (not a policy), ERR_CHANGED (a server of another
 * version: its parcels are not ours).
 */
MUST_USE int drop_policy_parse(struct drop_policy *p, struct rd json);
/*
 * drop_policy_ahead - does its epoch close so far ahead of this clock (seconds
 * since 1970) that a receipt for it would be a promise that never falls due?
 */
bool drop_policy_ahead(const struct drop_policy *p, uint64_t now);
/* The body of a 429: {"bits":N}. */
MUST_USE int drop_policy_bits(unsigned *bits, struct rd json);

#endif
