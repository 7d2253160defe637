/* SPDX-License-Identifier: ISC */
/*
 * wire.c - plain connections, and what TLS shares with them; see wire.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/wire.h"

#define DRAIN_BYTES	16384

static enum wire_result
stalled(enum wire_result want)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return want;
	return WIRE_DEAD;
}

static enum wire_result
plain_hello(struct wire *w)
{
	(void)w;
	return WIRE_OK;
}

static enum wire_result
plain_read(struct wire *w, void *p, size_t n, size_t *got)
{
	ssize_t k = read(w->fd, p, n);

	if (k < 0)
		return stalled(WIRE_READ);
	*got = (size_t)k;
	return k == 0 ? WIRE_END : WIRE_OK;
}

static enum wire_result
plain_write(struct wire *w, const void *p, size_t n, size_t *put)
{
	ssize_t k = write(w->fd, p, n);

	if (k < 0)
		return stalled(WIRE_WRITE);
	*put = (size_t)k;
	return WIRE_OK;
}

static enum wire_result
plain_bye(struct wire *w)
{
	return shutdown(w->fd, SHUT_WR) == 0 ? WIRE_OK : WIRE_DEAD;
}

/* see wire.h */
enum wire_result
wire_drain_fd(struct wire *w, size_t *got)
{
	unsigned char gone[DRAIN_BYTES];
	enum wire_result r = plain_read(w, gone, sizeof(gone), got);

	if (r == WIRE_OK)
		explicit_bzero(gone, *got);
	return r;
}

static bool
plain_holds(const struct wire *w)
{
	(void)w;
	return false;
}

static void
plain_close(struct wire *w)
{
	(void)close(w->fd);		/* nothing could be done about it */
	w->fd = -1;
}

static const struct wire_ops plain_ops = {
	plain_hello, plain_read, plain_write, plain_bye, wire_drain_fd,
	plain_holds, plain_close
};

/* see wire.h */
void
wire_plain(struct wire *w, int fd)
{
	w->ops = &plain_ops;
	w->fd = fd;
	w->state = NULL;
}
