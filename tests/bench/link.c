/* SPDX-License-Identifier: ISC */
/*
 * link.c - see link.h.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/link.h"

#define RECORD	16384		/* what one TLS record carries */

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* Many more connections than one address has ports come from 127.x.y.z. */
static bool
bind_source(int fd, struct link_world *w)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	const int on = 1;

	if (w->sources == 0)
		return true;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 0x10000 +
	    w->opened++ % w->sources);
	return setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on)) == 0 &&
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
}

/* see link.h */
bool
link_open(struct link *l, struct link_world *w)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP |
	    EPOLLET, .data.ptr = l };
	const int on = 1;
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!bind_source(fd, w) ||
	    (connect(fd, (struct sockaddr *)&w->to, sizeof(w->to)) == -1 &&
	    errno != EINPROGRESS) ||
	    epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) == -1 ||
	    (l->ssl = SSL_new(w->ctx)) == NULL) {
		(void)close(fd);
		return false;
	}
	if (SSL_set_fd(l->ssl, fd) != 1)
		abort();		/* no memory for a BIO */
	SSL_set_connect_state(l->ssl);
	l->fd = fd;
	l->state = LINK_HELLO;
	l->nin = l->put = 0;
	l->limit = SIZE_MAX;
	l->item = UINT32_MAX;
	l->status = 0;
	l->close = false;
	return true;
}

/* see link.h */
void
link_close(struct link *l)
{
	if (l->state == LINK_SHUT)
		return;
	ERR_clear_error();
	if (l->state > LINK_HELLO)
		(void)SSL_shutdown(l->ssl);	/* it is only polite */
	(void)close(l->fd);
	SSL_free(l->ssl);
	free(l->in);
	l->in = NULL;
	l->ssl = NULL;
	l->fd = -1;
	l->state = LINK_SHUT;
}

/* see link.h */
void
link_request(struct link *l, uint32_t n, uint64_t due)
{
	l->item = n;
	l->due = due;
	l->put = 0;
	l->nin = 0;
	l->status = 0;
	if (l->state == LINK_FREE)
		l->state = LINK_SEND;
}

/* true: not now; false: it is over */
static bool
only_later(const struct link *l, int r)
{
	int e = SSL_get_error(l->ssl, r);

	return e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE;
}

static enum link_event
hello(struct link *l)
{
	int r;

	ERR_clear_error();
	if ((r = SSL_connect(l->ssl)) != 1)
		return only_later(l, r) ? LINK_MORE : LINK_BROKEN;
	l->state = l->item == UINT32_MAX ? LINK_FREE : LINK_SEND;
	return LINK_OPENED;
}

/* Head and body are records of their own, as most clients send them. */
static enum link_event
send_some(struct link *l, struct supply *s)
{
	const struct supply_item *i = &s->item[l->item];
	size_t all = i->nhead + s->nbody, n, done;
	const unsigned char *p;
	int r;

	if (all > l->limit)
		all = l->limit;
	while (l->put < all) {
		if (l->put < i->nhead) {
			p = (const unsigned char *)i->head + l->put;
			n = i->nhead - l->put;
		} else {
			p = supply_body(s, l->item) + (l->put - i->nhead);
			n = i->nhead + s->nbody - l->put;
		}
		if (n > RECORD)
			n = RECORD;
		if (n > all - l->put)
			n = all - l->put;
		ERR_clear_error();
		if ((r = SSL_write_ex(l->ssl, p, n, &done)) != 1)
			return only_later(l, r) ? LINK_MORE : LINK_BROKEN;
		l->put += done;
	}
	if (l->limit == SIZE_MAX)
		l->state = LINK_RECEIVE;
	return LINK_MORE;
}

/* -1: it is no answer; 0: not whole; 1: whole */
static int
parse(struct link *l)
{
	const char *end, *at;
	size_t n = 0;

	l->in[l->nin] = '\0';
	if ((end = strstr(l->in, "\r\n\r\n")) == NULL)
		return l->nin < LINK_IN_MAX - 1 ? 0 : -1;
	if (strncmp(l->in, "HTTP/1.1 ", 9) != 0)
		return -1;
	l->status = atoi(l->in + 9);
	l->close = false;
	for (at = strstr(l->in, "\r\n"); at < end; at = strstr(at, "\r\n")) {
		at += 2;
		if (strncasecmp(at, "Content-Length:", 15) == 0)
			n = strtoul(at + 15, NULL, 10);
		else if (strncasecmp(at, "Connection: close", 17) == 0)
			l->close = true;
	}
	l->body = (size_t)(end + 4 - l->in);
	l->nbody = n;
	if (n > LINK_IN_MAX - 1 - l->body)
		return -1;
	return l->nin >= l->body + n;
}

static enum link_event
receive(struct link *l)
{
	size_t got;
	int r, whole;

	if (l->in == NULL && (l->in = malloc(LINK_IN_MAX)) == NULL)
		abort();
	for (;;) {
		ERR_clear_error();
		r = SSL_read_ex(l->ssl, l->in + l->nin,
		    LINK_IN_MAX - 1 - l->nin, &got);
		if (r != 1)
			return only_later(l, r) ? LINK_MORE : LINK_BROKEN;
		l->nin += got;
		if ((whole = parse(l)) < 0)
			return LINK_BROKEN;
		if (whole == 0)
			continue;
		if (l->state == LINK_RECEIVE)
			l->state = LINK_FREE;
		return LINK_ANSWERED;
	}
}

/* see link.h */
enum link_event
link_step(struct link *l, struct link_world *w)
{
	enum link_event e = LINK_MORE;

	if (l->state == LINK_HELLO && (e = hello(l)) != LINK_OPENED)
		return e;
	if (l->state == LINK_SEND && send_some(l, w->supply) == LINK_BROKEN)
		/* A refusal may lie there to be read. */
		return receive(l) == LINK_ANSWERED ? LINK_ANSWERED :
		    LINK_BROKEN;
	if (l->state == LINK_RECEIVE || (l->state == LINK_SEND &&
	    l->limit != SIZE_MAX) || (l->state == LINK_FREE &&
	    e == LINK_MORE)) {
		if (l->nin >= LINK_IN_MAX - 1)
			return LINK_BROKEN;
		return receive(l);
	}
	return e;
}
