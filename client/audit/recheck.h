/* SPDX-License-Identifier: ISC */
/*
 * recheck.h - does a file of evidence show what it says?  Offline, for
 * somebody who was not there: believes the log's key and nothing else.
 *
 * Every signature is checked again, every proof and every root computed
 * again; what the file says in words is not looked at.
 */
#ifndef ECR_AUDIT_RECHECK_H
#define ECR_AUDIT_RECHECK_H

#include "client/audit/evidence.h"
#include "client/audit/keys.h"

enum recheck_verdict {
	RECHECK_CONVICTS,	/* whoever holds the log's key */
	RECHECK_SHOWS,		/* it was so; there may be an innocent reason */
	RECHECK_TELLS,		/* nothing in it that others could check */
	RECHECK_FAILS		/* it does not show what it says */
};

struct recheck {
	enum evidence_kind kind;
	enum recheck_verdict verdict;
	const char *why;	/* plain words; static */
	struct vkey log;	/* the one in the file */
	uint64_t size, earlier;	/* of the two trees; 0: there is none */
};

/*
 * recheck_run - keys: a log key of one's own (has_log) must be the file's;
 * witnesses and their quorum say what the time was.
 * Errors: ERR_FORMAT (no evidence as docs/formats/evidence.md has it),
 *         ERR_LIMIT, ERR_NOMATCH (another log's key), ERR_NOMEM.
 */
MUST_USE int recheck_run(struct recheck *c, struct rd json,
    const struct keys *keys);

#endif
