/* SPDX-License-Identifier: ISC */
/*
 * tlogproof.h - a proof that an entry is in the log, in one file that can be
 * checked without a network (C2SP tlog-proof).
 *
 * A parsed proof is believed in no part before tlogproof_verify() held.
 * What its "extra" line says is never authenticated.
 *
 * Source: docs/formats/log.md section 6.
 */
#ifndef ECR_TLOGPROOF_H
#define ECR_TLOGPROOF_H

#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/proof.h"
#include "crypto/rd.h"
#include "crypto/tlogpolicy.h"
#include "crypto/wr.h"

#define TLOGPROOF_EXTRA_MAX	4096	/* bytes, once decoded */

struct tlogproof {
	unsigned char untrusted_extra[TLOGPROOF_EXTRA_MAX];
	size_t untrusted_n;			/* 0: no such line */
	uint64_t index;
	struct proof path;
	struct rd checkpoint;			/* the note, not parsed */
};

/*
 * tlogproof_parse - p->checkpoint is a view into bytes.
 * Errors: ERR_FORMAT; ERR_LIMIT (more than NOTE_MAX_BYTES).
 */
MUST_USE int tlogproof_parse(struct tlogproof *p, struct rd bytes);
void tlogproof_write(struct wr *w, const struct tlogproof *p);

/*
 * tlogproof_verify - the log of this origin holds an entry of this leaf hash
 * at p->index, says a checkpoint that satisfies the policy.
 *
 * origin  the log that is meant; an empty view takes any log of the policy
 * *c      the checkpoint; its origin points into p->checkpoint
 * *who    who cosigned
 * Errors: those of tlogpolicy_check(); ERR_CHANGED (a log of the policy, but
 *         not of this origin); ERR_FORMAT and ERR_AUTH of proof_inclusion().
 */
MUST_USE int tlogproof_verify(const struct tlogproof *p, struct sha256 *h,
    const unsigned char leaf[static HASH_BYTES], struct rd origin,
    const struct tlogpolicy *policy, struct checkpoint *c,
    struct cosigners *who);

#endif
