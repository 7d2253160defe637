/* SPDX-License-Identifier: ISC */
/*
 * source.h - where an auditor's bytes come from: a server, or a mirror.
 *
 * Both have the same names ("log/checkpoint", "log/tile/...").  Nothing that
 * comes from here is believed.
 */
#ifndef ECR_AUDIT_SOURCE_H
#define ECR_AUDIT_SOURCE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bundle.h"
#include "crypto/err.h"
#include "crypto/tree.h"

struct source;

struct source_how {
	const char *cacert, *proxy;	/* NULL: none */
	const char *token;		/* secret; NULL: none */
	unsigned tries;			/* at one request, at least 1 */
	const volatile sig_atomic_t *stop;	/* set: calls end; NULL */
};

/*
 * source_open - where has "://" in it: a URL; else a mirror's folder.
 * Says what is wrong; returns an exit code.
 */
MUST_USE int source_open(struct source **out, const char *where,
    const struct source_how *how);
void source_close(struct source *s);
/* The same mirror once more, for another thread; NULL: a server, no memory. */
struct source *source_twin(const struct source *s);

/*
 * source_get - one object of at most max bytes.
 * Owns:   the caller frees *out with file_free().
 * Errors: ERR_NOTFOUND (not there: a server that is well says 404),
 *         ERR_LIMIT (longer than max), ERR_AUTH (the token is not taken),
 *         ERR_FORMAT (a mirror's: no plain file), ERR_IO (out of reach, or
 *         an answer that shows nothing: busy, go elsewhere; or stopped),
 *         ERR_NOMEM.  source_why() has words.
 */
MUST_USE int source_get(struct source *s, const char *name, size_t max,
    unsigned char **out, size_t *n);

/*
 * source_tile - a tile or entry bundle: exactly its bytes.  A partial one
 * that is gone is the beginning of the one that this size has in its place.
 *
 * out     width times 32 or BUNDLE_UNIT bytes: SOURCE_TILE_BYTES at most
 * name    what was looked for
 * Errors: as above; ERR_FORMAT also for another length.
 */
#define SOURCE_TILE_BYTES	BUNDLE_BYTES
MUST_USE int source_tile(struct source *s, const struct tile *t,
    uint64_t size, unsigned char *out, char name[static 80]);

/* Why the last call failed; plain words, no address in them. */
const char *source_why(const struct source *s);

#endif
