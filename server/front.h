/* SPDX-License-Identifier: ISC */
/*
 * front.h - what the pieces of a front share: front.c (start, doors, stop),
 * front_client.c (connections in the loop), front_store.c (what the store
 * says, slots, published objects).
 *
 * Invariant: a client is in exactly one list, and every event that was added
 * is deleted before its memory goes.
 */
#ifndef ECR_FRONT_H
#define ECR_FRONT_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "server/conf.h"
#include "server/conn.h"
#include "server/ipc.h"
#include "server/lend.h"
#include "server/published.h"
#include "server/slots.h"
#include "server/tls.h"

/* One listening socket. */
struct door {
	struct front *front;
	struct event ev;
	int fd;
	bool tls, local;
};

/* One connection in the loop; conn comes first. */
struct client {
	struct conn conn;
	struct front *front;
	struct event io, timer;
	short waits;			/* EV_READ, EV_WRITE or 0 */
	bool spared;			/* waits, though nothing is awaited */
	uint64_t armed;			/* when the timer fires; 0: never */
	LIST_ENTRY(client) all;
};

/* One published area, mapped while anybody reads it. */
struct area {
	struct published published;
	unsigned refs;
};

struct front {
	const struct conf *conf;
	struct event_base *base;
	struct tls *tls;
	struct conn_world world;

	struct door doors[CONF_LISTEN_MAX];
	size_t ndoors;
	bool open;			/* the doors are */
	int spare;			/* a descriptor for the last resort */
	struct event reopen;

	LIST_HEAD(, client) clients;
	uint64_t nclients;

	struct slots slots;
	struct lend lend;
	struct area *area;
	unsigned char origin[NAME_MAX_BYTES];
	bool has_state;

	struct ipc_end *store, *parent;
	struct event store_in, store_out, parent_in, tick;
	uint64_t ticked;
	uint64_t beat_at;		/* when we say that we are alive */
	int code;			/* to exit with */
};

/* --- front.c --- */
/* Let strangers in, or not: at the cap, and once we stop. */
void front_doors(struct front *f);
/* A client is gone: is there room, is it the last? */
void front_client_gone(struct front *f);
/* Something is broken that only a restart mends. */
void front_fail(struct front *f);
void front_stop(struct front *f);
void front_clock(struct front *f);

/* --- front_client.c --- */
/* Takes fd, and closes it where there is no memory. */
void client_new(struct front *f, const struct door *door, int fd);
/* What a step asked for; cl may be gone after it. */
void client_obey(struct client *cl, enum conn_want want);
/* Step it soon, from the loop. */
void client_poke(struct client *cl);
void client_close(struct client *cl);

/* --- front_store.c --- */
extern const struct conn_ops front_ops;
void front_on_store(evutil_socket_t fd, short what, void *arg);
void front_on_store_room(evutil_socket_t fd, short what, void *arg);
void area_let_go(struct area *a);

#endif
