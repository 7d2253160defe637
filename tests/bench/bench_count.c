/* SPDX-License-Identifier: ISC */
/*
 * bench_count.c - the server's own work for a parcel, to be counted in
 * instructions.
 *
 * usage: bench_count FOLDER http|store [PARCELS]
 *
 *   http    a front's part without TLS: head, work, shape, answer, over a
 *           wire of memory
 *   store   the store's part: copied out, checked, hashed, encrypted into
 *           LMDB, committed 16 at a time, signed
 *
 * Run it under callgrind with --toggle-collect=count_http or count_store:
 * what is made before and thrown away after is outside of these functions.
 * A sandboxed role cannot run under callgrind, hence this.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/receipt.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/work.h"
#include "server/conn.h"
#include "server/datadir.h"
#include "server/logkey.h"
#include "server/pending.h"
#include "server/slots.h"

#define BATCH		16u
#define CLOSE		1000000u
#define ORIGIN		"bench.example/log"
#define NOINLINE	__attribute__((noinline))

/* Not static, so that callgrind finds them by name. */
void count_http(struct conn *c);
void count_store(unsigned char *body);

static unsigned char parcel[PARCEL_BYTES], slot[SLOT_BYTES];
static struct pending *pending;
static struct logkey key;

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(71);
}

/* --- a wire of memory ----------------------------------------------------- */

static char head[512];
static struct {
	size_t nhead, at;
	bool asked;
} in;

static enum wire_result
on_hello(struct wire *w)
{
	(void)w;
	return WIRE_OK;
}

/* As TLS would give it: a record at most. */
static enum wire_result
on_read(struct wire *w, void *p, size_t n, size_t *got)
{
	size_t left;

	(void)w;
	if (in.at < in.nhead) {
		left = in.nhead - in.at;
		*got = left < n ? left : n;
		memcpy(p, head + in.at, *got);
	} else {
		left = in.nhead + PARCEL_BYTES - in.at;
		if (left == 0)
			return WIRE_READ;
		n = n < 16384 ? n : 16384;
		*got = left < n ? left : n;
		memcpy(p, parcel + (in.at - in.nhead), *got);
	}
	in.at += *got;
	return WIRE_OK;
}

static enum wire_result
on_write(struct wire *w, const void *p, size_t n, size_t *put)
{
	(void)w;
	(void)p;
	*put = n;
	return WIRE_OK;
}

static enum wire_result
on_drain(struct wire *w, size_t *got)
{
	(void)w;
	(void)got;
	return WIRE_END;
}

static bool
on_holds(const struct wire *w)
{
	(void)w;
	return false;
}

static void
on_close(struct wire *w)
{
	(void)w;
}

static const struct wire_ops wire_ops = {
	on_hello, on_read, on_write, on_hello, on_drain, on_holds, on_close
};

/* --- a front of one slot -------------------------------------------------- */

static bool
on_take(struct conn *c, bool download)
{
	(void)download;
	c->slot = 0;
	c->mem = slot;
	return true;
}

static void
on_leave(struct conn *c)
{
	(void)c;
}

static bool
on_ask(struct conn *c, enum ipc_type type, struct rd body)
{
	(void)c;
	(void)type;
	(void)body;
	in.asked = true;
	return true;
}

static bool
on_hold(struct conn *c, enum published_kind kind, struct rd *obj, void **held)
{
	(void)c;
	(void)kind;
	(void)obj;
	(void)held;
	return false;
}

static void
on_let_go(struct conn *c, void *held)
{
	(void)c;
	(void)held;
}

/* No outbox comes here. */
static void
on_nothing(struct conn *c)
{
	(void)c;
}

static const struct conn_ops conn_ops = {
	on_take, on_leave, on_ask, on_nothing, on_hold, on_let_go
};

/* --- what is counted ------------------------------------------------------ */

NOINLINE void
count_http(struct conn *c)
{
	static const unsigned char receipt[280] = { 'r' };
	struct ipc_put_done d = { .status = 201,
	    .receipt = rd_from(receipt, sizeof(receipt)) };

	while (!in.asked)
		need(conn_step(c) != CONN_OVER, "conn_step");
	need(conn_put_done(c, &d) == 0, "conn_put_done");
	need(conn_step(c) == CONN_READ, "conn_step");
}

NOINLINE void
count_store(unsigned char *body)
{
	unsigned char digest[BATCH][HASH_BYTES], buf[RECEIPT_MAX_BYTES];
	struct receipt rc = { .close = CLOSE };
	struct wr w;
	uint32_t i;

	need(pending_begin(pending) == 0, "begin");
	for (i = 0; i < BATCH; i++) {
		/* Another one each time, where no check looks. */
		memcpy(parcel + PARCEL_BYTES - sizeof(i), &i, sizeof(i));
		memcpy(body, parcel, PARCEL_BYTES);
		need(parcel_check(rd_from(body, PARCEL_BYTES)) == 0, "check");
		sha256(digest[i], body, PARCEL_BYTES);
		need(pending_put(pending, body, digest[i]) == 0, "put");
	}
	need(pending_commit(pending) == 0, "commit");
	for (i = 0; i < BATCH; i++) {
		w = wr_from(buf, sizeof(buf));
		memcpy(rc.digest, digest[i], HASH_BYTES);
		need(receipt_sign(&w, &rc, &key.vk, key.sk) == 0, "sign");
	}
}

/* --- set up and run ------------------------------------------------------- */

static void
run_http(uint32_t parcels)
{
	static struct conf conf = { .handshake_seconds = 10,
	    .head_seconds = 15, .body_seconds = 90, .idle_seconds = 30,
	    .connection_seconds = 1000 };
	struct conn_world world = { .conf = &conf, .ops = &conn_ops,
	    .now = 1, .state = { .close = CLOSE, .bits = 1 } };
	struct wire w = { .ops = &wire_ops, .fd = -1 };
	unsigned char digest[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	struct conn c;
	uint32_t i;

	world.origin = rd_str(ORIGIN);
	sha256(digest, parcel, PARCEL_BYTES);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	in.nhead = (size_t)snprintf(head, sizeof(head),
	    "POST /parcels HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Length: 65520\r\nECRDrop-Digest: %s\r\n"
	    "ECRDrop-Work: %016llx\r\n\r\n", hex, (unsigned long long)
	    work_find(world.origin, CLOSE, digest, 1));
	in.at = in.nhead + PARCEL_BYTES;
	conn_init(&c, &world, w, false);
	need(conn_step(&c) == CONN_READ, "hello");
	for (i = 0; i < parcels; i++) {
		in.at = 0;
		in.asked = false;
		count_http(&c);
	}
	conn_close(&c);
}

static void
run_store(uint32_t parcels)
{
	unsigned char *body = malloc(PARCEL_BYTES);
	struct prepare *x;
	bool done = false;
	uint32_t i;

	need(body != NULL && datadir_create("data", ORIGIN) == 0 &&
	    chdir("data") == 0 && logkey_load(&key, AT_FDCWD) == 0 &&
	    prepare_new(&x, 2 * parcels + 64, 1) == 0, "data");
	while (!done)
		need(prepare_step(x, &done) == 0, "prepare");
	need(pending_create(&pending, x, CLOSE) == 0, "pending");
	for (i = 0; i < parcels; i += BATCH) {
		randombytes_buf(parcel + PARCEL_BYTES - 16, 16);
		count_store(body);
	}
	pending_close(pending);
	logkey_wipe(&key);
	free(body);
}

int
main(int argc, char **argv)
{
	uint32_t parcels = argc > 3 ? (uint32_t)atoi(argv[3]) : 64;

	if (argc < 3 || parcels == 0 || parcels % BATCH != 0 ||
	    parcels > 65536 || secret_init() == ERR_ORDER)
		return 64;
	need(chdir(argv[1]) == 0 && parcel_cover(parcel) == 0, argv[1]);
	if (strcmp(argv[2], "http") == 0)
		run_http(parcels);
	else if (strcmp(argv[2], "store") == 0)
		run_store(parcels);
	else
		return 64;
	return 0;
}
