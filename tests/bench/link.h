/* SPDX-License-Identifier: ISC */
/*
 * link.h - one TLS connection of the load client.
 *
 * Never blocks: a step does what can be done now.  It is registered with
 * epoll once, for edges, so stepping costs no system call of its own.
 */
#ifndef ECR_BENCH_LINK_H
#define ECR_BENCH_LINK_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/supply.h"

#define LINK_IN_MAX	8192

enum link_state {
	LINK_SHUT,		/* no descriptor */
	LINK_HELLO,		/* connecting, handshake */
	LINK_FREE,		/* open, nothing under way */
	LINK_SEND, LINK_RECEIVE
};

enum link_event {
	LINK_MORE,		/* wait for the next edge */
	LINK_OPENED,		/* the handshake is done */
	LINK_ANSWERED,		/* an answer is whole: see status */
	LINK_BROKEN		/* closed by the other side, or failed */
};

struct link {
	SSL *ssl;
	int fd;
	enum link_state state;
	uint32_t item;		/* of the supply */
	size_t put;		/* of head and body */
	size_t limit;		/* send no more than this; SIZE_MAX: all */
	size_t nin;
	uint64_t due;		/* when its time began, ns */
	uint64_t died;		/* for those that are only held */
	int status;		/* of the last answer; 0: none came */
	bool close;		/* the answer said so */
	size_t body;		/* where its body begins in in[] */
	size_t nbody;
	char *in;		/* LINK_IN_MAX, from the first answer on */
};

struct link_world {
	SSL_CTX *ctx;
	struct sockaddr_in to;
	int epoll;
	uint32_t sources;	/* addresses of 127/8 to come from; 0: one */
	uint32_t opened;
	struct supply *supply;
};

/* Connects; false: no socket, or refused at once. */
bool link_open(struct link *l, struct link_world *w);
/* Ends it as a polite client does: close_notify, FIN. */
void link_close(struct link *l);
/* Begins to send item n; the handshake, where it is under way, comes first. */
void link_request(struct link *l, uint32_t n, uint64_t due);
enum link_event link_step(struct link *l, struct link_world *w);

#endif
