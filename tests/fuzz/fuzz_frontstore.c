/* SPDX-License-Identifier: ISC */
/*
 * fuzz_frontstore.c - a hostile store behind a front with clients.
 *
 * The input is a list of acts: clients come with requests and go, and the
 * store says whatever it likes, published areas included, well formed and
 * not.  They go through the front's own code over real sockets.  Checked:
 * slots are free, lent or asked for, and never lost; an area lives as long as
 * somebody reads it; after a bad word nothing more is heard.
 */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/secret.h"
#include "crypto/wr.h"
#include "server/front.h"
#include "server/log.h"

#define SLOTS	4
#define CLIENTS	6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum act {
	ACT_RAW,		/* length 1 | bytes */
	ACT_FRAMED,		/* type 1 | id 1 | length 1 | bytes */
	ACT_STATE,		/* bits 1 | health 1 */
	ACT_PUBLISH,		/* shape 1: a good area, or what is like one */
	ACT_CLIENT,		/* request 1 */
	ACT_GONE,		/* client 1 */
	ACT_PUT_DONE,		/* id 1 | status 1 */
	ACT_GET_DONE,		/* id 1 | status 1 | total 4 | length 4 */
	ACT_LOOP,
	ACTS
};

static struct conf conf = {
	.connections = CLIENTS,
	.handshake_seconds = 10, .head_seconds = 15, .body_seconds = 90,
	.idle_seconds = 30, .connection_seconds = 120, .nlisten = 1
};
static struct front f;
static struct ipc_end *peer;		/* the store's end */
static struct door door;
static int client[CLIENTS];
static unsigned char parcel[PARCEL_BYTES];
static uint64_t asked[SLOTS];		/* ids, the latest last */
static size_t nasked;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* --- the two ends ------------------------------------------------------------ */

static void
set_up(void)
{
	int fd[2], slots = slots_create(SLOTS), i;

	must(slots != -1);
	memset(&f, 0, sizeof(f));
	f.conf = f.world.conf = &conf;
	f.world.ops = &front_ops;
	f.world.self = &f;
	f.spare = -1;
	LIST_INIT(&f.clients);
	must(slots_map(&f.slots, slots) == 0);
	(void)close(slots);
	must(lend_init(&f.lend, SLOTS) == 0);
	must((f.base = event_base_new()) != NULL);
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, fd) == 0);
	must((f.store = ipc_end_new(fd[0])) != NULL &&
	    (peer = ipc_end_new(fd[1])) != NULL);
	(void)event_assign(&f.store_in, f.base, fd[0], EV_READ | EV_PERSIST,
	    front_on_store, &f);
	(void)event_assign(&f.store_out, f.base, fd[0], EV_WRITE | EV_PERSIST,
	    front_on_store_room, &f);
	(void)event_assign(&f.parent_in, f.base, -1, 0, front_on_store, &f);
	(void)evtimer_assign(&f.reopen, f.base, front_on_store, &f);
	(void)evtimer_assign(&f.tick, f.base, front_on_store, &f);
	must(event_add(&f.store_in, NULL) == 0);
	front_clock(&f);
	door = (struct door){ .front = &f, .fd = -1, .local = true };
	for (i = 0; i < CLIENTS; i++)
		client[i] = -1;
	nasked = 0;
}

static void
tear_down(void)
{
	struct client *cl;
	uint32_t i, held = 0;

	f.world.stopping = true;
	while ((cl = LIST_FIRST(&f.clients)) != NULL)
		client_close(cl);
	/* Whatever is not free was asked for, and nobody waits for it. */
	for (i = 0; i < f.lend.count; i++) {
		if (!f.lend.slots[i].taken)
			continue;
		must(f.lend.slots[i].id != 0 &&
		    f.lend.slots[i].owner == NULL);
		held++;
	}
	must(f.lend.nfree + held == f.lend.count && f.nclients == 0);
	must(f.area == NULL || f.area->refs == 1);
	area_let_go(f.area);
	(void)event_del(&f.store_in);
	(void)event_del(&f.store_out);
	ipc_end_free(f.store);
	ipc_end_free(peer);
	lend_wipe(&f.lend);
	slots_unmap(&f.slots);
	for (i = 0; i < CLIENTS; i++)
		if (client[i] != -1)
			(void)close(client[i]);
	event_base_free(f.base);
}

/* What the front asks: its ids are known to a hostile store, too. */
static void
hear(void)
{
	struct ipc_put put;
	struct ipc_get get;
	struct ipc_msg m;
	int pass;

	while (ipc_end_recv(peer, &m, &pass) == 0) {
		must(pass == -1 && (m.type == IPC_PUT || m.type == IPC_GET));
		must(m.type == IPC_PUT ? ipc_parse_put(&put, m.body) == 0 :
		    ipc_parse_get(&get, m.body) == 0);
		asked[nasked++ % SLOTS] = m.id;
	}
}

static void
loop(void)
{
	int i;

	for (i = 0; i < 8 && f.code == 0; i++) {
		(void)event_base_loop(f.base, EVLOOP_NONBLOCK);
		hear();
	}
}

/* --- what is said ------------------------------------------------------------- */

static void
say(unsigned type, uint64_t id, struct rd body, int pass)
{
	unsigned char buf[2048];
	struct wr w = wr_from(buf, sizeof(buf));
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(sizeof(int))];
	} ctl;
	struct iovec iov = { .iov_base = buf };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	wr_u16(&w, (uint16_t)type);
	wr_u16(&w, 0);
	wr_u32(&w, (uint32_t)body.n);
	wr_u64(&w, id);
	wr_rdr(&w, body);
	must(wr_ok(&w));
	iov.iov_len = w.n;
	if (pass != -1) {
		memset(&ctl, 0, sizeof(ctl));
		m.msg_control = &ctl;
		m.msg_controllen = sizeof(ctl);
		ctl.head.cmsg_level = SOL_SOCKET;
		ctl.head.cmsg_type = SCM_RIGHTS;
		ctl.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&ctl.head), &pass, sizeof(int));
	}
	(void)sendmsg(ipc_end_fd(peer), &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A good area; one of other bytes, sealed and not; a pipe's end. */
static int
area(uint8_t shape)
{
	struct rd object[PUB_KINDS] = {
		[PUB_CHECKPOINT] = rd_str("a.example/log\n1\nroot\n"),
		[PUB_KEYSET] = rd_str("keys"), [PUB_POLICY] = rd_str("{}"),
		[PUB_REPLIES] = rd_from(parcel, sizeof(parcel))
	};
	unsigned char bytes[64];
	int fd;

	if (shape == 1)
		object[PUB_CHECKPOINT] = rd_str("no end of line");
	if (shape == 2)
		object[PUB_CHECKPOINT] = rd_str("\nempty");
	if (shape <= 2)
		return published_create(object);
	memset(bytes, shape, sizeof(bytes));
	if ((fd = memfd_create("area", MFD_ALLOW_SEALING | MFD_CLOEXEC)) == -1)
		return -1;
	must(write(fd, bytes, shape % 65) == shape % 65);
	if (shape % 2 == 0)
		(void)fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
		    F_SEAL_WRITE | F_SEAL_SEAL);
	return fd;
}

static void
publish(uint8_t shape)
{
	static const unsigned char generation[8];
	int fd = area(shape);

	must(fd != -1);
	say(IPC_PUBLISH, 0, rd_from(generation, sizeof(generation)), fd);
	(void)close(fd);
}

static void
state(uint8_t bits, uint8_t health)
{
	struct ipc_state s = { .close = 1700000010, .previous = 1700000000,
	    .bits = bits, .health = health };
	unsigned char buf[32];
	struct wr w = wr_from(buf, sizeof(buf));

	ipc_write_state(&w, &s);
	say(IPC_STATE, 0, wr_rd(&w), -1);
}

/* The nth last question, or one that was never asked. */
static uint64_t
id_of(uint8_t n)
{
	return n < SLOTS && nasked > n ? asked[(nasked - 1 - n) % SLOTS] : n;
}

static bool
done(enum act what, struct rd *r)
{
	static const uint16_t codes[] = { 201, 200, 400, 401, 404, 503 };
	struct ipc_put_done p;
	struct ipc_get_done g;
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));
	uint32_t total;
	uint8_t id, status;

	if (!rd_u8(r, &id) || !rd_u8(r, &status))
		return false;
	if (what == ACT_PUT_DONE) {
		p.status = codes[status % 6];
		p.receipt = p.status <= 201 ? rd_str("receipt") :
		    rd_from(NULL, 0);
		ipc_write_put_done(&w, &p);
		say(IPC_PUT_DONE, id_of(id), wr_rd(&w), -1);
		return true;
	}
	if (!rd_u32(r, &total) || !rd_u32(r, &g.length))
		return false;
	g.status = codes[status % 6];
	g.total = total;
	ipc_write_get_done(&w, &g);
	say(IPC_GET_DONE, id_of(id), wr_rd(&w), -1);
	return true;
}

/* --- clients -------------------------------------------------------------------- */

static void
come(uint8_t request)
{
	static const char *const heads[] = {
		"GET /policy HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /replies HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /log/tile/0/000 HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /parcels HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: 65520\r\n\r\n",
		"GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /log/tile/0/000 HTTP/1.1\r\nHost: a\r\n\r\n"
		    "GET /keyset HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	const char *head = heads[request % 6];
	int fd[2], i;

	for (i = 0; i < CLIENTS && client[i] != -1; i++)
		;
	if (i == CLIENTS || f.nclients >= conf.connections)
		return;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, fd) == 0);
	client[i] = fd[0];
	(void)send(fd[0], head, strlen(head), MSG_NOSIGNAL);
	if (request % 6 == 3)
		(void)send(fd[0], parcel, sizeof(parcel), MSG_NOSIGNAL);
	client_new(&f, &door, fd[1]);
	loop();
}

static bool
act(struct rd *r)
{
	uint8_t what, n, k, id;
	struct rd bytes;

	if (!rd_u8(r, &what))
		return false;
	what %= ACTS;
	switch ((enum act)what) {
	case ACT_RAW:
		if (!rd_u8(r, &n) || !rd_take(r, &bytes, n))
			return false;
		(void)send(ipc_end_fd(peer), bytes.p, bytes.n,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		return true;
	case ACT_FRAMED:
		if (!rd_u8(r, &k) || !rd_u8(r, &id) || !rd_u8(r, &n) ||
		    !rd_take(r, &bytes, n))
			return false;
		say(k, id_of(id), bytes, -1);
		return true;
	case ACT_STATE:
		if (!rd_u8(r, &n) || !rd_u8(r, &k))
			return false;
		state(n, k);
		return true;
	case ACT_LOOP:
		loop();
		return true;
	case ACT_PUT_DONE:
	case ACT_GET_DONE:
		return done((enum act)what, r);
	default:
		break;
	}
	if (!rd_u8(r, &n))
		return false;
	if (what == ACT_PUBLISH)
		publish(n);
	else if (what == ACT_CLIENT)
		come(n);
	else if (client[n % CLIENTS] != -1) {
		(void)close(client[n % CLIENTS]);
		client[n % CLIENTS] = -1;
		loop();
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_from(data, size);

	if (parcel[0] == 0) {
		must(secret_init() != ERR_ORDER && parcel_cover(parcel) == 0);
		must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
		log_listening();
	}
	set_up();
	/* Honest to begin with, or no client would get far. */
	state(0, 0);
	publish(0);
	loop();
	must(f.code == 0 && f.area != NULL);
	while (f.code == 0 && act(&r))
		;
	if (f.code == 0)
		loop();
	tear_down();
	return 0;
}
