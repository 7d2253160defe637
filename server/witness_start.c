/* SPDX-License-Identifier: ISC */
/*
 * witness_start.c - the parent's part of the witness role.
 *
 * One datagram socket goes to every store of every generation; at its other
 * end is the role, which is older than all of them, or the socket of a
 * service of its own.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/log.h"
#include "server/parent_int.h"
#include "server/spawn.h"

/* The service's socket outlives the service; ours stays good, too. */
static int
find_service(struct parent *p, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, path, strlen(path));	/* conf.c: it fits */
	p->witness = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (p->witness != -1 && connect(p->witness,
	    (const struct sockaddr *)&a, sizeof(a)) == 0)
		return 0;
	diag("witness-socket %s: %s", path, strerror(errno));
	return EX_UNAVAILABLE;
}

/* see parent_int.h */
int
parent_witness(struct parent *p, const struct conf *c)
{
	int way[2], leash[2], fds[2];

	if (c->nwitness == 0)
		return 0;
	if (c->witness_socket[0] != '\0')
		return find_service(p, c->witness_socket);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, way) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, leash) != 0)
		goto bad;
	p->witness = way[0];
	p->leash = leash[0];
	fds[0] = leash[1];
	fds[1] = way[1];
	p->keeper = spawn_role("witness", fds, 2, p->config, p->quiet);
	(void)close(fds[0]);		/* it has its own */
	(void)close(fds[1]);
	if (p->keeper > 0)
		return 0;
	p->keeper = 0;
bad:
	diag("cannot start: %s", strerror(errno));
	return EX_OSERR;
}
