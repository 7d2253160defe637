/* SPDX-License-Identifier: ISC */
/*
 * fakewitness - a witness that gives every answer that one could get.
 *
 * usage: fakewitness NUMBER LOG.vkey FOLDER
 *
 * It listens on a loopback port, prints "port=" and "vkey=", and reads
 * FOLDER/mode before each answer.  "good" is an honest C2SP witness: it checks
 * the log's signature and the proof before it cosigns; the other modes are
 * below.  Each request leaves a line in FOLDER/asked: mode, old, size, status.
 * A process for each connection; they share what was seen.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "crypto/cosign.h"
#include "crypto/proof.h"
#include "crypto/tree.h"

#define REQUEST_MAX	(64u << 10)
#define SEEN_MAX	(1u << 20)

static struct shared {
	uint64_t size;
	unsigned char root[HASH_BYTES];
	unsigned conns;
} *seen;
static struct vkey log_key, me, other;
static unsigned char my_sk[64], other_sk[64];
static const char *folder;
static char request[REQUEST_MAX + 1];
static struct sha256 *sha;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- what was asked ------------------------------------------------------ */

static struct ask {
	uint64_t old;
	struct proof proof;
	struct rd note;			/* with its signature */
	struct note parsed;
	struct checkpoint c;
} ask;

static bool
parse_body(struct rd in)
{
	struct rd line;

	if (in.n > 10240 || !rd_lit(&in, "old ") || !rd_line(&in, &line) ||
	    !rd_dec(line, INT64_MAX, &ask.old) ||
	    proof_parse(&ask.proof, &in) != 0)
		return false;
	ask.note = in;
	return note_parse(&ask.parsed, in) == 0 &&
	    note_sigs(&ask.parsed) == 1 &&
	    note_verify(&ask.parsed, &log_key) == 0 &&
	    checkpoint_parse(&ask.c, ask.parsed.text) == 0;
}

/* The body of a POST with a Content-Length; false: it is none. */
static bool
read_request(int fd)
{
	char *body = NULL, *length;
	size_t n = 0, want = SIZE_MAX;
	ssize_t got;

	while (body == NULL || n - (size_t)(body - request) < want) {
		if (n == REQUEST_MAX ||
		    (got = read(fd, request + n, REQUEST_MAX - n)) <= 0)
			return false;
		n += (size_t)got;
		request[n] = '\0';
		if (body != NULL ||
		    (body = strstr(request, "\r\n\r\n")) == NULL)
			continue;
		body += 4;
		length = strstr(request, "Content-Length: ");
		if (length == NULL)
			return false;
		want = (size_t)strtoul(length + 16, NULL, 10);
	}
	return strncmp(request, "POST /w/add-checkpoint HTTP/1.1\r\n", 33) == 0 &&
	    strstr(request, "Expect:") == NULL &&
	    parse_body(rd_from(body, want));
}

/* --- what is answered ---------------------------------------------------- */

static char out[SEEN_MAX];
static struct wr w;

static void
head(int status, const char *more)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "HTTP/1.1 %d Words\r\n%s", status,
	    more);
	wr_str(&w, text);
	wr_str(&w, "Connection: close\r\n\r\n");
}

static void
line(struct rd text, uint64_t t, const struct vkey *k,
    const unsigned char *sk)
{
	if (cosign_write(&w, text, t, k, sk) != 0)
		die("cosign");
}

static uint64_t
now(void)
{
	return (uint64_t)time(NULL);
}

/* As a witness does: the status, and the answer is written. */
static int
honest(void)
{
	char text[64];
	bool same = ask.c.size == seen->size;

	if (ask.old != seen->size) {
		head(409, "Content-Type: text/x.tlog.size\r\n");
		(void)snprintf(text, sizeof(text), "%llu\n",
		    (unsigned long long)seen->size);
		wr_str(&w, text);
		return 409;
	}
	if (ask.old > ask.c.size) {
		head(400, "");
		return 400;
	}
	if ((same && ask.c.size > 0 &&
	    memcmp(ask.c.root, seen->root, HASH_BYTES) != 0) ||
	    (ask.old == 0 || same ? ask.proof.n != 0 :
	    proof_consistency(&ask.proof, sha, ask.old, seen->root, ask.c.size,
	    ask.c.root) != 0)) {
		head(422, "");
		return 422;
	}
	seen->size = ask.c.size;
	memcpy(seen->root, ask.c.root, HASH_BYTES);
	head(200, "Content-Type: text/plain\r\n");
	line(ask.parsed.text, now(), &me, my_sk);
	return 200;
}

/* A cosignature, good in itself, of a tree that is one larger. */
static void
of_another(void)
{
	char text[1024];
	struct wr t = wr_from(text, sizeof(text));

	head(200, "");
	checkpoint_write(&t, rd_str(log_key.name), ask.c.size + 1,
	    ask.c.root);
	line(wr_rd(&t), now(), &me, my_sk);
}

static void
bad_signature(void)
{
	size_t at;

	head(200, "");
	line(ask.parsed.text, now(), &me, my_sk);
	at = w.n - 20;			/* in the middle of its base64 */
	out[at] = out[at] == 'A' ? 'B' : 'A';
}

static void
status_only(int status, const char *more, const char *body)
{
	head(status, more);
	wr_str(&w, body);
}

static int
answer(const char *mode, int fd)
{
	static const char type[] = "Content-Type: text/x.tlog.size\r\n";
	static const char drip[] = "HTTP/1.1 200 OK\r\nX: y";
	size_t i;
	int status;

	if (strcmp(mode, "good") == 0)
		return honest();
	if (strcmp(mode, "lines") == 0) {
		/* others first, ours twice, the log's own among them */
		if ((status = honest()) != 200)
			return status;
		w = wr_from(out, sizeof(out));
		head(200, "");
		line(ask.parsed.text, now(), &other, other_sk);
		wr_rdr(&w, ask.parsed.sigs);
		line(ask.parsed.text, now(), &me, my_sk);
		line(ask.parsed.text, now() - 5, &me, my_sk);
		return 200;
	}
	if (strcmp(mode, "own") == 0) {
		head(200, "");
		wr_rdr(&w, ask.parsed.sigs);
	} else if (strcmp(mode, "foreign") == 0) {
		head(200, "");
		line(ask.parsed.text, now(), &other, other_sk);
	} else if (strcmp(mode, "badsig") == 0) {
		bad_signature();
	} else if (strcmp(mode, "zero") == 0) {
		head(200, "");
		line(ask.parsed.text, 0, &me, my_sk);
	} else if (strcmp(mode, "far") == 0) {
		head(200, "");
		line(ask.parsed.text, INT64_MAX, &me, my_sk);
	} else if (strcmp(mode, "past") == 0) {
		head(200, "");
		line(ask.parsed.text, now() - 90000, &me, my_sk);
	} else if (strcmp(mode, "another") == 0) {
		of_another();
	} else if (strcmp(mode, "empty") == 0) {
		head(200, "");
	} else if (strcmp(mode, "garbage") == 0) {
		head(200, "");
		for (i = 0; i < 3000; i++)
			wr_u8(&w, (uint8_t)(i * 7));
	} else if (strcmp(mode, "huge") == 0) {
		head(200, "");
		while (w.n < sizeof(out) - 1000)
			wr_rdr(&w, ask.parsed.sigs);
	} else if (strcmp(mode, "nohttp") == 0) {
		wr_str(&w, "220 mail.example ESMTP\r\n");
	} else if (strcmp(mode, "headers") == 0) {
		wr_str(&w, "HTTP/1.1 200 OK\r\n");
		while (w.n < sizeof(out) - 100)
			wr_str(&w, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
	} else if (strcmp(mode, "409") == 0) {
		status_only(409, "", "");
	} else if (strcmp(mode, "409odd") == 0) {
		status_only(409, type, "1e3\n");
	} else if (strcmp(mode, "409long") == 0) {
		status_only(409, type, "99999999999999999999999\n");
	} else if (strcmp(mode, "409same") == 0) {
		head(409, type);
		wr_dec(&w, ask.old);
		wr_u8(&w, '\n');
	} else if (strcmp(mode, "409plain") == 0) {
		status_only(409, "Content-Type: text/plain\r\n", "999999999\n");
	} else if (strcmp(mode, "409swing") == 0) {
		head(409, type);
		wr_dec(&w, ask.old == 1 ? 2 : 1);
		wr_u8(&w, '\n');
	} else if (strcmp(mode, "ahead") == 0) {
		head(409, type);
		wr_dec(&w, ask.c.size + 7);
		wr_u8(&w, '\n');
	} else if (strcmp(mode, "429") == 0) {
		status_only(429, "Retry-After: 1\r\n", "slow down\n");
	} else if (strcmp(mode, "429long") == 0) {
		status_only(429, "Retry-After: 99999999999\r\n", "");
	} else if (strcmp(mode, "redirect") == 0) {
		status_only(307, "Location: /w/add-checkpoint\r\n", "");
	} else if (strcmp(mode, "continue") == 0) {
		wr_str(&w, "HTTP/1.1 100 Continue\r\n\r\n"
		    "HTTP/1.1 103 Early Hints\r\n\r\n");
		return honest();
	} else if (strcmp(mode, "close") == 0) {
		return 0;
	} else if (strcmp(mode, "half") == 0) {
		wr_str(&w, "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n");
		line(ask.parsed.text, now(), &me, my_sk);
	} else if (strcmp(mode, "slow") == 0) {
		for (i = 0; write(fd, &drip[i], 1) == 1;
		    i += i + 2 < sizeof(drip))
			(void)usleep(50000);
	} else if (strcmp(mode, "hang") == 0) {
		while (read(fd, out, sizeof(out)) > 0)
			continue;
	} else {
		status_only(atoi(mode), "", "words\n");
	}
	return atoi(mode);
}

/* --- the server ---------------------------------------------------------- */

static void
serve(int fd)
{
	char mode[32] = "good", text[256];
	char path[4096];
	struct timeval limit = { .tv_sec = 60 };
	ssize_t n;
	int f, status;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)snprintf(path, sizeof(path), "%s/mode", folder);
	if ((f = open(path, O_RDONLY)) != -1) {
		if ((n = read(f, mode, sizeof(mode) - 1)) > 0)
			mode[strcspn(mode, "\n")] = '\0';
		(void)close(f);
	}
	w = wr_from(out, sizeof(out));
	if (!read_request(fd)) {
		status = -1;
	} else {
		status = answer(mode, fd);
		for (f = 0; (size_t)f < w.n; f += (int)n)
			if ((n = write(fd, out + f, w.n - (size_t)f)) <= 0)
				break;
	}
	(void)snprintf(path, sizeof(path), "%s/asked", folder);
	(void)snprintf(text, sizeof(text), "%s %llu %llu %d\n", mode,
	    (unsigned long long)ask.old, (unsigned long long)ask.c.size,
	    status);
	f = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (f == -1 || write(f, text, strlen(text)) == -1)
		die(path);
	_exit(0);
}

static void
make_key(struct vkey *k, unsigned char *sk, const char *number, uint8_t salt)
{
	unsigned char seed[32], pk[32];
	char name[64];

	memset(seed, salt, sizeof(seed));
	memcpy(seed, number, strlen(number));
	(void)snprintf(name, sizeof(name), "witness.example/w%s%s", number,
	    salt == 1 ? "" : "x");
	if (crypto_sign_seed_keypair(pk, sk, seed) != 0 ||
	    vkey_make(k, rd_str(name), NOTE_COSIG, pk) != 0)
		die("key");
}

static void
read_log_key(const char *path)
{
	char text[1024];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, text, sizeof(text));

	if (n <= 1 || vkey_parse(&log_key, rd_from(text, (size_t)n - 1)) != 0)
		die(path);
	(void)close(fd);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	char vkey[512];
	struct wr v = wr_from(vkey, sizeof(vkey));
	int s, fd;

	if (argc != 4 || sodium_init() < 0 ||
	    (sha = sha256_new()) == NULL)
		return 64;
	folder = argv[3];
	read_log_key(argv[2]);
	make_key(&me, my_sk, argv[1], 1);
	make_key(&other, other_sk, argv[1], 2);
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s = socket(AF_INET, SOCK_STREAM, 0);
	if (seen == MAP_FAILED || s == -1 ||
	    bind(s, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(s, 64) != 0 ||
	    getsockname(s, (struct sockaddr *)&a, &n) != 0 ||
	    signal(SIGCHLD, SIG_IGN) == SIG_ERR ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die("listen");
	vkey_write(&v, &me);
	printf("port=%u\nvkey=%.*s\n", ntohs(a.sin_port), (int)v.n, vkey);
	if (fflush(stdout) != 0)
		die("stdout");
	while ((fd = accept(s, NULL, NULL)) != -1) {
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
			(void)close(s);
			serve(fd);
		}
		(void)close(fd);
	}
	return 1;
}
