/* SPDX-License-Identifier: ISC */
/*
 * flood.c - posts parcels over plain HTTP until each is acknowledged.
 *
 * usage: flood PORT COUNT
 *
 * One connection, opened again when it breaks; the same parcel is sent until
 * the answer is 200 or 201, not 503, then its SHA-256 is printed.  Exit 1
 * where any other answer comes; two minutes are the end.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crypto/parcel.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

static int
open_connection(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd != -1 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
send_all(int fd, const void *p, size_t n)
{
	const unsigned char *at = p;
	ssize_t sent;

	for (; n > 0; n -= (size_t)sent, at += sent)
		if ((sent = send(fd, at, n, MSG_NOSIGNAL)) <= 0)
			return -1;
	return 0;
}

/* The whole answer with its body; -1: the connection broke. */
static int
receive(int fd, char *buf, size_t cap)
{
	const char *end, *length;
	size_t n = 0;
	ssize_t got;

	for (;;) {
		if (n + 1 >= cap ||
		    (got = recv(fd, buf + n, cap - 1 - n, 0)) <= 0)
			return -1;
		n += (size_t)got;
		buf[n] = '\0';
		if ((end = strstr(buf, "\r\n\r\n")) == NULL)
			continue;
		length = strstr(buf, "Content-Length: ");
		if (length == NULL || length > end)
			return -1;
		if (n >= (size_t)(end + 4 - buf) +
		    strtoul(length + 16, NULL, 10))
			return atoi(buf + 9);
	}
}

static int
post(int *fd, uint16_t port, const unsigned char *parcel)
{
	static const char head[] = "POST /parcels HTTP/1.1\r\n"
	    "Host: localhost\r\nContent-Length: 65520\r\n\r\n";
	char buf[8192];
	int status;

	if (*fd == -1 && (*fd = open_connection(port)) == -1)
		return -1;
	if (send_all(*fd, head, sizeof(head) - 1) == -1 ||
	    send_all(*fd, parcel, PARCEL_BYTES) == -1 ||
	    (status = receive(*fd, buf, sizeof(buf))) == -1) {
		close(*fd);
		*fd = -1;
		return -1;
	}
	return status;
}

int
main(int argc, char **argv)
{
	static unsigned char parcel[PARCEL_BYTES], digest[HASH_BYTES];
	const struct timespec moment = { .tv_nsec = 20000000 };
	int fd = -1, status;
	long i, left;

	if (argc != 3 || secret_init() == ERR_ORDER)
		return 64;
	alarm(120);
	for (left = atol(argv[2]); left > 0; left--) {
		if (parcel_cover(parcel) != 0)
			return 71;
		while ((status = post(&fd, (uint16_t)atoi(argv[1]),
		    parcel)) == -1 || status == 503 || status == 429)
			nanosleep(&moment, NULL);
		if (status != 200 && status != 201) {
			fprintf(stderr, "flood: status %d\n", status);
			return 1;
		}
		sha256(digest, parcel, PARCEL_BYTES);
		for (i = 0; i < HASH_BYTES; i++)
			printf("%02x", digest[i]);
		putchar('\n');
		fflush(stdout);
	}
	return 0;
}
