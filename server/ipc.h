/* SPDX-License-Identifier: ISC */
/*
 * ipc.h - the small framed messages between the roles.
 *
 * One message is one SOCK_SEQPACKET datagram: type 2 | zero 2 | length 4 |
 * id 8 | payload.  The length is checked against the datagram and against
 * the type's own limits before anything is believed; whatever is wrong ends
 * the connection.  The peer is never trusted: a front may be in a stranger's
 * hands.  Bodies do not travel here; they lie in the slots (slots.h).
 *
 * ids are chosen by the front, one for each request under way, and echoed.
 * A hash whose flag is not set is zeros (the writers see to it).
 *
 *   front -> store
 *     IPC_PUT     slot 4 | flags 1 | digest 32      a whole parcel lies in slot
 *     IPC_GET     slot 4 | flags 1 | kind 1 | offset 8 | token hash 32 | key
 *     IPC_BOX     slot 4 | total 4 | offset 4 | length 4 | token hash 32
 *                 an outbox: may so many bytes come?  (length 0), then each
 *                 piece of it, which lies in slot
 *     IPC_BOX_GONE   slot 4                         the rest will not come
 *   store -> front
 *     IPC_BOX_DONE   status 2 | next 8              of any IPC_BOX
 *     IPC_PUT_DONE   status 2 | receipt
 *     IPC_GET_DONE   status 2 | total 8 | length 4  the piece lies in slot
 *     IPC_STATE      struct ipc_state               after start, close, change
 *     IPC_PUBLISH    generation 8, and one descriptor (published.h)
 *   role -> parent
 *     IPC_READY      -                              sandboxed, at work
 *     IPC_ALIVE      -                              a front, every few seconds
 *   parent -> role
 *     IPC_STOP       -                              finish what is accepted
 *
 * A slot that was named in a PUT or GET belongs to the store until its DONE.
 */
#ifndef ECR_IPC_H
#define ECR_IPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/receipt.h"

#define IPC_HEAD_BYTES	16
#define IPC_BODY_MAX	(RECEIPT_MAX_BYTES + 64)

enum ipc_type {
	IPC_PUT = 1, IPC_GET, IPC_PUT_DONE, IPC_GET_DONE, IPC_STATE,
	IPC_PUBLISH, IPC_READY, IPC_STOP, IPC_ALIVE,
	IPC_BOX, IPC_BOX_GONE, IPC_BOX_DONE
};

/* What IPC_GET may ask for; key by kind. */
enum ipc_kind {
	GET_PARCEL = 1,		/* digest 32; needs a token */
	GET_STATEMENT,		/* digest 32 */
	GET_TILE	/* level 1 (0xff: entries) | index 8 | width 2 */
};

#define IPC_HAS_DIGEST	1	/* flags: the client claimed this digest */
#define IPC_HAS_TOKEN	2	/* in GET: token hash is meant */

struct ipc_put {
	uint32_t slot;
	uint8_t flags;
	unsigned char digest[HASH_BYTES];
};

struct ipc_get {
	uint32_t slot;
	uint8_t flags;
	uint8_t kind;
	uint64_t offset;
	unsigned char token[HASH_BYTES];	/* SHA-256 of the token */
	struct rd key;
};

struct ipc_box {
	uint32_t slot;
	uint32_t total;		/* 1 to OUTBOX_BYTES_MAX */
	uint32_t offset, length;
	unsigned char token[HASH_BYTES];	/* SHA-256 of the token */
};

struct ipc_box_done {
	uint16_t status;	/* 100: more; 200, 201, 400, 401, 409, 503 */
	uint64_t next;		/* with 409: the sequence that would be */
};

struct ipc_put_done {
	uint16_t status;	/* 201, 200, 400, 503 */
	struct rd receipt;	/* for 201 and 200 */
};

struct ipc_get_done {
	uint16_t status;	/* 200, 401, 404, 503 */
	uint64_t total;		/* of the whole object */
	uint32_t length;	/* of this piece */
};

/* What a front needs to know to answer without asking. */
struct ipc_state {
	uint64_t close;		/* of the epoch that is open */
	uint64_t previous;	/* the close before it; work for it counts */
	uint8_t bits;		/* of work asked now */
	uint8_t health;		/* enum health; 0 is well */
};

enum health {
	HEALTH_OK = 0, HEALTH_CLOCK_BEHIND, HEALTH_CLOCK_AHEAD,
	HEALTH_NEARLY_FULL, HEALTH_FULL, HEALTH_DISK, HEALTH_WITNESS,
	HEALTH_LOST
};

struct ipc_msg {
	enum ipc_type type;
	uint64_t id;
	struct rd body;
};

/* May a message of this type be so long? */
bool ipc_fits(enum ipc_type type, size_t n);
/* Pure: bytes to message and back.  ERR_FORMAT. */
MUST_USE int ipc_parse(struct ipc_msg *m, struct rd datagram);
MUST_USE int ipc_parse_put(struct ipc_put *p, struct rd body);
MUST_USE int ipc_parse_get(struct ipc_get *g, struct rd body);
MUST_USE int ipc_parse_put_done(struct ipc_put_done *d, struct rd body);
MUST_USE int ipc_parse_get_done(struct ipc_get_done *d, struct rd body);
MUST_USE int ipc_parse_state(struct ipc_state *s, struct rd body);
MUST_USE int ipc_parse_box(struct ipc_box *b, struct rd body);
MUST_USE int ipc_parse_box_gone(uint32_t *slot, struct rd body);
MUST_USE int ipc_parse_box_done(struct ipc_box_done *d, struct rd body);
void ipc_write_box(struct wr *w, const struct ipc_box *b);
void ipc_write_box_gone(struct wr *w, uint32_t slot);
void ipc_write_box_done(struct wr *w, const struct ipc_box_done *d);
void ipc_write_put(struct wr *w, const struct ipc_put *p);
void ipc_write_get(struct wr *w, const struct ipc_get *g);
void ipc_write_put_done(struct wr *w, const struct ipc_put_done *d);
void ipc_write_get_done(struct wr *w, const struct ipc_get_done *d);
void ipc_write_state(struct wr *w, const struct ipc_state *s);

/* One end of a socket pair, non-blocking. */
struct ipc_end;
struct ipc_end *ipc_end_new(int fd);		/* owns fd; NULL: no memory */
void ipc_end_free(struct ipc_end *e);
int ipc_end_fd(const struct ipc_end *e);
/*
 * Queues what the socket does not take now; ipc_end_flush() sends on when it
 * is writable.  The queue is bounded (requests under way are): ERR_LIMIT; so
 * are the descriptors in it, of a peer that has not read for very long.
 * pass: a descriptor to hand over, or -1; it stays the caller's.
 */
MUST_USE int ipc_end_send(struct ipc_end *e, enum ipc_type type, uint64_t id,
    struct rd body, int pass);
MUST_USE int ipc_end_flush(struct ipc_end *e, bool *pending);
/*
 * The next message, into e's own buffer (valid until the next call).
 * *pass receives a descriptor or -1, which is then the caller's.
 * Errors: ERR_NOTFOUND (nothing waits), ERR_IO (closed), ERR_FORMAT.
 */
MUST_USE int ipc_end_recv(struct ipc_end *e, struct ipc_msg *m, int *pass);

#endif
