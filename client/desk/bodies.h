/* SPDX-License-Identifier: ISC */
/*
 * bodies.h - what a mirror has for the new entries of its log: parcels and
 * statements.  Replies are the reporters'; the desk has no use for them.
 */
#ifndef ECR_DESK_BODIES_H
#define ECR_DESK_BODIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/mirror.h"
#include "client/common/office.h"
#include "crypto/entry.h"
#include "crypto/note.h"

struct bodies {
	struct mirror *m;
	const struct mirror_log *log;
	uint64_t erased;	/* parcels below: erased by this role itself */
	uint64_t newest;	/* sequence of its newest statement; 0: none */
	uint64_t before;	/* parcels below: erased before this role had
				 * a word in it */
	bool joins;		/* that would help, and the others' keys are
				 * not known */
};

/* Why a parcel may be gone. */
enum bodies_gone {
	BODIES_HELD,		/* it may not */
	BODIES_ERASED,		/* this role has ordered it */
	BODIES_BEFORE		/* the others had, before it could */
};

/*
 * bodies_init - m and log are borrowed; looks for the statements of this
 * role (k) among the new entries, and how far they have erased.
 *
 * A role that joins later finds parcels erased that it never saw.  The server
 * erases what every role lets go that it knows, and it knows a role that has
 * said something.  So where this role has no statement in the log yet
 * (silent), what the other roles' statements let go that stand in epochs
 * before its own first one may be gone, and no more.  The office is in the
 * configuration from the start: for its own desk this never holds.
 * others  this role's key among them, and ROLE_OFFICE's; has[] all false
 *         where they are not known
 * Errors: ERR_NOMEM.
 */
MUST_USE int bodies_init(struct bodies *b, struct mirror *m,
    const struct mirror_log *log, const struct vkey *k,
    const struct office *others, bool silent);

/* New entry i.  ERR_FORMAT. */
MUST_USE int bodies_entry(const struct bodies *b, size_t i, struct entry *e);

/*
 * bodies_read - the body of a parcel's or a statement's entry, if it is there
 * and is what the log says.
 * *what  in words, where it is not
 * Errors: ERR_NOTFOUND, ERR_CHANGED, the mirror's, ERR_NOMEM.
 * Owns:   the caller frees *body with file_free().
 */
MUST_USE int bodies_read(const struct bodies *b, const struct entry *e,
    unsigned char **body, size_t *n, const char **what);

/*
 * bodies_lack_replies - is this leaf's body a statement of this role that names
 * replies which the new entries of its close do not have?  A server must log
 * them with it.  Errors: ERR_NOMEM.
 */
MUST_USE int bodies_lack_replies(const struct bodies *b, uint64_t leaf,
    struct rd body, const struct vkey *k, bool *lack);

/* May the body at this leaf be gone? */
enum bodies_gone bodies_gone(const struct bodies *b, uint64_t leaf,
    const struct entry *e);

/* Every body of the new entries; names what is wrong; exit code. */
MUST_USE int bodies_check(const struct bodies *b, const char *path);

#endif
