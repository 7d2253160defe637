/* SPDX-License-Identifier: ISC */
/*
 * post.h - hand an outbox over: statements with their replies and keysets,
 * oldest first, in as few POSTs as the server's limit allows.
 *
 * A POST is taken as a whole or not at all, and one that was taken already is
 * no error: whoever was cut short does it again.
 */
#ifndef ECR_POST_H
#define ECR_POST_H

#include <stddef.h>
#include <stdint.h>

#include "client/common/net.h"
#include "crypto/err.h"
#include "crypto/rd.h"

struct post {
	struct net *net;
	const char *token;		/* secret */
	unsigned tries;			/* at one request, at least 1 */
};

struct post_result {
	size_t statements;		/* in the outbox */
	size_t taken;			/* in POSTs that brought something new */
	size_t held;			/* in POSTs that the server had already */
	size_t posts;
	uint64_t bytes;			/* of all that was delivered */
};

/*
 * post_run - outbox: all of it.  Says on stderr what went wrong; returns an
 * exit code.  res says how far it came.
 */
int post_run(const struct post *p, struct rd outbox, struct post_result *res);

/*
 * post_cut - the next records of an outbox that fit into max bytes together,
 * at least one; *n is how many.
 * Errors: ERR_FORMAT (no record stands next), ERR_LIMIT (it is over max).
 */
MUST_USE int post_cut(struct rd *outbox, size_t max, struct rd *cut,
    size_t *n);

#endif
