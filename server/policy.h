/* SPDX-License-Identifier: ISC */
/*
 * policy.h - what GET /policy says: one JSON object, for information.
 *
 * Pure.  Clients take keys from the keyset alone.
 */
#ifndef ECR_POLICY_H
#define ECR_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/note.h"
#include "crypto/wr.h"

#define POLICY_MAX_BYTES	16384
#define POLICY_OUTBOX_MAX	(4u << 20)

struct policy {
	const struct vkey *log;		/* its name is the origin */
	const struct vkey *role;
	size_t nrole;
	uint64_t epoch_seconds, epoch_close;
	uint64_t batch;
	unsigned work_bits;
	size_t cosignatures;		/* on the checkpoint that is served */
};

void policy_write(struct wr *w, const struct policy *p);

#endif
