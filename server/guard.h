/* SPDX-License-Identifier: ISC */
/*
 * guard.h - the fork guard: the newest checkpoint that was signed, kept apart
 * from the log, so that a log which went back in time is noticed.
 *
 * One file in a folder of its own, outside the data directory and never in a
 * backup.  It moves on after a close is on disk and before anything of it is
 * shown; what it holds is what may be shown.  A log that is behind it, or is
 * no continuation of it, is not served and signs nothing: an old copy of the
 * data directory would otherwise become a second log under the same key.
 *
 * The file is a signed note, byte for byte as it is served; it gives away
 * nothing that is not public.
 */
#ifndef ECR_GUARD_H
#define ECR_GUARD_H

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/rd.h"
#include "crypto/tree.h"
#include "server/drop.h"

#define GUARD_SUFFIX	".guard"	/* DATADIR.guard, by default */
#define GUARD_FILE	"checkpoint"

enum guard_state {
	GUARD_UNREAD,		/* not looked at yet, or not readable */
	GUARD_HOLDS,
	GUARD_NONE,		/* there is no file */
	GUARD_FOREIGN,		/* no checkpoint of this log and key */
	GUARD_AHEAD,		/* the log is shorter than it was */
	GUARD_FORK		/* the log is not its continuation */
};

struct guard {
	int dir;			/* the folder; stays the caller's */
	enum guard_state state;
	uint64_t size;			/* of the tree it has seen */
	unsigned char root[HASH_BYTES];
	unsigned char note[DROP_CHECKPOINT_MAX];
	size_t n;
};

/*
 * guard_create - the first one; never in the place of another.
 * Errors: ERR_EXISTS, ERR_IO.
 */
MUST_USE int guard_create(int dir, struct rd note);
/* For init: the folder, unless it is there, and the first one in it. */
MUST_USE int guard_create_at(const char *path, struct rd note);

/* What it made, after an error that counts more than whether this works. */
void guard_remove_at(const char *path);

/*
 * guard_read - the file, and that it is this log's.  g->dir is set.
 * Errors: ERR_NOTFOUND, ERR_CHANGED (of another log or key, or no note),
 *         ERR_IO; g->state says which.
 */
MUST_USE int guard_read(struct guard *g, const struct vkey *vk);
/*
 * guard_start - guard_read(), and may the log go on?  A log that is ahead
 * and its continuation, as a kill between commit and guard leaves it, moves
 * it on.  Errors besides: ERR_CHANGED (AHEAD, FORK), those of drop_begins().
 */
MUST_USE int guard_start(struct guard *g, struct drop *d,
    const struct vkey *vk);
/*
 * guard_move - to d's checkpoint, whose tree continues the one it has seen.
 * Errors: ERR_ORDER (the file is not as we left it: somebody else writes
 *         there; or d is no continuation), ERR_IO.
 */
MUST_USE int guard_move(struct guard *g, struct drop *d,
    const struct vkey *vk);
/* What may be shown. */
struct rd guard_note(const struct guard *g);

/* One sentence for the operator; for GUARD_HOLDS, too. */
const char *guard_why(enum guard_state state);

#endif
