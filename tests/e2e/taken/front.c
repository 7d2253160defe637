/* SPDX-License-Identifier: ISC */
/*
 * front.c - a front that a stranger takes over while it lives.
 *
 * Linked into a server whose parent, store and sandbox are the real ones:
 * client_new() is wrapped, and whoever connects to the Unix listener has the
 * front obey one line: the name of an attack and its arguments.  From then on
 * the front's loop is ours; what it has are its own descriptors, its slots
 * and the calls that its cage leaves.  It says on that connection what the
 * store answered; tests/e2e/taken.py judges.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/sha256.h"
#include "crypto/wr.h"
#include "server/front.h"
#include "server/role.h"

#define SPIN_SECS	20
#define DATAGRAM_MAX	(IPC_HEAD_BYTES + IPC_BODY_MAX + 64)

void __real_client_new(struct front *f, const struct door *door, int fd);
void __wrap_client_new(struct front *f, const struct door *door, int fd);

static struct front *me;
static int boss;			/* the connection that commands us */
static unsigned char parcel[2][PARCEL_BYTES];

/* --- words ------------------------------------------------------------------ */

static void __attribute__((format(printf, 1, 2)))
say(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	while (n > 0 && write(boss, line, (size_t)n) == -1 &&
	    errno == EAGAIN)
		;
}

static time_t
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* --- datagrams, good and bad ------------------------------------------------- */

/* As it is, with so many copies of a descriptor; false: no room, or over. */
static bool
throw(int fd, const void *p, size_t n, int nfds)
{
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(8 * sizeof(int))];
	} ctl;
	unsigned char copy[DATAGRAM_MAX + 4096];
	struct iovec iov = { .iov_base = copy, .iov_len = n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int i, slots = ROLE_FD_FIRST + 1;

	memset(copy, 0, sizeof(copy));
	if (n > 0)
		memcpy(copy, p, n);
	if (nfds > 0) {
		memset(&ctl, 0, sizeof(ctl));
		m.msg_control = &ctl;
		m.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
		ctl.head.cmsg_level = SOL_SOCKET;
		ctl.head.cmsg_type = SCM_RIGHTS;
		ctl.head.cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
		for (i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(&ctl.head) + (size_t)i * sizeof(int),
			    &slots, sizeof(int));
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) != -1;
}

static size_t
frame(unsigned char *out, unsigned type, unsigned pad, uint32_t length,
    uint64_t id, struct rd body)
{
	struct wr w = wr_from(out, DATAGRAM_MAX);

	wr_u16(&w, (uint16_t)type);
	wr_u16(&w, (uint16_t)pad);
	wr_u32(&w, length);
	wr_u64(&w, id);
	wr_rdr(&w, body);
	return w.n;
}

static int
to_store(void)
{
	return ipc_end_fd(me->store);
}

static bool
send_body(unsigned type, uint64_t id, struct rd body, int nfds)
{
	unsigned char buf[DATAGRAM_MAX];

	return throw(to_store(), buf, frame(buf, type, 0, (uint32_t)body.n, id,
	    body), nfds);
}

static bool
send_put(uint64_t id, const struct ipc_put *p)
{
	unsigned char buf[128];
	struct wr w = wr_from(buf, sizeof(buf));

	ipc_write_put(&w, p);
	return send_body(IPC_PUT, id, wr_rd(&w), 0);
}

static bool
send_get(uint64_t id, const struct ipc_get *g)
{
	unsigned char buf[256];
	struct wr w = wr_from(buf, sizeof(buf));

	ipc_write_get(&w, g);
	return send_body(IPC_GET, id, wr_rd(&w), 0);
}

/* The next answer; what all fronts are told is dropped.  False: the end. */
static bool
hear(struct ipc_msg *m)
{
	time_t until = now() + SPIN_SECS;
	int pass, r;

	while (now() < until) {
		r = ipc_end_recv(me->store, m, &pass);
		if (pass != -1)
			(void)close(pass);
		if (r != 0 && r != ERR_NOTFOUND)
			return false;
		if (r == 0 && (m->type == IPC_PUT_DONE ||
		    m->type == IPC_GET_DONE))
			return true;
	}
	return false;
}

/* 0: no answer.  A receipt's digest is said. */
static unsigned
put_answer(uint64_t *id)
{
	struct ipc_put_done d;
	struct ipc_msg m;
	struct rd line;

	if (!hear(&m) || m.type != IPC_PUT_DONE ||
	    ipc_parse_put_done(&d, m.body) != 0)
		return 0;
	*id = m.id;
	if (d.status <= 201 && rd_line(&d.receipt, &line) &&
	    rd_line(&d.receipt, &line) && line.n == 2 * HASH_BYTES)
		say("receipt %.*s\n", (int)line.n, (const char *)line.p);
	return d.status;
}

static unsigned
get_answer(void)
{
	struct ipc_get_done d;
	struct ipc_msg m;

	do {
		if (!hear(&m))
			return 0;
	} while (m.type != IPC_GET_DONE);	/* an older PUT's */
	if (ipc_parse_get_done(&d, m.body) != 0)
		return 0;
	return d.status;
}

static unsigned char *
slot(uint32_t n)
{
	return slots_at(&me->slots, n);
}

static void
digest_of(unsigned char out[static HASH_BYTES], const unsigned char *p)
{
	sha256(out, p, PARCEL_BYTES);
}

/* Another parcel for each number: the payload is noise to everybody. */
static void
fresh(uint32_t n, uint32_t number)
{
	unsigned char *p = slot(n);

	memcpy(p, parcel[0], PARCEL_BYTES);
	memcpy(p + PARCEL_BYTES - 64, &number, sizeof(number));
	p[PARCEL_BYTES - 1] = (unsigned char)getpid();
}

/* --- messages that no front sends --------------------------------------------- */

struct wrong {
	const char *name;
	unsigned type, pad;
	int more;			/* said length less the true one */
	size_t n;			/* of the body */
	int nfds;
	unsigned char body[96];
};

#define SLOT_FAR	0xff, 0xff, 0xff, 0xff
static const struct wrong wrongs[] = {
	{ .name = "type 0", .n = 37 },
	{ .name = "type 10", .type = 10, .n = 37 },
	{ .name = "ALIVE", .type = IPC_ALIVE },
	{ .name = "type 65535", .type = 65535, .n = 37 },
	{ .name = "pad", .type = IPC_PUT, .pad = 1, .n = 37 },
	{ .name = "length too small", .type = IPC_PUT, .more = -1, .n = 37 },
	{ .name = "length too great", .type = IPC_PUT, .more = 1, .n = 37 },
	{ .name = "length enormous", .type = IPC_PUT, .more = 0x7fffff00,
	    .n = 37 },
	{ .name = "PUT too short", .type = IPC_PUT, .n = 36 },
	{ .name = "PUT too long", .type = IPC_PUT, .n = 38 },
	{ .name = "PUT of no slot", .type = IPC_PUT, .n = 37,
	    .body = { SLOT_FAR } },
	{ .name = "PUT of the slot after the last", .type = IPC_PUT, .n = 37,
	    .body = { 0, 0, 0, 8 } },
	{ .name = "PUT with a flag", .type = IPC_PUT, .n = 37,
	    .body = { 0, 0, 0, 0, 0x80 } },
	{ .name = "PUT with a digest unsaid", .type = IPC_PUT, .n = 37,
	    .body = { 0, 0, 0, 0, 0, 1 } },
	{ .name = "PUT with a descriptor", .type = IPC_PUT, .n = 37,
	    .nfds = 1 },
	{ .name = "PUT with two descriptors", .type = IPC_PUT, .n = 37,
	    .nfds = 2 },
	{ .name = "PUT with eight descriptors", .type = IPC_PUT, .n = 37,
	    .nfds = 8 },
	{ .name = "GET of no kind", .type = IPC_GET, .n = 46 + 32 },
	{ .name = "GET of kind 4", .type = IPC_GET, .n = 46 + 32,
	    .body = { 0, 0, 0, 0, 0, 4 } },
	{ .name = "GET of no slot", .type = IPC_GET, .n = 46 + 32,
	    .body = { SLOT_FAR, 0, 1 } },
	{ .name = "GET with a key too short", .type = IPC_GET, .n = 46 + 31,
	    .body = { 0, 0, 0, 0, 0, 1 } },
	{ .name = "GET with a key too long", .type = IPC_GET, .n = 46 + 33,
	    .body = { 0, 0, 0, 0, 0, 1 } },
	{ .name = "GET with a token unsaid", .type = IPC_GET, .n = 46 + 32,
	    .body = { 0, 0, 0, 0, 0, 1, [14] = 1 } },
	{ .name = "PUT_DONE", .type = IPC_PUT_DONE, .n = 2,
	    .body = { 1, 0x90 } },
	{ .name = "GET_DONE", .type = IPC_GET_DONE, .n = 14,
	    .body = { 1, 0x90 } },
	{ .name = "STATE", .type = IPC_STATE, .n = 18, .body = { [7] = 1 } },
	{ .name = "PUBLISH", .type = IPC_PUBLISH, .n = 8 },
	{ .name = "PUBLISH with a descriptor", .type = IPC_PUBLISH, .n = 8,
	    .nfds = 1 },
	{ .name = "READY", .type = IPC_READY },
	{ .name = "STOP", .type = IPC_STOP },
	{ .name = "a datagram too long", .type = IPC_PUT,
	    .n = IPC_BODY_MAX + 1 },
};
#define WRONGS	(sizeof(wrongs) / sizeof(wrongs[0]))

/* Does the store still speak to us? */
static void
say_whether_heard(void)
{
	struct ipc_get g = { .kind = GET_STATEMENT };
	unsigned char key[HASH_BYTES] = { 0 };
	bool sent;

	g.key = rd_from(key, sizeof(key));
	sent = send_get(77, &g);
	say("%s\n", sent && get_answer() != 0 ? "heard" : "ended");
}

static void
attack_wrong(unsigned long k)
{
	static unsigned char body[IPC_BODY_MAX + 1];
	unsigned char buf[DATAGRAM_MAX];
	const struct wrong *w = &wrongs[k % WRONGS];
	size_t n;

	memcpy(body, w->body, sizeof(w->body));
	n = frame(buf, w->type, w->pad, (uint32_t)(w->n + (size_t)w->more), 1,
	    rd_from(body, w->n));
	say("wrong %zu %s\n", WRONGS, w->name);
	(void)throw(to_store(), buf, n, w->nfds);
	say_whether_heard();
}

/* A head that is cut off at k, down to nothing at all. */
static void
attack_cut(unsigned long k)
{
	unsigned char buf[DATAGRAM_MAX];

	(void)frame(buf, IPC_READY, 0, 0, 1, rd_from(NULL, 0));
	(void)throw(to_store(), buf, k % IPC_HEAD_BYTES, 0);
	say_whether_heard();
}

/*
 * One slot in two hands: PUT and PUT, PUT and GET.  Where the store was done
 * with the first before the second came, once more.
 */
static void
attack_twice(unsigned long k)
{
	struct ipc_put p = { .slot = 1 };
	struct ipc_get g = { .slot = 1, .kind = GET_STATEMENT };
	unsigned char key[HASH_BYTES] = { 0 };
	struct ipc_msg m;
	unsigned tries;

	fresh(1, 1);
	g.key = rd_from(key, sizeof(key));
	for (tries = 0; tries < 1000; tries++) {
		(void)send_put(1, &p);
		(void)(k == 0 ? send_put(2, &p) : send_get(2, &g));
		if (!hear(&m) || !hear(&m))
			break;
	}
	say_whether_heard();
}

/* To the parent: what is no IPC_READY, or a second one. */
static void
attack_parent(unsigned long k)
{
	unsigned char buf[DATAGRAM_MAX];
	unsigned type = k == 0 ? IPC_READY : k == 1 ? IPC_STOP : IPC_PUT;
	size_t n = frame(buf, type, 0, 0, 0, rd_from(NULL, 0));
	time_t until = now() + SPIN_SECS;

	(void)throw(ipc_end_fd(me->parent), buf, k == 3 ? 4096 : n,
	    k == 4 ? 3 : 0);
	say("sent\n");
	/* The parent ends us. */
	while (now() < until)
		;
	say("ended by nobody\n");
}

/* To the parent: that we are alive, without a pause. */
static void
attack_alive(unsigned long k)
{
	unsigned char buf[DATAGRAM_MAX];
	size_t n = frame(buf, IPC_ALIVE, 0, 0, 0, rd_from(NULL, 0));
	time_t until = now() + 2 * SPIN_SECS;

	(void)k;
	say("alive\n");
	while (now() < until)
		(void)throw(ipc_end_fd(me->parent), buf, n, 0);
}

/* --- lies that have a right shape ------------------------------------------------ */

/* No receipt for what is no parcel, or not the one that was claimed. */
static void
attack_forge(unsigned long k)
{
	struct ipc_put p = { .slot = 2, .flags = IPC_HAS_DIGEST };
	uint64_t id = 0;
	unsigned i;

	(void)k;
	digest_of(p.digest, parcel[1]);
	for (i = 0; i < 6; i++) {
		fresh(2, 1000 + i);
		if (i == 0)
			memset(slot(2), 0, SLOT_BYTES);
		if (i == 1)
			slot(2)[0] ^= 1;	/* the magic */
		if (i == 2)
			slot(2)[2000] = '\n';	/* in a stanza */
		/* 3 to 5: good parcels, another's digest */
		if (!send_put(i, &p))
			break;
		say("status %u\n", put_answer(&id));
	}
	say_whether_heard();
}

/* What it may not see, and keys at every edge. */
static void
attack_steal(const char *words)
{
	static const uint64_t offsets[] = { 0, 1, SLOT_BYTES, PARCEL_BYTES,
	    UINT64_MAX, UINT64_MAX - SLOT_BYTES };
	static const struct { unsigned level; uint64_t index; unsigned w; }
	    tiles[] = { { 0, UINT64_MAX, 256 }, { 255, UINT64_MAX, 1 },
	    { 0, 0, 0 }, { 0, 0, 257 }, { 0, 0, 65535 }, { 64, 0, 1 },
	    { 254, 1, 1 }, { 0, 1ULL << 56, 256 }, { 7, 1ULL << 63, 1 } };
	unsigned char key[64], want[HASH_BYTES] = { 0 };
	struct ipc_get g = { .slot = 3 };
	unsigned byte;
	uint64_t id = 0;
	struct ipc_put p = { .slot = 3 };
	struct wr w;
	size_t i;

	/* A parcel of the open epoch, and the hash of a courier's token. */
	fresh(3, 4711);
	digest_of(want, slot(3));
	if (!send_put(1, &p))
		return;
	say("put %u\n", put_answer(&id));
	for (i = 0; i < HASH_BYTES &&
	    sscanf(words + 2 * i, "%2x", &byte) == 1; i++)
		g.token[i] = (unsigned char)byte;
	for (i = 0; i < 2 * sizeof(offsets) / sizeof(offsets[0]); i++) {
		memset(slot(3), 0, SLOT_BYTES);
		g.kind = GET_PARCEL;
		g.flags = i % 2 == 0 ? IPC_HAS_TOKEN : 0;
		g.offset = offsets[i / 2];
		g.key = rd_from(want, sizeof(want));
		if (!send_get(2, &g))
			break;
		say("status %u\n", get_answer());
	}
	g.flags = 0;
	for (i = 0; i < sizeof(tiles) / sizeof(tiles[0]); i++) {
		w = wr_from(key, sizeof(key));
		wr_u8(&w, (uint8_t)tiles[i].level);
		wr_u64(&w, tiles[i].index);
		wr_u16(&w, (uint16_t)tiles[i].w);
		g.kind = GET_TILE;
		g.offset = i % 2 == 0 ? 0 : UINT64_MAX;
		g.key = wr_rd(&w);
		if (!send_get(3, &g))
			break;
		say("status %u\n", get_answer());
	}
	say_whether_heard();
}

/* The parcel changes while the store reads it: whatever comes of it. */
static void
attack_scribble(unsigned long rounds)
{
	struct ipc_put p = { .slot = 0 };
	struct ipc_put_done d;
	struct ipc_msg m;
	unsigned long i, j, n[4] = { 0 };
	unsigned char *at = slot(0);
	struct rd line;
	int pass, r;

	for (i = 0; i < rounds; i++) {
		fresh(0, (uint32_t)i + 50000);
		p.flags = i % 3 == 0 ? IPC_HAS_DIGEST : 0;
		memset(p.digest, 0, sizeof(p.digest));
		if (p.flags != 0)
			digest_of(p.digest, at);
		if (!send_put(i, &p))
			break;
		for (j = 0; (r = ipc_end_recv(me->store, &m, &pass)) ==
		    ERR_NOTFOUND || (r == 0 && m.type != IPC_PUT_DONE); j++) {
			if (pass != -1)
				(void)close(pass);
			/* Noise, then shape, then a whole other parcel. */
			at[40000 + j * 61 % 25000] ^= (unsigned char)j;
			if (i % 4 == 1)
				at[j % 200] ^= 1;
			if (i % 4 == 2)
				memcpy(at, parcel[j % 2], PARCEL_BYTES);
		}
		if (r != 0 || ipc_parse_put_done(&d, m.body) != 0)
			break;
		n[d.status == 201 ? 0 : d.status == 200 ? 1 :
		    d.status == 400 ? 2 : 3]++;
		if (d.status <= 201 && rd_line(&d.receipt, &line) &&
		    rd_line(&d.receipt, &line))
			say("receipt %.*s\n", (int)line.n,
			    (const char *)line.p);
	}
	say("scribbled %lu: 201 %lu, 200 %lu, 400 %lu, 503 %lu\n", i, n[0],
	    n[1], n[2], n[3]);
	say_whether_heard();
}

/* The same ids, all slots at once; ids come back as they were sent. */
static void
attack_ids(unsigned long k)
{
	struct ipc_put p = { 0 };
	uint64_t id;
	uint32_t i, n = me->slots.count;
	unsigned bad = 0;

	for (i = 0; i < n; i++) {
		fresh(i, (uint32_t)k + 90000 + i);
		p.slot = i;
		if (!send_put(UINT64_MAX, &p))
			break;
	}
	for (i = 0; i < n; i++) {
		id = 0;
		say("status %u\n", put_answer(&id));
		bad += id != UINT64_MAX;
	}
	say("bad ids %u\n", bad);
	say_whether_heard();
}

/*
 * Questions without end, and no answer is ever read.  With a limit it then
 * stays: deaf, dumb and alive.
 */
static void
attack_flood(unsigned long limit)
{
	struct ipc_get g = { .slot = 4, .kind = GET_TILE };
	unsigned char key[11] = { 0 };
	time_t until = now() + SPIN_SECS, last = 0;
	unsigned long sent = 0;
	bool up = true;

	g.key = rd_from(key, sizeof(key));
	key[10] = 1;
	while (up && now() < until && (limit == 0 || sent < limit)) {
		errno = 0;
		if (send_get(sent, &g))
			sent++;
		else
			up = errno == EAGAIN;
		if (now() != last) {
			last = now();
			say("flood %lu\n", sent);
		}
	}
	say("flooded %lu %s\n", sent, up ? "open" : "shut");
	for (until = now() + 60; limit != 0 && now() < until; )
		;
}

/* What it has besides: sealed memory, and the parent's socket. */
static void
attack_memory(unsigned long k)
{
	int fd = ROLE_FD_FIRST + 1;
	void *p;

	(void)k;
	say("shrink %d\n", ftruncate(fd, 0));
	say("grow %d\n", ftruncate(fd, (off_t)1 << 40));
	p = mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	say("map more %s\n", p == MAP_FAILED ? "no" : "yes");
	say_whether_heard();
}

/* --- the hour of the stranger --------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(unsigned long);
} attacks[] = {
	{ "wrong", attack_wrong }, { "cut", attack_cut },
	{ "twice", attack_twice }, { "parent", attack_parent },
	{ "forge", attack_forge }, { "scribble", attack_scribble },
	{ "ids", attack_ids }, { "flood", attack_flood },
	{ "memory", attack_memory }, { "alive", attack_alive },
};

static void
obey_boss(char *line)
{
	char *arg = strchr(line, ' ');
	size_t i;

	if (arg != NULL)
		*arg++ = '\0';
	else
		arg = line + strlen(line);
	say("pid %d\n", (int)getpid());
	if (strcmp(line, "steal") == 0)
		attack_steal(arg);
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (strcmp(line, attacks[i].name) == 0)
			attacks[i].run(strtoul(arg, NULL, 10));
	say("over\n");
}

void
__wrap_client_new(struct front *f, const struct door *door, int fd)
{
	time_t until = now() + SPIN_SECS;
	char line[256];
	size_t n = 0;
	ssize_t got;

	if (!f->conf->listen[door - f->doors].is_unix) {
		__real_client_new(f, door, fd);
		return;
	}
	me = f;
	boss = fd;
	while (now() < until && n < sizeof(line) - 1) {
		got = read(fd, line + n, 1);
		if (got == 0 || (got == 1 && line[n] == '\n'))
			break;
		if (got == 1)
			n++;
	}
	line[n] = '\0';
	if (parcel_cover(parcel[0]) == 0 && parcel_cover(parcel[1]) == 0)
		obey_boss(line);
	_exit(0);
}
