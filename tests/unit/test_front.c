/* SPDX-License-Identifier: ISC */
/*
 * test_front.c - the front as a process, sandbox and all, between a store, a
 * parent and clients that the test plays.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "server/ipc.h"
#include "server/published.h"
#include "server/role.h"
#include "server/slots.h"

#define H	"Host: a\r\n"
#define SLOTS	4

static struct {
	pid_t pid;
	struct ipc_end *store, *parent;	/* our ends */
	struct slots slots;
	struct conf conf;
	struct sockaddr_un at;
} t;

static unsigned char parcel[PARCEL_BYTES];

/* --- the process -------------------------------------------------------------------- */

/* In the child: these descriptors from 3 on, and the role. */
static void
become_front(const int *fds, int n)
{
	int i;

	/* Out of the way first: their numbers may be among the wanted. */
	for (i = 0; i < n; i++)
		if (dup2(fds[i], 100 + i) == -1)
			_exit(100);
	for (i = 0; i < n; i++)
		if (dup2(100 + i, 3 + i) == -1)
			_exit(101);
	if (close_range((unsigned)(3 + n), ~0U, 0) != 0)
		_exit(102);
	_exit(front_main(&t.conf, n));
}

static int
listener(void)
{
	char dir[] = "/tmp/ecrdrop-front.XXXXXX";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cr_assert_not_null(mkdtemp(dir));
	t.at.sun_family = AF_UNIX;
	(void)snprintf(t.at.sun_path, sizeof(t.at.sun_path), "%s/s", dir);
	cr_assert_eq(bind(fd, (struct sockaddr *)&t.at, sizeof(t.at)), 0);
	cr_assert_eq(listen(fd, 64), 0);
	return fd;
}

static void
set_conf(void)
{
	t.conf.nlisten = 1;
	t.conf.listen[0].is_unix = true;
	t.conf.listen[0].local = true;
	t.conf.slots = SLOTS;
	t.conf.connections = 16;
	t.conf.handshake_seconds = t.conf.head_seconds = 20;
	t.conf.body_seconds = t.conf.idle_seconds = 20;
	t.conf.connection_seconds = 60;
}

static void
start(void)
{
	int par[2], sto[2], fds[6], i;

	set_conf();
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    par), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    sto), 0);
	fds[0] = par[1];
	fds[1] = sto[1];
	fds[2] = slots_create(SLOTS);
	fds[3] = memfd_create("none", 0);
	fds[4] = memfd_create("none", 0);
	fds[5] = listener();
	cr_assert_eq(slots_map(&t.slots, fds[2]), 0);
	t.pid = fork();
	cr_assert_neq(t.pid, -1);
	if (t.pid == 0)
		become_front(fds, 6);
	for (i = 0; i < 6; i++)
		(void)close(fds[i]);
	cr_assert_not_null(t.parent = ipc_end_new(par[0]));
	cr_assert_not_null(t.store = ipc_end_new(sto[0]));
}

/* Its exit code. */
static int
end(void)
{
	int status;

	cr_assert_eq(waitpid(t.pid, &status, 0), t.pid);
	t.pid = 0;
	ipc_end_free(t.store);
	ipc_end_free(t.parent);
	slots_unmap(&t.slots);
	(void)unlink(t.at.sun_path);
	*strrchr(t.at.sun_path, '/') = '\0';
	(void)rmdir(t.at.sun_path);
	cr_assert(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* --- store and parent ----------------------------------------------------------------- */

static void
wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	cr_assert_eq(poll(&p, 1, 20000), 1, "nothing comes");
}

static bool
is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static struct ipc_msg
hear(struct ipc_end *e)
{
	struct ipc_msg m;
	int pass;

	wait_for(ipc_end_fd(e));
	cr_assert_eq(ipc_end_recv(e, &m, &pass), 0);
	return m;
}

static void
tell(enum ipc_type type, uint64_t id, struct rd body, int pass)
{
	cr_assert_eq(ipc_end_send(t.store, type, id, body, pass), 0);
}

static void
tell_state(uint8_t bits)
{
	const struct ipc_state s = { .close = 7200, .previous = 3600,
	    .bits = bits };
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));

	ipc_write_state(&w, &s);
	tell(IPC_STATE, 0, wr_rd(&w), -1);
}

static void
publish(const char *policy, struct rd replies)
{
	static const unsigned char generation[8];
	struct rd objects[PUB_KINDS];
	int fd;

	objects[PUB_CHECKPOINT] = rd_str("a/log\n0\nroot\n");
	objects[PUB_KEYSET] = rd_str("keyset\n");
	objects[PUB_POLICY] = rd_str(policy);
	objects[PUB_REPLIES] = replies;
	cr_assert_neq(fd = published_create(objects), -1);
	tell(IPC_PUBLISH, 0, rd_from(generation, 8), fd);
	(void)close(fd);
}

static void
open_up(void)
{
	start();
	cr_assert_eq(hear(t.parent).type, IPC_READY);
	tell_state(0);
	publish("{}\n", rd_str(""));
}

static void
put_done(uint64_t id, uint16_t status)
{
	const struct ipc_put_done d = { status,
	    status < 300 ? rd_str("receipt\n") : rd_str("") };
	unsigned char buf[128];
	struct wr w = wr_from(buf, sizeof(buf));

	ipc_write_put_done(&w, &d);
	tell(IPC_PUT_DONE, id, wr_rd(&w), -1);
}

static void
say_stop(void)
{
	cr_assert_eq(ipc_end_send(t.parent, IPC_STOP, 0, rd_str(""), -1), 0);
}

/* --- clients ---------------------------------------------------------------------------- */

static int
dial(void)
{
	const struct timeval patience = { 20, 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cr_assert_eq(connect(fd, (struct sockaddr *)&t.at, sizeof(t.at)), 0);
	cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience)), 0);
	return fd;
}

static void
send_all(int fd, const void *p, size_t n)
{
	cr_assert_eq(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void
send_str(int fd, const char *s)
{
	send_all(fd, s, strlen(s));
}

static int
ask(const char *what)
{
	int fd = dial();

	send_str(fd, what);
	return fd;
}

static int
post(void)
{
	int fd = ask("POST /parcels HTTP/1.1\r\n" H
	    "Content-Length: 65520\r\nConnection: close\r\n\r\n");

	send_all(fd, parcel, sizeof(parcel));
	return fd;
}

/* Everything until the end; its length. */
static size_t
read_all(int fd, unsigned char *buf, size_t cap)
{
	size_t n = 0;
	ssize_t k;

	while ((k = read(fd, buf + n, cap - n)) > 0)
		n += (size_t)k;
	cr_assert_eq(k, 0, "%s", strerror(errno));
	(void)close(fd);
	return n;
}

static unsigned
status_of(int fd)
{
	unsigned char buf[4096];
	size_t n = read_all(fd, buf, sizeof(buf) - 1);

	buf[n] = '\0';
	if (n < 13)
		return 0;
	return (unsigned)strtoul((char *)buf + 9, NULL, 10);
}

#define GET_POLICY "GET /policy HTTP/1.1\r\n" H "Connection: close\r\n\r\n"

/* What was told the front before this, it has heard. */
static void
sync_with_front(void)
{
	static unsigned n;
	unsigned char got[4096];
	char policy[32];
	size_t k;

	(void)snprintf(policy, sizeof(policy), "{\"n\":%u}\n", ++n);
	publish(policy, rd_str(""));
	do {
		k = read_all(ask(GET_POLICY), got, sizeof(got) - 1);
		got[k] = '\0';
	} while (strstr((char *)got, policy) == NULL);
}

/* --- tests --------------------------------------------------------------------------------- */

TestSuite(front, .timeout = 60);

Test(front, serves_once_it_knows_what)
{
	struct pollfd p = { .events = POLLIN };
	int fd;

	start();
	cr_assert_eq(hear(t.parent).type, IPC_READY);
	fd = ask(GET_POLICY);
	tell_state(0);
	p.fd = fd;
	cr_assert_eq(poll(&p, 1, 200), 0, "nothing is published yet");
	publish("{}\n", rd_str(""));
	cr_assert_eq(status_of(fd), 200);
	say_stop();
	cr_assert_eq(end(), 0);
}

Test(front, stops_with_its_parent)
{
	open_up();
	cr_assert_eq(status_of(ask(GET_POLICY)), 200);
	ipc_end_free(t.parent);
	t.parent = NULL;
	cr_assert_eq(end(), 0);
}

Test(front, ends_with_the_store)
{
	open_up();
	cr_assert_eq(status_of(ask(GET_POLICY)), 200);
	ipc_end_free(t.store);
	t.store = NULL;
	cr_assert_neq(end(), 0);
}

Test(front, ends_when_the_store_answers_what_was_not_asked)
{
	open_up();
	put_done(4096, 201);
	cr_assert_neq(end(), 0);
}

Test(front, ends_when_the_store_answers_twice)
{
	uint64_t id;
	int fd;

	cr_assert_eq(parcel_cover(parcel), 0);
	open_up();
	fd = post();
	id = hear(t.store).id;
	put_done(id, 201);
	cr_assert_eq(status_of(fd), 201);
	put_done(id, 201);
	cr_assert_neq(end(), 0);
}

Test(front, ends_when_the_store_says_what_only_a_front_says)
{
	open_up();
	tell(IPC_READY, 0, rd_str(""), -1);
	cr_assert_neq(end(), 0);
}

Test(front, ends_when_the_store_sends_noise)
{
	open_up();
	cr_assert_eq(send(ipc_end_fd(t.store), "noise", 5, 0), 5);
	cr_assert_neq(end(), 0);
}

Test(front, maps_no_area_that_could_shrink)
{
	static const unsigned char generation[8];
	int fd = memfd_create("open", MFD_ALLOW_SEALING);

	open_up();
	cr_assert_eq(write(fd, parcel, 100), 100);
	tell(IPC_PUBLISH, 0, rd_from(generation, 8), fd);
	(void)close(fd);
	cr_assert_neq(end(), 0);
}

Test(front, hands_the_slot_with_the_parcel_to_the_store)
{
	struct ipc_msg m;
	struct ipc_put p;
	int fd;

	cr_assert_eq(parcel_cover(parcel), 0);
	open_up();
	fd = post();
	m = hear(t.store);
	cr_assert_eq(m.type, IPC_PUT);
	cr_assert_eq(ipc_parse_put(&p, m.body), 0);
	cr_assert_not_null(slots_at(&t.slots, p.slot));
	cr_assert_eq(memcmp(slots_at(&t.slots, p.slot), parcel,
	    sizeof(parcel)), 0);
	put_done(m.id, 200);
	cr_assert_eq(status_of(fd), 200);
	say_stop();
	cr_assert_eq(end(), 0);
}

/* Does it come to rest?  A loop that turns for nothing never does. */
static bool
falls_asleep(void)
{
	char path[64], line[256];
	const char *state;
	bool asleep = false;
	FILE *f;
	int i;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)t.pid);
	for (i = 0; i < 20000 && !asleep; i++) {
		cr_assert_not_null(f = fopen(path, "r"));
		cr_assert_not_null(fgets(line, sizeof(line), f));
		(void)fclose(f);
		cr_assert_not_null(state = strrchr(line, ')'));
		asleep = state[2] == 'S';
	}
	return asleep;
}

/* It is heard, wakes the front once, and waits its turn. */
Test(front, takes_what_came_while_the_store_had_the_word)
{
	unsigned char buf[8192];
	struct ipc_msg m;
	const char *next;
	size_t n;
	int fd;

	cr_assert_eq(parcel_cover(parcel), 0);
	open_up();
	fd = ask("POST /parcels HTTP/1.1\r\n" H
	    "Content-Length: 65520\r\n\r\n");
	send_all(fd, parcel, sizeof(parcel));
	m = hear(t.store);
	send_str(fd, GET_POLICY);
	sync_with_front();
	cr_assert(falls_asleep());
	put_done(m.id, 201);
	n = read_all(fd, buf, sizeof(buf) - 1);
	buf[n] = '\0';
	cr_assert_eq(memcmp(buf, "HTTP/1.1 201", 12), 0);
	next = strstr((char *)buf + 12, "HTTP/1.1 ");
	cr_assert_not_null(next);
	cr_assert_eq(memcmp(next, "HTTP/1.1 200", 12), 0);
	say_stop();
	cr_assert_eq(end(), 0);
}

/* Clients go; what the store holds is nobody else's until it has answered. */
Test(front, keeps_a_slot_for_the_store_when_its_client_has_gone)
{
	uint64_t ids[SLOTS];
	struct ipc_put p;
	struct ipc_msg m;
	unsigned used = 0;
	int i, fd;

	cr_assert_eq(parcel_cover(parcel), 0);
	open_up();
	for (i = 0; i < SLOTS; i++) {
		fd = post();
		m = hear(t.store);
		ids[i] = m.id;
		cr_assert_eq(ipc_parse_put(&p, m.body), 0);
		cr_assert_eq(used & 1u << p.slot, 0, "a slot given twice");
		used |= 1u << p.slot;
		(void)close(fd);
	}
	cr_assert_eq(status_of(post()), 503);
	put_done(ids[1], 201);
	sync_with_front();
	fd = post();
	m = hear(t.store);
	cr_assert_eq(m.id % SLOTS_MAX, ids[1] % SLOTS_MAX);
	cr_assert_neq(m.id, ids[1]);
	put_done(m.id, 201);
	cr_assert_eq(status_of(fd), 201);
	for (i = 0; i < SLOTS; i++)
		if (i != 1)
			put_done(ids[i], 201);	/* to nobody */
	sync_with_front();
	say_stop();
	cr_assert_eq(end(), 0);
}

/* A reader in the middle of the old goes on reading the old. */
Test(front, does_not_pull_what_is_being_read_away)
{
	const size_t n = 8u << 20;
	unsigned char *old = malloc(n), *got = malloc(n + 4096);
	unsigned char *body;
	size_t i, k;
	int fd, other;

	cr_assert(old != NULL && got != NULL);
	for (i = 0; i < n; i++)
		old[i] = (unsigned char)(i * 31 >> 4);
	start();
	cr_assert_eq(hear(t.parent).type, IPC_READY);
	tell_state(0);
	publish("{\"old\":1}\n", rd_from(old, n));
	fd = ask("GET /replies HTTP/1.1\r\n" H "Connection: close\r\n\r\n");
	wait_for(fd);			/* it has begun */
	publish("{\"new\":1}\n", rd_str("new"));
	publish("{\"new\":2}\n", rd_str("new"));
	do {				/* until the new one is served */
		other = ask(GET_POLICY);
		k = read_all(other, got, 4096);
		got[k] = '\0';
	} while (strstr((char *)got, "{\"new\":2}") == NULL);
	k = read_all(fd, got, n + 4096);
	body = memmem(got, k, "\r\n\r\n", 4);
	cr_assert_not_null(body);
	body += 4;
	cr_assert_eq(k - (size_t)(body - got), n);
	cr_assert_eq(memcmp(body, old, n), 0);
	free(old);
	free(got);
	say_stop();
	cr_assert_eq(end(), 0);
}

/*
 * Many wait at the door, and the first has a long list of wishes.  The store
 * sees in which order they are heard: the one at the end of the queue comes
 * before the end of the list.
 */
Test(front, lets_others_have_their_turn_beside_a_flood)
{
	enum { WISHES = 120, QUEUE = 9 };
	int fds[QUEUE], flood, last, i;
	char gone[4096];
	struct ipc_get g;

	start();
	cr_assert_eq(hear(t.parent).type, IPC_READY);
	flood = dial();
	for (i = 0; i < WISHES; i++)
		send_str(flood, "HEAD /none HTTP/1.1\r\n" H "\r\n");
	send_str(flood, "GET /log/tile/0/000 HTTP/1.1\r\n" H "\r\n");
	for (i = 0; i < QUEUE; i++)
		fds[i] = dial();
	last = ask("GET /log/tile/0/001 HTTP/1.1\r\n" H "\r\n");
	tell_state(0);
	publish("{}\n", rd_str(""));
	cr_assert_eq(ipc_parse_get(&g, hear(t.store).body), 0);
	cr_assert_eq(g.key.p[8], 1, "the list was heard to its end first");
	while (!is_readable(ipc_end_fd(t.store)))	/* then, the rest */
		(void)recv(flood, gone, sizeof(gone), MSG_DONTWAIT);
	cr_assert_eq(ipc_parse_get(&g, hear(t.store).body), 0);
	cr_assert_eq(g.key.p[8], 0);
	for (i = 0; i < QUEUE; i++)
		(void)close(fds[i]);
	(void)close(flood);
	(void)close(last);
	ipc_end_free(t.store);
	t.store = NULL;
	cr_assert_neq(end(), 0);
}

/* A process that asks for ever, and one that reads what comes. */
static void
start_flood(int fd, pid_t pids[2])
{
	static const char one[] = "HEAD /none HTTP/1.1\r\n" H "\r\n";
	static char many[(sizeof(one) - 1) * 2000];
	static char gone[1 << 18];
	size_t i;

	for (i = 0; i < 2000; i++)
		memcpy(many + i * (sizeof(one) - 1), one, sizeof(one) - 1);
	pids[0] = fork();
	while (pids[0] == 0)
		if (send(fd, many, sizeof(many), MSG_NOSIGNAL) == -1)
			_exit(0);
	pids[1] = fork();
	while (pids[1] == 0)
		if (read(fd, gone, sizeof(gone)) <= 0)
			_exit(0);
}

Test(front, stops_well_in_the_middle_of_a_flood)
{
	pid_t pids[2];
	int i, fd;

	open_up();
	fd = dial();
	start_flood(fd, pids);
	for (i = 0; i < 10; i++)
		cr_assert_eq(status_of(ask(GET_POLICY)), 200);
	say_stop();
	cr_assert_eq(end(), 0);
	(void)shutdown(fd, SHUT_RDWR);
	for (i = 0; i < 2; i++)
		cr_assert_eq(waitpid(pids[i], NULL, 0), pids[i]);
	(void)close(fd);
}

/* What has been accepted is answered before it leaves. */
Test(front, waits_for_the_store_when_it_stops)
{
	struct ipc_msg m;
	uint64_t id;
	int fd, idle;

	cr_assert_eq(parcel_cover(parcel), 0);
	open_up();
	idle = dial();
	fd = post();
	m = hear(t.store);
	id = m.id;
	say_stop();
	cr_assert_eq(status_of(idle), 0, "an idle one goes without a word");
	put_done(id, 201);
	cr_assert_eq(status_of(fd), 201);
	cr_assert_eq(end(), 0);
}

Test(front, refuses_a_start_with_other_descriptors)
{
	set_conf();
	cr_assert_neq(front_main(&t.conf, 5), 0);
}
