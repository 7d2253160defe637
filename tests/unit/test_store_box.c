/* SPDX-License-Identifier: ISC */
/*
 * test_store_box.c - the store's end of an outbox: tokens, pieces, one at a
 * time, and what everyone fetches afterwards.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sha256.h"
#include "server/conf.h"
#include "server/store_int.h"
#include "tests/unit/said_help.h"
#include "tests/unit/store_help.h"

#define SLOTS	4
#define FIRST	1000010u

static struct store s;
static struct conf conf;
static struct front front;
static struct slots theirs;
static struct ipc_end *peer;
static struct said_role office;
static unsigned char courier[HASH_BYTES], auditor[HASH_BYTES];
static unsigned char body[512 << 10], replies[8 * REPLY_BYTES];
static struct wr out;

static void
on_nothing(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void
make_token(const char *role, unsigned char hash[static HASH_BYTES])
{
	unsigned char token[TOKEN_BYTES_MAX];
	struct wr w = wr_from(token, sizeof(token));

	cr_assert_eq(token_make(&w, AT_FDCWD, role), 0);
	sha256(hash, token, w.n);
}

static void
setup(void)
{
	unsigned char text[512];
	struct wr w = wr_from(text, sizeof(text));
	int fd[2], slots = slots_create(SLOTS);

	help_enter();
	help_key(&s.key);
	said_role_new(&office, "office.example/office", &s.key.vk);
	vkey_write(&w, &office.k);
	wr_u8(&w, '\n');
	cr_assert_eq(keys_parse_roles(&s.keys, wr_rd(&w)), 0);
	make_token("courier", courier);
	make_token("auditor", auditor);
	s.conf = &conf;
	s.datadir = AT_FDCWD;
	s.epochs.conf.seconds = 10;
	s.epochs.conf.batch = 4;
	s.epochs.conf.parcels = 64;
	s.epochs.conf.drop_bytes = 256u << 20;
	s.epochs.key = &s.key;
	s.epochs.keys = &s.keys;
	s.epochs.publish = store_publish;
	s.epochs.arg = &s;
	s.epochs.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&s.epochs, help_now(FIRST - 5)), 0);
	cr_assert_not_null(s.base = event_base_new());
	cr_assert_not_null(s.work = event_new(s.base, -1, 0, on_nothing,
	    NULL));
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    fd), 0);
	cr_assert_eq(slots_map(&theirs, slots), 0);
	s.nfronts = 1;
	s.front = &front;
	cr_assert_eq(store_front_open(&s, &front, fd[0], slots), 0);
	cr_assert_not_null(peer = ipc_end_new(fd[1]));
	out = wr_from(body, sizeof(body));
}

static void
teardown(void)
{
	store_box_wipe(&s);
	store_front_close(&front);
	slots_unmap(&front.slots);
	slots_unmap(&theirs);
	ipc_end_free(peer);
	published_unmap(&s.shown);
	epochs_stop(&s.epochs);
	event_free(s.work);
	event_base_free(s.base);
}

TestSuite(store_box, .init = setup, .fini = teardown, .timeout = 60);

static void
ask(uint32_t slot, size_t total, size_t offset, size_t length,
    const unsigned char token[static HASH_BYTES])
{
	struct ipc_box b = { .slot = slot, .total = (uint32_t)total,
	    .offset = (uint32_t)offset, .length = (uint32_t)length };
	unsigned char buf[64];
	struct wr w = wr_from(buf, sizeof(buf));

	memcpy(b.token, token, HASH_BYTES);
	ipc_write_box(&w, &b);
	cr_assert_eq(ipc_end_send(peer, IPC_BOX, 9, wr_rd(&w), -1), 0);
	store_front_hear(&front);
}

static struct ipc_box_done
answer(void)
{
	struct ipc_box_done d = { 0 };
	struct ipc_msg m;
	int pass;

	do {
		cr_assert_eq(ipc_end_recv(peer, &m, &pass), 0);
		if (pass != -1)
			close(pass);
	} while (m.type != IPC_BOX_DONE);
	cr_assert_eq(m.id, 9);
	cr_assert_eq(ipc_parse_box_done(&d, m.body), 0);
	return d;
}

static unsigned
asked(uint32_t slot, size_t total, size_t offset, size_t length,
    const unsigned char token[static HASH_BYTES])
{
	ask(slot, total, offset, length, token);
	return answer().status;
}

static void
gone(uint32_t slot)
{
	unsigned char buf[8];
	struct wr w = wr_from(buf, sizeof(buf));

	ipc_write_box_gone(&w, slot);
	cr_assert_eq(ipc_end_send(peer, IPC_BOX_GONE, 0, wr_rd(&w), -1), 0);
	store_front_hear(&front);
}

/* All of out, in pieces of so many bytes; the last answer. */
static struct ipc_box_done
post(size_t piece)
{
	struct ipc_box_done d = { 0 };
	size_t at, n;

	cr_assert_eq(asked(2, out.n, 0, 0, courier), 100);
	for (at = 0; at < out.n; at += n) {
		n = out.n - at < piece ? out.n - at : piece;
		memcpy(slots_at(&theirs, 2), out.p + at, n);
		ask(2, out.n, at, n, courier);
		d = answer();
		if (d.status != 100)
			cr_assert_eq(at + n, out.n);
	}
	return d;
}

static void
statement(uint64_t sequence, size_t nreplies)
{
	struct statement st;

	said_init(&st, &office, HELP_ORIGIN, sequence);
	said_replies(&st, replies, nreplies);
	said_record(&out, &office, &st, replies, sequence == 1);
}

static void
close_epoch(void)
{
	cr_assert_eq(epochs_rotate(&s.epochs, help_now(
	    pending_head(s.epochs.open)->close)), 0);
	while (epochs_busy(&s.epochs))
		cr_assert_eq(epochs_step(&s.epochs), 0);
}

Test(store_box, comes_in_by_pieces_and_is_served_after_the_close)
{
	statement(1, 8);
	cr_assert_eq(post(SLOT_BYTES).status, 201);
	cr_assert_null(s.box.bytes);
	cr_assert_eq(post(SLOT_BYTES).status, 200);
	cr_assert_eq(post(1000).status, 200);
	store_tell_state(&s);
	cr_assert_eq(s.shown.object[PUB_REPLIES].n, 0);
	cr_assert_eq(s.shown.object[PUB_KEYSET].n, 0);
	close_epoch();
	cr_assert_gt(s.shown.object[PUB_REPLIES].n, 8 * REPLY_BYTES);
	cr_assert(rd_eq(s.shown.object[PUB_KEYSET], rd_from(office.keyset,
	    office.nkeyset)));
	out = wr_from(body, sizeof(body));
	statement(3, 1);
	cr_assert_eq(post(SLOT_BYTES).status, 409);
	out = wr_from(body, sizeof(body));
	statement(3, 1);
	cr_assert_eq(post(SLOT_BYTES).next, 2);
	body[20] ^= 1;
	cr_assert_eq(post(SLOT_BYTES).status, 400);
}

Test(store_box, what_was_built_is_built_once)
{
	const unsigned char *was;

	statement(1, 4);
	cr_assert_eq(post(SLOT_BYTES).status, 201);
	close_epoch();
	was = s.shown.object[PUB_REPLIES].p;
	cr_assert_eq(store_publish(&s), 0);
	cr_assert_neq(s.shown.object[PUB_REPLIES].p, was, "a new area");
	cr_assert_gt(s.shown.object[PUB_REPLIES].n, 4 * REPLY_BYTES);
	epochs_stop(&s.epochs);
	s.epochs.guard.dir = help_guard();
	cr_assert_eq(epochs_start(&s.epochs, help_now(FIRST + 5)), 0);
	published_unmap(&s.shown);
	cr_assert_eq(store_publish(&s), 0);
	cr_assert_gt(s.shown.object[PUB_REPLIES].n, 4 * REPLY_BYTES,
	    "after a restart");
}

Test(store_box, is_a_couriers_alone)
{
	unsigned char nobody[HASH_BYTES] = { 0 };

	cr_assert_eq(asked(0, 100, 0, 0, auditor), 401);
	cr_assert_eq(asked(0, 100, 0, 0, nobody), 401);
	cr_assert_null(s.box.bytes);
	/* Without the question first there is nothing to go on with. */
	cr_assert_eq(asked(0, 100, 0, 50, courier), 503);
	cr_assert_eq(asked(0, 100, 0, 0, courier), 100);
}

Test(store_box, one_at_a_time_until_it_is_gone)
{
	cr_assert_eq(asked(0, 100, 0, 0, courier), 100);
	cr_assert_eq(asked(0, 100, 0, 60, courier), 100);
	cr_assert_eq(asked(1, 100, 0, 0, courier), 503);
	gone(1);
	cr_assert_eq(asked(1, 100, 0, 0, courier), 503, "not that one");
	gone(0);
	cr_assert_eq(asked(1, 200, 0, 0, courier), 100);
	/* The first goes on with what is no more. */
	cr_assert_eq(asked(0, 100, 60, 40, courier), 503);
	cr_assert_eq(asked(1, 200, 0, 200, courier), 400, "no outbox");
}

Test(store_box, one_of_which_nothing_comes_is_let_go)
{
	cr_assert_eq(asked(0, 100, 0, 0, courier), 100);
	s.box.heard -= 299;
	cr_assert_eq(asked(1, 100, 0, 0, courier), 503);
	s.box.heard -= 2;
	cr_assert_eq(asked(1, 100, 0, 0, courier), 100);
	cr_assert_eq(s.box.slot, 1);
}

Test(store_box, pieces_that_do_not_follow_are_not_taken)
{
	cr_assert_eq(asked(0, 100, 0, 0, courier), 100);
	cr_assert_eq(asked(0, 100, 10, 10, courier), 503);
	cr_assert_eq(asked(0, 101, 0, 10, courier), 503);
	cr_assert_eq(asked(0, 100, 0, 10, courier), 100);
	cr_assert_eq(asked(0, 100, 0, 10, courier), 503, "again");
	cr_assert_eq(s.box.at, 10);
}

Test(store_box, a_disk_that_fails_takes_nothing_and_says_so)
{
	statement(1, 1);
	cr_assert_eq(mkdir("pending/1000010/outbox-0", 0700), 0);
	cr_assert_eq(mkdir("pending/1000010/outbox-0/x", 0700), 0);
	cr_assert_eq(post(SLOT_BYTES).status, 503);
	cr_assert_eq(s.epochs.office.nsaid, 0);
	cr_assert(s.disk_bad);
	cr_assert_eq(rmdir("pending/1000010/outbox-0/x"), 0);
	cr_assert_eq(rmdir("pending/1000010/outbox-0"), 0);
	cr_assert_eq(post(SLOT_BYTES).status, 201);
}
