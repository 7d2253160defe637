/* SPDX-License-Identifier: ISC */
/*
 * test_store.c - the whole store, sandbox included, in a process of its own;
 * the test is its parent and its front.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/receipt.h"
#include "crypto/sha256.h"
#include "server/conf.h"
#include "server/ipc.h"
#include "server/published.h"
#include "server/role.h"
#include "server/slots.h"
#include "server/token.h"
#include "tests/unit/store_help.h"

#define NSLOTS	8
#define HIGH	60		/* descriptors out of the way */

static struct {
	pid_t pid;
	struct ipc_end *parent, *front;
	struct slots slots;
	struct logkey key;
	struct ipc_state state;
	struct published pub;
	struct conf conf;
} t;

/* How far this process's clocks, and its store's, are off. */
static struct {
	time_t real, boot;
} *off;

int
clock_gettime(clockid_t which, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, which, ts);

	if (r == 0 && off != NULL && which == CLOCK_REALTIME)
		ts->tv_sec += off->real;
	if (r == 0 && off != NULL && which == CLOCK_BOOTTIME)
		ts->tv_sec += off->boot;
	return r;
}

/* Time passes, for both clocks. */
static void
elapse(time_t seconds)
{
	off->boot += seconds;
	off->real += seconds;
}

static int
high(int fd)
{
	int h = fcntl(fd, F_DUPFD, HIGH);

	cr_assert_neq(h, -1);
	close(fd);
	return h;
}

static void
make_pair(int fd[2])
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    fd), 0);
	fd[0] = high(fd[0]);
	fd[1] = high(fd[1]);
}

static int
text_fd(const char *text)
{
	int fd = memfd_create("text", 0);

	cr_assert_neq(fd, -1);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return high(fd);
}

/* With the bytes of an office-vkey file; keyset may be NULL. */
static void
start_with(const char *vkeys, const char *keyset)
{
	int control[2], ipc[2], from[7], i, n = 0;

	make_pair(control);
	make_pair(ipc);
	from[n++] = control[1];
	from[n++] = high(open(".", O_RDONLY | O_DIRECTORY));
	from[n++] = high(open("../data.guard", O_RDONLY | O_DIRECTORY));
	from[n++] = text_fd(vkeys);
	t.conf.nkeyset = keyset != NULL;
	if (keyset != NULL)
		from[n++] = text_fd(keyset);
	from[n++] = ipc[1];
	from[n++] = high(slots_create(NSLOTS));
	cr_assert_eq(slots_map(&t.slots, from[n - 1]), 0);
	t.pid = fork();
	cr_assert_neq(t.pid, -1);
	if (t.pid == 0) {
		close(control[0]);
		close(ipc[0]);
		for (i = 0; i < n; i++)
			(void)dup2(from[i], ROLE_FD_PARENT + i);
		for (i = HIGH; i < HIGH + 32; i++)
			(void)close(i);
		(void)signal(SIGXFSZ, SIG_IGN);
		_exit(store_main(&t.conf, n));
	}
	for (i = 0; i < n; i++)
		close(from[i]);
	t.parent = ipc_end_new(control[0]);
	t.front = ipc_end_new(ipc[0]);
}

static void
start(void)
{
	start_with("", NULL);
}

/* The next message, which must come; ERR_IO where the end has come. */
static int
next(struct ipc_end *e, struct ipc_msg *m, int *pass)
{
	struct pollfd p = { .fd = ipc_end_fd(e), .events = POLLIN };
	int r;

	while ((r = ipc_end_recv(e, m, pass)) == ERR_NOTFOUND)
		cr_assert_eq(poll(&p, 1, 20000), 1, "nothing came");
	return r;
}

/* Takes in what everybody is told; anything else is left in m. */
static void
next_answer(struct ipc_msg *m, enum ipc_type want)
{
	int pass;

	for (;;) {
		cr_assert_eq(next(t.front, m, &pass), 0);
		if (m->type == IPC_STATE)
			cr_assert_eq(ipc_parse_state(&t.state, m->body), 0);
		if (m->type == IPC_PUBLISH) {
			cr_assert_eq(published_map(&t.pub, pass), 0);
			close(pass);
		}
		if (m->type == want)
			return;
	}
}

static void
setup(void)
{
	help_enter();
	help_key(&t.key);
	memset(&t.conf, 0, sizeof(t.conf));
	t.conf.epoch_seconds = 604800;
	t.conf.batch = 4;
	t.conf.work_bits = 3;
	t.conf.epoch_parcels = 64;
	t.conf.drop_bytes = 256u << 20;
	t.conf.fronts = 1;
	t.conf.slots = NSLOTS;
}

static void
ready(void)
{
	struct ipc_msg m;
	int pass;

	start();
	cr_assert_eq(next(t.parent, &m, &pass), 0);
	cr_assert_eq(m.type, IPC_READY);
	next_answer(&m, IPC_PUBLISH);
}

static void
let_go(void)
{
	ipc_end_free(t.parent);
	ipc_end_free(t.front);
	slots_unmap(&t.slots);
	published_unmap(&t.pub);
}

static int
ended(void)
{
	int status;

	cr_assert_eq(waitpid(t.pid, &status, 0), t.pid);
	cr_assert(WIFEXITED(status), "signal %d", WTERMSIG(status));
	let_go();
	return WEXITSTATUS(status);
}

static int
stop(void)
{
	cr_assert_eq(ipc_end_send(t.parent, IPC_STOP, 0, rd_from(NULL, 0),
	    -1), 0);
	return ended();
}

static void
send_put(uint32_t slot, uint64_t id, const unsigned char *claim)
{
	struct ipc_put p = { .slot = slot };
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));

	if (claim != NULL) {
		p.flags = IPC_HAS_DIGEST;
		memcpy(p.digest, claim, HASH_BYTES);
	}
	ipc_write_put(&w, &p);
	cr_assert_eq(ipc_end_send(t.front, IPC_PUT, id, wr_rd(&w), -1), 0);
}

/* The status for id, and the receipt's bytes. */
static uint16_t
put_done(uint64_t id, unsigned char *receipt, size_t *n)
{
	struct ipc_put_done d;
	struct ipc_msg m;

	next_answer(&m, IPC_PUT_DONE);
	cr_assert_eq(m.id, id);
	cr_assert_eq(ipc_parse_put_done(&d, m.body), 0);
	*n = d.receipt.n;
	if (d.receipt.n > 0)
		cr_assert(rd_copy(&d.receipt, receipt, d.receipt.n));
	return d.status;
}

static uint16_t
get(uint32_t slot, uint8_t kind, struct rd key, const unsigned char *token,
    struct ipc_get_done *d)
{
	struct ipc_get g = { .slot = slot, .kind = kind, .key = key };
	unsigned char buf[128];
	struct wr w = wr_from(buf, sizeof(buf));
	struct ipc_msg m;

	if (token != NULL) {
		g.flags = IPC_HAS_TOKEN;
		memcpy(g.token, token, HASH_BYTES);
	}
	ipc_write_get(&w, &g);
	cr_assert_eq(ipc_end_send(t.front, IPC_GET, 7, wr_rd(&w), -1), 0);
	next_answer(&m, IPC_GET_DONE);
	cr_assert_eq(ipc_parse_get_done(d, m.body), 0);
	return d->status;
}

TestSuite(store, .init = setup, .timeout = 60);

Test(store, tells_the_fronts_what_they_need_and_ends_well)
{
	ready();
	cr_assert_eq(t.state.bits, 3);
	cr_assert_eq(t.state.health, HEALTH_OK);
	cr_assert_eq(t.state.close % 604800, 0);
	cr_assert_eq(t.state.previous, t.state.close - 604800);
	cr_assert_gt(t.pub.object[PUB_CHECKPOINT].n, 0);
	cr_assert_gt(t.pub.object[PUB_POLICY].n, 0);
	cr_assert_eq(t.pub.object[PUB_REPLIES].n, 0);
	cr_assert_eq(stop(), 0);
}

Test(store, a_receipt_is_for_what_a_restart_still_has)
{
	static unsigned char copy[PARCEL_BYTES];
	unsigned char r1[RECEIPT_MAX_BYTES], r2[RECEIPT_MAX_BYTES];
	unsigned char digest[HASH_BYTES];
	struct receipt rc;
	size_t n1, n2;

	ready();
	cr_assert_eq(parcel_cover(slots_at(&t.slots, 3)), 0);
	sha256(digest, slots_at(&t.slots, 3), PARCEL_BYTES);
	send_put(3, 11, digest);
	cr_assert_eq(put_done(11, r1, &n1), 201);
	cr_assert_eq(receipt_open(&rc, rd_from(r1, n1), &t.key.vk), 0);
	cr_assert_arr_eq(rc.digest, digest, HASH_BYTES);
	cr_assert_eq(rc.close, t.state.close);
	send_put(3, 12, NULL);
	cr_assert_eq(put_done(12, r2, &n2), 200);
	cr_assert(rd_eq(rd_from(r1, n1), rd_from(r2, n2)));
	/* No goodbye: what was answered is on disk. */
	cr_assert_eq(kill(t.pid, SIGKILL), 0);
	cr_assert_eq(waitpid(t.pid, NULL, 0), t.pid);
	memcpy(copy, slots_at(&t.slots, 3), PARCEL_BYTES);
	let_go();
	ready();
	memcpy(slots_at(&t.slots, 0), copy, PARCEL_BYTES);
	send_put(0, 1, digest);
	cr_assert_eq(put_done(1, r2, &n2), 200);
	cr_assert(rd_eq(rd_from(r1, n1), rd_from(r2, n2)));
	cr_assert_eq(stop(), 0);
}

Test(store, a_burst_is_answered_in_order_repeats_included)
{
	unsigned char r1[RECEIPT_MAX_BYTES], r2[RECEIPT_MAX_BYTES];
	uint32_t i;
	size_t n1, n2;

	ready();
	for (i = 0; i < NSLOTS; i++)
		cr_assert_eq(parcel_cover(slots_at(&t.slots, i)), 0);
	memcpy(slots_at(&t.slots, 5), slots_at(&t.slots, 0), PARCEL_BYTES);
	for (i = 0; i < NSLOTS; i++)
		send_put(i, 100 + i, NULL);
	for (i = 0; i < NSLOTS; i++)
		if (i == 0)
			cr_assert_eq(put_done(100, r1, &n1), 201);
		else
			cr_assert_eq(put_done(100 + i, r2, &n2),
			    i == 5 ? 200 : 201);
	cr_assert_eq(stop(), 0);
}

Test(store, what_is_no_parcel_or_has_another_digest_is_400)
{
	unsigned char r[RECEIPT_MAX_BYTES], claim[HASH_BYTES] = { 1 };
	size_t n;

	ready();
	memset(slots_at(&t.slots, 0), 'x', PARCEL_BYTES);
	send_put(0, 1, NULL);
	cr_assert_eq(put_done(1, r, &n), 400);
	cr_assert_eq(parcel_cover(slots_at(&t.slots, 0)), 0);
	send_put(0, 2, claim);
	cr_assert_eq(put_done(2, r, &n), 400);
	/* The front may scribble: what was copied out decides. */
	slots_at(&t.slots, 0)[PARCEL_BYTES - 1] ^= 1;
	send_put(0, 3, NULL);
	cr_assert_eq(put_done(3, r, &n), 201);
	cr_assert_eq(stop(), 0);
}

Test(store, a_full_epoch_is_503_and_says_so)
{
	unsigned char r[RECEIPT_MAX_BYTES];
	uint64_t i;
	size_t n;

	ready();
	for (i = 0; i < 64; i++) {
		cr_assert_eq(parcel_cover(slots_at(&t.slots, 0)), 0);
		send_put(0, i, NULL);
		cr_assert_eq(put_done(i, r, &n), 201);
	}
	cr_assert_eq(parcel_cover(slots_at(&t.slots, 1)), 0);
	send_put(1, 64, NULL);
	cr_assert_eq(put_done(64, r, &n), 503);
	cr_assert_eq(t.state.health, HEALTH_FULL);
	cr_assert_eq(t.state.bits, 18);
	send_put(0, 65, NULL);
	cr_assert_eq(put_done(65, r, &n), 200, "what is held is held");
	cr_assert_eq(stop(), 0);
}

/* A limit on file sizes makes every write fail, as a full disk does. */
Test(store, a_failed_commit_acknowledges_nothing_and_the_next_one_works)
{
	unsigned char r[RECEIPT_MAX_BYTES];
	struct rlimit was, none;
	uint32_t i;
	size_t n;

	ready();
	cr_assert_eq(prlimit(t.pid, RLIMIT_FSIZE, NULL, &was), 0);
	none = was;
	none.rlim_cur = 1;
	for (i = 0; i < 4; i++)
		cr_assert_eq(parcel_cover(slots_at(&t.slots, i)), 0);
	send_put(0, 1, NULL);
	cr_assert_eq(put_done(1, r, &n), 201);
	cr_assert_eq(prlimit(t.pid, RLIMIT_FSIZE, &none, NULL), 0);
	cr_assert_eq(kill(t.pid, SIGSTOP), 0);
	for (i = 1; i < 4; i++)
		send_put(i, 1 + i, NULL);
	cr_assert_eq(kill(t.pid, SIGCONT), 0);
	for (i = 1; i < 4; i++)
		cr_assert_eq(put_done(1 + i, r, &n), 503);
	send_put(0, 9, NULL);
	cr_assert_eq(put_done(9, r, &n), 200, "an old promise stands");
	cr_assert_eq(t.state.health, HEALTH_DISK);
	cr_assert_eq(prlimit(t.pid, RLIMIT_FSIZE, &was, NULL), 0);
	for (i = 1; i < 4; i++) {
		send_put(i, 20 + i, NULL);
		cr_assert_eq(put_done(20 + i, r, &n), 201);
	}
	cr_assert_eq(t.state.health, HEALTH_OK);
	cr_assert_eq(stop(), 0);
}

Test(store, closes_publishes_and_serves_what_was_logged)
{
	static unsigned char copy[PARCEL_BYTES];
	unsigned char r[RECEIPT_MAX_BYTES];
	unsigned char digest[HASH_BYTES], hash[HASH_BYTES];
	unsigned char token[TOKEN_BYTES_MAX], key[11] = { 0 };
	struct wr w = wr_from(token, sizeof(token)), k;
	struct ipc_get_done d;
	struct checkpoint c = { .size = 0 };
	struct note note;
	struct ipc_msg m;
	size_t n;

	t.conf.epoch_seconds = 1;
	ready();
	cr_assert_eq(token_make(&w, AT_FDCWD, "courier"), 0);
	sha256(hash, token, w.n);
	cr_assert_eq(parcel_cover(slots_at(&t.slots, 0)), 0);
	memcpy(copy, slots_at(&t.slots, 0), PARCEL_BYTES);
	sha256(digest, copy, PARCEL_BYTES);
	send_put(0, 1, NULL);
	cr_assert_eq(put_done(1, r, &n), 201);
	cr_assert_eq(get(1, GET_PARCEL, rd_from(digest, 32), hash, &d), 404,
	    "not logged yet");
	while (get(1, GET_PARCEL, rd_from(digest, 32), hash, &d) != 200)
		next_answer(&m, IPC_PUBLISH);
	cr_assert_eq(d.total, PARCEL_BYTES);
	cr_assert_eq(d.length, PARCEL_BYTES);
	cr_assert_arr_eq(slots_at(&t.slots, 1), copy, PARCEL_BYTES);
	cr_assert_eq(get(1, GET_PARCEL, rd_from(digest, 32), NULL, &d), 401);
	hash[0] ^= 1;
	cr_assert_eq(get(1, GET_PARCEL, rd_from(digest, 32), hash, &d), 401);
	cr_assert_eq(get(1, GET_STATEMENT, rd_from(digest, 32), NULL, &d),
	    404, "a parcel is no statement");
	cr_assert_eq(note_open(&note, t.pub.object[PUB_CHECKPOINT],
	    &t.key.vk), 0);
	cr_assert_eq(checkpoint_parse(&c, note.text), 0);
	cr_assert_geq(c.size, 4);
	cr_assert_eq(c.size % 4, 0);
	k = wr_from(key, sizeof(key));
	wr_u8(&k, 0xff);
	wr_u64(&k, 0);
	wr_u16(&k, 4);
	cr_assert_eq(get(1, GET_TILE, wr_rd(&k), NULL, &d), 200);
	cr_assert_eq(d.total, 4 * (2 + ENTRY_BYTES));
	key[0] = 0;
	cr_assert_eq(get(1, GET_TILE, wr_rd(&k), NULL, &d), 200);
	cr_assert_eq(d.total, 4 * HASH_BYTES);
	key[0] = 63;
	cr_assert_eq(get(1, GET_TILE, wr_rd(&k), NULL, &d), 404);
	cr_assert_eq(stop(), 0);
}

static void
send_get(uint64_t id)
{
	static const unsigned char digest[HASH_BYTES];
	struct ipc_get g = { .kind = GET_STATEMENT };
	unsigned char buf[128];
	struct wr w = wr_from(buf, sizeof(buf));

	g.key = rd_from(digest, sizeof(digest));
	ipc_write_get(&w, &g);
	cr_assert_eq(ipc_end_send(t.front, IPC_GET, id, wr_rd(&w), -1), 0);
}

/* A parcel and a hundred questions wait at once; two rounds have 32. */
Test(store, questions_do_not_keep_a_parcel_waiting)
{
	unsigned before = 0, i;
	struct ipc_msg m;
	bool pending;
	int pass;

	ready();
	cr_assert_eq(parcel_cover(slots_at(&t.slots, 1)), 0);
	cr_assert_eq(kill(t.pid, SIGSTOP), 0);
	send_put(1, 1u << 30, NULL);
	for (i = 0; i < 100; i++)
		send_get(i);
	cr_assert_eq(ipc_end_flush(t.front, &pending), 0);
	cr_assert_not(pending, "all of it waits in the socket");
	cr_assert_eq(kill(t.pid, SIGCONT), 0);
	do {
		cr_assert_eq(next(t.front, &m, &pass), 0);
		before += m.type == IPC_GET_DONE;
	} while (m.type != IPC_PUT_DONE);
	cr_assert_leq(before, 2 * 2 * NSLOTS);
	cr_assert_eq(stop(), 0);
}

/* Some hundred milliseconds of cover: one question after the other. */
Test(store, a_close_lets_the_fronts_be_heard_between_its_slices)
{
	unsigned answered = 0;
	struct ipc_msg m;
	uint64_t first;
	int pass;

	t.conf.epoch_seconds = 1;
	t.conf.batch = 256;
	ready();
	first = t.state.close;
	while (t.state.close == first)
		next_answer(&m, IPC_STATE);
	next_answer(&m, IPC_PUBLISH);		/* the policy's new close */
	send_get(1);
	for (;;) {
		cr_assert_eq(next(t.front, &m, &pass), 0);
		if (m.type == IPC_PUBLISH) {
			close(pass);
			break;			/* the close is done */
		}
		if (m.type == IPC_GET_DONE)
			send_get(++answered);
	}
	cr_assert_geq(answered, 3);
	cr_assert_eq(stop(), 0);
}

/* An epoch that was open half a century ago. */
Test(store, a_clock_far_ahead_closes_nothing_until_confirmed)
{
	unsigned char r[RECEIPT_MAX_BYTES];
	struct epochs e;
	struct ipc_msg m;
	struct rd before;
	size_t n;

	help_epochs(&e, &t.key, 1000003);
	epochs_stop(&e);
	t.conf.epoch_seconds = 1;
	ready();
	cr_assert_eq(t.state.health, HEALTH_CLOCK_AHEAD);
	cr_assert_eq(t.state.close, 1000010);
	before = t.pub.object[PUB_CHECKPOINT];
	cr_assert_not_null(memmem(before.p, before.n, "\n0\n", 3));
	cr_assert_eq(parcel_cover(slots_at(&t.slots, 0)), 0);
	send_put(0, 1, NULL);
	cr_assert_eq(put_done(1, r, &n), 201, "it goes on taking in");
	cr_assert_eq(clock_confirm(AT_FDCWD), 0);
	do {
		next_answer(&m, IPC_STATE);
	} while (t.state.health != HEALTH_OK || t.state.close == 1000010);
	do {
		next_answer(&m, IPC_PUBLISH);
		before = t.pub.object[PUB_CHECKPOINT];
	} while (memmem(before.p, before.n, "\n0\n", 3) != NULL);
	cr_assert_eq(stop(), 0);
}

/* The next state with this health. */
static void
await_health(enum health want)
{
	struct ipc_msg m;

	while (t.state.health != want)
		next_answer(&m, IPC_STATE);
}

static void
put_one(uint64_t id)
{
	unsigned char r[RECEIPT_MAX_BYTES];
	size_t n;

	cr_assert_eq(parcel_cover(slots_at(&t.slots, 0)), 0);
	send_put(0, id, NULL);
	cr_assert_eq(put_done(id, r, &n), 201);
}

/* How many entries there are, and the close of the last one, after a stop. */
static uint64_t
last_entry(uint64_t *size)
{
	unsigned char buf[TILE_WIDTH * (2 + ENTRY_BYTES)];
	struct tile tile = { .level = TILE_ENTRIES };
	struct wr w = wr_from(buf, sizeof(buf));
	struct entry e = { .close = 0 };
	struct rd in, one;
	struct drop *d;

	cr_assert_eq(drop_open(&d, "drop", 256u << 20, &t.key.vk), 0);
	*size = drop_size(d);
	tile.width = (unsigned)*size;		/* one bundle is enough here */
	if (*size > 0)
		cr_assert_eq(drop_get_tile(d, &w, &tile), 0);
	for (in = wr_rd(&w); !rd_done(&in);) {
		cr_assert(rd_take16(&in, &one));
		cr_assert_eq(entry_parse(&e, one), 0);
	}
	drop_close(d);
	return e.close;
}

static void
borrow_clock(uint64_t epoch)
{
	off = mmap(NULL, sizeof(*off), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(off, MAP_FAILED);
	t.conf.epoch_seconds = epoch;
}

/* Late, under its own time; and what was missed is skipped. */
Test(store, an_overdue_epoch_closes_late_and_missed_ones_are_skipped)
{
	uint64_t close, size;
	struct ipc_msg m;

	borrow_clock(3600);
	ready();
	close = t.state.close;
	put_one(1);
	cr_assert_eq(stop(), 0);
	elapse(5 * 3600);
	ready();
	while (t.state.close == close)
		next_answer(&m, IPC_STATE);
	cr_assert_geq(t.state.close, close + 5 * 3600 - 3600);
	cr_assert_eq(t.state.previous, close);
	cr_assert_eq(t.state.health, HEALTH_OK);
	/* Its moment to show is long past. */
	next_answer(&m, IPC_PUBLISH);
	while (memmem(t.pub.object[PUB_CHECKPOINT].p,
	    t.pub.object[PUB_CHECKPOINT].n, "\n0\n", 3) != NULL)
		next_answer(&m, IPC_PUBLISH);
	cr_assert_eq(stop(), 0);
	cr_assert_eq(last_entry(&size), close, "its own time");
	cr_assert_geq(size, 4);
}

Test(store, a_clock_behind_the_last_close_closes_nothing_and_mends_itself)
{
	uint64_t close, size, now;
	struct ipc_msg m;

	borrow_clock(600);
	ready();
	close = t.state.close;
	cr_assert_eq(stop(), 0);
	elapse(700);
	ready();
	while (t.state.close == close)
		next_answer(&m, IPC_STATE);
	next_answer(&m, IPC_PUBLISH);
	while (memmem(t.pub.object[PUB_CHECKPOINT].p,
	    t.pub.object[PUB_CHECKPOINT].n, "\n0\n", 3) != NULL)
		next_answer(&m, IPC_PUBLISH);
	cr_assert_eq(stop(), 0);
	cr_assert_eq(last_entry(&size), close);

	elapse(-2000);
	ready();
	cr_assert_eq(t.state.health, HEALTH_CLOCK_BEHIND);
	cr_assert_gt(t.state.close, close, "it stays open");
	now = t.state.close;
	put_one(1);
	elapse(700);				/* still behind */
	put_one(2);
	cr_assert_eq(t.state.health, HEALTH_CLOCK_BEHIND);
	cr_assert_eq(t.state.close, now);
	cr_assert_eq(stop(), 0);
	cr_assert_eq(last_entry(&size), close, "nothing was closed");

	elapse(1300 + 1200);			/* nobody needs to confirm it */
	ready();
	while (t.state.close == now)
		next_answer(&m, IPC_STATE);
	cr_assert_eq(t.state.health, HEALTH_OK);
	cr_assert_eq(stop(), 0);
}

Test(store, a_step_while_it_runs_closes_nothing_until_confirmed)
{
	struct ipc_msg m;
	uint64_t close, size;

	borrow_clock(3600);
	ready();
	close = t.state.close;
	put_one(1);
	off->real += 2 * 3600;			/* and boot time does not */
	await_health(HEALTH_CLOCK_AHEAD);
	put_one(2);
	cr_assert_eq(t.state.close, close);
	cr_assert_eq(stop(), 0);
	ready();
	cr_assert_eq(t.state.health, HEALTH_CLOCK_AHEAD, "a restart is no "
	    "way out");
	cr_assert_eq(stop(), 0);
	cr_assert_eq(last_entry(&size), 0);
	ready();
	cr_assert_eq(clock_confirm(AT_FDCWD), 0);
	await_health(HEALTH_OK);
	while (t.state.close == close)
		next_answer(&m, IPC_STATE);
	cr_assert_eq(stop(), 0);
}

Test(store, a_keyset_that_no_role_signed_is_refused_at_the_start)
{
	start_with("other/role+00000000+AAAA\n", "no keyset\n");
	cr_assert_eq(ended(), 78);
	start_with("", "no keyset\n");
	cr_assert_eq(ended(), 78);
}

Test(store, a_front_that_sends_garbage_ends_it)
{
	static const unsigned char junk[32] = { 9, 9, 9 };

	ready();
	cr_assert_eq(send(ipc_end_fd(t.front), junk, sizeof(junk), 0),
	    (ssize_t)sizeof(junk));
	cr_assert_neq(ended(), 0);
}

Test(store, a_slot_that_is_not_there_or_busy_ends_it)
{
	ready();
	send_put(NSLOTS, 1, NULL);
	cr_assert_neq(ended(), 0);
	ready();
	cr_assert_eq(parcel_cover(slots_at(&t.slots, 0)), 0);
	cr_assert_eq(kill(t.pid, SIGSTOP), 0);
	send_put(0, 1, NULL);
	send_put(0, 2, NULL);
	cr_assert_eq(kill(t.pid, SIGCONT), 0);
	cr_assert_neq(ended(), 0);
}

Test(store, a_second_one_in_the_same_directory_is_refused)
{
	struct ipc_end *parent, *front;
	struct slots slots;
	pid_t pid;

	ready();
	parent = t.parent;
	front = t.front;
	slots = t.slots;
	pid = t.pid;
	memset(&t.pub, 0, sizeof(t.pub));
	start();
	cr_assert_neq(ended(), 0);
	t.parent = parent;
	t.front = front;
	t.slots = slots;
	t.pid = pid;
	cr_assert_eq(stop(), 0);
}

Test(store, the_end_of_the_parent_is_its_end)
{
	ready();
	ipc_end_free(t.parent);
	t.parent = NULL;
	cr_assert_neq(ended(), 0);
}
