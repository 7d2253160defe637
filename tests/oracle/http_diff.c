/* SPDX-License-Identifier: ISC */
/*
 * http_diff.c - our reader of request heads beside llhttp's, which much of
 * the world uses.
 *
 * usage: http_diff ROUNDS SEED TABLE [FILE...]
 *
 * The requests of TABLE (tests/vectors/http), the FILEs (seeds of the fuzz
 * target) and ROUNDS requests that are made of them or written at random, the
 * same for the same SEED.  Whatever ours takes, llhttp in its strict mode must
 * take as well, with the same method, target, length of head and body, and
 * the same opinion on what comes after; what ours still waits for must not be
 * whole to llhttp.  What ours refuses is only counted.  Prints the counts;
 * exit 1 and the request where the two differ.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/base.h"
#include "crypto/wr.h"
#include "server/http.h"
#include "tests/oracle/oracle.h"

#define REQUEST_MAX	16384
#define SEEDS_MAX	1024
#define BODY_MAX	4096	/* bodies longer than this are not fed */

/* --- the two beside each other ------------------------------------------------ */

static struct {
	unsigned long all, both, other_method, waiting, refused_both;
	unsigned long refused[600];	/* by us alone, by status */
} count;

static const unsigned char *now;	/* the request that is looked at */
static size_t nnow;

static void
differ(const char *what)
{
	size_t i;

	printf("they differ: %s\n", what);
	for (i = 0; i < nnow; i++)
		if (now[i] == '\r')
			fputs("\\r", stdout);
		else if (now[i] == '\n')
			fputs("\\n\n", stdout);
		else if (now[i] < 0x20 || now[i] > 0x7e || now[i] == '\\')
			printf("\\x%02x", now[i]);
		else
			putchar(now[i]);
	printf("\n(%zu bytes)\n", nnow);
	exit(1);
}

/*
 * llhttp knows a list of methods and gives some of them other rules; we take
 * any token, only to answer 404 or 405.  Such a request is looked at with PUT
 * in its place.
 */
static size_t
with_put(unsigned char *to, const unsigned char *p, size_t n)
{
	size_t m = 0;

	while (m < n && p[m] != ' ')
		m++;
	memcpy(to, "PUT", 3);
	memcpy(to + 3, p + m, n - m);
	return 3 + n - m;
}

static bool
feed_body(struct oracle *o, const struct http_head *h, const unsigned char *p,
    size_t n)
{
	size_t want = (size_t)h->length;

	if (h->length > BODY_MAX || n < want)
		return true;		/* nothing to be seen */
	if (want > 0 && !oracle_feed(o, p, want - 1))
		return false;
	if (want > 0 && oracle_is_whole(o))
		return false;
	return (want == 0 || oracle_feed(o, p + want - 1, 1)) && oracle_is_whole(o);
}

/* word is in small letters */
static bool
has_nocase(const unsigned char *p, size_t n, const char *word)
{
	size_t i, k = strlen(word);

	for (i = 0; i + k <= n; i++)
		if (strncasecmp((const char *)p + i, word, k) == 0)
			return true;
	return false;
}

/* The head ends at used, and says so at its last byte. */
static void
compare(const struct http_head *h, const unsigned char *p, size_t n,
    size_t used, bool other)
{
	struct oracle *o = oracle_new();
	struct opinion say;
	char name[32];

	if (!oracle_feed(o, p, used - 1))
		differ("llhttp refuses it");
	if (oracle_has_head(o))
		differ("llhttp sees the head's end earlier");
	if (!oracle_feed(o, p + used - 1, 1))
		differ("llhttp refuses its last byte");
	if (!oracle_has_head(o))
		differ("llhttp sees the head's end later");
	say = oracle_opinion(o);
	if (say.ntarget != h->target.n ||
	    memcmp(say.target, h->target.p, say.ntarget) != 0)
		differ("the target");
	if (say.has_length != h->has_length || say.length != h->length)
		differ("the length");
	/* Proxy-Connection is no field of HTTP/1.1; llhttp takes it for one. */
	if (!say.alive && !h->close && !has_nocase(p, used, "\nproxy-con"))
		differ("llhttp would end here");
	if (say.alive && h->close)
		differ("llhttp would go on");
	if (say.has_coding)
		differ("the coding");
	if (!other) {
		(void)snprintf(name, sizeof(name), "%s ",
		    say.method);
		if (strncmp((const char *)p, name, strlen(name)) != 0)
			differ("the method");
	}
	if (!say.upgrade && !feed_body(o, h, p + used, n - used))
		differ("the body's end");
}

/* Does llhttp take a whole head from this? */
static bool
oracle_takes(const unsigned char *p, size_t n)
{
	struct oracle *o = oracle_new();

	(void)oracle_feed(o, p, n);
	return oracle_has_head(o);
}

static void
look(const unsigned char *p, size_t n)
{
	unsigned char copy[REQUEST_MAX + 3];
	struct http_head h;
	size_t used = 0, m;
	int r;

	now = p;
	nnow = n;
	count.all++;
	r = http_parse(&h, rd_from(p, n), &used);
	if (r == 1 && oracle_takes(p, n))
		differ("ours waits for more");
	if (r == 1)
		count.waiting++;
	if (r < 0 && oracle_takes(p, n))
		count.refused[-r]++;
	else if (r < 0)
		count.refused_both++;
	if (r != 0)
		return;
	if (h.method == HTTP_OTHER) {
		count.other_method++;
		m = with_put(copy, p, n);
		compare(&h, copy, m, used + m - n, true);
		return;
	}
	count.both++;
	compare(&h, p, n, used, false);
}

/* --- what they are shown ---------------------------------------------------------- */

static struct seed {
	unsigned char *p;
	size_t n;
} seeds[SEEDS_MAX];
static size_t nseeds;

static void
add_seed(const unsigned char *p, size_t n)
{
	struct seed *s;

	if (nseeds == SEEDS_MAX)
		return;
	if (n > REQUEST_MAX)
		n = REQUEST_MAX;
	s = &seeds[nseeds++];
	if ((s->p = malloc(n + 1)) == NULL)
		abort();
	memcpy(s->p, p, n);
	s->n = n;
	look(s->p, s->n);
}

/* As the table's first lines say; false: this is not its form. */
static bool
cook(struct wr *w, struct rd *in, bool inside)
{
	unsigned char b, hex;
	struct rd word, body;
	uint64_t n;

	while (!rd_done(in) && !(inside && in->p[0] == '}')) {
		if (!rd_u8(in, &b))
			return false;
		if (b != '\\') {
			wr_u8(w, b);
			continue;
		}
		if (!rd_u8(in, &b))
			return false;
		switch (b) {
		case 'r': wr_u8(w, '\r'); break;
		case 'n': wr_u8(w, '\n'); break;
		case 't': wr_u8(w, '\t'); break;
		case '\\': wr_u8(w, '\\'); break;
		case 'E': wr_str(w, "\r\n"); break;
		case 'H': wr_str(w, "Host: drop.example\r\n"); break;
		case 'D':
			for (n = 0; n < 32; n++)
				wr_str(w, "0a");
			break;
		case 'x':
			if (!rd_take(in, &word, 2) ||
			    !hex_decode(&hex, 1, word))
				return false;
			wr_u8(w, hex);
			break;
		case 'P':		/* the body does not matter here */
			if (rd_lit(in, "{") && !rd_until(in, '}', &word))
				return false;
			wr_str(w, "a parcel");
			break;
		case 'R':
			if (!rd_lit(in, "{") || !rd_until(in, ',', &word) ||
			    !rd_dec(word, 1 << 20, &n))
				return false;
			for (body = *in; n > 0; n--) {
				*in = body;
				if (!cook(w, in, true))
					return false;
			}
			if (!rd_lit(in, "}"))
				return false;
			break;
		default:
			return false;
		}
	}
	return true;
}

static unsigned char file[1 << 20];

static struct rd
slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(66);
	}
	n = fread(file, 1, sizeof(file), f);
	(void)fclose(f);		/* only read */
	return rd_from(file, n);
}

static void
take_table(const char *path)
{
	static unsigned char request[1 << 20];
	struct rd all = slurp(path), line, word;
	struct wr w;

	while (rd_line(&all, &line)) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		w = wr_from(request, sizeof(request));
		if (!rd_until(&line, '\t', &word) ||
		    !rd_until(&line, '\t', &word) ||
		    !cook(&w, &line, false) || !wr_ok(&w)) {
			fprintf(stderr, "%s: not the table's form\n", path);
			exit(65);
		}
		add_seed(request, w.n);
	}
}

/* --- at random -------------------------------------------------------------------- */

static uint64_t state;

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)((state >> 16) % n);
}

/* Pieces of which trouble is made. */
static const char *const pieces[] = {
	"\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ": ", ",", ", ", ";",
	"\v", "\f", "\x1f", "\x7f", "\x80", "\xff", "0", "1", "+", "-", "0x",
	"00", "chunked", "identity", "gzip", "close", "keep-alive", "upgrade",
	"Content-Length", "Content-Length: 5\r\n", "Content-Length: 0\r\n",
	"Content-Length:5\r\n", "Content-Length: 05\r\n",
	"content-length: 5 \r\n", "Content-Length: 5,5\r\n",
	"Content-Length: 18446744073709551616\r\n",
	"Transfer-Encoding: chunked\r\n", "Transfer-Encoding:chunked\r\n",
	"Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding:\r\n",
	"Connection: close\r\n", "Connection: keep-alive\r\n",
	"Connection: keep-alive, close\r\n", "Connection: close,\r\n",
	"Connection: x,close ,y\r\n", "Connection: Close\r\n",
	"Connection: upgrade\r\nUpgrade: h2c\r\n", "Upgrade: x\r\n",
	"Proxy-Connection: close\r\n", "Keep-Alive: 5\r\n", "X: ", "X:\r\n",
	"Connection:\r\n", "Connection: \t close\t\r\n", "Trailer: x\r\n",
	"Expect: 100-continue\r\n", "Host: y\r\n", "Host: drop.example\r\n",
	"GET ", "HEAD ", "POST ", "OPTIONS ", "PUT ", "CONNECT ", "PRI ",
	"DESCRIBE ", "/", "/policy", "*", "http://x/", "//", "?", "#", "%00",
	" HTTP/1.1", " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.2\r\n",
	" HTTP/2.0\r\n", " ICE/1.1\r\n", " RTSP/1.1\r\n", "HTTP/1.1", "\"",
	"(", "[", "|", "~", "Hello"
};
#define PIECES	(sizeof(pieces) / sizeof(pieces[0]))

/* One change of the n bytes at p; how many there are then. */
static size_t
change(unsigned char *p, size_t n)
{
	const char *piece = pieces[below(PIECES)];
	size_t at = below(n + 1), k = strlen(piece), cut;

	switch (below(6)) {
	case 0:				/* one byte */
		if (n > 0)
			p[at % n] = (unsigned char)below(256);
		return n;
	case 1:				/* one bit */
		if (n > 0)
			p[at % n] ^= (unsigned char)(1u << below(8));
		return n;
	case 2:				/* something is gone */
		cut = below(1 + below(16));
		if (cut > n - at)
			cut = n - at;
		memmove(p + at, p + at + cut, n - at - cut);
		return n - cut;
	case 3:				/* something is there twice */
		cut = below(1 + below(64));
		if (cut > n - at)
			cut = n - at;
		if (n + cut > REQUEST_MAX)
			return n;
		memmove(p + at + cut, p + at, n - at);
		return n + cut;
	default:			/* a piece in its midst */
		if (n + k > REQUEST_MAX)
			return n;
		memmove(p + at + k, p + at, n - at);
		memcpy(p + at, piece, k);
		return n + k;
	}
}

/* A request that may well be good, of lines in any order. */
static size_t
invent(unsigned char *p)
{
	static const char *const methods[] = {
		"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "BREW"
	};
	struct wr w = wr_from(p, REQUEST_MAX);
	size_t k;

	wr_str(&w, methods[below(sizeof(methods) / sizeof(methods[0]))]);
	wr_str(&w, " /");
	for (k = below(6); k > 0; k--)
		wr_u8(&w, (uint8_t)(0x21 + below(0x5e)));
	wr_str(&w, " HTTP/1.1\r\nHost: a\r\n");
	for (k = below(5); k > 0; k--)
		wr_str(&w, pieces[below(PIECES)]);
	for (k = below(3); k > 0; k--) {
		wr_str(&w, "Some-Field: ");
		wr_u8(&w, (uint8_t)(0x20 + below(0xe0)));
		wr_str(&w, "\r\n");
	}
	wr_str(&w, "\r\nHello");
	return w.n;
}

static size_t
make(unsigned char *p)
{
	const struct seed *s;
	size_t n, k;

	if (below(3) == 0)
		n = invent(p);
	else {
		s = &seeds[below(nseeds)];
		n = s->n;
		memcpy(p, s->p, n);
	}
	for (k = below(4); k > 0; k--)
		n = change(p, n);
	return n;
}

int
main(int argc, char **argv)
{
	unsigned char *request = malloc(REQUEST_MAX + 1);
	unsigned long rounds;
	struct rd r;
	size_t i;
	int a;

	if (argc < 4 || request == NULL) {
		fputs("usage: http_diff ROUNDS SEED TABLE [FILE...]\n",
		    stderr);
		return 64;
	}
	rounds = strtoul(argv[1], NULL, 10);
	state = strtoul(argv[2], NULL, 10) * 2654435761u + 1;
	take_table(argv[3]);
	for (a = 4; a < argc; a++) {
		r = slurp(argv[a]);
		add_seed(r.p, r.n);
	}
	for (; rounds > 0; rounds--)
		look(request, make(request));
	printf("%lu requests: %lu taken by both, %lu with another method; "
	    "%lu unfinished, %lu refused by both\n", count.all, count.both,
	    count.other_method, count.waiting, count.refused_both);
	printf("refused by us alone:");
	for (i = 0; i < 600; i++)
		if (count.refused[i] > 0)
			printf(" %lu with %zu", count.refused[i], i);
	printf("\n");
	free(request);
	while (nseeds > 0)
		free(seeds[--nseeds].p);
	/* A comparison of nothing proves nothing. */
	return count.both * 10 >= count.all ? 0 : 1;
}
