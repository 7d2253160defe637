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
	int fd[2];

	if (c->nwitness == 0)
		return 0;
	if (c->witness_socket[0] != '\0')
		return find_service(p, c->witness_socket);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fd) != 0) {
		diag("cannot start: %s", strerror(errno));
		return EX_OSERR;
	}
	p->witness = fd[0];
	p->keeper = spawn_role("witness", &fd[1], 1, p->config, p->quiet);
	(void)close(fd[1]);		/* it has its own */
	if (p->keeper > 0)
		return 0;
	p->keeper = 0;
	diag("cannot start: %s", strerror(errno));
	return EX_OSERR;
}
