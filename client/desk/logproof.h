/* SPDX-License-Identifier: ISC */
/*
 * logproof.h - that an entry is in the log, out of a mirror that was
 * verified: a tlog-proof file's text (crypto/tlogproof.h).
 */
#ifndef ECR_LOGPROOF_H
#define ECR_LOGPROOF_H

#include "client/common/mirror.h"
#include "crypto/entry.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

struct logproof;

/*
 * The log as mirror_log_read() has verified it, and whose signature lines go
 * into proofs: a server may have added any others.
 */
struct logproof_source {
	struct mirror *m;
	const struct mirror_log *log;
	const struct vkey *key;
	size_t nkeys;
};

/*
 * logproof_open - what from points to is borrowed for its life.
 * Errors: ERR_NOTFOUND, ERR_FORMAT, ERR_AUTH, ERR_IO (the mirror's hash
 *         tiles are missing or altered: wrong says which), ERR_NOMEM.
 */
MUST_USE int logproof_open(struct logproof **out,
    const struct logproof_source *from, char wrong[static 80]);
void logproof_close(struct logproof *p);

/*
 * logproof_write - the proof of this entry at this leaf, checked as whoever
 * gets it will.  Errors: as above; ERR_AUTH also where the entry does not
 * stand there, ERR_LIMIT where w overflowed.
 */
MUST_USE int logproof_write(struct wr *w, struct logproof *p, uint64_t leaf,
    const struct entry *e, char wrong[static 80]);

#endif
