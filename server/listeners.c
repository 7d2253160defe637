/* SPDX-License-Identifier: ISC */
/*
 * listeners.c - bind what the configuration names.
 *
 * Refuses to take the place of a server that answers, and a passed socket
 * that nobody asked for.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "crypto/rd.h"
#include "server/listeners.h"
#include "server/log.h"

#define BACKLOG		1024
#define FD_PASSED	3	/* the first one of socket activation */
#define PASSED_MAX	64

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

static socklen_t
make_address(union address *a, const struct conf_listen *l, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (l->is_unix) {
		a->un.sun_family = AF_UNIX;
		memcpy(a->un.sun_path, l->address, strlen(l->address));
		return sizeof(a->un);
	}
	if (inet_pton(AF_INET, l->address, &a->four.sin_addr) == 1) {
		a->four.sin_family = AF_INET;
		a->four.sin_port = htons(port);
		return sizeof(a->four);
	}
	(void)inet_pton(AF_INET6, l->address, &a->six.sin6_addr);
	a->six.sin6_family = AF_INET6;	/* conf_parse() saw that it is one */
	a->six.sin6_port = htons(port);
	return sizeof(a->six);
}

static uint16_t
port_of(const union address *a)
{
	switch (a->any.sa_family) {
	case AF_INET:
		return ntohs(a->four.sin_port);
	case AF_INET6:
		return ntohs(a->six.sin6_port);
	default:
		return 0;
	}
}

static int
say_wrong(const struct conf_listen *l)
{
	if (l->is_unix)
		diag("unix:%s: %s", l->address, strerror(errno));
	else
		diag("%s port %u: %s", l->address, l->port, strerror(errno));
	return ERR_IO;
}

/* --- TCP ------------------------------------------------------------------ */

static int
bind_tcp(const struct conf_listen *l, uint16_t *port)
{
	union address a;
	socklen_t n = make_address(&a, l, *port);
	const int on = 1;
	int fd;

	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
	    (a.any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
	    bind(fd, &a.any, n) != 0)
		goto bad;
	n = sizeof(a.room);
	if (getsockname(fd, &a.any, &n) != 0)
		goto bad;
	*port = port_of(&a);
	return fd;
bad:
	(void)close(fd);	/* errno is the earlier one's: a socket */
	return -1;
}

static int
open_tcp(struct listener *l, size_t fronts)
{
	size_t i;

	l->port = l->where->port;
	for (i = 0; i < fronts; i++)
		if ((l->fd[i] = bind_tcp(l->where, &l->port)) == -1)
			return say_wrong(l->where);
	return 0;
}

/* --- Unix sockets --------------------------------------------------------- */

/* A socket file that nobody answers at is what an earlier run left. */
static void
remove_stale(const struct conf_listen *l)
{
	union address a;
	socklen_t n = make_address(&a, l, 0);
	struct stat st;
	int fd;

	if (lstat(l->address, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	if (connect(fd, &a.any, n) != 0 && errno == ECONNREFUSED)
		(void)unlink(l->address);	/* bind() says if it stays */
	(void)close(fd);
}

/* Owner and group may connect: the directory decides who gets there. */
static int
open_unix(struct listener *l, uid_t uid, gid_t gid)
{
	const struct conf_listen *where = l->where;
	union address a;
	socklen_t n = make_address(&a, where, 0);

	l->shared = true;
	remove_stale(where);
	l->fd[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (l->fd[0] == -1 || bind(l->fd[0], &a.any, n) != 0)
		return say_wrong(where);
	if (chmod(where->address, 0660) != 0)
		return say_wrong(where);
	/* Nothing to give away where we stay who we are: a unit file may
	 * forbid even the call. */
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) &&
	    lchown(where->address, uid, gid) != 0)
		return say_wrong(where);
	return 0;
}

/* --- socket activation ---------------------------------------------------- */

/* see listeners.h; not what was passed to somebody before us. */
size_t
listeners_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t p = 0, n = 0;
	bool ours;

	ours = pid != NULL && fds != NULL &&
	    rd_dec(rd_str(pid), UINT32_MAX, &p) && p == (uint64_t)getpid() &&
	    rd_dec(rd_str(fds), PASSED_MAX, &n);
	(void)unsetenv("LISTEN_PID");	/* only a malformed name fails */
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return ours ? (size_t)n : 0;
}

static bool
is_same_place(const union address *a, const struct conf_listen *l)
{
	union address b;

	(void)make_address(&b, l, l->port);
	if (a->any.sa_family != b.any.sa_family)
		return false;
	switch (a->any.sa_family) {
	case AF_UNIX:
		return strncmp(a->un.sun_path, b.un.sun_path,
		    sizeof(a->un.sun_path)) == 0;
	case AF_INET:
		return a->four.sin_addr.s_addr == b.four.sin_addr.s_addr &&
		    a->four.sin_port == b.four.sin_port;
	default:
		return a->six.sin6_port == b.six.sin6_port &&
		    memcmp(&a->six.sin6_addr, &b.six.sin6_addr,
		    sizeof(b.six.sin6_addr)) == 0;
	}
}

/* Gives the socket to the line that names its address. */
static int
take_passed(struct listeners *ls, int fd)
{
	union address a;
	socklen_t n = sizeof(a.room);
	int flags, listening = 0;
	socklen_t nl = sizeof(listening);
	struct listener *l;
	size_t i;

	memset(&a, 0, sizeof(a));
	if (getsockname(fd, &a.any, &n) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &nl) != 0 ||
	    !listening || (flags = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
		diag("descriptor %d was passed and is no listening socket", fd);
		return ERR_FORMAT;
	}
	for (i = 0; i < ls->n; i++) {
		l = &ls->of[i];
		if (l->fd[0] != -1 || !is_same_place(&a, l->where))
			continue;
		l->fd[0] = fd;
		l->port = port_of(&a);
		l->shared = l->inherited = true;
		return 0;
	}
	diag("descriptor %d was passed, and no listen line names its address",
	    fd);
	return ERR_FORMAT;
}

/* --- all of them ---------------------------------------------------------- */

/* see listeners.h */
int
listeners_open(struct listeners *ls, const struct conf *c, size_t fronts,
    uid_t uid, gid_t gid)
{
	size_t i, k, passed = listeners_passed();
	int r;

	memset(ls, 0, sizeof(*ls));
	ls->n = c->nlisten;
	ls->fronts = fronts;
	for (i = 0; i < ls->n; i++) {
		ls->of[i].where = &c->listen[i];
		for (k = 0; k < LISTENERS_FRONTS_MAX; k++)
			ls->of[i].fd[k] = -1;
	}
	for (i = 0; i < passed; i++)
		if ((r = take_passed(ls, FD_PASSED + (int)i)) != 0)
			return r;
	for (i = 0; i < ls->n; i++) {
		if (ls->of[i].inherited)
			continue;
		r = ls->of[i].where->is_unix ?
		    open_unix(&ls->of[i], uid, gid) :
		    open_tcp(&ls->of[i], fronts);
		if (r != 0)
			return r;
	}
	return 0;
}

/* see listeners.h */
int
listeners_start(struct listeners *ls)
{
	size_t i, k;

	for (i = 0; i < ls->n; i++)
		for (k = 0; k < LISTENERS_FRONTS_MAX; k++)
			if (ls->of[i].fd[k] != -1 && !ls->of[i].inherited &&
			    listen(ls->of[i].fd[k], BACKLOG) != 0)
				return say_wrong(ls->of[i].where);
	return 0;
}

/* see listeners.h */
int
listeners_fd(const struct listeners *ls, size_t line, size_t front)
{
	const struct listener *l = &ls->of[line];

	return l->fd[l->shared ? 0 : front];
}

/* see listeners.h */
void
listeners_say(const struct listeners *ls)
{
	const struct conf_listen *w;
	size_t i;

	for (i = 0; i < ls->n; i++) {
		w = ls->of[i].where;
		if (w->is_unix)
			diag("listening on plain unix:%s", w->address);
		else if (strchr(w->address, ':') != NULL)
			diag("listening on %s [%s]:%u", w->tls ? "tls" :
			    "plain", w->address, ls->of[i].port);
		else
			diag("listening on %s %s:%u", w->tls ? "tls" :
			    "plain", w->address, ls->of[i].port);
	}
}

static void
close_socket(struct listener *l, size_t k)
{
	if (l->fd[k] == -1)
		return;
	/* The fronts hold it too, while they finish: it must not queue. */
	if (!l->inherited)
		(void)shutdown(l->fd[k], SHUT_RD);
	(void)close(l->fd[k]);
	l->fd[k] = -1;
}

/* see listeners.h */
void
listeners_close(struct listeners *ls)
{
	size_t i, k;

	for (i = 0; i < ls->n; i++)
		for (k = 0; k < LISTENERS_FRONTS_MAX; k++)
			close_socket(&ls->of[i], k);
	ls->n = 0;
}
