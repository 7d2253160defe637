/* SPDX-License-Identifier: ISC */
/*
 * witness_keep.c - who starts a process for each round of calls.
 *
 * It reads one byte and a descriptor from the store, and nothing of the
 * network.  A round has fresh memory, a fresh look at the resolver's files
 * and at the authorities, and takes whatever befalls it with itself.  As a
 * role it is started before its parent goes into its cage, which forbids
 * sockets; as a service of its own it takes the socket of its unit.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/commands.h"
#include "server/listeners.h"
#include "server/log.h"
#include "server/privs.h"
#include "server/role.h"
#include "server/sandbox.h"
#include "server/witness.h"

#define FD_PASSED	3		/* the first of socket activation */

/* Until the store has said hello; false: the parent has ended. */
static bool
wait_for_hello(int rendezvous, int parent)
{
	struct pollfd p[2] = { { .fd = rendezvous, .events = POLLIN },
	    { .fd = parent, .events = POLLIN } };

	do {
		if (poll(p, 2, -1) == -1 && errno != EINTR)
			return false;
	} while (p[0].revents == 0 && p[1].revents == 0);
	return p[1].revents == 0;
}

/*
 * One round after the other; comes back when no more can come.  parent: what
 * is open as long as the parent lives, or -1.  Its death is no signal to us:
 * the kernel does not let a caged process signal what is outside of its cage.
 */
static int
keep(const struct conf *c, int rendezvous, int parent)
{
	int end, r;
	pid_t pid;

	if (sandbox_enter(SANDBOX_KEEPER, -1, -1) != 0)
		return EX_OSERR;
	for (;;) {
		if (!wait_for_hello(rendezvous, parent))
			return EX_OK;
		r = witness_take_over(rendezvous, &end);
		if (r == ERR_FORMAT)
			continue;	/* not from a store */
		if (r != 0)
			return EX_OSERR;
		if ((pid = fork()) == 0) {
			(void)close(rendezvous);
			_exit(witness_call(c, end));
		}
		(void)close(end);	/* without a process it is over */
		while (pid > 0 && waitpid(pid, NULL, 0) == -1 &&
		    errno == EINTR)
			continue;
	}
}

/* see role.h */
int
witness_main(const struct conf *c, int nfds)
{
	return nfds == 2 ? keep(c, ROLE_FD_FIRST, ROLE_FD_PARENT) : EX_USAGE;
}

/* --- a service of its own ------------------------------------------------ */

/* The Unix datagram socket that was passed to us. */
static int
take_passed(void)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a), nt = sizeof(int);
	int type = 0;

	memset(&a, 0, sizeof(a));
	if (getsockname(FD_PASSED, (struct sockaddr *)&a, &n) == 0 &&
	    a.ss_family == AF_UNIX &&
	    getsockopt(FD_PASSED, SOL_SOCKET, SO_TYPE, &type, &nt) == 0 &&
	    type == SOCK_DGRAM && fcntl(FD_PASSED, F_SETFL, 0) == 0)
		return FD_PASSED;
	diag("what was passed is no Unix datagram socket");
	return -1;
}

static int
bind_own(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;

	memcpy(a.sun_path, path, strlen(path));	/* conf.c: it fits */
	/* A datagram socket tells nobody whether somebody reads: ours to take. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);		/* bind() says if it stays */
	if (fd != -1 && bind(fd, (const struct sockaddr *)&a,
	    sizeof(a)) == 0 && chmod(path, 0660) == 0)
		return fd;
	diag("unix:%s: %s", path, strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/* see commands.h */
int
command_witness(const struct conf *c)
{
	static const struct privs_user stay;
	int fd;

	if (c->nwitness == 0 || c->witness_socket[0] == '\0') {
		diag("witness and witness-socket lines are needed");
		return EX_CONFIG;
	}
	fd = listeners_passed() == 1 ? take_passed() :
	    bind_own(c->witness_socket);
	if (fd == -1)
		return EX_OSERR;
	if (clearenv() != 0 || privs_drop(&stay) != 0) {
		diag("cannot give up rights: %s", strerror(errno));
		return EX_OSERR;
	}
	diag("ready");
	return keep(c, fd, -1);
}
