/* SPDX-License-Identifier: ISC */
/*
 * recover.h - a desk that was restored from a backup goes on from the newest
 * statement of its role in the public log.
 */
#ifndef ECR_RECOVER_H
#define ECR_RECOVER_H

#include <stddef.h>

#include "client/common/mirror.h"
#include "client/desk/desk.h"
#include "client/desk/outstore.h"

/* What recovery would adopt. */
struct recovery {
	struct stmt newest;		/* of this role, in the log */
	uint64_t keyset_sequence;
	size_t lost;			/* published keys whose secrets are
					 * not here */
	int32_t lost_from, lost_to;	/* the days that they span */
};

/*
 * recover_look - what there is to adopt: the newest statement that an import
 * has found, and the keyset that it names, out of the mirror.  Exit code.
 */
MUST_USE int recover_look(struct recovery *rc, struct desk *d,
    struct mirror *m);

/*
 * recover_adopt - sequence, erase index and keyset sequence are those of the
 * log from now on, and the desk log goes on in a new generation.  One
 * transaction.  Exit code.
 */
MUST_USE int recover_adopt(struct desk *d, const struct recovery *rc);

#endif
