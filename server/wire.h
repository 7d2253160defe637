/* SPDX-License-Identifier: ISC */
/*
 * wire.h - one connection's bytes, over TLS or plain, never blocking.
 *
 * The protocol above sees the same five calls whatever carries them, and a
 * test puts memory in their place.  A wire owns its descriptor.  It never
 * knows whose it is: nobody ever asked for the peer's address.
 */
#ifndef ECR_WIRE_H
#define ECR_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/err.h"

enum wire_result {
	WIRE_OK,
	WIRE_READ,		/* again when there is something to read */
	WIRE_WRITE,		/* again when there is room to write */
	WIRE_END,		/* the peer sends no more */
	WIRE_DEAD		/* nothing more goes either way */
};

struct wire;
struct wire_ops {
	/* The handshake. */
	enum wire_result (*hello)(struct wire *w);
	/* Some bytes, at least one with WIRE_OK; n is not 0. */
	enum wire_result (*read)(struct wire *w, void *p, size_t n,
	    size_t *got);
	enum wire_result (*write)(struct wire *w, const void *p, size_t n,
	    size_t *put);
	/* Say that nothing more will be sent (close_notify, FIN). */
	enum wire_result (*bye)(struct wire *w);
	/* After bye: throw away what still comes, unread. */
	enum wire_result (*drain)(struct wire *w, size_t *got);
	/* Is there something to read that the descriptor will not tell of? */
	bool (*holds)(const struct wire *w);
	void (*close)(struct wire *w);
};

struct wire {
	const struct wire_ops *ops;
	int fd;
	void *state;
};

/* Takes the descriptor, which must not block. */
void wire_plain(struct wire *w, int fd);
/* The raw half of bye and drain, for whatever lies over a socket. */
enum wire_result wire_drain_fd(struct wire *w, size_t *got);

#endif
