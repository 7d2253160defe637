/* SPDX-License-Identifier: ISC */
/*
 * fuzz_storefront.c - a hostile front before a real store.
 *
 * The input is a list of acts: datagrams of any kind, well-formed questions,
 * slots that change, time that passes.  They go through the store's own
 * front and parcel code into a small data directory, with commits, closes
 * and a log.  Checked: whatever comes back is a message of its kind, a
 * receipt is only given for what is held, and what is held was a parcel.
 */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/base.h"
#include "crypto/parcel.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "server/conf.h"
#include "server/datadir.h"
#include "server/store_int.h"

#define SLOTS	4
#define OFFICE	"o.example/office+3bbbc718+" \
		"AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs\n"
#define START	1700000000u
#define GOOD	0xa5		/* each byte of a courier's token's hash */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum act {
	ACT_RAW,		/* length 1 | bytes: a datagram as it is */
	ACT_FRAMED,		/* type 1 | length 1 | bytes: with a good head */
	ACT_PUT,		/* slot 1 | flags 1 */
	ACT_GET,		/* slot 1 | kind 1 | offset 2 | key 1 */
	ACT_FILL,		/* slot 1 | number 1: a good parcel */
	ACT_SPOIL,		/* slot 1 | at 2 | xor 1 */
	ACT_HEAR, ACT_WORK,
	ACT_CLOSE,		/* the epoch */
	ACT_PASS,		/* descriptors 1: with a good PUT */
	ACT_BOX,		/* slot 1 | total 4 | offset 4 | length 2 | token 1 */
	ACT_BOX_GONE,		/* slot 1 */
	ACTS
};

static struct store s;
static struct front front;
static struct slots theirs;		/* the slots, as the front has them */
static struct ipc_end *peer;
static unsigned char parcel[PARCEL_BYTES];
static uint64_t now = START;
static unsigned closes;			/* in this input */
static int home;			/* whoever calls us has paths, too */
static char base[] = "/tmp/fuzz-storefront.XXXXXX";

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/*
 * However we end, and a fuzzer ends without atexit(): a child that waits for
 * it clears up.
 */
static void
remove_at_end(void)
{
	int fd[2];
	char c;

	must(pipe(fd) == 0);
	switch (fork()) {
	case -1:
		abort();
	case 0:
		(void)close(fd[1]);
		(void)signal(SIGINT, SIG_IGN);
		while (read(fd[0], &c, 1) == -1)
			;
		(void)execlp("rm", "rm", "-rf", base, (char *)NULL);
		_exit(127);
	default:
		(void)close(fd[0]);	/* the other stays open till we end */
	}
}

static struct clock_now
clock_at(uint64_t at)
{
	struct clock_now n = { .real = at, .boot = at - START + 100 };

	return n;
}

static void
on_nothing(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Once: a log, an open epoch, no sandbox and no loop. */
static void
set_up(void)
{
	static struct conf conf;
	struct epochs *e = &s.epochs;

	home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(home != -1);
	must(secret_init() != ERR_ORDER && parcel_cover(parcel) == 0);
	must(mkdtemp(base) != NULL);
	remove_at_end();
	must(chdir(base) == 0 && datadir_create("data", "a.example/log") == 0);
	e->guard.dir = open("data.guard", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(e->guard.dir != -1 && chdir("data") == 0);
	s.conf = &conf;
	s.datadir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(s.datadir != -1 && logkey_load(&s.key, s.datadir) == 0);
	e->conf.seconds = 10;
	e->conf.batch = 1;
	e->conf.parcels = 32;
	e->conf.drop_bytes = 256u << 20;
	e->key = &s.key;
	/* A courier with a token whose hash we know, and an office. */
	s.tokens.n = 1;
	s.tokens.token[0].role = TOKEN_COURIER;
	memset(s.tokens.token[0].hash, GOOD, HASH_BYTES);
	must(!tokens_changed(&s.token_stamp, s.datadir));
	must(keys_parse_roles(&s.keys, rd_str(OFFICE)) == 0);
	e->keys = &s.keys;
	must(epochs_start(e, clock_at(now)) == 0);
	s.nfronts = 1;
	s.front = &front;
	must((s.body = malloc(PARCEL_BYTES)) != NULL);
	must((s.base = event_base_new()) != NULL);
	must((s.work = event_new(s.base, -1, 0, on_nothing, NULL)) != NULL);
	log_listening();		/* no words from here on */
}

static void
open_front(void)
{
	int fd[2], slots = slots_create(SLOTS);

	must(slots != -1 && socketpair(AF_UNIX, SOCK_SEQPACKET |
	    SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) == 0);
	memset(&front, 0, sizeof(front));
	must(slots_map(&theirs, slots) == 0);
	must(store_front_open(&s, &front, fd[0], slots) == 0);
	must((peer = ipc_end_new(fd[1])) != NULL);
	s.queue_cap = SLOTS;
	s.queue_first = s.queue_count = 0;
	must((s.queue = calloc(s.queue_cap, sizeof(*s.queue))) != NULL);
	s.exit_code = 0;
	s.told = false;
}

static void
close_front(void)
{
	store_front_close(&front);
	slots_unmap(&front.slots);
	slots_unmap(&theirs);
	ipc_end_free(peer);
	free(s.queue);
	s.queue = NULL;
}

/* --- what comes back --------------------------------------------------------- */

/* A receipt names what is held, and nothing else. */
static void
check_receipt(struct rd note)
{
	unsigned char digest[HASH_BYTES];
	struct rd line;
	uint64_t close;

	must(rd_line(&note, &line) && rd_line(&note, &line));
	must(hex_decode(digest, sizeof(digest), line));
	must(epochs_find(&s.epochs, digest, &close) == 0);
}

static void
hear_all(void)
{
	struct ipc_get_done get;
	struct ipc_put_done put;
	struct ipc_box_done box;
	struct ipc_state state;
	struct ipc_msg m;
	int pass, r;

	while ((r = ipc_end_recv(peer, &m, &pass)) == 0) {
		if (pass != -1)
			(void)close(pass);
		switch (m.type) {
		case IPC_PUT_DONE:
			must(ipc_parse_put_done(&put, m.body) == 0);
			if (put.status <= 201)
				check_receipt(put.receipt);
			break;
		case IPC_GET_DONE:
			must(ipc_parse_get_done(&get, m.body) == 0);
			must(get.status != 200 || get.length <= SLOT_BYTES);
			break;
		case IPC_BOX_DONE:
			must(ipc_parse_box_done(&box, m.body) == 0);
			must(s.box.bytes == NULL || s.box.at < s.box.total);
			break;
		case IPC_STATE:
			must(ipc_parse_state(&state, m.body) == 0);
			break;
		default:
			must(m.type == IPC_PUBLISH);
		}
	}
	must(r == ERR_NOTFOUND || r == ERR_IO);
}

/* --- acts ------------------------------------------------------------------------ */

/* A full socket or a closed one: the front's own loss. */
static void
throw(struct rd bytes, int nfds)
{
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(8 * sizeof(int))];
	} ctl;
	unsigned char copy[1024];
	struct iovec iov = { .iov_base = copy, .iov_len = bytes.n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int i;

	must(bytes.n <= sizeof(copy));
	memcpy(copy, bytes.p, bytes.n);
	if (nfds > 0) {
		memset(&ctl, 0, sizeof(ctl));
		m.msg_control = &ctl;
		m.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
		ctl.head.cmsg_level = SOL_SOCKET;
		ctl.head.cmsg_type = SCM_RIGHTS;
		ctl.head.cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
		for (i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(&ctl.head) + (size_t)i * sizeof(int),
			    &s.datadir, sizeof(int));
	}
	(void)sendmsg(ipc_end_fd(peer), &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
throw_framed(unsigned type, struct rd body, int nfds)
{
	unsigned char buf[1024];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_u16(&w, (uint16_t)type);
	wr_u16(&w, 0);
	wr_u32(&w, (uint32_t)body.n);
	wr_u64(&w, 7);
	wr_rdr(&w, body);
	throw(wr_rd(&w), nfds);
}

static void
put(uint8_t slot, uint8_t flags, int nfds)
{
	struct ipc_put p = { .slot = slot, .flags = flags };
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));

	if ((flags & IPC_HAS_DIGEST) != 0 && slot < SLOTS)
		sha256(p.digest, slots_at(&theirs, slot), PARCEL_BYTES);
	ipc_write_put(&w, &p);
	throw_framed(IPC_PUT, wr_rd(&w), nfds);
}

static void
get(uint8_t slot, uint8_t kind, uint16_t offset, uint8_t k)
{
	struct ipc_get g = { .slot = slot, .kind = kind, .offset = offset };
	unsigned char key[HASH_BYTES] = { 0 }, buf[128];
	struct wr w = wr_from(buf, sizeof(buf));

	key[0] = (k & 1) != 0 ? 0xff : 0;	/* entries, or level 0 */
	key[kind == GET_TILE ? 10 : 31] = k;
	g.key = rd_from(key, kind == GET_TILE ? 11 : HASH_BYTES);
	ipc_write_get(&w, &g);
	throw_framed(IPC_GET, wr_rd(&w), 0);
}

/* token 0: the one that is good. */
static bool
act_box(struct rd *r)
{
	struct ipc_box b = { 0 };
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));
	uint8_t slot, token;
	uint16_t length;

	if (!rd_u8(r, &slot) || !rd_u32(r, &b.total) ||
	    !rd_u32(r, &b.offset) || !rd_u16(r, &length) ||
	    !rd_u8(r, &token))
		return false;
	b.slot = slot;
	b.length = length;
	memset(b.token, token == 0 ? GOOD : token, sizeof(b.token));
	ipc_write_box(&w, &b);
	throw_framed(IPC_BOX, wr_rd(&w), 0);
	return true;
}

static bool
act_gone(struct rd *r)
{
	unsigned char buf[8];
	struct wr w = wr_from(buf, sizeof(buf));
	uint8_t slot;

	if (!rd_u8(r, &slot))
		return false;
	ipc_write_box_gone(&w, slot);
	throw_framed(IPC_BOX_GONE, wr_rd(&w), 0);
	return true;
}

/* All steps of a close; the log is checked by the steps themselves. */
static void
close_epoch(void)
{
	struct epochs *e = &s.epochs;

	now += e->conf.seconds;
	while (s.queue_count > 0)
		store_put_batch(&s);
	must(epochs_rotate(e, clock_at(now)) == 0);
	now += e->conf.seconds / 2;		/* nothing is held back now */
	while (epochs_busy(e))
		must(epochs_step(e) == 0);
	store_tell_state(&s);
}

static bool
act_slot(enum act what, struct rd *r)
{
	uint8_t slot, byte;
	uint16_t at;

	if (!rd_u8(r, &slot))
		return false;
	if (what == ACT_SPOIL) {
		if (!rd_u16(r, &at) || !rd_u8(r, &byte))
			return false;
		if (slot < SLOTS)
			slots_at(&theirs, slot)[at] ^= byte;
		return true;
	}
	if (!rd_u8(r, &byte))
		return false;
	if (what == ACT_PUT)
		put(slot, byte, 0);
	if (what == ACT_FILL && slot < SLOTS) {
		memcpy(slots_at(&theirs, slot), parcel, sizeof(parcel));
		slots_at(&theirs, slot)[PARCEL_BYTES - 1] = byte;
	}
	return true;
}

static bool
act(struct rd *r)
{
	uint8_t what, n, slot, kind, key;
	struct rd bytes;
	uint16_t offset;

	if (!rd_u8(r, &what))
		return false;
	switch ((enum act)(what % ACTS)) {
	case ACT_RAW:
		if (!rd_u8(r, &n) || !rd_take(r, &bytes, n))
			return false;
		throw(bytes, 0);
		return true;
	case ACT_FRAMED:
		if (!rd_u8(r, &kind) || !rd_u8(r, &n) ||
		    !rd_take(r, &bytes, n))
			return false;
		throw_framed(kind, bytes, 0);
		return true;
	case ACT_GET:
		if (!rd_u8(r, &slot) || !rd_u8(r, &kind) ||
		    !rd_u16(r, &offset) || !rd_u8(r, &key))
			return false;
		get(slot, kind, offset, key);
		return true;
	case ACT_HEAR:
		store_front_hear(&front);
		hear_all();
		return true;
	case ACT_WORK:
		if (s.queue_count > 0)
			store_put_batch(&s);
		hear_all();
		return true;
	case ACT_CLOSE:
		if (closes++ == 0)		/* cover is dear */
			close_epoch();
		return true;
	case ACT_PASS:
		if (!rd_u8(r, &n))
			return false;
		put(0, 0, n % 9);
		return true;
	case ACT_BOX:
		return act_box(r);
	case ACT_BOX_GONE:
		return act_gone(r);
	default:
		return act_slot((enum act)(what % ACTS), r);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_from(data, size);

	if (s.base == NULL)
		set_up();
	must(fchdir(s.datadir) == 0);
	/* There is always room for an input's parcels. */
	if (!epochs_have_room(&s.epochs))
		close_epoch();
	closes = 0;
	open_front();
	store_tell_state(&s);
	while (s.exit_code == 0 && front.end != NULL && act(&r))
		;
	/* The end of a store that goes in peace, as store.c has it. */
	if (s.exit_code == 0 && front.end != NULL)
		store_front_hear(&front);
	while (s.queue_count > 0)
		store_put_batch(&s);
	hear_all();
	store_box_wipe(&s);
	close_front();
	must(fchdir(home) == 0);
	return 0;
}
