/* SPDX-License-Identifier: ISC */
/*
 * listeners.h - the sockets that strangers reach, bound by the parent.
 *
 * A TCP address gets one SO_REUSEPORT socket a front, so that the kernel
 * spreads connections; a Unix socket, or one that was handed over by socket
 * activation, is one socket that all fronts share.
 *
 * Bound is not listening: nobody is let in before the store is at work.
 */
#ifndef ECR_LISTENERS_H
#define ECR_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "crypto/err.h"
#include "server/conf.h"

#define LISTENERS_FRONTS_MAX	64

struct listeners {
	size_t n, fronts;
	struct listener {
		const struct conf_listen *where;
		bool shared, inherited;
		uint16_t port;			/* as bound */
		int fd[LISTENERS_FRONTS_MAX];	/* shared: fd[0] alone */
	} of[CONF_LISTEN_MAX];
};

/*
 * listeners_open - all sockets of c, for so many fronts.  Sockets that were
 * passed by LISTEN_FDS serve the lines that name their address; one that no
 * line names is refused.  uid and gid become the owners of a Unix socket
 * (-1: stay).  Says with diag() what is wrong.  Errors: ERR_IO, ERR_FORMAT.
 */
MUST_USE int listeners_open(struct listeners *ls, const struct conf *c,
    size_t fronts, uid_t uid, gid_t gid);
/* How many sockets were passed to this very process; says so once. */
size_t listeners_passed(void);
/* From now on connections are taken.  ERR_IO. */
MUST_USE int listeners_start(struct listeners *ls);
/* The socket of this line for this front; not given away. */
int listeners_fd(const struct listeners *ls, size_t line, size_t front);
/* "ecrdropd: listening on tls 127.0.0.1:43217", one line each. */
void listeners_say(const struct listeners *ls);
/*
 * listeners_close - and nobody is let in any more, whoever else holds our
 * sockets; one that was passed to us goes on queueing for who passed it.
 */
void listeners_close(struct listeners *ls);

#endif
