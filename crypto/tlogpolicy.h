/* SPDX-License-Identifier: ISC */
/*
 * tlogpolicy.h - which logs and whose cosignatures a verifier asks for (C2SP
 * tlog-policy).
 *
 * Refuses what could be read in two ways: a name that is not yet defined or
 * defined twice, a key that stands twice, a member of two groups, a quorum
 * that is missing or stands twice.  Evaluation cannot fail: a set of
 * cosigners is enough or it is not.
 *
 * Source: docs/formats/log.md section 7.
 */
#ifndef ECR_TLOGPOLICY_H
#define ECR_TLOGPOLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/cosign.h"
#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/rd.h"
#include "crypto/tree.h"
#include "crypto/wr.h"

#define TLOGPOLICY_MAX_BYTES	65536
#define TLOGPOLICY_LOGS		32
#define TLOGPOLICY_WITNESSES	COSIGN_KEYS_MAX
#define TLOGPOLICY_GROUPS	32

/* A name is a witness's or a group's; all share one name space. */
struct tlogpolicy_group {
	struct rd name;
	unsigned need;			/* of its members, 1 or more */
	uint64_t members;		/* bit i: witness i; 32 + i: group i */
};

/* Every struct rd is a view into the bytes that were parsed. */
struct tlogpolicy {
	size_t nlogs, nwitnesses, ngroups;
	struct vkey log[TLOGPOLICY_LOGS];
	struct rd log_url[TLOGPOLICY_LOGS];		/* n is 0: none */
	struct vkey witness[TLOGPOLICY_WITNESSES];
	struct rd witness_name[TLOGPOLICY_WITNESSES];
	struct rd witness_url[TLOGPOLICY_WITNESSES];
	struct tlogpolicy_group group[TLOGPOLICY_GROUPS];
	uint64_t quorum;		/* one bit as in members; 0: none */
};

/*
 * tlogpolicy_parse - read a policy.
 *
 * *line   the number, from 1, of the line that is wrong; 0 if all was read
 *         and something is missing at the end
 * Errors: ERR_FORMAT; ERR_LIMIT (too many bytes, logs, witnesses, groups).
 */
MUST_USE int tlogpolicy_parse(struct tlogpolicy *p, struct rd text,
    unsigned *line);

/* Are these cosigners (of p->witness) enough? */
bool tlogpolicy_holds(const struct tlogpolicy *p, uint32_t set);

/*
 * tlogpolicy_time - the latest time for which the cosigners that cosigned
 * then or later are enough: what the quorum says, however much one witness's
 * clock is ahead.  False where they are not enough, or none are asked for.
 */
bool tlogpolicy_time(const struct tlogpolicy *p, const struct cosigners *c,
    uint64_t *time);

/*
 * tlogpolicy_check - a checkpoint by one of the policy's logs, cosigned by a
 * quorum.
 *
 * *log    which of p->log
 * *c      views into bytes
 * *who    whose cosignatures hold, whether or not they are enough
 * Errors: ERR_FORMAT (no note, no checkpoint, or its origin is not the name
 *         of the log's key), ERR_NOMATCH (signed by no log of the policy),
 *         ERR_AUTH (a line of a known key does not hold), ERR_ORDER (all
 *         holds, but it is not enough of a quorum).  At ERR_ORDER log, c and
 *         who are as on success.
 */
MUST_USE int tlogpolicy_check(const struct tlogpolicy *p, struct rd bytes,
    size_t *log, struct checkpoint *c, struct cosigners *who);

/*
 * tlogpolicy_write - a policy of one log and need of n witnesses, named w1
 * to wn; need 0 asks for none.  url may be NULL.
 *
 * Errors: ERR_FORMAT (need is above n, a key of the wrong type, a key twice,
 *         an url with a space or control), ERR_LIMIT.
 */
MUST_USE int tlogpolicy_write(struct wr *w, const struct vkey *log,
    const char *url, const struct vkey *witness, size_t n, unsigned need);

#endif
