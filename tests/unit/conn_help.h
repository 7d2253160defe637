/* SPDX-License-Identifier: ISC */
/*
 * conn_help.h - a connection over memory: the test plays the wire, the store,
 * the slots and the clock.
 *
 * Each test begins with ct_start() and ends with ct_finish(), which checks
 * that slots and held objects have come back.
 */
#ifndef ECR_CONN_HELP_H
#define ECR_CONN_HELP_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"
#include "server/conn.h"
#include "server/slots.h"

#define H	"Host: drop.example\r\n"
#define ORIGIN	"drop.example/log"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"
#define OUT_MAX	(1u << 20)

/* The world of one connection. */
struct conn_test {
	struct conf conf;
	struct conn_world world;
	struct conn c;
	bool gone;			/* conn_close() was called */

	/* the wire */
	unsigned char *in;
	size_t nin, pos, chunk;		/* at most chunk bytes a read */
	bool end;			/* the peer has said it sends no more */
	bool dead;			/* nothing more goes: in after all of it, */
	size_t dead_out;		/* out after so many bytes */
	unsigned char *out;
	size_t nout, room, step;	/* room left; at most step a write */
	bool bye, closed;
	size_t drained;

	/* slots */
	unsigned char mem[SLOT_BYTES];
	bool no_slot, slot_taken, download;
	unsigned taken, left, box_gone;

	/* questions */
	bool refuse_ask;
	unsigned asked;
	enum ipc_type asked_type;
	unsigned char asked_body[IPC_BODY_MAX];
	size_t asked_n;

	/* published */
	bool nothing;
	unsigned held;
	struct rd objects[PUB_KINDS];
};
extern struct conn_test ct;

extern unsigned char ct_parcel[PARCEL_BYTES];
extern char ct_post_head[512];

void ct_start(bool local);
void ct_finish(void);

/* What the client sends. */
void ct_feed(const void *p, size_t n);
void ct_feed_str(const char *s);
/* What the caller of a step does with what it wants. */
enum conn_want ct_obey(enum conn_want want);
enum conn_want ct_step(void);
/* What the client has got: a string, its status, whether it says this. */
const char *ct_out(void);
unsigned ct_status(void);
bool ct_says(const char *what);
/* One whole exchange; the status. */
unsigned ct_ask_for(const char *request);

/* A parcel and its request's head, with more fields; post: they are sent. */
void ct_make_parcel(const char *more);
void ct_post_parcel(const char *more);

/* What the store was asked, and what it says. */
struct ipc_put ct_asked_put(void);
struct ipc_get ct_asked_get(void);
struct ipc_box ct_asked_box(void);
int ct_box_done(uint16_t code, uint64_t next);
int ct_put_done(uint16_t code, const char *receipt);
int ct_get_done(uint16_t code, uint64_t total, uint32_t length);

#endif
