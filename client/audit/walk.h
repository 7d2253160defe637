/* SPDX-License-Identifier: ISC */
/*
 * walk.h - the whole log, once through, in memory that does not grow.
 *
 * Every entry is read once, every tile of the size is compared with what the
 * entries give, and the root of it all with the signed one.  A walk that
 * begins at an older size first finds that size's edge under its own signed
 * root, so what is walked extends what was seen then.
 */
#ifndef ECR_AUDIT_WALK_H
#define ECR_AUDIT_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "client/audit/source.h"
#include "crypto/entry.h"
#include "crypto/params.h"
#include "crypto/tree.h"

/* What does not hold. */
enum walk_fault {
	WALK_FINE,
	WALK_MISSING,		/* an object that there must be is not */
	WALK_LENGTH,		/* it has not the length of its name */
	WALK_ENTRY,		/* an entry that is none */
	WALK_ORDER,		/* an entry out of order, or twice */
	WALK_TILE,		/* hashes that the entries do not give */
	WALK_ROOT,		/* entries that do not give the signed root */
	WALK_OLD		/* the old size has not its old root here */
};

struct walk_result {
	enum walk_fault fault;
	char name[80];		/* of the object, where it is one */
	uint64_t index;		/* of the entry, where it is one */
	uint64_t close;		/* of the newest entry; 0: there is none */
	unsigned char at_root[HASH_BYTES];
};

/*
 * An entry, in order; a result other than 0 ends the walk and is its own.
 */
typedef int walk_visit(void *arg, uint64_t index, const struct entry *e);

/*
 * A tile that was found right, finished or at the right edge; its entries
 * have been visited.  The hashes stand for the call.
 */
typedef void walk_tile(void *arg, const struct tile *t,
    const unsigned char (*hash)[HASH_BYTES]);

struct walk {
	struct source *src;
	uint64_t from;			/* seen before; 0: nothing was */
	const unsigned char *from_root;	/* signed then; NULL where from is 0 */
	uint64_t to;
	const unsigned char *to_root;	/* signed now */
	uint64_t at;			/* above from: whose root is asked */
	walk_visit *visit;		/* may be NULL */
	walk_tile *tile;		/* may be NULL */
	void *arg;
};

/*
 * walk_run - res has the root of the tree of size `at`, if there was one to
 * pass by, and the newest close.
 * Errors: ERR_CHANGED (res says what does not hold), ERR_IO and
 * others of source_get() (source_why() has words, res->name the object),
 * ERR_NOMEM, and what visit returned.
 */
MUST_USE int walk_run(const struct walk *w, struct walk_result *res);

/* Plain words for what does not hold; a static string. */
const char *walk_words(enum walk_fault fault);

#endif
