/* SPDX-License-Identifier: ISC */
/*
 * test_listeners.c - sockets as the parent binds them.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/listeners.h"

static char dir[64], path[80];
static struct conf conf;
static struct listeners ls;

static void
setup(void)
{
	strcpy(dir, "/tmp/test_listeners.XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	memset(&conf, 0, sizeof(conf));
	conf.nlisten = 1;
}

static void
teardown(void)
{
	listeners_close(&ls);
	unlink(path);
	rmdir(dir);
}

TestSuite(listeners, .init = setup, .fini = teardown);

static int
open_all(size_t fronts)
{
	return listeners_open(&ls, &conf, fronts, (uid_t)-1, (gid_t)-1);
}

static int
tcp_connect(uint16_t port)
{
	struct sockaddr_in in;
	int fd = socket(AF_INET, SOCK_STREAM, 0), r;

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_port = htons(port);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r = connect(fd, (struct sockaddr *)&in, sizeof(in));
	close(fd);
	return r;
}

static int
unix_connect(void)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	strcpy(un.sun_path, path);
	r = connect(fd, (struct sockaddr *)&un, sizeof(un));
	close(fd);
	return r;
}

static void
want_unix(void)
{
	conf.listen[0].is_unix = true;
	strcpy(conf.listen[0].address, path);
}

Test(listeners, each_front_has_its_own_socket_on_one_port)
{
	strcpy(conf.listen[0].address, "127.0.0.1");
	cr_assert_eq(open_all(3), 0);
	cr_assert_neq(ls.of[0].port, 0);
	cr_assert_neq(listeners_fd(&ls, 0, 0), listeners_fd(&ls, 0, 1));
	cr_assert_neq(listeners_fd(&ls, 0, 1), listeners_fd(&ls, 0, 2));
}

Test(listeners, nobody_is_let_in_before_the_start_nor_after_the_close)
{
	uint16_t port;
	int held;

	strcpy(conf.listen[0].address, "127.0.0.1");
	cr_assert_eq(open_all(2), 0);
	port = ls.of[0].port;
	cr_assert_eq(tcp_connect(port), -1);
	cr_assert_eq(listeners_start(&ls), 0);
	cr_assert_eq(tcp_connect(port), 0);
	held = dup(listeners_fd(&ls, 0, 0));
	listeners_close(&ls);
	cr_assert_eq(tcp_connect(port), -1, "a front that still holds it");
	close(held);
}

Test(listeners, an_address_that_is_taken_is_refused)
{
	struct sockaddr_in in;
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(fd, (struct sockaddr *)&in, n), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	strcpy(conf.listen[0].address, "127.0.0.1");
	conf.listen[0].port = ntohs(in.sin_port);
	cr_assert_eq(open_all(1), ERR_IO);
	close(fd);
}

Test(listeners, a_unix_socket_is_shared_and_for_owner_and_group)
{
	struct stat st;

	want_unix();
	cr_assert_eq(open_all(3), 0);
	cr_assert_eq(listeners_fd(&ls, 0, 0), listeners_fd(&ls, 0, 2));
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0660);
	cr_assert_eq(listeners_start(&ls), 0);
	cr_assert_eq(unix_connect(), 0);
}

Test(listeners, what_an_earlier_run_left_is_replaced)
{
	want_unix();
	cr_assert_eq(open_all(1), 0);
	cr_assert_eq(listeners_start(&ls), 0);
	listeners_close(&ls);
	cr_assert_eq(access(path, F_OK), 0);
	cr_assert_eq(unix_connect(), -1);
	cr_assert_eq(open_all(1), 0);
	cr_assert_eq(listeners_start(&ls), 0);
	cr_assert_eq(unix_connect(), 0);
}

Test(listeners, a_socket_that_somebody_answers_at_is_left_alone)
{
	static struct listeners other;

	want_unix();
	cr_assert_eq(listeners_open(&other, &conf, 1, (uid_t)-1, (gid_t)-1),
	    0);
	cr_assert_eq(listeners_start(&other), 0);
	cr_assert_eq(open_all(1), ERR_IO);
	cr_assert_eq(unix_connect(), 0);
	listeners_close(&other);
}

Test(listeners, a_file_that_is_no_socket_is_left_alone)
{
	FILE *f = fopen(path, "w");

	fclose(f);
	want_unix();
	cr_assert_eq(open_all(1), ERR_IO);
	cr_assert_eq(access(path, F_OK), 0);
}
