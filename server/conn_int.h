/* SPDX-License-Identifier: ISC */
/*
 * conn_int.h - what the pieces of a connection share: conn.c (states),
 * conn_body.c (what comes after a head), conn_request.c (what a request
 * asks for), conn_outbox.c (what the office sends).
 */
#ifndef ECR_CONN_INT_H
#define ECR_CONN_INT_H

#include "server/answer.h"
#include "server/conn.h"

/* --- conn.c --- */
void conn_enter(struct conn *c, enum conn_state state);
/* What a wire that did not do it asks of the loop. */
enum conn_want conn_wants(struct conn *c, enum wire_result r);
/*
 * So many bytes are still to go or to come: through Tor they may take longer
 * than a connection has.
 */
void conn_grant(struct conn *c, uint64_t bytes);
/* The slot, what is held and the answer so far. */
void conn_let_go(struct conn *c);
/* The answer so far alone. */
void conn_forget_output(struct conn *c);
/* The first n bytes of what came are done with. */
void conn_consume(struct conn *c, size_t n);

/* --- conn_body.c --- */
enum conn_want conn_step_continue(struct conn *c);
enum conn_want conn_step_body(struct conn *c);
enum conn_want conn_step_box(struct conn *c);
/* The body may come; a client that waits to be told is told. */
void conn_begin_body(struct conn *c);

/* --- conn_request.c --- */
/* A head is complete in c->head: what does it ask for? */
void conn_request(struct conn *c);
/* The whole parcel is in the slot. */
void conn_submit(struct conn *c);
/* The next piece of what the store has. */
void conn_fetch(struct conn *c);
/* A fixed answer; conn_refuse() ends the connection after it. */
void conn_say(struct conn *c, unsigned status);
void conn_refuse(struct conn *c, unsigned status);
/* An answer whose body is small and need not stay. */
void conn_reply_small(struct conn *c, unsigned status, enum answer_type type,
    struct rd body);

/* --- conn_outbox.c --- */
/* The head of a POST /outbox. */
void conn_begin_outbox(struct conn *c);
/* A piece of it is in the slot. */
void conn_hand_over(struct conn *c, size_t n);

#endif
