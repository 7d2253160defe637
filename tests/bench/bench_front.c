/* SPDX-License-Identifier: ISC */
/*
 * bench_front.c - what one connection costs a front: its handshake, and a
 * parcel on a connection that stays open.
 *
 * usage: bench_front FOLDER [ROUNDS [handshake|bare|parcel]]
 *
 * The real wire and the real states over loopback TCP, with the client in
 * the same process; only the server's steps are timed, in processor time.
 * "bare" is OpenSSL's handshake alone, with its defaults but for tickets.
 * The best of all rounds stands beside the median: what others do on the
 * machine makes it slower, never faster.  Under callgrind, one way alone and
 * --toggle-collect='server_*' count the instructions.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/secret.h"
#include "server/conn.h"
#include "server/heap.h"
#include "server/slots.h"
#include "server/tls.h"

#define ROUNDS		400u
#define ROUNDS_MAX	100000u
#define RECEIPT_BYTES	280u		/* about what one has */

static const char head[] = "POST /parcels HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: application/octet-stream\r\n"
    "Content-Length: 65520\r\n\r\n";

static struct conf conf = { .handshake_seconds = 10, .head_seconds = 15,
    .body_seconds = 90, .idle_seconds = 30, .connection_seconds = 1000 };
static struct conn_world world;
static unsigned char slot[SLOT_BYTES], request[sizeof(head) + PARCEL_BYTES];
static size_t request_bytes;
static bool asked;
static struct tls *tls;
static SSL_CTX *client, *bare;
static struct conn conn;
static SSL *us;				/* the client's end */
static int ends[2];			/* server, client */
static double spent;			/* by the server, this round */

static void
fail(const char *what)
{
	fprintf(stderr, "bench_front: %s: %s\n", what, strerror(errno));
	ERR_print_errors_fp(stderr);
	exit(1);
}

static double
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* --- the world of a connection ------------------------------------------- */

static bool
slot_take(struct conn *c, bool download)
{
	(void)download;
	c->slot = 0;
	c->mem = slot;
	return true;
}

static void
slot_leave(struct conn *c)
{
	(void)c;
}

static bool
ask(struct conn *c, enum ipc_type type, struct rd body)
{
	(void)c;
	(void)type;
	(void)body;
	asked = true;
	return true;
}

static bool
hold(struct conn *c, enum published_kind kind, struct rd *obj, void **held)
{
	(void)c;
	(void)kind;
	(void)obj;
	(void)held;
	return false;
}

static void
let_go(struct conn *c, void *held)
{
	(void)c;
	(void)held;
}

/* No outbox comes here. */
static void
box_gone(struct conn *c)
{
	(void)c;
}

static const struct conn_ops ops = {
	slot_take, slot_leave, ask, box_gone, hold, let_go
};

/* --- the server's side, timed -------------------------------------------- */

static enum conn_want
server_step(void)
{
	double begun = cpu();
	enum conn_want want = conn_step(&conn);

	spent += cpu() - begun;
	return want;
}

static void
server_accept(void)
{
	struct wire w;
	double begun = cpu();

	if (tls_wire(&w, tls, ends[0]) != 0)
		fail("tls_wire");
	conn_init(&conn, &world, w, false);
	spent += cpu() - begun;
}

static void
server_close(void)
{
	double begun = cpu();

	conn_close(&conn);
	spent += cpu() - begun;
}

static void
server_answer(void)
{
	static const unsigned char receipt[RECEIPT_BYTES];
	struct ipc_put_done d = { .status = 201,
	    .receipt = rd_from(receipt, sizeof(receipt)) };
	double begun = cpu();

	if (conn_put_done(&conn, &d) != 0)
		fail("put_done");
	spent += cpu() - begun;
	(void)server_step();
}

static bool
server_bare(SSL *ssl)
{
	double begun = cpu();
	int r = SSL_accept(ssl);

	spent += cpu() - begun;
	return r == 1;
}

/* --- the client's side --------------------------------------------------- */

static void
connect_ends(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1, room = 1 << 20;	/* a whole parcel at once */

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (door == -1 || setsockopt(door, SOL_SOCKET, SO_RCVBUF, &room,
	    sizeof(room)) == -1 || bind(door, (struct sockaddr *)&a, n) == -1 ||
	    listen(door, 1) == -1 ||
	    getsockname(door, (struct sockaddr *)&a, &n) == -1 ||
	    (ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1 ||
	    connect(ends[1], (struct sockaddr *)&a, n) == -1 ||
	    (ends[0] = accept4(door, NULL, NULL, SOCK_NONBLOCK)) == -1 ||
	    fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1 ||
	    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room,
	    sizeof(room)) == -1 ||
	    setsockopt(ends[1], IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof(on)) == -1 ||
	    setsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof(on)) == -1)
		fail("socket");
	(void)close(door);
	if ((us = SSL_new(client)) == NULL || SSL_set_fd(us, ends[1]) != 1)
		fail("client");
	SSL_set_connect_state(us);
}

static void
disconnect(void)
{
	SSL_free(us);
	(void)close(ends[1]);
}

static void
shake(void)
{
	connect_ends();
	server_accept();
	while (conn.state == CONN_HELLO || !SSL_is_init_finished(us)) {
		(void)SSL_do_handshake(us);
		(void)server_step();
	}
}

static void
round_handshake(void)
{
	shake();
	server_close();
	disconnect();
}

static void
round_bare(void)
{
	SSL *them;

	connect_ends();
	if ((them = SSL_new(bare)) == NULL || SSL_set_fd(them, ends[0]) != 1)
		fail("bare");
	do
		(void)SSL_do_handshake(us);
	while (!server_bare(them) || !SSL_is_init_finished(us));
	SSL_free(them);
	(void)close(ends[0]);
	disconnect();
}

/* On the connection that is open. */
static void
round_parcel(void)
{
	unsigned char gone[4096];
	size_t at = 0, n;

	asked = false;
	while (!asked) {
		n = request_bytes - at < 16384 ? request_bytes - at : 16384;
		if (n > 0 && SSL_write_ex(us, request + at, n, &n) == 1)
			at += n;
		else
			(void)server_step();
		ERR_clear_error();
	}
	server_answer();
	while (SSL_read_ex(us, gone, sizeof(gone), &n) == 1)
		;
	ERR_clear_error();
}

static const struct {
	const char *name;
	void (*round)(void);
} ways[] = {
	{ "bare", round_bare }, { "handshake", round_handshake },
	{ "parcel", round_parcel },
};
#define WAYS	(sizeof(ways) / sizeof(ways[0]))

/* --- start --------------------------------------------------------------- */

static void
set_up_tls(void)
{
	char groups[] = "X25519";	/* a macro takes it as if to write */
	int cert = memfd_create("cert", 0), key = memfd_create("key", 0);
	EVP_PKEY *k = EVP_EC_gen("P-256");
	FILE *f = fdopen(dup(cert), "w"), *g = fdopen(dup(key), "w");
	X509 *x = X509_new();

	if (k == NULL || f == NULL || g == NULL || x == NULL ||
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(x), 3600) == NULL ||
	    X509_set_pubkey(x, k) != 1 || X509_sign(x, k, EVP_sha256()) <= 0 ||
	    PEM_write_X509(f, x) != 1 || PEM_write_PrivateKey(g, k, NULL,
	    NULL, 0, NULL, NULL) != 1 || fclose(f) != 0 || fclose(g) != 0 ||
	    tls_new(&tls, cert, key) != 0 ||
	    (client = SSL_CTX_new(TLS_client_method())) == NULL ||
	    SSL_CTX_set1_groups_list(client, groups) != 1 ||
	    (bare = SSL_CTX_new(TLS_server_method())) == NULL ||
	    SSL_CTX_use_certificate(bare, x) != 1 ||
	    SSL_CTX_use_PrivateKey(bare, k) != 1 ||
	    SSL_CTX_set_num_tickets(bare, 0) != 1)
		fail("TLS");
	X509_free(x);
	EVP_PKEY_free(k);
}

static void
set_up(void)
{
	world.conf = &conf;
	world.ops = &ops;
	world.now = 1;
	if (heap_wipe_openssl() != 0 || secret_init() != 0)
		fail("start");
	set_up_tls();
	memcpy(request, head, sizeof(head) - 1);
	if (parcel_cover(request + sizeof(head) - 1) != 0)
		fail("cover");
	request_bytes = sizeof(head) - 1 + PARCEL_BYTES;
}

static int
compare(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static void
measure(size_t way, uint32_t rounds)
{
	double *us_spent = calloc(rounds, sizeof(*us_spent));
	uint32_t i;

	if (us_spent == NULL)
		fail("memory");
	if (ways[way].round == round_parcel)
		shake();
	for (i = 0; i < rounds; i++) {
		spent = 0;
		ways[way].round();
		us_spent[i] = spent;
	}
	if (ways[way].round == round_parcel) {
		server_close();
		disconnect();
	}
	qsort(us_spent, rounds, sizeof(*us_spent), compare);
	printf("%-10s best %6.1f  median %6.1f us of CPU\n", ways[way].name,
	    us_spent[0], us_spent[rounds / 2]);
	free(us_spent);
}

int
main(int argc, char **argv)
{
	uint32_t rounds = argc > 2 ? (uint32_t)atoi(argv[2]) : ROUNDS;
	size_t i;

	if (argc < 2 || rounds == 0 || rounds > ROUNDS_MAX) {
		fputs("usage: bench_front FOLDER [ROUNDS "
		    "[handshake|bare|parcel]]\n", stderr);
		return 64;
	}
	set_up();
	for (i = 0; i < WAYS; i++)
		if (argc < 4 || strcmp(argv[3], ways[i].name) == 0)
			measure(i, rounds);
	tls_free(tls);
	SSL_CTX_free(client);
	SSL_CTX_free(bare);
	return 0;
}
