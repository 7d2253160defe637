/* SPDX-License-Identifier: ISC */
/*
 * test_front_beat.c - a front that works says so, without its timer.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>

#include "server/front.h"
#include "server/role.h"

Test(front_beat, whoever_works_is_alive)
{
	static struct front f;
	struct ipc_end *parent;
	struct ipc_msg m;
	int fd[2], pass;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    fd), 0);
	front_clock(&f);		/* before it has a parent */
	cr_assert_gt(f.world.now, 0);
	cr_assert_not_null(f.parent = ipc_end_new(fd[0]));
	cr_assert_not_null(parent = ipc_end_new(fd[1]));
	front_clock(&f);
	cr_assert_eq(ipc_end_recv(parent, &m, &pass), 0);
	cr_assert_eq(m.type, IPC_ALIVE);
	/* Not at each event. */
	front_clock(&f);
	cr_assert_eq(ipc_end_recv(parent, &m, &pass), ERR_NOTFOUND);
	cr_assert_leq(f.beat_at, f.world.now + 1000 * ROLE_BEAT_SECS);
	f.beat_at = f.world.now;
	front_clock(&f);
	cr_assert_eq(ipc_end_recv(parent, &m, &pass), 0);
	cr_assert_eq(m.type, IPC_ALIVE);
	cr_assert_eq(f.code, 0);
	ipc_end_free(f.parent);
	ipc_end_free(parent);
}
