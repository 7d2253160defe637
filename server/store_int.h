/* SPDX-License-Identifier: ISC */
/*
 * store_int.h - the store: owns the data directory and the log key, answers
 * the fronts, closes the epochs.  For store*.c alone; store_main() is in
 * role.h.
 *
 * What waits in all fronts is taken at once, committed once, signed and
 * answered; between two commits one slice of other work is done.  Nothing is
 * acknowledged before its commit is on disk.
 *
 * Of a front nothing is believed: its parcels are copied out of its slots
 * before they are checked and hashed, and a message that cannot be is the
 * end of the process; the parent then starts all roles anew.
 */
#ifndef ECR_STORE_INT_H
#define ECR_STORE_INT_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/epoch.h"
#include "server/ipc.h"
#include "server/keys.h"
#include "server/log.h"
#include "server/logkey.h"
#include "server/published.h"
#include "server/slots.h"
#include "server/token.h"

#define STORE_BATCH_MAX		PENDING_BATCH_MAX	/* a commit: 8 MB */
#define STORE_RETRY_MAX_SECS	60	/* between tries of a failing close */

struct store;

struct front {
	struct store *s;
	struct ipc_end *end;		/* NULL: it has ended */
	struct slots slots;
	struct event *readable, *writable;
	bool busy[SLOTS_MAX];		/* slots that are ours until DONE */
};

/* A parcel that waits, and what became of it. */
struct request {
	struct front *f;
	uint64_t id;
	struct ipc_put put;
	unsigned char digest[HASH_BYTES];
	uint64_t close;
	uint16_t status;
	bool hangs;			/* on the commit under way */
};

/* An outbox on its way in; bytes is NULL where there is none. */
struct box {
	struct front *f;
	uint32_t slot, total, at;
	unsigned char *bytes;
	uint64_t heard;			/* CLOCK_BOOTTIME, the last piece */
};

/* An object that is made to be published; bytes are free()d. */
struct office_page {
	unsigned char *bytes;
	size_t n;
};

struct store {
	const struct conf *conf;
	int datadir;
	struct logkey key;
	struct keys keys;
	struct tokens tokens;
	struct token_stamp token_stamp;
	struct epochs epochs;

	struct event_base *base;
	struct event *work, *tick, *slice;
	struct ipc_end *parent;
	struct event *from_parent;
	size_t nfronts;
	struct front *front;

	struct request *queue;		/* a ring */
	size_t queue_cap, queue_first, queue_count;
	unsigned char *body;		/* the parcel that is looked at */
	struct box box;
	struct published shown;		/* what the fronts have */
	uint64_t shown_version;		/* of its replies */

	struct ipc_state state;		/* as last told */
	bool told, disk_bad, refused_full, clock_bad;
	enum health clock;
	uint64_t generation;
	uint64_t minute, log_slot;	/* of the clock, seen last */
	unsigned retry_secs;		/* 0: the close goes well */
	uint64_t retry_at;		/* CLOCK_BOOTTIME */
	bool slice_due;			/* the next file wants its slice */
	int exit_code;
	struct witnesses *witnesses;	/* NULL: none are asked */
};

/* Ends the loop with this exit code. */
void store_end(struct store *s, int code);
/* A front sent what it must not. */
void store_broken(struct front *f);

/* --- store_front.c: messages --------------------------------------------- */
MUST_USE int store_front_open(struct store *s, struct front *f, int ipc_fd,
    int slots_fd);
void store_front_close(struct front *f);
/* Takes in all that waits at this front. */
void store_front_hear(struct front *f);
/* To one front; errors end the store. */
void store_send(struct front *f, enum ipc_type type, uint64_t id,
    struct rd body, int pass);
/* The state, if it has changed, and the published objects to all fronts. */
void store_tell_state(struct store *s);
MUST_USE int store_publish(void *store);

/* --- store_put.c: parcels ------------------------------------------------ */
void store_put_queue(struct front *f, uint64_t id, const struct ipc_put *put);
/* One batch of what waits: checked, committed, signed, answered. */
void store_put_batch(struct store *s);

/* --- store_box.c: outboxes ----------------------------------------------- */
void store_box(struct front *f, uint64_t id, const struct ipc_box *m);
void store_box_gone(struct front *f, uint32_t slot);
void store_box_wipe(struct store *s);

/* --- store_office.c: what everyone fetches of the office's --------------- */
MUST_USE int store_keysets(struct store *s, struct office_page *p);
/* *replies points into p, or into what was published last. */
MUST_USE int store_replies(struct store *s, struct office_page *p,
    struct rd *replies);

/* --- store_get.c: objects ------------------------------------------------ */
void store_get(struct front *f, uint64_t id, const struct ipc_get *get);

/* --- store_witness.c: who cosigns what is shown --------------------------- */
/*
 * After the log was opened: what witnesses said before.  Says what is wrong
 * and sets the exit code.
 */
MUST_USE int store_witness_open(struct store *s, int rendezvous);
/*
 * Before we are ready, all of them are asked: one that has seen more than is
 * here ends the start.  Waits no longer than ten seconds.
 */
MUST_USE int store_witness_start(struct store *s);
void store_witness_free(struct store *s);
MUST_USE int store_witness_close(void *store, bool *done);	/* the step */
/* The close has nothing to do but wait for them. */
bool store_witness_waits(const struct store *s);
void store_witness_tick(struct store *s);
/* The checkpoint to show, and by how many it is cosigned. */
struct rd store_checkpoint(const struct store *s, size_t *cosignatures);
/* False: a witness has seen more than we have.  Nothing is signed, then. */
bool store_may_sign(const struct store *s);

/* --- store_time.c: the clock, slices and closes -------------------------- */
void store_on_tick(evutil_socket_t fd, short what, void *arg);
void store_on_slice(evutil_socket_t fd, short what, void *arg);
/* One slice of what is to be done; true: there is more at once. */
bool store_work_slice(struct store *s);

#endif
