/* SPDX-License-Identifier: ISC */
/*
 * ask.h - requests with patience: asked again where no answer came, or 503.
 */
#ifndef ECR_ASK_H
#define ECR_ASK_H

#include <stddef.h>

#include "client/common/net.h"
#include "crypto/err.h"

#define ASK_TRIES	6		/* by default */
#define ASK_TRIES_MAX	1000

/*
 * ask_get - net_get(), at most tries times (at least once), with pauses that
 * double up to half a minute, or as long as the server asks for.  Where
 * net_watch() says stop, the last try was the last.
 * Errors: those of net_get(); after the last try a 503 is an answer, too.
 */
MUST_USE int ask_get(struct net *n, const char *path, const char *token,
    size_t max, unsigned tries, struct net_answer *a);

/* The same for net_post(): only for what may arrive twice. */
MUST_USE int ask_post(struct net *n, const char *path,
    const char *const *headers, struct rd body, size_t max, unsigned tries,
    struct net_answer *a);

#endif
