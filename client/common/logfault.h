/* SPDX-License-Identifier: ISC */
/*
 * logfault.h - which files of a log are not what its checkpoint signs?
 *
 * Bundles and hash tiles carry no signature; the one signed root stands for
 * them all.  Where the entries give it, every hash tile is held against them;
 * where they do not, the hashes are believed as far as they fold up to it, and
 * every bundle is held against those: so what was altered is named, and not
 * merely that something was.
 */
#ifndef ECR_LOGFAULT_H
#define ECR_LOGFAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/common/mirror.h"
#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/tree.h"

enum logfault_what {
	LOGFAULT_MISSING,	/* there must be such a file, and there is none */
	LOGFAULT_LENGTH,	/* not of the form and length of its name */
	LOGFAULT_TILE,		/* hashes that the signed root does not cover */
	LOGFAULT_BUNDLE,	/* entries that the signed root does not cover */
	LOGFAULT_ALL,		/* neither entries nor hashes give the root */
	/* And what the log has signed, but must not: */
	LOGFAULT_ENTRY,		/* an entry that is none */
	LOGFAULT_ORDER		/* an entry out of order, or twice */
};

struct logfault {
	enum logfault_what what;
	struct tile tile;
	char name[80];		/* "log/tile/..."; "log/tile" for all */
	uint64_t index;		/* of a bundle's entry, where it is one */
};
/* "missing", "altered"; what is wrong with an entry that was signed. */
const char *logfault_words(enum logfault_what what);
/* It is the log's own doing: no stick and no courier can have done it. */
bool logfault_is_signed(enum logfault_what what);

/*
 * The bytes of a tile or bundle, of exactly its width; freed with
 * file_free().  ERR_NOTFOUND and ERR_FORMAT are faults; others end the
 * search.
 */
typedef int logfault_fetch(void *arg, const struct tile *t,
    unsigned char **out);
typedef void logfault_say(void *arg, const struct logfault *f);

/* A log somewhere, and the tree that its checkpoint signs. */
struct logfault_search {
	uint64_t size;
	const unsigned char *root;
	logfault_fetch *fetch;
	logfault_say *say;	/* once for each file */
	void *arg;
};

/*
 * Whoever signs a size that no log has could have a file missing for longer
 * than anybody waits: after so many the search is over.
 */
#define LOGFAULT_MAX	100000

/*
 * logfault_find - every file that is wrong, LOGFAULT_MAX at most; *n is how
 * many were said.
 * Errors: ERR_NOMEM, and fetch's own but the two.
 */
MUST_USE int logfault_find(const struct logfault_search *s, uint64_t *n);

/* A fetch out of a mirror; a partial one may be the front of the full one. */
MUST_USE int logfault_mirror(struct mirror *m, const struct tile *t,
    unsigned char **out);

#endif
