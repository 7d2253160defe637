/* SPDX-License-Identifier: ISC */
/*
 * test_http.c - request heads, hostile ones above all, and their verdicts.
 *
 * Every head is given whole, byte by byte, and split at each point: the
 * verdict must be the same.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "server/http.h"

#define H	"Host: drop.example\r\n"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"

/* A head and what http_parse() says of it; 1: it wants more. */
static const struct verdict {
	int want;
	const char *what;
	struct rd head;
} verdicts[] = {
#define V(want, what, lit) { want, what, \
	{ (const unsigned char *)(lit), sizeof(lit) - 1 } }
	/* what is right */
	V(0, "plain", "GET /policy HTTP/1.1\r\n" H "\r\n"),
	V(0, "HEAD", "HEAD /policy HTTP/1.1\r\n" H "\r\n"),
	V(0, "OPTIONS", "OPTIONS /parcels HTTP/1.1\r\n" H "\r\n"),
	V(0, "POST", "POST /parcels HTTP/1.1\r\n" H
	    "Content-Length: 65520\r\n\r\n"),
	V(0, "POST without a length", "POST /parcels HTTP/1.1\r\n" H "\r\n"),
	V(0, "another method", "BREW /policy HTTP/1.1\r\n" H "\r\n"),
	V(0, "no space after the colon", "GET / HTTP/1.1\r\nHost:x\r\n\r\n"),
	V(0, "space around a value",
	    "GET / HTTP/1.1\r\nHost:   x  \r\n\r\n"),
	V(0, "tabs in a field we do not know",
	    "GET / HTTP/1.1\r\n" H "X:\ta\tb\t\r\n\r\n"),
	V(0, "field names in any case", "GET / HTTP/1.1\r\nhOST: x\r\n\r\n"),
	V(0, "a port", "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n"),
	V(0, "an unknown field, empty", "GET / HTTP/1.1\r\n" H "X:\r\n\r\n"),
	V(0, "an unknown field twice",
	    "GET / HTTP/1.1\r\n" H "X: 1\r\nX: 2\r\n\r\n"),
	V(0, "bytes over 127 in an unknown field",
	    "GET / HTTP/1.1\r\n" H "X: \xc3\xa9\r\n\r\n"),
	V(0, "length nought with GET",
	    "GET / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n"),
	V(0, "Connection twice", "GET / HTTP/1.1\r\n" H
	    "Connection: keep-alive\r\nConnection: close\r\n\r\n"),
	V(0, "Expect in any case", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n"),
	V(0, "a scheme we don't know", "GET / HTTP/1.1\r\n" H
	    "Authorization: Basic eDp5\r\n\r\n"),

	/* what is not there yet */
	V(1, "nothing", ""),
	V(1, "half a method", "GE"),
	V(1, "half a version", "GET / HTTP/1."),
	V(1, "half a line end", "GET / HTTP/1.1\r"),
	V(1, "no empty line", "GET / HTTP/1.1\r\n" H),
	V(1, "half an empty line", "GET / HTTP/1.1\r\n" H "\r"),

	/* the request line */
	V(-400, "lower-case garbage first", "\x16\x03\x01\x02\x00\x01"),
	V(-400, "an empty line first", "\r\nGET / HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a bare LF first", "\nGET / HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a space first", " GET / HTTP/1.1\r\n" H "\r\n"),
	V(-400, "no method", " / HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a control byte in the method",
	    "G\x01T / HTTP/1.1\r\n" H "\r\n"),
	V(-400, "NUL in the method", "GE\0T / HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a tab after the method", "GET\t/ HTTP/1.1\r\n" H "\r\n"),
	V(-400, "two spaces after the method",
	    "GET  / HTTP/1.1\r\n" H "\r\n"),
	V(-400, "two spaces after the target",
	    "GET /  HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a space in the target", "GET /a b HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a tab in the target", "GET /a\tb HTTP/1.1\r\n" H "\r\n"),
	V(-400, "NUL in the target", "GET /a\0b HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a byte over 127 in the target",
	    "GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a fragment", "GET /policy#a HTTP/1.1\r\n" H "\r\n"),
	V(-400, "absolute form",
	    "GET http://drop.example/policy HTTP/1.1\r\n" H "\r\n"),
	V(-400, "absolute form, https",
	    "GET https://drop.example/policy HTTP/1.1\r\n" H "\r\n"),
	V(-400, "authority form",
	    "CONNECT drop.example:443 HTTP/1.1\r\n" H "\r\n"),
	V(-400, "asterisk form", "OPTIONS * HTTP/1.1\r\n" H "\r\n"),
	V(-400, "no target", "GET HTTP/1.1\r\n" H "\r\n"),
	V(-400, "a relative target", "GET policy HTTP/1.1\r\n" H "\r\n"),
	V(-400, "no version", "GET /\r\n" H "\r\n"),
	V(-400, "HTTP/0.9", "GET / \r\n\r\n"),
	V(-400, "a version in lower case", "GET / http/1.1\r\n" H "\r\n"),
	V(-400, "a version with more digits",
	    "GET / HTTP/1.11\r\n" H "\r\n"),
	V(-400, "a version with a sign", "GET / HTTP/+1.1\r\n" H "\r\n"),
	V(-400, "a version without a dot", "GET / HTTP/11\r\n" H "\r\n"),
	V(-400, "a space after the version",
	    "GET / HTTP/1.1 \r\n" H "\r\n"),
	V(-400, "a bare LF after the version", "GET / HTTP/1.1\n" H "\r\n"),
	V(-400, "a bare CR after the version",
	    "GET / HTTP/1.1\rHost: x\r\n\r\n"),
	V(-505, "HTTP/1.0", "GET / HTTP/1.0\r\n" H "\r\n"),
	V(-505, "HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n"),
	V(-505, "HTTP/1.9", "GET / HTTP/1.9\r\n" H "\r\n"),
	V(-505, "HTTP/2.0", "GET / HTTP/2.0\r\n" H "\r\n"),
	V(-505, "HTTP/0.9 in words", "GET / HTTP/0.9\r\n" H "\r\n"),
	V(-400, "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	V(-501, "a long method",
	    "ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\n" H "\r\n"),

	/* lines and names */
	V(-400, "a bare LF after a field",
	    "GET / HTTP/1.1\r\nHost: x\n\r\n"),
	V(-400, "a bare LF after a field that is not needed",
	    "GET / HTTP/1.1\r\n" H "X: abc\nY: d\r\n\r\n"),
	V(-400, "a bare LF after a longer Host",
	    "GET / HTTP/1.1\r\nHost: drop.example\n\r\n"),
	V(-400, "bare LF all through", "GET / HTTP/1.1\nHost: x\n\n"),
	V(-400, "a bare LF as the empty line",
	    "GET / HTTP/1.1\r\n" H "\n"),
	V(-400, "a CR inside a value",
	    "GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n"),
	V(-400, "two CR at a line's end",
	    "GET / HTTP/1.1\r\n" H "X: a\r\r\n\r\n"),
	V(-400, "NUL in a value", "GET / HTTP/1.1\r\n" H "X: a\0b\r\n\r\n"),
	V(-400, "NUL in Host", "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"),
	V(-400, "DEL in a value",
	    "GET / HTTP/1.1\r\n" H "X: a\x7f\r\n\r\n"),
	V(-400, "a bell in a value",
	    "GET / HTTP/1.1\r\n" H "X: \x07\r\n\r\n"),
	V(-400, "a folded line",
	    "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n"),
	V(-400, "a folded line, tab",
	    "GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\n\r\n"),
	V(-400, "a fold before the first field",
	    "GET / HTTP/1.1\r\n X: a\r\n" H "\r\n"),
	V(-400, "a folded length", "POST / HTTP/1.1\r\n" H
	    "Content-Length:\r\n 5\r\n\r\n"),
	V(-400, "a space before the colon",
	    "GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
	V(-400, "a tab before the colon",
	    "GET / HTTP/1.1\r\nHost\t: x\r\n\r\n"),
	V(-400, "a space before the colon of a length",
	    "POST / HTTP/1.1\r\n" H "Content-Length : 5\r\n\r\n"),
	V(-400, "a space in a name",
	    "GET / HTTP/1.1\r\n" H "X Y: 1\r\n\r\n"),
	V(-400, "no name", "GET / HTTP/1.1\r\n" H ": 1\r\n\r\n"),
	V(-400, "no colon", "GET / HTTP/1.1\r\n" H "X\r\n\r\n"),
	V(-400, "NUL in a name", "GET / HTTP/1.1\r\n" H "X\0: 1\r\n\r\n"),
	V(-400, "a byte over 127 in a name",
	    "GET / HTTP/1.1\r\n" H "\xc3\xa9: 1\r\n\r\n"),
	V(-400, "brackets in a name",
	    "GET / HTTP/1.1\r\n" H "X[]: 1\r\n\r\n"),
	V(-400, "quotes in a name",
	    "GET / HTTP/1.1\r\n" H "\"X\": 1\r\n\r\n"),

	/* Host */
	V(-400, "no Host", "GET / HTTP/1.1\r\n\r\n"),
	V(-400, "two Hosts", "GET / HTTP/1.1\r\n" H H "\r\n"),
	V(-400, "two different Hosts",
	    "GET / HTTP/1.1\r\n" H "Host: y\r\n\r\n"),
	V(-400, "an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
	V(-400, "a tab before a Host",
	    "GET / HTTP/1.1\r\nHost:\tx\r\n\r\n"),
	V(-400, "a Host of blanks", "GET / HTTP/1.1\r\nHost:  \r\n\r\n"),
	V(-400, "a list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
	V(-400, "user info in Host",
	    "GET / HTTP/1.1\r\nHost: u@x\r\n\r\n"),
	V(-400, "a path in Host", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"),

	/* how long a body is */
	V(-400, "two lengths", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
	V(-400, "the same length twice", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"),
	V(-400, "a list of lengths",
	    "POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n"),
	V(-400, "an empty length",
	    "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n"),
	V(-400, "a signed length",
	    "POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n"),
	V(-400, "a negative length",
	    "POST / HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n"),
	V(-400, "a hexadecimal length",
	    "POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n"),
	V(-400, "a length with noughts before it",
	    "POST / HTTP/1.1\r\n" H "Content-Length: 005\r\n\r\n"),
	V(-400, "a length with a tab after it",
	    "POST / HTTP/1.1\r\n" H "Content-Length: 5\t\r\n\r\n"),
	V(-400, "a length with a fraction",
	    "POST / HTTP/1.1\r\n" H "Content-Length: 5.0\r\n\r\n"),
	V(-400, "a length with a blank in it",
	    "POST / HTTP/1.1\r\n" H "Content-Length: 5 5\r\n\r\n"),
	V(-400, "a quoted length",
	    "POST / HTTP/1.1\r\n" H "Content-Length: \"5\"\r\n\r\n"),
	V(-400, "a length with letters",
	    "POST / HTTP/1.1\r\n" H "Content-Length: 5a\r\n\r\n"),
	V(-413, "a length over 64 bits", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 18446744073709551621\r\n\r\n"),
	V(-413, "a length past all sense", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 9223372036854775807\r\n\r\n"),
	V(-413, "GET with a body",
	    "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n"),
	V(-413, "HEAD with a body",
	    "HEAD / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n"),
	V(-411, "chunked",
	    "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"),
	V(-411, "chunked with GET",
	    "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"),
	V(-411, "chunked in capitals",
	    "POST / HTTP/1.1\r\n" H "Transfer-Encoding: CHUNKED\r\n\r\n"),
	V(-400, "length, then chunked", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
	V(-400, "chunked, then length", "POST / HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
	V(-400, "chunked twice", "POST / HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"),
	V(-400, "identity, then chunked", "POST / HTTP/1.1\r\n" H
	    "Transfer-Encoding: identity\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"),
	V(-501, "xchunked",
	    "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n"),
	V(-501, "gzip, chunked", "POST / HTTP/1.1\r\n" H
	    "Transfer-Encoding: gzip, chunked\r\n\r\n"),
	V(-501, "identity",
	    "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n"),
	V(-501, "an empty coding",
	    "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n"),
	V(-400, "a vertical tab before chunked", "POST / HTTP/1.1\r\n" H
	    "Transfer-Encoding: \x0b" "chunked\r\n\r\n"),
	V(-400, "a coding with a space before its colon",
	    "POST / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n"),
	V(-400, "a coding in a folded line", "POST / HTTP/1.1\r\n" H
	    "Transfer-Encoding:\r\n chunked\r\n\r\n"),
	V(-400, "a coding after a bare CR", "POST / HTTP/1.1\r\n" H
	    "X: a\rTransfer-Encoding: chunked\r\n\r\n"),

	/* the other fields that are looked at */
	V(-417, "an Expect we don't know", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nExpect: 200-ok\r\n\r\n"),
	V(-400, "two Expects", "POST / HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nExpect: 100-continue\r\n"
	    "Expect: 100-continue\r\n\r\n"),
	V(-400, "a Connection that is no list of names",
	    "GET / HTTP/1.1\r\n" H "Connection: a b\r\n\r\n"),
	V(-400, "a Connection with a tab",
	    "GET / HTTP/1.1\r\n" H "Connection: \tclose\r\n\r\n"),
	V(-400, "two tokens", "GET / HTTP/1.1\r\n" H
	    "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"),
	V(-400, "a short digest",
	    "POST / HTTP/1.1\r\n" H "ECRDrop-Digest: 00\r\n\r\n"),
	V(-400, "a digest in capitals", "POST / HTTP/1.1\r\n" H
	    "ECRDrop-Digest: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n\r\n"),
	V(-400, "two digests", "POST / HTTP/1.1\r\n" H
	    "ECRDrop-Digest: " HEX32 "\r\nECRDrop-Digest: " HEX32
	    "\r\n\r\n"),
	V(-400, "a long digest", "POST / HTTP/1.1\r\n" H
	    "ECRDrop-Digest: " HEX32 "00\r\n\r\n"),
	V(-400, "work that is no number", "POST / HTTP/1.1\r\n" H
	    "ECRDrop-Work: 00000000000000zz\r\n\r\n"),
	V(-400, "short work",
	    "POST / HTTP/1.1\r\n" H "ECRDrop-Work: 0\r\n\r\n"),
	V(-400, "two pieces of work", "POST / HTTP/1.1\r\n" H
	    "ECRDrop-Work: 0000000000000000\r\n"
	    "ECRDrop-Work: 0000000000000000\r\n\r\n"),
#undef V
};

/* A copy of exactly these bytes, so that a sanitizer sees a read past them. */
static int
parse_copy(struct http_head *h, const unsigned char *p, size_t n,
    size_t *used)
{
	unsigned char *copy = malloc(n > 0 ? n : 1);
	int r;

	cr_assert_not_null(copy);
	memcpy(copy, p, n);
	r = http_parse(h, rd_from(copy, n), used);
	free(copy);
	return r;
}

Test(http, gives_each_head_its_verdict)
{
	struct http_head h;
	size_t i, used;
	int r;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		used = 0;
		r = parse_copy(&h, verdicts[i].head.p, verdicts[i].head.n,
		    &used);
		cr_assert_eq(r, verdicts[i].want, "%s: %d", verdicts[i].what,
		    r);
		if (r == 0)
			cr_assert_eq(used, verdicts[i].head.n);
	}
}

Test(http, gives_the_same_verdict_byte_by_byte)
{
	struct http_head h;
	size_t i, n, used;
	int r;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		for (r = 1, n = 0; r == 1 && n <= verdicts[i].head.n; n++)
			r = parse_copy(&h, verdicts[i].head.p, n, &used);
		cr_assert_eq(r, verdicts[i].want, "%s: %d", verdicts[i].what,
		    r);
	}
}

/* Whatever follows the head does not change what is said of it. */
Test(http, leaves_what_follows_the_head_alone)
{
	static const char tail[] = "GET /x HTTP/1.1\r\n\r\n\0\n\n\r";
	unsigned char buf[2048];
	struct http_head h;
	size_t i, n, used;
	int r;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		n = verdicts[i].head.n;
		if (verdicts[i].want == 1)
			continue;
		memcpy(buf, verdicts[i].head.p, n);
		memcpy(buf + n, tail, sizeof(tail));
		r = parse_copy(&h, buf, n + sizeof(tail), &used);
		cr_assert_eq(r, verdicts[i].want, "%s: %d", verdicts[i].what,
		    r);
		if (r == 0)
			cr_assert_eq(used, n);
	}
}

/* A head is complete with its last byte and not one byte earlier. */
Test(http, asks_for_more_at_each_point_of_a_good_head)
{
	struct http_head h;
	size_t i, n, used;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		for (n = 0; verdicts[i].want == 0 && n < verdicts[i].head.n;
		    n++)
			cr_assert_eq(parse_copy(&h, verdicts[i].head.p, n,
			    &used), 1, "%s at %zu", verdicts[i].what, n);
}

/* --- limits ---------------------------------------------------------------- */

/* A head of n bytes: one long field fills it up. */
static int
parse_long(size_t n, bool whole)
{
	static unsigned char buf[HTTP_HEAD_MAX * 2];
	static const char start[] = "GET / HTTP/1.1\r\n" H "X: ";
	struct http_head h;
	size_t k, used = 0;
	int r = 1;

	memcpy(buf, start, sizeof(start) - 1);
	memset(buf + sizeof(start) - 1, 'a', n - (sizeof(start) - 1));
	memcpy(buf + n - 4, "\r\n\r\n", 4);
	for (k = whole ? n : 1; r == 1 && k <= n; k++)
		r = parse_copy(&h, buf, k, &used);
	if (r == 0)
		cr_assert_eq(used, n);
	return r;
}

Test(http, takes_a_head_of_the_greatest_size_and_no_more)
{
	cr_assert_eq(parse_long(HTTP_HEAD_MAX, true), 0);
	cr_assert_eq(parse_long(HTTP_HEAD_MAX, false), 0);
	cr_assert_eq(parse_long(HTTP_HEAD_MAX + 1, true), -431);
	cr_assert_eq(parse_long(HTTP_HEAD_MAX + 1, false), -431);
	cr_assert_eq(parse_long(HTTP_HEAD_MAX + 900, true), -431);
}

/* A full buffer without an end will never have one. */
Test(http, refuses_a_full_buffer_without_an_end)
{
	unsigned char buf[HTTP_HEAD_MAX];
	static const char start[] = "GET / HTTP/1.1\r\n" H "X: ";
	struct http_head h;
	size_t used;

	memset(buf, 'a', sizeof(buf));
	memcpy(buf, start, sizeof(start) - 1);
	cr_assert_eq(parse_copy(&h, buf, sizeof(buf) - 1, &used), 1);
	cr_assert_eq(parse_copy(&h, buf, sizeof(buf), &used), -431);
}

static int
parse_fields(unsigned n)
{
	unsigned char buf[HTTP_HEAD_MAX];
	static const char start[] = "GET / HTTP/1.1\r\n" H;
	struct http_head h;
	size_t at = sizeof(start) - 1, used;

	memcpy(buf, start, at);
	for (; n > 1; n--, at += 4)
		memcpy(buf + at, "X:\r\n", 4);
	memcpy(buf + at, "\r\n", 2);
	return parse_copy(&h, buf, at + 2, &used);
}

Test(http, counts_fields)
{
	cr_assert_eq(parse_fields(HTTP_FIELDS_MAX), 0);
	cr_assert_eq(parse_fields(HTTP_FIELDS_MAX + 1), -431);
	cr_assert_eq(parse_fields(1000), -431);
}

static int
parse_target(size_t n, size_t send)
{
	unsigned char buf[HTTP_HEAD_MAX];
	static const char tail[] = " HTTP/1.1\r\n" H "\r\n";
	struct http_head h;
	size_t used;

	memcpy(buf, "GET /", 5);
	memset(buf + 5, 'a', n - 1);
	memcpy(buf + 4 + n, tail, sizeof(tail) - 1);
	if (send == 0)
		send = 4 + n + sizeof(tail) - 1;
	return parse_copy(&h, buf, send, &used);
}

Test(http, limits_the_target)
{
	cr_assert_eq(parse_target(HTTP_TARGET_MAX, 0), 0);
	cr_assert_eq(parse_target(HTTP_TARGET_MAX + 1, 0), -414);
	cr_assert_eq(parse_target(HTTP_TARGET_MAX + 1, 4 + HTTP_TARGET_MAX),
	    1);
	cr_assert_eq(parse_target(HTTP_TARGET_MAX + 1,
	    4 + HTTP_TARGET_MAX + 1), -414, "not one byte later");
	cr_assert_eq(parse_target(4000, 0), -414);
}
